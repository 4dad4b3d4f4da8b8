"""Picture file to `Portrait`: pixels, landmarks, matte and the layers behind and in front."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError, UsageError
from phiz.portrait.background import paint_out
from phiz.portrait.faces import face_box
from phiz.portrait.five_points import five_of
from phiz.portrait.form import Form, find_form
from phiz.portrait.image import on_white, read_scaled_image
from phiz.portrait.landmark_files import read_landmarks
from phiz.portrait.landmarkers import Landmarker, locate, open_landmarker
from phiz.portrait.landmarks import dlib_landmarks, load_predictor
from phiz.portrait.layouts import FIVE, all_landmarks
from phiz.portrait.matte import cut_out
from phiz.portrait.matting import unmix
from phiz.portrait.memory import hand_back
from phiz.portrait.portrait import Portrait, eyes_apart
from phiz.portrait.room import Room, rooms
from phiz.portrait.texture_files import own_file
from phiz.portrait.usable import check_landmarks

__all__ = ["UNMIX_REACH", "check_number", "faces_in", "find_portrait", "find_portraits"]

Array = NDArray[np.float64]

LARGE = 6e6  # pixels: a picture that needs 100 MB more than the next one needs the model of landmarks at once
AGREEING = 0.15  # eye distances between five points given and those found, up to which they are one face
UNMIX_REACH = 0.4  # eye distances over which the colours of hair and skin at the edge are looked for

log = logging.getLogger("phiz")


def find_portrait(
    path: str | Path,
    *,
    landmarks: str | Path | None = None,
    face: int | None = None,
    landmarker: str | Landmarker = "dlib",
) -> Portrait:
    """Read a picture and find one face in it, its person's matte, and the background without the person.

    landmarks: a JSON file of points, see `docs/landmarks.md`, used instead of detection.
    face: which face, counted from 0 at the left; the largest that can be animated when not given.
    landmarker: what finds the faces, by name or the callable itself.
    Raises ImageError or FaceError, and UsageError for both landmarks and a face. The same picture gives the
    same Portrait.
    """
    if landmarks is not None and face is not None:
        raise UsageError("both landmarks and a face number were given: landmarks say which face it is")
    if isinstance(landmarker, str):
        open_landmarker(landmarker)  # an unknown name is told before any work, with landmarks too
    pixels, scale = read_scaled_image(path)
    picture = on_white(pixels)
    if landmarks is not None:
        points, room = _given(landmarks, picture, scale, landmarker), None
    else:
        faces = faces_in(picture, str(path), landmarker)
        number = _choose(faces, face, picture, str(path))
        points, room = faces[number], rooms([face_box(points) for points in faces])[number]
    del picture  # a large one takes a twentieth of a gigabyte
    return _portrait(pixels, points, str(path), room)


def find_portraits(
    path: str | Path, *, landmarker: str | Landmarker = "dlib"
) -> list[Callable[[], Portrait]]:
    """Read a picture and find all faces in it; for each, left to right, what makes its portrait.

    Raises as `find_portrait`; what is returned raises FaceError where a face cannot be animated.
    """
    pixels, _ = read_scaled_image(path)
    faces = faces_in(on_white(pixels), str(path), landmarker)

    def make(points: Array, room: Room | None) -> Portrait:
        check_landmarks(points, pixels.shape[1], pixels.shape[0])
        return _portrait(pixels, points, str(path), room)

    space = rooms([face_box(points) for points in faces])
    return [partial(make, points, room) for points, room in zip(faces, space, strict=True)]


def _portrait(pixels: NDArray[np.uint8], points: Array, source: str, room: Room | None) -> Portrait:
    """The portrait of the face with these landmarks."""
    file, picture = own_file(source, pixels), on_white(pixels)
    with ThreadPoolExecutor(1) as pool:
        form = pool.submit(_whole_form, pixels, points)  # needs no matte: it has the second core meanwhile
        matte, confidence = cut_out(picture, pixels[:, :, 3], points)
        hand_back()
        background = paint_out(picture, matte, points)
        foreground = unmix(picture, matte, background, UNMIX_REACH * eyes_apart(points))
    hand_back()
    return Portrait(
        pixels, points, matte, foreground, background, confidence, source, room, file, form.result()
    )


def _whole_form(pixels: NDArray[np.uint8], points: Array) -> Form:
    """The form with what is inside it."""
    form = find_form(pixels, points)
    _ = form.inside  # made now, and kept
    return form


def faces_in(picture: NDArray[np.uint8], source: str, landmarker: str | Landmarker = "dlib") -> list[Array]:
    """The landmarks [68, 2] of every face in a picture uint8 [h, w, 3], left to right; never empty.

    source: the picture's name, for messages. Raises FaceError, and UsageError for an unknown landmarker.
    """
    faces = locate(picture, landmarker)
    if picture.shape[0] * picture.shape[1] > LARGE:
        load_predictor.cache_clear()
    if faces:
        return faces
    tried = "looked at several scales and contrasts and turned by every 30 degrees"
    if landmarker != "dlib":
        tried = f"asked the landmarker {landmarker if isinstance(landmarker, str) else 'given'}"
    ways = ["use a clearer frontal picture", "give --landmarks FILE (five points are enough)"]
    if landmarker == "dlib" and find_spec("mediapipe"):
        ways.insert(1, "try --landmarker mediapipe")
    raise FaceError(f"{source}: no face found ({tried}); {', '.join(ways[:-1])} or {ways[-1]}")


def check_number(number: int, count: int, source: str) -> None:
    """Raise UsageError unless the picture `source`, in which `count` faces were found, has that face."""
    if not 0 <= number < count:
        only = "only face 0" if count == 1 else f"faces 0..{count - 1}, left to right"
        raise UsageError(f"{source}: no face {number}; the picture has {only}: choose one of them")


def _choose(faces: list[Array], number: int | None, picture: NDArray[np.uint8], source: str) -> int:
    """The number of the face asked for, or of the largest that can be animated."""
    size = picture.shape[1], picture.shape[0]
    if number is not None:
        check_number(number, len(faces), source)
        check_landmarks(faces[number], *size)
        return number
    largest_first = sorted(range(len(faces)), key=lambda index: -face_box(faces[index]).side)
    trouble = None
    for index in largest_first:
        try:
            check_landmarks(faces[index], *size)
        except FaceError as error:
            trouble = trouble or error
            continue
        if len(faces) > 1:
            log.warning(
                "%d faces found; took the largest%s (number %d of 0..%d, left to right); "
                "choose another with --face N, or --face all",
                len(faces), " that can be animated" if trouble else "", index, len(faces) - 1,
            )  # fmt: skip
        return index
    raise FaceError(f"{source}: {trouble}")


def _given(file: str | Path, picture: NDArray[np.uint8], scale: float, landmarker: str | Landmarker) -> Array:
    """The 68 landmarks of the face that a file gives points of."""
    size = picture.shape[1], picture.shape[0]
    given = read_landmarks(file, size, scale)
    try:
        points = all_landmarks(given)
        check_landmarks(points, *size)
    except FaceError as error:
        raise FaceError(f"{file}: {error}") from None
    return _refined(points, picture, landmarker) if len(given) == FIVE else points


def _refined(template: Array, picture: NDArray[np.uint8], landmarker: str | Landmarker) -> Array:
    """What the landmarker sees where five points put a template; the template when it sees another face."""
    size = picture.shape[1], picture.shape[0]
    try:
        if landmarker == "dlib":
            seen = [dlib_landmarks(picture, face_box(template))]
        else:
            seen = locate(picture, landmarker)
        for points in seen:
            apart = np.hypot(*(five_of(points) - five_of(template)).T)
            if apart.max() < AGREEING * eyes_apart(template):
                check_landmarks(points, *size)
                return points
    except FaceError:  # five points are given where landmarkers fail
        pass
    log.warning("only the five points are known of this face: lips and lids are a template's; 68 fit better")
    return template
