"""`Group`: one picture in which every face can move."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.errors import FaceError
from phiz.portrait.backdrop import KEEP, check_background, with_background
from phiz.portrait.background import SEEN, paint_out
from phiz.portrait.build import TRUSTED_MATTE, build_rig
from phiz.portrait.faces import face_box
from phiz.portrait.find import UNMIX_REACH, check_number, faces_in
from phiz.portrait.frame import fit_frame
from phiz.portrait.image import on_white, read_scaled_image
from phiz.portrait.landmarkers import Landmarker
from phiz.portrait.matte import cut_out
from phiz.portrait.matting import unmix
from phiz.portrait.memory import hand_back
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
    hand_back()
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
    space = rooms([face_box(points) for points in faces])
    keep = str(background).lower() == KEEP
    cuts, union = _cut_all(picture, pixels[..., 3], found, space, all_count=not keep)
    largest, trust = max(found.values(), key=eyes_apart), min(cut.trust for cut in cuts.values())
    if keep:
        picture = pixels[..., :3]  # only its size and depth matter: a large picture is not held twice
    scene = Portrait(pixels, largest, union, picture, picture, trust, str(path))
    if not keep:
        scene = _before(scene, background)
    members = [_member(scene, number, cuts.pop(number), keep=keep) for number in sorted(cuts)]
    return Group(_still(scene, list(found.values())), tuple(members))


@dataclass(frozen=True, eq=False)
class _Cut:
    """One person cut out of the picture.

    points: landmarks [68, 2]. room: of the head. part: rows and columns in which the face moves. In that
    part: matte: of the person, float32; others: of all others together, float32, and once settled where any
    of them is seen, bool. trust: in the matte, 0..1.
    """

    points: NDArray[np.float64]
    room: Room | None
    part: tuple[slice, slice]
    matte: NDArray[np.float32]
    others: NDArray[np.float32] | NDArray[np.bool_]
    trust: float


def _cut_all(
    picture: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    faces: Mapping[int, NDArray[np.float64]],
    space: Sequence[Room | None],
    *,
    all_count: bool,
) -> tuple[dict[int, _Cut], NDArray[np.float32]]:
    """Every person cut out, and the matte of all together, float32 [h, w], if `all_count`, or else empty.

    What two persons' mattes take belongs to the one whose head is near, if any; else it stays where it is.
    all_count: whether mattes that cannot be trusted count for the others, too.
    """
    height, width = alpha.shape
    parts = {}
    for number in faces:
        room = space[number]
        left, top, right, bottom = room.box(width, height) if room else (0, 0, width, height)
        parts[number] = (slice(top, bottom), slice(left, right))
    union = np.zeros(alpha.shape if all_count else (0, 0), np.float32)
    cuts: dict[int, _Cut] = {}
    others = {number: np.zeros(alpha[part].shape, np.float32) for number, part in parts.items()}
    for number, points in faces.items():
        matte, trust = cut_out(picture, alpha, points)
        cuts[number] = _Cut(
            points, space[number], parts[number], matte[parts[number]].copy(), others[number], trust
        )
        if all_count:
            np.maximum(union, matte, out=union)
        if all_count or trust >= TRUSTED_MATTE:
            for other, part in parts.items():
                if other != number:
                    np.maximum(others[other], matte[part], out=others[other])
        del matte
        hand_back()
    for number in cuts:
        cuts[number] = _settled(cuts[number])  # one at a time, so that memory holds few twice
    return cuts, union


def _settled(cut: _Cut) -> _Cut:
    """The cut with what it shares with others given to one of them."""
    if cut.room is None:
        return replace(cut, others=cut.others > SEEN)
    matte, others = np.empty_like(cut.matte), np.empty(cut.others.shape, bool)
    x = np.arange(cut.part[1].start, cut.part[1].stop) + 0.5
    for row, y in enumerate(range(cut.part[0].start, cut.part[0].stop)):
        near = cut.room.near(np.stack([x, np.full_like(x, y + 0.5)], 1))
        matte[row] = cut.matte[row] * (1 - cut.others[row] * (1 - near))
        others[row] = np.clip(cut.others[row] - matte[row], 0, 1) > SEEN
    return replace(cut, matte=matte, others=others)


def _before(scene: Portrait, background: str | Path) -> Portrait:
    """The whole picture, all persons sharp, before another background."""
    picture = scene.foreground
    behind = paint_out(picture, scene.matte, scene.landmarks)
    front = unmix(picture, scene.matte, behind, UNMIX_REACH * scene.interpupillary)
    return with_background(replace(scene, background=behind, foreground=front), background)


def _member(scene: Portrait, number: int, cut: _Cut, *, keep: bool) -> Member:
    """The rig of one face, made from its part of the picture, in which the other persons are background.

    keep: the scene is before its own background, which is still to be painted where this person is.
    """
    left, top = cut.part[1].start, cut.part[0].start
    pixels, points = np.ascontiguousarray(scene.pixels[cut.part]), cut.points - (left, top)
    seen = on_white(pixels)
    behind = paint_out(seen, cut.matte, points) if keep else scene.background[cut.part]
    if behind.shape[2] == 3:
        others = (cut.matte <= SEEN) & np.asarray(cut.others, bool)
        behind = np.where(others[..., None], seen, behind)
    reach = UNMIX_REACH * eyes_apart(points)
    front = (
        unmix(seen, cut.matte, behind, reach) if keep else np.ascontiguousarray(scene.foreground[cut.part])
    )
    portrait = Portrait(
        pixels, points, cut.matte, front, np.ascontiguousarray(behind), cut.trust,
        f"{scene.source}, face {number}", cut.room.moved((-left, -top)) if cut.room else None,
    )  # fmt: skip
    del seen, behind, front
    hand_back()
    rig = build_rig(portrait)
    flaws = quality(portrait, rig).warnings
    if flaws:
        log.warning("face %d: %s", number, flaws[0])
    room = portrait.room
    del portrait
    hand_back()
    return Member(number, rig, left, top, room)


def _still(scene: Portrait, faces: Sequence[NDArray[np.float64]]) -> Rig:
    """The picture in one layer that nothing moves."""
    frame = fit_frame(scene.landmarks)
    camera = frame.camera(scene.width, scene.height)
    texture = scene.pixels
    if scene.background.shape[2] == 3 and texture[..., 3].min() < 255:
        texture = np.dstack([on_white(texture), np.full(texture.shape[:2], 255, np.uint8)])
    return Rig(
        layers=(still_layer("background", camera, Piece(texture), "photo"),),
        textures={"photo": texture},
        joints=np.zeros((3, 3), np.float32),
        camera=camera,
        landmarks=np.mean(faces, axis=0).astype(np.float32),
    )
