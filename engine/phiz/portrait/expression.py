"""What the photo's face is doing: how far it smiles, how wide its mouth is, how open mouth and eyes are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.contours import Opening

__all__ = ["NEUTRAL_WIDTH", "Expression", "read_expression"]

# Millimetres between the mouth's corners of a face at rest (Farkas 1994); lip rows of the table are for it.
NEUTRAL_WIDTH = 52.0
FULL_SMILE_WIDTH = 16.0  # millimetres that a full smile adds
OPEN_GAP = 1.6  # millimetres between the inner lips above which landmark noise cannot explain a gap


@dataclass(frozen=True)
class Expression:
    """width: of the mouth in millimetres. gap: greatest between the inner lips in millimetres. smile: 0..1.
    eyes: opening of the right and left eye in millimetres. mouth_open: the inner lips are really apart."""

    width: float
    gap: float
    smile: float
    eyes: tuple[float, float]

    @property
    def neutral_width(self) -> float:
        """Width of the mouth without its smile, millimetres."""
        return self.width - FULL_SMILE_WIDTH * self.smile

    @property
    def mouth_open(self) -> bool:
        return self.gap > OPEN_GAP


def read_expression(mouth: Opening, eyes: tuple[Opening, Opening]) -> Expression:
    """Measure the contours of a face (face coordinates, millimetres)."""
    outer: NDArray[np.float64] = mouth.rings[2]
    width = float(np.hypot(*(outer[mouth.segments] - outer[0])))
    smile = float(np.clip((width - NEUTRAL_WIDTH) / FULL_SMILE_WIDTH, 0, 1))
    return Expression(
        width, float(mouth.gap.max()), smile, (float(eyes[0].gap.max()), float(eyes[1].gap.max()))
    )
