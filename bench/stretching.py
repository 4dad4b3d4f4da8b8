"""What phiz did with a recording and its text before it aligned them: a yardstick for `bench/alignment.py`.

The text is spoken by a synthesiser, and its phonemes are stretched evenly over the spans of the recording in
which somebody speaks, told from loudness.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import HOP, frames_of, loudness
from phiz.speech.speech import Phoneme
from phiz.speech.words import LONGEST_JOINT

__all__ = ["time_phonemes"]

LEAST_CONTRAST = 12.0  # decibels between speech and background; steady noise has 3 to 6
ABOVE_FLOOR = (9.0, 5.0)  # decibels over the background at which speech is sure, and down to which it reaches
BELOW_TOP = (25.0, 35.0)  # decibels under the loud parts, likewise
SHORTEST_GAP = 0.20  # seconds; shorter silences are closures ([k] reaches 0.15) or breath inside a phrase
SHORTEST_SPAN = 0.08  # seconds; shorter bursts of sound are clicks

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


def speech_spans(samples: NDArray[Any], rate: int) -> list[tuple[float, float]]:
    """(start, end) in seconds of each stretch of speech, in order; empty for silence and steady noise.

    samples: float [n]. The background's level is the 10th percentile of the frames' loudness, the speech's
    the 95th. A span starts and ends where loudness falls under the lower of two thresholds and holds some
    above the higher. Gaps up to 0.2 s are inside a span.
    """
    level = loudness(frames_of(samples, rate), rate)
    level = np.convolve(np.pad(level, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    floor, top = np.percentile(level, 10), np.percentile(level, 95)
    if top - np.percentile(level, 2) < LEAST_CONTRAST:
        return []
    sure = level > min(max(floor + ABOVE_FLOOR[0], top - BELOW_TOP[0]), top)
    reach = level > min(max(floor + ABOVE_FLOOR[1], top - BELOW_TOP[1]), top)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], reach.astype(np.int8), [0]])))
    spans: list[tuple[float, float]] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if not sure[first:last].any():
            continue
        start, end = float(first * HOP), float(last * HOP)
        if spans and start - spans[-1][1] < SHORTEST_GAP:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    duration = len(samples) / rate
    inside = [(max(0.0, start), min(duration, end)) for start, end in spans]
    return [(start, end) for start, end in inside if end - start >= SHORTEST_SPAN]
