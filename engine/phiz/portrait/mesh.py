"""The face's mesh: triangles over the whole person, cut along the lips and the lids."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.contours import Opening

__all__ = ["Mesh", "adjacency", "build_mesh", "signed_areas"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

FACE_CENTRE = np.array([0.0, -32.0])  # millimetres, face coordinates
FACE_RADII = np.array([84.0, 92.0])  # what blendshapes may move
HEAD_RADII = np.array([150.0, 175.0])
FACE_STEP, HEAD_STEP, BODY_STEP = 5.6, 13.0, 26.0  # millimetres between vertices
BODY_VERTICES = 1200  # far from the head the step grows to stay below this
LEAST_AREA = 0.02  # square millimetres, doubled, of a triangle
RELAXATIONS = 40
CLEARANCE = 0.72  # share of the local step that other vertices keep from contours and landmarks


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in face coordinates.

    points: float64 [vertices, 2] in millimetres. triangles: intp [triangles, 3], counter-clockwise (+y up).
    rings: by opening ("mouth", "eye_right", "eye_left"), intp [rings, 2 * segments] vertex indices.
    landmarks: vertex index by landmark number, for jaw, brows and nose.
    """

    points: Array
    triangles: Index
    rings: Mapping[str, Index]
    landmarks: Mapping[int, int]


def signed_areas(points: Array, triangles: Index) -> Array:
    """Twice the area of each triangle, negative where it is clockwise. points: [n, 2 or more], +y up."""
    a, b, c = (points[triangles[:, k], :2] for k in range(3))
    return np.asarray((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))


def build_mesh(openings: Mapping[str, Opening], landmarks: Array, border: Array) -> Mesh:
    """Triangulate the picture around the openings.

    The rings of each opening are joined strip by strip, so the cut is exact even where the lips are shut;
    all the rest is Delaunay-triangulated around the outermost rings.

    landmarks: float64 [68, 2] in face coordinates. border: float64 [4, 2], the corners of the area to cover.
    """
    from scipy.spatial import Delaunay

    loops = {name: opening.rings[-1] for name, opening in openings.items()}
    named = [
        k for k in range(36) if not any(_inside(loop, landmarks[k : k + 1])[0] for loop in loops.values())
    ]
    fixed = np.concatenate([*loops.values(), landmarks[named]])
    fill = _scatter(fixed, loops, border)
    outside = np.concatenate([fixed, fill])
    triangles = Delaunay(outside).simplices
    centres = outside[triangles].mean(1)
    hidden = np.any([_inside(loop, centres) for loop in loops.values()], axis=0)
    triangles = _wind(outside, triangles[~hidden])

    points, rings, strips = [outside], {}, [triangles]
    start, count = 0, len(outside)
    for name, opening in openings.items():
        inner = opening.rings[:-1]
        size = inner.shape[1]
        index = np.arange(inner.shape[0] * size).reshape(inner.shape[:2]) + count
        rings[name] = np.vstack([index, np.arange(start, start + size)])
        points.append(inner.reshape(-1, 2))
        strips.append(_strips(opening.rings, rings[name]))
        start, count = start + size, count + inner.shape[0] * size
    vertices = {landmark: start + k for k, landmark in enumerate(named)}
    cuts = np.concatenate([ring[0] for ring in rings.values()])
    everything = np.concatenate(strips)
    return Mesh(_relaxed(np.concatenate(points), everything, cuts), everything, rings, vertices)


def _relaxed(points: Array, triangles: Index, cuts: Index) -> Array:
    """`points` [n, 2] moved as little as it takes for no triangle to be turned over.

    Vertices around a turned triangle move towards the mean of their neighbours: at first all but those of the
    cuts, later these too. Raises FaceError when the contours are too tangled for that.
    """
    neighbours = adjacency(len(points), triangles)
    points = points.copy()
    for step in range(2 * RELAXATIONS):
        folded = signed_areas(points, triangles) < LEAST_AREA
        if not folded.any():
            return points
        loose = np.unique(neighbours[np.unique(triangles[folded])].indices)
        if step < RELAXATIONS:
            loose = np.setdiff1d(loose, cuts)
        points[loose] = 0.5 * points[loose] + 0.5 * (neighbours[loose] @ points)
    raise FaceError("the landmarks of eyes and mouth cross each other; use a clearer picture or --landmarks")


def adjacency(count: int, triangles: Index) -> Any:
    """Which vertices share an edge: row-normalised scipy CSR matrix [count, count]."""
    from scipy.sparse import coo_matrix, diags

    rows = triangles[:, [0, 1, 2]].ravel()
    columns = triangles[:, [1, 2, 0]].ravel()
    both = coo_matrix((np.ones(len(rows)), (rows, columns)), (count, count))
    joined = ((both + both.T) > 0).astype(np.float64).tocsr()
    degree = np.maximum(np.asarray(joined.sum(1)).ravel(), 1)
    return (diags(1 / degree) @ joined).tocsr()


