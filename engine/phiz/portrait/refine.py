"""Lids found on the image itself, where the landmarks lie well inside the eye (large drawn eyes, for one).

Eye and skin are told apart by GrabCut (Rother, Kolmogorov & Blake 2004), which learns the colours of both
from where the landmarks lie. The outline drawn around an eye, its lashes, goes with the lids and not
with the eye.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.contours import eye_edge, eye_ring
from phiz.portrait.frame import FaceFrame

__all__ = ["Lids", "find_lids"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MIRROR = np.array([-1.0, 1.0])
GRAIN = 3.0  # pixels a millimetre on which eyes are looked at
MARGIN = 16.0  # millimetres around the landmarks that are looked at,
REACH = 11.0  # within which the eye may lie,
LIKELY = 4.0  # and within which it is expected
CORE = 0.85  # of the landmarks' eye is eye for sure
ROUNDS = 4  # of GrabCut
TOUCHES = 0.5  # millimetres from the end of its reach at which a region has no end of its own
THIN = 1.75  # millimetres across, of what is cut off the region: lashes and lines beside it
ACROSS = 1.0  # millimetres to either side of its edge where colours are compared, in CIE Lab units:
CLEAR_EDGE = (
    20.0  # median difference of an edge that is one. Of large eyes, painted ones have 12, drawn ones 24
)
DOUBTFUL_EDGE = 15.0  # from which on an eye may be there: a drawn one without colour has 18
HARD_EDGE = 37.0  # of a drawn line: 41 and more, where photos have 32 at most
AGREES = 0.6  # area that region and landmarks share, of what both cover
COMPACT = 0.85  # of its convex hull, that an eye fills
LARGE = 9.5  # millimetres between the landmarks' lids from which an eye may be larger than drawn from life
LARGER = 1.3, 3.5  # times the landmarks' area, of a region that is believed
BORDER = 0.5  # pixels from the middle of a region's last ones to its edge
OUTLINE = 3.5  # millimetres that an outline above an eye is thick at most,
WHITE = 2.0  # and on to what is inside it
RISE = 15.0  # of lightness, from an outline to what is inside it,
TOLD = 0.3  # which must be seen along this share of a lid
EVEN = 0.12  # of a lid's length, over which an outline's thickness is evened out
SOFT = 0.9  # millimetres over which the lids are smoothed


@dataclass(frozen=True, eq=False)
class Lids:
    """edge: float64 [points, 2] in face coordinates, as `eye_edge` orders it. clear: False where the picture
    shows an eye elsewhere than the landmarks do, and not where."""

    edge: Array
    clear: bool


def find_lids(photo: NDArray[np.uint8], frame: FaceFrame, lids: Array, *, mirrored: bool = False) -> Lids:
    """The lids' edge: the landmarks' own unless the photo shows clearly that they lie inside a large eye.

    lids: float64 [6, 2], the eye's landmarks in face coordinates, from the left corner along the upper lid.
    mirrored: looks at the eye in a mirror, so that a face and its mirror image give the same.
    """
    if not mirrored:
        return _find(photo, frame, lids, 1)
    found = _find(photo, frame, lids[[3, 2, 1, 0, 5, 4]] * MIRROR, -1)
    half = len(found.edge) // 2
    turned = np.concatenate([np.arange(half, -1, -1), np.arange(2 * half - 1, half, -1)])
    return Lids(found.edge[turned] * MIRROR, found.clear)


def _find(photo: NDArray[np.uint8], frame: FaceFrame, lids: Array, sign: int) -> Lids:
    edge = eye_edge(lids)
    view = _View(photo, frame, edge, sign)
    if view.lab[view.away <= 0].std() < 1.0:  # nothing is there to be told apart
        return Lids(edge, clear=True)
    region = view.eye()
    if not region.any():
        return Lids(edge, clear=True)
    contour = _contour(region)
    strength = view.strength(contour)
    known = view.away <= 0
    shared = float((region & known).sum() / (region | known).sum())
    ends = not (region & (view.away > REACH - TOUCHES)).any() and _compact(contour) > COMPACT
    size = float(region.sum() / known.sum())
    large = _gap(edge) >= LARGE and LARGER[0] <= size <= LARGER[1]
    if large and ends and strength >= CLEAR_EDGE:
        return Lids(view.to_face(view.within_outline(contour)), clear=True)
    doubtful = large and ends and strength >= DOUBTFUL_EDGE
    return Lids(edge, clear=not doubtful and (strength < HARD_EDGE or shared >= AGREES))


class _View:
    """An eye's surroundings, upright, `GRAIN` pixels a millimetre, in a mirror if `sign` is -1.

    lab: float32 [h, w, 3], CIE Lab. away: float32 [h, w], millimetres outside the landmarks' eye, 0 in it.
    """

    def __init__(self, photo: NDArray[np.uint8], frame: FaceFrame, edge: Array, sign: int) -> None:
        import cv2

        self.low, self.high = edge.min(0) - MARGIN, edge.max(0) + MARGIN
        width, height = np.ceil((self.high - self.low) * GRAIN).astype(int)
        x, y = np.meshgrid(np.arange(width), np.arange(height))
        places = frame.to_picture(self.to_face(np.stack([x.ravel(), y.ravel()], 1)) * (sign, 1))
        first = np.clip(np.floor(places.min(0)).astype(int) - 2, 0, np.array(photo.shape[1::-1]) - 1)
        last = np.maximum(np.ceil(places.max(0)).astype(int) + 3, first + 1)
        part = np.ascontiguousarray(photo[first[1] : last[1], first[0] : last[0], :3])
        if frame.scale > GRAIN:
            part = cv2.GaussianBlur(part, (0, 0), 0.4 * frame.scale / GRAIN)
        column, row = (places - first - 0.5).astype(np.float32).T.reshape(2, height, width)
        self.colour = cv2.remap(part, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self.lab = cv2.cvtColor(self.colour.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        self.core = self._filled(edge.mean(0) + CORE * (edge - edge.mean(0)))
        outside = (~self._filled(edge)).astype(np.uint8)
        self.away = cv2.distanceTransform(outside, cv2.DIST_L2, 5) / np.float32(GRAIN)

    def to_face(self, pixels: Array) -> Array:
        """Face coordinates [n, 2] of the view's pixels' centres [n, 2]."""
        x, y = (np.asarray(pixels, np.float64) + 0.5).T / GRAIN
        return np.stack([self.low[0] + x, self.high[1] - y], axis=1)

    def _filled(self, loop: Array) -> Mask:
        import cv2

        x, y = (loop[:, 0] - self.low[0]) * GRAIN, (self.high[1] - loop[:, 1]) * GRAIN
        mask = np.zeros(self.lab.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round(np.stack([x, y], 1)).astype(np.int32)], 1)
        return mask > 0

    def eye(self) -> Mask:
        """What hangs together with the landmarks' eye and is coloured like it, [h, w]."""
        import cv2

        labels = np.full(self.core.shape, cv2.GC_BGD, np.uint8)
        labels[self.away < REACH] = cv2.GC_PR_BGD
        labels[self.away < LIKELY] = cv2.GC_PR_FGD
        labels[self.core] = cv2.GC_FGD
        cv2.setRNGSeed(0)
        lab = np.asarray(cv2.cvtColor(self.colour, cv2.COLOR_RGB2LAB), np.uint8)
        cv2.grabCut(lab, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
        found = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(THIN * GRAIN),) * 2)
        opened = cv2.morphologyEx(found, cv2.MORPH_OPEN, disc)
        count, parts = cv2.connectedComponents(opened)
        sizes = np.bincount(parts[self.core], minlength=count)
        sizes[0] = 0
        return np.asarray((parts == int(sizes.argmax())) & (sizes.max() > 0))

    def strength(self, contour: Array) -> float:
        """Median difference of colour across a contour [n, 2] of pixels."""
        across = _outward(contour) * ACROSS * GRAIN
        apart = self._colours(contour + across) - self._colours(contour - across)
        return float(np.median(np.linalg.norm(apart, axis=1)))

    def within_outline(self, contour: Array) -> Array:
        """A contour's two lids, pixels [2 * segments, 2] as a ring of an `Opening` runs, the upper one moved
        inwards past the dark outline that it may have, its lashes."""
        outward = _outward(contour)
        upper, lower = _lids(contour + BORDER * outward)
        steps = np.arange(round((OUTLINE + WHITE) * GRAIN) + 1)
        inward = -outward[: len(upper)]
        light = self._colours((upper + inward * steps[:, None, None]).reshape(-1, 2))[:, 0]
        depth = np.array([_inner_side(column) for column in light.reshape(len(steps), -1).T])
        return eye_ring(upper + inward * _calm(depth)[:, None], lower)

    def _colours(self, pixels: Array) -> Array:
        """CIE Lab [n, 3] at places [n, 2] in pixels."""
        import cv2

        x, y = pixels.astype(np.float32).T
        found = cv2.remap(self.lab, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found[0], np.float64)


