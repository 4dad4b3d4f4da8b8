"""Numba kernels of coarticulation: blend targets by dominance, smooth, and hold what must be reached.

Only + - * / in a fixed order, so every machine computes the same bits.
"""

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["blend", "hold", "smooth"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@jit
def blend(
    times: Array, spans: Array, reaches: Array, dominance: Array, weights: Array, parts: Indices, out: Array
) -> None:
    """Fill out [n, channels] with the mean of all targets' weights, weighted by how dominant each is at times
    [n].

    spans [s, 2]: start and end of each target in seconds, ascending. reaches [s, 2]: attack and release in
    seconds, at most 0.5. dominance [s, parts], weights [s, channels], parts [channels]: which part moves each
    channel. A target's dominance is full in its span and falls to 0 over its reach as (1 - u^2)^3; Cohen and
    Massaro's exponential does not end, which keeps lips from ever resting.
    """
    count, channels = len(spans), len(parts)
    longest = reaches.max()
    total = np.empty(dominance.shape[1])
    first = 0
    for n in range(len(times)):
        time = times[n]
        while first < count and spans[first, 1] + longest <= time:
            first += 1
        total[:] = 1e-9  # keeps times that nothing reaches at 0
        out[n, :] = 0.0
        for s in range(first, count):
            if spans[s, 0] - longest >= time:
                break
            if time < spans[s, 0]:
                u = (spans[s, 0] - time) / reaches[s, 0]
            elif time > spans[s, 1]:
                u = (time - spans[s, 1]) / reaches[s, 1]
            else:
                u = 0.0
            if u < 1.0:
                fall = 1.0 - u * u
                fall = fall * fall * fall
                for part in range(len(total)):
                    total[part] += fall * dominance[s, part]
                for c in range(channels):
                    out[n, c] += fall * dominance[s, parts[c]] * weights[s, c]
        for c in range(channels):
            out[n, c] /= total[parts[c]]


@jit
def smooth(values: Array, halves: Indices) -> Array:
    """Values [n, channels], each channel averaged over halves[c] samples to either side with weights (1 -
    u^2)^2.

    This bounds how fast anything moves, and makes short targets undershoot as fast speech does.
    """
    count, channels = values.shape
    out = np.empty((count, channels))
    for c in range(channels):
        half = halves[c]
        window = np.empty(2 * half + 1)
        for k in range(2 * half + 1):
            u = (k - half) / (half + 1)
            window[k] = (1.0 - u * u) * (1.0 - u * u)
        window /= window.sum()
        for n in range(count):
            total = 0.0
            for k in range(2 * half + 1):
                total += window[k] * values[min(max(n + k - half, 0), count - 1), c]
            out[n, c] = total
    return out


@jit
def hold(
    times: Array, values: Array, plateaus: Array, ramps: Array, targets: Array, held: NDArray[np.bool_]
) -> None:
    """Pull values [n, channels] to targets [h, channels] during plateaus [h, 2] (seconds), where held [h,
    channels].

    ramps [h, 2]: seconds over which each pull comes on before and fades after its plateau, along 3u^2 - 2u^3.
    Later holds win over earlier ones. Plateaus may start and end anywhere, also outside the times, which
    ascend evenly.
    """
    count = len(times)
    if count < 2:
        return
    step = times[1] - times[0]
    for h in range(len(plateaus)):
        begin, end = plateaus[h, 0] - ramps[h, 0], plateaus[h, 1] + ramps[h, 1]
        for n in range(max(int(begin / step), 0), min(int(end / step) + 2, count)):
            time, pull = times[n], 1.0
            if time < plateaus[h, 0]:
                pull = max(0.0, (time - begin) / ramps[h, 0])
            elif time > plateaus[h, 1]:
                pull = max(0.0, (end - time) / ramps[h, 1])
            pull = pull * pull * (3.0 - 2.0 * pull)
            for c in range(values.shape[1]):
                if held[h, c]:
                    values[n, c] = pull * targets[h, c] + (1.0 - pull) * values[n, c]
