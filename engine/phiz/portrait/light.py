"""The photo's own light and colours, for the parts of the face that have to be made."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.patch import cut_patch, polygon_mask

__all__ = ["LUMINANCE", "Light", "edge_blur", "read_light"]

Array = NDArray[np.float64]

TOOTH = np.array([1.0, 0.955, 0.87])  # colour of an A2 enamel shade against white, sRGB
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
SCLERA_TINT = 0.3  # share of the sclera's cast that the teeth take on: a small eye tells little of the light
SKIN_BLUE = (0.68, 0.96)  # blue over green of skin in white light, in sRGB (Monk Skin Tone scale, 2022)
TOOTH_RANGE = (45.0, 225.0)  # luminance of the front teeth, 0..255
WARMTH = 0.35  # power by which red rises as blue falls, half of what a lamp's light does
EDGE_SHARE = 0.5  # of the width of the steepest edge around the eyes is the picture's blur, the rest its own


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
    flesh = np.median(face, axis=0)
    cast = _yellow_cast(flesh, sclera)
    red = min(cast**-WARMTH, flesh[0] / max(flesh[1], 1.0)) * TOOTH[0] / TOOTH[1]
    blue = cast * TOOTH[2] / TOOTH[1]
    tint = np.array([max(tint[0], tint[1] * red), tint[1], min(tint[2], tint[1] * blue)])
    tooth = np.clip(tint / (tint @ LUMINANCE) * target, 0, 245)
    patch = cut_patch(photo, lips[0], 1)
    height, width = patch.inside.shape
    red = patch.colour[patch.inside * (1 - polygon_mask(lips[1] - patch.corner, width, height)) > 0.6]
    lip = np.median(red, axis=0) if len(red) > 4 else np.array([150.0, 90.0, 85.0]) * bright / 200
    return Light(tooth, np.asarray(lip, np.float64), sclera)


def edge_blur(photo: NDArray[np.uint8], eyes: Array) -> float:
    """How blurred the picture is: the standard deviation in pixels of a Gaussian, from the steepest edge
    around the eyes (an edge of contrast c so blurred is c / (sqrt(2 pi) deviation) steep).

    eyes: landmarks of both eyes [n, 2] in picture coordinates.
    """
    patch = cut_patch(photo, eyes, 0.1 * float(np.ptp(eyes[:, 0])))
    light = patch.colour @ LUMINANCE
    steepest = float(np.percentile(np.hypot(*np.gradient(light)), 99.5))
    contrast = float(np.ptp(np.percentile(light, (2, 98))))
    return EDGE_SHARE * contrast / (np.sqrt(2 * np.pi) * max(steepest, 1.0))


def _yellow_cast(skin: Array, sclera: Array) -> float:
    """What yellow light or varnish leaves of the blue, up to 1: skin says how much at least and at most, the
    whites of the eyes, mixed with skin where they are small, where in between."""
    least, most = sorted(skin[2] / max(skin[1], 1.0) / limit for limit in SKIN_BLUE)
    white = np.clip(sclera[2] / max(sclera[1], 1.0), least, most)
    return float(np.sqrt(min(most, 1.0) * min(white, 1.0)))


def _pixels(photo: NDArray[np.uint8], outline: Array) -> Array:
    patch = cut_patch(photo, outline, 1)
    chosen = patch.colour[patch.inside > 0.7]
    return np.asarray(chosen if len(chosen) else patch.colour.reshape(-1, 3))


def _whites(pixels: Array) -> Array:
    """Mean of the brighter, greyer part of an eye."""
    luminance = pixels @ LUMINANCE
    grey = luminance - 0.5 * np.ptp(pixels, axis=1)
    return np.asarray(pixels[grey >= np.percentile(grey, 70)].mean(0))
