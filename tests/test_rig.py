"""The rig of real portraits: what a viewer would notice first if it were wrong."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from evaldata import eval_file
from phiz.channels import ARKIT, CHANNELS, INDEX, SHAPES
from phiz.data import demo_portrait
from phiz.portrait.image import read_image
from phiz.portrait.mesh import signed_areas
from phiz.portrait.rig import INTERPUPILLARY, Rig
from phiz.renderers import open_renderer
from phiz.renderers.pose import joint_matrices

PORTRAITS = (
    "cg_boy.jpg", "paint_girl_bouguereau.jpg", "paint_monalisa.jpg", "photo_actor01_man_dark.png",
    "photo_guido_glasses_beard.jpg", "photo_happy1_rgba.png", "photo_maher_EXIF6_DERIVED.jpg",
    "photo_mouthopen_turned.png",
)  # fmt: skip
SEGMENTS = 24  # of each lip in the mesh
SKIN = ("face", "body", "edge")


@pytest.fixture(scope="module")
def rig(demo_rig: Path) -> Rig:
    return Rig.load(demo_rig)


def posed(rig: Rig, layer: str, **weights: float) -> NDArray[np.float64]:
    part = rig.layer(layer)
    places = part.positions.astype(np.float64)
    for name, weight in weights.items():
        if name in part.shapes:
            places = places + weight * part.shapes[name]
    return places


def flipped(rig: Rig, layer: str, *, turn: tuple[float, ...] = (0.0, 0.0, 0.0), **weights: float) -> int:
    """Triangles that the camera sees from behind, with the head turned by yaw, pitch and roll in degrees."""
    places, part = posed(rig, layer, **weights), rig.layer(layer)
    matrices = joint_matrices(rig.joints, *np.radians(turn))
    moved = [places @ matrix[:, :3].T + matrix[:, 3] for matrix in matrices]
    skinned = sum(share[:, None] * joint for share, joint in zip(part.weights.T, moved, strict=True))
    seen = rig.camera.project(skinned) * (1, -1)
    return int((signed_areas(seen, part.triangles.astype(np.intp)) <= 0).sum())


def folds(rig: Rig) -> dict[str, int]:
    """By shape, triangles turned over at its extreme: as the photo is seen and, unless the photo itself is
    turned far, with the head at each corner of its range."""
    frontal = abs(float(rig.fit["yaw_deg"])) <= 12
    found = {}
    for name in ("rest", *SHAPES):
        weights = {} if name == "rest" else {name: 1.0}
        if name == "mouthClose":
            weights["jawOpen"] = 1.0  # it shuts what jawOpen opens
        corners = product((-12.0, 12.0), (-8.0, 8.0), (-8.0, 8.0)) if frontal else ()
        turns = ((0.0, 0.0, 0.0), *corners)
        count = sum(flipped(rig, layer, turn=turn, **weights) for turn in turns for layer in SKIN)
        if count:
            found[name] = count
    return found


def lip_gap(rig: Rig, **weights: float) -> NDArray[np.float64]:
    """Distance in interpupillary distances between upper and lower inner lip as the camera sees them."""
    seen = rig.camera.project(posed(rig, "face", **weights))
    upper, lower = inner_lips(rig)
    return np.hypot(*(seen[upper] - seen[lower]).T) / rig.camera.scale / INTERPUPILLARY


def inner_lips(rig: Rig) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of face vertices that coincide with all shapes at 0 and part when the jaw opens, and are not
    lids."""
    face = rig.layer("face")
    rest = np.round(rig.camera.project(face.positions), 3)
    opened = rig.camera.project(posed(rig, "face", jawOpen=1.0))
    order = np.lexsort(rest.T)
    near = np.flatnonzero((np.abs(np.diff(rest[order], axis=0)) < 0.01).all(1))
    first, second = order[near], order[near + 1]
    apart = np.abs(opened[first, 1] - opened[second, 1]) > 0.01
    first, second = first[apart], second[apart]
    swap = opened[first, 1] > opened[second, 1]
    return np.where(swap, second, first), np.where(swap, first, second)


def pose(**weights: float) -> NDArray[np.float64]:
    values = np.zeros(len(CHANNELS))
    for name, weight in weights.items():
        values[INDEX[name]] = weight
    return values


def test_every_arkit_shape_moves_something(rig: Rig) -> None:
    moving = {
        name for layer in rig.layers for name in layer.shapes if np.abs(layer.shapes[name]).max() > 1e-4
    }
    assert set(ARKIT) <= moving
    assert moving <= set(SHAPES)


def test_no_triangle_turns_over_in_any_shape_however_the_head_turns(rig: Rig) -> None:
    assert folds(rig) == {}


