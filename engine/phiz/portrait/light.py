"""The photo's own light and colours, for the parts of the face that have to be made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.patch import cut_patch, polygon_mask

__all__ = ["LUMINANCE", "Light", "read_light"]

Array = NDArray[np.float64]

TOOTH = np.array([1.0, 0.955, 0.87])  # colour of an A2 enamel shade against white, sRGB
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
SCLERA_TINT = 0.3  # share of the sclera's cast that the teeth take on: a small eye tells little of the light
TOOTH_RANGE = (105.0, 225.0)  # luminance of the front teeth, 0..255


@dataclass(frozen=True, eq=False)
class Light:
    """Colours, float64 [3] in 0..255 sRGB, as this photo's light shows them: `tooth` (front teeth, in the
    open), `lip` (the red of the lips), `sclera` (white of the eye)."""

    tooth: Array
    lip: Array
    sclera: Array


def read_light(
    photo: NDArray[np.uint8], skin: Array, lips: tuple[Array, Array], eyes: tuple[Array, Array]
) -> Light:
    """Sample the photo.

    skin: outline of the face [n, 2]; lips: outer and inner outline of the mouth; eyes: outlines of the lids;
    all in picture coordinates.
    """
    face = _pixels(photo, skin)
    bright = float(np.percentile(face @ LUMINANCE, 92))
    sclera = np.mean([_whites(_pixels(photo, eye)) for eye in eyes], axis=0)
    target = float(np.clip(max(1.12 * (sclera @ LUMINANCE), 0.84 * bright), *TOOTH_RANGE))
    tint = sclera / max(sclera @ LUMINANCE, 1.0)
    tint = TOOTH * (1 + SCLERA_TINT * (np.clip(tint, 0.75, 1.25) - 1))
    tooth = np.clip(tint / (tint @ LUMINANCE) * target, 0, 245)
    patch = cut_patch(photo, lips[0], 1)
    height, width = patch.inside.shape
    red = patch.colour[patch.inside * (1 - polygon_mask(lips[1] - patch.corner, width, height)) > 0.6]
    lip = np.median(red, axis=0) if len(red) > 4 else np.array([150.0, 90.0, 85.0]) * bright / 200
    return Light(tooth, np.asarray(lip, np.float64), sclera)


def _pixels(photo: NDArray[np.uint8], outline: Array) -> Array:
    patch = cut_patch(photo, outline, 1)
    chosen = patch.colour[patch.inside > 0.7]
    return np.asarray(chosen if len(chosen) else patch.colour.reshape(-1, 3))


def _whites(pixels: Array) -> Array:
    """Mean of the brighter, greyer part of an eye."""
    luminance = pixels @ LUMINANCE
    grey = luminance - 0.5 * np.ptp(pixels, axis=1)
    return np.asarray(pixels[grey >= np.percentile(grey, 70)].mean(0))
