"""Pocketsphinx's acoustic model of American English: what is said, known; when, to be found.

Not neural: Gaussian mixtures and hidden Markov models over triphones. Forced alignment takes two passes, one
over the words with all their pronunciations and optional silences, one over the sounds of what won.
"""

import logging
import math
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.arpabet import arpabet_of, ipa_of

__all__ = ["RATE", "EnglishModel", "Phone", "english_model", "resampled"]

RATE = 16000  # samples a second that the model was trained on
FRAME, WINDOW = 0.010, 0.025625  # seconds from frame to frame and that a frame sees
# A frame stands for its window's middle, so the border between two lies midway between their middles, not
# where the later one's window begins.
BORDER = (WINDOW - FRAME) / 2
BEAM = 1e-80  # likelihood against the best path that is still followed; its own 1e-48 loses synthetic voices
SCORE = math.log(1.0001) * 1024  # pocketsphinx counts likelihoods in these steps, the best sound's as 0
SILENCES = ("SIL", "+NSN+", "+SPN+")

log = logging.getLogger("phiz")


class Phone(NamedTuple):
    """One sound: IPA, start and end in seconds, and the index of its word among those given.

    fit: mean log likelihood of its frames (natural), 0 where no sound of the model would fit better.
    """

    ipa: str
    start: float
    end: float
    word: int
    fit: float = 0.0


class EnglishModel:
    """The model, loaded; one utterance at a time. Use `english_model()` to share it."""

    def __init__(self) -> None:
        """Raises ImportError or RuntimeError where pocketsphinx or its model is missing."""
        import pocketsphinx

        # bestpath rescoring moves word ends so that one second pass in ten has no room for the sounds
        settings = {"bestpath": False, "beam": BEAM, "pbeam": BEAM, "wbeam": BEAM, "loglevel": "FATAL"}
        self._decoder: Any = pocketsphinx.Decoder(lm=None, dict=None, **settings)
        self._dictionary = _dictionary(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
        self._known: dict[tuple[tuple[str, ...], ...], str] = {}
        self._lock = threading.Lock()

    def align(
        self, samples: NDArray[np.float32], words: Sequence[tuple[str, Sequence[Sequence[str]]]]
    ) -> list[Phone] | None:
        """When each sound of `words` is made; None when they do not fit the sound.

        samples: float32 [n], 16 kHz, -1..1; a minute at most, or the words' times get uncertain.
        words: (text, pronunciations in IPA) of each; the dictionary's are added, and the model chooses.
        A word without any pronunciation is passed over. Time that no phone covers is silence.
        """
        choices = [self._pronunciations(text, spoken) for text, spoken in words]
        said = [index for index, choice in enumerate(choices) if choice]
        if not said or len(samples) < RATE * WINDOW:
            return None
        pcm = (np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2").tobytes()
        with self._lock:
            try:
                names = [self._name(choices[index]) for index in said]
                self._decoder.set_align_text(" ".join(names))
                self._hear(pcm)
                self._decoder.set_alignment()
                self._hear(pcm)
                return _phones(self._decoder.get_alignment(), dict(enumerate(said)))
            except (RuntimeError, ValueError, TypeError) as error:
                log.debug("no forced alignment: %s", error)
                return None

    def _hear(self, pcm: bytes) -> None:
        self._decoder.start_utt()
        try:
            self._decoder.process_raw(pcm, full_utt=True)
        finally:
            self._decoder.end_utt()

    def _pronunciations(self, text: str, spoken: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
        known = self._dictionary.get(text.lower().replace("’", "'"), ())
        heard = [arpabet_of(ipa) for ipa in spoken]
        return tuple(sounds for sounds in dict.fromkeys([*known, *heard]) if sounds)

    def _name(self, choice: tuple[tuple[str, ...], ...]) -> str:
        """The decoder's name of a word with these pronunciations, added to its dictionary if need be."""
        name = self._known.get(choice)
        if name is None:
            name = self._known[choice] = f"w{len(self._known)}"
            for index, sounds in enumerate(choice):
                suffix = f"({index + 1})" if index else ""
                self._decoder.add_word(name + suffix, " ".join(sounds), False)
        return name


def _phones(alignment: Any, indices: dict[int, int]) -> list[Phone] | None:
    result: list[Phone] = []
    word = -1
    for entry in alignment or ():
        if not entry.name.startswith("w"):
            continue
        word += 1
        for phone in entry:
            if phone.name not in SILENCES:
                start, end = (at * FRAME + BORDER for at in (phone.start, phone.start + phone.duration))
                fit = phone.score * SCORE / max(1, phone.duration)
                result.append(Phone(ipa_of(phone.name), start, end, indices[word], fit))
    return result if word + 1 == len(indices) and result else None


def _dictionary(path: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """From word in small letters to its pronunciations in ARPAbet."""
    result: dict[str, tuple[tuple[str, ...], ...]] = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            word, *sounds = line.split()
            word = word.partition("(")[0] or word
            result[word] = (*result.get(word, ()), tuple(sounds))
    return result


@cache
def english_model() -> EnglishModel | None:
    """The model, loaded once in a process; None where it is not installed."""
    try:
        return EnglishModel()
    except (ImportError, RuntimeError, OSError) as error:
        log.debug("no English acoustic model: %s", error)
        return None


def resampled(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """`samples` [n] at 16 kHz, low-passed where that loses something."""
    if rate == RATE:
        return np.asarray(samples, np.float32)
    from math import gcd

    from scipy.signal import resample_poly

    common = gcd(rate, RATE)
    return np.asarray(resample_poly(samples, RATE // common, rate // common), np.float32)
