"""A recording whose text is known: the phonemes of a synthesiser's speech of it, laid on the recording."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment import features
from phiz.speech.alignment.features import HOP
from phiz.speech.alignment.warping import FAR, warp
from phiz.speech.speech import Phoneme, Speech

__all__ = ["align"]

Guide = tuple[NDArray[np.float64], NDArray[np.float64]]

QUIET = 10.0  # percentile of the recording's frames, by loudness, that are background
LOUD = 90.0  # percentile that is compared with the same of the reference, to make both as loud
FLOOR = 1e-5  # of the loud frames' power in each band: under both sounds, so that no silence is perfect
PAUSE_MISSING = 8.0  # cost of a silence where the reference makes none, in the cost of a frame
BAND = 0.5  # seconds to either side of the guide


def align(
    samples: NDArray[np.float32],
    rate: int,
    spoken: Speech,
    *,
    guide: Guide | None = None,
    acoustic: Sequence[Phoneme] = (),
) -> tuple[Phoneme, ...]:
    """The phonemes of `spoken` with the times at which the recording `samples` says them.

    samples: float32 [n], mono. rate: samples a second. spoken: a synthesiser's speech of the recording's
    text, with exact times. guide: times in `spoken` and the times in the recording where the same is said
    (both ascending), known to about half a second; None looks everywhere. acoustic: the recording's phones
    as an acoustic model times them, if there are any.
    Returns () when `spoken` has no phonemes.
    """
    if not spoken.phonemes or not len(samples):
        return ()
    reference, recording, silence = compared(samples, rate, spoken)
    kept, joints = kept_frames(spoken, len(reference))
    low, high = band(kept, len(recording), guide)
    first, last, _ = warp(reference[kept], recording, silence, joints, low, high)
    return timed(spoken.phonemes, kept, first, last)


def compared(
    samples: NDArray[np.float32], rate: int, spoken: Speech
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Features of the reference and of the recording, and the cost [n] of taking a frame for silence."""
    top = min(features.HIGHEST, rate / 2, spoken.rate / 2)
    said = features.mel_power(spoken.samples, spoken.rate, top)
    heard = features.mel_power(samples, rate, top)
    loud = np.percentile(said.sum(axis=1), LOUD)
    said /= loud
    level = heard.sum(axis=1)
    heard /= np.percentile(level, LOUD)
    background = heard[level <= np.percentile(level, QUIET)].mean(axis=0)
    said += background + FLOOR
    heard += FLOOR
    reference, recording = features.cepstra(said), features.cepstra(heard)
    empty = features.cepstra(background[None] + FLOOR) - recording.mean(axis=0)
    reference -= reference.mean(axis=0)
    recording -= recording.mean(axis=0)
    changing = features.with_changes(recording)
    still = np.hstack([empty[0], np.zeros(empty.shape[1])]).astype(np.float32)
    silence: NDArray[np.float32] = np.sqrt(((changing - still) ** 2).sum(axis=1))
    return features.with_changes(reference), changing, silence


def kept_frames(spoken: Speech, count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The reference frames in which something is said, and the cost of a silence before each of them."""
    starts = np.array([phoneme.start for phoneme in spoken.phonemes])
    ends = np.array([phoneme.end for phoneme in spoken.phonemes])
    times = np.arange(count) * HOP
    inside = np.searchsorted(starts, times, side="right") - 1
    kept = np.flatnonzero((inside >= 0) & (times < ends[np.maximum(inside, 0)]))
    joints = np.full(len(kept) + 1, FAR, np.float32)
    joints[0] = joints[-1] = 0.0
    for before, after in pairwise(spoken.phonemes):
        if before.word != after.word:
            paused = after.start - before.end > HOP
            joints[np.searchsorted(kept * HOP, after.start)] = 0.0 if paused else PAUSE_MISSING
    return kept, joints


def band(
    kept: NDArray[np.int64], count: int, guide: Guide | None
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Which of the kept reference frames each of `count` frames may lie on."""
    if guide is None:
        return np.zeros(count, np.int32), np.full(count, len(kept), np.int32)
    times = np.interp(np.arange(count) * HOP, guide[1], guide[0])
    low = np.searchsorted(kept * HOP, times - BAND)
    high = np.searchsorted(kept * HOP, times + BAND)
    low = np.minimum(low, len(kept) - 1)
    high = np.maximum(high, low + 1)
    low[0], high[-1] = 0, len(kept)
    return low.astype(np.int32), high.astype(np.int32)


def timed(
    phonemes: Sequence[Phoneme], kept: NDArray[np.int64], first: NDArray[np.int32], last: NDArray[np.int32]
) -> tuple[Phoneme, ...]:
    """`phonemes` at the times [m] at which the recording says the kept reference frames."""
    starts = np.searchsorted(kept * HOP, [phoneme.start for phoneme in phonemes])
    ends = np.searchsorted(kept * HOP, [phoneme.end for phoneme in phonemes])
    result: list[Phoneme] = []
    for phoneme, k, end in zip(phonemes, starts, ends, strict=True):
        start = (first[k] - 0.5) * HOP if k < len(first) else (last[-1] + 0.5) * HOP
        stop = (last[max(k, end - 1)] + 0.5) * HOP if k < len(first) else start
        start = max(start, result[-1].end if result else 0.0)
        result.append(replace(phoneme, start=start, end=max(start, stop)))
    return tuple(result)
