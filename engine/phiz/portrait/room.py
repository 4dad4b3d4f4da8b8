"""`Room`: the part of a picture in which one of several faces may move without reaching the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from phiz.portrait.faces import Face

__all__ = ["Room", "held", "rooms"]

Array = NDArray[np.float64]

# A face's box, as dlib's detector draws it, against the head, in sides of the box.
EYES_ABOVE, HEAD_RADIUS = 0.22, 0.72
# In head radii:
NEAR = (1.3, 1.6)  # up to where what two persons' mattes take is this head's or its body's
REACH = (2.3, 3.0)  # from between the eyes, over which everything comes to rest
SEAM = 0.06  # this near to the border between two heads nothing moves
EASE = 0.5, 0.8, (0.18, 0.8)  # share of the room beyond that over which motion fades out there; its limits
CRAMPED = 0.7, 1.2  # room at which a head hardly turns, and at which it turns as it likes
LEAST_TURN = 0.2


@dataclass(frozen=True, eq=False)
class Room:
    """Where one of several heads is, and where the others are.

    Each head is a circle. The picture is shared out between them: a point belongs to the head that it is
    nearest to, counted in that head's own radii.

    centre: float64 [2], between the eyes, picture coordinates. radius: in pixels.
    others: float64 [n, 2], n >= 1, and other_radii: float64 [n], the same for the others.
    """

    centre: Array
    radius: float
    others: Array
    other_radii: Array

    @property
    def wide(self) -> Array:
        """Head radii from the centre to the border with each of the others, float64 [n]."""
        return np.asarray(np.hypot(*(self.others - self.centre).T) / (self.radius + self.other_radii))

    @property
    def turn(self) -> float:
        """How far the head may turn, as a share of what it would do alone: less where heads touch."""
        low, high = CRAMPED
        return float(np.clip((self.wide.min() - low) / (high - low), LEAST_TURN, 1))

    def hold(self, picture: NDArray[np.floating[Any]]) -> Array:
        """1 where the head moves freely, 0 from the border on: float64 [n] at picture coordinates [n, 2]."""
        away, beyond = self._places(picture)
        share, least, limits = EASE
        ease = np.clip(share * (self.wide - least), *limits)
        free = np.clip((beyond - SEAM) / ease[:, None], 0, 1).min(0)
        free = np.minimum(free, np.clip((REACH[1] - away) / (REACH[1] - REACH[0]), 0, 1))
        return np.asarray(free * free * (3 - 2 * free))

    def near(self, picture: NDArray[np.floating[Any]]) -> Array:
        """1 where the head itself and the body below are, 0 far from them: float64 [n].

        picture: picture coordinates [n, 2], in which the body is below.
        """
        x, y = ((np.asarray(picture, np.float64) - self.centre) / self.radius).T
        away = np.hypot(x, np.minimum(y, 0))
        return np.asarray(np.clip((NEAR[1] - away) / (NEAR[1] - NEAR[0]), 0, 1))

    def inside(self, picture: NDArray[np.floating[Any]]) -> Array:
        """1 where the picture is this head's, 0 where it is not, with a soft edge where nothing moves.

        float64 [n] at picture coordinates [n, 2].
        """
        away, beyond = self._places(picture)
        return np.asarray(np.clip(np.minimum(beyond.min(0), REACH[1] + SEAM - away) / SEAM, 0, 1))

    def box(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right and bottom, in whole pixels of a picture of that size, of where it may move."""
        reach = (REACH[1] + SEAM) * self.radius
        low = np.clip(np.floor(self.centre - reach), 0, (width, height)).astype(int)
        high = np.clip(np.ceil(self.centre + reach), 0, (width, height)).astype(int)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])

    def moved(self, offset: tuple[float, float]) -> Room:
        """The same room in a picture whose corner lies elsewhere."""
        return replace(self, centre=self.centre + offset, others=self.others + offset)

    def _places(self, picture: NDArray[np.floating[Any]]) -> tuple[Array, Array]:
        """In head radii: how far from the centre [n], and how far inside the border with each other head."""
        points = np.asarray(picture, np.float64)
        away = np.hypot(*(points - self.centre).T) / self.radius
        apart = np.stack([np.hypot(*(points - other).T) for other in self.others])
        slope = 1 + self.radius / self.other_radii
        return away, (apart / self.other_radii[:, None] - away) / slope[:, None]


def held(weights: Array, room: Room | None, picture: Array) -> Array:
    """Shares [n, 3] of root, neck and head at picture coordinates [n, 2], the root's grown to 1 towards the
    end of the room."""
    if room is None:
        return weights
    moving = weights[:, 1:] * room.hold(picture)[:, None]
    return np.column_stack([1 - moving.sum(1), moving])


def rooms(faces: Sequence[Face]) -> list[Room | None]:
    """The room of each face in a picture; None for one that is alone."""
    if len(faces) < 2:
        return [None] * len(faces)
    centres = np.array([_between_eyes(face) for face in faces])
    radii = np.array([HEAD_RADIUS * face.side for face in faces])
    found: list[Room | None] = []
    for k in range(len(faces)):
        rest = np.arange(len(faces)) != k
        found.append(Room(centres[k], float(radii[k]), centres[rest], radii[rest]))
    return found


def _between_eyes(face: Face) -> tuple[float, float]:
    up = EYES_ABOVE * face.side
    return face.centre[0] + up * float(np.sin(face.roll)), face.centre[1] - up * float(np.cos(face.roll))
