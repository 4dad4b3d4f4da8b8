"""Sizes and crops: even, inside the picture, undistorted, around the face."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from phiz.errors import UsageError
from phiz.output.framing import fit_frame, parse_size
from phiz.portrait.rig import Camera, Rig

sides = st.integers(40, 5000)
even = st.integers(16, 1500).map(lambda half: 2 * half)


def rig_of(width: int, height: int, face: tuple[float, float] = (0.5, 0.5)) -> Rig:
    """A rig without layers whose landmarks all lie at `face`, in shares of the picture."""
    landmarks = np.tile(np.array([face[0] * width, face[1] * height], np.float32), (68, 1))
    return Rig((), {}, np.zeros((3, 3), np.float32), Camera(width, height, (0, 0, 1), 1000.0), landmarks)


@given(sides, sides)
@settings(deadline=None)
def test_by_default_pixels_stay_as_they_are(width: int, height: int) -> None:
    assume(max(width, height) <= 1920)
    framing = fit_frame(rig_of(width, height))
    assert framing.size == (width // 2 * 2, height // 2 * 2)
    assert framing.view == (0.0, 0.0, *map(float, framing.size))


@given(sides, sides, st.one_of(st.none(), even))
@settings(deadline=None)
def test_a_longest_side_scales_without_distortion(width: int, height: int, size: int | None) -> None:
    longest = size or min(max(width, height), 1920)
    assume(min(width, height) * longest >= 18 * max(width, height))
    framing = fit_frame(rig_of(width, height), size)
    assert max(framing.size) == longest // 2 * 2
    assert all(side % 2 == 0 for side in framing.size)
    x, y, shown_width, shown_height = framing.view
    assert (x, y) == (0.0, 0.0)
    assert shown_width <= width + 1e-6
    assert shown_height <= height + 1e-6
    assert framing.size[0] / shown_width == pytest.approx(framing.size[1] / shown_height, rel=1e-9)


@given(sides, sides, even, even, st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_a_pair_crops_inside_the_picture(
    width: int, height: int, out_width: int, out_height: int, x: float, y: float
) -> None:
    framing = fit_frame(rig_of(width, height, (x, y)), (out_width, out_height))
    left, top, shown_width, shown_height = framing.view
    assert framing.size == (out_width, out_height)
    assert left >= 0
    assert top >= 0
    assert left + shown_width <= width + 1e-6
    assert top + shown_height <= height + 1e-6
    assert out_width / shown_width == pytest.approx(out_height / shown_height, rel=1e-9)
    assert shown_width == pytest.approx(width) or shown_height == pytest.approx(height)


def test_a_crop_keeps_the_face() -> None:
    left, _, width, _ = fit_frame(rig_of(1000, 500, (0.8, 0.5)), (500, 500)).view
    assert (left, width) == (500.0, 500.0)
    left, _, width, _ = fit_frame(rig_of(1000, 500, (0.6, 0.5)), (200, 500)).view
    assert (left, width) == (500.0, 200.0)


def test_a_crop_without_scaling_starts_on_a_whole_pixel() -> None:
    framing = fit_frame(rig_of(1000, 500, (0.50033, 0.5)), (200, 500))
    assert framing.view == (400.0, 0.0, 200.0, 500.0)


@pytest.mark.parametrize(
    ("text", "size"), [("720", 720), ("1280x720", (1280, 720)), (512, 512), (None, None)]
)
def test_sizes_that_are_read(text: str | int | None, size: object) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "big", "720p", "2x2x2", "33", "64x63", "0", "-2", "9000", "12.5"])
def test_sizes_that_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="size"):
        parse_size(text)


def test_a_sliver_is_refused() -> None:
    with pytest.raises(UsageError, match="larger --size"):
        fit_frame(rig_of(4000, 40), 640)
