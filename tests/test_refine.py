"""Lids found on the picture, and eyes that must not blink: drawn eyes, shut eyes, dark glasses."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from evaldata import eval_file
from phiz.data import demo_portrait
from phiz.portrait.build import build_rig
from phiz.portrait.contours import eye_edge
from phiz.portrait.find import find_portrait
from phiz.portrait.form import find_form
from phiz.portrait.frame import FaceFrame, fit_frame
from phiz.portrait.light import LUMINANCE
from phiz.portrait.portrait import Portrait
from phiz.portrait.refine import find_lids
from phiz.portrait.rig import Rig

Array = NDArray[np.float64]
FRAME = FaceFrame(np.array([150.0, 100.0]), 4.0, np.eye(3))  # 4 pixels a millimetre
SKIN, WHITE, IRIS, PUPIL = (224, 172, 145), (238, 236, 232), (70, 120, 190), (12, 12, 16)
# Landmarks of an eye 26 mm wide and 11 mm high about the origin, from its left corner along the upper lid.
LIDS = np.array([[-13.0, 0.0], [-5.0, 5.5], [5.0, 5.5], [13.0, 0.0], [5.0, -5.5], [-5.0, -5.5]])


def drawn_eye(below: float, skin: tuple[int, int, int] = SKIN) -> NDArray[np.uint8]:
    """A drawn eye that fits LIDS but for its lower lid, which lies `below` millimetres lower."""
    y, x = np.mgrid[0:200, 0:300]
    across, up = FRAME.to_face(np.stack([x + 0.5, y + 0.5], -1).reshape(-1, 2)).T
    height = np.where(up > 0, 6.2, 6.2 + below)
    inside = (across / 13) ** 2 + (up / height) ** 2 < 1
    centre = np.hypot(across, up + below / 2)
    colour = np.where(inside[:, None], WHITE, skin)
    colour = np.where((inside & (centre < 6.5))[:, None], IRIS, colour)
    colour = np.where((inside & (centre < 2.5))[:, None], PUPIL, colour)
    grain = np.random.default_rng(5).normal(0, 3, (len(colour), 1))
    return np.clip(colour + grain, 0, 255).astype(np.uint8).reshape(200, 300, 3)


@cache
def demo() -> Portrait:
    return find_portrait(demo_portrait())


def lid_motion(rig: Rig, shape: str) -> float:
    """How far, in pixels, any vertex of the face moves in a shape."""
    face = rig.layer("face")
    if shape not in face.shapes:
        return 0.0
    still = rig.camera.project(face.positions)
    return float(np.abs(rig.camera.project(face.positions + face.shapes[shape]) - still).max())


@pytest.mark.parametrize("below", [3.0, 5.0])
def test_a_lower_lid_inside_a_drawn_eye_is_moved_to_its_rim(below: float) -> None:
    edge = find_lids(drawn_eye(below), FRAME, LIDS).edge
    half = len(edge) // 2
    assert edge[half + half // 2, 1] == pytest.approx(-6.2 - below, abs=1.0)
    assert edge[half // 2, 1] == pytest.approx(6.0, abs=1.0)


def test_lids_that_fit_stay_as_they_are() -> None:
    assert np.array_equal(find_lids(drawn_eye(0.0), FRAME, LIDS).edge, eye_edge(LIDS))


def test_an_eye_of_the_colour_of_its_skin_is_left_alone() -> None:
    photo = np.broadcast_to(np.array(SKIN, np.uint8), (200, 300, 3)).copy()
    assert np.array_equal(find_lids(photo, FRAME, LIDS).edge, eye_edge(LIDS))


def test_the_demo_portrait_keeps_its_lids() -> None:
    portrait = demo()
    frame = fit_frame(portrait.landmarks)
    for lids in (portrait.landmarks[36:42], portrait.landmarks[42:48]):
        face = frame.to_face(lids)
        assert np.array_equal(find_lids(portrait.pixels, frame, face).edge, eye_edge(face))


def test_the_lower_lids_of_a_drawn_boy_are_found() -> None:
    portrait = find_portrait(eval_file("portraits/cg_boy.jpg"))
    frame = fit_frame(portrait.landmarks)
    for lids in (portrait.landmarks[36:42], portrait.landmarks[42:48]):
        face = frame.to_face(lids)
        lowered = eye_edge(face)[:, 1].min() - find_lids(portrait.pixels, frame, face).edge[:, 1].min()
        assert 2.0 < lowered < 7.0


def test_a_drawn_boy_in_grey_does_not_blink_one_eye_half() -> None:
    """Without colour the white of one eye cannot be told from the skin, and a blink would leave it open."""
    portrait = find_portrait(eval_file("portraits/cg_boy.jpg"))
    assert set(find_form(portrait.pixels, portrait.landmarks).eyes.values()) == {"open"}
    for mix in (LUMINANCE, np.array([0.299, 0.587, 0.114]), np.full(3, 1 / 3)):
        grey = (portrait.pixels[..., :3] @ mix).round()
        pixels = np.dstack([grey, grey, grey, portrait.pixels[..., 3]]).astype(np.uint8)
        assert set(find_form(pixels, portrait.landmarks).eyes.values()) == {"unclear"}


def with_glasses(portrait: Portrait, sides: tuple[slice, ...]) -> Portrait:
    """Black lenses painted over eyes: 0.9 of the eyes' distance wide, 0.7 high."""
    pixels = portrait.pixels.copy()
    y, x = np.mgrid[0 : portrait.height, 0 : portrait.width] + 0.5
    reach = portrait.interpupillary
    for side in sides:
        middle = portrait.landmarks[side].mean(0)
        lens = (np.abs(x - middle[0]) < 0.45 * reach) & (np.abs(y - middle[1]) < 0.35 * reach)
        pixels[lens, :3] = (18, 17, 20)
    return replace(portrait, pixels=pixels)


