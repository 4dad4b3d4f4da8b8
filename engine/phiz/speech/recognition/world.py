"""Sounds of all languages as espeak-ng speaks them, beside the English model's.

The English model knows real voices, but only English ones. This one knows a synthesiser's voices, but all
languages: a Gaussian for each third of each sound (`phonemes/world_sounds.csv`, made by
bench/world_sounds.py). Alone it is much the worse of the two; asked together they do better than either on
every language tried but English.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.data import table
from phiz.speech.recognition.model import FILLERS, SILENCE, STATES

__all__ = ["with_world", "world_scores"]

WORLD = 0.25  # how much the sounds of all languages have to say beside the English model's, of 1

NOISE = 5.0  # nats by which noise of a speaker is less likely than silence; no synthesiser makes any
UNKNOWN = 10.0  # nats by which a sound too rare to be measured is behind the likeliest


def with_world(
    scores: NDArray[np.float32], features: NDArray[np.float32], names: tuple[str, ...]
) -> NDArray[np.float32]:
    """The English model's log likelihoods [frames, C, STATES] of `names`, mixed with `world_scores`."""
    return (scores + WORLD * (world_scores(features, names) - scores)).astype(np.float32)


def world_scores(features: NDArray[np.float32], names: tuple[str, ...]) -> NDArray[np.float64]:
    """Log likelihood [frames, C, STATES] of each of the sounds `names`. features: [frames, 3, 13]."""
    mean, spread, known = _gaussians(names)
    heard = features.reshape(len(features), -1).astype(np.float64)
    weight = spread**-2.0
    # not a matrix product: the bits of that may depend on how many threads share it
    apart = np.einsum("td,sd->ts", heard**2, weight) - 2 * np.einsum("td,sd->ts", heard, mean * weight)
    constant = (mean**2 * weight).sum(axis=1) + np.log(2 * np.pi * spread**2).sum(axis=1)
    scores = (-0.5 * (apart + constant)).reshape(len(heard), len(names), STATES)
    known = known.reshape(len(names), STATES)
    best = scores[:, known].max(axis=1)
    scores[:, ~known] = best[:, None] - UNKNOWN
    for number, name in enumerate(names):
        if name in FILLERS and name != SILENCE:
            scores[:, number] = scores[:, names.index(SILENCE)] - NOISE
    return scores


@cache
def _gaussians(
    names: tuple[str, ...],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Mean and spread [C * STATES, 39], and which are known."""
    rows = {(row["sound"], int(row["state"])): row for row in table("world_sounds")}
    size = sum(column.startswith("mean") for column in next(iter(rows.values())))
    mean, spread = np.zeros((len(names) * STATES, size)), np.ones((len(names) * STATES, size))
    known = np.zeros(len(names) * STATES, np.bool_)
    for (name, state), row in rows.items():
        number = names.index(name) * STATES + state
        mean[number] = [float(row[f"mean{k}"]) for k in range(size)]
        spread[number] = [float(row[f"spread{k}"]) for k in range(size)]
        known[number] = True
    return mean, spread, known
