"""Held notes in a recording whose sounds were told without a text.

Recognisers of speech know no vowel that lasts a second, and leave parts of one out: the mouth would shut
while the voice goes on.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import HOP
from phiz.speech.pitch import track_pitch
from phiz.speech.prosody import is_vowel, runs
from phiz.speech.speech import Phoneme

__all__ = ["sustained"]

LONG = 0.25  # seconds of voice without a sound from which on a note is held there; spoken vowels are found
TOUCHING = 0.12  # seconds, a closure, from what is known: voice by itself may be an instrument's
PIECE, MARGIN = 120.0, 2.0  # seconds whose pitch is tracked at once, and heard to each side
LOUD = 0.25  # share of the known sounds' root mean square that it has at least
ANY = "ə"  # what is sung there where no vowel is known beside it


def sustained(
    phonemes: Sequence[Phoneme], samples: NDArray[np.floating[Any]], rate: int
) -> tuple[Phoneme, ...]:
    """`phonemes` of a recording [n] with vowels held where the voice goes on after, or before, a sound."""
    if not phonemes:
        return ()
    voiced = _voiced(samples, rate)
    usual = np.sqrt(np.mean([_power(samples, rate, each.start, each.end) for each in phonemes]))
    result: list[Phoneme] = []
    for before, after in zip([None, *phonemes], [*phonemes, None], strict=True):
        if before is not None:
            result.append(before)
        low = before.end if before is not None else 0.0
        high = after.start if after is not None else len(samples) / rate
        if high - low < LONG:
            continue
        first = int(np.ceil(low / HOP))
        for begin, end in runs(voiced[first : int(high / HOP) + 1]):
            start, stop = max(low, (first + begin) * HOP), min(high, (first + end) * HOP)
            if stop - start < LONG or np.sqrt(_power(samples, rate, start, stop)) < LOUD * usual:
                continue
            if result and start - result[-1].end <= TOUCHING:
                if is_vowel(result[-1].ipa) and start - result[-1].end <= HOP:
                    result[-1] = replace(result[-1], end=stop)
                else:
                    result.append(Phoneme(ANY, start, stop))
            elif high - stop <= TOUCHING and after is not None:
                result.append(Phoneme(after.ipa if is_vowel(after.ipa) else ANY, start, high))
    return tuple(result)


def _voiced(samples: NDArray[np.floating[Any]], rate: int) -> NDArray[np.bool_]:
    """Whether there is voice at each multiple of `HOP` seconds."""
    step, margin = round(PIECE * rate), round(MARGIN * rate)
    result = []
    for begin in range(0, max(1, len(samples)), step):
        before = min(begin, margin)
        part = samples[begin - before : begin + step + margin].astype(np.float32)
        first = round(before / rate / HOP)
        result.append(track_pitch(part, rate, HOP).hz[first : first + round(PIECE / HOP)] > 0.0)
    return np.concatenate(result)


def _power(samples: NDArray[np.floating[Any]], rate: int, start: float, end: float) -> float:
    part = samples[int(start * rate) : max(int(end * rate), int(start * rate) + 1)]
    return float(np.mean(np.square(part, dtype=np.float64))) if len(part) else 0.0
