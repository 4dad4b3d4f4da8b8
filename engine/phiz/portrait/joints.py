"""How the person follows the head: three joints, and the share of each in every vertex."""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.frame import FaceFrame
from phiz.portrait.rig import Camera

__all__ = ["head_rotation", "joint_places", "joint_weights", "rigid_weights", "still_weights", "turned_eyes"]

Array = NDArray[np.float64]

# degrees of yaw, pitch and roll either way in which no face folds: 12, 8, 8 and a margin
TURNS = (13.5, 9.0, 9.0)
PLACES = np.array([[0.0, -290.0, -70.0], [0.0, -165.0, -75.0], [0.0, -70.0, -80.0]])  # canonical millimetres
CHIN_MARGIN = 9.0  # millimetres above the chin; higher up all is skull
COLLAR = 80.0  # millimetres below the chin, from where the head's own joint has no share
SHOULDERS = (-140.0, -215.0)  # over this range the neck's share runs out into the still root
SIDES = (64.0, 125.0)  # millimetres from the midline over which low hair and shoulders let go of the head ...
LOW = (-45.0, -100.0)  # ... once they are this low
FALLOFF = (1.15, 2.3)  # head radii over which, without a matte, the picture comes to rest
HEAD_CENTRE = np.array([0.0, -5.0])
HEAD_RADII = np.array([92.0, 125.0])


def joint_places(frame: FaceFrame) -> Array:
    """Rest places in metres of root, neck and head, [3, 3]."""
    return frame.turn(PLACES)


def turned_eyes(frame: FaceFrame, camera: Camera) -> list[Array]:
    """Places [3] in metres from which the head is seen at rest and turned to each corner of `TURNS`, as if
    the camera moved and not the head."""
    head, eye = joint_places(frame)[2], np.array(camera.eye)
    corners = product(*((-angle, angle) for angle in np.radians(TURNS)))
    return [eye, *((eye - head) @ head_rotation(*corner) + head for corner in corners)]


def head_rotation(yaw: float, pitch: float, roll: float) -> Array:
    """Roll after pitch after yaw, each about the camera's own axes, [3, 3]."""
    (cy, cp, cr), (sy, sp, sr) = np.cos([yaw, pitch, roll]), np.sin([yaw, pitch, roll])
    shake = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    tilt = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    return np.asarray(tilt @ nod @ shake)


def joint_weights(face: Array, chin: float, *, layered: bool) -> Array:
    """Shares [n, 3] of root, neck and head at face coordinates [n, 2]; rows sum to 1.

    chin: its height in face coordinates.
    layered: the person is cut from the background; else the pull fades out over the picture around the head.
    """
    x, y = np.abs(face[:, 0]), face[:, 1]
    head = _fall(y, chin + CHIN_MARGIN, chin - COLLAR)
    head *= 1 - (1 - _fall(y, *LOW)) * (1 - _fall(-x, -SIDES[0], -SIDES[1]))
    neck = (1 - head) * _fall(y, *SHOULDERS) * _fall(-x, -SIDES[0], -SIDES[1])
    if not layered:
        reach = np.hypot(*((face - HEAD_CENTRE) / HEAD_RADII).T)
        hold = _fall(-reach, -FALLOFF[0], -FALLOFF[1])
        head, neck = head * hold, neck * hold
    return np.stack([1 - head - neck, neck, head], axis=1)


def rigid_weights(count: int) -> Array:
    """Shares [count, 3] of what is fixed to the skull."""
    return np.tile([0.0, 0.0, 1.0], (count, 1))


def still_weights(count: int) -> Array:
    """Shares [count, 3] of what never moves."""
    return np.tile([1.0, 0.0, 0.0], (count, 1))


def _fall(value: Array, start: float, end: float) -> Array:
    """1 above `start`, 0 below `end`, smooth between (start > end)."""
    t = np.clip((value - end) / (start - end), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
