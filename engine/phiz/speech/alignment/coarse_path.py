"""The best way through a recording and its text at once, where either may hold what the other lacks.

Time runs with the recording. A frame of it lies on a frame of the reference, which goes on by none, one or
two frames, or it lies in a gap between two units of the text (words, or several): a pause, noise, other
speech. Whole units can be passed over in a gap. Memory is bounded: how cells were reached is kept for one
block of the recording at a time, and found anew from rows kept at the blocks' beginnings (Grice, Hughey &
Speck 1997, "Reduced space sequence alignment").
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["Costs", "Way", "find_way"]

Floats = NDArray[np.float32]
Whole = NDArray[np.int32]
Bytes = NDArray[np.uint8]

FAR = np.float32(1e30)
BLOCK = 16_000_000  # cells whose steps are kept at once, a byte each
STRIP, TILE = 16, 512  # rows and columns whose distances are found at once
STAY, STEP, LEAP, FROM_GAP = range(4)  # how a cell on the reference was reached
GAP_ON, INTO_GAP, PASSED = range(3)  # how a cell in a gap was


class Costs(NamedTuple):
    """What gaps cost, float32, in distances of frames.

    gap: [n] of a frame that lies in a gap. enter: [units + 1], of beginning a gap before each unit and after
    the last. passed: [units] of passing over a unit.
    """

    gap: Floats
    enter: Floats
    passed: Floats


class Way(NamedTuple):
    """The best way.

    place: int32 [n], the reference frame of each frame, or -1 - k in a gap before unit k, which may be passed
    over after it. passed: bool [units]. cost: of all.
    """

    place: Whole
    passed: NDArray[np.bool_]
    cost: float


class Band(NamedTuple):
    """Where frame t may lie, int32 [n] each; none falls.

    low, high: on reference frames low[t] to high[t] (excluded). first, last: in gaps first[t] to last[t]
    (excluded).
    """

    low: Whole
    high: Whole
    first: Whole
    last: Whole


def find_way(
    recording: Floats, reference: Floats, starts: NDArray[np.int64], costs: Costs, low: Whole, high: Whole
) -> Way:
    """The way of least cost; distances are Euclidean.

    recording: features [n, d], d a multiple of 4. reference: features [m, d]. starts: [units + 1] the units'
    first frames in the reference, ascending, m at the end. low, high: [n], the band: frame t may lie on
    reference frames low[t] to high[t] (excluded), and in gaps between them; neither falls; low[0] is 0,
    high[n - 1] is m.
    """
    n, m, units = len(recording), len(reference), len(starts) - 1
    rows, columns = np.ascontiguousarray(recording), np.ascontiguousarray(reference.T)
    first = np.searchsorted(starts, low, side="left").astype(np.int32)
    last = np.searchsorted(starts, high, side="right").astype(np.int32)
    band = Band(low, high, first, last)
    width, gaps = int((high - low).max()), int((last - first).max())
    count = min(n, max(64, BLOCK // (width + gaps)))
    begins = list(range(0, n, count))
    steps = np.empty((count, width), np.uint8)
    turns = np.empty((count, gaps), np.uint8)
    state = np.full(m + 2, FAR, np.float32), np.full(units + 1, FAR, np.float32)
    kept = []
    for begin in begins:
        kept.append((state[0].copy(), state[1].copy()))
        fill(rows, columns, starts, costs, band, *state, begin, min(begin + count, n), steps, turns)
    at_end, in_gap = float(state[0][m + 1]), float(state[1][units])
    way = Way(np.empty(n, np.int32), np.zeros(units, np.bool_), min(at_end, in_gap))
    at = -1 - units if in_gap <= at_end else m - 1
    for number in reversed(range(len(begins))):
        begin, end = begins[number], min(begins[number] + count, n)
        if number < len(begins) - 1:
            fill(rows, columns, starts, costs, band, *kept[number], begin, end, steps, turns)
        at = trace(starts, band, begin, end, steps, turns, at, way.place, way.passed)
    return way


@jit
def distances(rows: Floats, columns: Floats, a: int, b: int, cost: Floats) -> None:
    """Write the distance of each row [r, d] to columns a to b (excluded) of `columns` [d, m]; d is 4 n.

    Tiles stay in the processor's cache, and slices that begin at 0 let the compiler use vector instructions.
    """
    for tile in range(a, b, TILE):
        stop = min(tile + TILE, b)
        for t in range(len(rows)):
            out = cost[t, tile:stop]
            out[:] = 0.0
            for k in range(0, len(columns), 4):
                p, q, r, s = rows[t, k], rows[t, k + 1], rows[t, k + 2], rows[t, k + 3]
                c0, c1 = columns[k, tile:stop], columns[k + 1, tile:stop]
                c2, c3 = columns[k + 2, tile:stop], columns[k + 3, tile:stop]
                for j in range(len(out)):
                    d0, d1, d2, d3 = p - c0[j], q - c1[j], r - c2[j], s - c3[j]
                    out[j] += d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3
            for j in range(len(out)):
                out[j] = np.sqrt(out[j])


@jit
def advance(before: Floats, apart: Floats, now: Floats, steps: Bytes) -> None:
    """One frame's step on the reference. before: [b + 2], two cells more to the left; apart, now: [b]."""
    two, one, none = before[: len(apart)], before[1 : len(apart) + 1], before[2:]
    for j in range(len(apart)):
        stay = none[j]
        best = one[j] if one[j] < stay else stay
        best = two[j] if two[j] < best else best
        now[j] = best + apart[j]
        steps[j] = np.uint8(STAY) if best == stay else (np.uint8(STEP) if best == one[j] else np.uint8(LEAP))


