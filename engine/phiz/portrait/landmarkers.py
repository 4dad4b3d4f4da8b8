"""Landmarkers: what finds the faces in a picture and their points, built in or of other packages."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError, UsageError
from phiz.portrait.layouts import LAYOUTS, all_landmarks

__all__ = ["GROUP", "Landmarker", "describe_landmarkers", "locate", "open_landmarker"]

Array = NDArray[np.float64]

GROUP = "phiz.landmarkers"  # entry points of other packages, each a `Landmarker`
# Name to the module that has `find_landmarks(picture)`, and the package that it stands on.
BUILT_IN = {
    "dlib": ("phiz.portrait.landmarks", "face_recognition_models", "dlib-bin"),
    "mediapipe": ("phiz.portrait.facemesh", "mediapipe", "mediapipe"),
}
INSTALL = {"dlib": "pip install face-recognition-models", "mediapipe": "pip install mediapipe==0.10.21"}


class Landmarker(Protocol):
    """Finds the faces in a picture.

    picture: uint8 [height, width, 3], sRGB, upright, not to be changed.

    Returns an array of numbers for each face, in any order, none when there is no face: [68, 2] points as
    iBUG orders them, [468, 2] or [478, 2] as MediaPipe's FaceMesh does, or [5, 2]: both eyes, the nose's tip,
    both corners of the mouth. x runs right and y down, in pixels and fractions from the picture's top left
    corner, so the first pixel's centre is (0.5, 0.5). A third column, depth, is not looked at. Points may lie
    outside the picture. The same picture must give the same points.
    """

    def __call__(self, picture: NDArray[np.uint8], /) -> Sequence[NDArray[Any]]: ...


def locate(picture: NDArray[np.uint8], landmarker: str | Landmarker = "dlib") -> list[Array]:
    """All faces that a landmarker finds in a picture uint8 [h, w, 3], left to right: float64 [68, 2] each.

    landmarker: its name, or the callable itself. Raises UsageError for an unknown name, and FaceError
    when it fails or what it returns are no points.
    """
    name = landmarker if isinstance(landmarker, str) else getattr(landmarker, "__name__", "given")
    find = open_landmarker(landmarker) if isinstance(landmarker, str) else landmarker
    try:
        found = list(find(picture))
    except FaceError:
        raise
    except Exception as error:  # whatever a plug-in does is its own, and told as such
        raise FaceError(f"the landmarker {name} failed: {_summary(error)}") from error
    faces = [_checked(name, number, points) for number, points in enumerate(found)]
    return sorted(faces, key=lambda points: float(points[:, 0].mean()))


def _checked(name: str, number: int, given: Any) -> Array:
    """The 68 landmarks of a face as a landmarker returned it."""
    try:
        points = np.asarray(given, np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.ndim != 2 or points.shape[1] not in (2, 3) or not np.isfinite(points).all():
        raise FaceError(
            f"the landmarker {name} returned no points for face {number}: finite numbers of the shape "
            f"[points, 2] are needed, found {points.shape if points.size else type(given).__name__}"
        )
    try:
        return all_landmarks(points[:, :2])
    except ValueError:
        raise FaceError(
            f"the landmarker {name} returned {len(points)} points for face {number}; needed are {LAYOUTS}"
        ) from None


@cache
def open_landmarker(name: str) -> Landmarker:
    """The landmarker of that name.

    Raises UsageError when there is none, and FaceError when it cannot be loaded.
    """
    if name in BUILT_IN:
        found: Landmarker = import_module(BUILT_IN[name][0]).find_landmarks
        return found
    plug_ins = _plug_ins()
    if name not in plug_ins:
        raise UsageError(f"no landmarker {name!r}; there are {', '.join([*BUILT_IN, *plug_ins])}")
    return _load(plug_ins[name])


def _load(entry: EntryPoint) -> Landmarker:
    source = f"the landmarker {entry.name} ({entry.dist.name if entry.dist else 'a plug-in'})"
    try:
        loaded = entry.load()
    except Exception as error:
        raise FaceError(f"{source} cannot be loaded: {_summary(error)}") from error
    if not callable(loaded):
        raise FaceError(f"{source} cannot be used: {entry.value} is not callable but {type(loaded).__name__}")
    found: Landmarker = loaded
    return found


def _plug_ins() -> dict[str, EntryPoint]:
    """Entry points of other packages by name; a built-in name stays the built-in one."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    return {entry.name: entry for entry in found if entry.name not in BUILT_IN}


def describe_landmarkers() -> list[tuple[str, bool, str]]:
    """Name, whether it works here, and version or trouble of every landmarker."""
    described = []
    for name, (_, module, package) in BUILT_IN.items():
        there = find_spec(module) is not None
        described.append((name, there, _version(package) if there else INSTALL[name]))
    for name, entry in _plug_ins().items():
        try:
            _load(entry)
            described.append((name, True, f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""))
        except FaceError as error:
            described.append((name, False, str(error)))
    return described


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:  # installed by other means than pip
        return package


def _summary(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
