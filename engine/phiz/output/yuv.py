"""RGBA frames to the raw pixels that video encoders take, the same bytes on every machine."""

from collections.abc import Callable
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["CONVERTERS", "frame_bytes", "rgba_to_yuv420"]

# BT.709, limited range (luma 16..235, chroma 16..240), as 16-bit fixed point: Kr = 0.2126, Kb = 0.0722.
# Rows sum to 219/255 (luma) and to exactly 0 (chroma), so white, black and every grey come out exact.
_ONE = 1 << 16
_YR, _YG, _YB = (round(k * 219 / 255 * _ONE) for k in (0.2126, 0.7152, 0.0722))
_UR, _UG = (round(-k / (2 * (1 - 0.0722)) * 224 / 255 * _ONE) for k in (0.2126, 0.7152))
_VG, _VB = (round(-k / (2 * (1 - 0.2126)) * 224 / 255 * _ONE) for k in (0.7152, 0.0722))
_UB, _VR = -_UR - _UG, -_VG - _VB
_LUMA_BIAS = (16 << 16) + (1 << 15)
_CHROMA_BIAS = (128 << 19) + (1 << 18)  # chroma sums eight weighted pixels, hence three bits more

BAND_ROWS = 64  # rows that one task converts; even
BLOCK = 16  # pixels a side of the squares in which all but invisible pixels take the others' mean colour
FAINT = 16  # alpha in 1/255 below which a straight colour in eight bits is mostly rounding


def rgba_to_yuv420(rgba: NDArray[np.uint8], out: NDArray[np.uint8], pool: Executor | None = None) -> None:
    """Convert one frame, row bands side by side when a pool is given; alpha is ignored.

    rgba: uint8 [height, width, 4], both even. out: uint8 [height * width * 3 / 2], filled with Y, U and V
    planes (ITU-R BT.709 limited range; chroma sited left as H.264 assumes: horizontally 1-2-1, vertically the
    mean).
    """
    height, width = rgba.shape[:2]
    luma = height * width
    y = out[:luma].reshape(height, width)
    u = out[luma : luma + luma // 4].reshape(height // 2, width // 2)
    v = out[luma + luma // 4 :].reshape(height // 2, width // 2)
    if pool is None:
        _convert(rgba, y, u, v, 0, height)
        return
    bands = [(top, min(top + BAND_ROWS, height)) for top in range(0, height, BAND_ROWS)]
    for _ in pool.map(lambda band: _convert(rgba, y, u, v, *band), bands):
        pass


def rgba_to_yuva420(rgba: NDArray[np.uint8], out: NDArray[np.uint8], pool: Executor | None = None) -> None:
    """As `rgba_to_yuv420`, with the alpha as a fourth plane (0..255), so `out` is [height * width * 5 / 2].

    What nobody sees is painted like what is near it, so that compressing and enlarging give no dark rim.
    """
    luma = rgba.shape[0] * rgba.shape[1]
    rgba_to_yuv420(_filled(rgba), out[: luma * 3 // 2], pool)
    out[luma * 3 // 2 :].reshape(rgba.shape[:2])[:] = rgba[..., 3]


def rgba_to_rgba(rgba: NDArray[np.uint8], out: NDArray[np.uint8], pool: Executor | None = None) -> None:
    """The frame itself as uint8 [height * width * 4], painted as by `rgba_to_yuva420`."""
    out.reshape(rgba.shape)[:] = _filled(rgba)


CONVERTERS: dict[str, Callable[[NDArray[np.uint8], NDArray[np.uint8], Executor | None], None]] = {
    "yuv420p": rgba_to_yuv420,
    "yuva420p": rgba_to_yuva420,
    "rgba": rgba_to_rgba,
}
"""What turns a frame into raw pixels, by ffmpeg's name of their format."""


def frame_bytes(raw: str, size: tuple[int, int]) -> int:
    """Bytes of a frame of (width, height), both even, in one of the formats of `CONVERTERS`."""
    halves = {"yuv420p": 3, "yuva420p": 5, "rgba": 8}
    return size[0] * size[1] * halves[raw] // 2


def _filled(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if rgba[..., 3].min() >= FAINT:
        return rgba
    out = rgba.copy()
    _fill(out)
    return out


@jit
def _fill(rgba: NDArray[np.uint8]) -> None:
    """Give faint pixels the mean colour of their block, weighted by alpha; grey where nothing is seen."""
    height, width = rgba.shape[:2]
    for top in range(0, height, BLOCK):
        for left in range(0, width, BLOCK):
            bottom, right = min(top + BLOCK, height), min(left + BLOCK, width)
            total = red = green = blue = 0
            for y in range(top, bottom):
                for x in range(left, right):
                    alpha = int(rgba[y, x, 3])
                    total += alpha
                    red += alpha * rgba[y, x, 0]
                    green += alpha * rgba[y, x, 1]
                    blue += alpha * rgba[y, x, 2]
            for y in range(top, bottom):
                for x in range(left, right):
                    if rgba[y, x, 3] < FAINT:
                        rgba[y, x, 0] = red // total if total else 128
                        rgba[y, x, 1] = green // total if total else 128
                        rgba[y, x, 2] = blue // total if total else 128


@jit
def _convert(
    rgba: NDArray[np.uint8],
    y: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    top: int,
    bottom: int,
) -> None:
    width = rgba.shape[1]
    last = width - 1
    for row in range(top, bottom, 2):
        for line in range(row, row + 2):
            for x in range(width):
                r, g, b = rgba[line, x, 0], rgba[line, x, 1], rgba[line, x, 2]
                y[line, x] = (r * _YR + g * _YG + b * _YB + _LUMA_BIAS) >> 16
        for x in range(0, width, 2):
            left, right = max(x - 1, 0), min(x + 1, last)
            red, green, blue = 0, 0, 0
            for line in range(row, row + 2):
                red += rgba[line, left, 0] + 2 * rgba[line, x, 0] + rgba[line, right, 0]
                green += rgba[line, left, 1] + 2 * rgba[line, x, 1] + rgba[line, right, 1]
                blue += rgba[line, left, 2] + 2 * rgba[line, x, 2] + rgba[line, right, 2]
            u[row // 2, x // 2] = (red * _UR + green * _UG + blue * _UB + _CHROMA_BIAS) >> 19
            v[row // 2, x // 2] = (red * _VR + green * _VG + blue * _VB + _CHROMA_BIAS) >> 19
