"""The landmarker `mediapipe`: MediaPipe's FaceMesh (Apache-2.0, model included), where that package is there.

Nothing is downloaded: the last release that carries its models inside is used.
"""

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.crop import cut, moved, moved_back, upright
from phiz.portrait.landmarks import MIRRORED
from phiz.portrait.layouts import all_landmarks

__all__ = ["find_landmarks"]

Array = NDArray[np.float64]

MOST_FACES = 32
SEEN = 1280  # pixels, longest side of what is searched
CROP, EYES_APART = 512, 150  # pixels, of the square that the points are taken from
BOX_PART = 0.45  # of a crop's side that a detected box takes
NEAR, FAR = 0, 1  # MediaPipe's detectors: for faces within two metres, and within five
SURE, LIKELY = 0.5, 0.3  # confidence that a face is there: anywhere, and where one was seen
SAME = 0.5  # eye distances between two sights of one face


def find_landmarks(picture: NDArray[np.uint8]) -> list[Array]:
    """The faces in a picture uint8 [h, w, 3], each as float64 [68, 2]; a `phiz.Landmarker`.

    Raises FaceError when the package is not there, or is one without the model.
    """
    with _hushed():
        small = _shrunk(picture)
        for turns in _likely_turns(small):
            found = _rough(np.ascontiguousarray(np.rot90(small, turns)))
            if found:
                turned = np.ascontiguousarray(np.rot90(picture, turns))
                zoom = max(picture.shape) / max(small.shape)
                refined = [_refined(turned, points * zoom) for points in found]
                return [_turned_back(points, turns, picture.shape) for points in refined]
    return []


def _shrunk(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    height, width = picture.shape[:2]
    factor = SEEN / max(height, width)
    if factor >= 1:
        return picture
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _likely_turns(picture: NDArray[np.uint8]) -> list[int]:
    """By how many quarter turns to the left faces may get upright, the likeliest first.

    The mesh model sees an upright face in one upside down; the two detectors together know better.
    """
    scores = []
    for turns in range(4):
        turned = np.ascontiguousarray(np.rot90(picture, turns))
        seen = [_detector(model).process(turned).detections or [] for model in (NEAR, FAR)]
        scores.append(sum(max((face.score[0] for face in faces), default=0.0) for faces in seen))
    return [turns for turns in sorted(range(4), key=lambda turns: -scores[turns]) if scores[turns]]


def _rough(picture: NDArray[np.uint8]) -> list[Array]:
    """Faces as the mesh model sees them in the whole picture, or where the far detector points to."""
    found = _mesh(MOST_FACES, SURE, picture)
    if not found:
        size = picture.shape[1], picture.shape[0]
        for detection in _detector(FAR).process(picture).detections or []:
            box = detection.location_data.relative_bounding_box
            middle = np.array([box.xmin + box.width / 2, box.ymin + box.height / 2]) * size
            turn = BOX_PART * CROP / max(box.width * size[0], 1.0) * np.eye(2)
            matrix = np.column_stack([turn, np.full(2, CROP / 2) - turn @ middle])
            found += [moved_back(matrix, seen) for seen in _mesh(1, LIKELY, cut(picture, matrix, CROP))]
    return found


def _refined(picture: NDArray[np.uint8], points: Array) -> Array:
    """The points from an upright crop of the full picture and from that crop's mirror image, averaged."""
    for _ in range(2):
        matrix = upright(points, EYES_APART, CROP)
        crop = cut(picture, matrix, CROP)
        seen = _mesh(1, LIKELY, crop)
        flipped = [
            mirrored[list(MIRRORED)] * (-1, 1) + (CROP, 0)
            for mirrored in _mesh(1, LIKELY, np.ascontiguousarray(crop[:, ::-1]))
        ]
        expected = moved(matrix, points)[36:48].mean(0)
        near = [s for s in seen + flipped if np.hypot(*(s[36:48].mean(0) - expected)) < SAME * EYES_APART]
        if not near:
            break
        points = moved_back(matrix, np.mean(near, axis=0))
    return points


def _turned_back(points: Array, turns: int, shape: tuple[int, ...]) -> Array:
    """Points in a picture of `shape` that were found after so many quarter turns to the left."""
    width, height = shape[1], shape[0]
    for k in range(turns, 0, -1):
        across = width if k % 2 else height  # of the picture before that turn
        points = np.column_stack([across - points[:, 1], points[:, 0]])
    return points


def _mesh(most: int, confidence: float, picture: NDArray[np.uint8]) -> list[Array]:
    """The 68 landmarks of up to `most` faces in a picture, in its pixels."""
    height, width = picture.shape[:2]
    faces = _mesher(most, confidence).process(picture).multi_face_landmarks or []
    return [all_landmarks(np.array([(p.x * width, p.y * height) for p in face.landmark])) for face in faces]


@cache
def _mesher(most: int, confidence: float) -> Any:
    return _solutions().face_mesh.FaceMesh(
        static_image_mode=True, max_num_faces=most, refine_landmarks=True, min_detection_confidence=confidence
    )


@cache
def _detector(model: int) -> Any:
    return _solutions().face_detection.FaceDetection(model_selection=model, min_detection_confidence=SURE)


def _solutions() -> Any:
    os.environ.setdefault("GLOG_minloglevel", "2")
    try:
        import mediapipe
    except ImportError as error:
        raise FaceError(
            f"the landmarker mediapipe cannot be loaded ({error}): pip install mediapipe==0.10.21"
        ) from None
    try:
        from mediapipe.python.solutions import face_detection, face_mesh  # noqa: F401
    except ImportError:
        raise FaceError(
            f"mediapipe {mediapipe.__version__} comes without the face model: pip install mediapipe==0.10.21"
        ) from None
    return mediapipe.solutions


@contextmanager
def _hushed() -> Iterator[None]:
    """Keep what MediaPipe's libraries print about themselves off standard error."""
    sys.stderr.flush()
    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nothing)
