"""Where sound starts after a silence and where it dies away before one, told from loudness."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.speech.speech import Phoneme

__all__ = ["HOP", "is_clear", "loudness", "sounding_edges"]

HOP, WINDOW, SMOOTH = 0.002, 0.010, 5  # seconds from point to point and that one covers; points averaged
QUIET, LOUD = 10, 95  # percentiles of loudness that are the background and speech
NOTHING = 1e-14  # power below all that is ever recorded, so that silence has a logarithm
EMPTY = 80.0  # decibels below the loudest: nothing was recorded there, silence was put in
# Decibels between background and speech that an acoustic model needs, which was trained on clean speech.
# White noise 10 dB below the speech leaves 17, noise as loud as the speech 8.
CLEAR = 15.0
RISE = 1 / 3  # of the way in decibels from the background to speech, at which sound starts and ends
LASTING, MOSTLY = 15, 12  # points of sound, 30 ms, of which so many are loud, at a start or end
EARLIER, LATER = 0.08, 0.10  # seconds that a start may be before, and an end after, where it seemed to be
REST = 0.020  # seconds without any phoneme that are a silence
LEAST = 0.010  # seconds left to a sound


def loudness(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Decibels around each multiple of `HOP` seconds."""
    half = max(1, int(WINDOW * rate / 2))
    total = np.concatenate([[0.0], np.cumsum(np.asarray(samples, np.float64) ** 2)])
    centres = np.rint(np.arange(int(len(samples) / (HOP * rate)) + 1) * HOP * rate).astype(np.int64)
    low, high = np.maximum(centres - half, 0), np.minimum(centres + half, len(samples))
    level = 10 * np.log10((total[high] - total[low]) / np.maximum(high - low, 1) + NOTHING)
    padded = np.pad(level, SMOOTH // 2, mode="edge")
    return np.convolve(padded, np.full(SMOOTH, 1 / SMOOTH), mode="valid")


def background_and_speech(level: NDArray[np.float64]) -> tuple[float, float]:
    """Decibels of the background and of the loud parts of speech. level: as `loudness` gives it."""
    there = level[level > level.max() - EMPTY]
    return float(np.percentile(there, QUIET)), float(np.percentile(there, LOUD))


def is_clear(samples: NDArray[np.float32], rate: int) -> bool:
    """True where speech stands out of its background well enough for an acoustic model to be of use."""
    length = round(WINDOW * rate)
    frames = np.asarray(samples, np.float32)[: len(samples) // length * length].reshape(-1, length)
    power = np.einsum("ij,ij->i", frames, frames) / length  # which copies nothing, however long it is
    if not power.any():
        return False
    floor, top = background_and_speech(10 * np.log10(power.astype(np.float64) + NOTHING))
    return top - floor >= CLEAR


def sounding_edges(phonemes: Sequence[Phoneme], level: NDArray[np.float64]) -> list[Phoneme]:
    """`phonemes` of which those after a silence start with the sound and those before one end with it.

    level: decibels, as `loudness` gives them.
    """
    floor, top = background_and_speech(level)
    loud = level > floor + RISE * (top - floor)
    counted = np.concatenate([[0], np.cumsum(loud)])
    following = counted[np.minimum(np.arange(len(loud)) + LASTING, len(loud))] - counted[:-1]
    before = counted[1:] - counted[np.maximum(np.arange(len(loud)) + 1 - LASTING, 0)]
    rising, falling = loud & (following >= MOSTLY), loud & (before >= MOSTLY)
    result: list[Phoneme] = []
    for index, phoneme in enumerate(phonemes):
        start, end = phoneme.start, phoneme.end
        free = result[-1].end if result else 0.0
        if not result or start - phonemes[index - 1].end > REST:
            first = int(max(free, start - EARLIER) / HOP)
            found = np.flatnonzero(rising[first : int((end - LEAST) / HOP)])
            start = (first + found[0]) * HOP if len(found) else start
        limit = phonemes[index + 1].start if index + 1 < len(phonemes) else len(level) * HOP
        if index + 1 == len(phonemes) or limit - end > REST:
            first = int((start + LEAST) / HOP)
            found = np.flatnonzero(falling[first : int(min(limit, end + LATER) / HOP)])
            end = (first + found[-1]) * HOP if len(found) else end
        result.append(replace(phoneme, start=max(start, free), end=max(end, start, free)))
    return result
