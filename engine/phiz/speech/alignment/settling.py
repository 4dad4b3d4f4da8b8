"""Borders between sounds, settled on what is to be heard there: each sound as even in itself as can be.

Dynamic warping tells which sound a frame belongs to better than where exactly the border runs. Here every
border may move a little, so that the spectrum within each sound varies the least (the change points of
Andre-Obrecht 1988 and of Svendsen & Soong 1987, with a prior for each), and all of them are chosen at once.
"""

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.speech.alignment.features import HOP

__all__ = ["even_cut", "settle"]

WEIGHT = (
    0.01  # of a unit of scatter, against the square of a border's standard deviations from where it should be
)
LEVEL = 0.5  # of the first cepstrum: loudness changes inside sounds too
SHORTEST = 3  # frames of a sound
FAR = 1e30


def settle(
    cepstra: NDArray[np.float64],
    edges: NDArray[np.float64],
    free: NDArray[np.bool_],
    hints: NDArray[np.float64],
    deviations: NDArray[np.float64],
    reach: tuple[float, float],
) -> NDArray[np.float64]:
    """Borders [n + 1] in seconds of n sounds in a row, moved to where they are heard.

    cepstra: [frames, d], each around a multiple of `HOP` seconds. edges: [n + 1], ascending, seconds. free:
    [n + 1], which may move; the ends may not. hints: [h, n + 1], where each border should be, in seconds, by
    several opinions, nan for none; deviations: [h], how far off, in seconds, each opinion commonly is.
    reach: seconds that a border may move to earlier and to later.
    """
    if len(edges) < 3:
        return edges
    weighted = cepstra * np.concatenate([[LEVEL], np.ones(cepstra.shape[1] - 1)])
    total = np.vstack([np.zeros(weighted.shape[1]), np.cumsum(weighted, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((weighted**2).sum(axis=1))])
    places = edges / HOP + 0.5  # number of frames before the border
    first = np.where(free, np.ceil(places - reach[0] / HOP), np.rint(places)).astype(np.int64)
    last = np.where(free, np.floor(places + reach[1] / HOP), np.rint(places)).astype(np.int64)
    first[[0, -1]] = last[[0, -1]] = np.rint(places[[0, -1]]).astype(np.int64)
    first, last = np.clip(first, 0, len(cepstra)), np.clip(last, 0, len(cepstra))
    chosen = choose(total, squares, first, last, hints / HOP + 0.5, deviations / HOP)
    moved = np.where(last > first, (chosen - 0.5) * HOP, edges)
    result: NDArray[np.float64] = np.maximum.accumulate(np.clip(moved, edges[0], edges[-1]))
    return result


@jit
def choose(
    total: NDArray[np.float64],
    squares: NDArray[np.float64],
    first: NDArray[np.int64],
    last: NDArray[np.int64],
    hints: NDArray[np.float64],
    deviations: NDArray[np.float64],
) -> NDArray[np.int64]:
    """The best frame for each border between `first` and `last`; a border too near another costs dearly."""
    count, width = len(first), 1
    for i in range(count):
        width = max(width, last[i] - first[i] + 1)
    best = np.full((count, width), FAR)
    origin = np.zeros((count, width), np.int64)
    best[0, : last[0] - first[0] + 1] = 0.0
    for i in range(1, count):
        for x in range(first[i], last[i] + 1):
            own = 0.0
            for h in range(len(hints)):
                if first[i] < last[i] and not np.isnan(hints[h, i]):
                    own += ((x - hints[h, i]) / deviations[h]) ** 2
            for y in range(first[i - 1], last[i - 1] + 1):
                cost = best[i - 1, y - first[i - 1]] + own + WEIGHT * scatter(total, squares, y, x)
                if x - y < SHORTEST:
                    cost += 1e6 * (SHORTEST - (x - y))
                if cost < best[i, x - first[i]]:
                    best[i, x - first[i]] = cost
                    origin[i, x - first[i]] = y
    chosen = np.empty(count, np.int64)
    chosen[-1] = first[-1] + np.argmin(best[-1, : last[-1] - first[-1] + 1])
    for i in range(count - 1, 0, -1):
        chosen[i - 1] = origin[i, chosen[i] - first[i]]
    return chosen


@jit
def scatter(total: NDArray[np.float64], squares: NDArray[np.float64], start: int, end: int) -> float:
    """Sum of squared distances of the frames from `start` to `end` (excluded) from their mean."""
    if end <= start:
        return 0.0
    inside = 0.0
    for c in range(total.shape[1]):
        difference = total[end, c] - total[start, c]
        inside += difference * difference
    return float(squares[end] - squares[start] - inside / (end - start))


def even_cut(cepstra: NDArray[np.float64], start: float, end: float) -> float:
    """The time between `start` and `end` (seconds) that parts the frames there into two even halves best."""
    low, high = round(start / HOP) + 1, round(end / HOP)
    if high - low < 2 * SHORTEST:
        return (start + end) / 2
    part = cepstra[low:high]
    total = np.vstack([np.zeros(part.shape[1]), np.cumsum(part, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((part**2).sum(axis=1))])
    places = range(SHORTEST, high - low - SHORTEST + 1)
    costs = [scatter(total, squares, 0, k) + scatter(total, squares, k, high - low) for k in places]
    return (low + places[int(np.argmin(costs))] - 0.5) * HOP
