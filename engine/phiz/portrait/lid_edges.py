"""Lids settled on the picture: cut where lashes and skin begin, so that no eye is left on a lid that shuts.

Landmarks and outlines of eyes lie up to a millimetre or two inside the eye. A strip of white or iris that is
taken for lid would move with it, and show along the line where shut lids meet. The upper lid is cut along the
darkest line of its lashes, which go with it; the lower one where it has the colour of the skin below.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.contours import normals
from phiz.portrait.frame import FaceFrame
from phiz.portrait.lab_view import LabView

__all__ = ["LidEdges", "settle_lids"]

Array = NDArray[np.float64]

STEP = 0.1  # millimetres between places along a line across a lid
INWARD, OUTWARD = 1.0, 4.5  # millimetres into the eye and out of it that are looked at
BLUR, LEAST_BLUR = 0.15, 0.5  # of the picture before: millimetres; pixels at least
UPPER = (-0.5, 2.5)  # millimetres outwards that the upper lid may be moved, and
LOWER = (-0.2, 1.6)  # the lower one
BEYOND = (0.7, 2.0)  # millimetres out from lashes where all is brighter than they are
THICK = 1.6  # millimetres below the line of lashes within which the eye is seen
FALLEN = 0.95  # of the fall from its lightness to theirs, at which they begin
WEAK = 0.01  # of a difference in lightness, that is no edge for sure
STILL_DARK = 0.25  # of the rise from lashes to skin, at which it is lashes still
SHARP = 0.3  # millimetres to either side of an edge over which it is measured
SHUT = 1.5  # millimetres between lids that are left alone
ALONG = 0.7  # of a step outwards, as far as it leads along the eye, is not taken
CORNERS = 0.25  # how soon from the corners, which stay, lids are moved fully: a power
JUMP = 0.3  # against steps between neighbouring places across the lid, per square millimetre
SKIN = (2.4, 3.8)  # millimetres below the lower lid, where skin is
WITHIN = 0.5  # millimetres outwards up to which the eye itself may be seen
LIKE_SKIN = 0.3  # of the difference between eye and skin that is left where skin begins
TOLD = (5.0, 14.0)  # of lightness or colour in CIE Lab: a difference that says nothing, one that is believed
STIFF, HELD = 1.0, 0.05  # against bending, and to where a lid was, where what is told for sure has 1
DOUBT, ROUNDS = 0.6, 3  # millimetres from its neighbours' line at which a place is half believed; rounds


@dataclass(frozen=True, eq=False)
class LidEdges:
    """Two closed lines [2 * segments, 2] in face coordinates, as `eye_edge` orders them: where the lids are
    cut, and within it where the eye ends and the lower lid's margin begins."""

    cut: Array
    eye: Array


def settle_lids(photo: NDArray[np.uint8], frame: FaceFrame, edge: Array) -> LidEdges:
    """The lids' edge moved to where the picture shows lashes and skin to begin; as it was where it does not.

    photo: uint8 [h, w, 3 or 4]. edge: float64 [2 * segments, 2] in face coordinates, as `eye_edge` orders it.
    """
    half = len(edge) // 2
    far = np.arange(-INWARD, OUTWARD + STEP / 2, STEP)
    axis = (edge[half] - edge[0]) / np.hypot(*(edge[half] - edge[0]))
    outward = normals(edge)
    outward = outward - ALONG * (outward @ axis)[:, None] * axis  # so that both lids stay in step
    outward /= np.hypot(*outward.T)[:, None]
    across = edge[:, None] + outward[:, None] * far[:, None]
    lab = LabView(photo, frame, across.reshape(-1, 2), max(LEAST_BLUR, BLUR * frame.scale))(across)
    upper, lower = np.arange(half + 1), -np.arange(half + 1) % len(edge)
    awake = np.clip(float((edge[upper] - edge[lower])[:, 1].max()) - SHUT, 0, 1)
    ease = awake * np.sin(np.pi * np.arange(half + 1) / half) ** CORNERS  # which stay themselves
    cut, eye = np.zeros((2, len(edge)))
    cut[upper] = eye[upper] = ease * _smooth(*_lash_line(lab[upper, :, 0], far))
    cut[lower] = ease * _smooth(*_skin_line(lab[lower], far))
    eye[lower] = np.minimum(ease * _smooth(*_eye_line(lab[lower], far)), cut[lower])
    return LidEdges(edge + outward * cut[:, None], edge + outward * eye[:, None])


