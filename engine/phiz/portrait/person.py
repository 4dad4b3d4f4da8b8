"""Which part of the picture is the person: GrabCut, seeded by where heads and shoulders lie about a face."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.cores import usable_cores
from phiz.portrait.portrait import eyes_apart

__all__ = ["HeadFrame", "head_frame", "head_mask", "look", "nearness_to_head", "seeds", "segment"]

# Looks that vote: expected size of the head, longest side in pixels. The first one's size is the answer's.
LOOKS = ((1.0, 384), (1.0, 320), (1.12, 320), (1.06, 288), (1.1, 256))
ROUNDS = 2  # of GrabCut
# Half-widths, heights above and depths below the head's centre, in eye distances. Hair is inside the first
# and rarely reaches the second.
HEAD = (1.95, 2.25, 2.0)
REACH = (3.2, 3.4, 4.0)
HAIR_REACH = 2.6  # eye distances from the head's centre within which an edge is taken for hair
TURN = 0.9  # how far the head's centre lies on the other side of the ears' middle than the nose, in noses
# Outlines (x, y) from the chin in eye distances, right halves; `FAR` stands for "to the end of the picture".
FAR = 99.0
TORSO = ((0.45, -0.2), (0.5, 0.6), (1.0, 1.3), (1.5, 2.0), (1.5, FAR))
SHOULDERS = ((1.6, -0.6), (2.2, 0.1), (3.0, 1.0), (3.4, 3.0), (3.6, FAR))
ARMS = ((3.2, 0.3), (30.0, 2.5), (30.0, FAR))
SHRINK = 0.85, 6  # the expected head shrinks by this, so often at most, until enough surroundings are left
SURROUNDINGS = 0.03  # of the picture must be left to learn the background's colours from
BINS = 20  # of the colour histograms, along each axis of Lab
SURELY_BEHIND = (
    4.0,
    2e-3,
)  # a colour so many times commoner in the surroundings than in face and torso, and so common
SMALL_GAP = 0.003  # of the picture: background seen through gaps smaller than this counts as person


@dataclass(frozen=True, eq=False)
class HeadFrame:
    """The face's own axes in picture coordinates.

    centre: middle of the whole head, hair included. chin: its tip. eyes: the point between them. unit: pixels
    between the eyes. across, down: unit vectors of the face. body_across, body_down: of the body, which hangs
    along the picture's axis nearest to the face's.
    """

    centre: NDArray[np.float64]
    chin: NDArray[np.float64]
    eyes: NDArray[np.float64]
    unit: float
    across: NDArray[np.float64]
    down: NDArray[np.float64]
    body_across: NDArray[np.float64]
    body_down: NDArray[np.float64]


def head_frame(landmarks: NDArray[np.float64]) -> HeadFrame:
    """Where head and body lie, from landmarks [68, 2]."""
    right, left = landmarks[36:42].mean(0), landmarks[42:48].mean(0)
    unit = eyes_apart(landmarks)
    across = (left - right) / unit
    down = np.array([-across[1], across[0]])
    eyes, ears = (left + right) / 2, (landmarks[0] + landmarks[16]) / 2
    turned = float((landmarks[30] - ears) @ across)
    axis = int(np.argmax(np.abs(down)))
    body_down = np.zeros(2)
    body_down[axis] = np.sign(down[axis])
    return HeadFrame(
        centre=(eyes + ears) / 2 - TURN * turned * across,
        chin=landmarks[8], eyes=eyes, unit=unit, across=across, down=down,
        body_across=np.array([body_down[1], -body_down[0]]), body_down=body_down,
    )  # fmt: skip


def segment(
    picture: NDArray[np.uint8], landmarks: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """The person's pixels, bool [height, width] at the working size, and the share of looks that took each.

    picture: uint8 [h, w, 3]. landmarks: [68, 2] in its coordinates. GrabCut tips over on small changes, so
    several looks vote. The same picture gives the same answer.
    """
    size = _working_size(picture, LOOKS[0][1])
    votes = np.zeros((size[1], size[0]), np.float32)
    with ThreadPoolExecutor(
        min(len(LOOKS), usable_cores())
    ) as pool:  # OpenCV lets go of the interpreter while it works
        for seen in pool.map(lambda way: look(picture, landmarks, *way), LOOKS):
            whole = cv2.resize(seen.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
            votes += whole / np.float32(len(LOOKS))
    points = landmarks * [size[0] / picture.shape[1], size[1] / picture.shape[0]]
    sure = seeds(points, size) == cv2.GC_FGD
    return _in_one_piece(votes > 0.5, sure, head_frame(points).body_down), votes


def look(
    picture: NDArray[np.uint8], landmarks: NDArray[np.float64], head: float, longest: int
) -> NDArray[np.bool_]:
    """One GrabCut of the person, bool [height, width], the longest side at most `longest`.

    head: scales the expected size of the head with hair.
    """
    height, width = picture.shape[:2]
    size = _working_size(picture, longest)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    points = landmarks * [size[0] / width, size[1] / height]
    labels = _seeds_with_surroundings(points, size, head)
    labels = _without_common_colours(small, labels)
    if not np.isin(labels, (cv2.GC_BGD, cv2.GC_PR_BGD)).any():  # the face fills the picture
        return np.ones(labels.shape, bool)
    person = np.isin(_grab_cut(small, labels), (cv2.GC_FGD, cv2.GC_PR_FGD))
    return _in_one_piece(person, labels == cv2.GC_FGD, head_frame(points).body_down)


def _working_size(picture: NDArray[np.uint8], longest: int) -> tuple[int, int]:
    """Width and height when the longest side is at most `longest`."""
    height, width = picture.shape[:2]
    factor = min(1.0, longest / max(height, width))
    return max(1, round(width * factor)), max(1, round(height * factor))


def seeds(landmarks: NDArray[np.float64], size: tuple[int, int], head: float = 1.0) -> NDArray[np.uint8]:
    """GrabCut's first labels from the landmarks alone, uint8 [height, width] for a size (width, height).

    Sure person: face and the middle of the torso. Probable person: wherever hair and shoulders may be.
    """
    frame = head_frame(landmarks)
    labels = np.full((size[1], size[0]), cv2.GC_BGD, np.uint8)
    _paint(labels, _ellipse(frame, REACH, 1.0), cv2.GC_PR_BGD)
    _paint(labels, _body(frame, ARMS), cv2.GC_PR_BGD)
    _paint(labels, _ellipse(frame, HEAD, head), cv2.GC_PR_FGD)
    _paint(labels, _body(frame, SHOULDERS, head), cv2.GC_PR_FGD)
    jaw = landmarks[:17] + 0.1 * (frame.eyes - landmarks[:17])
    forehead = landmarks[17:27] - 0.35 * frame.unit * frame.down
    _paint(labels, np.concatenate([jaw, forehead[::-1]]), cv2.GC_FGD)
    _paint(labels, _body(frame, TORSO), cv2.GC_FGD)
    return labels


def _seeds_with_surroundings(
    landmarks: NDArray[np.float64], size: tuple[int, int], head: float
) -> NDArray[np.uint8]:
    """Seeds for a head small enough that surroundings are left to compare it with, in close-ups too."""
    factor, times = SHRINK
    for time in range(times):
        labels = seeds(landmarks, size, head * factor**time)
        if np.isin(labels, (cv2.GC_BGD, cv2.GC_PR_BGD)).mean() > SURROUNDINGS:
            break
    return labels


def _without_common_colours(picture: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Probable person becomes probable background where its colour is much commoner in the surroundings.

    GrabCut needs this: left alone it learns the background around the head as one of the person's colours.
    """
    smooth = cv2.GaussianBlur(picture, (0, 0), 1.0)
    bins = cv2.cvtColor(smooth, cv2.COLOR_RGB2LAB).astype(np.intp) * BINS // 256
    index = (bins[:, :, 0] * BINS + bins[:, :, 1]) * BINS + bins[:, :, 2]
    behind = _histogram(index[(labels == cv2.GC_BGD) | (labels == cv2.GC_PR_BGD)])[index]
    person = _histogram(index[labels == cv2.GC_FGD])[index]
    times, common = SURELY_BEHIND
    surely = (labels == cv2.GC_PR_FGD) & (behind > times * person) & (behind > common)
    return np.where(surely, cv2.GC_PR_BGD, labels).astype(np.uint8)


