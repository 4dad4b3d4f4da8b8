"""How likely one sound follows another."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.model import FILLERS, SILENCE

__all__ = ["any_pairs", "english_pairs"]

RARE = -60.0  # log chance of two sounds that English does not join


@cache
def any_pairs(count: int) -> NDArray[np.float64]:
    """Log chance [count, count] that a sound follows another, equal for all."""
    return np.full((count, count), -np.log(count))


@cache
def english_pairs(names: tuple[str, ...]) -> NDArray[np.float64]:
    """Log chance [C, C] that the second sound follows the first, by pocketsphinx's table of English."""
    import pocketsphinx

    model = pocketsphinx.NGramModel.readfile(pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin"))
    natural = pocketsphinx.LogMath().log_to_ln
    known = [SILENCE if name in FILLERS else name for name in names]
    pairs = np.array([[natural(model.prob([after, before])) for after in known] for before in known])
    return np.maximum(pairs, RARE)
