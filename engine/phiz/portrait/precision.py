"""Rounds a rig to the numbers that its file can hold: a rig made and a rig read back are the same bits.

Lengths are whole 2**-20 m (about a micrometre) and texture places whole 2**-16: float32 holds both exactly up
to 16 m, and what is left of two machines' rounding errors mostly disappears with the bits that are cut off.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.rig import Camera, Layer, Rig

__all__ = ["WEIGHT_UNITS", "quantise"]

METRE = 2**20  # units in a metre
UV = 2**16  # units across a texture
PIXEL = 2**10  # units in a pixel of the photo
LIGHT = 2**12  # units in the mean light on a face
WEIGHT_UNITS = 255  # units in a full joint weight: one byte in the file


def quantise(rig: Rig) -> Rig:
    """The rig with every number rounded to what `Rig.save` keeps; doing it twice changes nothing.

    Shapes that move nothing are dropped. Joint weights stay shares of one: each row holds exactly 255 units.
    """
    return replace(
        rig,
        layers=tuple(_layer(layer) for layer in rig.layers),
        textures={name: np.ascontiguousarray(pixels, np.uint8) for name, pixels in rig.textures.items()},
        joints=_round(rig.joints, METRE),
        camera=_camera(rig.camera),
        landmarks=_round(rig.landmarks, PIXEL),
        fit={name: value if isinstance(value, str) else float(value) for name, value in rig.fit.items()},
        light=tuple(round(float(value) * LIGHT) / LIGHT for value in rig.light),
    )


def _layer(layer: Layer) -> Layer:
    shapes = {name: _round(offsets, METRE) for name, offsets in layer.shapes.items()}
    return replace(
        layer,
        positions=_round(layer.positions, METRE),
        uvs=_round(layer.uvs, UV),
        triangles=np.ascontiguousarray(layer.triangles, np.uint32),
        weights=_weights(layer.weights),
        shapes={name: offsets for name, offsets in shapes.items() if offsets.any()},
        blend=bool(layer.blend),
    )


def _camera(camera: Camera) -> Camera:
    x, y, z = (round(float(value) * METRE) / METRE for value in camera.eye)
    scale = round(float(camera.scale) * METRE) / METRE
    return Camera(width=int(camera.width), height=int(camera.height), eye=(x, y, z), scale=scale)


def _round(values: NDArray[Any], units: int) -> NDArray[np.float32]:
    """Nearest whole 1/units; adding zero turns -0 into 0, which sparse accessors cannot tell apart."""
    rounded: NDArray[np.float64] = np.rint(np.asarray(values, np.float64) * units) / units + 0.0
    return np.ascontiguousarray(rounded, np.float32)


def _weights(weights: NDArray[Any]) -> NDArray[np.float32]:
    """Whole 1/255 with rows that hold 255 of them: the largest remainders are rounded up, ties to the first.

    A row without any weight goes to the root, which does not move.
    """
    shares = np.maximum(np.asarray(weights, np.float64), 0.0)
    shares[shares.sum(axis=1) == 0.0, 0] = 1.0
    shares *= WEIGHT_UNITS / shares.sum(axis=1, keepdims=True)
    units = np.floor(shares)
    missing = WEIGHT_UNITS - units.sum(axis=1, keepdims=True)
    order = np.argsort(units - shares, axis=1, kind="stable")
    ranks = np.argsort(order, axis=1, kind="stable")
    units += ranks < missing
    return units.astype(np.float32) / np.float32(WEIGHT_UNITS)