def _lash_line(light: Array, far: Array) -> tuple[Array, Array]:
    """Millimetres outwards [n] to where the lashes of an upper lid begin, and how far that is believed.

    light: lightness [n, steps] along lines out of the eye. On the line of lashes it is darker than anywhere
    in the skin beyond, be the eye below them white or as dark as they are; where it is, they are taken to be
    as thick as elsewhere.
    """
    near, last = (round(limit / STEP) for limit in BEYOND)
    beyond = np.stack([light[:, k : light.shape[1] - last + k] for k in range(near, last + 1)]).min(0)
    rise = beyond - light[:, : beyond.shape[1]]
    within = (far >= UPPER[0]) & (far <= UPPER[1])
    strength = np.where(within[: beyond.shape[1]], _belief(rise) + WEAK * rise, 0)
    path, row = _smoothest(strength), np.arange(len(light))
    darkest = light[row, path][:, None]
    below = (far <= far[path][:, None]) & (far >= far[path][:, None] - THICK)
    fall = np.where(below, light - darkest, 0).max(1)
    inside = below & (light - darkest > (1 - FALLEN) * np.maximum(fall, TOLD[0])[:, None])
    told = np.where(inside.any(1), _belief(fall), 0)
    thick = np.where(told > 0, far[path] - np.where(inside, far, -INWARD).max(1), 0)
    usual = (told @ thick) / max(told.sum(), 1)
    least = darkest + STILL_DARK * np.maximum(rise[row, path], 0)[:, None]
    after = far >= far[path][:, None]
    dark = after & (np.maximum.accumulate(np.where(after, light, 0), axis=1) <= least)
    ends = np.where(dark, far, -INWARD).max(1)
    places = told * (far[path] - thick) + (1 - told) * (ends - usual)
    return np.clip(places, *UPPER), np.clip(strength[row, path], 0, 1)


def _skin_line(lab: Array, far: Array) -> tuple[Array, Array]:
    """Millimetres outwards [n] from a lower lid to where all has the colour of the skin below, and how far
    that is believed. lab: CIE Lab [n, steps, 3] along lines out of the eye."""
    skin = np.median(lab[:, (far >= SKIN[0]) & (far <= SKIN[1])], axis=1)
    skin = (np.roll(skin, 1, 0) + skin + np.roll(skin, -1, 0)) / 3
    unlike = np.linalg.norm(lab - skin[:, None], axis=2)
    most = np.where(far <= WITHIN, unlike, 0).max(1)
    window = (far >= LOWER[0]) & (far <= LOWER[1])
    ends = np.where(window & (unlike > LIKE_SKIN * most[:, None]), far + STEP, LOWER[0]).max(1)
    return ends, _belief(most)


def _eye_line(lab: Array, far: Array) -> tuple[Array, Array]:
    """Millimetres outwards [n] from a lower lid to the strongest edge, and how far that is believed."""
    reach = round(SHARP / STEP)
    change = np.linalg.norm(lab[:, 2 * reach :] - lab[:, : -2 * reach], axis=2)
    middle = far[reach:-reach]
    likely = change * np.where((middle >= -WITHIN) & (middle <= LOWER[1]), np.exp(-0.5 * middle**2), 0)
    best = likely.argmax(1)
    return middle[best], _belief(change[np.arange(len(lab)), best])


def _belief(difference: Array) -> Array:
    return np.asarray(np.clip((difference - TOLD[0]) / (TOLD[1] - TOLD[0]), 0, 1))


def _smoothest(strength: Array) -> NDArray[np.intp]:
    """Of strengths [n, steps] at places along n lines, one place a line: together strong, and no jumps
    (by dynamic programming, Amini, Weymouth & Jain 1990)."""
    steps = np.arange(strength.shape[1])
    jump = JUMP * ((steps[:, None] - steps) * STEP) ** 2
    best, came = strength[0], []
    for row in strength[1:]:
        ways = best[None] - jump
        came.append(ways.argmax(1))
        best = ways.max(1) + row
    path = [int(best.argmax())]
    for before in reversed(came):
        path.append(int(before[path[-1]]))
    return np.array(path[::-1], np.intp)


def _smooth(shift: Array, belief: Array) -> Array:
    """Shifts [n] along a lid, evened out, each as far as it is believed [n] and fits its neighbours."""
    n = len(shift)
    second = np.diff(np.eye(n), 2, axis=0)
    stiff = STIFF * second.T @ second + HELD * np.eye(n)
    trust = belief
    for _ in range(ROUNDS):
        smooth = np.linalg.solve(np.diag(trust) + stiff, trust * shift)
        trust = belief / (1 + ((shift - smooth) / DOUBT) ** 2)
    return np.asarray(np.linalg.solve(np.diag(trust) + stiff, trust * shift))
