"""`FaceFrame`: where a face sits in its picture, and how the canonical face is turned to match it."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.data import table
from phiz.portrait.rig import Camera

__all__ = ["CAMERA_DISTANCE", "MILLIMETRE", "FaceFrame", "canonical_points", "fit_frame"]

Array = NDArray[np.float64]

MILLIMETRE = 0.001
CAMERA_DISTANCE = 0.9  # metres from lens to eyes: the usual distance of a portrait
RIGID = (*range(0, 17), *range(17, 48))  # landmarks that the mouth does not move (the jaw moves little)


@cache
def canonical_points() -> tuple[Array, Array]:
    """The canonical face in millimetres: landmarks [68, 3] and skull, neck and shoulder points [n, 3]."""
    landmarks = np.zeros((68, 3))
    others: list[list[float]] = []
    for row in table("canonical_face"):
        place = [float(row[axis]) for axis in "xyz"]
        mirrored = [-place[0], place[1], place[2]]
        if row["point"].isdigit():
            landmarks[int(row["point"])] = place
            landmarks[int(row["partner"])] = mirrored if row["partner"] != row["point"] else place
        else:
            others.append(place)
            if row["partner"] == "mirror":
                others.append(mirrored)
    return landmarks, np.array(others)


@dataclass(frozen=True, eq=False)
class FaceFrame:
    """A face in a picture.

    origin: float64 [2], picture coordinates of the point midway between the eyes.
    scale: picture pixels per millimetre.
    rotation: float64 [3, 3], turns canonical axes to the camera's (+x right, +y up, +z to the viewer).
    slant: how far right and up the line of sight from the camera to the face goes for each unit away from the
        camera; (0, 0) for a face in the middle of its picture.

    "Face coordinates" below are millimetres in the picture plane about `origin`, +x to the picture's right,
    +y towards the top of the head: the picture with the head's roll taken out.
    """

    origin: Array
    scale: float
    rotation: Array
    slant: tuple[float, float] = (0.0, 0.0)

    @property
    def roll(self) -> Array:
        """Rotation [2, 2] from face coordinates to upright millimetres."""
        across = self.rotation[:2, 0] / np.hypot(*self.rotation[:2, 0])
        return np.array([[across[0], -across[1]], [across[1], across[0]]])

    @property
    def angles(self) -> tuple[float, float, float]:
        """Yaw, pitch and roll in radians, with the signs of `phiz.channels.POSE`."""
        r = self.rotation
        yaw = float(np.arctan2(r[0, 2], r[2, 2]))
        pitch = float(np.arcsin(np.clip(r[1, 2], -1, 1)))
        roll = float(-np.arctan2(r[1, 0], r[0, 0]))
        return yaw, pitch, roll

    def to_face(self, picture: Array) -> Array:
        """Face coordinates [n, 2] in millimetres of picture coordinates [n, 2]."""
        upright = (np.asarray(picture, np.float64) - self.origin) / self.scale * (1.0, -1.0)
        return np.asarray(upright @ self.roll)

    def to_picture(self, face: Array) -> Array:
        """Picture coordinates [n, 2] of face coordinates [n, 2] in millimetres."""
        upright = np.asarray(face, np.float64) @ self.roll.T
        return np.asarray(upright * (1.0, -1.0) * self.scale + self.origin)

    def turn(self, millimetres: Array) -> Array:
        """Canonical vectors [n, 3] in millimetres as camera-space vectors in metres.

        What goes away from the viewer goes along the line of sight: a face far from the middle of its picture
        was not seen from the side, its picture was cropped from a larger one as likely as not.
        """
        turned = np.asarray(millimetres, np.float64) @ self.rotation.T * MILLIMETRE
        return np.asarray(turned - turned[..., 2:] * np.array([*self.slant, 0.0]))

    def seen_by(self, camera: Camera) -> "FaceFrame":
        """The same frame with the slant of the camera's line of sight."""
        x, y, distance = camera.eye
        return replace(self, slant=(-x / distance, -y / distance))

    def camera(self, width: int, height: int) -> Camera:
        """The camera that puts the eyes' midpoint at the world's origin."""
        scale = self.scale / MILLIMETRE
        x = (width / 2 - self.origin[0]) / scale
        y = -(height / 2 - self.origin[1]) / scale
        return Camera(width, height, (float(x), float(y), CAMERA_DISTANCE), float(scale))


def fit_frame(landmarks: Array) -> FaceFrame:
    """Fit the canonical face to 68 landmarks in picture coordinates by scaled orthography.

    A least-squares affine camera, then the nearest scaled rotation (DeMenthon & Davis 1995 without the
    perspective iterations).
    """
    canonical, _ = canonical_points()
    index = np.array(RIGID)
    target = landmarks[index] * (1.0, -1.0)
    design = np.column_stack([canonical[index], np.ones(len(index))])
    weight = np.where(index < 17, 0.3, 1.0)[:, None]  # the jaw line slides around the face as it turns
    solution = np.linalg.lstsq(design * weight, target * weight, rcond=None)[0]
    rows = solution[:3].T
    u, s, vt = np.linalg.svd(rows, full_matrices=False)
    pair = u @ vt
    rotation = np.vstack([pair, np.cross(pair[0], pair[1])])
    scale = float(s.mean())
    eyes = canonical[36:48].mean(0)
    middle = landmarks[36:48].mean(0) - (rotation @ eyes)[:2] * (1.0, -1.0) * scale
    return FaceFrame(middle, scale, rotation)
