"""`Speech`: what is heard, and when each sound of it is made."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from phiz.speech.prosody import Prosody

__all__ = ["Mark", "Mismatch", "Phoneme", "Speech", "Word"]


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


@dataclass(frozen=True)
class Mark:
    """A place in the text that its writer named, as with SSML's <mark>. time: seconds."""

    name: str
    time: float


@dataclass(frozen=True)
class Mismatch:
    """Where a recording and its transcript differ.

    kind: "missing" for words that are not heard, "extra" for speech that is not in the transcript. text: the
    missing words, or "". start, end: seconds; of a missing word, where it would have been.
    """

    kind: str
    text: str
    start: float
    end: float


@dataclass(frozen=True, eq=False)
class Speech:
    """Sound and its timed phonemes, in order and without overlap; time no phoneme covers is silence.

    samples: float32 [n], mono, -1..1. rate: samples a second. Times count from the first sample.
    sentences: (start, end) in seconds of each sentence or phrase, for breath and blinks.
    timing: "exact" when the voice said when each sound starts; "aligned" when text and recording were laid
    one on the other; "recognized" when the sounds were told from a recording alone; "stretched" for a guess.
    confidence: 0..1, how sure it is that the words are said in the recording, mean of all; 0.5 is doubtful.
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
    marks: tuple[Mark, ...] = ()
    mismatches: tuple[Mismatch, ...] = ()
    confidence: float = 1.0

    @property
    def duration(self) -> float:
        """Seconds of sound."""
        return len(self.samples) / self.rate

    @cached_property
    def prosody(self) -> "Prosody":
        """How it is said: pitch, energy, tempo, stress and phrases; told when first asked for."""
        from phiz.speech.prosody import prosody_of

        return prosody_of(self)

    def moved(self, samples: NDArray[np.float32], *, scale: float = 1.0, shift: float = 0.0) -> "Speech":
        """The same speech with other samples, all times being `scale` times what they were, plus `shift`."""

        def at(time: float) -> float:
            return scale * time + shift

        return replace(
            self,
            samples=samples,
            phonemes=tuple(replace(each, start=at(each.start), end=at(each.end)) for each in self.phonemes),
            words=tuple(replace(each, start=at(each.start), end=at(each.end)) for each in self.words),
            sentences=tuple((at(start), at(end)) for start, end in self.sentences),
            marks=tuple(replace(each, time=at(each.time)) for each in self.marks),
            mismatches=tuple(
                replace(each, start=at(each.start), end=at(each.end)) for each in self.mismatches
            ),
        )
