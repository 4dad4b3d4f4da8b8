"""RGBA to yuv420p: right colours, the same bytes however the work is split."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from phiz.output.yuv import rgba_to_yuv420

# ITU-R BT.709: luma coefficients, and the studio range of 8-bit video.
KR, KG, KB = 0.2126, 0.7152, 0.0722


def convert(
    rgba: NDArray[np.uint8], pool: ThreadPoolExecutor | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    height, width = rgba.shape[:2]
    out = np.zeros(height * width * 3 // 2, np.uint8)
    rgba_to_yuv420(rgba, out, pool)
    y, u, v = np.split(out, [height * width, height * width * 5 // 4])
    half = (height // 2, width // 2)
    return y.reshape(height, width), u.reshape(half), v.reshape(half)


def flat(red: int, green: int, blue: int) -> NDArray[np.uint8]:
    return np.full((4, 6, 4), (red, green, blue, 255), np.uint8)


@pytest.mark.parametrize("grey", [0, 1, 127, 128, 254, 255])
def test_greys_have_no_colour_and_span_the_studio_range(grey: int) -> None:
    y, u, v = convert(flat(grey, grey, grey))
    assert (y == round(16 + grey * 219 / 255)).all()
    assert (u == 128).all()
    assert (v == 128).all()


@given(st.tuples(*[st.integers(0, 255)] * 3))
@settings(deadline=None)
def test_flat_colours_follow_bt709(colour: tuple[int, int, int]) -> None:
    red, green, blue = (value / 255 for value in colour)
    luma = KR * red + KG * green + KB * blue
    expected = (
        16 + 219 * luma,
        128 + 224 * (blue - luma) / (2 * (1 - KB)),
        128 + 224 * (red - luma) / (2 * (1 - KR)),
    )
    for plane, value in zip(convert(flat(*colour)), expected, strict=True):
        assert (plane == plane[0, 0]).all()
        assert abs(float(plane[0, 0]) - value) < 0.52


def test_chroma_sits_on_the_left_column_of_its_pair() -> None:
    """A red column where a sample sits gives it half its colour; one between two samples, each a quarter."""
    full = int(convert(flat(255, 0, 0))[2][0, 0]) - 128
    expected = {4: [0, 0, full // 2, 0, 0, 0], 5: [0, 0, full // 4, full // 4, 0, 0]}
    for column, chroma in expected.items():
        picture = np.zeros((2, 12, 4), np.uint8)
        picture[:, column, 0] = 255
        assert (convert(picture)[2][0].astype(int) - 128).tolist() == chroma


@given(
    st.tuples(st.integers(1, 90), st.integers(1, 9)).flatmap(
        lambda half: arrays(np.uint8, (2 * half[0], 2 * half[1], 4))
    )
)
@settings(deadline=None, max_examples=25)
def test_bands_do_not_change_a_byte(rgba: NDArray[np.uint8]) -> None:
    whole = convert(rgba)
    with ThreadPoolExecutor(3) as pool:
        banded = convert(rgba, pool)
    for one, other in zip(whole, banded, strict=True):
        np.testing.assert_array_equal(one, other)
