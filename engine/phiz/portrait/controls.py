"""The blendshape table read: by shape, the displacement of each control point."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.channels import ARKIT
from phiz.data import table
from phiz.errors import RigError

__all__ = ["COMPUTED", "CONTROLS", "LIP_CONTROLS", "control_table"]

Array = NDArray[np.float64]
Moves = dict[str, Array]

COMPUTED = frozenset({"mouthClose"})  # follows from jawOpen, not from the table
JAW_LEFT = tuple(f"jaw_{k}_left" for k in range(9, 17))
LIP_CONTROLS = tuple(
    f"{name}{border}"
    for name in ("mouth_corner_left", "upper_lip", "upper_lip_left", "lower_lip", "lower_lip_left")
    for border in ("", "_inner", "_outer")
)
OTHERS = (
    "brow_inner_left", "brow_middle_left", "brow_outer_left", "nose_wing_left", "nose_base", "nose_tip",
    "cheek_left", "cheek_low_left", "upper_lid_left", "lower_lid_left", "teeth_lower", "tongue",
    "tongue_tip", "jaw_8",
)  # fmt: skip
CONTROLS = frozenset((*JAW_LEFT, *LIP_CONTROLS, *OTHERS))


def mirrored(name: str) -> str:
    """The name of the same control or shape on the other side; unchanged where there are no sides."""
    for one, other in (("Left", "Right"), ("Right", "Left"), ("_left", "_right"), ("_right", "_left")):
        if one in name:
            return name.replace(one, other)
    return name


@cache
def control_table() -> dict[str, Moves]:
    """By ARKit shape name, by control name: displacement [3] in millimetres on the canonical face.

    Raises RigError for a row with an unknown shape or control, or when a shape is missing.
    """
    shapes: dict[str, Moves] = {}
    for row in table("blendshapes"):
        shape, control = row["shape"], row["control"]
        if shape not in ARKIT or "Right" in shape:
            raise RigError(f"blendshapes.csv: '{shape}' is no left or two-sided ARKit shape")
        if control.replace("_right", "_left") not in CONTROLS:
            raise RigError(f"blendshapes.csv: '{control}' in {shape} is no control point")
        move = np.array([float(row[axis]) for axis in ("dx", "dy", "dz")])
        moves = shapes.setdefault(shape, {})
        moves[control] = move
        if "Left" not in shape:
            moves[mirrored(control)] = move * (-1, 1, 1) if "_left" in control else move
    for shape in [name for name in shapes if "Left" in name]:
        shapes[mirrored(shape)] = {mirrored(c): move * (-1, 1, 1) for c, move in shapes[shape].items()}
    missing = set(ARKIT) - set(shapes) - COMPUTED
    if missing:
        raise RigError(f"blendshapes.csv: no rows for {', '.join(sorted(missing))}")
    return shapes
