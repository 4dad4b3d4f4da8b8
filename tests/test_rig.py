"""The demo portrait's rig: what a viewer would notice first if it were wrong.

What must hold for any portrait is tested in test_rig_portraits.py and test_rig_pictures.py.
"""

from pathlib import Path

import numpy as np
import pytest

from measures import gap, openings, posed, seen, skin, values
from phiz.channels import ARKIT, SHAPES
from phiz.data import demo_portrait
from phiz.portrait.image import read_image
from phiz.portrait.rig import Rig
from phiz.renderers import open_renderer


@pytest.fixture(scope="module")
def rig(demo_rig: Path) -> Rig:
    return Rig.load(demo_rig)


def test_every_arkit_shape_moves_something(rig: Rig) -> None:
    moving = {
        name for layer in rig.layers for name in layer.shapes if np.abs(layer.shapes[name]).max() > 1e-4
    }
    assert set(ARKIT) <= moving
    assert moving <= set(SHAPES)


def test_what_is_far_from_head_and_chest_never_changes(rig: Rig) -> None:
    photo = read_image(demo_portrait())[..., :3]
    with open_renderer(rig, backend="cpu") as renderer:
        frame = renderer.draw(values(jawOpen=0.6, headYaw=0.1, headRoll=0.08, eyeBlinkLeft=1.0))[..., :3]
    far = np.ones(frame.shape[:2], bool)
    far[:300, 100:360] = False
    assert (
        np.abs(frame[far].astype(int) - photo[far]).max() <= 2
    )  # a chest that may breathe is drawn as a mesh
    far[200:400, :380] = False
    assert (frame[far] == photo[far]).all()
    assert (frame[:300, 100:360] != photo[:300, 100:360]).any(axis=2).mean() > 0.2


def test_the_toothy_smile_shuts_and_opens(rig: Rig) -> None:
    lips = openings(rig)["mouth"]
    assert float(rig.fit["mouth_gap_mm"]) > 5
    assert gap(rig, lips) < 0.1
    assert gap(rig, lips, photo=1.0) > 6
    assert gap(rig, lips, jawOpen=0.5) > 6


def test_a_blink_moves_one_eye(rig: Rig) -> None:
    moved = np.hypot(*(seen(rig, eyeBlinkRight=1.0) - seen(rig)).T)
    assert moved.max() > 3  # pixels: the lid of a nine-pixel eye
    other = np.hypot(*(seen(rig) - rig.landmarks[42:48].mean(0)).T) < 12
    assert other.any()
    assert moved[other].max() < 0.05


def test_teeth_and_tongue_lie_behind_the_lips(rig: Rig) -> None:
    names = [layer.name for layer in rig.layers]
    assert {"mouth_cavity", "teeth_lower", "tongue"} <= set(names)
    assert "teeth_photo" in names or "teeth_upper" in names
    lips = posed(skin(rig))[np.concatenate(openings(rig)["mouth"])]
    front = np.sort(lips[:, 2])[-10:].mean()
    for name in ("teeth_photo", "teeth_lower", "tongue", "mouth_cavity"):
        assert rig.layer(name).positions[:, 2].max() < front


def test_an_open_mouth_shows_its_inside_however_the_head_turns(rig: Rig) -> None:
    """No background through the mouth: behind the lips everything is darker than the wall or red."""
    with open_renderer(rig, backend="cpu") as renderer:
        for yaw in (-0.2, 0.0, 0.2):
            still = renderer.draw(values(headYaw=yaw))[..., :3].astype(int)
            frame = renderer.draw(values(headYaw=yaw, jawOpen=0.8))[..., :3].astype(int)
            changed = np.abs(frame - still).max(2) > 60
            greenish = (frame[..., 1] > frame[..., 0] + 12) | (frame[..., 2] > frame[..., 0] + 12)
            assert changed.sum() > 30
            assert not (changed & greenish)[100:190].any()


def test_the_same_photo_gives_the_same_rig(rig: Rig, tmp_path: Path) -> None:
    again = tmp_path / "again.glb"
    once = tmp_path / "once.glb"
    rig.save(once)
    Rig.from_photo(demo_portrait()).save(again)
    assert once.read_bytes() == again.read_bytes()