def test_half_open_blends_do_not_turn_triangles_over(rig: Rig) -> None:
    for jaw, funnel, pucker, smile in ((0.4, 0.4, 0.3, 0.0), (0.3, 0.0, 0.0, 0.6), (0.1, 0.0, 0.7, 0.0)):
        weights = {"jawOpen": jaw, "mouthFunnel": funnel, "mouthPucker": pucker}
        weights |= {f"mouthSmile{side}": smile for side in ("Left", "Right")}
        assert flipped(rig, "face", **weights) == 0


def test_the_picture_at_rest_is_the_photo(rig: Rig) -> None:
    photo = read_image(demo_portrait())[..., :3].astype(np.int64)
    with open_renderer(rig, backend="cpu") as renderer:
        frame = renderer.draw(pose(photo=1.0))[..., :3].astype(np.int64)
    x0, y0 = rig.landmarks.min(0).astype(int)
    x1, y1 = rig.landmarks.max(0).astype(int)
    error = ((frame - photo)[y0:y1, x0:x1] ** 2).mean()
    assert 10 * np.log10(255**2 / max(error, 1e-9)) > 45
    different = np.abs(frame - photo).max(2) > 2
    assert different.mean() < 0.0005


def test_what_is_far_from_the_head_never_changes(rig: Rig) -> None:
    photo = read_image(demo_portrait())[..., :3]
    with open_renderer(rig, backend="cpu") as renderer:
        frame = renderer.draw(pose(jawOpen=0.6, headYaw=0.1, headRoll=0.08, eyeBlinkLeft=1.0))[..., :3].copy()
    far = np.ones(frame.shape[:2], bool)
    far[:300, 100:360] = False
    assert (frame[far] == photo[far]).all()
    assert (frame[~far] != photo[~far]).any(axis=1).mean() > 0.2


def test_the_toothy_smile_shuts_and_opens(rig: Rig) -> None:
    assert rig.fit["mouth_gap_mm"] > 5
    assert len(inner_lips(rig)[0]) >= SEGMENTS - 2
    assert lip_gap(rig).max() < 0.005
    assert lip_gap(rig, jawOpen=0.5, mouthClose=0.5).max() < 0.005
    assert lip_gap(rig, photo=1.0).max() > 0.1
    assert lip_gap(rig, jawOpen=0.5).max() > 0.1


def test_a_blink_shuts_the_eye_and_leaves_the_brow(rig: Rig) -> None:
    seen = rig.camera.project(posed(rig, "face"))
    shut = rig.camera.project(posed(rig, "face", eyeBlinkRight=1.0))
    moved = np.hypot(*(shut - seen).T)
    assert moved.max() > 3  # pixels: the lid of a nine-pixel eye
    brow = rig.landmarks[17:22]
    near_brow = np.hypot(*(seen[:, None] - brow[None]).transpose(2, 0, 1)).min(1) < 1.0
    assert near_brow.any()
    assert moved[near_brow].max() < 0.05
    other_eye = np.hypot(*(seen - rig.landmarks[42:48].mean(0)).T) < 12
    assert moved[other_eye].max() < 0.05


def test_teeth_and_tongue_lie_behind_the_lips(rig: Rig) -> None:
    names = [layer.name for layer in rig.layers]
    assert {"mouth_cavity", "teeth_lower", "tongue"} <= set(names)
    assert "teeth_photo" in names or "teeth_upper" in names
    lips = posed(rig, "face")[np.concatenate(inner_lips(rig))]
    front = np.sort(lips[:, 2])[-10:].mean()
    for name in ("teeth_photo", "teeth_lower", "tongue", "mouth_cavity"):
        assert rig.layer(name).positions[:, 2].max() < front


def test_an_open_mouth_shows_its_inside_however_the_head_turns(rig: Rig) -> None:
    """No background through the mouth: behind the lips everything is darker than the wall or red."""
    with open_renderer(rig, backend="cpu") as renderer:
        for yaw in (-0.2, 0.0, 0.2):
            still = renderer.draw(pose(headYaw=yaw))[..., :3].astype(int)
            frame = renderer.draw(pose(headYaw=yaw, jawOpen=0.8))[..., :3].astype(int)
            changed = np.abs(frame - still).max(2) > 60
            greenish = (frame[..., 1] > frame[..., 0] + 12) | (frame[..., 2] > frame[..., 0] + 12)
            assert changed.sum() > 30
            assert not (changed & greenish)[100:190].any()


@pytest.mark.parametrize("name", PORTRAITS)
def test_other_portraits(name: str) -> None:
    """Paintings, drawings, beards, glasses, turned heads: nothing folds, every mouth shuts and opens."""
    rig = Rig.from_photo(eval_file(f"portraits/{name}"))
    assert folds(rig) == {}
    assert lip_gap(rig).max() < 0.005
    assert lip_gap(rig, jawOpen=0.5).max() > 0.08


def test_the_same_photo_gives_the_same_rig(rig: Rig, tmp_path: Path) -> None:
    again = tmp_path / "again.glb"
    once = tmp_path / "once.glb"
    rig.save(once)
    Rig.from_photo(demo_portrait()).save(again)
    assert once.read_bytes() == again.read_bytes()
