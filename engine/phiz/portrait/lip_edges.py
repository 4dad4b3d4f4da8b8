"""Borders of the lips found on the image: the landmarks' own, moved to the edges of colour beside them.

The outer border is looked for along the direction of colour that best tells this mouth's lips from the skin
around it (Fisher 1936), the inner one along any change of colour where lips are parted, and as the dark line
between them where they are shut. Every point of a border is moved along its normal, all of them together:
as far as edges there are strong, and smoothly (an active contour, Kass, Witkin & Terzopoulos 1988, solved
in closed form).
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.contours import mouth_loops, normals
from phiz.portrait.frame import FaceFrame
from phiz.portrait.lab_view import LabView

__all__ = ["find_lips"]

Array = NDArray[np.float64]

REACH, STEP = 3.0, 0.1  # millimetres to either side of a border that are looked at, and in what steps
NEAR = 1.2  # millimetres by which landmarks are off, as a spread: edges further away count for less
BLUR, LEAST_BLUR = 0.25, 0.6  # of the picture before edges are looked for: millimetres; pixels at least
# Steps to either side between which a change is measured: of the outer border, which is soft, of the inner
# one against teeth, which is sharp, and of the dark line between lips.
SOFT, SHARP, LINE = 5, 3, 10
# A change that says nothing, and one that is believed: of all that tells lips from skin; in CIE Lab units.
RED, ANY = (0.2, 0.7), (3.0, 11.0)
SEPARATE = (1.5, 2.5)  # Fisher's separation of lips and skin from which their border is looked for, and fully
SEEN = (0.25, 0.5)  # mean belief along a border from which it is moved, and fully
WITHIN = (0.35, 0.5, 0.65, 0.8)  # of the way from inner to outer border, where lips are sampled
BEYOND = (2.0, 3.0, 4.0, 5.0)  # millimetres outside, where skin is
GRAIN = 4.0  # variance of colour, in squared Lab units, that any lips and skin have
STIFF, HELD = 4.0, 0.15  # of a border against bending, and to its landmarks, where an edge has 1
DOUBT, ROUNDS = 0.6, 3  # millimetres from its neighbours' line at which an edge is half believed; rounds
APART = (0.8, 2.4)  # millimetres between the inner landmarks from and to which lips count as parted


def find_lips(photo: NDArray[np.uint8], frame: FaceFrame, landmarks: Array) -> tuple[Array, Array]:
    """Inner and outer border of the lips in face coordinates, each float64 [2 * segments, 2] as the rings of
    an `Opening` run; the landmarks' own where the image does not show them clearly.

    photo: uint8 [h, w, 3 or 4]. landmarks: float64 [68, 2] in picture coordinates.
    """
    inner, outer = mouth_loops(frame.to_face(landmarks))
    around = outer + normals(outer) * (max(*BEYOND, REACH) + 2)
    view = LabView(photo, frame, around, max(LEAST_BLUR, BLUR * frame.scale))
    return _inner(view, inner), _outer(view, inner, outer)


def _outer(view: LabView, inner: Array, outer: Array) -> Array:
    """The outer border [n, 2] where colour goes from the lips' to the skin's."""
    lips = _together(view(inner + (outer - inner) * share) for share in WITHIN)
    skin = _together(view(outer + normals(outer) * far) for far in BEYOND)
    spread = np.cov(lips.T) + np.cov(skin.T) + GRAIN * np.eye(3)
    apart = lips.mean(0) - skin.mean(0)
    axis = np.linalg.solve(spread, apart)
    axis /= max(float(np.linalg.norm(axis)), 1e-12)
    told = _share(abs(apart @ axis) / np.sqrt(axis @ spread @ axis / 2), SEPARATE)
    if told == 0:
        return outer
    redness = view(_across(outer)) @ axis[:, None] / (apart @ axis)
    change = _change(redness, SOFT)[..., 0]
    return np.asarray(outer + told * (_moved(outer, np.maximum(-change, 0), RED) - outer))


def _inner(view: LabView, inner: Array) -> Array:
    """The inner border [n, 2]: edges of the lips where they are parted, the line between where they are shut;
    corners stay."""
    half = len(inner) // 2
    upper, lower = np.arange(half + 1), -np.arange(half + 1) % len(inner)
    gap = inner[half // 2, 1] - inner[-(half // 2), 1]
    parted = _share(gap, APART)
    found = np.zeros_like(inner)
    if parted > 0:
        strength = np.linalg.norm(_change(view(_across(inner)), SHARP), axis=-1)
        found += parted * (_moved(inner, strength, ANY) - inner)
    if parted < 1:
        middle = (inner[upper] + inner[lower]) / 2
        line = np.concatenate([middle, middle[-2:0:-1]])
        up = np.broadcast_to((0.0, 1.0), line.shape)
        light = view(_across(line, up))[..., 0]
        found += (1 - parted) * (_moved(line, np.maximum(_dip(light), 0), ANY, up) - line)
    ease = np.abs(np.sin(np.pi * np.arange(len(inner)) / half)) ** 0.4
    return np.asarray(inner + ease[:, None] * found)


def _share(value: float, limits: tuple[float, float]) -> float:
    """0 up to the first of two limits, 1 from the second."""
    return float(np.clip((value - limits[0]) / (limits[1] - limits[0]), 0, 1))


def _together(parts: Iterable[Array]) -> Array:
    return np.concatenate([part.reshape(-1, 3) for part in parts])


def _across(loop: Array, along: Array | None = None) -> Array:
    """Places [n, steps, 2] across a border: along its normals, or other unit vectors [n, 2]."""
    far = np.arange(-REACH, REACH + STEP / 2, STEP)
    outward = normals(loop) if along is None else along
    return np.asarray(loop[:, None] + outward[:, None] * far[:, None])


def _change(colours: Array, steps: int) -> Array:
    """Change [n, steps, k] of colours [n, steps, k] outwards over so many steps each way, 0 at the ends."""
    change = np.zeros_like(colours)
    change[:, steps:-steps] = colours[:, 2 * steps :] - colours[:, : -2 * steps]
    return change


def _dip(light: Array) -> Array:
    """How much darker [n, steps] a place is than those `LINE` steps to either side."""
    dip = np.zeros_like(light)
    dip[:, LINE:-LINE] = (light[:, 2 * LINE :] + light[:, : -2 * LINE]) / 2 - light[:, LINE:-LINE]
    return dip


def _moved(loop: Array, strength: Array, limits: tuple[float, float], along: Array | None = None) -> Array:
    """The border moved to the strongest edges near it; less far, down to not at all, where few are strong.

    strength: float64 [n, steps], of an edge at each of the places of `_across`. limits: of `strength`
        that says nothing, and that is believed.
    """
    far = np.arange(-REACH, REACH + STEP / 2, STEP)
    likely = strength * np.exp(-0.5 * (far / NEAR) ** 2)
    row = np.arange(len(loop))
    best = np.clip(likely.argmax(1), 1, len(far) - 2)
    before, there, after = (likely[row, best + k] for k in (-1, 0, 1))
    bend = before - 2 * there + after
    shift = far[best] + STEP * np.where(bend < 0, (before - after) / 2 / np.minimum(bend, -1e-9), 0)
    belief = np.clip((strength[row, best] - limits[0]) / (limits[1] - limits[0]), 0, 1)
    seen = _share(belief.mean(), SEEN)
    if seen == 0:
        return loop
    second = np.roll(np.eye(len(loop)), 1, 1) + np.roll(np.eye(len(loop)), -1, 1) - 2 * np.eye(len(loop))
    stiff = STIFF * second.T @ second + HELD * np.eye(len(loop))
    trust = belief
    for _ in range(ROUNDS + 1):
        smooth = np.linalg.solve(np.diag(trust) + stiff, trust * shift)
        trust = belief / (1 + ((shift - smooth) / DOUBT) ** 2)
    return np.asarray(loop + (normals(loop) if along is None else along) * (seen * smooth)[:, None])
