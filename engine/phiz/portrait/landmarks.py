"""The landmarker `dlib`: its detector finds the faces, its predictor their 68 points, sub-pixel."""

from __future__ import annotations

import importlib.util
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.crop import cut, moved_back, upright
from phiz.portrait.faces import BOX_BELOW, BOX_SIDE, Face, sightings

__all__ = ["MIRRORED", "dlib_landmarks", "find_landmarks", "load_predictor"]

MODEL = "models/shape_predictor_68_face_landmarks.dat"  # inside the package face_recognition_models
CROP = 640  # pixels, side of the square that the predictor sees
EYES_APART = 176  # pixels between the eyes in it
DARK, LIGHT = 18.0, 238.0  # greys of the darkest and lightest percent of the face in it
# Boxes given to the predictor: shifts and growth as fractions of the detector's own box.
JITTER = (
    (0.0, 0.0, 1.0), (0.04, 0.0, 1.0), (-0.04, 0.0, 1.0), (0.0, 0.04, 1.0), (0.0, -0.04, 1.0),
    (0.03, 0.03, 1.06), (-0.03, 0.03, 0.94), (0.03, -0.03, 0.94), (-0.03, -0.03, 1.06),
)  # fmt: skip
MIRRORED = (
    *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65,
)  # fmt: skip
SHAKY = 0.09  # spread of the predictions in eye distances beyond which there is no face under the box


def find_landmarks(picture: NDArray[np.uint8]) -> list[NDArray[np.float64]]:
    """The faces in a picture uint8 [h, w, 3], each as float64 [68, 2]; a `phiz.Landmarker`.

    Raises FaceError when there are boxes that look like faces, and none of them can be followed.
    """
    trouble = None
    with ThreadPoolExecutor(1) as pool:
        pool.submit(load_predictor)  # loads while the detector loads and looks; errors come up below
        for boxes in sightings(picture):
            found = []
            for box in boxes:
                try:
                    found.append(dlib_landmarks(picture, box))
                except FaceError as error:
                    trouble = trouble or error
            if found:
                return found
    if trouble:
        raise trouble
    return []


def dlib_landmarks(picture: NDArray[np.uint8], face: Face) -> NDArray[np.float64]:
    """The 68 points by dlib's regression trees (Kazemi & Sullivan 2014), float64 [68, 2], sub-pixel.

    The predictor speaks in whole pixels, so the face is turned upright and brought to a fixed size, and the
    points are the mean of many predictions: boxes a little apart, the picture as it is and mirrored.
    Raises FaceError when the predictions disagree, which they do where there is no face.
    """
    points = _single(picture, face)
    for _ in range(2):  # the second crop stands on the first one's better points
        matrix = upright(points, EYES_APART, CROP)
        crop = _exposed(cut(picture, matrix, CROP, grey=True))
        guesses = _guesses(crop, _box())
        points = moved_back(matrix, _trusted_mean(guesses))
    spread = np.sqrt(np.square(guesses - guesses.mean(0)).sum(2).mean()) / EYES_APART
    if spread > SHAKY:
        raise FaceError(
            f"the face at ({face.centre[0]:.0f}, {face.centre[1]:.0f}) is turned too far, hidden or unclear: "
            f"its landmarks scatter by {100 * spread:.0f} % of the eyes' distance, the limit is "
            f"{100 * SHAKY:.0f} %; use a clearer frontal picture or give --landmarks FILE"
        )
    return points


def _single(picture: NDArray[np.uint8], face: Face) -> NDArray[np.float64]:
    """A first guess from the detector's box, which may be turned."""
    cos, sin = np.cos(face.roll), np.sin(face.roll)
    scale = BOX_SIDE * EYES_APART / face.side
    turn = scale * np.array([[cos, sin], [-sin, cos]])
    matrix = np.column_stack([turn, np.full(2, CROP / 2) - turn @ face.centre])
    half = BOX_SIDE * EYES_APART / 2
    box = (CROP / 2 - half, CROP / 2 - half, 2 * half)
    return moved_back(matrix, _predict(_exposed(cut(picture, matrix, CROP, grey=True)), box))


def _exposed(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same range of greys in every face: the trees compare them with fixed thresholds.

    On a picture dimmed to an eighth this brings the mean error from 2.1 pixels to 0.2.
    """
    low, high = np.percentile(crop[CROP // 4 : -CROP // 5, CROP // 4 : -CROP // 4], (1, 99))
    gain = (LIGHT - DARK) / max(high - low, 8.0)
    return np.clip((crop - low) * gain + DARK, 0, 255).astype(np.uint8)


Box = tuple[float, float, float]  # left, top, side


def _box() -> Box:
    """The box to start from, where the detector's would be by its usual place about the eyes."""
    side = BOX_SIDE * EYES_APART
    return CROP / 2 - side / 2, CROP / 2 - 0.5 * EYES_APART + BOX_BELOW * EYES_APART - side / 2, side


def _guesses(crop: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
    """Predictions [2 * boxes, 68, 2] from jittered boxes, half of them in the mirror."""
    left, top, side = box
    flipped = np.ascontiguousarray(crop[:, ::-1])
    guesses = []
    for dx, dy, grow in JITTER:
        new = side * grow
        x, y = left + side * dx + (side - new) / 2, top + side * dy + (side - new) / 2
        guesses.append(_predict(crop, (x, y, new)))
        mirrored = _predict(flipped, (CROP - x - new, y, new))[list(MIRRORED)]
        guesses.append(mirrored * [-1, 1] + [CROP, 0])
    return np.array(guesses)


def _trusted_mean(guesses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean by point of the half of the guesses nearest to the median: outliers have no say."""
    distance = np.hypot(*np.moveaxis(guesses - np.median(guesses, 0), 2, 0))
    nearest = np.argsort(distance, axis=0, kind="stable")[: len(guesses) // 2 + 1]
    return np.asarray(np.take_along_axis(guesses, nearest[:, :, None], 0).mean(0))


def _predict(crop: NDArray[np.uint8], box: Box) -> NDArray[np.float64]:
    import dlib

    left, top, side = (round(value) for value in box)
    shape = load_predictor()(crop, dlib.rectangle(left, top, left + side - 1, top + side - 1))
    # dlib names the pixel; its centre is half a pixel further
    return np.array([(point.x + 0.5, point.y + 0.5) for point in shape.parts()])


@cache
def load_predictor() -> Any:
    """dlib's predictor, loaded once (half a second, 100 MB). Raises FaceError when its model is missing."""
    import dlib

    # The package itself needs `pkg_resources` to be imported; only its file is wanted.
    package = importlib.util.find_spec("face_recognition_models")
    path = Path(package.origin).parent / MODEL if package and package.origin else None
    if path is None or not path.is_file():
        raise FaceError(
            "the landmark model is missing: pip install face-recognition-models, or give --landmarks FILE"
        )
    return dlib.shape_predictor(str(path))
