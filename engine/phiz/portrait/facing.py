"""No triangle turns away as the head turns: vertices slid along their lines of sight.

From the camera a vertex may lie at any distance without the picture changing. Let r be the ray to a vertex,
scaled to depth 1, and w the inverse of its depth. Three vertices then span the plane n with n . r = w for
each, and a second eye, displaced by d, sees the triangle from the same side as the camera while n . d < 1.
That is one linear condition on three values of w, so the set of reliefs that face every eye is convex: it is
found by projecting onto the conditions that fail, again and again (averaged over each vertex: component
averaging, Censor, Gordon & Gordon 2001).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Facing"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

# How far below 1 the product n . d is kept; skin shared with the neck, which turns less, takes some of it.
GRAZING = 0.08
AIM = 0.12  # and how far it is brought where it was not
ROUNDS = 600
RELAXATION = 1.5  # of each projection, 1 is to the condition's edge
FLAT = 1e-12  # volume spanned by three rays below which a triangle has no side


class Facing:
    """Keeps one mesh's triangles turned towards several eyes."""

    def __init__(self, triangles: Index, eyes: Sequence[Array]) -> None:
        """triangles: intp [n, 3]. eyes: places [3] in metres; the first is the camera's own, which looks
        along -Z."""
        self.triangles = triangles
        self.eye = np.asarray(eyes[0], np.float64)
        self.shifts = np.asarray(eyes[1:], np.float64) - self.eye

    def __call__(self, places: Array, together: Index) -> Array:
        """`places` [vertices, 3], in metres, slid along the camera's lines of sight.

        together: intp [n, 2], pairs of vertices that are in one place and stay so.
        """
        seen = places - self.eye
        inverse = -1.0 / seen[:, 2]
        rays = seen * inverse[:, None]
        conditions = self._conditions(rays)
        for _ in range(ROUNDS):
            if not self._step(inverse, conditions):
                break
            inverse[together] = inverse[together].mean(1, keepdims=True)
        return np.asarray(self.eye + rays / inverse[:, None])

    def _conditions(self, rays: Array) -> Array:
        """Coefficients [eyes, triangles, 3] that make n . d of the inverse depths of a triangle's corners."""
        a, b, c = (rays[self.triangles[:, k]] for k in range(3))
        across = np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)], axis=1)
        volume = (a * across[:, 0]).sum(1)
        flat = np.abs(volume) < FLAT
        across[flat] = 0.0
        across /= np.where(flat, 1.0, volume)[:, None, None]
        return np.asarray(np.einsum("tck,vk->vtc", across, self.shifts))

    def _step(self, inverse: Array, conditions: Array) -> bool:
        """Move `inverse` towards the conditions that fail; False where none does."""
        product = (conditions * inverse[self.triangles]).sum(2)
        failed = np.flatnonzero((product > 1 - GRAZING).any(0))
        if not len(failed):
            return False
        size = (conditions[:, failed] ** 2).sum(2)
        over = (product[:, failed] - (1 - AIM)) / np.sqrt(np.maximum(size, 1e-30))
        worst = over.argmax(0)
        every = np.arange(len(failed))
        slope, excess = conditions[worst, failed], over[worst, every] / np.sqrt(size[worst, every])
        corners = self.triangles[failed]
        count = np.bincount(corners.ravel(), minlength=len(inverse))
        move = np.bincount(corners.ravel(), (slope * excess[:, None]).ravel(), len(inverse))
        inverse -= RELAXATION * move / np.maximum(count, 1)
        return True
