"""`Portrait`: a picture, and what was found in it before any rig is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.room import Room

if TYPE_CHECKING:
    from phiz.portrait.form import Form
    from phiz.portrait.texture_files import OwnFile

__all__ = ["Portrait", "eyes_apart"]


def eyes_apart(landmarks: NDArray[np.float64]) -> float:
    """Pixels between the centres of the eyes of landmarks [68, 2]."""
    right, left = landmarks[36:42].mean(0), landmarks[42:48].mean(0)
    return float(np.hypot(*(left - right)))


@dataclass(frozen=True, eq=False)
class Portrait:
    """A picture with one face and what was measured in it.

    Picture coordinates run right and down in pixels; the centre of the top left pixel is (0.5, 0.5).

    pixels: uint8 [height, width, 4], sRGB with straight alpha, upright (EXIF applied).
    landmarks: float64 [68, 2], the iBUG 68 points in picture coordinates (0..16 the jaw from the subject's
        right ear, 36..41 the subject's right eye, 60..67 the inner lips).
    matte: float32 [height, width], how much of each pixel is the person (0..1).
    foreground: uint8 [height, width, 3], the person's colour where it can be told from the background.
    background: uint8 [height, width, 3], the picture with the person painted out; [height, width, 4] where
        nothing is to be behind the person.
    matte_confidence: 0..1; below 0.5 the matte is not to be trusted and layers should not be cut by it.
    source: where the picture came from, for messages.
    room: where the face may move; None when there is no other face in the picture.
    form: of the face, where it is already known from these pixels and landmarks.
    file: the JPEG file that the picture came as, for a rig to keep; of other pixels it does not count.
    """

    pixels: NDArray[np.uint8]
    landmarks: NDArray[np.float64]
    matte: NDArray[np.float32]
    foreground: NDArray[np.uint8]
    background: NDArray[np.uint8]
    matte_confidence: float
    source: str = ""
    room: Room | None = None
    file: OwnFile | None = None
    form: Form | None = None

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def interpupillary(self) -> float:
        """Distance between the eye centres in pixels."""
        return eyes_apart(self.landmarks)
