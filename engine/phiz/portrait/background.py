"""Painting the person out: the background behind, as smooth continuation of what is certainly background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.matting import ENOUGH, enlarged_strips
from phiz.portrait.person import nearness_to_head
from phiz.portrait.portrait import eyes_apart

__all__ = ["SEEN", "paint_out"]

WORKING = 512  # pixels, longest side at which the hole is filled
SAFETY = 0.14  # of the eyes' distance: this near to the person nothing is trusted to be background
BODY_MARGIN = 1.5  # pixels beyond the body's edge that are painted too
LEAST_SURE = 0.2  # share of a shrunk pixel that must be background for its colour to count
GRAIN_TILE = 512  # pixels, side of the noise that is repeated
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
    reach = max(3.0, SAFETY * eyes_apart(landmarks))
    distance = cv2.distanceTransform((~seen).astype(np.uint8), cv2.DIST_L2, 5)
    hole = distance <= reach
    if hole.all():  # nothing certain is left: take what there is
        hole = seen
    if hole.all():
        return picture.copy()
    # Behind the person only the fill. It blends over into the photo slowly where hair may have escaped the
    # matte, and at once along the body, which hardly moves.
    near_head = nearness_to_head(landmarks, (matte.shape[1], matte.shape[0]))
    end = BODY_MARGIN + (reach - BODY_MARGIN) * near_head
    share = np.subtract(end, distance, out=distance)  # in place: at full size each array takes 50 MB
    share /= np.multiply(end, 0.75, out=end)
    np.clip(share, 0, 1, out=share)
    grain = np.take(_grain(picture, hole), range(matte.shape[1]), 1, mode="wrap")
    result = picture.copy()
    for rows, fill in enlarged_strips(_filled(picture, hole), matte.shape):
        painted = share[rows] > 0
        photo, noise = picture[rows][painted], np.take(grain, range(rows.start, rows.stop), 0, mode="wrap")
        fill = fill[painted] + noise[painted][:, None]
        blended = photo + share[rows][painted][:, None] * (fill - photo)
        result[rows][painted] = np.clip(blended + 0.5, 0, 255)
    return result


def _filled(picture: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Laplace's equation in the hole, solved coarse to fine, float32 [.., .., 3] at the working size."""
    height, width = hole.shape
    factor = min(1.0, WORKING / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    kept = np.where(hole[:, :, None], np.uint8(0), picture)
    colour = cv2.resize(kept, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = cv2.resize((~hole).astype(np.uint8) * np.uint8(255), size, interpolation=cv2.INTER_AREA)
    return _relaxed(colour, weight.astype(np.float32) / np.float32(255))


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
    solution = np.where(sure, here, cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR))
    cross = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], np.float32) / 4
    for _ in range(SWEEPS):
        around = cv2.filter2D(solution, -1, cross, borderType=cv2.BORDER_REPLICATE)
        solution = np.where(sure, here, around)
    return np.asarray(solution, np.float32)


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
