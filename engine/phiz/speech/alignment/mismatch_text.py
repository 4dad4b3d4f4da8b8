"""Whether a text is what is said in a recording at all: whether it fits better than it does backwards."""

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.coarse import AT_ONCE, by_chance, compared, distance
from phiz.speech.alignment.coarse_path import Costs, find_way
from phiz.speech.alignment.transcript import Transcript

__all__ = ["fit_of"]

PATIENCE = 3.0  # chance distances of a frame that a pause may cost: what is said has to lie on the text


def fit_of(power: NDArray[np.float32], transcript: Transcript) -> float | None:
    """How much nearer, in chance distances, the recording lies to its text than to the text backwards.

    power: [n, bands], the recording's `rough_power`. None for what is too long to lay on each other whole.
    About 0.2 for a right text and 0.0 for a wrong one; the less is said, the more that varies.
    """
    count = len(transcript.power)
    if len(power) * count > AT_ONCE:
        return None
    forwards = _unlike(power, transcript.power, transcript.starts)
    return _unlike(power, transcript.power[::-1], count - transcript.starts[::-1]) - forwards


def _unlike(power: NDArray[np.float32], reference: NDArray[np.float32], starts: NDArray[np.int64]) -> float:
    """Distance of what lies on the reference, all of which has to be said, in chance distances."""
    heard, said, empty = compared(power, reference)
    chance = by_chance(heard, said)
    n, m, words = len(heard), len(said), len(starts) - 1
    gap = np.minimum(chance * np.float32(PATIENCE), distance(heard, empty))
    never = np.full(words, np.finfo(np.float32).max / 4, np.float32)
    costs = Costs(gap, np.zeros(words + 1, np.float32), never)
    place = find_way(heard, said, starts, costs, np.zeros(n, np.int32), np.full(n, m, np.int32)).place
    on = place >= 0
    return float(distance(heard[on], said[place[on]]).sum() / max(chance[on].sum(), 1e-9))