def _histogram(index: NDArray[np.intp]) -> NDArray[np.float64]:
    """Shares of the colours, smoothed to the neighbouring bins, float64 [BINS ** 3]."""
    counts = np.bincount(index, minlength=BINS**3).reshape(BINS, BINS, BINS) / max(1, index.size)
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if other == axis else (0, 0) for other in range(3)], mode="edge")
        low, middle, high = (np.take(padded, range(start, start + BINS), axis) for start in range(3))
        counts = (low + 2 * middle + high) / 4
    return np.asarray(counts.ravel())


def nearness_to_head(
    landmarks: NDArray[np.float64], size: tuple[int, int], corner: tuple[int, int] = (0, 0)
) -> NDArray[np.float32]:
    """1 about the head and its hair, falling to 0 towards the body: float32 [height, width].

    size: (width, height) of the part of the picture whose first pixel is `corner`.
    """
    frame = head_frame(landmarks)
    y, x = np.ogrid[: size[1], : size[0]]
    x_off = (x + 0.5 + corner[0] - frame.centre[0]).astype(np.float32)
    y_off = (y + 0.5 + corner[1] - frame.centre[1]).astype(np.float32)
    return np.clip(HAIR_REACH + 0.5 - np.hypot(x_off, y_off) / np.float32(frame.unit), 0, 1)


