"""What must touch in a mouth, and from which weights on it does: measured on rigs, and on the made teeth and
tongue as they are drawn up."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from measures import eye_axis, openings, posed, skin
from phiz.channels import INDEX
from phiz.portrait.controls import control_table
from phiz.portrait.mouth import ARCH_FRONT, LOWER_INSET, UPPER_EDGE, tongue_part
from phiz.portrait.rig import Rig

__all__ = ["BEHIND", "BETWEEN", "FRONT", "both_sides", "lip_over_teeth", "tongue_top"]

Array = NDArray[np.float64]

# Millimetres forward of the lips: in front of the upper incisors' edges, between those and the lower ones,
# and the ridge behind the upper ones.
FRONT = (ARCH_FRONT, np.inf)
BETWEEN = (ARCH_FRONT - LOWER_INSET, ARCH_FRONT)
BEHIND = (ARCH_FRONT - 8.0, ARCH_FRONT - LOWER_INSET)
INCISORS = slice(4, 9)  # of the 13 columns of a row's middle half


def both_sides(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights of a viseme by the names of a rig's shapes."""
    return {
        side: weight
        for name, weight in weights.items()
        for side in ((name,) if name in INDEX else (f"{name}Left", f"{name}Right"))
    }


def lip_over_teeth(rig: Rig, weights: Mapping[str, float]) -> Array | None:
    """Millimetres [5] by which the edge of the lower lip stands above those of the upper middle teeth, as the
    camera sees them; None for a rig without made upper teeth."""
    teeth = next((layer for layer in rig.layers if layer.name == "teeth_upper"), None)
    if teeth is None:
        return None
    columns = len(teeth.positions) // 3
    row = rig.camera.project(teeth.positions[-columns:].astype(np.float64))
    edge = row[columns // 4 : -(columns // 4)][INCISORS]
    lip = rig.camera.project(posed(skin(rig), **both_sides(weights)))[openings(rig)["mouth"][1]]
    along = eye_axis(rig)
    down = along @ [[0, 1], [-1, 0]]
    order = np.argsort(lip @ along)
    at = np.interp(edge @ along, (lip @ along)[order], (lip @ down)[order])
    return np.asarray((edge @ down - at) / rig.camera.scale * 1000)


def tongue_top(weights: Mapping[str, float], within: tuple[float, float]) -> float:
    """Millimetres by which the tongue's midline rises above the upper incisors' edges, where it is `within`
    these millimetres forward of the lips; minus infinity where it is nowhere there."""
    tongue, table = tongue_part(), control_table()
    places = tongue.points.copy()
    for shape, weight in weights.items():
        for control, share in tongue.follow.items():
            if control in table.get(shape, {}):
                places += weight * share[:, None] * table[shape][control]
    rows, columns = tongue.size
    midline = places[columns // 2 :: columns]
    fine = np.linspace(0, rows - 1, 1101)
    height, forward = (np.interp(fine, range(rows), midline[:, axis]) for axis in (1, 2))
    there = (forward >= within[0]) & (forward <= within[1])
    return float(height[there].max() - UPPER_EDGE) if there.any() else -np.inf
