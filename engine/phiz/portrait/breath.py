"""The shape `chest`: a breath drawn in, which lifts chest and shoulders, brings them forward, and takes the
head along a little. It fades out towards the borders at which the picture cuts the body off."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHEST
from phiz.portrait.frame import MILLIMETRE, FaceFrame
from phiz.portrait.portrait import Portrait
from phiz.portrait.rig import Camera, Layer

__all__ = ["Breath"]

Array = NDArray[np.float64]

RISE, FORWARD, HEAD_RISE = 6.0, 3.0, 2.0  # millimetres at weight 1
# Millimetres below the chin over which:
NECK = (15.0, 85.0)  # the head's motion goes over into the chest's,
WAIST = (170.0, 330.0)  # and the chest's comes to rest
ARMS = (230.0, 340.0)  # millimetres from the midline over which both do
BELOW = 90.0  # millimetres from the border below the body within which all fades, but not in the face
CROPPED = 40.0  # millimetres between face and that border from which a whole breath is drawn
BESIDE = 75.0  # millimetres from the borders beside the body within which the chest's motion fades
STILL = 0.3  # of these ranges, next to the border, nothing moves
FACING = 0.5  # of an outward normal's part that points down, or sideways, for a border to be below, or beside


class Breath:
    """How a person moves in drawing breath."""

    def __init__(self, portrait: Portrait, frame: FaceFrame) -> None:
        self.frame, self.room = frame, portrait.room
        self.size = np.array([portrait.width, portrait.height], np.float64)
        self.chin = float(frame.to_face(portrait.landmarks[8:9])[0, 1])
        self.free = float(self._inside(portrait.landmarks[:17], (0.0, -1.0)).min())

    def shares(self, picture: Array) -> tuple[Array, Array]:
        """Shares 0..1 of the head's motion and of the chest's at picture coordinates [n, 2], each [n]."""
        x, y = self.frame.to_face(picture).T
        chest = _ramp(self.chin - y, *NECK)
        fade = 1 - _ramp(np.abs(x), *ARMS)
        below = float(np.clip(self.free, 1.0, BELOW))
        fade *= _ramp(self._inside(picture, (0.0, -1.0)), STILL * below, below)
        fade *= np.clip(self.free / CROPPED, 0, 1)
        if self.room is not None:
            fade *= self.room.hold(picture)
        beside = np.minimum(self._inside(picture, (1.0, 0.0)), self._inside(picture, (-1.0, 0.0)))
        body = (1 - _ramp(self.chin - y, *WAIST)) * _ramp(beside, STILL * BESIDE, BESIDE)
        return fade * (1 - chest), fade * chest * body

    def amount(self, picture: Array) -> Array:
        """Motion [n] at picture coordinates [n, 2] as a share of the chest's, 0..1."""
        head, chest = self.shares(picture)
        return np.asarray(chest + head * HEAD_RISE / RISE)

    def draw(self, layers: Sequence[Layer], camera: Camera) -> list[Layer]:
        """A person's layers with the shape `chest`, where it moves them."""
        return [self._drawn(layer, camera) for layer in layers]

    def _drawn(self, layer: Layer, camera: Camera) -> Layer:
        head, chest = self.shares(camera.project(layer.positions))
        up = head * HEAD_RISE + chest * RISE
        moves = np.zeros((len(up), 3))
        moves[:, :2] = np.stack([np.zeros_like(up), up], axis=1) @ self.frame.roll.T
        # forward is along the line of sight, as in `FaceFrame.turn`
        moves += (chest * FORWARD)[:, None] * np.array([-self.frame.slant[0], -self.frame.slant[1], 1.0])
        if not moves.any():
            return layer
        return replace(layer, shapes={**layer.shapes, CHEST: (moves * MILLIMETRE).astype(np.float32)})

    def _inside(self, picture: Array, way: tuple[float, float]) -> Array:
        """Millimetres [n] inside the picture's borders that face this way, in face coordinates."""
        across, up = np.array(way) @ self.frame.roll.T
        inside = np.full(len(picture), np.inf)
        for axis, normal in ((0, across), (1, -up)):
            if abs(normal) > FACING:
                gap = self.size[axis] - picture[:, axis] if normal > 0 else picture[:, axis]
                inside = np.minimum(inside, gap / self.frame.scale)
        return inside


def _ramp(value: Array, start: float, end: float) -> Array:
    """0 up to `start`, 1 from `end`, smooth between."""
    t = np.clip((value - start) / (end - start), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))
