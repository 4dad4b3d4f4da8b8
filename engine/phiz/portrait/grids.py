"""Triangles of a regular grid."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["grid"]


def grid(rows: int, columns: int) -> NDArray[np.uint32]:
    """Counter-clockwise triangles [2 * (rows - 1) * (columns - 1), 3] of a grid whose rows run down and whose
    columns run right as the camera sees it."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    return np.concatenate([np.stack([a, c, d], 1), np.stack([a, d, b], 1)]).astype(np.uint32)
