"""Lids found on the image itself, where the landmarks lie inside the eye (large drawn eyes, for one).

From each point of the lids' edge a line runs outwards over the skin. Colours are told apart by density
estimates of what lies well inside the landmarks and of what surrounds the eye; one closed boundary, smooth
along the lids, is then found by dynamic programming.
"""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.contours import eye_edge, normals
from phiz.portrait.frame import FaceFrame

__all__ = ["refine_lids"]

Array = NDArray[np.float64]

STEP = 0.25  # millimetres along the lines
REACH = 7.0  # millimetres, the furthest that a lid is moved,
REACH_SHARE = 0.5  # nor further than this share of the eye's opening
BEYOND = 1.5  # millimetres that a line goes on, to see the skin behind the furthest place
SKIN_BAND = np.linspace(8.5, 12.0, 8)  # millimetres outside the edge where skin is sampled
SIZES = 0.8 * np.sqrt(np.linspace(0.02, 1.0, 10))  # of the eye, whose edges cover its inner part evenly
ROUNDS = 3  # of growing: each learns the colours anew
BANDWIDTH = 7.0  # CIE Lab units, of the density estimates
SHADES = (1.0, 0.85, 0.7, 0.55, 0.4)  # of the skin's colour: lids, creases and lashes shade it
NEAREST = 0.05  # share of the samples
FAINT = 0.005  # density of a colour that neither eye nor skin has
SURE = 3.0  # a colour's log likelihood ratio counts no more than that
DARK = 0.4  # of the skin's lightness: lashes, outlines and pupils are all darker, and tell nothing
TOLD_APART = 0.8  # mean log likelihood ratio that both samples must have, or nothing can be told from colour
RELUCTANCE = 0.3  # log likelihood ratio that a pixel must exceed to be taken as eye
STIFFNESS = 1.2  # cost of each step's difference between neighbouring points of the edge
STEEPEST = 4  # steps between neighbours at most
LARGE = 9.5  # millimetres between the landmarks' lids from which an eye may be larger than drawn from life
CLEAR = 2.0  # millimetres by which some part of a lid must lie inside the eye before anything is moved
CLEAR_AREA = 0.12  # and by how much of its area the eye must grow


def refine_lids(photo: NDArray[np.uint8], frame: FaceFrame, lids: Array) -> Array:
    """The lids' edge as the photo shows it, float64 [points, 2] in face coordinates, as `eye_edge` orders it.

    It is the landmarks' own edge unless the photo shows clearly that they lie inside the eye.

    lids: float64 [6, 2], the eye's landmarks in face coordinates, from the left corner along the upper lid.
    """
    edge = grown = eye_edge(lids)
    if _gap(edge) < LARGE:
        return edge
    for _ in range(ROUNDS):
        shift = _outward(photo, frame, grown)
        if shift.max() < STEP:
            break
        grown = grown + normals(grown) * shift[:, None]
    clear = np.hypot(*(grown - edge).T).max() >= CLEAR and _area(grown) >= (1 + CLEAR_AREA) * _area(edge)
    return grown if clear else edge


def _outward(photo: NDArray[np.uint8], frame: FaceFrame, edge: Array) -> Array:
    """Millimetres [points] from an edge that lies inside the eye out to where its colours end."""
    outward, middle = normals(edge), edge.mean(0)
    eye = _sample(photo, frame, np.concatenate([middle + (edge - middle) * size for size in SIZES]))
    around = _sample(photo, frame, np.concatenate([edge + outward * d for d in SKIN_BAND]))
    skin = np.concatenate([around * shade for shade in SHADES])  # a shade scales all of Lab, near enough
    if _ratio(eye, eye, skin).mean() < TOLD_APART or -_ratio(around, eye, skin).mean() < TOLD_APART:
        return np.zeros(len(edge))
    depths = np.arange(0.0, REACH + BEYOND, STEP)
    colours = _sample(photo, frame, (edge[:, None] + outward[:, None] * depths[:, None]).reshape(-1, 2))
    ratio = _ratio(colours, eye, skin)
    dark = colours[:, 0] < DARK * np.median(around[:, 0])
    gain = np.where(dark, np.minimum(ratio, 0.0), ratio).reshape(len(edge), -1) - RELUCTANCE
    return _smooth(_boundary(gain, round(min(REACH, REACH_SHARE * _gap(edge)) / STEP)) * STEP)


