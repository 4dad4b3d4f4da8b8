"""Mirroring the photo mirrors the rig: nothing in making one favours a side."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from measures import Field, values
from phiz.channels import SHAPES
from phiz.portrait.build import build_rig
from phiz.portrait.find import find_portrait
from phiz.portrait.portrait import Portrait
from phiz.portrait.rig import Rig
from phiz.renderers import open_renderer
from sitters import SITTERS, Sitters

Array = NDArray[np.float64]

# By landmark of the mirrored face, the landmark of the face.
PARTNERS = np.array([
    *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, *range(35, 30, -1),
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
    *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65,
])  # fmt: skip
# Millimetres: places are whole 2^-20 m, and a last bit of the solve may round them either way.
ROUNDING = 0.005
PEOPLE = [name for name in SITTERS if name in {
    "drawn_smiling", "demo", "cg_boy.jpg", "photo_cap_turned.jpg", "photo_biden_fullheight.jpg",
    "photo_maher_EXIF6_DERIVED.jpg",
}]  # fmt: skip


def mirrored(points: Array, width: int) -> Array:
    return points * (-1, 1) + (width, 0)


def mirrored_portrait(portrait: Portrait, folder: Path, *, detect: bool = False) -> Portrait:
    """The portrait made again from the mirrored picture and, unless `detect`, the mirrored landmarks."""
    photo, points = folder / "mirrored.png", folder / "mirrored.json"
    Image.fromarray(np.ascontiguousarray(portrait.pixels[:, ::-1])).save(photo, compress_level=1)
    points.write_text(json.dumps(mirrored(portrait.landmarks, portrait.width)[PARTNERS].tolist()))
    return find_portrait(photo, landmarks=None if detect else points)


def other_side(name: str) -> str:
    swapped = {"Left": "Right", "Right": "Left"}
    return next((name.replace(side, to) for side, to in swapped.items() if side in name), name)


def differences(rig: Rig, other: Rig, landmarks: Array) -> dict[str, float]:
    """How far in millimetres points of a rig are at most from another's mirrored, at rest and by shape."""
    spread = np.random.default_rng(4).uniform(landmarks.min(0), landmarks.max(0), (300, 2))
    width = rig.camera.width
    one, two = Field(rig, spread), Field(other, mirrored(spread, width))
    both = one.inside & two.inside
    assert both.mean() > 0.8
    apart = {"rest": (one.places() - two.places() * (-1, 1, 1)) * 1000}
    for name in SHAPES:
        back = two.moves(**{other_side(name): 1.0}) * (-1, 1, 1)
        apart[name] = one.moves(**{name: 1.0}) - back
    return {name: float(np.hypot.reduce(moves[both], axis=1).max()) for name, moves in apart.items()}


@pytest.mark.parametrize("name", PEOPLE)
def test_mirroring_the_photo_mirrors_the_rig(name: str, sitters: Sitters, tmp_path: Path) -> None:
    sitter = sitters(name)
    other = build_rig(mirrored_portrait(sitter.portrait, tmp_path))
    found = differences(sitter.rig, other, sitter.portrait.landmarks)
    assert {shape: far for shape, far in found.items() if far > ROUNDING} == {}
    fit = dict(other.fit)
    for angle in ("yaw_deg", "roll_deg"):
        assert fit[angle] == pytest.approx(-float(sitter.rig.fit[angle]), abs=0.011)
    for part in ("", "_mm"):
        for side, opposite in (("right", "left"), ("left", "right")):
            assert fit[f"eye_{side}{part}"] == sitter.rig.fit[f"eye_{opposite}{part}"]


def test_sides_are_told_apart(sitters: Sitters) -> None:
    """The comparison would notice shapes that were not swapped: the drawn face against itself."""
    rig, landmarks = sitters("drawn_closed").rig, sitters("drawn_closed").portrait.landmarks
    assert max(differences(rig, rig, landmarks).values()) < ROUNDING
    smile = Field(rig, landmarks[48:68])
    assert np.abs(smile.moves(mouthSmileLeft=1.0) - smile.moves(mouthSmileRight=1.0)).max() > 3
    crooked = np.array([40.0, 20.0])
    one, two = Field(rig, landmarks), Field(rig, mirrored(landmarks, rig.camera.width) + crooked)
    assert np.abs(one.places() - two.places() * (-1, 1, 1)).max() * 1000 > 5


def test_a_symmetric_face_looks_symmetric_when_it_moves(sitters: Sitters) -> None:
    rig = sitters("drawn_smiling").rig
    poses = [
        {},
        {"jawOpen": 0.5, "mouthPucker": 0.3},
        {"eyeBlinkLeft": 0.6, "eyeBlinkRight": 0.6, "cheekPuff": 1.0},
    ]
    with open_renderer(rig, backend="cpu") as renderer:
        for pose in poses:
            frame = renderer.draw(values(**pose))[..., :3].astype(int)
            apart = np.abs(frame - frame[:, ::-1]).max(2)
            assert apart.mean() < 0.5
            assert (apart > 30).mean() < 0.002


def test_a_mirrored_photo_is_found_nearly_mirrored(sitters: Sitters, tmp_path: Path) -> None:
    """Landmarks that are found, not given."""
    portrait = sitters("demo").portrait
    other = mirrored_portrait(portrait, tmp_path, detect=True)
    apart = np.hypot(*(mirrored(other.landmarks, portrait.width)[PARTNERS] - portrait.landmarks).T)
    assert np.median(apart) < 0.01 * portrait.interpupillary
    assert apart.max() < 0.03 * portrait.interpupillary
