"""Likelihoods for a search that asks, frame by frame, for a few of all senones.

All Gaussians are mixed before; senones are weighed when they are asked for.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.speech.recognition.lexicon import Contexts
from phiz.speech.recognition.likelihood import Mixed, meanings, weigh
from phiz.speech.recognition.model import STATES, Acoustics

__all__ = [
    "NOTHING",
    "Heard",
    "Listener",
    "add_heard",
    "listen",
    "listener_of",
    "nothing_heard",
]

NOTHING = -1  # where a state listens for nothing; what is less stands for a blend


class Heard(NamedTuple):
    """mixed: of all frames. senone, blend: log likelihoods of senones and of blends of them at the frame that
    senone_of and blend_of say. senones, blends: those that are asked for.
    """

    mixed: Mixed
    senone: NDArray[np.float32]
    senone_of: NDArray[np.int32]
    blend: NDArray[np.float32]
    blend_of: NDArray[np.int32]
    senones: NDArray[np.int32]
    blends: NDArray[np.int32]


class Listener(NamedTuple):
    """What of `Acoustics` the search looks at; stay, leave: logarithms."""

    weights: NDArray[np.uint8]
    meanings: NDArray[np.float32]
    owner: NDArray[np.int64]
    senones: NDArray[np.int32]
    stay: NDArray[np.float32]
    leave: NDArray[np.float32]


def listener_of(model: Acoustics) -> Listener:
    """The parts of `model` that the search looks at."""
    return Listener(
        model.weights,
        meanings(),
        model.owner,
        model.senones,
        np.log1p(-model.leave),
        np.log(model.leave),
    )


def nothing_heard(model: Acoustics, contexts: Contexts, mixed: Mixed) -> Heard:
    """Nothing but what is mixed, and room for the rest."""
    senones, blends = len(model.owner), len(contexts.bounds) - 1
    return Heard(
        mixed,
        np.empty(senones, np.float32),
        np.full(senones, -1, np.int32),
        np.empty(blends, np.float32),
        np.full(blends, -1, np.int32),
        np.empty(senones, np.int32),
        np.empty(blends, np.int32),
    )


@jit
def listen(
    model: Listener,
    contexts: Contexts,
    t: int,
    active: NDArray[np.int32],
    asked: NDArray[np.int32],
    heard: Heard,
) -> None:
    """Find the log likelihoods at frame `t` of all that is asked for."""
    bounds, members = contexts.bounds, contexts.members
    senone_of, blend_of, senones, blends = heard.senone_of, heard.blend_of, heard.senones, heard.blends
    asked_senones, asked_blends = 0, 0
    for node in active:
        for s in range(STATES):
            first, last = 0, 1
            blend = NOTHING - 1 - asked[node, s]
            if blend >= 0:
                if blend_of[blend] == t:
                    continue
                blend_of[blend] = t
                blends[asked_blends] = blend
                asked_blends += 1
                first, last = bounds[blend], bounds[blend + 1]
            for k in range(first, last):
                senone = members[k] if blend >= 0 else asked[node, s]
                if senone != NOTHING and senone_of[senone] != t:
                    senone_of[senone] = t
                    senones[asked_senones] = senone
                    asked_senones += 1
    wanted = senones[:asked_senones]
    weigh(heard.mixed, t, model.weights, model.meanings, model.owner, wanted, heard.senone)
    _score_blends(contexts, blends[:asked_blends], heard.senone, heard.blend)


@jit
def _score_blends(
    contexts: Contexts, blends: NDArray[np.int32], senone: NDArray[np.float32], score: NDArray[np.float32]
) -> None:
    """Log of the mean likelihood of what a sound at a word's end may be, by the sounds that may follow."""
    bounds, members, shares = contexts.bounds, contexts.members, contexts.shares
    for blend in blends:
        top = np.float32(-np.inf)
        for k in range(bounds[blend], bounds[blend + 1]):
            top = max(top, senone[members[k]])
        total = np.float32(0.0)
        for k in range(bounds[blend], bounds[blend + 1]):
            total += shares[k] * np.exp(senone[members[k]] - top)
        score[blend] = top + np.log(total)


@jit
def add_heard(
    active: NDArray[np.int32],
    asked: NDArray[np.int32],
    senone: NDArray[np.float32],
    blend: NDArray[np.float32],
    score: NDArray[np.float32],
) -> np.float32:
    """Count in what is heard; the best path's score."""
    best = np.float32(-np.inf)
    for node in active:
        for s in range(STATES):
            if asked[node, s] == NOTHING:
                continue
            if asked[node, s] > NOTHING:
                score[node, s] += senone[asked[node, s]]
            else:
                score[node, s] += blend[NOTHING - 1 - asked[node, s]]
            best = max(best, score[node, s])
    return best
