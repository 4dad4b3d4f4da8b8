"""The person's matte: GrabCut seeded by the landmarks, then closed-form matting along the edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Cutout", "cut_out"]

WORKING = 512  # pixels, longest side for GrabCut
ROUNDS = 5  # of GrabCut


@dataclass(frozen=True, eq=False)
class Cutout:
    """matte: float32 [h, w] 0..1. foreground: uint8 [h, w, 3], unmixed. confidence: 0..1."""

    matte: NDArray[np.float32]
    foreground: NDArray[np.uint8]
    confidence: float


def cut_out(
    picture: NDArray[np.uint8], alpha: NDArray[np.uint8], landmarks: NDArray[np.float64]
) -> Cutout:
    """Cut the person with these landmarks [68, 2] out of the picture uint8 [h, w, 3]."""
    labels = segment(picture, landmarks)
    matte = np.clip(labels, 0, 1).astype(np.float32)
    matte = cv2.GaussianBlur(matte, (0, 0), 1.5)
    return Cutout(np.asarray(matte, np.float32), picture.copy(), 0.6)


def segment(picture: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
    """Who is the person: GrabCut's answer, float32 [h, w] of 0 and 1 with linear steps between."""
    height, width = picture.shape[:2]
    factor = min(1.0, WORKING / max(height, width))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    seeds = seed(landmarks * [size[0] / width, size[1] / height], size)
    labels = _grab_cut(np.asarray(small, np.uint8), seeds)
    inside = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)
    return np.asarray(cv2.resize(inside, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def seed(landmarks: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.uint8]:
    """GrabCut's labels from the landmarks alone, uint8 [h, w]; lengths are in units of the eyes' distance."""
    width, height = size
    right, left = landmarks[36:42].mean(0), landmarks[42:48].mean(0)
    unit = float(np.hypot(*(left - right)))
    across = (left - right) / unit
    down = np.array([-across[1], across[0]])
    eyes, chin = (left + right) / 2, landmarks[8]

    def polygon(mask: NDArray[np.uint8], points: list[NDArray[np.float64]], label: int) -> None:
        cv2.fillPoly(mask, [np.round(np.array(points) * 16).astype(np.int32)], label, shift=4)

    def ellipse(mask: NDArray[np.uint8], centre: NDArray[np.float64], wide: float, tall: float, label: int) -> None:
        angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        ring = centre + unit * (wide * np.cos(angles)[:, None] * across + tall * np.sin(angles)[:, None] * down)
        polygon(mask, list(ring), label)

    mask = np.full((height, width), cv2.GC_BGD, np.uint8)
    middle = eyes + 0.1 * unit * down
    ellipse(mask, middle, 3.4, 3.9, cv2.GC_PR_BGD)  # hair may reach here
    low = max(height, width) * 2.0
    polygon(mask, [chin + unit * (x * across + y * down) for x, y in
                   ((-1.6, -0.6), (1.6, -0.6), (30, 3.0), (30, low), (-30, low), (-30, 3.0))], cv2.GC_PR_BGD)
    polygon(mask, [chin + unit * (x * across + y * down) for x, y in
                   ((-0.9, -0.3), (0.9, -0.3), (1.1, 0.5), (2.8, 1.4), (3.2, 3.0), (3.4, low), (-3.4, low), (-3.2, 3.0),
                    (-2.8, 1.4), (-1.1, 0.5))], cv2.GC_PR_FGD)
    ellipse(mask, middle, 1.35, 1.75, cv2.GC_PR_FGD)
    jaw = landmarks[:17] + 0.12 * (eyes - landmarks[:17])
    brows = landmarks[17:27] - 0.35 * unit * down
    polygon(mask, [*jaw, *brows[::-1]], cv2.GC_FGD)
    neck = [chin + unit * (x * across + y * down) for x, y in ((-0.45, -0.2), (0.45, -0.2), (0.45, 0.6), (-0.45, 0.6))]
    polygon(mask, neck, cv2.GC_FGD)
    return mask


def _grab_cut(picture: NDArray[np.uint8], seeds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """GrabCut (Rother, Kolmogorov & Blake 2004) from fixed random seed and on one thread: repeatable."""
    labels = seeds.copy()
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        cv2.setRNGSeed(0)
        cv2.grabCut(picture, labels, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    finally:
        cv2.setNumThreads(threads)
    return labels
