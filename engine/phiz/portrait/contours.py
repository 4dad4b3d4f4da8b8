"""Closed contours that the face's mesh is cut along, the inner lips and the lids, and rings around them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.interpolation import monotone_cubic

__all__ = ["Opening", "eye_edge", "eye_opening", "eye_ring", "mouth_loops", "mouth_opening", "normals"]

Array = NDArray[np.float64]

MOUTH_SEGMENTS = 24  # along each lip
EYE_SEGMENTS = 14  # along each lid
LIP_OFFSETS = (2.5, 6.0)  # millimetres outside the lips at which skin rings follow them
OPEN_GAP = 3.0  # millimetres between the lips from which they are surely apart
RIM_LIMIT = 1.2  # millimetres
LASH_OFFSET = 1.1  # millimetres of the lower lid's margin with its lashes
LOWER_LID_OFFSETS = (3.0, 6.0)
UPPER_LID_SHARES = (0.3, 0.8)  # of the way from the lashes to the brow: crease and orbital rim
UPPER_LID_LIMITS = (3.2, 8.0)  # millimetres above the lashes
BELOW_BROW = (0.35, 0.65, 0.9)  # of the way to the nearest part of the brow, where lashes, crease and rim end


@dataclass(frozen=True, eq=False)
class Opening:
    """A cut in the face, in face coordinates (millimetres).

    rings: float64 [rings, 2 * segments, 2] from the cut outwards. In each ring the points 0..segments run
        along the upper edge from one corner to the other (left to right in the picture), the rest back along
        the lower edge.
    """

    rings: Array

    @property
    def segments(self) -> int:
        return self.rings.shape[1] // 2

    @property
    def upper(self) -> NDArray[np.intp]:
        """Indices along a ring of the upper edge, corner to corner."""
        return np.arange(self.segments + 1)

    @property
    def lower(self) -> NDArray[np.intp]:
        """Indices along a ring of the lower edge, corner to corner, in step with `upper`."""
        return np.concatenate([[0], np.arange(2 * self.segments - 1, self.segments, -1), [self.segments]])

    @property
    def gap(self) -> Array:
        """Height of the opening in millimetres along the cut, [segments + 1]."""
        return np.asarray(self.rings[0, self.upper, 1] - self.rings[0, self.lower, 1])


def mouth_loops(landmarks: Array) -> tuple[Array, Array]:
    """Inner and outer border of the lips [2 * segments, 2] through landmarks [68, 2], as rings run."""
    inner = _loop(landmarks[[60, 61, 62, 63, 64]], landmarks[[60, 67, 66, 65, 64]], MOUTH_SEGMENTS)
    outer = _loop(
        landmarks[[48, 49, 50, 51, 52, 53, 54]], landmarks[[48, 59, 58, 57, 56, 55, 54]], MOUTH_SEGMENTS
    )
    return inner, outer


def mouth_opening(landmarks: Array, blur: float, lips: tuple[Array, Array] | None = None) -> Opening:
    """The mouth's rings: inner lips, middle and outer border of the vermilion, two rings of skin.

    landmarks: float64 [68, 2] in face coordinates. blur: millimetres over which the picture's edges are
    smeared (its pixel, at least): an open mouth is cut this much into the lips, so that no bright rim of
    teeth moves with them. lips: as of `mouth_loops`, where they are known better than by the landmarks.
    """
    inner, outer = lips or mouth_loops(landmarks)
    inner = _uncross(inner)
    apart = np.clip((inner[MOUTH_SEGMENTS // 2, 1] - inner[-MOUTH_SEGMENTS // 2, 1]) / OPEN_GAP, 0, 1)
    inner = _offset(inner, apart * min(blur, RIM_LIMIT))
    outer = _keep_outside(outer, inner, 0.8)
    middle = (inner + outer) / 2
    nose = landmarks[33, 1] - outer[MOUTH_SEGMENTS // 2, 1]
    limit = max(1.0, 0.55 * nose)
    skin = [_offset(outer, min(distance, limit * distance / LIP_OFFSETS[-1])) for distance in LIP_OFFSETS]
    return Opening(np.stack([inner, middle, outer, *skin]))


def eye_edge(lids: Array) -> Array:
    """The lids' edge [2 * segments, 2] through an eye's six landmarks, as a ring of an `Opening` runs."""
    return _uncross(_loop(lids[[0, 1, 2, 3]], lids[[0, 5, 4, 3]], EYE_SEGMENTS))


def eye_ring(upper: Array, lower: Array) -> Array:
    """A lids' edge [2 * segments, 2] from lines [n, 2] and [m, 2] along both lids, each from the left corner
    to the right one."""
    return np.concatenate([_even(upper, EYE_SEGMENTS), _even(lower, EYE_SEGMENTS)[-2:0:-1]])


def eye_opening(
    lids: Array, brow: Array, lashes: float, edge: Array | None = None, rigid: Array | None = None
) -> Opening:
    """An eye's rings: lid edge, lash line, crease, orbital rim.

    lids: float64 [6, 2] in face coordinates, the six landmarks from the picture's left corner along the
        upper lid to the right corner and back along the lower lid.
    brow: float64 [5, 2], its landmarks. lashes: how far above the upper lid's edge its lashes reach,
        millimetres.
    edge: as of `eye_edge`, where the lids are known better than by the landmarks.
    rigid: float64 [n, 2], what is in front of the skin above the eye and does not move with it.
    """
    edge = eye_edge(lids) if edge is None else _uncross(edge)
    upper = slice(0, EYE_SEGMENTS + 1)
    room = max(brow[1:-1, 1].mean() - edge[upper, 1].max(), 5.0)
    above = _chain(brow, EYE_SEGMENTS)
    free = _distance(edge[upper], above if rigid is None else np.concatenate([above, rigid]))
    lashes = min(lashes, 0.35 * room)
    crease, rim = (
        lashes + min(share * (room - lashes), limit)
        for share, limit in zip(UPPER_LID_SHARES, UPPER_LID_LIMITS, strict=True)
    )
    rings = [edge]
    offsets = zip((lashes, crease, rim), (LASH_OFFSET, *LOWER_LID_OFFSETS), BELOW_BROW, strict=True)
    for above, below, share in offsets:
        distance = np.full(len(edge), below)
        rise = np.sin(np.pi * np.arange(EYE_SEGMENTS + 1) / EYE_SEGMENTS) ** 0.5
        distance[upper] = np.minimum(below + (above - below) * rise, share * free)
        rings.append(_offset(edge, distance))
    return Opening(np.stack(rings))


def _loop(upper: Array, lower: Array, segments: int) -> Array:
    """Both edges as smooth curves through the landmarks, `segments` steps each, evenly spread across."""
    first, second = _chain(upper, segments), _chain(lower, segments)
    return np.concatenate([first, second[-2:0:-1]])


def _chain(points: Array, segments: int) -> Array:
    """A cubic spline through `points`, sampled evenly in its own length."""
    knots = _length(points)
    return _even(monotone_cubic(knots, points, np.linspace(0, knots[-1], 200)), segments)


def _even(line: Array, segments: int) -> Array:
    """The line through points [n, 2] in `segments` steps of one length."""
    along = _length(line)
    even = np.linspace(0, along[-1], segments + 1)
    return np.stack([np.interp(even, along, line[:, axis]) for axis in (0, 1)], axis=1)


def _length(line: Array) -> Array:
    """How far along a line each of its points [n, 2] lies."""
    return np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])


def _distance(points: Array, line: Array) -> Array:
    """Distance [n] of each of `points` [n, 2] to the nearest of the points [m, 2] of a line."""
    return np.asarray(np.hypot(*(points[:, None] - line).transpose(2, 0, 1)).min(1))


def _uncross(loop: Array) -> Array:
    """Where the upper edge lies below the lower one, put both on the line between."""
    segments = len(loop) // 2
    upper = np.arange(1, segments)
    lower = 2 * segments - upper
    crossed = loop[upper, 1] < loop[lower, 1]
    middle = (loop[upper] + loop[lower]) / 2
    loop = loop.copy()
    loop[upper[crossed]] = middle[crossed]
    loop[lower[crossed]] = middle[crossed]
    return loop


def _keep_outside(outer: Array, inner: Array, margin: float) -> Array:
    """Push `outer` away from `inner`, point by point, to at least `margin` millimetres."""
    outward = normals(inner)
    distance = ((outer - inner) * outward).sum(1)
    return np.asarray(outer + outward * np.maximum(0.0, margin - distance)[:, None])


def _offset(loop: Array, distance: Array | float) -> Array:
    """The loop moved outwards by `distance` millimetres along smoothed normals."""
    return np.asarray(loop + normals(loop) * np.broadcast_to(distance, len(loop))[:, None])


def normals(loop: Array) -> Array:
    """Outward unit normals of a loop whose upper edge runs left to right; a shut loop gets up, down and
    out."""
    count = len(loop)
    segments = count // 2
    fraction = np.arange(segments + 1) / segments
    ellipse = np.stack([-np.cos(np.pi * fraction), np.sin(np.pi * fraction)], axis=1)
    tangent = np.roll(loop, -1, axis=0) - np.roll(loop, 1, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    normal /= np.maximum(np.hypot(*normal.T), 1e-9)[:, None]
    round_ = np.concatenate([ellipse, (ellipse * (1.0, -1.0))[-2:0:-1]])
    blended = normal + 0.6 * round_
    blended /= np.hypot(*blended.T)[:, None]
    for _ in range(2):
        blended = (np.roll(blended, 1, axis=0) + 2 * blended + np.roll(blended, -1, axis=0)) / 4
        blended /= np.hypot(*blended.T)[:, None]
    return np.asarray(blended)
