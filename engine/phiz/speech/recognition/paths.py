"""The likeliest way through what may be said, and when each of its sounds begins.

A graph has a node for each sound in each context it may have; nodes are in order of time. The likeliest path
(Viterbi) says which pronunciations and pauses there are. Where one sound ends and the next begins is then the
mean over all ways to time that path (forward and backward), which is steadier than the likeliest time.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["entry_times", "likeliest_path"]

IMPOSSIBLE = -1e30
STAY = 255  # as a step back; other values count the nodes before


def likeliest_path(
    scores: NDArray[np.float32],
    columns: NDArray[np.int32],
    leave: NDArray[np.float32],
    before: Sequence[Sequence[int]],
    enter: NDArray[np.float32],
    first: NDArray[np.bool_],
    last: NDArray[np.bool_],
) -> tuple[list[int], list[int]]:
    """Nodes of the likeliest path, in order, and the frames in which it enters them; none when the sound is
    too short for any.

    scores: float32 [frames, senones], log likelihoods. columns: int32 [nodes, states], each state's column of
    them. leave: float32 [nodes, states], chance to leave a state at a frame. before: the nodes that may come
    before each; fewer than 255. enter: float32 [nodes], log chance of entering a node at all.
    first, last: bool [nodes], where paths may begin and end.
    """
    bounds = np.cumsum([0, *map(len, before)]).astype(np.int64)
    origins = np.array([node for nodes in before for node in nodes], np.int32)
    steps = np.zeros((len(scores), *columns.shape), np.uint8)
    end = _search(
        scores, columns, np.log1p(-leave), np.log(leave), bounds, origins, enter, first, last, steps
    )
    return _retrace(end, steps, bounds, origins)


@jit
def _search(
    scores: NDArray[np.float32],
    columns: NDArray[np.int32],
    stay: NDArray[np.float32],
    leave: NDArray[np.float32],
    bounds: NDArray[np.int64],
    origins: NDArray[np.int32],
    enter: NDArray[np.float32],
    first: NDArray[np.bool_],
    last: NDArray[np.bool_],
    steps: NDArray[np.uint8],
) -> int:
    """Fill `steps` [frames, nodes, states] and return the node in which the likeliest path ends, or -1."""
    nodes, states = columns.shape
    impossible = np.float32(IMPOSSIBLE)
    now = np.full((nodes, states), impossible, np.float32)
    then = np.empty((nodes, states), np.float32)
    for t in range(len(scores)):
        for n in range(nodes):
            for s in range(states - 1, 0, -1):
                score, moved = now[n, s] + stay[n, s], now[n, s - 1] + leave[n, s - 1]
                steps[t, n, s] = STAY
                if moved > score:
                    score = moved
                    steps[t, n, s] = 0
                then[n, s] = score + scores[t, columns[n, s]]
            score = now[n, 0] + stay[n, 0]
            steps[t, n, 0] = STAY
            if t == 0 and first[n]:
                score = enter[n]
            for j in range(bounds[n], bounds[n + 1]):
                origin = origins[j]
                moved = now[origin, states - 1] + leave[origin, states - 1] + enter[n]
                if moved > score:
                    score = moved
                    steps[t, n, 0] = j - bounds[n]
            then[n, 0] = score + scores[t, columns[n, 0]]
        now, then = then, now
    best, end = impossible / 2, -1
    for n in range(nodes):
        if last[n] and now[n, states - 1] > best:
            best, end = now[n, states - 1], n
    return end


def _retrace(
    end: int, steps: NDArray[np.uint8], bounds: NDArray[np.int64], origins: NDArray[np.int32]
) -> tuple[list[int], list[int]]:
    path, frames = ([end], [0]) if end >= 0 else ([], [])
    state = steps.shape[2] - 1
    for t in range(len(steps) - 1 if path else 0, 0, -1):
        step = steps[t, path[-1], state]
        if step == STAY:
            continue
        if state:
            state -= 1
        else:
            frames[-1] = t
            frames.append(0)
            path.append(int(origins[bounds[path[-1]] + step]))
            state = steps.shape[2] - 1
    return path[::-1], frames[::-1]


def entry_times(
    scores: NDArray[np.float32], columns: NDArray[np.int32], leave: NDArray[np.float32], overlap: float
) -> NDArray[np.float64]:
    """Mean frame [n], fractional, at which each of n sounds said one after another begins.

    scores: as in `likeliest_path`, one frame for each state at least. columns, leave: [n, states], of the
    sounds in order. overlap: how many frames hear the same sound and so must not count as so many witnesses.
    """
    if not len(columns):
        return np.zeros(0)
    chance = leave.reshape(-1).astype(np.float64)
    return _soft(scores, columns.reshape(-1), np.log1p(-chance), np.log(chance), 1.0 / overlap)[
        :: columns.shape[1]
    ]


@jit
def _soft(
    scores: NDArray[np.float32],
    columns: NDArray[np.int32],
    stay: NDArray[np.float64],
    leave: NDArray[np.float64],
    scale: float,
) -> NDArray[np.float64]:
    """Mean time of entering each state of a chain; only the band that can be reached is visited."""
    count, states = len(scores), len(columns)
    slack = count - states
    forward = np.full((states, slack + 1), IMPOSSIBLE)  # [s, k] is state s at frame s + k
    for s in range(states):
        for k in range(slack + 1):
            kept = forward[s, k - 1] + stay[s] if k else IMPOSSIBLE
            moved = forward[s - 1, k] + leave[s - 1] if s else (0.0 if k == 0 else IMPOSSIBLE)
            forward[s, k] = _added(kept, moved) + scale * scores[s + k, columns[s]]
    times = np.zeros(states)
    behind = np.full(slack + 1, IMPOSSIBLE)
    behind[slack] = 0.0
    total = forward[states - 1, slack]
    backward = np.empty(slack + 1)
    for s in range(states - 1, -1, -1):
        for k in range(slack, -1, -1):
            likely = scale * scores[s + k, columns[s]]
            kept = backward[k + 1] + stay[s] if k < slack else IMPOSSIBLE
            moved = behind[k] + leave[s] if s < states - 1 else behind[k]
            backward[k] = _added(kept, moved) + likely
        if s:
            for k in range(slack + 1):
                chance = np.exp(min(0.0, forward[s - 1, k] + leave[s - 1] + backward[k] - total))
                times[s] += chance * (s + k)
        behind, backward = backward, behind
    return times


@jit
def _added(one: float, other: float) -> float:
    """Logarithm of the sum of two numbers given by their logarithms."""
    high, low = max(one, other), min(one, other)
    if low < IMPOSSIBLE / 2:
        return high
    return float(high + np.log1p(np.exp(low - high)))
