"""The 68 landmarks of a face: from dlib's predictor, sub-pixel, or from a file."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.faces import Face
from phiz.portrait.portrait import eyes_apart

__all__ = ["Landmarker", "check_landmarks", "dlib_landmarks", "load_predictor", "read_landmarks"]

COUNT = 68
MODEL = "models/shape_predictor_68_face_landmarks.dat"  # inside the package face_recognition_models
CROP = 640  # pixels, side of the square that the predictor sees
EYES_APART = 176  # pixels between the eyes in it
DARK, LIGHT = 18.0, 238.0  # greys of the darkest and lightest percent of the face in it
# Boxes given to the predictor: shifts and growth as fractions of the detector's own box.
JITTER = (
    (0.0, 0.0, 1.0), (0.04, 0.0, 1.0), (-0.04, 0.0, 1.0), (0.0, 0.04, 1.0), (0.0, -0.04, 1.0),
    (0.03, 0.03, 1.06), (-0.03, 0.03, 0.94), (0.03, -0.03, 0.94), (-0.03, -0.03, 1.06),
)  # fmt: skip
# Where dlib's detector puts its box about a face, in eye distances, from the point between the eyes.
BOX_BELOW, BOX_SIDE = 0.52, 2.35
MIRRORED = (
    *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1),
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65,
)  # fmt: skip
LEAST_EYES = 12.0  # pixels between the eyes, below which nothing can be said about a face
SHAKY = 0.09  # spread of the predictions in eye distances beyond which there is no face under the box


class Landmarker(Protocol):
    """Finds the 68 points (float64 [68, 2], picture coordinates) of a face in a picture uint8 [h, w, 3]."""

    def __call__(self, picture: NDArray[np.uint8], face: Face) -> NDArray[np.float64]: ...


def dlib_landmarks(picture: NDArray[np.uint8], face: Face) -> NDArray[np.float64]:
    """The 68 points by dlib's regression trees (Kazemi & Sullivan 2014), float64 [68, 2], sub-pixel.

    The predictor speaks in whole pixels, so the face is turned upright and brought to a fixed size, and the
    points are the mean of many predictions: boxes a little apart, the picture as it is and mirrored.
    Raises FaceError when the predictions disagree, which they do where there is no face.
    """
    points = _single(picture, face)
    for _ in range(2):  # the second crop stands on the first one's better points
        matrix = _upright(points)
        crop = _crop(picture, matrix)
        guesses = _guesses(crop, _box(crop))
        points = _transform(cv2.invertAffineTransform(matrix), _trusted_mean(guesses))
    spread = np.sqrt(np.square(guesses - guesses.mean(0)).sum(2).mean()) / EYES_APART
    if spread > SHAKY:
        raise FaceError(
            f"no face can be followed at ({face.centre[0]:.0f}, {face.centre[1]:.0f}): the landmarks scatter "
            f"by {100 * spread:.0f} % of the eyes' distance, the limit is {100 * SHAKY:.0f} %; "
            "use a clearer frontal picture or give --landmarks FILE"
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
    return _transform(cv2.invertAffineTransform(matrix), _predict(_crop(picture, matrix), box))


def _upright(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """The 2x3 similarity that brings the eyes level, `EYES_APART` pixels apart, above the crop's centre."""
    right, left = points[36:42].mean(0), points[42:48].mean(0)
    (x, y), middle = left - right, (left + right) / 2
    turn = EYES_APART / (x * x + y * y) * np.array([[x, y], [-y, x]])
    target = np.array([CROP / 2, CROP / 2 - 0.5 * EYES_APART])
    return np.column_stack([turn, target - turn @ middle])