def _inner_side(light: Array) -> int:
    """Steps inwards along a line of lightness [n] to where the first outline, no thicker than `OUTLINE`,
    ends; -1 where it cannot be told."""
    within = light[: round(OUTLINE * GRAIN) + 1]
    lowest = np.minimum.accumulate(within)
    over = np.flatnonzero(within > lowest + RISE / 2)
    darkest = int(np.argmin(within[: over[0]] if len(over) else within))
    inside = light[darkest : darkest + round(WHITE * GRAIN) + 1]
    rise = float(inside.max() - inside[0])
    return darkest + int(np.argmax(inside >= inside[0] + rise / 2)) if rise >= RISE else -1


def _calm(depth: Array) -> Array:
    """Steps inwards [n] along a lid, evened out where told (0 and more), 0 at the corners."""
    from scipy.ndimage import gaussian_filter1d

    told = (depth >= 0).astype(np.float64)
    if told.mean() < TOLD:
        return np.zeros(len(depth))
    spread = EVEN * len(depth)
    total, weight = (gaussian_filter1d(values, spread, mode="nearest") for values in (depth * told, told))
    fade = np.sin(np.pi * np.linspace(0, 1, len(depth))) ** 0.5
    return np.asarray(total / np.maximum(weight, 1e-3) * fade)


