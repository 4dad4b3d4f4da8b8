"""A recording to timed phonemes, without recognising anything in it.

With its text: the text is spoken by a synthesiser and its phonemes are stretched over the spans of the
recording in which somebody speaks, and marked "stretched". Without: the sounds are recognised.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError
from phiz.speech.activity import speech_spans
from phiz.speech.audio import read_audio
from phiz.speech.recognition.listen import recognize
from phiz.speech.speech import Phoneme, Speech, Word
from phiz.speech.synthesis import say
from phiz.speech.words import LONGEST_JOINT, phrases

__all__ = ["speech_from_recording", "time_phonemes"]

RECORDED = "recording"  # `Speech.voice` of a recording

log = logging.getLogger("phiz")

# Costs of giving words to spans, in seconds of speech that lasts e times too long or too short.
BREAK_WITHOUT_PAUSE = 0.4  # a gap in the recording where the text has no punctuation
PAUSE_WITHOUT_BREAK = 0.2  # punctuation in the text where the recording runs on
SKIPPED = 3.0  # for each second of a span that no word is given to (a cough, a laugh)
REACH = (4.0, 0.15)  # seconds, and share of all speech, that a gap may be from where even tempo puts it


class _Unit(NamedTuple):
    """Phonemes `first` to `last` (excluded) that stay together, as a rule a word; seconds; pause after it."""

    first: int
    last: int
    length: float
    paused: bool


def speech_from_recording(
    path: str | Path, text: str | None, *, language: str | None = "en", voice: str | None = "espeak"
) -> Speech:
    """The recording at `path` with its phonemes timed; `timing` is "stretched".

    text: what is said; None or blank to move the lips by the sound alone.
    language, voice: as in `phiz.speak`; the voice is used for its phonemes and their lengths only.

    Raises SpeechError for an unreadable recording, one without speech, and as `phiz.speak`.
    """
    samples, rate = read_audio(path)
    if text is None or not text.strip():
        phonemes = recognize(samples, rate, language=language)
        sentences = phrases(phonemes)
        return Speech(samples, rate, phonemes, sentences=sentences, voice=RECORDED, timing="stretched")
    spoken = say(text, voice=voice, language=language)
    phonemes = time_phonemes(samples, rate, spoken.phonemes)
    if not phonemes:
        raise SpeechError(f"no speech is heard in {path}; give a recording of the text, or none and a voice")
    if not recognize(samples, rate, language=language):
        log.warning("no voice is recognised in %s (a whisper? noise?): the text goes on what is loud", path)
    return Speech(
        samples,
        rate,
        phonemes,
        words=retimed(spoken.words, phonemes),
        sentences=phrases(phonemes),
        text=text,
        language=spoken.language,
        voice=RECORDED,
        timing="stretched",
    )


def time_phonemes(
    samples: NDArray[np.float32], rate: int, phonemes: Sequence[Phoneme]
) -> tuple[Phoneme, ...]:
    """`phonemes` with the times at which the recording `samples` [n] says them; () when it holds no speech.

    phonemes: what is said, timed as a synthesiser says it; their lengths and pauses are the guide.
    """
    spans = speech_spans(samples, rate)
    if not spans or not phonemes:
        return ()
    units = units_of(phonemes)
    while len(spans) > len(units):  # a word spoken in pieces
        gaps = [after[0] - before[1] for before, after in pairwise(spans)]
        k = int(np.argmin(gaps))
        spans[k : k + 2] = [(spans[k][0], spans[k + 1][1])]
    cuts = assign(units, [end - start for start, end in spans])
    result: list[Phoneme] = []
    for (start, end), (first, last) in zip(spans, pairwise(cuts), strict=True):
        if last > first:
            result += fit(phonemes[units[first].first : units[last - 1].last], start, end)
    return tuple(result)


def units_of(phonemes: Sequence[Phoneme]) -> list[_Unit]:
    """Words, and phonemes that belong to none, in order."""
    units: list[_Unit] = []
    first = 0
    for index, phoneme in enumerate(phonemes):
        following = phonemes[index + 1] if index + 1 < len(phonemes) else None
        if following is not None and following.word == phoneme.word >= 0:
            continue
        length = math.fsum(each.end - each.start for each in phonemes[first : index + 1])
        paused = following is not None and following.start - phoneme.end > LONGEST_JOINT
        units.append(_Unit(first, index + 1, length, paused))
        first = index + 1
    return units


def assign(units: Sequence[_Unit], lengths: Sequence[float]) -> list[int]:
    """Where to cut `units` so that piece k fills the span of `lengths`[k] seconds; ascending, spans + 1.

    Dynamic programming over the cuts: each piece should last about as long as its span at the recording's
    tempo, and cuts should fall on the text's own pauses.
    """
    count = len(units)
    reached = np.concatenate([[0.0], np.cumsum([unit.length for unit in units])])
    pauses = np.concatenate([[0.0], np.cumsum([float(unit.paused) for unit in units])])
    tempo = math.fsum(lengths) / reached[-1]
    even = np.cumsum(lengths)
    slack = max(REACH[0], REACH[1] * float(even[-1]))
    before, cost = np.array([0]), np.array([0.0])
    trail: list[tuple[NDArray[np.int64], NDArray[np.int64]]] = []
    for k, length in enumerate(lengths):
        if k == len(lengths) - 1:
            cuts = np.array([count])
        else:
            apart = np.abs(reached * tempo - even[k])
            cuts = np.flatnonzero(apart <= max(slack, apart.min()))
        said = (reached[cuts][:, None] - reached[before][None, :]) * tempo
        empty = cuts[:, None] == before[None, :]
        error = np.log(np.maximum(said, 1e-3) / length)
        inside = np.where(empty, 0.0, pauses[np.maximum(cuts - 1, 0)][:, None] - pauses[before][None, :])
        filled = length * error**2 + PAUSE_WITHOUT_BREAK * np.maximum(inside, 0.0)
        piece = np.where(empty, SKIPPED * length, filled)
        piece = np.where(cuts[:, None] < before[None, :], math.inf, piece)
        on_pause = (cuts == 0) | (cuts == count) | (np.diff(pauses, prepend=0.0)[cuts] > 0)
        total = piece + cost[None, :] + np.where(on_pause, 0.0, BREAK_WITHOUT_PAUSE)[:, None]
        best = np.argmin(total, axis=1)
        cost = total[np.arange(len(cuts)), best]
        trail.append((cuts, before[best]))
        before = cuts
    path = [count]
    for cuts, origins in reversed(trail):
        path.append(int(origins[int(np.searchsorted(cuts, path[-1]))]))
    return path[::-1]


def fit(phonemes: Sequence[Phoneme], start: float, end: float) -> list[Phoneme]:
    """`phonemes` one after another from `start` to `end`, all stretched alike.

    Letting vowels give more than consonants was tried on TIMIT and changed nothing.
    """
    lengths = np.array([phoneme.end - phoneme.start for phoneme in phonemes])
    edges = start + (end - start) * np.concatenate([[0.0], np.cumsum(lengths) / lengths.sum()])
    edges[-1] = end
    times = zip(phonemes, pairwise(edges.tolist()), strict=True)
    return [replace(phoneme, start=start, end=end) for phoneme, (start, end) in times]


def retimed(words: Sequence[Word], phonemes: Sequence[Phoneme]) -> tuple[Word, ...]:
    """`words` with the times of their phonemes."""
    times: dict[int, tuple[float, float]] = {}
    for phoneme in phonemes:
        times[phoneme.word] = (times.get(phoneme.word, (phoneme.start, 0.0))[0], phoneme.end)
    return tuple(Word(word.text, *times[index]) for index, word in enumerate(words))
