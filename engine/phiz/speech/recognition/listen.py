"""A recording alone to timed phonemes: what the mouth does, without knowing what is said.

The recording is heard in windows cut at its quietest moments, so that memory does not grow with its length.
In each, the row of sounds is found that shows the right mouth for most of the time, less what does not sound
like speech: noise, breath, hum, music.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError, UsageError
from phiz.speech.recognition.acoustic import english_model
from phiz.speech.recognition.arpabet import ipa_of
from phiz.speech.recognition.cepstra import resampled
from phiz.speech.recognition.hearing import VOWELS, Heard, hear
from phiz.speech.speech import Phoneme

__all__ = ["RECOGNIZERS", "recognize"]

RECOGNIZERS = ("auto", "english", "universal")
WINDOW, SHORTEST_WINDOW = 20.0, 10.0  # seconds heard at once, at most and, but for the last, at least
SCHWA = 0.070  # seconds; a shorter [ʌ] is a schwa (Crystal & House 1988: 50 to 60 ms against 90 to 100)
QUIET = 0.1  # seconds over which loudness is averaged where a cut is sought


def recognize(
    samples: NDArray[np.floating[Any]],
    rate: int,
    *,
    recognizer: str = "auto",
    language: str | None = "en",
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Phoneme, ...]:
    """Phonemes of a recording [n], -1..1, in order; () where nobody is heard to speak.

    recognizer: "english" expects English words, "universal" sounds of any language; "auto" takes the first
    when `language` is a kind of English ("en", "en-gb", ...), else the second. progress: called with the
    samples done and in all.

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
    result: list[Phoneme] = []
    for first, last in windows(samples, rate):
        if progress is not None:
            progress(first, len(samples))
        sound = resampled(samples[first:last].astype(np.float32), rate)
        result += phonemes_of(hear(model, sound, english), first / rate, last / rate)
    return tuple(result)


def windows(samples: NDArray[np.floating[Any]], rate: int) -> Iterator[tuple[int, int]]:
    """(first, last excluded) samples of each window, one after another, cut at the quietest moment."""
    first = 0
    reach = max(1, round(QUIET * rate))
    while len(samples) - first > WINDOW * rate:
        earliest, latest = first + round(SHORTEST_WINDOW * rate), first + int(WINDOW * rate)
        total = np.cumsum(np.pad(samples[earliest:latest].astype(np.float64) ** 2, (1, 0)))
        cut = earliest + int(np.argmin(total[reach:] - total[:-reach])) + reach // 2
        yield first, cut
        first = cut
    if len(samples) > first:
        yield first, len(samples)


def phonemes_of(heard: Sequence[Heard], begin: float, end: float) -> list[Phoneme]:
    """As phonemes, `begin` seconds later and not after `end`.

    A vowel longer than those beside it is stressed (Fry 1955).
    """
    vowels = [k for k, sound in enumerate(heard) if sound.name in VOWELS]
    lengths = [heard[k].end - heard[k].start for k in vowels]
    stressed = {
        k for place, k in enumerate(vowels) if lengths[place] >= max(lengths[max(0, place - 1) : place + 2])
    }
    return [
        Phoneme(
            "ə" if sound.name == "AH" and sound.end - sound.start < SCHWA else ipa_of(sound.name),
            sound.start + begin,
            min(sound.end + begin, end),
            stress=int(k in stressed),
        )
        for k, sound in enumerate(heard)
    ]
