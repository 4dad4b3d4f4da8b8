"""How likely one sound follows another."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.data import table
from phiz.speech.recognition.model import FILLERS, SILENCE

__all__ = ["english_pairs", "world_pairs"]

TRUST = 20  # pairs that count as seen, spread as sounds are whatever comes before: few were really seen
RARE = -60.0  # log chance of two sounds that English does not join


@cache
def world_pairs(names: tuple[str, ...]) -> NDArray[np.float64]:
    """Log chance [C, C] that the second sound follows the first in any language (`world_pairs.csv`)."""
    known = {SILENCE if name in FILLERS else name for name in names}
    count = {(row["before"], row["after"]): int(row["count"]) for row in table("world_pairs")}
    often = {name: 1 + sum(n for (_, after), n in count.items() if after == name) for name in known}
    total = sum(often.values())
    result = np.empty((len(names), len(names)))
    for i, before in enumerate(names):
        before = SILENCE if before in FILLERS else before
        size = TRUST + sum(count.get((before, after), 0) for after in known)
        for j, after in enumerate(names):
            after = SILENCE if after in FILLERS else after
            result[i, j] = (count.get((before, after), 0) + TRUST * often[after] / total) / size
    return np.log(result / result.sum(axis=1, keepdims=True))


@cache
def english_pairs(names: tuple[str, ...]) -> NDArray[np.float64]:
    """Log chance [C, C] that the second sound follows the first, by pocketsphinx's table of English."""
    import pocketsphinx

    model = pocketsphinx.NGramModel.readfile(pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin"))
    natural = pocketsphinx.LogMath().log_to_ln
    known = [SILENCE if name in FILLERS else name for name in names]
    pairs = np.array([[natural(model.prob([after, before])) for after in known] for before in known])
    return np.maximum(pairs, RARE)
