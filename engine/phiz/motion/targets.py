"""`Target`: a viseme on the time line, as arrays over the channels and parts of the mouth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.motion.viseme_table import Viseme, articulators

__all__ = ["FAMILIES", "LEAD", "PARTS", "PART_OF", "Target"]

LEAD = 0.02  # seconds the mouth is ahead of its sound, on top of every target's attack
FAMILIES = tuple(articulator.channel for articulator in articulators())  # "mouthSmile" is left and right
PARTS = tuple(sorted({articulator.part for articulator in articulators()}))
PART_OF = np.array([PARTS.index(articulator.part) for articulator in articulators()], np.int64)


@dataclass(frozen=True, eq=False)
class Target:
    """A viseme on the time line.

    start, end: seconds, LEAD ahead of the sound. weights: float64 [families], 0..1. dominance: float64
    [parts], 0..1.
    """

    viseme: Viseme
    start: float
    end: float
    weights: NDArray[np.float64]
    dominance: NDArray[np.float64]

    @property
    def middle(self) -> float:
        """Seconds of the middle of the sound."""
        return (self.start + self.end) / 2 + LEAD
