"""Another background behind the person: a colour, a picture, the photo's own blurred, or none at all."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.errors import UsageError
from phiz.portrait.build import TRUSTED_MATTE
from phiz.portrait.portrait import Portrait

__all__ = ["KEEP", "TRANSPARENT", "check_background", "with_background"]

KEEP, BLUR, TRANSPARENT = "keep", "blur", "transparent"
BLUR_SHARE = 1 / 40  # of the longer side: deviation of the Gaussian, about what a portrait lens does

BLURRED = 512  # pixels, longest side at which is blurred; nothing smaller than that is left
CALMED = 1024  # pixels, longest side at which the means of the person's colours are taken
REACH = 0.12  # eye distances, half the side of the square they are taken over
STRIP = 128  # rows that are worked on at a time, to keep memory small

Colour = tuple[int, int, int]

log = logging.getLogger("phiz")


def check_background(wanted: str | Path) -> None:
    """Raise UsageError unless `wanted` names a background that `with_background` could make."""
    _understood(wanted)


def with_background(portrait: Portrait, wanted: str | Path) -> Portrait:
    """The portrait with its person, sharp, before another background.

    wanted: "keep"; "blur" for the picture's own background without the person, blurred; "transparent" for
    none; a colour ("steelblue", "#48b", "#4488bb"); or a picture file, scaled to cover. A colour goes before
    a file of that name: ./red is the file. "transparent" makes `background` RGBA, empty everywhere.
    Warns where the matte is not to be trusted.
    Raises UsageError for anything else, ImageError for a file that is no picture.
    """
    kind = _understood(wanted)
    if kind == KEEP:
        return portrait
    if portrait.matte_confidence < TRUSTED_MATTE:
        log.warning(
            "the person is hard to tell from the background of %s: the cut may show; "
            "a photo before a plain wall does better", portrait.source or "the picture",
        )  # fmt: skip
    portrait = replace(portrait, foreground=_calmed(portrait))
    if kind == TRANSPARENT:
        alpha = np.round(portrait.matte * 255).astype(np.uint8)
        return replace(
            portrait,
            pixels=np.dstack([portrait.foreground, alpha]),
            background=np.zeros((portrait.height, portrait.width, 4), np.uint8),
        )
    backdrop = _painted(portrait, kind)
    pixels = np.full_like(portrait.pixels, 255)
    for top in range(0, portrait.height, STRIP):
        rows = slice(top, top + STRIP)
        behind, matte = backdrop[rows].astype(np.float32), portrait.matte[rows][..., None]
        pixels[rows, :, :3] = np.round(behind + matte * (portrait.foreground[rows] - behind))
    return replace(portrait, pixels=pixels, background=backdrop)


def _calmed(portrait: Portrait) -> NDArray[np.uint8]:
    """The person's colours, nearer to their mean about the pixel the more of the old background is in it.

    Colours that with the old background gave the photo again take up every error of the matte; before another
    background it would be seen as a coloured rim.
    """
    import cv2

    from phiz.portrait.matting import enlarged_strips

    height, width = portrait.matte.shape
    factor = min(1.0, CALMED / max(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    weight = np.asarray(cv2.resize(portrait.matte, size, interpolation=cv2.INTER_AREA), np.float32) ** 4
    colour = cv2.resize(portrait.foreground, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    reach = (2 * max(1, round(REACH * portrait.interpupillary * factor)) + 1,) * 2
    total = cv2.blur(weight, reach)[..., None]
    mean = cv2.blur(colour * weight[..., None], reach) / np.maximum(total, 1e-4)
    mean = np.asarray(np.where(total > 1e-4, mean, colour), np.float32)
    result = portrait.foreground.copy()
    for rows, expected in enlarged_strips(mean, (height, width)):
        mixed = portrait.matte[rows] < 1
        share = portrait.matte[rows][mixed][:, None]
        own, expected = portrait.foreground[rows][mixed], expected[mixed]
        result[rows][mixed] = np.clip(expected + share * (own - expected) + 0.5, 0, 255)
    return result


def _understood(wanted: str | Path) -> str | Colour | Path:
    """One of the three words, a colour, or the path of a file that is there."""
    from PIL import ImageColor

    if str(wanted).lower() in (KEEP, BLUR, TRANSPARENT):
        return str(wanted).lower()
    if isinstance(wanted, str):
        with suppress(ValueError):  # no colour
            red, green, blue, *alpha = ImageColor.getrgb(wanted)
            if not alpha:
                return red, green, blue
    if Path(wanted).is_file():
        return Path(wanted)
    raise UsageError(
        f"background {str(wanted)!r} is neither a picture file nor a colour, as steelblue or #4682b4, "
        f"nor {KEEP}, {BLUR} or {TRANSPARENT}"
    )


def _painted(portrait: Portrait, kind: str | Colour | Path) -> NDArray[np.uint8]:
    """An opaque background, uint8 [height, width, 3]."""
    size = portrait.width, portrait.height
    if isinstance(kind, Path):
        return _cover(kind, size)
    if isinstance(kind, tuple):
        return np.full((size[1], size[0], 3), kind, np.uint8)
    return _blurred(portrait.background)


def _blurred(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    from phiz.portrait.matting import enlarged_strips

    height, width = picture.shape[:2]
    factor = min(1.0, BLURRED / max(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    small = cv2.GaussianBlur(small, (0, 0), BLUR_SHARE * max(size), borderType=cv2.BORDER_REFLECT)
    result = np.empty_like(picture)
    for rows, part in enlarged_strips(np.asarray(small, np.float32), (height, width)):
        result[rows] = np.round(part)
    return result


def _cover(path: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The middle of a picture file, scaled until it fills (width, height)."""
    from PIL import Image, ImageOps

    from phiz.portrait.image import on_white, read_image

    picture = Image.fromarray(on_white(read_image(path)))
    return np.asarray(ImageOps.fit(picture, size, Image.Resampling.LANCZOS))
