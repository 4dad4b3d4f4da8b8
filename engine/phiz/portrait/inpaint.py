"""Painting the person out: the background behind, as smooth continuation of what is certainly background."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.landmarks import eyes_apart
from phiz.portrait.segment import nearness_to_head

__all__ = ["paint_out"]

WORKING = 512  # pixels, longest side at which the hole is filled
SAFETY = 0.14  # of the eyes' distance: this near to the person nothing is trusted to be background
BODY_MARGIN = 1.5  # pixels beyond the body's edge that are painted too
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
    filled = _filled(picture, hole) + _grain(picture, hole)
    # Behind the person only the fill. It blends over into the photo slowly where hair may have escaped the
    # matte, and at once along the body, which hardly moves.
    near_head = nearness_to_head(landmarks, (matte.shape[1], matte.shape[0]))
    end = BODY_MARGIN + (reach - BODY_MARGIN) * near_head
    share = np.clip((end - distance) / (0.75 * end), 0, 1)[:, :, None]
    blended = picture + share * (filled - picture)
    return np.where(share > 0, np.clip(blended + 0.5, 0, 255), picture).astype(np.uint8)


def _filled(picture: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Laplace's equation in the hole, solved coarse to fine at the working size, float32 [h, w, 3]."""
    height, width = hole.shape
    factor = min(1.0, WORKING / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    known = (~hole).astype(np.float32)
    weight = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(picture * known[:, :, None], size, interpolation=cv2.INTER_AREA)
    solution = _relaxed(np.asarray(colour, np.float32), np.asarray(weight, np.float32))
    return np.asarray(cv2.resize(solution, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _relaxed(colour: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fill where `weight` is 0; `colour` is premultiplied by it."""
    height, width = weight.shape
    sure = (weight > 1e-3)[:, :, None]
    here = np.where(sure, colour / np.maximum(weight, 1e-3)[:, :, None], 0).astype(np.float32)
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
    """Noise of the background's own strength, float32 [h, w, 1]: without it the fill looks like plastic."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    detail = (grey - cv2.GaussianBlur(grey, (0, 0), 1.0))[~hole]
    strength = 1.4826 * float(np.median(np.abs(detail)))  # median: edges and texture are not grain
    noise = np.random.RandomState(0).standard_normal(hole.shape).astype(np.float32)
    return np.asarray(min(strength, 6.0) * noise)[:, :, None]
