"""Labelled contact sheets: many small pictures in one, to see quality with."""

import math
import os
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.channels import ARKIT, CHANNELS, INDEX, POSE
from phiz.output.target import replacing
from phiz.portrait.rig import Rig
from phiz.renderers import open_renderer

__all__ = ["contact_sheet", "rig_sheet", "write_picture"]

Cell = tuple[str, NDArray[np.uint8]]
Pose = Mapping[str, float]

LABEL_HEIGHT = 18  # pixels
LABEL_SIZE = 13
GAP = 4
PAPER, INK = (24, 24, 24), (235, 235, 235)
CELL = 300  # pixels a side, of rig sheets
COLUMNS = 7

# Which landmarks (first, end) each view is centred on, and its side as a multiple of their extent.
VIEWS = {"face": (0, 68, 1.45), "mouth": (48, 68, 1.7), "eyes": (36, 48, 1.35)}

# Mouths that speech makes, roughly: enough to see whether shapes work together.
MOUTHS: Mapping[str, Pose] = {
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
}  # fmt: skip
EYES: Mapping[str, Pose] = {
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "half blink": {"eyeBlinkLeft": 0.5, "eyeBlinkRight": 0.5},
    "eyes left": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "eyes right": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
    "eyes up": {"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0},
    "eyes down": {"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0},
    "brows up": {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0},
}
MOUTH_SHAPES = tuple(name for name in ARKIT if name.startswith(("mouth", "jaw", "tongue")))
EXTREMES = dict(zip(POSE, (12, 8, 8), strict=True))  # degrees either way


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
        image = Image.fromarray(picture)
        sheet.paste(image, (x, y + LABEL_HEIGHT), image if image.mode == "RGBA" else None)
    return np.asarray(sheet)


def write_picture(picture: NDArray[np.uint8], path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write uint8 [height, width, 3 or 4] as the ending says (.png). Raises OutputError or UsageError."""
    from PIL import Image

    with replacing(path, force=force) as temporary:
        Image.fromarray(picture).save(temporary)


def rig_sheet(
    rig: Rig, path: str | os.PathLike[str], *, backend: str = "auto", threads: int = 1, force: bool = False
) -> None:
    """Write a sheet of all that a rig can do: the photo, the neutral face, head turns, mouths of speech, each
    shape at 1, then the mouth and the eyes close up. Raises OutputError, UsageError or BackendError."""
    parts = []
    for view, poses in _poses().items():
        square = _square(rig, view)
        with open_renderer(rig, (CELL, CELL), view=square, backend=backend, threads=threads) as renderer:
            cells = [(f"{view}: {label}", renderer.draw(_values(pose))) for label, pose in poses.items()]
        parts.append(contact_sheet(cells, columns=COLUMNS))
    write_picture(np.concatenate(parts), path, force=force)


def _poses() -> dict[str, dict[str, Pose]]:
    """By view, the labelled poses of a rig sheet."""
    rest: dict[str, Pose] = {"the photo": {"photo": 1.0}, "neutral": {}}
    turns: dict[str, Pose] = {
        f"{channel} {angle:+} deg": {channel: math.radians(angle)}
        for channel, degrees in EXTREMES.items()
        for angle in (-degrees, degrees)
    }
    face = {**rest, **turns, **MOUTHS, **EYES, **dict(map(_extreme, ARKIT))}
    mouth = {**rest, **MOUTHS, **dict(map(_extreme, MOUTH_SHAPES))}
    return {"face": face, "mouth": mouth, "eyes": {**rest, **EYES}}


def _values(pose: Pose) -> NDArray[np.float64]:
    values = np.zeros(len(CHANNELS))
    for name, value in pose.items():
        values[INDEX[name]] = value
    return values


def _square(rig: Rig, view: str) -> tuple[float, float, float, float]:
    """A square part (x, y, width, height) of the picture around the face, the mouth or the eyes."""
    first, last, room = VIEWS[view]
    part = rig.landmarks[first:last].astype(np.float64)
    centre = (part.min(0) + part.max(0)) / 2
    side = float((part.max(0) - part.min(0)).max()) * room
    return float(centre[0]) - side / 2, float(centre[1]) - side / 2, side, side


def _extreme(shape: str) -> tuple[str, Pose]:
    """Label and pose of a shape at 1; `mouthClose` shuts what jawOpen opens, so it comes with it."""
    if shape == "mouthClose":
        return "mouthClose with jawOpen", {"mouthClose": 1.0, "jawOpen": 1.0}
    return shape, {shape: 1.0}
