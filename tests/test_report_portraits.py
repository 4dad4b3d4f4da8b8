"""What the report says of real and drawn portraits, and of the same with lenses painted over their eyes."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from phiz.portrait.contours import eye_opening
from phiz.portrait.expression import eye_state
from phiz.portrait.frame import fit_frame
from phiz.portrait.portrait import Portrait
from phiz.portrait.report import quality
from sitters import SITTERS, Sitters

Array = NDArray[np.float64]

GLASSES = {"cartoon_caricature.png", "photo_guido_glasses_beard.jpg", "photo_img24_glasses_teeth.jpg"}
SMILING = {
    "drawn_smiling", "demo", "cartoon_caricature.png", "group_three.jpg", "photo_happy1_rgba.png",
    "photo_img24_glasses_teeth.jpg", "photo_maher_EXIF6_DERIVED.jpg",
}  # fmt: skip
PARTED = SMILING | {
    "drawn_open", "cartoon_mulan.jpg", "photo_cap_turned.jpg", "photo_guido_glasses_beard.jpg",
    "photo_mouthopen_turned.png",
}  # fmt: skip
TURNED = {"photo_cap_turned.jpg", "photo_guido_glasses_beard.jpg", "photo_mouthopen_turned.png"}
UNCLEAR = {"cartoon_mulan.jpg", "cartoon_caricature.png"}  # drawn eyes that the landmarks miss
BLURRED = {"photo_lab3_backlit.png", "photo_mouthopen_turned.png"}
MISREAD = {"sculpt_terracotta.jpg"}  # a moustache of clay is taken for the lips
WORN = [name for name in SITTERS if name in {
    "drawn_closed", "demo", "cg_boy.jpg", "photo_happy1_rgba.png", "photo_actor01_man_dark.png",
    "paint_monalisa.jpg", "photo_cap_turned.jpg",
}]  # fmt: skip
# Colour of the lens above and below.
LENSES = {
    "black": ((20, 20, 25), (20, 20, 25)), "brown": ((110, 70, 40), (150, 105, 70)),
    "sky": ((150, 190, 230), (70, 60, 50)), "silver": ((200, 205, 210), (200, 205, 210)),
}  # fmt: skip
LENS_RADII = (27.0, 22.0)  # millimetres


@pytest.mark.parametrize("name", SITTERS)
def test_the_report_is_right_about_everyone(name: str, sitters: Sitters) -> None:
    found = sitters(name).quality
    assert found.occlusion == ("glasses" if name in GLASSES else "none")
    assert found.eyes == (("unclear",) * 2 if name in UNCLEAR else ("open",) * 2)
    assert (abs(found.yaw) > 20) == (name in TURNED)
    assert ("blurred" in found.line) == (name in BLURRED)
    assert max(found.blink) < 0.75
    if name not in MISREAD:
        assert (found.smile > 0.55) == (name in SMILING)
        assert ("mouth shut" not in found.line) == (name in PARTED)


@pytest.mark.parametrize("name", SITTERS)
def test_blur_is_noticed_in_every_portrait(name: str, sitters: Sitters) -> None:
    sitter = sitters(name)
    spread = 0.06 * sitter.portrait.interpupillary
    pixels = cv2.GaussianBlur(sitter.portrait.pixels, (0, 0), spread)
    portrait = Portrait(**{**vars(sitter.portrait), "pixels": pixels})
    assert "blurred" in quality(portrait, sitter.rig).line


def eye_states(pixels: NDArray[np.uint8], landmarks: Array) -> tuple[str, ...]:
    frame = fit_frame(landmarks)
    face = frame.to_face(landmarks)
    eyes = ((slice(36, 42), slice(17, 22)), (slice(42, 48), slice(22, 27)))
    edges = (eye_opening(face[lids], face[brow], 2.0) for lids, brow in eyes)
    return tuple(eye_state(pixels, frame, landmarks, eye) for eye in edges)


def face_only(portrait: Portrait) -> tuple[NDArray[np.uint8], Array]:
    """The picture around the landmarks, and these in it."""
    low = np.maximum(portrait.landmarks.min(0).astype(int) - 9, 0)
    high = portrait.landmarks.max(0).astype(int) + 9
    return portrait.pixels[low[1] : high[1], low[0] : high[0]], portrait.landmarks - low


def lenses(pixels: NDArray[np.uint8], landmarks: Array, lens: str) -> tuple[Array, Array]:
    """Cover [height, width, 1] and colour [height, width, 3] of glasses that let nothing through."""
    frame = fit_frame(landmarks)
    y, x = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]] + 0.5
    face = frame.to_face(np.stack([x.ravel(), y.ravel()], axis=1))
    upper, lower = np.array(LENSES[lens], float)
    cover, colour = np.zeros((*y.shape, 1)), np.zeros((*y.shape, 3))
    for lids in (slice(36, 42), slice(42, 48)):
        across, up = ((face - frame.to_face(landmarks[lids]).mean(0) + (0, 4)) / LENS_RADII).T
        here = np.clip((1 - np.hypot(across, up)) * 20, 0, 1).reshape(cover.shape)
        shade = lower + (upper - lower) * np.clip((up + 1) / 2, 0, 1).reshape(cover.shape)
        cover, colour = np.maximum(cover, here), np.where(here > 0, shade, colour)
    return cover, colour


@pytest.mark.parametrize("lens", LENSES)
@pytest.mark.parametrize("name", WORN)
def test_eyes_are_hidden_by_a_lens_when_they_cannot_be_seen(name: str, lens: str, sitters: Sitters) -> None:
    pixels, landmarks = face_only(sitters(name).portrait)
    cover, colour = lenses(pixels, landmarks, lens)
    for strength, state in (
        (0.0, "open"),
        (0.3, "open"),
        (0.87, "hidden"),
        (0.95, "hidden"),
        (1.0, "hidden"),
    ):
        behind = pixels[..., :3] + strength * cover * (colour - pixels[..., :3])
        assert eye_states(np.round(behind).astype(np.uint8), landmarks) == (state, state), strength
