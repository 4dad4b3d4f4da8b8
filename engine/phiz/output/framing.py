"""How large a video is, and which part of the picture it shows."""

from dataclasses import dataclass

from phiz.errors import UsageError
from phiz.portrait.rig import Rig

__all__ = ["Framing", "Size", "fit_frame", "parse_size"]

DEFAULT_LONGEST = 1920  # pixels; a larger photo is scaled down to it unless a size is asked for
SMALLEST, LARGEST = 16, 8192  # pixels a side; x264's macroblock, and what H.264 levels and GL textures allow
HEADROOM = 0.45  # the eyes' place in a cropped picture, as a share of its height from the top

Size = int | tuple[int, int] | None


@dataclass(frozen=True)
class Framing:
    """A video's size (width, height) in pixels, even, and the rectangle (x, y, width, height) of the picture
    that it shows, in the photo's pixels."""

    size: tuple[int, int]
    view: tuple[float, float, float, float]


def parse_size(text: str | int | tuple[int, int] | None) -> Size:
    """The size that `"720"`, `"1280x720"` or an equivalent number or pair asks for; None stays None.

    Raises UsageError unless every side is an even number of pixels within 16..8192.
    """
    if text is None:
        return None
    parts = text.lower().split("x") if isinstance(text, str) else text if isinstance(text, tuple) else (text,)
    try:
        sides = [int(part) for part in parts]
    except ValueError:
        sides = []
    if len(sides) not in (1, 2):
        raise UsageError(f"size {text!r} is neither a longest side, as 720, nor width x height, as 1280x720")
    for side in sides:
        if side % 2 or not SMALLEST <= side <= LARGEST:
            raise UsageError(f"size {text!r}: sides must be even numbers of pixels, {SMALLEST} to {LARGEST}")
    return sides[0] if len(sides) == 1 else (sides[0], sides[1])


def fit_frame(rig: Rig, size: Size = None) -> Framing:
    """The framing for a rig: None keeps the photo's size (at most 1920 on the longest side), a number scales
    the longest side to it, a pair crops around the face.

    Odd sides lose their last row or column instead of being scaled, so the photo's pixels stay as they are.
    Raises UsageError when the result would be too narrow to encode.
    """
    width, height = rig.camera.width, rig.camera.height
    if isinstance(size, tuple):
        return _crop_around_face(rig, size)
    longest = min(max(width, height), DEFAULT_LONGEST) if size is None else size
    scale = longest / max(width, height)
    out = (int(width * scale + 1e-6) // 2 * 2, int(height * scale + 1e-6) // 2 * 2)
    if min(out) < SMALLEST:
        small = f"a {width}x{height} picture at size {longest} is only {out[0]}x{out[1]} pixels"
        raise UsageError(f"{small}: ask for a larger --size")
    return Framing(out, (0.0, 0.0, out[0] / scale, out[1] / scale))


def _crop_around_face(rig: Rig, size: tuple[int, int]) -> Framing:
    """The largest part of the picture with the proportions of `size`, its eyes near `HEADROOM`."""
    width, height = rig.camera.width, rig.camera.height
    scale = max(size[0] / width, size[1] / height)
    shown = (min(size[0] / scale, width), min(size[1] / scale, height))
    eyes = rig.landmarks[36:48].mean(0)
    # Whole pixels, so that a crop without scaling shows the photo's own pixels.
    x = round(min(max(float(eyes[0]) - shown[0] / 2, 0.0), width - shown[0]))
    y = round(min(max(float(eyes[1]) - shown[1] * HEADROOM, 0.0), height - shown[1]))
    return Framing(size, (float(min(x, width - shown[0])), float(min(y, height - shown[1])), *shown))
