"""`Group`: one picture in which every face can move."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.backdrop import KEEP, check_background, with_background
from phiz.portrait.background import paint_out
from phiz.portrait.build import TRUSTED_MATTE, build_rig
from phiz.portrait.faces import face_box
from phiz.portrait.find import UNMIX_REACH, check_number, faces_in
from phiz.portrait.frame import fit_frame
from phiz.portrait.image import on_white, read_scaled_image
from phiz.portrait.landmarkers import Landmarker
from phiz.portrait.matte import cut_out
from phiz.portrait.matting import unmix
from phiz.portrait.pieces import Piece
from phiz.portrait.portrait import Portrait, eyes_apart
from phiz.portrait.report import quality
from phiz.portrait.rig import Rig
from phiz.portrait.room import Room, rooms
from phiz.portrait.skin import still_layer
from phiz.portrait.usable import check_landmarks

__all__ = ["Group", "Member", "find_group"]

log = logging.getLogger("phiz")


@dataclass(frozen=True, eq=False)
class Member:
    """One face of a group.

    number: counted from 0 at the left. rig: of the part of the picture in which the face moves.
    left, top: where that part's corner lies in the picture, whole pixels. room: which of it is this face's,
    in the part's coordinates; None where there is no other face.
    """

    number: int
    rig: Rig
    left: int
    top: int
    room: Room | None

    @property
    def eyes(self) -> NDArray[np.float64]:
        """Between the eyes, float64 [2], in the coordinates of the whole picture."""
        middle = self.rig.landmarks[36:48].mean(0).astype(np.float64)
        return middle + np.array([self.left, self.top])


@dataclass(frozen=True, eq=False)
class Group:
    """A picture and the faces in it that can move.

    scene: the picture as it lies, a rig of one still layer; its landmarks are the mean of all faces'.
    members: from left to right; a face that could not be followed is missing.
    """

    scene: Rig
    members: tuple[Member, ...]


def find_group(
    path: str | Path,
    *,
    background: str | Path = KEEP,
    wanted: Collection[int] = (),
    landmarker: str | Landmarker = "dlib",
) -> Group:
    """Find every face in a picture file and make a rig of each.

    background: as in `phiz.portrait.backdrop.with_background`, behind all persons.
    wanted: numbers of faces that must be found. Others that cannot be followed stay still, with a warning, as
    long as one can.
    landmarker: what finds the faces, by name or the callable itself.
    Raises ImageError or FaceError; UsageError for another background or landmarker.
    """
    check_background(background)  # before the work of finding the faces
    pixels, _ = read_scaled_image(path)
    picture = on_white(pixels)
    faces = faces_in(picture, str(path), landmarker)
    for number in wanted:
        check_number(number, len(faces), str(path))
    found: dict[int, NDArray[np.float64]] = {}
    for number, points in enumerate(faces):
        try:
            check_landmarks(points, pixels.shape[1], pixels.shape[0])
            found[number] = points
        except FaceError as error:
            if number in wanted or (number == len(faces) - 1 and not found):
                raise FaceError(f"{path}: face {number}: {error}") from None
            log.warning("face %d stays still: %s", number, error)
    scene, trust = _scene(pixels, picture, list(found.values()), str(path), background)
    space = rooms([face_box(points) for points in faces])
    members = [
        _member(scene, number, points, trust[k], space[number], keep=background == KEEP)
        for k, (number, points) in enumerate(found.items())
    ]
    return Group(_still(scene, list(found.values())), tuple(members))


def _scene(
    pixels: NDArray[np.uint8],
    picture: NDArray[np.uint8],
    faces: Sequence[NDArray[np.float64]],
    source: str,
    background: str | Path,
) -> tuple[Portrait, list[float]]:
    """The whole picture with the matte of all persons together, and each one's confidence.

    Before its own background the picture is still where nothing is known of a person: matte only those that
    can be trusted, and leave the colours to `_member`, which needs them only around its head.
    """
    union, trust = np.zeros(picture.shape[:2], np.float32), []
    for points in faces:
        matte, confidence = cut_out(picture, pixels[:, :, 3], points)
        if background != KEEP or confidence >= TRUSTED_MATTE:
            np.maximum(union, matte, out=union)
        trust.append(confidence)
    largest = max(faces, key=eyes_apart)
    if background == KEEP:
        return Portrait(pixels, largest, union, picture, picture, min(trust), source), trust
    behind = paint_out(picture, union, largest)
    front = unmix(picture, union, behind, UNMIX_REACH * eyes_apart(largest))
    scene = Portrait(pixels, largest, union, front, behind, min(trust), source)
    return with_background(scene, background), trust


def _member(
    scene: Portrait, number: int, points: NDArray[np.float64], trust: float, room: Room | None, *, keep: bool
) -> Member:
    """The rig of one face, made from its part of the picture."""
    whole = (0, 0, scene.width, scene.height)
    left, top, right, bottom = room.box(scene.width, scene.height) if room else whole

    def cut(picture: NDArray[Any]) -> NDArray[Any]:
        return np.ascontiguousarray(picture[top:bottom, left:right])

    portrait = Portrait(
        cut(scene.pixels), points - (left, top),
        cut(scene.matte), cut(scene.foreground), cut(scene.background),
        matte_confidence=trust, source=f"{scene.source}, face {number}",
        room=room.moved((-left, -top)) if room else None,
    )  # fmt: skip
    if keep:
        seen = on_white(portrait.pixels)
        behind = paint_out(seen, portrait.matte, portrait.landmarks)
        front = unmix(seen, portrait.matte, behind, UNMIX_REACH * portrait.interpupillary)
        portrait = replace(portrait, background=behind, foreground=front)
    rig = build_rig(portrait)
    flaws = quality(portrait, rig).warnings
    if flaws:
        log.warning("face %d: %s", number, flaws[0])
    return Member(number, rig, left, top, portrait.room)


def _still(scene: Portrait, faces: Sequence[NDArray[np.float64]]) -> Rig:
    """The picture in one layer that nothing moves."""
    frame = fit_frame(scene.landmarks)
    camera = frame.camera(scene.width, scene.height)
    texture = scene.pixels
    if scene.background.shape[2] == 3:
        texture = np.dstack([on_white(texture), np.full(texture.shape[:2], 255, np.uint8)])
    return Rig(
        layers=(still_layer("background", camera, Piece(texture), "photo"),),
        textures={"photo": texture},
        joints=np.zeros((3, 3), np.float32),
        camera=camera,
        landmarks=np.mean(faces, axis=0).astype(np.float32),
    )
