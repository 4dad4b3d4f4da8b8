"""No triangle ever turns over: displacements smoothed just where they would fold the mesh."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.facing import Facing
from phiz.portrait.mesh import adjacency, signed_areas
from phiz.portrait.rig import Camera

__all__ = ["Untangler"]

Array = NDArray[np.float64]

FLOOR = 0.02  # share of its rest area that each triangle keeps in the picture
SMOOTHINGS = 40
PUSH_LEAST = 1e-3  # square pixels, doubled, beyond the floor
WIDEN = 15  # after so many smoothings a wider neighbourhood takes part
TOGETHER = 0.0003  # metres; edges that a shape parts no further are meant to stay together
LAST_RESORTS = 20  # steps in which a shape that still folds is taken back to nothing


class Untangler:
    """Keeps one mesh's triangles from turning over, in the photo and as the head turns."""

    def __init__(
        self,
        count: int,
        triangles: NDArray[np.intp],
        pairs: NDArray[np.intp],
        camera: Camera,
        eyes: Sequence[Array],
    ) -> None:
        """count: of vertices. pairs: intp [n, 2], upper and lower edge of lips and lids: where a shape does
        not part them, smoothing does not either. camera: the photo's. eyes: places [3] in metres from which
        the mesh is seen, the camera's first."""
        self.triangles, self.pairs, self.camera = triangles, pairs, camera
        self.neighbours = adjacency(count, triangles)
        self.facing = Facing(triangles, eyes)

    def settle(self, places: Array) -> Array:
        """`places` [vertices, 3], unchanged for the camera, with no triangle turned away from any eye."""
        return self.facing(places, self._joined(places))

    def __call__(self, start: Array, move: Array, *, shuts: bool = False) -> Array:
        """Displacements like `move` [vertices, 3] that turn over no triangle of `start` [vertices, 3].

        shuts: the shape brings edges together, so that differences within pairs are kept whatever they are.
        """
        rest = self._areas(start)
        # What hides itself at rest cannot be helped.
        floor = np.where(rest > 0, FLOOR * rest, -np.inf)
        for share in np.linspace(1, 0, LAST_RESORTS, endpoint=False):
            smooth = self._smoothed(start, share * move, floor, shuts)
            if smooth is not None:
                return self.settle(start + smooth) - start
        return np.zeros_like(move)

    def _joined(self, places: Array) -> NDArray[np.intp]:
        """The pairs that are in one place."""
        apart = np.hypot.reduce(places[self.pairs[:, 0]] - places[self.pairs[:, 1]], axis=1)
        return np.asarray(self.pairs[apart < TOGETHER])

    def _smoothed(self, start: Array, move: Array, floor: Array, shuts: bool) -> Array | None:
        """`move` averaged with its neighbours around folds until there are none; None when that does not
        help."""
        move = move.copy()
        together = np.hypot.reduce(move[self.pairs[:, 0]] - move[self.pairs[:, 1]], axis=1) < TOGETHER
        upper, lower = self.pairs[together | shuts].T
        half = (move[upper] - move[lower]) / 2
        held = np.zeros(len(move), bool)
        held[upper] = held[lower] = True
        for step in range(SMOOTHINGS):
            folded = self._areas(start + move) < floor
            if not folded.any():
                return move
            if step % 2:
                move += self._push(start + move, floor, held)
            else:
                loose = np.unique(self.triangles[folded])
                for _ in range(1 + step // WIDEN):
                    loose = np.unique(self.neighbours[loose].indices)
                move[loose] = 0.4 * move[loose] + 0.6 * (self.neighbours[loose] @ move)
            middle = (move[upper] + move[lower]) / 2
            move[upper], move[lower] = middle + half, middle - half
        return None

    def _push(self, places: Array, floor: Array, held: NDArray[np.bool_]) -> Array:
        """Displacements [vertices, 3] that open folded triangles by moving their corners apart; vertices of
        `held` stay."""
        areas = self._areas(places)
        push = np.zeros_like(places)
        for triangle in np.flatnonzero(areas < floor):
            corners = self.triangles[triangle]
            seen = self.camera.project(places[corners]) * (1.0, -1.0)
            slopes = np.stack(
                [
                    [a[1] - b[1], b[0] - a[0]]
                    for a, b in ((seen[1], seen[2]), (seen[2], seen[0]), (seen[0], seen[1]))
                ]
            )
            slopes[held[corners]] = 0
            size = (slopes**2).sum()
            if size > 0:
                wanted = 2 * max(floor[triangle], 0.0) + PUSH_LEAST - areas[triangle]
                pixels = slopes * min(wanted / size, 1.0)
                push[corners, :2] += pixels / self.camera.scale
        return push

    def _areas(self, places: Array) -> Array:
        """Twice the areas [triangles] in the picture, negative where turned over."""
        return signed_areas(self.camera.project(places) * (1.0, -1.0), self.triangles)
