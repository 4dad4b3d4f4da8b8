"""Another background: the person in front stays as in the photo, and nothing else of the photo does."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from phiz import Rig, UsageError
from phiz.channels import CHANNELS, INDEX
from phiz.data import demo_portrait
from phiz.portrait.backdrop import with_background
from phiz.portrait.find import find_portrait
from phiz.portrait.portrait import Portrait
from phiz.renderers import describe_backends, open_renderer

STEELBLUE = (70, 130, 180)
BACKENDS = [name for name, works, _ in describe_backends() if works]


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return find_portrait(demo_portrait())


@pytest.fixture(scope="module")
def clear_rig(portrait: Portrait) -> Rig:
    return Rig.from_photo(portrait, background="transparent")


def drawn(rig: Rig, backend: str = "cpu", **channels: float) -> NDArray[np.int64]:
    values = np.zeros(len(CHANNELS))
    for name, value in channels.items():
        values[INDEX[name]] = value
    with open_renderer(rig, (rig.camera.width, rig.camera.height), backend=backend) as renderer:
        return renderer.draw(values).astype(np.int64)


def test_keep_changes_nothing(portrait: Portrait) -> None:
    assert with_background(portrait, "keep") is with_background(portrait, "Keep") is portrait


@pytest.mark.parametrize("colour", ["steelblue", "#4682b4", "SteelBlue", "rgb(70, 130, 180)"])
def test_a_colour_fills_all_but_the_person(portrait: Portrait, colour: str) -> None:
    made = with_background(portrait, colour)
    assert (made.background == STEELBLUE).all()
    assert (made.pixels[portrait.matte == 0] == (*STEELBLUE, 255)).all()
    inside = portrait.matte == 1
    assert (made.pixels[inside] == portrait.pixels[inside]).all()


def test_a_moved_head_uncovers_the_new_background_alone(portrait: Portrait) -> None:
    frame = drawn(Rig.from_photo(portrait, background="#00ff00"), headYaw=0.2, headRoll=0.1)
    assert (frame[..., 3] == 255).all()
    # The wall's grey is nowhere in the upper corners, wherever hair has been.
    corner = frame[: frame.shape[0] // 6, : frame.shape[1] // 4]
    assert (corner[..., :3] == (0, 255, 0)).all(2).mean() > 0.9
    assert (np.ptp(corner[..., :3], axis=2) > 25).mean() > 0.99


def test_a_picture_covers_the_frame_with_its_middle(portrait: Portrait, tmp_path: Path) -> None:
    thirds = np.zeros((100, 300, 3), np.uint8)
    for place, level in enumerate((20, 120, 220)):
        thirds[:, 100 * place : 100 * (place + 1)] = level
    Image.fromarray(thirds).save(tmp_path / "red", "PNG")  # a path is a file, whatever its name
    made = with_background(portrait, tmp_path / "red").background.astype(int)
    assert np.abs(made[:, 20:-20] - 120).max() <= 2


def test_blur_is_smooth_and_free_of_the_person(portrait: Portrait) -> None:
    made = with_background(portrait, "Blur")
    steps = np.abs(np.diff(made.background.astype(int), axis=1)).max()
    assert steps < np.abs(np.diff(portrait.pixels[..., :3].astype(int), axis=1)).max() / 10
    orange = made.background.astype(int)[..., 0] - made.background.astype(int)[..., 2]
    suit = portrait.pixels.astype(int)[..., 0] - portrait.pixels.astype(int)[..., 2]
    middle = np.s_[300:, 150:250]  # the suit's place
    assert np.median(suit[middle]) > 100
    assert np.median(orange[middle]) < 60
    inside = portrait.matte == 1
    assert (made.pixels[inside] == portrait.pixels[inside]).all()


@pytest.mark.parametrize("wanted", ["bleu", "#12345", "#11223344", "", "none.png"])
def test_what_is_no_background_is_refused_at_once(wanted: str) -> None:
    with pytest.raises(UsageError, match=r"neither.*keep, blur or transparent"):
        Rig.from_photo("there-is-no-such-photo.png", background=wanted)


@pytest.mark.parametrize("backend", BACKENDS)
def test_transparent_frames_are_the_matte_at_rest(portrait: Portrait, clear_rig: Rig, backend: str) -> None:
    frame = drawn(clear_rig, backend, photo=1.0)
    difference = np.abs(frame[..., 3] - portrait.matte * 255)
    assert np.quantile(difference, 0.999) < 6
    inside = portrait.matte == 1
    assert (np.abs(frame - portrait.pixels)[inside][:, :3].max(1) <= 2).mean() > 0.98


@pytest.mark.parametrize("backend", BACKENDS)
def test_transparent_frames_have_no_hole_where_still_meets_moving(clear_rig: Rig, backend: str) -> None:
    frame = drawn(clear_rig, backend, headPitch=-0.1, headYaw=0.15, jawOpen=0.5)
    height, width = frame.shape[:2]
    assert (frame[: height // 12, : width // 8, 3] == 0).all()
    person = frame[height // 5 :, int(width * 0.40) : int(width * 0.46), 3]  # face, neck and suit
    assert person.min() == 255


def test_a_transparent_rig_survives_its_file(clear_rig: Rig, tmp_path: Path) -> None:
    clear_rig.save(tmp_path / "clear.glb")
    assert (drawn(Rig.load(tmp_path / "clear.glb")) == drawn(clear_rig)).all()


def test_an_uncertain_cut_is_said_and_still_made(
    portrait: Portrait, caplog: pytest.LogCaptureFixture
) -> None:
    unsure = replace(portrait, matte_confidence=0.2)
    with caplog.at_level(logging.WARNING, "phiz"):
        Rig.from_photo(unsure)
        assert "the cut may show" not in caplog.text
        rig = Rig.from_photo(unsure, background="transparent")
    assert sum("the cut may show" in message for message in caplog.messages) == 1
    alpha = drawn(rig, headYaw=0.1)[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[alpha.shape[0] // 2, int(alpha.shape[1] * 0.43)] == 255
