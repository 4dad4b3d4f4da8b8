"""Likelihoods for a search that asks, frame by frame, for a few of all senones.

All Gaussians are mixed, a block of frames at a time; senones are weighed when they are asked for.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.speech.recognition.lexicon import Contexts
from phiz.speech.recognition.likelihood import FLOOR, meanings, mix
from phiz.speech.recognition.model import STATES, Acoustics

__all__ = [
    "BLOCK",
    "NOTHING",
    "Heard",
    "Listener",
    "add_heard",
    "listen",
    "listener_of",
    "mix_block",
    "nothing_heard",
]

BLOCK = 16  # frames
NOTHING = -1  # where a state listens for nothing; what is less stands for a blend


class Heard(NamedTuple):
    """What is known of some frames: best, counts [frames, C, 3], near, share [frames, C, 3, 128]: what `mix`
    gives. senone, blend: log likelihoods of senones and of blends of them at the frame that senone_of and
    blend_of say. senones, blends: those that are asked for.
    """

    best: NDArray[np.float32]
    counts: NDArray[np.int32]
    near: NDArray[np.uint8]
    share: NDArray[np.float32]
    senone: NDArray[np.float32]
    senone_of: NDArray[np.int32]
    blend: NDArray[np.float32]
    blend_of: NDArray[np.int32]
    senones: NDArray[np.int32]
    blends: NDArray[np.int32]


class Listener(NamedTuple):
    """What of `Acoustics` the search looks at; stay, leave: logarithms."""

    constant: NDArray[np.float32]
    linear: NDArray[np.float32]
    square: NDArray[np.float32]
    weights: NDArray[np.uint8]
    meanings: NDArray[np.float32]
    owner: NDArray[np.int64]
    senones: NDArray[np.int32]
    stay: NDArray[np.float32]
    leave: NDArray[np.float32]


def listener_of(model: Acoustics) -> Listener:
    """The parts of `model` that the search looks at."""
    return Listener(
        model.constant,
        model.linear,
        model.square,
        model.weights,
        meanings(),
        model.owner,
        model.senones,
        np.log1p(-model.leave),
        np.log(model.leave),
    )


def nothing_heard(model: Acoustics, contexts: Contexts) -> Heard:
    """Room for what is heard."""
    shape = BLOCK, *model.constant.shape
    blends = len(contexts.bounds) - 1
    return Heard(
        np.empty(shape[:-1], np.float32),
        np.empty(shape[:-1], np.int32),
        np.empty(shape, np.uint8),
        np.empty(shape, np.float32),
        np.empty(len(model.owner), np.float32),
        np.full(len(model.owner), -1, np.int32),
        np.empty(blends, np.float32),
        np.full(blends, -1, np.int32),
        np.empty(len(model.owner), np.int32),
        np.empty(blends, np.int32),
    )


@jit
def mix_block(model: Listener, features: NDArray[np.float32], heard: Heard) -> None:
    """Mix all Gaussians at some frames: a set of them stays near the processor that long."""
    constant, linear, square = model.constant, model.linear, model.square
    best, counts, near, share = heard.best, heard.counts, heard.near, heard.share
    density = np.empty(constant.shape[2], np.float32)
    for sound in range(constant.shape[0]):
        for stream in range(constant.shape[1]):
            still, slope, curve = constant[sound, stream], linear[sound, stream], square[sound, stream]
            for t in range(len(features)):
                kept, part = near[t, sound, stream], share[t, sound, stream]
                top, number = mix(features[t, stream], still, slope, curve, density, kept, part)
                best[t, sound, stream], counts[t, sound, stream] = top, number


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
    _score_senones(model, t % BLOCK, senones[:asked_senones], heard)
    _score_blends(contexts, blends[:asked_blends], heard.senone, heard.blend)


@jit
def _score_senones(model: Listener, u: int, senones: NDArray[np.int32], heard: Heard) -> None:
    """Log likelihoods of `senones` at frame `u` of those mixed."""
    owner, weights, meaning = model.owner, model.weights, model.meanings
    best, counts, near, share, score = heard.best, heard.counts, heard.near, heard.share, heard.senone
    for senone in senones:
        sound = owner[senone]
        product, level = np.float64(1.0), np.float32(0.0)
        for stream in range(best.shape[2]):
            total = np.float32(FLOOR)
            for j in range(counts[u, sound, stream]):
                weight = meaning[weights[senone, stream, near[u, sound, stream, j]]]
                total += share[u, sound, stream, j] * weight
            product *= total
            level += best[u, sound, stream]
        score[senone] = np.float32(np.log(product)) + level


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
