"""A rig laid out for drawing: all layers in flat arrays, triangles in the order they are drawn."""

from itertools import groupby
from math import fsum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHANNELS, INDEX, SHAPES
from phiz.errors import RigError
from phiz.portrait.rig import Layer, Rig
from phiz.renderers.pose import Motion, Placement, joint_matrices, place_vertices
from phiz.renderers.textures import alpha_ranges, prepare_texture

__all__ = ["FIRM", "SOFT", "SOLID", "Batch", "Mesh", "build_mesh"]

# How a triangle is drawn. A blended layer is drawn twice where its alpha varies: first what is mostly opaque,
# which hides what lies behind it, then its soft rest, which does not.
SOLID = 0  # alpha is 255 all over
FIRM = 1  # only texels with alpha of at least a half; they write depth
SOFT = 2  # only texels with alpha below a half and above 0; they write no depth

# Of depth, about 0.01 mm: of layers at the same place the later wins, whatever rounding says.
LAYER_STEP = 1e-5
REACH = (-1.0, 2.0)  # of a texture, which a triangle may overlap; fixed point holds no more


class Batch(NamedTuple):
    """Triangles `first` to `first + length` have this kind and this texture."""

    kind: int
    texture: int
    first: int
    length: int


class Mesh(NamedTuple):
    """Everything a renderer draws.

    motion: what moves the vertices. uvs: float64 [vertices, 2], 0..1 on the texture.
    triangles: int64 [n, 3] in drawing order. across: int64 [n, 3], for the edge from each corner to the next
    the triangle that shares it and is drawn in the same way, -1 for none.
    kinds: int64 [n], SOLID, FIRM or SOFT. maps: int64 [n], index into `textures`. still: how many triangles
    at the start of the order can never move. textures: premultiplied uint8 [h, w, 4].
    """

    motion: Motion
    uvs: NDArray[np.float64]
    triangles: NDArray[np.int64]
    across: NDArray[np.int64]
    kinds: NDArray[np.int64]
    maps: NDArray[np.int64]
    still: int
    textures: list[NDArray[np.uint8]]

    def batches(self) -> list[Batch]:
        """Runs of triangles that one draw call can take."""
        runs, first = [], 0
        keys = zip(self.kinds.tolist(), self.maps.tolist(), strict=True)
        for (kind, texture), group in groupby(keys):
            length = sum(1 for _ in group)
            runs.append(Batch(kind, texture, first, length))
            first += length
        return runs


def build_mesh(rig: Rig, placement: Placement) -> Mesh:
    """Lay a rig out for drawing at one placement. Raises RigError where its arrays do not fit together."""
    if not rig.layers:
        raise RigError("the rig has no layers to draw; make it again with `phiz rig`")
    for layer in rig.layers:
        _check(rig, layer)
    firsts = np.cumsum([0, *(len(layer.positions) for layer in rig.layers)])
    motion = _motion(rig, firsts)
    # A triangle may reach over the texture's edge, which goes on there: sampling, not vertices, stays inside.
    uvs = np.clip(_stack([layer.uvs for layer in rig.layers]), *REACH)
    points = np.zeros_like(motion.positions)
    place_vertices(motion, placement, joint_matrices(rig.joints, 0, 0, 0), np.zeros(len(CHANNELS)), points)

    keys = list(dict.fromkeys((layer.texture, layer.blend) for layer in rig.layers))
    textures = []
    for key, blend in keys:
        used = [
            first + layer.triangles.astype(np.int64)
            for layer, first in zip(rig.layers, firsts[:-1], strict=True)
            if (layer.texture, layer.blend) == (key, blend)
        ]
        height, width = rig.textures[key].shape[:2]
        density = _density(points[:, :2], uvs * (width, height), np.concatenate(used))
        textures.append(prepare_texture(rig.textures[key], blend, density))

    triangles, kinds, maps, counts = [], [], [], []
    for layer, first in zip(rig.layers, firsts[:-1], strict=True):
        texture = keys.index((layer.texture, layer.blend))
        corners = first + layer.triangles.astype(np.int64)
        parts = _split(corners, uvs, textures[texture]) if layer.blend else [(SOLID, corners)]
        counts.append(sum(len(part) for _, part in parts))
        for kind, part in parts:
            triangles.append(part)
            kinds.append(np.full(len(part), kind, np.int64))
            maps.append(np.full(len(part), texture, np.int64))
    moves = [_moves(layer) for layer in rig.layers]
    still = sum(counts[: moves.index(True) if True in moves else len(counts)])
    order = np.ascontiguousarray(np.concatenate(triangles))
    neighbours = _neighbours(order, np.concatenate(kinds))
    return Mesh(motion, uvs, order, neighbours, np.concatenate(kinds), np.concatenate(maps), still, textures)


