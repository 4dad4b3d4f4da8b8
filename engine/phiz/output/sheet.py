"""Labelled contact sheets: many small pictures in one, to see quality with."""

import math
import os
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.channels import ARKIT, CHANNELS, INDEX, POSE
from phiz.output.target import replacing
from phiz.portrait.rig import Rig

__all__ = ["contact_sheet", "rig_sheet", "write_picture"]

Cell = tuple[str, NDArray[np.uint8]]
Pose = Mapping[str, float]
View = tuple[float, float, float, float]

LABEL_HEIGHT = 18  # pixels
LABEL_SIZE = 13
GAP = 4
PAPER, INK = (24, 24, 24), (235, 235, 235)
CELL = 300  # pixels a side, of rig sheets
COLUMNS = 7

# Mouths that speech makes, roughly: enough to see whether shapes work together.
COMBINATIONS: Mapping[str, Pose] = {
    "a (father)": {"jawOpen": 0.7, "mouthLowerDownLeft": 0.3, "mouthLowerDownRight": 0.3},
    "i (see)": {
        "jawOpen": 0.15, "mouthSmileLeft": 0.4, "mouthSmileRight": 0.4, "mouthStretchLeft": 0.4,
        "mouthStretchRight": 0.4, "mouthUpperUpLeft": 0.2, "mouthUpperUpRight": 0.2,
    },
    "u (too)": {"jawOpen": 0.15, "mouthPucker": 0.8, "mouthFunnel": 0.3},
    "o (go)": {"jawOpen": 0.4, "mouthFunnel": 0.7, "mouthPucker": 0.2},
    "m b p": {"mouthPressLeft": 0.4, "mouthPressRight": 0.4, "mouthRollLower": 0.2, "mouthRollUpper": 0.2},
    "f v": {"jawOpen": 0.12, "mouthRollLower": 0.7, "mouthUpperUpLeft": 0.4, "mouthUpperUpRight": 0.4},
    "sh": {"jawOpen": 0.12, "mouthFunnel": 0.7, "mouthUpperUpLeft": 0.3, "mouthUpperUpRight": 0.3},
    "th": {"jawOpen": 0.25, "tongueOut": 0.5},
    "laugh": {
        "jawOpen": 0.5, "mouthSmileLeft": 0.8, "mouthSmileRight": 0.8, "cheekSquintLeft": 0.7,
        "cheekSquintRight": 0.7, "eyeSquintLeft": 0.6, "eyeSquintRight": 0.6,
    },
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "half blink": {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5},
    "eyes left": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "eyes right": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
    "eyes up": {"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0},
    "eyes down": {"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0},
    "brows up": {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0},
}  # fmt: skip
EXTREMES = dict(zip(POSE, (12, 8, 8), strict=True))  # degrees either way
EYE_COMBINATIONS = ("blink", "half blink", "eyes left", "eyes right", "eyes up", "eyes down")
MOUTH_SHAPES = tuple(name for name in ARKIT if name.startswith(("mouth", "jaw", "tongue")))
MOUTH_COMBINATIONS = ("a (father)", "i (see)", "u (too)", "o (go)", "m b p", "f v", "sh", "th", "laugh")


def contact_sheet(cells: Sequence[Cell], *, columns: int) -> NDArray[np.uint8]:
    """Pictures in rows, each with its label above it.

    cells: (label, uint8 [height, width, 3 or 4]); pictures need not be of one size. Returns uint8 [h, w, 3].
    """
    from PIL import Image, ImageDraw, ImageFont

    height = max(picture.shape[0] for _, picture in cells) + LABEL_HEIGHT
    width = max(picture.shape[1] for _, picture in cells)
    columns = min(columns, len(cells))
    rows = math.ceil(len(cells) / columns)
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + GAP) + GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(LABEL_SIZE)
    for index, (label, picture) in enumerate(cells):
        x = GAP + index % columns * (width + GAP)
        y = GAP + index // columns * (height + GAP)
        draw.text((x + 2, y), label, INK, font)
        sheet.paste(Image.fromarray(picture[..., :3]), (x, y + LABEL_HEIGHT))
    return np.asarray(sheet)


def write_picture(picture: NDArray[np.uint8], path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write uint8 [height, width, 3 or 4] as PNG (or what the ending says). Raises OutputError or UsageError."""
    from PIL import Image

    with replacing(path, force=force) as temporary:
        Image.fromarray(picture).save(temporary)


def rig_sheet(
    rig: Rig, path: str | os.PathLike[str], *, backend: str = "auto", threads: int = 1, force: bool = False
) -> None:
    """Write a sheet of all that a rig can do: the photo, the neutral face, each shape at 1, mouths of speech, head
    turns, then the mouth and the eyes close up. Raises OutputError, UsageError or BackendError."""
    views = _views(rig)
    cells: list[Cell] = []
    for label, view, pose in _poses():
        cells.append((label, _drawn(rig, views[view], pose, backend, threads)))
    write_picture(contact_sheet(cells, columns=COLUMNS), path, force=force)


def _poses() -> Iterator[tuple[str, str, Pose]]:
    """(label, view, pose) of each picture of a rig sheet."""
    yield "the photo", "face", {"photo": 1.0}
    yield "neutral", "face", {}
    for channel, degrees in EXTREMES.items():
        for angle in (-degrees, degrees):
            yield f"{channel} {angle:+} deg", "face", {channel: math.radians(angle)}
    for label, pose in COMBINATIONS.items():
        yield label, "face", pose
    for name in ARKIT:
        yield name, "face", {name: 1.0}
    yield "mouth: the photo", "mouth", {"photo": 1.0}
    yield "mouth: neutral", "mouth", {}
    for label in MOUTH_COMBINATIONS:
        yield f"mouth: {label}", "mouth", COMBINATIONS[label]
    for name in MOUTH_SHAPES:
        yield f"mouth: {name}", "mouth", {name: 1.0}
    yield "eyes: the photo", "eyes", {"photo": 1.0}
    for label in EYE_COMBINATIONS:
        yield f"eyes: {label}", "eyes", COMBINATIONS[label]


def _views(rig: Rig) -> dict[str, View]:
    """Square parts of the picture (x, y, width, height) by name, around the face, the mouth and the eyes."""
    points = rig.landmarks.astype(np.float64)
    parts = {"face": (points, 1.45), "mouth": (points[48:68], 1.7), "eyes": (points[36:48], 1.35)}
    views = {}
    for name, (part, room) in parts.items():
        centre = (part.min(0) + part.max(0)) / 2
        side = float((part.max(0) - part.min(0)).max()) * room
        views[name] = (float(centre[0]) - side / 2, float(centre[1]) - side / 2, side, side)
    return views