@jit
def rest_on(
    speech: Floats, rest: Floats, resting: Floats, starts: NDArray[np.int64], costs: Costs, band: Band,
    t: int, turns: Bytes,
) -> None:  # fmt: skip
    """One frame's step in the gaps: write `resting` and `turns` (counted from the band's first gap)."""
    for k in range(band.first[t], band.last[t]):
        best, how = rest[k], GAP_ON
        if k > 0 and speech[starts[k] + 1] + costs.enter[k] < best:
            best, how = speech[starts[k] + 1] + costs.enter[k], INTO_GAP
        if k == 0 and t == 0:
            best = costs.enter[0]
        best += costs.gap[t]
        if k > band.first[t] and resting[k - 1] + costs.passed[k - 1] < best:
            best, how = resting[k - 1] + costs.passed[k - 1], PASSED
        resting[k] = best
        turns[k - band.first[t]] = how


@jit
def fill(
    recording: Floats, columns: Floats, starts: NDArray[np.int64], costs: Costs, band: Band, speech: Floats,
    rest: Floats, begin: int, end: int, steps: Bytes, turns: Bytes,
) -> None:  # fmt: skip
    """Bring `speech` [m + 2] (two cells that stay far, then the reference) and `rest` [units + 1] to end - 1.

    They hold the costs at frame begin - 1. steps, turns: how each cell of the rows was reached, counted from
    the band's first.
    """
    cost = np.empty((STRIP, columns.shape[1]), np.float32)
    now = np.full(len(speech), FAR, np.float32)
    resting = np.full(len(rest), FAR, np.float32)
    for t in range(begin, end):
        a, b, row = band.low[t], band.high[t], t - begin
        if row % STRIP == 0:
            stop = min(t + STRIP, end)
            distances(recording[t:stop], columns, a, band.high[stop - 1], cost)
        apart = cost[row % STRIP]
        advance(speech[a : b + 2], apart[a:b], now[a + 2 : b + 2], steps[row])
        if t == 0:
            now[2] = apart[0]
        for k in range(band.first[t], band.last[t]):
            j = starts[k]
            if j < b and rest[k] + apart[j] < now[j + 2]:
                now[j + 2] = rest[k] + apart[j]
                steps[row, j - a] = FROM_GAP
        rest_on(speech, rest, resting, starts, costs, band, t, turns[row])
        before = max(0, t - 1)
        speech[band.low[before] + 2 : a + 2] = FAR
        speech[a + 2 : b + 2] = now[a + 2 : b + 2]
        rest[band.first[before] : band.first[t]] = FAR
        rest[band.first[t] : band.last[t]] = resting[band.first[t] : band.last[t]]


@jit
def trace(
    starts: NDArray[np.int64], band: Band, begin: int, end: int, steps: Bytes, turns: Bytes, at: int,
    place: Whole, passed: NDArray[np.bool_],
) -> int:  # fmt: skip
    """Write `place` and `passed` of frames end - 1 down to begin; where frame begin - 1 is.

    at: where frame end - 1 is, as in `Way.place`.
    """
    for back in range(end - begin):
        t = end - 1 - back
        if at < 0:
            gap = -1 - at
            how = turns[t - begin, gap - band.first[t]]
            while how == PASSED:
                gap -= 1
                passed[gap] = True
                how = turns[t - begin, gap - band.first[t]]
            place[t] = -1 - gap
            at = starts[gap] - 1 if how == INTO_GAP else -1 - gap
        else:
            place[t] = at
            how = steps[t - begin, at - band.low[t]]
            at = -1 - int(np.searchsorted(starts, at)) if how == FROM_GAP else at - how
    return at