def head_mask(landmarks: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Where head and hair may be, down to the chin: bool [height, width] for a size (width, height)."""
    frame = head_frame(landmarks)
    mask = np.zeros((size[1], size[0]), np.uint8)
    _paint(mask, _ellipse(frame, HEAD, 1.15), 1)
    y, x = np.mgrid[: size[1], : size[0]] + 0.5
    below = np.stack([x, y], 2) @ frame.body_down - frame.chin @ frame.body_down
    return np.asarray((mask > 0) & (below < 0.2 * frame.unit))


def _paint(labels: NDArray[np.uint8], outline: NDArray[np.float64], label: int) -> None:
    cv2.fillPoly(labels, [np.round(outline * 16 - 8).astype(np.int32)], label, shift=4)


def _ellipse(frame: HeadFrame, radii: tuple[float, float, float], scale: float) -> NDArray[np.float64]:
    """An egg about the head's centre: half-width, height above, depth below."""
    wide, above, below = (radius * scale * frame.unit for radius in radii)
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    tall = np.where(np.sin(angle) < 0, above, below) * np.sin(angle)
    return frame.centre + (wide * np.cos(angle))[:, None] * frame.across + tall[:, None] * frame.down


def _body(frame: HeadFrame, half: tuple[tuple[float, float], ...], wide: float = 1.0) -> NDArray[np.float64]:
    """A symmetric outline about the chin."""
    right = np.array(half) * [wide, 1]
    both = np.concatenate([right, right[::-1] * [-1, 1]]) * frame.unit
    return frame.chin + both[:, :1] * frame.body_across + both[:, 1:] * frame.body_down


def _grab_cut(picture: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """GrabCut (Rother, Kolmogorov & Blake 2004) from a fixed random seed, which is each thread's own."""
    labels = labels.copy()
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(picture, labels, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    return labels


def _in_one_piece(
    person: NDArray[np.bool_], sure: NDArray[np.bool_], body_down: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Only what hangs together with face and torso, and without holes.

    Background is what reaches the picture's border elsewhere than under the body.
    """
    _, pieces = cv2.connectedComponents(person.astype(np.uint8), connectivity=4)
    person = np.isin(pieces, np.unique(pieces[sure & person]))
    count, gaps, stats, _ = cv2.connectedComponentsWithStats((~person).astype(np.uint8), connectivity=4)
    borders = {(0, -1): gaps[0], (0, 1): gaps[-1], (-1, 0): gaps[:, 0], (1, 0): gaps[:, -1]}
    del borders[int(body_down[0]), int(body_down[1])]
    outside = np.bincount(np.concatenate(list(borders.values())), minlength=count) > 0
    outside &= stats[:, cv2.CC_STAT_AREA] > SMALL_GAP * person.size
    outside[0] = False
    return np.asarray(~outside[gaps])
