"""No triangle ever turns over: displacements smoothed just where they would fold the mesh."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.mesh import adjacency, signed_areas

__all__ = ["Untangler", "View"]

Array = NDArray[np.float64]
View = Callable[[Array], Array]

FLOOR = 0.02  # share of its rest area that each triangle keeps in the picture
SMOOTHINGS = 40
PUSH_LEAST = 1e-3  # square pixels, doubled, beyond the floor
WIDEN = 15  # after so many smoothings a wider neighbourhood takes part
TOGETHER = 0.0003  # metres; edges that a shape parts no further are meant to stay together
TURNED_SHARES = (1.0, 0.9)  # of a shape that are tried in all views
LAST_RESORTS = 20  # steps in which a shape that still folds is taken back to nothing


class Untangler:
    """Keeps one mesh's triangles from turning over, as seen from several sides."""

    def __init__(
        self,
        count: int,
        triangles: NDArray[np.intp],
        pairs: NDArray[np.intp],
        views: Sequence[View],
        scale: float,
    ) -> None:
        """count: of vertices. pairs: intp [n, 2], upper and lower edge of lips and lids: where a shape does
        not part them, smoothing does not either. views: each from points [n, 3] to picture coordinates
        [n, 2]. scale: pixels a metre there."""
        self.triangles, self.pairs, self.views = triangles, pairs, views
        self.scale = scale
        self.neighbours = adjacency(count, triangles)

    def __call__(self, start: Array, move: Array, *, shuts: bool = False) -> Array:
        """Displacements like `move` [vertices, 3] that turn over no triangle of `start` [vertices, 3].

        shuts: the shape brings edges together, so that differences within pairs are kept whatever they are.
        """
        rest = self._areas(start)
        # What hides itself at rest in a view cannot be helped.
        floor = np.where(rest > 0, FLOOR * rest, -np.inf)
        for share in TURNED_SHARES:
            smooth = self._smoothed(start, share * move, floor, shuts)
            if smooth is not None:
                return smooth
        # A shape that cannot be had in every view is wanted whole in the first, the photo's own.
        floor[1:] = -np.inf
        for share in np.linspace(1, 0, LAST_RESORTS, endpoint=False):
            smooth = self._smoothed(start, share * move, floor, shuts)
            if smooth is not None:
                return smooth
        return np.zeros_like(move)

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
            folded = (self._areas(start + move) < floor).any(0)
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
        """Displacements [vertices, 3] that open folded triangles by moving their corners apart, each in the
        view that shows it worst; vertices of `held` stay."""
        areas = self._areas(places)
        folded = np.flatnonzero((areas < floor).any(0))
        worst = np.argmin((areas - floor)[:, folded], axis=0)
        push = np.zeros_like(places)
        for triangle, view in zip(folded, worst, strict=True):
            corners = self.triangles[triangle]
            seen = self.views[view](places[corners]) * (1.0, -1.0)
            slopes = np.stack(
                [
                    [a[1] - b[1], b[0] - a[0]]
                    for a, b in ((seen[1], seen[2]), (seen[2], seen[0]), (seen[0], seen[1]))
                ]
            )
            slopes[held[corners]] = 0
            size = (slopes**2).sum()
            if size > 0:
                wanted = 2 * max(floor[view, triangle], 0.0) + PUSH_LEAST - areas[view, triangle]
                pixels = slopes * min(wanted / size, 1.0)
                push[corners, :2] += pixels / self.scale
        return push

    def _areas(self, places: Array) -> Array:
        """Twice the areas [views, triangles], negative where turned over."""
        return np.stack([signed_areas(view(places) * (1.0, -1.0), self.triangles) for view in self.views])