def _contour(region: Mask) -> Array:
    """Its outer border, pixels [n, 2], clockwise in the picture from its left end."""
    import cv2

    loops, _ = cv2.findContours(region.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    loop = max(loops, key=len)[::-1, 0].astype(np.float64)
    soft = np.stack([_smoothed(loop[:, axis], SOFT * GRAIN / 2) for axis in (0, 1)], axis=1)
    return np.roll(soft, -int(np.argmin(soft[:, 0])), axis=0)


def _smoothed(values: Array, spread: float) -> Array:
    """A closed series [n] smoothed by a Gaussian."""
    from scipy.ndimage import gaussian_filter1d

    return np.asarray(gaussian_filter1d(values, spread, mode="wrap"))


def _outward(contour: Array) -> Array:
    """Unit normals [n, 2] of a clockwise contour in pixels."""
    along = np.stack([_smoothed(contour[:, axis], SOFT * GRAIN) for axis in (0, 1)], axis=1)
    along = np.roll(along, -1, axis=0) - np.roll(along, 1, axis=0)
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1)
    return np.asarray(normal / np.maximum(np.hypot(*normal.T), 1e-9)[:, None])


def _compact(contour: Array) -> float:
    """Share of its convex hull that a contour fills."""
    import cv2

    points = contour.astype(np.float32)
    return float(cv2.contourArea(points) / max(cv2.contourArea(cv2.convexHull(points)), 1.0))


def _lids(contour: Array) -> tuple[Array, Array]:
    """The upper lid [n, 2] and the lower lid [m, 2], each from the left corner to the right one, of a
    clockwise contour from its left end."""
    corner = int(np.argmax(contour[:, 0]))
    return contour[: corner + 1], np.append(contour[corner:], contour[:1], axis=0)[::-1]


def _gap(edge: Array) -> float:
    """The widest opening between upper and lower edge, millimetres."""
    half = len(edge) // 2
    return float((edge[1:half, 1] - edge[:half:-1, 1]).max())
