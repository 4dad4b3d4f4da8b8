"""Landmarks of several layouts as the 68 of iBUG: FaceMesh's 468 or 478, or just five points."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.data import table
from phiz.portrait.five_points import fit_five

__all__ = ["FIVE", "IBUG", "LAYOUTS", "all_landmarks"]

Array = NDArray[np.float64]

IBUG, FIVE = 68, 5
FACEMESH = (468, 478)  # without and with the irises
LAYOUTS = "68 (iBUG), 478 or 468 (FaceMesh) or 5 (eyes, nose tip, mouth corners)"


def all_landmarks(points: Array) -> Array:
    """The 68 landmarks, float64 [68, 2], that points [68 or 468 or 478 or 5, 2] stand for.

    Raises FaceError for five points that do not lie like a face, ValueError for another count.
    """
    if len(points) == IBUG:
        return points
    if len(points) == FIVE:
        return fit_five(points)
    if len(points) not in FACEMESH:
        raise ValueError(f"{len(points)} points are none of {LAYOUTS}")
    vertex, beside, share = _map()
    return np.asarray(points[vertex] * (1 - share) + points[beside] * share)


@cache
def _map() -> tuple[NDArray[np.intp], NDArray[np.intp], Array]:
    """By landmark: its vertex, the one beside it, [68], and the latter's share, [68, 1]."""
    vertex, beside, share = np.zeros(IBUG, np.intp), np.zeros(IBUG, np.intp), np.zeros((IBUG, 1))
    for row in table("facemesh"):
        for side, prefix in (("landmark", ""), ("partner", "partner_")):
            index = int(row[side])
            vertex[index], beside[index] = int(row[f"{prefix}vertex"]), int(row[f"{prefix}beside"])
            share[index] = float(row["share"])
    return vertex, beside, share
