"""Picture file to `Portrait`: pixels, landmarks, matte and the layers behind and in front."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from phiz.errors import FaceError, UsageError
from phiz.portrait.background import paint_out
from phiz.portrait.faces import Face, find_faces
from phiz.portrait.image import on_white, read_scaled_image
from phiz.portrait.landmarks import (
    Landmarker,
    check_landmarks,
    dlib_landmarks,
    load_predictor,
    read_landmarks,
)
from phiz.portrait.matte import cut_out
from phiz.portrait.matting import unmix
from phiz.portrait.portrait import Portrait, eyes_apart
from phiz.portrait.room import rooms

__all__ = ["UNMIX_REACH", "check_number", "find_portrait", "no_face"]

UNMIX_REACH = 0.4  # eye distances over which the colours of hair and skin at the edge are looked for

log = logging.getLogger("phiz")


def find_portrait(
    path: str | Path,
    *,
    landmarks: str | Path | None = None,
    face: int | None = None,
    landmarker: Landmarker = dlib_landmarks,
) -> Portrait:
    """Read a picture and find one face in it, its person's matte, and the background without the person.

    landmarks: a JSON file of 68 points in pixels of the upright picture, used instead of detection.
    face: which face, counted from 0 at the left; the largest when not given.
    landmarker: what finds the points of a face that was detected.
    Raises ImageError or FaceError, and UsageError for both landmarks and a face. The same picture gives the
    same Portrait.
    """
    if landmarks is not None and face is not None:
        raise UsageError("both landmarks and a face number were given: landmarks say which face it is")
    pixels, scale = read_scaled_image(path)
    picture = on_white(pixels)
    room = None
    if landmarks is not None:
        points = read_landmarks(landmarks) * scale
    else:
        with ThreadPoolExecutor(1) as pool:
            if landmarker is dlib_landmarks:  # loads while the detector loads and looks; errors come up below
                pool.submit(load_predictor)
            faces = find_faces(picture)
        number = _choose(faces, face, str(path))
        points, room = landmarker(picture, faces[number]), rooms(faces)[number]
    check_landmarks(points, pixels.shape[1], pixels.shape[0])
    matte, confidence = cut_out(picture, pixels[:, :, 3], points)
    background = paint_out(picture, matte, points)
    foreground = unmix(picture, matte, background, UNMIX_REACH * eyes_apart(points))
    return Portrait(pixels, points, matte, foreground, background, confidence, str(path), room)


def no_face(source: str) -> FaceError:
    """The error that there is no face in the picture `source`."""
    return FaceError(
        f"{source}: no face found (looked at two scales, with the contrast equalised and turned by every "
        "30 degrees); use a clearer frontal picture or give --landmarks FILE"
    )


def check_number(number: int, count: int, source: str) -> None:
    """Raise FaceError unless the picture `source`, in which `count` faces were found, has that face."""
    if not 0 <= number < count:
        only = "only face 0" if count == 1 else f"faces 0..{count - 1}, left to right"
        raise FaceError(f"{source}: no face {number}; the picture has {only}: choose one of them")


def _choose(faces: list[Face], number: int | None, source: str) -> int:
    """The number of the face asked for, or of the largest."""
    if not faces:
        raise no_face(source)
    if number is not None:
        check_number(number, len(faces), source)
        return number
    largest = max(range(len(faces)), key=lambda index: faces[index].side)
    if len(faces) > 1:
        log.warning(
            "%d faces found; took the largest (number %d of 0..%d, left to right); "
            "choose another with --face N, or --face all",
            len(faces), largest, len(faces) - 1,
        )  # fmt: skip
    return largest
