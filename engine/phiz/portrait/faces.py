"""Where the faces are: dlib's frontal detector at several scales, contrasts and rotations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.frame import MILLIMETRE, fit_frame
from phiz.portrait.rig import INTERPUPILLARY

__all__ = ["BOX_BELOW", "BOX_SIDE", "Face", "face_box", "sightings"]

# Longest side in pixels that is searched; the detector sees faces from 80 pixels on.
COARSE, FINE, FINEST = 800, 1800, 4200
MOST_ENLARGED = 4.0  # times
# dlib's score is a margin, 0 its own threshold. Each further look gives chance another try, so asks for more.
UPRIGHT_SCORE, EQUALISED_SCORE, STRONGLY_SCORE, FINEST_SCORE, TURNED_SCORE = 0.0, 0.1, 0.1, 0.2, 0.3
Contrast = tuple[float, float]  # limit of its equalisation (CLAHE), and pixels of blur before that
EQUALISED, STRONGLY = (3.0, 0.0), (40.0, 2.5)
QUARTER_TURNS = (90, -90, 180)  # degrees: a camera held on its side
ODD_TURNS = (30, -30, 60, -60, 120, -120, 150, -150)
FAINT = 0.25  # a face beside one that scores four times as much is a pattern in the clothes
# Where dlib's detector puts its box about a face, in eye distances, from the point between the eyes.
BOX_BELOW, BOX_SIDE = 0.52, 2.35
SAME_FACE = 0.4  # boxes that share more of their area than this are one face


@dataclass(frozen=True)
class Face:
    """A square around a face, in picture coordinates.

    centre: (x, y) in pixels. side: length of the square's side in pixels.
    roll: radians, how far the head is turned clockwise as seen in the picture.
    score: the detector's margin; above 1 is sure.
    """

    centre: tuple[float, float]
    side: float
    roll: float
    score: float


def sightings(picture: NDArray[np.uint8]) -> Iterator[list[Face]]:
    """The faces in `picture`, uint8 [height, width, 3], look by look, each from left to right.

    Goes from the cheap and usual to the rare: at a coarse scale, at a fine one, the same with the
    contrast equalised (paintings, backlight), strongly so (noise, hardly or far too much light), at the
    scale of a large picture itself, then turned by multiples of 30 degrees. A look that finds no face is
    passed over; the first one usually decides.
    """
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    for looks in _ways_of_looking(grey):
        faces = _distinct([face for look in looks for face in _detect(*look)])
        if faces:
            yield sorted(faces, key=lambda face: face.centre)


def face_box(landmarks: NDArray[np.float64]) -> Face:
    """The square that the detector would put around a face with landmarks [68, 2]."""
    frame = fit_frame(landmarks)
    apart = INTERPUPILLARY / MILLIMETRE * frame.scale  # as seen from the front
    roll = frame.angles[2]
    x, y = frame.origin + BOX_BELOW * apart * np.array([-np.sin(roll), np.cos(roll)])
    return Face((float(x), float(y)), BOX_SIDE * apart, roll, 0.0)


Look = tuple[NDArray[np.uint8], NDArray[np.float64], float, float]  # picture, its matrix, roll, lowest score


def _ways_of_looking(grey: NDArray[np.uint8]) -> Iterator[Iterator[Look]]:
    for contrast, score in ((None, UPRIGHT_SCORE), (EQUALISED, EQUALISED_SCORE)):
        for longest in (COARSE, FINE):
            yield iter([(*_resized(grey, longest, contrast), 0.0, score)])
    yield iter([(*_resized(grey, COARSE, STRONGLY), 0.0, STRONGLY_SCORE)])
    if max(grey.shape) > FINE:  # a small face in a very large picture
        yield iter([(*_resized(grey, min(FINEST, max(grey.shape)), None), 0.0, FINEST_SCORE)])
    for contrast in (None, EQUALISED):
        upright, matrix = _resized(grey, COARSE, contrast)
        for turns in (QUARTER_TURNS, ODD_TURNS):
            rolls = np.deg2rad(turns).tolist()
            yield ((*_turned(upright, matrix, roll), roll, TURNED_SCORE) for roll in rolls)


def _resized(
    grey: NDArray[np.uint8], longest: int, contrast: Contrast | None
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The picture with its longest side near `longest`, and the 2x3 matrix from the original to it.

    contrast: how far it is equalised; None leaves it.
    """
    factor = min(longest / max(grey.shape), MOST_ENLARGED)
    size = max(1, round(grey.shape[1] * factor)), max(1, round(grey.shape[0] * factor))
    resized = cv2.resize(grey, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
    if contrast:
        limit, softness = contrast
        if softness:
            resized = cv2.GaussianBlur(resized, (0, 0), softness)
        resized = cv2.createCLAHE(clipLimit=limit, tileGridSize=(8, 8)).apply(resized)
    matrix = np.array([[size[0] / grey.shape[1], 0, 0], [0, size[1] / grey.shape[0], 0]])
    return np.asarray(resized, np.uint8), matrix


def _turned(
    upright: NDArray[np.uint8], matrix: NDArray[np.float64], roll: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The picture turned so that a head of that roll is upright, and the matrix to it from the original."""
    height, width = upright.shape
    cos, sin = np.cos(roll), np.sin(roll)
    turn = np.array([[cos, sin], [-sin, cos]])
    new_width = int(np.ceil(abs(cos) * width + abs(sin) * height))
    new_height = int(np.ceil(abs(sin) * width + abs(cos) * height))
    shift = np.array([new_width / 2, new_height / 2]) - turn @ [width / 2, height / 2]
    step = np.column_stack([turn, shift])
    # OpenCV counts from the centre of the first pixel, phiz from its corner
    pixel = np.column_stack([turn, shift + turn @ [0.5, 0.5] - 0.5])
    turned = cv2.warpAffine(upright, pixel, (new_width, new_height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8), np.column_stack(
        [turn @ matrix[:, :2], turn @ matrix[:, 2] + step[:, 2]]
    )


def _detect(
    grey: NDArray[np.uint8], matrix: NDArray[np.float64], roll: float, lowest: float
) -> Iterator[Face]:
    boxes, scores, _ = _detector().run(grey, 0, lowest)
    back = np.linalg.inv(matrix[:, :2])
    for box, score in zip(boxes, scores, strict=True):
        middle = np.array([(box.left() + box.right() + 1) / 2, (box.top() + box.bottom() + 1) / 2])
        x, y = back @ (middle - matrix[:, 2])
        side = box.width() * abs(np.linalg.det(back)) ** 0.5
        yield Face((float(x), float(y)), float(side), roll, float(score))


@cache
def _detector() -> Any:
    import dlib

    return dlib.get_frontal_face_detector()


def _distinct(faces: list[Face]) -> list[Face]:
    """The best scored of each set of faces that overlap, without faint ones beside clear ones."""
    kept: list[Face] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if face.score < FAINT * max(other.score for other in faces):
            break
        if all(_shared(face, other) < SAME_FACE for other in kept):
            kept.append(face)
    return kept


def _shared(one: Face, other: Face) -> float:
    """How much of the smaller square the other covers, both taken upright, 0..1."""
    half = (one.side + other.side) / 2
    smaller = min(one.side, other.side)
    overlap = [
        max(0.0, min(half - abs(a - b), smaller)) for a, b in zip(one.centre, other.centre, strict=True)
    ]
    return overlap[0] * overlap[1] / smaller**2
