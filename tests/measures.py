"""What tests measure on a rig's geometry, whatever mesh it has: folds, gaps, how points of the photo move."""

from collections.abc import Iterator
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHANNELS, INDEX
from phiz.portrait.mesh import signed_areas
from phiz.portrait.rig import Layer, Rig
from phiz.renderers.pose import joint_matrices

__all__ = [
    "CORNERS", "PERSON", "STRAIGHT", "Field", "distance_to_line", "eye_axis", "flipped", "gap", "openings",
    "posed", "seen", "skin", "values",
]  # fmt: skip

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Turn = tuple[float, float, float]

PERSON = ("face", "body", "edge")  # layers that the person's skin, hair and clothes are cut into
STRAIGHT: Turn = (0.0, 0.0, 0.0)  # yaw, pitch and roll in degrees
CORNERS: tuple[Turn, ...] = tuple(product((-12.0, 12.0), (-8.0, 8.0), (-8.0, 8.0)))
# By opening: landmarks around it.
AROUND = {"mouth": range(60, 68), "eye_right": range(36, 42), "eye_left": range(42, 48)}


def values(**weights: float) -> Array:
    """A frame's values [channels] from channels by name."""
    row = np.zeros(len(CHANNELS))
    for name, weight in weights.items():
        row[INDEX[name]] = weight
    return row


@cache
def skin(rig: Rig) -> Layer:
    """The layers of `PERSON` in one, sewn together where they meet. Vertices of lips and lids that lie in one
    place stay apart, as they move apart."""
    layers = [layer for layer in rig.layers if layer.name in PERSON]
    counts = [len(layer.positions) for layer in layers]
    starts = np.cumsum([0, *counts])
    names = sorted({name for layer in layers for name in layer.shapes})
    shapes = {
        name: np.concatenate([layer.shapes.get(name, np.zeros_like(layer.positions)) for layer in layers])
        for name in names
    }
    positions = np.concatenate([layer.positions for layer in layers])
    _, first, index = np.unique(
        np.hstack([positions, shapes["jawOpen"]]), axis=0, return_index=True, return_inverse=True
    )
    triangles = np.concatenate(
        [layer.triangles + start for layer, start in zip(layers, starts[:-1], strict=True)]
    )
    return Layer(
        "skin", positions[first], np.zeros((len(first), 2), np.float32),
        index.ravel()[triangles].astype(np.uint32), "",
        np.concatenate([layer.weights for layer in layers])[first],
        {name: move[first] for name, move in shapes.items()},
    )  # fmt: skip


def posed(layer: Layer, **weights: float) -> Array:
    """Places [vertices, 3] of a layer, the head straight."""
    places = layer.positions.astype(np.float64)
    for name, weight in weights.items():
        if name in layer.shapes:
            places = places + weight * layer.shapes[name]
    return places


def seen(rig: Rig, turn: Turn = STRAIGHT, **weights: float) -> Array:
    """Picture coordinates [vertices, 2] of the skin, the head turned by yaw, pitch and roll in degrees."""
    part = skin(rig)
    places = posed(part, **weights)
    matrices = joint_matrices(rig.joints, *np.radians(turn))
    moved = [places @ matrix[:, :3].T + matrix[:, 3] for matrix in matrices]
    skinned = sum(share[:, None] * joint for share, joint in zip(part.weights.T, moved, strict=True))
    return rig.camera.project(skinned)


def flipped(rig: Rig, turn: Turn = STRAIGHT, **weights: float) -> int:
    """Triangles of the skin that the camera sees from behind."""
    places = seen(rig, turn, **weights) * (1, -1)
    return int((signed_areas(places, skin(rig).triangles.astype(np.intp)) <= 0).sum())


def eye_axis(rig: Rig) -> Array:
    """Unit vector [2] in the photo from the right eye to the left."""
    along = rig.landmarks[42:48].mean(0) - rig.landmarks[36:42].mean(0)
    return np.asarray(along / np.hypot(*along), float)


def openings(rig: Rig) -> dict[str, tuple[Index, Index]]:
    """Of mouth, eye_right and eye_left: the skin's vertices along the upper and the lower edge."""
    photo = rig.camera.project(posed(skin(rig), photo=1.0))
    loops = list(_borders(skin(rig).triangles.astype(np.intp)))
    down = eye_axis(rig) @ [[0, 1], [-1, 0]]
    found = {}
    for name, around in AROUND.items():
        centre = rig.landmarks[list(around)].mean(0)
        loop = min(loops, key=lambda ring: np.hypot(*(photo[ring] - centre).T).max())
        half = len(loop) // 2  # both edges have as many vertices
        width = np.hypot(*(photo[loop] - photo[np.roll(loop, -half)]).T)
        turned = np.roll(loop, -int(np.argmax(width)))  # its corners are furthest from each other
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
    """Millimetres from the point of one edge furthest from the other edge to it, as the camera sees them."""
    seen = rig.camera.project(posed(skin(rig), **weights))
    upper, lower = (seen[chain] for chain in edges)
    apart = max(distance_to_line(upper, lower).max(), distance_to_line(lower, upper).max())
    return float(apart / rig.camera.scale * 1000)


def distance_to_line(points: Array, line: Array) -> Array:
    """Distances [n] of points [n, 2] from an open line through [m, 2]."""
    start, step = line[:-1], np.diff(line, axis=0)
    length = np.maximum((step**2).sum(1), 1e-12)
    beside = points[:, None] - start
    along = np.clip((beside * step).sum(2) / length, 0, 1)
    return np.asarray(np.hypot(*(beside - along[..., None] * step).transpose(2, 0, 1)).min(1))


class Field:
    """How points of the photo move with the shapes, on the skin."""

    def __init__(self, rig: Rig, points: Array) -> None:
        """points: float64 [n, 2] in pixels of the photo."""
        self.rig = rig
        triangles = skin(rig).triangles.astype(np.intp)
        corners = rig.camera.project(posed(skin(rig), photo=1.0))[triangles]
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
        return np.asarray((posed(skin(self.rig), **weights)[self.vertices] * self.shares[..., None]).sum(1))

    def moves(self, **weights: float) -> Array:
        """Displacements [n, 3] in millimetres from all shapes at 0; none where not `inside`."""
        moved = self.places(**weights) - self.places()
        return np.where(self.inside[:, None], moved * 1000, 0.0)


def _cross(one: Array, other: Array) -> Array:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])
