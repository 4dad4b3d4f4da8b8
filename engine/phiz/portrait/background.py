"""Painting the person out: the background behind, as smooth continuation of what is certainly background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.matting import ENOUGH, Part, blocks, enlarged
from phiz.portrait.person import nearness_to_head
from phiz.portrait.portrait import eyes_apart

__all__ = ["SEEN", "paint_out"]

WORKING = 512  # pixels, longest side at which the hole is filled
SAFETY = 0.14  # of the eyes' distance: this near to the person nothing is trusted to be background
BODY_MARGIN = 1.5  # pixels beyond the body's edge that are painted too
LEAST_SURE = 0.2  # share of a shrunk pixel that must be background for its colour to count
GRAIN_TILE = 512  # pixels, side of the noise that is repeated
QUIET = 1.1  # eye distances from the person's edge, beyond which nothing is ever uncovered, nor has grain
MOST_GRAIN = 6.0  # of 255; stronger detail is texture
SWEEPS = 24  # relaxations at each level
SEEN = 0.02  # matte above which a pixel belongs to the person


def paint_out(
    picture: NDArray[np.uint8], matte: NDArray[np.float32], landmarks: NDArray[np.float64]
) -> NDArray[np.uint8]:
    """The picture uint8 [h, w, 3] with the person painted out, uint8 [h, w, 3].

    matte: float32 [h, w], 0..1. landmarks: [68, 2], whose person it is. The hole solves Laplace's equation
    between the certain background around it and reflects at the picture's border, so the person's colours
    have no way in; the noise of the background is carried on as grain. Beyond the safety margin about the
    head, and close behind the body's edge, pixels keep their value.
    """
    seen = matte > SEEN
    if not seen.any():
        return picture.copy()
    apart = eyes_apart(landmarks)
    reach = max(3.0, SAFETY * apart)
    box = _around(seen, int(np.ceil(reach)) + 1)
    distance = cv2.distanceTransform((~seen[box]).astype(np.uint8), cv2.DIST_L2, 5)
    hole = np.zeros_like(seen)
    hole[box] = distance <= reach
    if hole.all():  # nothing certain is left: take what there is
        hole = seen
    if hole.all():
        return picture.copy()
    fill, grain = _filled(picture, hole, QUIET * apart), _grain(picture, hole)
    result = picture.copy()
    for part in blocks(distance.shape):
        away = distance[part]
        if away.min() > reach:
            continue
        rows, columns = (slice(s.start + b.start, s.stop + b.start) for s, b in zip(part, box, strict=True))
        here = enlarged(fill, matte.shape, (rows, columns))
        colour = here[:, :, :3] + here[:, :, 3:] * _tiled(grain, rows, columns)[:, :, None]
        if away.max() > 0:
            share = _share(
                away, reach, nearness_to_head(landmarks, away.shape[::-1], (columns.start, rows.start))
            )
            colour = picture[rows, columns] + share[:, :, None] * (colour - picture[rows, columns])
        result[rows, columns] = np.clip(colour + 0.5, 0, 255)
    return result


def _share(away: NDArray[np.float32], reach: float, near_head: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much of the fill is seen `away` pixels from the person.

    Behind the person only the fill. It blends over into the photo slowly where hair may have escaped the
    matte, and at once along the body, which hardly moves.
    """
    end = BODY_MARGIN + (reach - BODY_MARGIN) * near_head
    return np.clip((end - away) / (0.75 * end), 0, 1)


def _around(mask: NDArray[np.bool_], margin: int) -> Part:
    """The rectangle that holds all of `mask` and what is at most `margin` pixels from it."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return slice(max(0, top - margin), min(mask.shape[0], top + height + margin)), slice(
        max(0, left - margin), min(mask.shape[1], left + width + margin)
    )


def _filled(picture: NDArray[np.uint8], hole: NDArray[np.bool_], quiet: float) -> NDArray[np.float32]:
    """Laplace's equation in the hole, solved coarse to fine, and how much grain belongs there, 1 to 0 deeper
    than `quiet` pixels inside: float32 [.., .., 4] at the working size."""
    height, width = hole.shape
    factor = min(1.0, WORKING / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    sure = np.where(hole, np.uint8(0), np.uint8(255))
    kept = cv2.bitwise_and(picture, picture, mask=sure)
    colour = cv2.resize(kept, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = cv2.resize(sure, size, interpolation=cv2.INTER_AREA)
    depth = cv2.distanceTransform((weight == 0).astype(np.uint8), cv2.DIST_L2, 5) / (quiet * factor)
    solution = _relaxed(colour, weight.astype(np.float32) / np.float32(255))
    return np.dstack([solution, np.clip(5 - 4 * depth, 0, 1)]).astype(np.float32)


def _tiled(grain: NDArray[np.float32], rows: slice, columns: slice) -> NDArray[np.float32]:
    """A part of the plane that `grain` repeats over."""
    down, across = (np.arange(part.start, part.stop) % GRAIN_TILE for part in (rows, columns))
    return grain[np.ix_(down, across)]


def _relaxed(colour: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill where `weight` is 0; `colour` is premultiplied by it."""
    height, width = weight.shape
    sure = (weight > LEAST_SURE)[:, :, None]
    here = np.where(sure, colour / np.maximum(weight, LEAST_SURE)[:, :, None], 0).astype(np.float32)
    if sure.all() or max(height, width) <= 2:
        return here if sure.all() else np.where(sure, here, colour.sum((0, 1)) / max(weight.sum(), 1e-6))
    half = (width + 1) // 2, (height + 1) // 2
    coarse = _relaxed(
        np.asarray(cv2.resize(colour, half, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32),
    )
    solution = np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    np.copyto(solution, here, where=sure)
    cross = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
    part = _around(~sure[:, :, 0], 1)  # outside nothing changes
    free = np.broadcast_to(~sure[part], solution[part].shape)
    for _ in range(SWEEPS):
        around = cv2.filter2D(solution[part], -1, cross, borderType=cv2.BORDER_REPLICATE)
        np.copyto(solution[part], around, where=free)
    return solution


def _grain(picture: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Noise as strong as the background's own, a float32 tile to repeat; without it the fill looks plastic.

    Measured in the upper part of a large picture, which is mostly background.
    """
    rows = slice(0, max(1, ENOUGH // picture.shape[1]))
    grey = cv2.cvtColor(picture[rows], cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.0))[~hole[rows]]
    strength = 1.4826 * float(np.median(detail)) if detail.size else 0.0  # median: edges are not grain
    noise = np.random.RandomState(0).standard_normal((GRAIN_TILE, GRAIN_TILE))
    return np.asarray(min(strength, MOST_GRAIN) * noise, np.float32)
