"""A recording alone to timed phonemes: what the mouth does, without knowing what is said.

The recording is heard in windows cut at its quietest moments, so that memory does not grow with its length.
In each, the row of sounds is found that shows the right mouth for most of the time, less what does not sound
like speech: noise, breath, hum, music.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError, UsageError
from phiz.speech.recognition.acoustic import english_model
from phiz.speech.recognition.arpabet import ipa_of
from phiz.speech.recognition.cepstra import RATE, resampled
from phiz.speech.recognition.hearing import VOWELS, Heard, hear
from phiz.speech.speech import Phoneme

__all__ = ["RECOGNIZERS", "recognize"]

RECOGNIZERS = ("auto", "english", "universal")
WINDOW, SHORTEST_WINDOW = 20.0, 10.0  # seconds heard at once, at most and, but for the last, at least
SCHWA = 0.070  # seconds; a shorter [ʌ] is a schwa (Crystal & House 1988: 50 to 60 ms against 90 to 100)
QUIET = 0.1  # seconds over which loudness is averaged where a cut is sought


def recognize(
    samples: NDArray[np.float32], rate: int, *, recognizer: str = "auto", language: str | None = "en"
) -> tuple[Phoneme, ...]:
    """Phonemes of a recording [n], -1..1, in order; () where nobody is heard to speak.

    recognizer: "english" expects English sounds in English order, "universal" any sounds in any order; "auto"
    takes the first when `language` is a kind of English ("en", "en-gb", ...), else the second.

    Raises UsageError for an unknown recognizer, SpeechError where pocketsphinx's model is not installed.
    """
    if recognizer not in RECOGNIZERS:
        raise UsageError(f"recognizer {recognizer!r} is unknown; there is {', '.join(RECOGNIZERS)}")
    english = recognizer == "english"
    if recognizer == "auto":
        english = (language or "en").lower().replace("_", "-").partition("-")[0] == "en"
    model = english_model()
    if model is None:
        raise SpeechError("recognising speech needs the model of a package: pip install pocketsphinx")
    sound = resampled(samples, rate)
    result: list[Phoneme] = []
    for first, last in windows(sound):
        result += phonemes_of(hear(model, sound[first:last], english), first / RATE)
    return tuple(result)


def windows(sound: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """(first, last excluded) samples of each window, one after another, cut at the quietest moment."""
    first = 0
    reach = round(QUIET * RATE)
    while len(sound) - first > WINDOW * RATE:
        earliest = first + round(SHORTEST_WINDOW * RATE)
        part = sound[earliest : first + round(WINDOW * RATE)].astype(np.float64)
        power = np.convolve(part**2, np.full(reach, 1.0 / reach), mode="valid")
        cut = earliest + int(np.argmin(power)) + reach // 2
        yield first, cut
        first = cut
    if len(sound) > first:
        yield first, len(sound)


def phonemes_of(heard: Sequence[Heard], begin: float) -> list[Phoneme]:
    """As phonemes, `begin` seconds later. A vowel longer than those beside it is stressed (Fry 1955)."""
    vowels = [k for k, sound in enumerate(heard) if sound.name in VOWELS]
    lengths = [heard[k].end - heard[k].start for k in vowels]
    stressed = {
        k for place, k in enumerate(vowels) if lengths[place] >= max(lengths[max(0, place - 1) : place + 2])
    }
    return [
        Phoneme(
            "ə" if sound.name == "AH" and sound.end - sound.start < SCHWA else ipa_of(sound.name),
            sound.start + begin,
            sound.end + begin,
            stress=int(k in stressed),
        )
        for k, sound in enumerate(heard)
    ]