def _strips(rings: Array, index: Index) -> Index:
    """Two triangles between each pair of steps of each pair of rings, cut along the shorter diagonal.

    At the corners of the opening the cuts fan out from the inner ring, so that its edges can close without a
    fold.
    """
    triangles = []
    for k in range(len(rings) - 1):
        inner, outer = rings[k], rings[k + 1]
        following = np.roll(np.arange(inner.shape[0]), -1)
        shorter = np.hypot(*(inner - outer[following]).T) <= np.hypot(*(outer - inner[following]).T)
        half = inner.shape[0] // 2
        shorter[[0, half]], shorter[[half - 1, -1]] = True, False
        for j, after in enumerate(following):
            a, b = index[k, j], index[k, after]
            c, d = index[k + 1, j], index[k + 1, after]
            # the upper edge runs left to right with outside above it: inner-next, outer-next, outer
            triangles += [(a, b, d), (a, d, c)] if shorter[j] else [(a, b, c), (b, d, c)]
    return np.array(triangles, np.intp)


def _wind(points: Array, triangles: Index) -> Index:
    """Counter-clockwise triangles, without slivers on the border."""
    area = signed_areas(points, triangles)
    triangles = np.where((area < 0)[:, None], triangles[:, ::-1], triangles)
    return np.asarray(triangles[np.abs(area) > 1e-6], np.intp)


def _scatter(fixed: Array, loops: Mapping[str, Array], border: Array) -> Array:
    """Vertices between the fixed ones: dense in the face, sparser on the head, sparsest on the rest."""
    from scipy.spatial import cKDTree

    low, high = border.min(0), border.max(0)
    step = max(BODY_STEP, float(np.sqrt(np.prod(high - low) / BODY_VERTICES)))
    edge = _edge(border, step)
    tree = cKDTree(fixed)
    kept = [edge]
    for size, inner, outer in ((FACE_STEP, 0.0, 1.0), (HEAD_STEP, 1.0, 2.0), (step, 2.0, 3.0)):
        grid = _hexagons(low, high, size)
        zone = _zone(grid)
        grid = grid[(zone >= inner) & (zone < outer) & _inside(border, grid)]
        for loop in loops.values():
            grid = grid[~_inside(loop, grid)]
        clear = tree.query(grid)[0] > CLEARANCE * size
        clear &= cKDTree(np.concatenate(kept)).query(grid)[0] > CLEARANCE * size
        kept.append(grid[clear])
    return np.concatenate(kept)


def _zone(points: Array) -> Array:
    """0..1 inside the face, 1..2 on the head around it, 2 and more beyond."""
    face = np.hypot(*((points - FACE_CENTRE) / FACE_RADII).T)
    head = np.hypot(*((points - FACE_CENTRE) / HEAD_RADII).T)
    return np.asarray(np.where(face < 1, 0.5, np.where(head < 1, 1.5, 2.5)))


def _edge(border: Array, step: float) -> Array:
    sides = []
    for start, end in zip(border, np.roll(border, -1, axis=0), strict=True):
        count = max(1, int(np.hypot(*(end - start)) / step))
        sides.append(start + (end - start) * np.arange(count)[:, None] / count)
    return np.concatenate(sides)


def _hexagons(low: Array, high: Array, step: float) -> Array:
    """A hexagonal grid that has the point (0, 0), symmetric about x = 0."""
    rise = step * 3**0.5 / 2
    rows = np.arange(np.floor(low[1] / rise), np.ceil(high[1] / rise) + 1)
    reach = np.ceil(max(abs(low[0]), abs(high[0])) / step) + 1
    columns = np.arange(-reach, reach + 1)
    x = columns[None, :] * step + (rows[:, None] % 2) * (step / 2)
    y = np.broadcast_to(rows[:, None] * rise, x.shape)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _inside(polygon: Array, points: Array) -> NDArray[np.bool_]:
    """Which points [n, 2] lie inside the polygon [m, 2] (even-odd rule)."""
    x, y = points[:, :1], points[:, 1:]
    ax, ay = polygon[:, 0], polygon[:, 1]
    bx, by = np.roll(ax, -1), np.roll(ay, -1)
    spans = (ay > y) != (by > y)
    rise = np.where(by == ay, 1.0, by - ay)
    crossing = ax + (y - ay) * (bx - ax) / rise
    return np.asarray((spans & (x < crossing)).sum(1) % 2 == 1)
