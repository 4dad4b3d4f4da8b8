"""What is inside the mouth stays behind the skin in every shape: nothing of it shows through a cheek."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import UNMOVED, FaceShapes, moving_shapes
from phiz.portrait.rig import Camera, Layer

__all__ = ["Veil"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

CLEARANCE = (0.0004, 0.003)  # metres kept behind the skin: as much as at rest, within these limits
NEAREST = 8  # triangles around a point among which the one that covers it is looked for
ON_EDGE = 1e-6  # barycentric coordinates down to minus this count as inside


class Veil:
    """The skin around the mouth in each shape, as the camera sees it."""

    def __init__(self, shapes: FaceShapes, triangles: Index, camera: Camera) -> None:
        """triangles: intp [n, 3], those of the mesh that may cover the mouth."""
        self.shapes, self.triangles, self.camera = shapes, triangles, camera
        self.vertices = np.unique(triangles)

    def __call__(self, layer: Layer, *, through: Collection[str] = ()) -> Layer:
        """The layer slid back along the lines of sight wherever, at rest or in a shape, it came through the
        skin; shapes of `through` may."""
        rest = layer.positions.astype(np.float64)
        cover = self._cover(self.shapes.base, rest)
        keep = np.clip(np.where(np.isfinite(cover), cover - rest[:, 2], np.inf), *CLEARANCE)
        placed = self._slid(rest, cover, keep)
        moves: dict[str, Array] = {}
        for name, skin_move in self.shapes.shapes.items():
            if name not in layer.shapes and np.abs(skin_move[self.vertices]).max() <= UNMOVED:
                continue
            before, skin = placed, self.shapes.base
            if name == "mouthClose":  # as everywhere, from the open jaw
                before, skin = placed + moves["jawOpen"], skin + self.shapes.shapes["jawOpen"]
            move = layer.shapes.get(name)
            there = before if move is None else before + move
            if name not in through:
                there = self._slid(there, self._cover(skin + skin_move, there), keep)
            moves[name] = there - before
        return replace(layer, positions=placed.astype(np.float32), shapes=moving_shapes(moves))

    def _slid(self, places: Array, cover: Array, keep: Array) -> Array:
        """`places` [n, 3], moved back to `keep` metres behind `cover` where they are nearer than that."""
        depth = np.minimum(places[:, 2], cover - keep)
        back = depth < places[:, 2]
        slid = places.copy()
        slid[back] = self.camera.lift(self.camera.project(places[back]), depth[back])
        return slid

    def _cover(self, skin: Array, places: Array) -> Array:
        """Depth z in metres [n] of the skin before or behind each place; infinity where there is none."""
        from scipy.spatial import cKDTree

        seen, points = self.camera.project(skin), self.camera.project(places)
        nearness = 1 / (self.camera.eye[2] - skin[:, 2])  # linear over a triangle in the picture
        corners = seen[self.triangles]
        _, close = cKDTree(corners.mean(1)).query(points, k=NEAREST)
        a, b, c = (corners[close, k] for k in range(3))
        to_b, to_c, to_point = b - a, c - a, points[:, None] - a
        area = _cross(to_b, to_c)
        v, w = _cross(to_point, to_c) / area, _cross(to_b, to_point) / area
        inside = (v >= -ON_EDGE) & (w >= -ON_EDGE) & (v + w <= 1 + ON_EDGE)
        near = nearness[self.triangles][close]
        found = (1 - v - w) * near[..., 0] + v * near[..., 1] + w * near[..., 2]
        nearest = np.where(inside, found, -np.inf).max(1)
        covered = inside.any(1)
        return np.where(covered, self.camera.eye[2] - 1 / np.where(covered, nearest, 1.0), np.inf)


def _cross(one: Array, other: Array) -> Array:
    return np.asarray(one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0])
