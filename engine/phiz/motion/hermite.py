"""Numba kernels for sparse curves: monotone cubic Hermite interpolation, and the reduction of samples to
keys.

Only + - * / and sqrt in a fixed order, so every machine computes the same bits. F. N. Fritsch and R. E.
Carlson, "Monotone Piecewise Cubic Interpolation", SIAM J. Numer. Anal. 17 (1980).
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["evaluate", "reduce_samples", "slopes"]

Array = NDArray[np.float64]


@jit
def slopes(times: Array, values: Array) -> Array:
    """Slopes [k] at the keys: 0 at both ends and at every extremum, limited so that no interval overshoots.

    Interior slopes start as those of the parabola through three keys; the limiter is Fritsch and Carlson's
    circle of radius 3.
    """
    count = len(times)
    slope = np.zeros(count)
    for i in range(1, count - 1):
        left, right = times[i] - times[i - 1], times[i + 1] - times[i]
        before = (values[i] - values[i - 1]) / left
        after = (values[i + 1] - values[i]) / right
        if before * after > 0.0:
            slope[i] = (right * before + left * after) / (left + right)
    for i in range(count - 1):
        secant = (values[i + 1] - values[i]) / (times[i + 1] - times[i])
        if secant != 0.0:
            a, b = slope[i] / secant, slope[i + 1] / secant
            square = a * a + b * b
            if square > 9.0:
                factor = 3.0 / sqrt(square)
                slope[i] = factor * a * secant
                slope[i + 1] = factor * b * secant
    return slope


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
def evaluate(
    offsets: NDArray[np.int64], times: Array, values: Array, slope: Array, at: Array, out: NDArray[np.float64]
) -> None:
    """Fill out [n, channels] with the curves' values at the times `at` [n].

    Curve c has the keys offsets[c] .. offsets[c + 1] of `times`, `values` and `slope`; without keys it is 0.
    """
    for c in range(len(offsets) - 1):
        first, last = offsets[c], offsets[c + 1] - 1
        for n in range(len(at)):
            time = at[n]
            if last < first:
                out[n, c] = 0.0
            elif time <= times[first]:
                out[n, c] = values[first]
            elif time >= times[last]:
                out[n, c] = values[last]
            else:
                low, high = first, last
                while high - low > 1:
                    middle = (low + high) // 2
                    if times[middle] <= time:
                        low = middle
                    else:
                        high = middle
                out[n, c] = between(times, values, slope, low, time)


@jit
def reduce_samples(
    times: Array, values: Array, pinned: NDArray[np.bool_], tolerance: float
) -> NDArray[np.bool_]:
    """Which samples [n] to keep as keys so that their curve stays within `tolerance` of every sample.

    `pinned` [n] samples are always kept. Starts from the ends and pinned samples, and splits every interval
    at its worst sample until none is worse than `tolerance`.
    """
    count = len(times)
    kept = pinned.copy()
    kept[0] = kept[count - 1] = True
    while True:
        keys = np.flatnonzero(kept)
        t, v = times[keys], values[keys]
        slope = slopes(t, v)
        grown = False
        for i in range(len(keys) - 1):
            worst, place = tolerance, -1
            for n in range(keys[i] + 1, keys[i + 1]):
                error = abs(between(t, v, slope, i, times[n]) - values[n])
                if error > worst:
                    worst, place = error, n
            if place >= 0:
                kept[place] = grown = True
        if not grown:
            return kept
