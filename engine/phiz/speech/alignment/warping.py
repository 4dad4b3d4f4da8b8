"""Two recordings laid one on the other: dynamic time warping with silences that only one of them makes."""

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["warp"]

DIAGONAL, STAY, SKIP, FROM_SILENCE, REST = range(5)  # how a cell was reached
FAR = np.float32(1e30)
# Cost of each frame that lies away from where somebody else has heard its sound, up to that of 20 frames.
AWAY, FURTHEST = np.float32(1.0), np.float32(20.0)


def warp(
    reference: NDArray[np.float32],
    recording: NDArray[np.float32],
    silence: NDArray[np.float32],
    joints: NDArray[np.float32],
    low: NDArray[np.int32],
    high: NDArray[np.int32],
    sound: NDArray[np.int32],
    spans: NDArray[np.float32],
) -> tuple[NDArray[np.int32], NDArray[np.int32], float]:
    """When a recording says each frame of a reference, and what the best way costs.

    reference: features [m, d]. recording: features [n, d]. silence: cost [n] of hearing silence in a frame.
    joints: [m + 1], what it costs to begin a silence before reference frame k (m: after the last); `FAR`
    where no silence may be. low, high: [n], the band: frame t may lie on reference frames low[t] to
    high[t] (excluded); neither falls, low[t] < high[t], low[0] is 0 and high[-1] is m.
    sound: [m], the sound that each reference frame is of. spans: [sounds, 2], first and last frame of the
    recording in which somebody else has heard each sound; -inf and inf where nobody has.
    Returns the first and the last frame of the recording [m] that lie on each reference frame, and the cost
    of a step. Frames between last[k - 1] and first[k] are silence. Steps are symmetric and of equal weight
    (Sakoe & Chiba 1978, slope constraint P = 0).
    """
    offsets = np.zeros(len(recording) + 1, np.int64)
    np.cumsum(high - low + 1, out=offsets[1:])
    back = np.empty(offsets[-1], np.uint8)
    quiet = np.empty(offsets[-1], np.uint8)
    at_rest, total = fill(
        reference, recording, silence, joints, low, high, sound, spans, offsets, back, quiet
    )
    first = np.full(len(reference), -1, np.int32)
    last = np.full(len(reference), -1, np.int32)
    steps = trace(at_rest, low, offsets, back, quiet, first, last)
    return first, last, float(total) / max(1, steps)


@jit
def fill(
    reference: NDArray[np.float32],
    recording: NDArray[np.float32],
    silence: NDArray[np.float32],
    joints: NDArray[np.float32],
    low: NDArray[np.int32],
    high: NDArray[np.int32],
    sound: NDArray[np.int32],
    spans: NDArray[np.float32],
    offsets: NDArray[np.int64],
    back: NDArray[np.uint8],
    quiet: NDArray[np.uint8],
) -> tuple[bool, float]:
    """Fill `back` and `quiet`, how each cell was reached in speech and in silence; the cost of the best way.

    A cell of speech (t, k) stands for frame t on reference frame k; a cell of silence (t, k), k up to m, for
    frame t in a silence before reference frame k.
    """
    m, d = reference.shape
    before = np.full(m + 1, FAR, np.float32)  # speech at t - 1
    rest_before = np.full(m + 1, FAR, np.float32)
    now = np.full(m + 1, FAR, np.float32)
    rest = np.full(m + 1, FAR, np.float32)
    for t in range(len(recording)):
        first, last = low[t], high[t]
        at = offsets[t] - first
        for k in range(first, last):
            cost = np.float32(0.0)
            for c in range(d):
                difference = reference[k, c] - recording[t, c]
                cost += difference * difference
            away = max(spans[sound[k], 0] - t, t - spans[sound[k], 1], np.float32(0.0))
            cost = np.sqrt(cost) + min(AWAY * away, FURTHEST)
            best, how = FAR, STAY
            if t == 0:
                if k == 0:
                    best, how = np.float32(0.0), DIAGONAL
            else:
                if k > 0 and before[k - 1] < best:
                    best, how = before[k - 1], DIAGONAL
                if rest_before[k] < best:
                    best, how = rest_before[k], FROM_SILENCE
                if before[k] < best:
                    best, how = before[k], STAY
            if k > first and now[k - 1] < best:
                best, how = now[k - 1], SKIP
            now[k] = best + cost
            back[at + k] = how
        for k in range(first, last + 1):
            best, how = rest_before[k], REST
            if joints[k] < FAR:
                if t == 0:
                    entered = np.float32(0.0) if k == 0 else FAR
                else:
                    entered = before[k - 1] + joints[k] if k > 0 else FAR
                if entered < best:
                    best, how = entered, DIAGONAL
            rest[k] = best + silence[t]
            quiet[at + k] = how
        for k in range(first, last + 1):
            before[k], rest_before[k] = now[k], rest[k]
            now[k], rest[k] = FAR, FAR
        if t > 0:
            for k in range(low[t - 1], first):
                before[k], rest_before[k] = FAR, FAR
    return rest_before[m] < before[m - 1], min(before[m - 1], rest_before[m])


@jit
def trace(
    at_rest: bool,
    low: NDArray[np.int32],
    offsets: NDArray[np.int64],
    back: NDArray[np.uint8],
    quiet: NDArray[np.uint8],
    first: NDArray[np.int32],
    last: NDArray[np.int32],
) -> int:
    """Fill `first` and `last` from the end of the best way backwards; the number of its steps."""
    t, k, steps = len(low) - 1, len(first) - 1, 0
    if at_rest:
        k += 1
    while t >= 0 and k >= 0:
        steps += 1
        if at_rest:
            how = quiet[offsets[t] + k - low[t]]
            t -= 1
            if how == DIAGONAL:
                at_rest = False
                k -= 1
            continue
        first[k] = t
        last[k] = max(last[k], t)
        how = back[offsets[t] + k - low[t]]
        at_rest = how == FROM_SILENCE
        if how != SKIP:
            t -= 1
        if how in (DIAGONAL, SKIP):
            k -= 1
    return steps