def _neighbours(triangles: NDArray[np.int64], kinds: NDArray[np.int64]) -> NDArray[np.int64]:
    """`Mesh.across`: two triangles run along a shared edge in opposite directions; others are borders."""
    across = np.full(triangles.shape, -1, np.int64)
    seen: dict[tuple[bool, int, int], tuple[int, int]] = {}
    # solid and firm are one surface: where such triangles met as if at borders, samples could fall between
    for t, (corners, kind) in enumerate(zip(triangles.tolist(), (kinds == SOFT).tolist(), strict=True)):
        for e in range(3):
            a, b = corners[e], corners[(e + 1) % 3]
            other = seen.pop((kind, b, a), None)
            if other is None:
                seen[kind, a, b] = (t, e)
            else:
                across[t, e], across[other] = other[0], t
    return across


def _stack(parts: list[NDArray[np.float32]]) -> NDArray[np.float64]:
    return np.concatenate(parts).astype(np.float64)


def _moves(layer: Layer) -> bool:
    """Whether any shape or joint can move any vertex of the layer."""
    shapes = any(np.any(delta) for name, delta in layer.shapes.items() if name in SHAPES)
    return bool(shapes or np.any(layer.weights[:, 1:]))


def _motion(rig: Rig, firsts: NDArray[np.int64]) -> Motion:
    names = [name for name in SHAPES if any(name in layer.shapes for layer in rig.layers)]
    starts, vertices, deltas = [0], [np.empty(0, np.int64)], [np.empty((0, 3))]
    for name in names:
        for layer, first in zip(rig.layers, firsts[:-1], strict=True):
            delta = layer.shapes.get(name)
            if delta is not None:
                touched = np.flatnonzero(np.any(delta != 0, axis=1))
                vertices.append(first + touched)
                deltas.append(delta[touched].astype(np.float64))
        starts.append(sum(map(len, vertices)))
    lift = [np.full(len(layer.positions), number * LAYER_STEP) for number, layer in enumerate(rig.layers)]
    return Motion(
        positions=_stack([layer.positions for layer in rig.layers]),
        shares=np.ascontiguousarray(_stack([layer.weights for layer in rig.layers])[:, 1:]),
        lift=np.concatenate(lift),
        channels=np.array([INDEX[name] for name in names], np.int64),
        starts=np.array(starts, np.int64),
        vertices=np.concatenate(vertices),
        deltas=np.concatenate(deltas),
    )


def _density(
    points: NDArray[np.float64], texels: NDArray[np.float64], corners: NDArray[np.int64]
) -> tuple[float, float]:
    """Texels per output pixel across and down: the mean over the picture of each gradient's length."""
    (p0, p1, p2), (t0, t1, t2) = (([array[corners[:, k]] for k in range(3)]) for array in (points, texels))
    (ax, ay), (bx, by) = (p1 - p0).T, (p2 - p0).T
    doubled = fsum(np.abs(ax * by - ay * bx))
    if doubled == 0:
        return 1.0, 1.0
    first, second = t1 - t0, t2 - t0
    right, below = first * by[:, None] - second * ay[:, None], second * ax[:, None] - first * bx[:, None]
    slopes = np.sqrt(right * right + below * below)
    return fsum(slopes[:, 0]) / doubled, fsum(slopes[:, 1]) / doubled


def _split(
    corners: NDArray[np.int64], uvs: NDArray[np.float64], texture: NDArray[np.uint8]
) -> list[tuple[int, NDArray[np.int64]]]:
    """A blended layer's triangles by how they are drawn; those that show nothing are left out."""
    texels = uvs[corners] * (texture.shape[1], texture.shape[0]) - 0.5
    boxes = np.concatenate([texels.min(axis=1), texels.max(axis=1)], axis=1)
    shows, low, high, varies = alpha_ranges(texture, boxes).T
    return [(SOLID, corners[~varies]), (FIRM, corners[varies & high]), (SOFT, corners[shows & low])]


def _check(rig: Rig, layer: Layer) -> None:
    count = len(layer.positions)
    texture = rig.textures.get(layer.texture)
    problem = ""
    if texture is None or texture.ndim != 3 or texture.shape[2] != 4 or texture.size == 0:
        problem = f"has no RGBA texture {layer.texture!r}"
    elif (
        layer.positions.shape != (count, 3)
        or layer.uvs.shape != (count, 2)
        or layer.weights.shape != (count, 3)
    ):
        problem = (
            f"has positions {layer.positions.shape}, uvs {layer.uvs.shape}, weights {layer.weights.shape}"
        )
    elif layer.triangles.size and (layer.triangles.shape[1:] != (3,) or layer.triangles.max() >= count):
        problem = f"has triangles beyond its {count} vertices"
    elif any(delta.shape != (count, 3) for delta in layer.shapes.values()):
        problem = f"has a shape that does not match its {count} vertices"
    elif not all(
        np.all(np.isfinite(a)) for a in (layer.positions, layer.uvs, layer.weights, *layer.shapes.values())
    ):
        problem = "has a number that is not finite"
    if problem:
        raise RigError(f"layer {layer.name!r} {problem}; make the rig again with `phiz rig`")