def _crop(picture: NDArray[np.uint8], matrix: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The picture through a similarity, grey, uint8 [CROP, CROP]; smoothed first where it gets smaller."""
    scale = float(np.hypot(*matrix[:, 0]))
    inverse = cv2.invertAffineTransform(matrix)
    corners = _transform(inverse, np.array([[0, 0], [CROP, 0], [0, CROP], [CROP, CROP]], np.float64))
    margin = 4 / scale + 4
    low = np.maximum(np.floor(corners.min(0) - margin), 0).astype(int)
    high = np.ceil(corners.max(0) + margin).astype(int)
    part = picture[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return np.zeros((CROP, CROP), np.uint8)
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    if scale < 1:
        grey = cv2.GaussianBlur(grey, (0, 0), 0.5 * np.sqrt(1 / scale**2 - 1) + 1e-3)
    moved = matrix[:, :2] @ (low + 0.5) + matrix[:, 2] - 0.5  # from pixel corners to OpenCV's centres
    crop = cv2.warpAffine(
        grey, np.column_stack([matrix[:, :2], moved]), (CROP, CROP),
        flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return _exposed(np.asarray(crop, np.uint8))


def _exposed(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same range of greys in every face: the trees compare them with fixed thresholds.

    On a picture dimmed to an eighth this brings the mean error from 2.1 pixels to 0.2.
    """
    low, high = np.percentile(crop[CROP // 4 : -CROP // 5, CROP // 4 : -CROP // 4], (1, 99))
    gain = (LIGHT - DARK) / max(high - low, 8.0)
    return np.clip((crop - low) * gain + DARK, 0, 255).astype(np.uint8)


Box = tuple[float, float, float]  # left, top, side


def _box(crop: NDArray[np.uint8]) -> Box:
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


def _transform(matrix: NDArray[Any], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ np.asarray(matrix)[:, :2].T + np.asarray(matrix)[:, 2], np.float64)


def read_landmarks(path: str | Path) -> NDArray[np.float64]:
    """Points from a JSON file `[[x, y], ...]` of the 68 iBUG points in pixels of the upright picture.

    Returns float64 [68, 2]. Raises FaceError.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FaceError(f"{path}: no such landmarks file") from None
    except OSError as error:
        raise FaceError(f"{path}: the landmarks cannot be read ({error.strerror})") from None
    except ValueError:  # not JSON, or not text
        raise FaceError(f"{path}: not JSON; landmarks are a list [[x, y], ...] of {COUNT} points") from None
    try:
        points = np.array(data, np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.shape != (COUNT, 2):
        count = f"{len(data)} entries" if isinstance(data, list) else type(data).__name__
        raise FaceError(f"{path}: {COUNT} points [x, y] are needed (the iBUG order), found {count}")
    if not np.isfinite(points).all():
        raise FaceError(f"{path}: point {int(np.argmin(np.isfinite(points).all(1)))} is not a finite number")
    return points


def check_landmarks(points: NDArray[np.float64], width: int, height: int) -> None:
    """Raise FaceError, saying why, unless the 68 points lie like a face in a picture of that size."""
    right, left = points[36:42].mean(0), points[42:48].mean(0)
    apart = eyes_apart(points)
    if apart < LEAST_EYES:
        raise FaceError(
            f"the eyes are {apart:.0f} pixels apart, at least {LEAST_EYES:.0f} are needed; "
            "use a larger picture"
        )
    outside = int((((points[17:] < 0) | (points[17:] > [width, height])).any(1)).sum())
    if outside > 3:
        raise FaceError(
            f"{outside} of the 51 points of brows, eyes, nose and mouth lie outside the {width}x{height} "
            "picture; use a picture that shows the whole face"
        )
    if reason := _unlike_a_face(points, right, left, apart):
        raise FaceError(f"{reason}; use a frontal picture or give --landmarks FILE")


def _unlike_a_face(
    points: NDArray[np.float64], right: NDArray[np.float64], left: NDArray[np.float64], apart: float
) -> str | None:
    """What is wrong with the points once the eyes are level and one unit apart; None when nothing is."""
    across = (left - right) / apart
    local = (points - (left + right) / 2) @ np.array([across, [-across[1], across[0]]]).T / apart
    nose, mouth, chin = local[30], local[48:68].mean(0), local[8]
    if not 0 < nose[1] < mouth[1] < chin[1]:
        return "the points do not lie like a face (eyes, nose, mouth and chin from top to bottom)"
    if not 0.5 < mouth[1] < 2.2 or not 0.2 < np.ptp(local[48:60, 0]) < 1.8 or chin[1] > 3.2:
        return "the points do not lie like a face (mouth or chin too far from the eyes)"
    if min(np.ptp(local[36:42, 0]), np.ptp(local[42:48, 0])) < 0.12 or abs(nose[0]) > 0.62:
        return "the head is turned too far to the side"
    return None
