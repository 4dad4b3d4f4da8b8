"""A breath: chest and shoulders rise, the head goes along as one, what the picture cuts off stays."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drawn_face import draw_face
from measures import CORNERS, STRAIGHT, Field, flipped, values
from phiz.channels import CHEST
from phiz.portrait.build import build_rig
from phiz.portrait.find import find_portrait
from phiz.portrait.frame import fit_frame
from phiz.portrait.rig import Rig
from phiz.renderers import open_renderer
from sitters import Sitters

Array = NDArray[np.float64]

PEOPLE = ("demo", "paint_monalisa.jpg", "photo_biden_fullheight.jpg")
REST, DRAWN_IN = {"photo": 1.0}, {"photo": 1.0, CHEST: 1.0}


def moved(rig: Rig, face: Array) -> Array:
    """How points of the skin, [n, 2] in face coordinates, move in a breath: millimetres, to the side, up and
    forward as the face has it."""
    frame = fit_frame(rig.landmarks.astype(np.float64))
    field = Field(rig, frame.to_picture(face))
    moves = field.moves(**{CHEST: 1.0})[field.inside]
    assert len(moves) > 0.7 * len(face)
    return np.hstack([moves[:, :2] @ frame.roll, moves[:, 2:]])


def chin(rig: Rig) -> float:
    landmarks = rig.landmarks.astype(np.float64)
    return float(fit_frame(landmarks).to_face(landmarks[8:9])[0, 1])


@pytest.mark.parametrize("name", PEOPLE)
def test_chest_and_shoulders_rise_and_come_forward(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    body = moved(rig, np.array([[x, chin(rig) - 90.0] for x in (-60.0, 0, 60)]))
    assert body[:, 1] == pytest.approx(4.8, abs=1.3)
    assert body[:, 2] == pytest.approx(2.4, abs=0.7)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_head_rises_as_one_with_what_is_in_it(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    landmarks = fit_frame(rig.landmarks.astype(np.float64)).to_face(rig.landmarks.astype(np.float64))
    head = moved(rig, landmarks[[*range(17, 48), *range(48, 60)]])
    assert np.ptp(head, axis=0).max() < 0.01
    assert 1.7 < head[0, 1] < 2.1
    for part in ("eye_left", "iris_right", "tongue", "mouth_cavity"):
        shape = rig.layer(part).shapes[CHEST].astype(np.float64) * 1000
        turned = np.hstack([shape[:, :2] @ fit_frame(rig.landmarks.astype(np.float64)).roll, shape[:, 2:]])
        assert np.abs(turned - head[0]).max() < 0.01


@pytest.mark.parametrize("name", PEOPLE)
def test_borders_and_background_stay(name: str, sitters: Sitters) -> None:
    sitter = sitters(name)
    with open_renderer(sitter.rig, backend="cpu") as renderer:
        rest, drawn_in = (renderer.draw(values(**pose)).astype(int) for pose in (REST, DRAWN_IN))
    changed = np.abs(drawn_in - rest).max(axis=2)
    assert (changed > 8).mean() > 0.02
    assert max(changed[-3:].max(), changed[:, :3].max(), changed[:, -3:].max()) <= 1
    reach = round(8 * sitter.rig.camera.scale / 1000)  # pixels that the person's outline can travel
    person = (sitter.portrait.matte > 0.01).astype(np.uint8)
    near = cv2.dilate(person, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    assert changed[~near].max() <= 2


@pytest.mark.parametrize("name", PEOPLE)
def test_no_pose_folds_while_breathing(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    for weights in ({CHEST: 1.0}, {CHEST: 1.0, "jawOpen": 1.0}, {CHEST: 1.0, "mouthFrownLeft": 1.0}):
        assert sum(flipped(rig, turn, **weights) for turn in (STRAIGHT, *CORNERS)) == 0


def test_both_renderers_draw_the_same_breath(sitters: Sitters) -> None:
    rig = sitters("demo").rig
    frames = []
    for backend in ("cpu", "gl"):
        with open_renderer(rig, (512, 512), backend=backend) as renderer:
            frames.append(renderer.draw(values(**DRAWN_IN)).astype(int))
    assert (np.abs(frames[0] - frames[1]).max(axis=2) <= 3).mean() > 0.99


def test_a_rig_without_the_shape_is_drawn_as_before(sitters: Sitters) -> None:
    rig = sitters("demo").rig
    layers = [
        replace(layer, shapes={name: move for name, move in layer.shapes.items() if name != CHEST})
        for layer in rig.layers
    ]
    with open_renderer(replace(rig, layers=tuple(layers)), (256, 256), backend="cpu") as renderer:
        frames = [renderer.draw(values(**pose)) for pose in (REST, DRAWN_IN)]
    assert np.array_equal(*frames)


def test_without_a_matte_nothing_breathes(tmp_path: Path) -> None:
    photo, landmarks = draw_face("closed").save(tmp_path)
    portrait = replace(find_portrait(photo, landmarks=landmarks), matte_confidence=0.2)
    assert all(CHEST not in layer.shapes for layer in build_rig(portrait).layers)
