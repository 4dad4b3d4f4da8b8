"""Golden frames: the demo portrait in poses that must keep looking as they did when a person last saw them.

Making a rig rests on numeric libraries whose last bits differ between machines, so pictures are compared with
a tolerance. After a change that is meant to be seen, look at the new frames and keep them with

    PHIZ_REGENERATE=1 python3 -m pytest tests/test_golden.py

Frames that differ are left in tests/diffs: expected, found, and the difference eight times as strong.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phiz.channels import CHANNELS, INDEX
from phiz.portrait.rig import Rig
from phiz.renderers import open_renderer

GOLDEN = Path(__file__).parent / "golden"
DIFFS = Path(__file__).parent / "diffs"
SIZE = (210, 240)
MARGIN = 1.5  # of the jaw's width that a frame shows
MEAN_LIMIT = 1.0  # of 255
FAR_LIMIT, FAR_SHARE = 24, 0.005  # at most this share of pixels may be further off than that
EXCEPTIONS: dict[str, float] = {}  # by pose, another share, and why

POSES = {
    "photo": {"photo": 1.0},
    "relaxed": {},
    "a": {"jawOpen": 0.6},
    "i": {"jawOpen": 0.12, "mouthSmileLeft": 0.3, "mouthSmileRight": 0.3, "mouthStretchLeft": 0.2},
    "u": {"jawOpen": 0.12, "mouthPucker": 0.6, "mouthFunnel": 0.1},
    "m": {"jawOpen": 0.05, "mouthClose": 0.05, "mouthPressLeft": 0.3, "mouthPressRight": 0.3},
    "blink": {"photo": 1.0, "eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "turned": {"headYaw": 0.17, "headPitch": 0.08, "headRoll": -0.06, "jawOpen": 0.3, "eyeLookInLeft": 0.5},
}


@pytest.fixture(scope="module")
def rig(demo_rig: Path) -> Rig:
    return Rig.load(demo_rig)


@pytest.mark.parametrize("name", POSES)
def test_frame_looks_as_it_did(rig: Rig, name: str) -> None:
    frame = draw(rig, name)
    kept = GOLDEN / f"{name}.png"
    if os.environ.get("PHIZ_REGENERATE"):
        Image.fromarray(frame).save(kept, optimize=True)
    expected = np.asarray(Image.open(kept).convert("RGB")).astype(int)
    difference = np.abs(frame.astype(int) - expected)
    far = float((difference.max(2) > FAR_LIMIT).mean())
    if difference.mean() > MEAN_LIMIT or far > EXCEPTIONS.get(name, FAR_SHARE):
        DIFFS.mkdir(exist_ok=True)
        shown = np.hstack([expected, frame, np.clip(difference * 8, 0, 255)]).astype(np.uint8)
        Image.fromarray(shown).save(DIFFS / f"{name}.png")
        pytest.fail(f"mean difference {difference.mean():.2f}, {far:.2%} far off; see tests/diffs/{name}.png")


def test_poses_differ_more_than_the_tolerance() -> None:
    """No golden frame would pass for another."""
    kept = {name: Image.open(GOLDEN / f"{name}.png").convert("RGB") for name in POSES}
    frames = {name: np.asarray(picture).astype(int) for name, picture in kept.items()}
    for one in POSES:
        for other in POSES:
            if one < other:
                apart = np.abs(frames[one] - frames[other])
                assert (apart.max(2) > FAR_LIMIT).mean() > FAR_SHARE, (one, other)


def draw(rig: Rig, name: str) -> np.ndarray:
    values = np.zeros(len(CHANNELS))
    for channel, value in POSES[name].items():
        values[INDEX[channel]] = value
    centre, width = rig.landmarks.mean(0), float(np.ptp(rig.landmarks[:17, 0])) * MARGIN
    height = width * SIZE[1] / SIZE[0]
    view = (float(centre[0]) - width / 2, float(centre[1]) - 0.58 * height, width, height)
    with open_renderer(rig, SIZE, view=view, backend="cpu") as renderer:
        return renderer.draw(values)[..., :3].copy()
