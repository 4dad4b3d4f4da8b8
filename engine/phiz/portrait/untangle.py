"""No triangle ever turns over: displacements smoothed just where they would fold the mesh."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.mesh import signed_areas

__all__ = ["untangle"]

Array = NDArray[np.float64]

FLOOR = 0.04  # share of its rest area that each triangle keeps in the picture
SMOOTHINGS = 60
SHRINK = 0.93  # of the whole shape, when smoothing alone does not help
SHRINKS = 12


def untangle(
    start: Array, move: Array, triangles: NDArray[np.intp], kept: NDArray[np.bool_], project: Callable[[Array], Array]
) -> Array:
    """Displacements like `move` [vertices, 3] that turn no triangle over as `project` sees it.

    start: float64 [vertices, 3], where no triangle is turned over. kept: bool [vertices], vertices whose displacement
    must stay in proportion (lip and lid edges): they are smoothed last, by scaling the whole shape down.
    project: from points [vertices, 3] to picture coordinates [vertices, 2], +y down.
    """
    rest = _areas(start, triangles, project)
    neighbours = _neighbours(len(start), triangles)
    for _ in range(SHRINKS):
        trial = move.copy()
        for _ in range(SMOOTHINGS):
            folded = _areas(start + trial, triangles, project) < FLOOR * rest
            if not folded.any():
                return trial
            loose = np.unique(triangles[folded])
            loose = loose[~kept[loose]]
            if not len(loose):
                break
            trial[loose] = 0.4 * trial[loose] + 0.6 * (neighbours[loose] @ trial)
        move = move * SHRINK
    return _largest_share(start, move, triangles, rest, project)


def _largest_share(
    start: Array, move: Array, triangles: NDArray[np.intp], rest: Array, project: Callable[[Array], Array]
) -> Array:
    share = 1.0
    while (_areas(start + share * move, triangles, project) < FLOOR * rest).any():
        share *= SHRINK
    return share * move


def _areas(places: Array, triangles: NDArray[np.intp], project: Callable[[Array], Array]) -> Array:
    return signed_areas(project(places) * (1.0, -1.0), triangles)


def _neighbours(count: int, triangles: NDArray[np.intp]) -> Array:
    """Row-normalised adjacency, scipy CSR [vertices, vertices]."""
    from scipy.sparse import coo_matrix, diags

    rows = triangles[:, [0, 1, 2]].ravel()
    columns = triangles[:, [1, 2, 0]].ravel()
    ones = np.ones(len(rows))
    both = coo_matrix((ones, (rows, columns)), (count, count))
    adjacency = ((both + both.T) > 0).astype(np.float64).tocsr()
    degree = np.maximum(np.asarray(adjacency.sum(1)).ravel(), 1)
    return diags(1 / degree) @ adjacency  # type: ignore[no-any-return]
