"""Landmarks from a JSON file, in the shapes in which the common tools write them."""

import json
import logging
import re
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.layouts import FACEMESH, FIVE, IBUG, LAYOUTS

__all__ = ["read_landmarks"]

Array = NDArray[np.float64]

log = logging.getLogger("phiz")

# Under one of these keys lie the points of a face, or several faces: MediaPipe, MTCNN, RetinaFace, our own.
HOLDERS = {"landmarks", "points", "keypoints", "landmark", "facelandmarks", "multifacelandmarks", "faces"}
WIDTHS, HEIGHTS = {"width", "imagewidth"}, {"height", "imageheight"}
RATINGS = {"score", "confidence", "version", "id", "index", "face"}  # numbers beside points, of no use here
NORMALISED = 2.0  # no face lies within two pixels: such points are shares of the picture's width and height
NAMES = (("eye", "left"), ("eye", "right"), ("nose",), ("mouth", "left"), ("mouth", "right"))


def read_landmarks(path: str | Path, size: tuple[int, int], scale: float = 1.0) -> Array:
    """The points of the face in a JSON file, float64 [68 or 468 or 478 or 5, 2], in pixels of a picture.

    Points are [x, y], [x, y, z] or {"x": x, "y": y}, as a bare list or under "landmarks", "points",
    "keypoints" or "faceLandmarks"; five may have names (left_eye, right_eye, nose, mouth_left, mouth_right).
    "width" and "height" beside them name the size of the picture that they were measured on.

    size: (width, height) of the picture. scale: its pixels for one of the file's, where nothing is named.
    Raises FaceError. Warns of numbers beside the points that mean nothing here.
    """
    data = _parsed(path)
    try:
        factor, faces = _factor(path, data, size, scale), _faces(data)
    except (OverflowError, RecursionError):
        raise FaceError(f"{path}: a number too large, or lists too deep, to be landmarks") from None
    if not faces:
        raise FaceError(f"{path}: {LAYOUTS} points [x, y] are needed, found {_described(data)}")
    if len(faces) > 1:
        raise FaceError(f"{path}: the points of {len(faces)} faces; keep those of one")
    points = faces[0] * (size if np.abs(faces[0]).max() <= NORMALISED else factor)
    finite = np.isfinite(points).all(1)
    if not finite.all():
        raise FaceError(f"{path}: point {int(np.argmin(finite))} is not a finite number")
    return np.asarray(points)


def _parsed(path: str | Path) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FaceError(f"{path}: no such landmarks file") from None
    except OSError as error:
        raise FaceError(f"{path}: the landmarks cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):  # not JSON, or not text
        raise FaceError(f"{path}: not JSON; landmarks are a list [[x, y], ...] of {LAYOUTS} points") from None


def _faces(data: Any) -> list[Array]:
    """All faces in parsed JSON, depth first; a part that is none is passed over."""
    points = _points(data)
    if points is not None:
        return [points]
    if isinstance(data, dict):
        held = [value for key, value in data.items() if _plain(key) in HOLDERS]
        return [face for value in held or data.values() for face in _faces(value)]
    if isinstance(data, list):
        return [face for value in data if isinstance(value, dict | list) for face in _faces(value)]
    return []


def _points(data: Any) -> Array | None:
    """Points [n, 2] of one face, None where `data` is something else."""
    if isinstance(data, dict):
        data = _five_by_name(data)
    if not isinstance(data, list) or len(data) not in (IBUG, FIVE, *FACEMESH):
        return None
    pairs = [_pair(point) for point in data]
    return None if None in pairs else np.array(pairs, np.float64)


def _pair(point: Any) -> tuple[float, float] | None:
    """(x, y) of [x, y], [x, y, z] or {"x": x, "y": y}; None for anything else."""
    if isinstance(point, dict):
        point = [point.get("x"), point.get("y")]
    if not isinstance(point, list) or len(point) not in (2, 3):
        return None
    x, y = point[:2]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (x, y)):
        return None
    return float(x), float(y)


def _five_by_name(data: dict[str, Any]) -> list[Any] | None:
    """The five named points in order; None when one is missing."""
    keys = {_plain(key): key for key in data}
    order = []
    for words in NAMES:
        named = [key for plain, key in keys.items() if all(word in plain for word in words)]
        if len(named) != 1:
            return None
        order.append(data[named[0]])
    return order


def _plain(key: str) -> str:
    return re.sub(r"[^a-z]", "", key.lower())


def _factor(path: str | Path, data: Any, size: tuple[int, int], scale: float) -> Array:
    """Pixels of the picture for one unit of the file, across and down."""
    if not isinstance(data, dict):
        return np.full(2, scale)
    for key, value in data.items():
        if _positive(value) and _plain(key) not in WIDTHS | HEIGHTS | RATINGS:
            log.warning("%s: %r has no meaning here and is not looked at", path, key)
    named = [next((key for key in data if _plain(key) in keys), None) for keys in (WIDTHS, HEIGHTS)]
    for key in named:
        if key is not None and not _positive(data[key]):
            raise FaceError(f"{path}: {key!r} is {data[key]!r}; it must be a number of pixels above 0")
    across, down = (
        None if key is None else length / data[key] for length, key in zip(size, named, strict=True)
    )
    if across is None and down is None:
        return np.full(2, scale)
    return np.array([across or down, down or across], np.float64)


def _described(data: Any) -> str:
    if isinstance(data, list):
        return f"a list of {len(data)}"
    if isinstance(data, dict):
        return f"an object with {', '.join(map(repr, list(data)[:4])) or 'nothing in it'}"
    return f"a single {type(data).__name__}"


def _positive(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
