"""A template face through five points: two eyes, the nose's tip and two mouth corners."""

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.frame import canonical_points
from phiz.portrait.joints import head_rotation

__all__ = ["fit_five", "five_of", "in_order"]

Array = NDArray[np.float64]

# What is believed of a face before its points are seen: deviations of yaw and pitch in radians, of the
# logarithm of its length below the eyes, and of each point in eye distances (drawn faces are free there).
YAW, PITCH, LENGTH, POINT = np.radians(25.0), np.radians(10.0), 0.2, 0.05
OPEN = 1.15  # of the canonical eyes' height: open wide, so that larger lids are looked for on the picture
REACH = 25.0  # millimetres over which what the fit leaves is made up around each of the five points
CLOSE = 0.25  # of the eyes' distance: a mouth narrower, or nearer to the eyes, is none


def five_of(points: Array) -> Array:
    """Eyes' centres, nose tip, mouth corners [5, ...] of landmarks [68, ...], the subject's right first."""
    return np.stack([points[36:42].mean(0), points[42:48].mean(0), points[30], points[48], points[54]])


def in_order(five: Array) -> Array:
    """The points [5, 2] (two eyes, nose, two mouth corners) with the subject's right eye and corner first.

    Tools differ in whose left is left. The eyes lie above the mouth, which tells, however the head is tilted.
    Raises FaceError when the points do not lie like a face.
    """
    across, middle = five[1] - five[0], (five[0] + five[1]) / 2
    apart = float(np.hypot(*across))
    down = five[3:].mean(0) - middle
    if apart == 0 or abs(across[0] * down[1] - across[1] * down[0]) < CLOSE * apart**2:
        raise FaceError(_unlike("the mouth must lie below the eyes, and the eyes apart"))
    right_to_left = np.array([down[1], -down[0]])  # a quarter turn from downwards
    eyes, corners = (pair[np.argsort(pair @ right_to_left)] for pair in (five[:2], five[3:]))
    if np.hypot(*(corners[1] - corners[0])) < CLOSE * apart:
        raise FaceError(_unlike("the mouth corners must lie apart"))
    along = np.dot(five[2] - middle, down) / np.dot(down, down)
    if not 0 < along < 1:
        raise FaceError(_unlike("the nose must lie between the eyes and the mouth"))
    return np.stack([*eyes, five[2], *corners])


def _unlike(reason: str) -> str:
    return f"the five points do not lie like a face: {reason} (order: two eyes, nose tip, two mouth corners)"


def fit_five(five: Array) -> Array:
    """The canonical face as 68 landmarks, float64 [68, 2], through five points [5, 2].

    Place, size, roll, yaw, pitch and the length of the face are fitted (scaled orthography, least squares
    with what is usual as further equations); what is left is made up around each point, so eyes, nose tip
    and mouth corners lie exactly there. Raises FaceError when the points do not lie like a face.
    """
    from scipy.optimize import least_squares

    five = in_order(five)
    canonical = _template()
    across, middle = five[1] - five[0], (five[0] + five[1]) / 2
    apart = float(np.hypot(*across))
    known = five_of(canonical)
    scale = apart / (known[1, 0] - known[0, 0])

    level = np.array([0.0, 0.0, 0.0, np.arctan2(across[1], across[0]), 0.0, 0.0, 0.0])

    def misfit(pose: Array) -> Array:
        wrong = (_posed(known, pose + level, middle, scale) - five) / (apart * POINT)
        usual = pose[[4, 5, 6]] / (YAW, PITCH, LENGTH)
        return np.concatenate([wrong.ravel(), usual])

    # From zeros: from a start that is almost, but not quite, zero scipy takes steps of that size.
    pose = level + least_squares(misfit, np.zeros(7), x_scale=(10.0, 10.0, 0.1, 0.1, 0.2, 0.2, 0.1)).x
    drawn = _posed(canonical, pose, middle, scale)
    return drawn + _spread(canonical, known, five - five_of(drawn))


def _template() -> Array:
    """The canonical landmarks [68, 3] with the eyes wide open."""
    face = canonical_points()[0].copy()
    for lids in (face[36:42], face[42:48]):
        lids[:, 1] = lids[:, 1].mean() + (lids[:, 1] - lids[:, 1].mean()) * OPEN
    return face


def _posed(canonical: Array, pose: Array, middle: Array, scale: float) -> Array:
    """Canonical points [n, 3] in the picture, [n, 2]. pose: x and y in millimetres, logarithm of the size,
    roll, yaw, pitch, and logarithm of the length below the eyes."""
    x, y, size, roll, yaw, pitch, length = pose
    stretched = canonical * np.where(canonical[:, 1:2] < 0, (1.0, np.exp(length), 1.0), 1.0)
    seen = stretched @ head_rotation(yaw, pitch, roll).T
    return np.asarray(middle + scale * np.exp(size) * (seen[:, :2] * (1.0, -1.0) + (x, y)))


def _spread(canonical: Array, known: Array, rest: Array) -> Array:
    """Shifts [68, 2] that bring the five points of the face by `rest` [5, 2] and fade out around each."""

    def nearness(one: Array, other: Array) -> Array:
        squared = np.square(one[:, None, :2] - other[None, :, :2]).sum(2)
        return np.asarray(np.exp(-0.5 * squared / REACH**2))

    kernel = nearness(canonical, known)
    return np.asarray(kernel @ np.linalg.solve(five_of(kernel), rest))
