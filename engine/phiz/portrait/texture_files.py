"""Textures as picture files, PNG or JPEG, for the inside of a .glb file."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "JPEG",
    "PNG",
    "PNG_START",
    "as_jpeg",
    "as_png",
    "decode",
    "decodes_to",
    "likely_png_size",
    "plain_jpeg",
]

Pixels = NDArray[np.uint8]

JPEG, PNG = "image/jpeg", "image/png"
PNG_START = b"\x89PNG"

PNG_LEVEL = 6  # of zlib: 9 takes three times as long for two percent
# zlib's strategies: the default one packs noisy photos best, that for filtered data what is cut out of them.
PNG_OPAQUE, PNG_CUT_OUT = 0, 1
BAND, EVERY = 16, 8  # rows that are looked at, of so many times as many, to tell how large a PNG would be
STRIP = 256  # rows that are compared at a time, to keep memory small
QUALITIES = (95, 97, 99, 100)  # of JPEG, of which the first is taken that is faithful,
SMALLER = (92, 88, 84, 78, 70)  # and where that is too large, the first of these that is not
FAITHFUL = 46.0  # decibels of PSNR that a JPEG keeps

START, SCAN, END = b"\xff\xd8", 0xDA, 0xD9
KEPT = {0xDB, 0xDD, 0xE0, 0xEE, *range(0xC0, 0xD0)}  # tables, JFIF, Adobe's (how colours are encoded), frames
MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # that ends a scan's data


def plain_jpeg(path: str | Path) -> bytes | None:
    """The JPEG file at `path` without what is no picture: place, camera, thumbnails, profiles, comments.

    None for other files and for damaged ones. Of several pictures in one file it is the first.
    """
    try:
        data = Path(path).read_bytes()
    except OSError:
        return None
    kept, at = [START], len(START)
    while data.startswith(START) and at + 4 <= len(data) and data[at] == 0xFF:
        marker, end = data[at + 1], at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == SCAN:
            found = MARKER.search(data, end)
            if not found:
                return None
            end = found.start()
        if marker == SCAN or marker in KEPT:
            kept.append(data[at:end])
        if data[end : end + 2] == bytes([0xFF, END]):
            return b"".join([*kept, data[end : end + 2]])
        at = end
    return None


@dataclass(frozen=True, eq=False)
class OwnFile:
    """The JPEG file that a picture came as. pixels: uint8 [height, width, 4], what `data` decodes to."""

    pixels: Pixels
    data: bytes


def own_file(path: str | Path, pixels: Pixels) -> OwnFile | None:
    """The file, if it is a JPEG with these very pixels: neither turned nor of other colours."""
    data = plain_jpeg(path)
    return OwnFile(pixels, data) if data is not None and decodes_to(data, pixels) else None


def decode(data: bytes) -> Pixels:
    """The pixels of a PNG or JPEG file, uint8 [height, width, 4]. Raises whatever Pillow raises."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        return np.array(picture.convert("RGBA"))


def decodes_to(data: bytes, pixels: Pixels) -> bool:
    """Whether a picture file has just these pixels, uint8 [height, width, 4]."""
    from PIL import Image

    height, width = pixels.shape[:2]
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.mode != "RGB" or picture.size != (width, height):
                return False
            for top in range(0, height, STRIP):
                strip = pixels[top : top + STRIP]
                found = np.asarray(picture.crop((0, top, width, top + len(strip))))
                if not np.array_equal(found, strip[..., :3]) or strip[..., 3].min() < 255:
                    return False
    except Exception:  # each of Pillow's decoders fails in its own way on damaged data
        return False
    return True


def as_png(pixels: Pixels) -> bytes:
    """A PNG file of uint8 [height, width, 4], without the alpha where that is 255 throughout."""
    strategy = PNG_OPAQUE if pixels[..., 3].min() == 255 else PNG_CUT_OUT
    return _saved(pixels, "PNG", compress_level=PNG_LEVEL, compress_type=strategy)


def likely_png_size(pixels: Pixels) -> int:
    """About how many bytes `as_png` would take, told from some of the rows."""
    height, width = pixels.shape[:2]
    whole = height // (BAND * EVERY)
    if not whole:
        return len(as_png(pixels))
    bands = pixels[: whole * BAND * EVERY].reshape(whole, EVERY, BAND, width, 4)[:, EVERY // 2]
    return len(as_png(bands.reshape(-1, width, 4))) * height // (whole * BAND)


def as_jpeg(pixels: Pixels, part: tuple[slice, slice], room: float) -> bytes:
    """A JPEG file of opaque uint8 [height, width, 4], 4:4:4, as small as is faithful in a part of it.

    room: bytes that it may take; a photo that is mostly noise is kept less faithfully than that.
    """
    from PIL import Image

    rows, columns = part
    for quality in QUALITIES:
        data = _saved(pixels, "JPEG", quality=quality, subsampling=0)
        with Image.open(io.BytesIO(data)) as picture:
            found = np.asarray(picture.crop((columns.start, rows.start, columns.stop, rows.stop)))
        error = found.astype(np.float32) - pixels[part][..., :3]
        if np.mean(error**2) <= 255.0**2 / 10 ** (FAITHFUL / 10):
            break
    for quality in SMALLER:
        if len(data) <= room:
            break
        data = _saved(pixels, "JPEG", quality=quality, subsampling=0)
    return data


def _saved(pixels: Pixels, kind: str, **options: int) -> bytes:
    from PIL import Image

    if pixels[..., 3].min() == 255:
        pixels = pixels[..., :3]
    data = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(data, kind, **options)
    return data.getvalue()