def _sample(photo: NDArray[np.uint8], frame: FaceFrame, face: Array) -> Array:
    """CIE Lab colours [n, 3] of the photo at face coordinates [n, 2], a little softened; clamped to it."""
    import cv2

    low, high = np.array([0, 0]), np.array([photo.shape[1], photo.shape[0]])
    places = frame.to_picture(face)
    first = np.clip(np.floor(places.min(0) - 2).astype(int), low, high - 1)
    last = np.clip(np.ceil(places.max(0) + 2).astype(int), first + 1, high)
    part = np.ascontiguousarray(photo[first[1] : last[1], first[0] : last[0], :3])
    lab = cv2.cvtColor(part.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    soft = cv2.GaussianBlur(lab, (0, 0), max(0.4 * STEP * frame.scale, 0.01))
    x, y = (places - first - 0.5).astype(np.float32).T
    found = cv2.remap(soft, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found[0], np.float64)


def _ratio(colours: Array, eye: Array, skin: Array) -> Array:
    """Log likelihood ratio [n] of colours [n, 3] to be eye rather than skin, given samples of both."""
    return np.clip(np.log(_density(colours, eye) / _density(colours, skin)), -SURE, SURE)


def _density(colours: Array, samples: Array) -> Array:
    """How well the nearest share of Lab `samples` [m, 3] speaks for `colours` [n, 3]: a kernel density
    estimate in which a colour that is rare but there, a little white beside a large iris, counts in full.
    """
    count = max(1, round(NEAREST * len(samples)))
    squared = (colours**2).sum(1)[:, None] + (samples**2).sum(1)[None] - 2 * colours @ samples.T
    nearest = np.partition(squared, count - 1, axis=1)[:, :count]
    return np.asarray(np.exp(-0.5 * np.maximum(nearest, 0.0) / BANDWIDTH**2).mean(1) + FAINT)


def _boundary(gain: Array, limit: int) -> Array:
    """Steps [points], `limit` at most, out to the smooth boundary that encloses the most of `gain`
    [points, depths].

    The path is closed: solved once with free ends, then again from and to where it was at the far side.
    """
    inside = np.concatenate([np.zeros((len(gain), 1)), np.cumsum(gain, axis=1)], axis=1)
    inside = inside[:, : limit + 1]
    half = len(gain) // 2
    ends = int(_path(inside, None)[half])
    return np.roll(_path(np.roll(inside, -half, axis=0), ends), half).astype(np.float64)


def _path(value: Array, ends: int | None) -> NDArray[np.intp]:
    """The path [points] through `value` [points, steps] of greatest sum, less its roughness; from and to the
    step `ends` when that is given."""
    count, steps = value.shape
    difference = np.abs(np.arange(steps)[:, None] - np.arange(steps)[None])
    rough = np.where(difference <= STEEPEST, STIFFNESS * difference, np.inf)
    total = value[0].copy()
    if ends is not None:
        total[np.arange(steps) != ends] = -np.inf
    came = np.zeros((count, steps), np.intp)
    for k in range(1, count):
        options = total[None] - rough
        came[k] = np.argmax(options, axis=1)
        total = value[k] + options[np.arange(steps), came[k]]
    last = int(np.argmax(total)) if ends is None else int(np.argmax(total - rough[ends]))
    path = [last]
    for k in range(count - 1, 0, -1):
        path.append(int(came[k, path[-1]]))
    return np.array(path[::-1], np.intp)


def _smooth(shift: Array) -> Array:
    for _ in range(2):
        shift = (np.roll(shift, 1) + 2 * shift + np.roll(shift, -1)) / 4
    return shift


def _gap(edge: Array) -> float:
    """The widest opening between upper and lower edge, millimetres."""
    half = len(edge) // 2
    return float((edge[1:half, 1] - edge[:half:-1, 1]).max())


def _area(loop: Array) -> float:
    x, y = loop.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)
