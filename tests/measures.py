"""What tests measure on a rig's geometry, whatever mesh it has: folds, gaps, how points of the photo move."""

from collections.abc import Iterator, Mapping
from itertools import product

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHANNELS, INDEX
from phiz.portrait.mesh import signed_areas
from phiz.portrait.rig import Rig
from phiz.renderers.pose import joint_matrices

__all__ = [
    "CORNERS", "STRAIGHT", "Field", "distance_to_line", "eye_axis", "flipped", "gap", "openings", "posed", "values"
]  # fmt: skip

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Turn = tuple[float, float, float]

STRAIGHT: Turn = (0.0, 0.0, 0.0)
CORNERS: tuple[Turn, ...] = tuple(product((-12.0, 12.0), (-8.0, 8.0), (-8.0, 8.0)))  # yaw, pitch, roll, degrees
# By opening: landmarks around it and those of its corners, right one first.
AROUND = {
    "mouth": (range(60, 68), (60, 64)), "eye_right": (range(36, 42), (36, 39)), "eye_left": (range(42, 48), (42, 45)),
}  # fmt: skip


def values(**weights: float) -> Array:
    """A frame's values [channels] from channels by name."""
    row = np.zeros(len(CHANNELS))
    for name, weight in weights.items():
        row[INDEX[name]] = weight
    return row


def posed(rig: Rig, layer: str, **weights: float) -> Array:
    """Places [vertices, 3] of a layer, the head straight."""
    part = rig.layer(layer)
    places = part.positions.astype(np.float64)
    for name, weight in weights.items():
        if name in part.shapes:
            places = places + weight * part.shapes[name]
    return places


def flipped(rig: Rig, layer: str, turn: Turn = STRAIGHT, **weights: float) -> int:
    """Triangles that the camera sees from behind, with the head turned by yaw, pitch and roll in degrees."""
    places, part = posed(rig, layer, **weights), rig.layer(layer)
    matrices = joint_matrices(rig.joints, *np.radians(turn))
    moved = [places @ matrix[:, :3].T + matrix[:, 3] for matrix in matrices]
    skinned = sum(share[:, None] * joint for share, joint in zip(part.weights.T, moved, strict=True))
    seen = rig.camera.project(skinned) * (1, -1)
    return int((signed_areas(seen, part.triangles.astype(np.intp)) <= 0).sum())


def eye_axis(rig: Rig) -> Array:
    """Unit vector [2] in the photo from the right eye to the left."""
    along = rig.landmarks[42:48].mean(0) - rig.landmarks[36:42].mean(0)
    return np.asarray(along / np.hypot(*along), float)


def openings(rig: Rig) -> dict[str, tuple[Index, Index]]:
    """Of mouth, eye_right and eye_left: the face layer's vertices along the upper and along the lower edge."""
    face = rig.layer("face")
    photo = rig.camera.project(posed(rig, "face", photo=1.0))
    loops = list(_borders(face.triangles.astype(np.intp)))
    down = eye_axis(rig) @ [[0, 1], [-1, 0]]
    found = {}
    for name, (around, corners) in AROUND.items():
        centre = rig.landmarks[list(around)].mean(0)
        loop = min(loops, key=lambda ring: np.hypot(*(photo[ring] - centre).T).max())
        half = len(loop) // 2  # both edges have as many vertices
        far = sum(
            np.hypot(*(photo[np.roll(loop, -shift)] - rig.landmarks[k]).T)
            for k, shift in zip(corners, (0, half), strict=True)
        )
        turned = np.roll(loop, -int(np.argmin(far)))
        one, other = turned[: half + 1], np.append(turned[half:], turned[0])
        upper, lower = sorted((one, other), key=lambda chain: float((photo[chain] @ down).mean()))
        found[name] = upper, lower
    return found


def _borders(triangles: Index) -> Iterator[Index]:
    """The closed lines of edges that belong to one triangle only."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]).tolist()
    known = {tuple(edge) for edge in edges}
    after = {a: b for a, b in known if (b, a) not in known}
    while after:
        start, place = after.popitem()
        ring = [start]
        while place in after:
            ring.append(place)
            place = after.pop(place)
        yield np.array(ring, np.intp)


def gap(rig: Rig, edges: tuple[Index, Index], **weights: float) -> float:
    """Millimetres, as the camera sees them, from the furthest point of one edge of an opening to the other edge."""
    seen = rig.camera.project(posed(rig, "face", **weights))
    upper, lower = (seen[chain] for chain in edges)
    apart = max(distance_to_line(upper, lower).max(), distance_to_line(lower, upper).max())
    return float(apart / rig.camera.scale * 1000)


def distance_to_line(points: Array, line: Array) -> Array:
    """Distances [n] of points [n, 2] from an open line through [m, 2]."""
    start, step = line[:-1], np.diff(line, axis=0)
    length = np.maximum((step**2).sum(1), 1e-12)
    along = np.clip(((points[:, None] - start) * step).sum(2) / length, 0, 1)
    return np.asarray(np.hypot(*(points[:, None] - start - along[..., None] * step).transpose(2, 0, 1)).min(1))


class Field:
    """How points of the photo move with the shapes, on the layer `face`."""

    def __init__(self, rig: Rig, points: Array) -> None:
        """points: float64 [n, 2] in pixels of the photo."""
        self.rig = rig
        face = rig.layer("face")
        triangles = face.triangles.astype(np.intp)
        corners = rig.camera.project(posed(rig, "face", photo=1.0))[triangles]
        a, b, c = corners.transpose(1, 0, 2)
        area = _cross(b - a, c - a)
        shares = np.stack([
            _cross(b - points[:, None], c - points[:, None]) / area,
            _cross(c - points[:, None], a - points[:, None]) / area,
            _cross(a - points[:, None], b - points[:, None]) / area,
        ], axis=2)  # fmt: skip
        best = shares.min(2).argmax(1)
        self.shares = shares[np.arange(len(points)), best]
        self.inside = self.shares.min(1) >= -1e-6
        self.vertices = triangles[best]

    def places(self, **weights: float) -> Array:
        """Places [n, 3] in metres; meaningless where not `inside`."""
        return np.asarray((posed(self.rig, "face", **weights)[self.vertices] * self.shares[..., None]).sum(1))

    def moves(self, frm: Mapping[str, float] | None = None, **weights: float) -> Array:
        """Displacements [n, 3] in millimetres against the pose `frm` (default: all shapes at 0); 0 outside."""
        moved = self.places(**weights) - self.places(**(frm or {}))
        return np.where(self.inside[:, None], moved * 1000, 0.0)


def _cross(one: Array, other: Array) -> Array:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])

