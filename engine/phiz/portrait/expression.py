"""What the photo's face is doing: how far it smiles, how wide its mouth is, how open mouth and eyes are."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.contours import Opening, normals
from phiz.portrait.frame import FaceFrame
from phiz.portrait.light import LUMINANCE

__all__ = ["NEUTRAL_WIDTH", "Expression", "eye_state", "read_expression"]

# Millimetres between the mouth's corners of a face at rest (Farkas 1994); lip rows of the table are for it.
NEUTRAL_WIDTH = 52.0
FULL_SMILE_WIDTH = 16.0  # millimetres that a full smile adds
OPEN_GAP = 1.6  # millimetres between the inner lips above which landmark noise cannot explain a gap
CLOSED_GAP = 1.5  # millimetres between the lids up to which an eye counts as shut
SIZES = np.sqrt(np.linspace(0.05, 1.0, 6))  # of the eye, whose edges cover it evenly
INNER_SIZES = np.sqrt(np.linspace(0.05, 0.8, 6))  # the same without the lids' edge
AROUND = np.linspace(0.5, 5.0, 6)  # millimetres outside the lids that dark glasses cover as well
NOSE = np.linspace(0.0, 0.8, 5)  # from the nose's tip to its base, where skin is sampled
# Of the nose's luminance: around a bare eye some skin is brighter (least found 0.56, a painting in shadow).
DARK_GLASS = 0.4
LENS = np.linspace(2.0, 7.0, 6)  # millimetres outside the lids where a lens is seen without the eye
# Contrast within the lids, of the nose's luminance, below which no eye is seen. Bare eyes have 0.30 (painted
# in shadow) to 1.5; a lens over them that lets 15 % through leaves 0.16 at most.
LEAST_CONTRAST = 0.2


@dataclass(frozen=True)
class Expression:
    """width: of the mouth in millimetres. gap: greatest between the inner lips in millimetres. smile: 0..1.
    eyes: opening of the right and left eye in millimetres. mouth_open: the inner lips are really apart."""

    width: float
    gap: float
    smile: float
    eyes: tuple[float, float]

    @property
    def neutral_width(self) -> float:
        """Width of the mouth without its smile, millimetres."""
        return self.width - FULL_SMILE_WIDTH * self.smile

    @property
    def mouth_open(self) -> bool:
        return self.gap > OPEN_GAP


def read_expression(mouth: Opening, eyes: tuple[Opening, Opening]) -> Expression:
    """Measure the contours of a face (face coordinates, millimetres)."""
    outer: NDArray[np.float64] = mouth.rings[2]
    width = float(np.hypot(*(outer[mouth.segments] - outer[0])))
    smile = float(np.clip((width - NEUTRAL_WIDTH) / FULL_SMILE_WIDTH, 0, 1))
    return Expression(
        width, float(mouth.gap.max()), smile, (float(eyes[0].gap.max()), float(eyes[1].gap.max()))
    )


def eye_state(
    photo: NDArray[np.uint8], frame: FaceFrame, landmarks: NDArray[np.float64], eye: Opening
) -> str:
    """ "open", "closed", or "hidden" by a dark, tinted or mirroring lens: what a blink may do with an eye.

    A lens hides an eye when it is dark, or when nothing within the lids stands out from what lies around them
    and from its even change across the lens (a sky mirrored in it). A sharp reflection can pass for an eye.

    landmarks: float64 [68, 2] in picture coordinates. eye: its opening, in face coordinates.
    """
    if eye.gap.max() < CLOSED_GAP:
        return "closed"
    edge = eye.rings[0]
    middle, outward = edge.mean(0), normals(edge)
    places = [middle + (edge - middle) * size for size in SIZES] + [edge + outward * d for d in AROUND]
    tip, base = landmarks[30], landmarks[31:36]
    nose = np.concatenate([tip + (base - tip) * share for share in NOSE])
    brightest = np.percentile(_luminance(photo, frame.to_picture(np.concatenate(places))), 90)
    skin = float(np.median(_luminance(photo, nose)))
    contrast = _contrast(photo, frame, edge)
    return "hidden" if brightest < DARK_GLASS * skin or contrast < LEAST_CONTRAST * skin else "open"


def _contrast(photo: NDArray[np.uint8], frame: FaceFrame, edge: NDArray[np.float64]) -> float:
    """Range of luminance within the lids, less what a quadratic through their surroundings explains."""
    middle, outward = edge.mean(0), normals(edge)
    within = np.concatenate([middle + (edge - middle) * size for size in INNER_SIZES])
    around = np.concatenate([edge + outward * distance for distance in LENS])

    def terms(face: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = (face - middle).T
        return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1)

    lens = np.linalg.lstsq(terms(around), _luminance(photo, frame.to_picture(around)), rcond=None)[0]
    rest = _luminance(photo, frame.to_picture(within)) - terms(within) @ lens
    low, high = np.percentile(rest, [10, 90])
    return float(high - low)


def _luminance(photo: NDArray[np.uint8], picture: NDArray[np.float64]) -> NDArray[np.float64]:
    limit = np.array([photo.shape[1], photo.shape[0]]) - 1
    x, y = np.clip(np.floor(picture).astype(int), 0, limit).T
    return np.asarray(photo[y, x, :3] @ LUMINANCE)
