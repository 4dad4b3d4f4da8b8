"""A recording whose text is known: the phonemes of a synthesiser's speech of it, laid on the recording."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.comparing import compared
from phiz.speech.alignment.features import HOP
from phiz.speech.alignment.fusion import Timed, as_heard, partners
from phiz.speech.alignment.glottal import with_glottal_stops
from phiz.speech.alignment.reduced import with_fronted_schwas
from phiz.speech.alignment.settling import settle
from phiz.speech.alignment.sounding import loudness, sounding_edges
from phiz.speech.alignment.warping import FAR, warp
from phiz.speech.speech import Phoneme, Speech

__all__ = ["align"]

Guide = tuple[NDArray[np.float64], NDArray[np.float64]]

PAUSE_MISSING = 8.0  # cost of a silence where the reference makes none, in the cost of a frame
BAND = 0.5  # seconds to either side of the guide
TOUCHING = 0.010  # seconds between two sounds that have no pause between them
# Seconds that a border is commonly off, as the warp and as the acoustic model tell it, and that it may move.
DEVIATIONS, REACH = (0.012, 0.015), 0.025


def align(
    samples: NDArray[np.float32],
    rate: int,
    spoken: Speech,
    *,
    guide: Guide | None = None,
    acoustic: Sequence[Timed] = (),
) -> tuple[Phoneme, ...]:
    """The phonemes of `spoken` with the times at which the recording `samples` says them.

    samples: float32 [n], mono. rate: samples a second. spoken: a synthesiser's speech of the recording's
    text, with exact times, as `speak_reference` gives it. guide: times in `spoken` and the times in the
    recording where the same is said (both ascending), known to about half a second; None looks everywhere.
    acoustic: the recording's phones as an acoustic model times them, if there are any; their words are those
    of `spoken`. Returns () when `spoken` has no phonemes or the recording no sound.
    """
    if not spoken.phonemes or not np.any(samples):
        return ()
    same = partners(spoken.phonemes, acoustic)
    found = compared(samples, rate, spoken)
    kept, joints = kept_frames(spoken, len(found.reference))
    low, high = band(kept, len(found.recording), guide)
    starts = np.array([phoneme.start for phoneme in spoken.phonemes])
    sound = np.maximum(np.searchsorted(starts, kept * HOP, side="right") - 1, 0).astype(np.int32)
    spans = np.array([[-np.inf, np.inf]] * len(same), np.float32)
    for index in np.flatnonzero(same >= 0):
        phone = acoustic[same[index]]
        spans[index] = phone.start / HOP, phone.end / HOP
    first, last, _ = warp(
        found.reference[kept], found.recording, found.silence, joints, low, high, sound, spans
    )
    rough = timed(spoken.phonemes, kept, first, last)
    level = loudness(samples, rate)
    heard = with_glottal_stops(sounding_edges(rough, level), level)
    partner = [acoustic[k] if k >= 0 else None for k in partners(heard, acoustic)]
    phonemes = settled(as_heard(heard, partner), found.cepstra, partner)
    return with_fronted_schwas(phonemes, samples, rate) if spoken.language.startswith("en") else phonemes


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
    high[:-1] = np.maximum(high[:-1], low[1:])  # where the guide leaps, there is a way still
    return low.astype(np.int32), high.astype(np.int32)


def timed(
    phonemes: Sequence[Phoneme], kept: NDArray[np.int64], first: NDArray[np.int32], last: NDArray[np.int32]
) -> list[Phoneme]:
    """`phonemes` at the times [m] at which the recording says the kept reference frames."""
    starts = np.searchsorted(kept * HOP, [phoneme.start for phoneme in phonemes])
    ends = np.searchsorted(kept * HOP, [phoneme.end for phoneme in phonemes])
    result: list[Phoneme] = []
    for phoneme, k, end in zip(phonemes, starts, ends, strict=True):
        start = (first[k] - 0.5) * HOP if k < len(first) else (last[-1] + 0.5) * HOP
        stop = (last[max(k, end - 1)] + 0.5) * HOP if k < len(first) else start
        start = max(start, result[-1].end if result else 0.0)
        result.append(replace(phoneme, start=start, end=max(start, stop)))
    return result


def settled(
    phonemes: Sequence[Phoneme], cepstra: NDArray[np.float64], partner: Sequence[Timed | None]
) -> tuple[Phoneme, ...]:
    """`phonemes` with the borders between touching ones where the recording changes most.

    partner: the acoustic model's phone for each phoneme.
    """
    result: list[Phoneme] = []
    first = 0
    for last in range(1, len(phonemes) + 1):
        if last < len(phonemes) and phonemes[last].start - phonemes[last - 1].end <= TOUCHING:
            continue
        run = phonemes[first:last]
        edges = np.array([*(phoneme.start for phoneme in run), run[-1].end])
        opinion = np.full(len(edges), np.nan)
        for index in range(1, len(run)):
            before, after = partner[first + index - 1], partner[first + index]
            if before is not None and after is not None and after.start - before.end <= TOUCHING:
                opinion[index] = after.start
        free = np.ones(len(edges), np.bool_)
        centre = np.where(np.isnan(opinion), edges, 0.6 * edges + 0.4 * np.nan_to_num(opinion))
        centre = np.maximum.accumulate(np.clip(centre, edges[0], edges[-1]))
        moved = settle(
            cepstra, centre, free, np.stack([edges, opinion]), np.array(DEVIATIONS), (REACH, REACH)
        )
        times = zip(run, pairwise(moved.tolist()), strict=True)
        result += [replace(phoneme, start=start, end=end) for phoneme, (start, end) in times if end > start]
        first = last
    return tuple(result)
