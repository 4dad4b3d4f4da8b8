"""Picture files to pixels: upright, sRGB, eight bits, straight alpha, whatever the file holds."""

from __future__ import annotations

import re
import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, UnidentifiedImageError

from phiz.errors import ImageError

__all__ = ["LARGEST", "SMALLEST_SIDE", "WORKING", "on_white", "read_image", "read_scaled_image"]

LARGEST = 120_000_000  # pixels; beyond this the decoded picture alone would take half a gigabyte
WORKING = 16_000_000  # pixels; larger pictures are shrunk to this
SMALLEST_SIDE = 64  # pixels; a smaller picture holds no face that could be animated
_ORIENTATION = 0x0112  # EXIF tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def on_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Straight alpha [h, w, 4] laid on white: uint8 [h, w, 3]. Opaque pixels keep their colour."""
    if pixels[:, :, 3].min() == 255:
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGBA2RGB), np.uint8)
    alpha = pixels[:, :, 3:].astype(np.uint16)
    return ((pixels[:, :, :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def read_image(path: str | Path) -> NDArray[np.uint8]:
    """Read a picture file as uint8 [height, width, 4]: upright, sRGB, straight alpha.

    EXIF rotation and embedded colour profiles are applied; palette, grey, CMYK, 16-bit and transparent
    pictures are converted; of an animation the first frame is taken. A picture of more than 16 megapixels
    is shrunk to 16. Raises ImageError.
    """
    return read_scaled_image(path)[0]


def read_scaled_image(path: str | Path) -> tuple[NDArray[np.uint8], float]:
    """As `read_image`, with how many pixels of the result one pixel of the file became (at most 1)."""
    path = Path(path)
    with warnings.catch_warnings():
        # Pillow warns of large pictures and of odd metadata; the limit here is checked by `_check_size`.
        warnings.simplefilter("ignore")
        try:
            with Image.open(path) as file:
                _check_size(path, file.width, file.height)
                return _decode(file)
        except ImageError:
            raise
        except FileNotFoundError:
            raise ImageError(f"{path}: no such file") from None
        except IsADirectoryError:
            raise ImageError(f"{path}: is a folder, not a picture file") from None
        except PermissionError:
            raise ImageError(f"{path}: may not be read; check its permissions") from None
        except Image.DecompressionBombError as error:
            raise _too_large(path, int(re.findall(r"\d+", str(error))[0])) from None
        except UnidentifiedImageError:
            raise ImageError(_not_a_picture(path)) from None
        except Exception as error:  # each of Pillow's decoders fails in its own way on damaged data
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ImageError(
                f"{path}: the picture is damaged ({reason}); save it again as PNG or JPEG"
            ) from None


def _not_a_picture(path: Path) -> str:
    if path.stat().st_size == 0:
        return f"{path}: the file is empty"
    return f"{path}: not a picture in a format that can be read; save it as PNG or JPEG"


def _too_large(path: Path, pixels: int) -> ImageError:
    return ImageError(
        f"{path}: {pixels / 1e6:.0f} megapixels, the limit is {LARGEST / 1e6:.0f}; "
        "shrink or crop the picture first"
    )


def _check_size(path: Path, width: int, height: int) -> None:
    if width * height > LARGEST:
        raise _too_large(path, width * height)
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(
            f"{path}: {width}x{height} pixels, at least {SMALLEST_SIDE} on each side are needed; "
            "use a larger picture"
        )


def _decode(file: Image.Image) -> tuple[NDArray[np.uint8], float]:
    area = file.width * file.height
    factor = min(1.0, (WORKING / area) ** 0.5)
    if factor < 1.0:
        # JPEG can be decoded at a half, a quarter or an eighth: less memory and time
        file.draft(None, (round(file.width * factor), round(file.height * factor)))
    file.load()
    turn = _TURNS.get(_orientation(file) or 1)  # asked after loading: TIFF files are turned by then
    image = _eight_bit(file)
    if image.width * image.height > WORKING:
        shrink = (WORKING / (image.width * image.height)) ** 0.5
        size = round(image.width * shrink), round(image.height * shrink)
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    image = _to_srgb(image, file.info.get("icc_profile"))
    scale = (image.width * image.height / area) ** 0.5
    if turn is not None:
        image = image.transpose(turn)
    if image.mode == "RGB":
        return np.asarray(cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2RGBA), np.uint8), scale
    return np.array(image.convert("RGBA")), scale


def _orientation(file: Image.Image) -> int | None:
    try:
        return file.getexif().get(_ORIENTATION)
    except Exception:  # damaged EXIF: the picture stays as it lies
        return None


def _eight_bit(file: Image.Image) -> Image.Image:
    """The first frame in one of the modes L, LA, RGB, RGBA, CMYK."""
    mode = file.mode
    if mode.startswith("I;16") or mode in ("I", "F"):
        return Image.fromarray(_scale_to_bytes(np.asarray(file)))
    if mode == "LAB":
        return _profile_to_srgb(file, ImageCms.createProfile("LAB"))
    if mode in ("L", "LA", "RGB", "RGBA", "CMYK") and "transparency" not in file.info:
        return file
    transparent = mode in ("La", "PA", "RGBa") or "transparency" in file.info
    return file.convert("RGBA" if transparent else "RGB")


def _scale_to_bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey of any depth as bytes: integers are 16 bits wide unless all fit in 8, floats 0..1 or 0..255."""
    top = float(values.max(initial=0))
    if values.dtype.kind == "f":
        full = 1.0 if top <= 1.0 else 255.0
    else:
        full = 65535.0 if values.dtype.itemsize == 2 or top > 255 else 255.0
    return np.clip(values * (255.0 / full) + 0.5, 0, 255).astype(np.uint8)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours through the embedded profile, where there is one that fits the picture."""
    if not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(source).lower():
            return image
        return _profile_to_srgb(image, source)
    except (ImageCms.PyCMSError, OSError, ValueError):  # damaged, or made for another colour space
        return image


def _profile_to_srgb(image: Image.Image, profile: Any) -> Image.Image:
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = image.convert({"LA": "L", "RGBA": "RGB"}[image.mode]) if alpha else image
    converted = ImageCms.profileToProfile(colours, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    if converted is None:
        return image
    if alpha:
        converted.putalpha(alpha)
    return converted
