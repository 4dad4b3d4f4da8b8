"""`Speech`: what is heard, and when each sound of it is made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Phoneme", "Speech", "Word"]


@dataclass(frozen=True)
class Phoneme:
    """One sound.

    ipa: without stress and tone marks; length and other diacritics are kept. start, end: seconds.
    stress: 0 none, 1 primary, 2 secondary; on the vowel. word: index into `Speech.words`, -1 for none.
    """

    ipa: str
    start: float
    end: float
    stress: int = 0
    word: int = -1


@dataclass(frozen=True)
class Word:
    text: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Speech:
    """Sound and its timed phonemes, in order and without overlap; time no phoneme covers is silence.

    samples: float32 [n], mono, -1..1. rate: samples a second. Times count from the first sample.
    sentences: (start, end) in seconds of each sentence or phrase, for breath and blinks.
    timing: "exact" when the voice said when each sound starts, "stretched" when it was guessed.
    """

    samples: NDArray[np.float32]
    rate: int
    phonemes: tuple[Phoneme, ...]
    words: tuple[Word, ...] = ()
    sentences: tuple[tuple[float, float], ...] = ()
    text: str = ""
    language: str = ""
    voice: str = ""
    timing: str = "exact"

    @property
    def duration(self) -> float:
        """Seconds of sound."""
        return len(self.samples) / self.rate
