"""The person's matte: GrabCut seeded by the landmarks, then closed-form matting along the edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.matting import closed_form, guided_enlarge, unmix
from phiz.portrait.segment import HeadFrame, head_frame, segment

__all__ = ["Cutout", "cut_out"]

WORKING = 800  # pixels, longest side at which the soft edge is found
EYES_APART = 64  # pixels between the eyes at which it is found, at most: hair needs no more, time does
HAIR_BAND, BODY_BAND = 0.24, 0.07  # half-widths of the uncertain edge in eye distances, about hair and body
HAIR_REACH = 2.6  # eye distances from the head's centre within which the edge is taken for hair
TRUST = 3e-3  # in GrabCut's answer against the matting Laplacian
CLEAN = 0.04  # alphas nearer than this to 0 or 1 are 0 or 1
CUT_OUT_SHARE = 0.6  # of the background must be transparent for the picture's alpha to be the matte
SURE_OF_ALPHA = 0.95


@dataclass(frozen=True, eq=False)
class Cutout:
    """matte: float32 [h, w], 0..1. foreground: uint8 [h, w, 3], unmixed. confidence: 0..1."""

    matte: NDArray[np.float32]
    foreground: NDArray[np.uint8]
    confidence: float


def cut_out(
    picture: NDArray[np.uint8], alpha: NDArray[np.uint8], landmarks: NDArray[np.float64]
) -> Cutout:
    """Cut the person with these landmarks [68, 2] out of the picture uint8 [h, w, 3].

    alpha: uint8 [h, w], the picture's own. Where it already cuts the person out it is the matte. The same
    picture gives the same bytes, on any number of threads.
    """
    frame = head_frame(landmarks)
    person = segment(picture, landmarks)
    if _is_cut_out(alpha, person):
        matte = alpha.astype(np.float32) / 255
        return Cutout(matte, unmix(picture, matte, 0.5 * frame.unit), SURE_OF_ALPHA)
    matte = _soft_edge(picture, person, landmarks)
    confidence = 0.6
    matte *= alpha.astype(np.float32) / 255
    return Cutout(matte, unmix(picture, matte, 0.5 * frame.unit), confidence)


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
    unit = head_frame(landmarks).unit
    factor = min(1.0, WORKING / max(height, width), EYES_APART / unit)
    size = max(3, round(width * factor)), max(3, round(height * factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    guess = cv2.resize(person.astype(np.float64), size, interpolation=cv2.INTER_LINEAR)
    trimap = _trimap(guess > 0.5, head_frame(landmarks * [size[0] / width, size[1] / height]))
    alpha = closed_form(small, trimap, guess, TRUST)
    alpha = np.clip((alpha - CLEAN) / (1 - 2 * CLEAN), 0, 1)
    if size == (width, height):
        return alpha.astype(np.float32)
    return guided_enlarge(alpha, small, picture, radius=2)


def _trimap(person: NDArray[np.bool_], frame: HeadFrame) -> NDArray[np.float64]:
    """1 inside, 0 outside, 0.5 along the edge: a wide band about the hair, a narrow one elsewhere."""
    inside = cv2.distanceTransform(person.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~person).astype(np.uint8), cv2.DIST_L2, 5)
    y, x = np.mgrid[: person.shape[0], : person.shape[1]]
    from_head = np.hypot(x + 0.5 - frame.centre[0], y + 0.5 - frame.centre[1]) / frame.unit
    hairy = np.clip(HAIR_REACH + 0.5 - from_head, 0, 1)
    band = np.maximum(1.5, frame.unit * (BODY_BAND + (HAIR_BAND - BODY_BAND) * hairy))
    trimap = np.where(person, 1.0, 0.0)
    trimap[np.where(person, inside, outside) < band] = 0.5
    return trimap