def test_an_eye_behind_dark_glass_does_not_blink_and_the_other_does() -> None:
    rig = build_rig(with_glasses(demo(), (slice(36, 42),)))
    assert (rig.fit["eye_right"], rig.fit["eye_left"]) == ("hidden", "open")
    for shape in ("eyeBlink", "eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown"):
        assert lid_motion(rig, f"{shape}Right") < 1e-3
    assert lid_motion(rig, "eyeBlinkLeft") > 2
    assert "iris_right" not in rig.textures
    assert rig.layer("iris_left").shapes


def test_shut_eyes_stay_shut() -> None:
    landmarks = demo().landmarks.copy()
    for first in (36, 42):
        for upper, lower in ((first + 1, first + 5), (first + 2, first + 4)):
            landmarks[upper] = landmarks[lower] - (0.0, 0.3)
    rig = build_rig(replace(demo(), landmarks=landmarks))
    assert rig.fit["eye_right"] == rig.fit["eye_left"] == "closed"
    assert max(lid_motion(rig, f"eyeBlink{side}") for side in ("Left", "Right")) < 1e-3
    assert lid_motion(rig, "browInnerUp") > 1


def test_a_rig_with_eyes_that_do_not_blink_is_saved_and_read(tmp_path) -> None:
    path = tmp_path / "rig.glb"
    build_rig(with_glasses(demo(), (slice(36, 42), slice(42, 48)))).save(path)
    again = Rig.load(path)
    assert again.fit["eye_left"] == "hidden"
    assert lid_motion(again, "eyeBlinkLeft") < 1e-3


@pytest.mark.parametrize(
    "name",
    ["paint_girl_bouguereau.jpg", "photo_actor01_man_dark.png", "photo_img24_glasses_teeth.jpg"],
)
def test_open_eyes_in_shadow_and_behind_clear_glass_blink(name: str) -> None:
    rig = build_rig(find_portrait(eval_file(f"portraits/{name}")))
    assert rig.fit["eye_right"] == rig.fit["eye_left"] == "open"
