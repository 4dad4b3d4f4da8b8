"""Which sound is heard at each moment, when nothing is known of what is said.

Any sound may follow any other, with chances that a table of pairs may give. Every way to cut the recording
into sounds counts by its likelihood (forward and backward), which gives each sound a probability at each
moment. The row of sounds is then chosen so that as much time as can be expected shows the right shape of the
mouth.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["best_row", "chances"]

SHORTEST = 3  # frames of a sound: one for each of its states
CHANGE = 0.5  # frames' worth of certainty that a further sound must add
EXACT = 0.1  # worth of the right sound beside that of the right shape
IMPOSSIBLE = -1e30


def chances(
    scores: NDArray[np.float32], leave: NDArray[np.float32], follow: NDArray[np.float64], scale: float
) -> NDArray[np.float64]:
    """Probability [frames, C] of each of C sounds at each frame.

    scores: float32 [frames, C, STATES], log likelihoods. leave: [C, STATES], chance to leave a state at a
    frame. follow: [C, C], log chance that the second sound comes after the first. scale: exponent of scores
    and stays, as frames that overlap are no independent witnesses.
    """
    levelled = np.exp(scale * (scores.astype(np.float64) - scores.max(axis=(1, 2), keepdims=True)))
    stay = (1.0 - leave.astype(np.float64)) ** scale
    result = np.empty(scores.shape[:2])
    _smooth(levelled, stay, leave.astype(np.float64) ** scale, np.exp(follow), result)
    return result


@jit
def _smooth(
    likely: NDArray[np.float64],
    stay: NDArray[np.float64],
    leave: NDArray[np.float64],
    follow: NDArray[np.float64],
    result: NDArray[np.float64],
) -> None:
    """Forward and backward through the loop, each frame's numbers scaled to a sum of 1."""
    count, sounds, states = likely.shape
    forward = np.zeros((count, sounds, states))
    entering = np.full(sounds, 1.0 / sounds)
    for t in range(count):
        if t:
            entering[:] = 0.0
            for c in range(sounds):
                left = forward[t - 1, c, states - 1] * leave[c, states - 1]
                for d in range(sounds):
                    entering[d] += left * follow[c, d]
        total = 0.0
        for c in range(sounds):
            arriving = entering[c]
            for s in range(states):
                kept = forward[t - 1, c, s] * stay[c, s] if t else 0.0
                forward[t, c, s] = (kept + arriving) * likely[t, c, s]
                total += forward[t, c, s]
                arriving = forward[t - 1, c, s] * leave[c, s] if t else 0.0
        forward[t] /= total
    backward = np.ones((sounds, states))
    heard = np.empty((sounds, states))
    for t in range(count - 1, -1, -1):
        total = 0.0
        for c in range(sounds):
            result[t, c] = 0.0
            for s in range(states):
                result[t, c] += forward[t, c, s] * backward[c, s]
            total += result[t, c]
        result[t] /= total
        total = 0.0
        for c in range(sounds):
            for s in range(states):
                heard[c, s] = backward[c, s] * likely[t, c, s]
        for c in range(sounds):
            after = 0.0
            for d in range(sounds):
                after += follow[c, d] * heard[d, 0]
            for s in range(states):
                moved = heard[c, s + 1] if s < states - 1 else after
                backward[c, s] = stay[c, s] * heard[c, s] + leave[c, s] * moved
                total += backward[c, s]
        backward /= total


def best_row(chance: NDArray[np.float64], shapes: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(sound, first frame, last frame excluded) of the row of sounds that is expected to show most.

    chance: [frames, C], as `chances` gives it. shapes: int [C], equal for sounds that look alike.
    """
    alike = shapes[:, None] == shapes[None, :]
    worth = np.einsum("tc,cd->td", chance, alike.astype(np.float64)) + EXACT * chance
    labels = _labelled(worth)
    edges = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    return [(int(labels[a]), a, b) for a, b in pairwise(edges) if b > a]


@jit
def _labelled(worth: NDArray[np.float64]) -> NDArray[np.int64]:
    """The sound [frames] of each frame: most worth in sum, none shorter than `SHORTEST`."""
    count, sounds = worth.shape
    value = np.full((sounds, SHORTEST), IMPOSSIBLE)
    then = np.empty((sounds, SHORTEST))
    origin = np.zeros((count, sounds), np.int64)  # the sound before, for a sound that begins here
    longer = np.zeros((count, sounds), np.bool_)  # whether a sound of full age was so before
    last = SHORTEST - 1
    for t in range(count):
        best, come_from = (0.0, 0) if t == 0 else (IMPOSSIBLE, 0)
        for c in range(sounds):
            if value[c, last] > best:
                best, come_from = value[c, last], c
        for c in range(sounds):
            then[c, 0] = best - CHANGE + worth[t, c]
            origin[t, c] = come_from
            for age in range(1, SHORTEST):
                then[c, age] = value[c, age - 1] + worth[t, c]
            if value[c, last] + worth[t, c] > then[c, last]:
                then[c, last] = value[c, last] + worth[t, c]
                longer[t, c] = True
        value, then = then, value
    labels = np.zeros(count, np.int64)
    sound, age = np.argmax(value[:, last]), last
    for t in range(count - 1, -1, -1):
        labels[t] = sound
        if age == 0:
            sound, age = origin[t, sound], last
        elif age < last or not longer[t, sound]:
            age -= 1
    return labels
