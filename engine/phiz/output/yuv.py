"""RGBA frames to the planar yuv420p that video encoders take, the same bytes on every machine."""

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["rgba_to_yuv420"]

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
