"""A face cut out of its picture: upright, at a fixed size, to a fraction of a pixel."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["cut", "moved", "moved_back", "upright"]

Array = NDArray[np.float64]


def upright(points: Array, apart: float, side: int) -> Array:
    """The similarity [2, 3] from the picture of landmarks [68, 2] to a square crop, `side` pixels wide, in
    which the eyes are level, `apart` pixels from each other, and half of that above the middle."""
    right, left = points[36:42].mean(0), points[42:48].mean(0)
    (x, y), middle = left - right, (left + right) / 2
    turn = apart / (x * x + y * y) * np.array([[x, y], [-y, x]])
    target = np.array([side / 2, side / 2 - 0.5 * apart])
    return np.column_stack([turn, target - turn @ middle])


def moved(matrix: NDArray[Any], points: Array) -> Array:
    """Points [n, 2] through a matrix [2, 3]."""
    return np.asarray(points @ np.asarray(matrix)[:, :2].T + np.asarray(matrix)[:, 2], np.float64)


def moved_back(matrix: NDArray[Any], points: Array) -> Array:
    """Points [n, 2] through the inverse of a matrix [2, 3]."""
    return moved(cv2.invertAffineTransform(matrix), points)


def cut(picture: NDArray[np.uint8], matrix: Array, side: int, *, grey: bool = False) -> NDArray[np.uint8]:
    """The picture, uint8 [h, w, 3], through a similarity, uint8 [side, side, 3] or [side, side] when `grey`.

    It is smoothed first where it gets smaller, and carried on by its border's pixels past its border.
    """
    scale = float(np.hypot(*matrix[:, 0]))
    corners = moved_back(matrix, np.array([[0, 0], [side, 0], [0, side], [side, side]], np.float64))
    margin = 4 / scale + 4
    low = np.maximum(np.floor(corners.min(0) - margin), 0).astype(int)
    high = np.ceil(corners.max(0) + margin).astype(int)
    part = picture[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return np.zeros((side, side) if grey else (side, side, 3), np.uint8)
    part = np.ascontiguousarray(part)
    if grey:
        part = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), np.uint8)
    if scale < 1:
        part = np.asarray(cv2.GaussianBlur(part, (0, 0), 0.5 * np.sqrt(1 / scale**2 - 1) + 1e-3), np.uint8)
    shift = matrix[:, :2] @ (low + 0.5) + matrix[:, 2] - 0.5  # from pixel corners to OpenCV's centres
    crop = cv2.warpAffine(
        part, np.column_stack([matrix[:, :2], shift]), (side, side),
        flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(crop, np.uint8)
