"""Smooth displacements from a few fixed ones: a biharmonic solve on the face's mesh.

Minimises the bending energy u' L M^-1 L u under hard constraints (Botsch & Kobbelt 2004, "An intuitive
framework for real-time freeform modeling"), L being the cotangent Laplacian and M the vertex areas. Cuts are
free borders, so displacements do not leak from one lip to the other.
"""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.mesh import Mesh, signed_areas

__all__ = ["Spreader", "bending"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

MEMBRANE = 2e-4  # share of stretching energy, per square millimetre: keeps far ends from swinging out


def bending(mesh: Mesh) -> object:
    """The bending energy's matrix, scipy CSC [vertices, vertices]."""
    from scipy.sparse import coo_matrix, diags

    count, triangles = len(mesh.points), mesh.triangles
    doubled = np.maximum(signed_areas(mesh.points, triangles), 0.2)
    rows, columns, values = [], [], []
    for k in range(3):
        i, j, o = triangles[:, (k + 1) % 3], triangles[:, (k + 2) % 3], triangles[:, k]
        u, v = mesh.points[i] - mesh.points[o], mesh.points[j] - mesh.points[o]
        half = np.clip((u * v).sum(1) / doubled, 0.02, 20.0) / 2  # clipped: no negative weights, no folding
        rows += [i, j, i, j]
        columns += [j, i, i, j]
        values += [-half, -half, half, half]
    shape = (count, count)
    laplacian = coo_matrix(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape
    ).tocsc()
    area = np.zeros(count)
    np.add.at(area, triangles.ravel(), np.repeat(doubled / 6, 3))
    return (laplacian @ diags(1 / np.maximum(area, 0.3)) @ laplacian + MEMBRANE * laplacian).tocsc()


class Spreader:
    """Spreads displacements given at fixed vertices over the free ones; factored once, used for many
    shapes."""

    def __init__(self, energy: object, fixed: Index) -> None:
        """energy: from `bending`. fixed: intp [n], distinct vertices whose displacement will be given."""
        from scipy.sparse.linalg import splu

        count = energy.shape[0]  # type: ignore[attr-defined]
        mask = np.ones(count, bool)
        mask[fixed] = False
        self.fixed = fixed
        self._free = np.flatnonzero(mask)
        rows = energy[self._free]  # type: ignore[index]
        self._coupling = rows[:, fixed]
        self._factor = splu(rows[:, self._free].tocsc())

    def __call__(self, displacements: Array) -> Array:
        """Displacements [vertices, k] of all vertices from those [n, k] of the fixed ones."""
        out = np.zeros((len(self._free) + len(self.fixed), displacements.shape[1]))
        out[self.fixed] = displacements
        out[self._free] = self._factor.solve(-(self._coupling @ displacements))
        return out
