"""Glasses: whether they are worn, and where their frame passes above an eye, so that blinks and brows leave
it straight."""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.contours import normals
from phiz.portrait.frame import FaceFrame
from phiz.portrait.light import LUMINANCE

__all__ = ["above_frame", "bars_above", "wears_glasses"]

Array = NDArray[np.float64]

STEP = 0.2  # millimetres along the lines that run upwards from the lid
NEAREST, FURTHEST = 2.0, 13.0  # millimetres from the lid, between which a bar is looked for
THICK = 5.0  # millimetres that a bar is across at most
BRIDGE = 0.4  # of the bridge's luminance: bare noses have 0.21 at most, frames 0.85 and more
LINE = 0.6  # of the luminance beside it, by which a bar is darker on both its sides
DARK = 0.3  # of the nose's luminance that it has at most; a crease of the lid has more
# Millimetres over the highest place of a bar's lower edge, between which skin begins to follow the brows.
ABOVE = (4.0, 12.0)
HITS = 0.5  # of the lines, that cross a bar if there is one


def wears_glasses(photo: NDArray[np.uint8], frame: FaceFrame, landmarks: Array) -> bool:
    """Whether a dark or bright bar, a frame's bridge, crosses the nose between the eyes.

    landmarks: float64 [68, 2] in picture coordinates.
    """
    profile = _down_the_nose(photo, frame, landmarks)
    steps = np.abs(profile[4:] - profile[:-4]) / max(float(np.median(profile)), 1.0)
    return bool(steps.max() > BRIDGE)


def _down_the_nose(photo: NDArray[np.uint8], frame: FaceFrame, landmarks: Array) -> Array:
    """Luminance [60] from between the eyes to the middle of the nose."""
    face = frame.to_face(landmarks)
    top, bottom = face[27] + (0.0, 6.0), face[29]
    down = top + (bottom - top) * np.linspace(0, 1, 60)[:, None]
    across = np.array([-4.0, -2.0, 0.0, 2.0, 4.0])
    places = (down[:, None] + np.stack([across, 0 * across], 1)).reshape(-1, 2)
    return np.asarray(np.median(_luminance(photo, frame, places).reshape(60, -1), axis=1))


def bars_above(photo: NDArray[np.uint8], frame: FaceFrame, landmarks: Array, edge: Array) -> Array:
    """Points [n, 2] in face coordinates on the near side of the dark bar above an eye of someone who wears
    glasses; none without one.

    landmarks: float64 [68, 2] in picture coordinates.
    edge: the lids' edge, float64 [2 * segments, 2] in face coordinates, as `eye_edge` orders it.
    """
    upper = np.arange(1, len(edge) // 2)
    outward = normals(edge)[upper]
    depths = np.arange(NEAREST, FURTHEST + THICK, STEP)
    places = edge[upper][:, None] + outward[:, None] * depths[:, None]
    light = _luminance(photo, frame, places.reshape(-1, 2)).reshape(len(upper), -1)
    dark = DARK * float(np.median(_down_the_nose(photo, frame, landmarks)))
    near = np.array([_first_line(row, dark) for row in light])
    hit = near >= 0
    if hit.mean() < HITS:
        return np.empty((0, 2))
    return np.asarray(edge[upper][hit] + outward[hit] * depths[near[hit]][:, None])


def above_frame(points: Array, bars: Array) -> Array:
    """Share [n], 0..1, by which brows may move skin at points [n, 2] in face coordinates: none up to the
    frame.

    bars: what `bars_above` found over both eyes [m, 2]; without any, brows move all.
    """
    if not len(bars):
        return np.ones(len(points))
    over = points[:, 1] - bars[:, 1].max()
    t = np.clip((over - ABOVE[0]) / (ABOVE[1] - ABOVE[0]), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def _first_line(light: Array, dark: float) -> int:
    """Step at which the first line of no more than that luminance begins in a row of it [n], -1 without."""
    width = round(THICK / STEP)
    before = np.maximum.accumulate(light)
    for k in range(1, len(light) - width):
        window = light[k : k + width]
        least = int(np.argmin(window))
        falls = light[k] < (1 - LINE) * before[k - 1]
        if falls and window[least] < dark and window[least:].max() * (1 - LINE) > window[least]:
            return k
    return -1


def _luminance(photo: NDArray[np.uint8], frame: FaceFrame, face: Array) -> Array:
    limit = np.array([photo.shape[1], photo.shape[0]]) - 1
    x, y = np.clip(np.floor(frame.to_picture(face)).astype(int), 0, limit).T
    return np.asarray(photo[y, x, :3] @ LUMINANCE)
