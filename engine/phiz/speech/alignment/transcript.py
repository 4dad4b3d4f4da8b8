"""A long text as a synthesiser says it, kept as what a rough comparison needs and said again where asked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from tempfile import SpooledTemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError
from phiz.speech.alignment import features
from phiz.speech.alignment.reference import speak_reference
from phiz.speech.speech import Phoneme, Speech, Word
from phiz.speech.words import phrases

__all__ = ["HOP", "Transcript", "read_transcript", "rough_power"]

FINE = 4  # frames of `features` in a rough one
HOP = FINE * features.HOP  # seconds from rough frame to rough frame
CHUNK = 3000  # rough frames, a minute, whose sound is looked at at once
PASSAGE = 300  # characters that are spoken at once, more or less: enough for a tone of voice, little memory
SAMPLE = 4  # bytes
IN_MEMORY = 32 << 20  # bytes of speech, six minutes, that are not put in a file
NONE = np.zeros(0, np.float32)
PAUSE = 0.2  # seconds between what was not neighbours in the text
END = re.compile(r"(?<=[.!?…;:])[\"'”’»)\]]*\s+|\n+|(?<=[。！？；])")
BREAK = re.compile(r"(?<=[,、，،])\s*|\s+")


@dataclass(frozen=True, eq=False)
class Passage:
    """A part of the text: how it is said, without its samples, and the number of its first word among all.

    Its samples are `count` from number `at` in a file.
    """

    spoken: Speech
    first: int
    at: int
    count: int


@dataclass(frozen=True, eq=False)
class Transcript:
    """power: float32 [frames, bands] every `HOP` seconds of speech, pauses left out.

    starts: int64 [words + 1], the frame with which each word begins, and the number of all; none has none.
    sound: the samples of all passages, float32; in a file, as they would fill the memory.
    """

    language: str
    words: tuple[str, ...]
    passages: tuple[Passage, ...]
    power: NDArray[np.float32]
    starts: NDArray[np.int64]
    sound: IO[bytes]

    def spoken(self, kept: Sequence[int]) -> Speech:
        """The words with these numbers, ascending, as the synthesiser says them; they count from 0 in it."""
        speech = Speech(np.zeros(0, np.float32), 1, ())
        for passage, own in self._own(kept):
            self.sound.seek(passage.at * SAMPLE)
            samples = np.frombuffer(self.sound.read(passage.count * SAMPLE), np.float32)
            whole = replace(passage.spoken, samples=samples)
            for first, last in _runs(own):
                speech = _joined(speech, _excerpt(whole, first, last))
        return replace(speech, sentences=phrases(speech.phonemes), language=self.language)

    def sounds(self, kept: Sequence[int]) -> list[list[str]]:
        """The IPA of each of the words with these numbers, ascending."""
        result: list[list[str]] = []
        for passage, own in self._own(kept):
            by_word: dict[int, list[str]] = {number: [] for number in own}
            for phoneme in passage.spoken.phonemes:
                if phoneme.word in by_word:
                    by_word[phoneme.word].append(phoneme.ipa)
            result += by_word.values()
        return result

    def _own(self, kept: Sequence[int]) -> Iterator[tuple[Passage, list[int]]]:
        """The passages that hold some of these words, with those, counted from the passage's first."""
        for passage in self.passages:
            last = passage.first + len(passage.spoken.words)
            own = [number - passage.first for number in kept if passage.first <= number < last]
            if own:
                yield passage, own


def read_transcript(text: str, language: str) -> Transcript:
    """Speak the whole text. Raises SpeechError where nothing in it can be said, and UsageError."""
    words: list[str] = []
    passages: list[Passage] = []
    power: list[NDArray[np.float32]] = []
    lengths: list[NDArray[np.int64]] = []
    sound = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115, lives as long as the transcript
    at = 0
    for part in parts_of(text):
        try:
            spoken = speak_reference(part, language)
        except SpeechError:
            continue  # a row of dots; other failures come back below
        kept, counts = _rough(spoken)
        passages.append(Passage(replace(spoken, samples=NONE), len(words), at, len(spoken.samples)))
        sound.write(spoken.samples.astype(np.float32).tobytes())
        at += len(spoken.samples)
        words += [word.text for word in spoken.words]
        power.append(kept)
        lengths.append(counts)
    if not words:
        speak_reference(text, language)  # says what is wrong
        raise SpeechError("the text holds nothing to say; give at least one word")
    starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    name = passages[0].spoken.language
    return Transcript(name, tuple(words), tuple(passages), np.concatenate(power), starts, sound)


