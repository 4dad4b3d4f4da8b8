"""What must be seen, and not be seen, in the frames of any portrait's rig."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from measures import Field, openings, posed, seen, skin, values
from phiz.portrait.image import on_white
from phiz.portrait.rig import Layer, Rig
from phiz.renderers import open_renderer
from sitters import SITTERS, Sitters
from test_rig_portraits import BLINK, P

Array = NDArray[np.float64]

YAW, PITCH = float(np.radians(12)), float(np.radians(8))
INSIDE = ("mouth_", "teeth_", "tongue", "lip_shadow")  # how the names of layers inside the mouth begin,
EYES = ("eye_", "iris_", "shine_")  # of the eyes,
BEHIND = ("background", "behind")  # and behind the person
MAGENTA = (255, 0, 255)
SHOWN = 40  # of 255: a pixel that changes by more shows what was painted
THICK = 0.005  # interpupillary distances: lips and lids that leave a thinner line between them are shut
MARGIN = 0.3  # of the landmarks' box that is drawn around it


def face_view(rig: Rig) -> tuple[int, int, int, int]:
    """The whole pixels (x, y, width, height) around the face."""
    low, high = rig.landmarks.min(0), rig.landmarks.max(0)
    edge = MARGIN * (high - low)
    left, top = np.maximum(np.floor(low - edge).astype(int), 0)
    right, bottom = np.minimum(np.ceil(high + edge).astype(int), (rig.camera.width, rig.camera.height))
    return int(left), int(top), int(right - left), int(bottom - top)


def frames(rig: Rig, poses: Sequence[dict[str, float]]) -> list[NDArray[np.int64]]:
    """The face [height, width, 3] in poses, pixel for pixel as in the photo."""
    view = face_view(rig)
    with open_renderer(rig, view[2:], view=tuple(map(float, view)), backend="cpu") as renderer:
        return [renderer.draw(values(**pose))[..., :3].astype(np.int64) for pose in poses]


def painted(rig: Rig, wanted: Callable[[str], bool]) -> Rig:
    """The rig with some layers in magenta."""
    textures, layers = dict(rig.textures), []
    for layer in rig.layers:
        if wanted(layer.name):
            texture = rig.textures[layer.texture].copy()
            texture[..., :3] = MAGENTA
            textures[f"painted {layer.texture}"] = texture
            layer = replace(layer, texture=f"painted {layer.texture}")
        layers.append(layer)
    return replace(rig, layers=tuple(layers), textures=textures)


def shown(rig: Rig, names: tuple[str, ...], poses: Sequence[dict[str, float]]) -> list[NDArray[np.bool_]]:
    """Where, in each pose, layers whose names begin so are seen, as a mask of the frame."""
    other = painted(rig, lambda name: name.startswith(names))
    pairs = zip(frames(rig, poses), frames(other, poses), strict=True)
    return [np.abs(one - two).max(2) > SHOWN for one, two in pairs]


def width(rig: Rig, opening: str) -> float:
    """Pixels from corner to corner."""
    upper = seen(rig, photo=1.0)[openings(rig)[opening][0]]
    return float(np.hypot(*(upper[-1] - upper[0])))


def apart(rig: Rig) -> float:
    """Pixels between the eyes."""
    return float(rig.fit["interpupillary_px"])


@pytest.mark.parametrize("name", SITTERS)
def test_the_picture_at_rest_is_the_photo(name: str, sitters: Sitters) -> None:
    sitter = sitters(name)
    left, top, across, down = face_view(sitter.rig)
    photo = on_white(sitter.portrait.pixels)[top : top + down, left : left + across].astype(int)
    (frame,) = frames(sitter.rig, [{"photo": 1.0}])
    error = np.abs(frame - photo)
    low, high = (np.round(edge(sitter.rig.landmarks, axis=0)).astype(int) for edge in (np.min, np.max))
    face = error[max(low[1] - top, 0) : high[1] - top, max(low[0] - left, 0) : high[0] - left]
    assert 10 * np.log10(255**2 / max((face**2).mean(), 1e-9)) > 45
    assert (error.max(2) > 2).mean() < 0.001


@pytest.mark.parametrize("name", SITTERS)
def test_what_does_not_move_is_the_photo_to_the_bit(name: str, sitters: Sitters) -> None:
    sitter = sitters(name)
    rig, pose, turn = sitter.rig, {"jawOpen": 0.6, **BLINK}, (6.0, -3.0, 4.0)
    photo = on_white(sitter.portrait.pixels)
    head = dict(zip(("headYaw", "headPitch", "headRoll"), np.radians(turn).tolist(), strict=True))
    with open_renderer(rig, backend="cpu") as renderer:
        frame = renderer.draw(values(**pose, **head))[..., :3]
    part = skin(rig)
    turning, breathing = part.weights[:, 0] < 1, (posed(part, chest=1.0) != part.positions).any(1)
    reached, alive = (
        _reached(rig, moving[part.triangles].any(1), (turn, pose))
        for moving in (turning, turning | breathing)
    )
    assert (frame[~alive] == photo[~alive]).all()
    assert np.abs(frame[~reached].astype(int) - photo[~reached]).max() <= 4  # a chest at rest
    assert (frame[reached] != photo[reached]).any(axis=1).mean() > 0.2


def _reached(
    rig: Rig, moving: NDArray[np.bool_], pose: tuple[tuple[float, float, float], dict[str, float]]
) -> NDArray[np.bool_]:
    """Pixels [h, w] that the skin's triangles `moving` [n] cover in the photo or in a pose, or surround."""
    reached = np.zeros((rig.camera.height, rig.camera.width), np.uint8)
    for places in (seen(rig, photo=1.0), seen(rig, pose[0], **pose[1])):
        for corners in places[skin(rig).triangles[moving]]:
            cv2.fillConvexPoly(reached, np.round(corners).astype(np.int32), 1)
    outlines, _ = cv2.findContours(reached, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(reached, outlines, -1, 1, cv2.FILLED)  # what the skin surrounds: the open mouth
    return np.asarray(cv2.dilate(reached, np.ones((7, 7), np.uint8)) > 0)


@pytest.mark.parametrize("name", SITTERS)
def test_nothing_inside_the_mouth_shows_between_shut_lips(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    shut = [{}, P, {"jawOpen": 0.3, "mouthClose": 0.3}, {**P, "mouthPucker": 0.6}]
    shut += [{**P, "headYaw": yaw, "headPitch": pitch} for yaw in (-YAW, YAW) for pitch in (-PITCH, PITCH)]
    *specks, opened = shown(rig, INSIDE, [*shut, {"jawOpen": 0.43}])
    limit = THICK * apart(rig) * width(rig, "mouth") + 2
    counts = [int(mask.sum()) for mask in specks]
    assert max(counts) <= limit, counts
    assert opened.sum() > 10 * limit


@pytest.mark.parametrize("name", SITTERS)
def test_no_eye_shows_between_shut_lids(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    if "open" not in (rig.fit["eye_right"], rig.fit["eye_left"]):
        pytest.skip("neither eye blinks")
    shut = [BLINK, *({**BLINK, "headYaw": sign * YAW, "headPitch": sign * PITCH} for sign in (-1, 1))]
    *specks, opened = shown(rig, EYES, [*shut, {"photo": 1.0}])
    limit = THICK * apart(rig) * (width(rig, "eye_right") + width(rig, "eye_left")) + 2
    counts = [int(mask.sum()) for mask in specks]
    assert max(counts) <= limit, counts
    assert opened.sum() > 5 * limit


@pytest.mark.parametrize("name", SITTERS)
def test_no_crack_shows_what_is_behind_the_head(name: str, sitters: Sitters) -> None:
    """At the corners of the mouth, say, with the jaw dropped and the head turned."""
    rig = sitters(name).rig
    left, top, across, down = face_view(rig)
    inner = Field(rig, rig.landmarks[27:68].astype(np.float64))
    middle = np.zeros((down, across), np.uint8)
    for yaw in (-YAW, YAW):
        pose = {"jawOpen": 1.0, "mouthStretchLeft": 1.0, "mouthFunnel": 0.5, "headYaw": yaw}
        weights = {name: value for name, value in pose.items() if name != "headYaw"}
        places = seen(rig, (np.degrees(yaw), 0.0, 0.0), **weights)[inner.vertices]
        corners = (places * inner.shares[..., None]).sum(1)
        hull = cv2.convexHull(((corners - corners.mean(0)) * 0.9 + corners.mean(0)).astype(np.float32))
        middle[:] = 0
        cv2.fillConvexPoly(middle, np.round(hull - (left, top)).astype(np.int32), 1)
        (behind,) = shown(rig, BEHIND, [pose])
        assert not (behind & (middle > 0)).any()


def test_paint_is_seen(sitters: Sitters) -> None:
    """These tests would notice: the face painted covers most of it, and layers have the names meant."""
    rig = sitters("demo").rig
    names = [layer.name for layer in rig.layers]
    for prefixes in (INSIDE, EYES, BEHIND):
        assert all(any(name.startswith(prefix) for name in names) for prefix in prefixes)
    (mask,) = shown(rig, ("face",), [{}])
    assert mask.mean() > 0.2
    layer: Layer = painted(rig, lambda name: name == "face").layer("face")
    assert layer.texture != rig.layer("face").texture
