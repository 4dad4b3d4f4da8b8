"""Numba kernels for sparse curves: monotone cubic Hermite interpolation, and the reduction of samples to
keys.

Only + - * / and sqrt in a fixed order, so every machine computes the same bits. F. N. Fritsch and R. E.
Carlson, "Monotone Piecewise Cubic Interpolation", SIAM J. Numer. Anal. 17 (1980).
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["evaluate", "evaluate_at", "reduce_samples", "slopes"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

REACH = 2  # keys to either side of an interval's own two on which its curve depends (see `slopes`)


@jit
def slopes(times: Array, values: Array) -> Array:
    """Slopes [k] at the keys: 0 at both ends and at every extremum, limited so that no interval overshoots.

    Interior slopes start as those of the parabola through three keys; the limiter is Fritsch and Carlson's
    circle of radius 3, from those first slopes in every interval: so a key's slope depends on two keys to
    either side and no others, and a curve run backwards is the same curve.
    """
    count = len(times)
    slope = np.zeros(count)
    for i in range(1, count - 1):
        left, right = times[i] - times[i - 1], times[i + 1] - times[i]
        before = (values[i] - values[i - 1]) / left
        after = (values[i + 1] - values[i]) / right
        if before * after > 0.0:
            slope[i] = (right * before + left * after) / (left + right)
    share = np.ones(count)
    for i in range(count - 1):
        secant = (values[i + 1] - values[i]) / (times[i + 1] - times[i])
        if secant != 0.0:
            a, b = slope[i] / secant, slope[i + 1] / secant
            square = a * a + b * b
            if square > 9.0:
                factor = 3.0 / sqrt(square)
                share[i], share[i + 1] = min(share[i], factor), min(share[i + 1], factor)
    return slope * share


@jit
def between(times: Array, values: Array, slope: Array, i: int, time: float) -> float:
    """Value at `time` inside the interval from key i to key i + 1."""
    width = times[i + 1] - times[i]
    u = (time - times[i]) / width
    v = 1.0 - u
    low, high = values[i], values[i + 1]
    value = v * v * (1.0 + 2.0 * u) * low + u * u * (1.0 + 2.0 * v) * high
    value += u * v * width * (v * slope[i] - u * slope[i + 1])
    if low > high:  # rounding must not overshoot either
        low, high = high, low
    return min(max(value, low), high)


@jit
def evaluate_at(offsets: Indices, times: Array, values: Array, slope: Array, time: float, out: Array) -> None:
    """Fill out [channels] with the curves' values at one time; what the arrays hold is said at `evaluate`."""
    for c in range(len(offsets) - 1):
        first, last = offsets[c], offsets[c + 1] - 1
        if last < first:
            out[c] = 0.0
        elif time <= times[first]:
            out[c] = values[first]
        elif time >= times[last]:
            out[c] = values[last]
        else:
            low, high = first, last
            while high - low > 1:
                middle = (low + high) // 2
                if times[middle] <= time:
                    low = middle
                else:
                    high = middle
            out[c] = between(times, values, slope, low, time)


@jit
def evaluate(offsets: Indices, times: Array, values: Array, slope: Array, at: Array, out: Array) -> None:
    """Fill out [n, channels] with the curves' values at the times `at` [n].

    Curve c has the keys offsets[c] .. offsets[c + 1] of `times`, `values` and `slope`; without keys it is 0.
    """
    for n in range(len(at)):
        evaluate_at(offsets, times, values, slope, at[n], out[n])


@jit
def reduce_samples(
    times: Array, values: Array, pinned: NDArray[np.bool_], tolerance: float
) -> NDArray[np.bool_]:
    """Which samples [n] to keep as keys so that their curve stays within `tolerance` of every sample.

    `pinned` [n] samples are always kept. Starts from the ends and pinned samples, and splits every interval
    at its worst sample until none is worse than `tolerance`. An interval that was good is looked at again
    only when a key near enough to bend it has been added.
    """
    count = len(times)
    kept = pinned.copy()
    kept[0] = kept[count - 1] = True
    fresh = kept.copy()  # keys added in the last round
    while True:
        keys = np.flatnonzero(kept)
        t, v = times[keys], values[keys]
        slope = slopes(t, v)
        added = np.zeros(count, np.bool_)
        grown = False
        for i in range(len(keys) - 1):
            bent = False
            for k in range(max(i - REACH, 0), min(i + 2 + REACH, len(keys))):
                bent = bent or fresh[keys[k]]
            if not bent:
                continue
            worst, place = tolerance, -1
            for n in range(keys[i] + 1, keys[i + 1]):
                error = abs(between(t, v, slope, i, times[n]) - values[n])
                if error > worst:
                    worst, place = error, n
            if place >= 0:
                kept[place] = added[place] = grown = True
        if not grown:
            return kept
        fresh = added