def parts_of(text: str) -> Iterator[str]:
    """Sentences, short ones together and long ones in pieces."""
    gathered = ""
    for sentence in filter(str.strip, END.split(text)):
        if gathered and len(gathered) + len(sentence) > PASSAGE:
            yield gathered
            gathered = ""
        gathered = f"{gathered} {sentence}" if gathered else sentence
        while len(gathered) > 2 * PASSAGE:
            cuts = [match.end() for match in BREAK.finditer(gathered, PASSAGE // 2, PASSAGE)]
            cut = cuts[-1] if cuts else PASSAGE
            yield gathered[:cut]
            gathered = gathered[cut:]
    if gathered:
        yield gathered


def rough_power(samples: NDArray[np.floating[Any]], rate: int, top: float) -> NDArray[np.float32]:
    """Power [frames, bands] every `HOP` seconds, each the mean of `FINE` frames of `features.mel_power`."""
    step, around = round(CHUNK * HOP * rate), round(HOP * rate)
    parts = []
    for begin in range(0, len(samples), step):
        before = around if begin else 0
        fine = features.mel_power(samples[begin - before : begin + step + around], rate, top)[
            before and FINE :
        ]
        fine = fine[: CHUNK * FINE]
        fine = np.pad(fine, ((0, -len(fine) % FINE), (0, 0)), mode="edge")
        parts.append(fine.reshape(-1, FINE, fine.shape[1]).mean(axis=1).astype(np.float32))
    return np.concatenate(parts)


def _rough(spoken: Speech) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Power [frames, bands] of each word after the other, and how many frames each has: at least one."""
    power = rough_power(spoken.samples, spoken.rate, features.HIGHEST)
    frames, counts = [], []
    for word in spoken.words:
        first = min(round(word.start / HOP), len(power) - 1)
        own = np.arange(first, max(first + 1, min(round(word.end / HOP), len(power))))
        frames.append(own)
        counts.append(len(own))
    return power[np.concatenate(frames)], np.array(counts, np.int64)


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each run of consecutive numbers."""
    edges = [0, *(i for i, (a, b) in enumerate(pairwise(numbers), 1) if b != a + 1), len(numbers)]
    return [(numbers[a], numbers[b - 1]) for a, b in pairwise(edges)]


def _excerpt(speech: Speech, first: int, last: int) -> Speech:
    """Words `first` to `last` (included) of a speech, counted from 0."""
    own = [phoneme for phoneme in speech.phonemes if first <= phoneme.word <= last]
    begin, end = round(own[0].start * speech.rate), round(own[-1].end * speech.rate)
    return _moved(
        replace(speech, phonemes=tuple(own), samples=speech.samples[begin:end]), -begin, first, last
    )


def _moved(speech: Speech, by: int, first: int, last: int) -> Speech:
    """`speech` with times later by samples, and only the words from `first` to `last`."""
    shift = by / speech.rate

    def at(time: float) -> float:
        return max(0.0, time + shift)

    return replace(
        speech,
        phonemes=tuple(
            Phoneme(p.ipa, at(p.start), at(p.end), p.stress, p.word - first) for p in speech.phonemes
        ),
        words=tuple(Word(w.text, at(w.start), at(w.end)) for w in speech.words[first : last + 1]),
        sentences=(),
    )


def _joined(before: Speech, after: Speech) -> Speech:
    """One after the other, a pause between them."""
    if not before.words:
        return after
    gap = np.zeros(round(PAUSE * before.rate), np.float32)
    offset = len(before.samples) + len(gap)
    shift, count = offset / before.rate, len(before.words)
    return replace(
        before,
        samples=np.concatenate([before.samples, gap, after.samples]),
        phonemes=before.phonemes
        + tuple(
            replace(p, start=p.start + shift, end=p.end + shift, word=p.word + count) for p in after.phonemes
        ),
        words=before.words + tuple(replace(w, start=w.start + shift, end=w.end + shift) for w in after.words),
    )
