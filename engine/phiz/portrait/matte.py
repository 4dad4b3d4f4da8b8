"""The person's matte: GrabCut seeded by the landmarks, then closed-form matting along the edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.matting import closed_form, guided_enlarge
from phiz.portrait.person import head_mask, nearness_to_head, segment
from phiz.portrait.portrait import eyes_apart

__all__ = ["cut_out"]

WORKING = 800  # pixels, longest side at which the soft edge is found
EYES_APART = 64  # pixels between the eyes at which it is found, at most: hair needs no more, time does
HAIR_BAND, BODY_BAND = 0.24, 0.07  # half-widths of the uncertain edge in eye distances, about hair and body
TRUST = 3e-3  # in GrabCut's answer against the matting Laplacian
CLEAN = 0.04  # alphas nearer than this to 0 or 1 are 0 or 1
CUT_OUT_SHARE = 0.6  # of the background must be transparent for the picture's alpha to be the matte
SURE_OF_ALPHA = 0.95
# Each sign of a good matte of the head: its values for confidence 0 and 1. Set by eye on 30 varied portraits.
SPLIT = 0.35, 0.03  # area on which GrabCut's looks disagree, in areas of the head
CONTRAST = 6.0, 44.0  # median distance in Lab between the colours on both sides of the edge
HAZE = 2.2, 0.6  # area that is neither person nor background, in squared eye distances
AREA = 5.3, 6.5  # area of the head in squared eye distances; less has lost its hair


def cut_out(
    picture: NDArray[np.uint8], alpha: NDArray[np.uint8], landmarks: NDArray[np.float64]
) -> tuple[NDArray[np.float32], float]:
    """Matte float32 [h, w] (0..1) of the person with these landmarks [68, 2], and its confidence 0..1.

    picture: uint8 [h, w, 3]. alpha: uint8 [h, w], the picture's own; where it already cuts the person out it
    is the matte. The same picture gives the same bytes, on any number of threads.
    """
    person, votes = segment(picture, landmarks)
    if _is_cut_out(alpha, person):
        return alpha.astype(np.float32) / np.float32(255), SURE_OF_ALPHA
    matte = _soft_edge(picture, person, landmarks)
    confidence = _confidence(picture, person, votes, matte, landmarks)
    if alpha.min() < 255:
        matte *= alpha / np.float32(255)
    return matte, confidence


def _is_cut_out(alpha: NDArray[np.uint8], person: NDArray[np.bool_]) -> bool:
    """Whether the picture's transparency follows the person (and not, say, rounded corners)."""
    small = cv2.resize(alpha, person.shape[::-1], interpolation=cv2.INTER_AREA)
    outside = ~person
    return bool(outside.any() and (small[outside] < 128).mean() > CUT_OUT_SHARE)


def _soft_edge(
    picture: NDArray[np.uint8], person: NDArray[np.bool_], landmarks: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Matte float32 [h, w] of the full picture from GrabCut's answer at its own size."""
    height, width = picture.shape[:2]
    unit = eyes_apart(landmarks)
    factor = min(1.0, WORKING / max(height, width), EYES_APART / unit)
    size = max(3, round(width * factor)), max(3, round(height * factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    guess = cv2.resize(person.astype(np.float64), size, interpolation=cv2.INTER_LINEAR)
    trimap = _trimap(guess > 0.5, landmarks * [size[0] / width, size[1] / height])
    alpha = closed_form(small, trimap, guess, TRUST)
    alpha = np.clip((alpha - CLEAN) / (1 - 2 * CLEAN), 0, 1)
    if size == (width, height):
        return alpha.astype(np.float32)
    return guided_enlarge(alpha, small, picture, radius=2)


def _trimap(person: NDArray[np.bool_], landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 inside, 0 outside, 0.5 along the edge: a wide band about the hair, a narrow one elsewhere."""
    inside = cv2.distanceTransform(person.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5)
    hair = nearness_to_head(landmarks, (person.shape[1], person.shape[0]))
    band = np.maximum(1.5, eyes_apart(landmarks) * (BODY_BAND + (HAIR_BAND - BODY_BAND) * hair))
    trimap = np.where(person, 1.0, 0.0)
    trimap[np.where(person, inside, outside) < band] = 0.5
    return trimap


def _confidence(
    picture: NDArray[np.uint8],
    person: NDArray[np.bool_],
    votes: NDArray[np.float32],
    matte: NDArray[np.float32],
    landmarks: NDArray[np.float64],
) -> float:
    """How far the head's matte is to be trusted, 0..1: as far as its weakest sign."""
    size = person.shape[::-1]
    points = landmarks * [size[0] / picture.shape[1], size[1] / picture.shape[0]]
    unit = eyes_apart(points)
    head = head_mask(points, size)
    split = ((votes > 0.15) & (votes < 0.85) & head).sum() / max(1, (person & head).sum())
    small = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
    haze = ((small > 0.15) & (small < 0.85) & head).sum() / unit**2
    contrast = _edge_contrast(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), person, head, unit)
    area = (person & head).sum() / unit**2
    signs = ((split, SPLIT), (contrast, CONTRAST), (haze, HAZE), (area, AREA))
    return float(min(np.clip((value - worst) / (best - worst), 0, 1) for value, (worst, best) in signs))


def _edge_contrast(
    picture: NDArray[np.uint8], person: NDArray[np.bool_], head: NDArray[np.bool_], unit: float
) -> float:
    """Median distance in Lab between the mean colours on both sides of the head's edge; 0 without an edge."""
    near, far = 0.06 * unit, 0.3 * unit  # from the edge, where colours are compared
    inside = cv2.distanceTransform(person.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5)
    lab = cv2.cvtColor(picture, cv2.COLOR_RGB2LAB).astype(np.float32)
    size = (2 * round(0.25 * unit) + 1,) * 2
    means, shares = [], []
    for distance in (inside, outside):
        part = ((distance > near) & (distance < far) & head).astype(np.float32)
        share = cv2.blur(part, size)
        means.append(cv2.blur(lab * part[:, :, None], size) / np.maximum(share, 1e-3)[:, :, None])
        shares.append(share)
    edge = person & head & (inside < 1.5) & (shares[0] > 0.02) & (shares[1] > 0.02)
    if not edge.any():
        return 0.0
    return float(np.median(np.linalg.norm((means[0] - means[1])[edge], axis=1)))
