"""Whether a face can be animated: large enough, whole, and seen from the front."""

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.frame import canonical_points, fit_frame
from phiz.portrait.portrait import eyes_apart

__all__ = ["check_landmarks"]

Array = NDArray[np.float64]

LEAST_EYES = 12.0  # pixels between the eyes, below which nothing can be said about a face
# Landmarks outside the picture are guesses. Of brows, eyes, nose and mouth (51) a brow's end may be one; of
# the jaw (17) an ear's side, or the chin's edge.
MOST_INNER, MOST_JAW = 2, 5
LIKE_A_HEAD = 12.0  # millimetres, mean distance from the canonical head: the most seen on faces is 8
MOST_YAW, MOST_PITCH = 38.0, 38.0  # degrees; beyond, the far half of what must move is hardly there


def check_landmarks(points: Array, width: int, height: int) -> None:
    """Raise FaceError, saying why, unless the 68 points lie like a face in a picture of that size."""
    apart = eyes_apart(points)
    if apart < LEAST_EYES:
        raise FaceError(
            f"the eyes are {apart:.0f} pixels apart, at least {LEAST_EYES:.0f} are needed; "
            "use a larger picture"
        )
    outside = (points < 0) | (points > [width, height])
    if outside[17:].any(1).sum() > MOST_INNER or outside[:17].any(1).sum() > MOST_JAW:
        raise FaceError(_cut_off(points, width, height))
    if _mirrored(points):
        raise FaceError(
            "left and right are swapped: points 36 to 41 are the person's right eye, on the picture's left"
        )
    if reason := _turned(points) or _unlike_a_face(points, apart):
        raise FaceError(f"{reason}; use a picture that faces the camera")


def _cut_off(points: Array, width: int, height: int) -> str:
    """By which edge the face is cut, and how much of it."""
    beyond = {
        "left": points[:, 0] < 0, "right": points[:, 0] > width,
        "top": points[:, 1] < 0, "bottom": points[:, 1] > height,
    }  # fmt: skip
    edges = sorted((edge for edge in beyond if beyond[edge].any()), key=lambda edge: -beyond[edge].sum())
    total = int(np.any(list(beyond.values()), axis=0).sum())
    return (
        f"the face is cut off at the picture's {' and '.join(edges)} edge: {total} of its 68 landmarks lie "
        f"outside the {width}x{height} picture; use a picture that shows the whole face"
    )


def _mirrored(points: Array) -> bool:
    """Whether they lie like a face in a mirror, however it is turned."""
    across = points[42:48].mean(0) - points[36:42].mean(0)
    down = points[8] - points[36:48].mean(0)
    return bool(across[0] * down[1] < across[1] * down[0])


def _turned(points: Array) -> str | None:
    """How far the head is turned, if the points are a head's and it is too far."""
    frame = fit_frame(points)
    yaw, pitch, _ = np.degrees(frame.angles)
    upright = (canonical_points()[0] @ frame.rotation.T)[:, :2] * frame.scale * (1.0, -1.0)
    rest = points[:48] - upright[:48]  # but for the mouth
    if np.hypot(*(rest - rest.mean(0)).T).mean() > LIKE_A_HEAD * frame.scale:
        return None
    if abs(yaw) > MOST_YAW:
        return f"the head is turned {abs(yaw):.0f} degrees to the side, {MOST_YAW:.0f} can be animated"
    if abs(pitch) > MOST_PITCH:
        return f"the head is tipped {abs(pitch):.0f} degrees up or down, {MOST_PITCH:.0f} can be animated"
    return None


def _unlike_a_face(points: Array, apart: float) -> str | None:
    """What is wrong with the points once the eyes are level and one unit apart; None when nothing is."""
    right, left = points[36:42].mean(0), points[42:48].mean(0)
    across = (left - right) / apart
    local = (points - (left + right) / 2) @ np.array([across, [-across[1], across[0]]]).T / apart
    nose, mouth, chin = local[30], local[48:68].mean(0), local[8]
    if not 0 < nose[1] < mouth[1] < chin[1]:
        return "the points do not lie like a face (eyes, nose, mouth and chin from top to bottom)"
    if not 0.5 < mouth[1] < 2.2 or not 0.2 < np.ptp(local[48:60, 0]) < 1.8 or chin[1] > 3.2:
        return "the points do not lie like a face (mouth or chin too far from the eyes)"
    if min(np.ptp(local[36:42, 0]), np.ptp(local[42:48, 0])) < 0.12 or abs(nose[0]) > 0.62:
        return "the head is turned too far to the side"
    return None
