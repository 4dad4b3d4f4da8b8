"""Borders of the lips found on the picture: nearer to the truth than landmarks that are off, and steadier."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drawn_face import EXPRESSIONS, draw_face
from measures import distance_to_line
from phiz.portrait.contours import mouth_loops
from phiz.portrait.frame import FaceFrame, fit_frame
from phiz.portrait.landmarks import find_landmarks
from phiz.portrait.lip_edges import find_lips
from phiz.portrait.portrait import Portrait
from sitters import Sitters

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

ERROR = 0.8  # millimetres, spread of landmarks that are off
# By name: blur in pixels, noise in levels of 255, size.
CONDITIONS = {"sharp": (0, 0, 1.0), "blurred": (1.5, 0, 1.0), "noisy": (0, 12, 1.0), "small": (0, 0, 0.5)}
SCALES = (0.7, 1.25)
WIDTH = 300  # pixels of a face, at most


def apart(one: Array, other: Array) -> float:
    """Mean distance of a border's points from another border, in its unit."""
    return float(distance_to_line(one, np.vstack([other, other[:1]])).mean())


def worse(picture: Pixels, blur: float, noise: float, size: float) -> Pixels:
    picture = cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)
    picture = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
    grain = np.random.default_rng(3).normal(0, noise, picture.shape) if noise else 0
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_landmarks_that_are_off_come_nearer_to_the_lips(expression: str, condition: str) -> None:
    drawn = draw_face(expression)
    picture, truth = worse(drawn.pixels, *CONDITIONS[condition]), drawn.landmarks * CONDITIONS[condition][2]
    frame, random = fit_frame(truth), np.random.default_rng(7)
    lips = mouth_loops(frame.to_face(truth))
    errors = []
    for _ in range(4):
        wrong = truth.copy()
        wrong[48:] += random.normal(0, ERROR * frame.scale, (20, 2))
        before, after = mouth_loops(frame.to_face(wrong)), find_lips(picture, frame, wrong)
        errors.append([[apart(found[k], lips[k]) for k in (0, 1)] for found in (before, after)])
    (inner, outer), (inner_found, outer_found) = np.mean(errors, axis=0)
    assert outer_found < 0.85 * outer
    assert inner_found < (1.01 if condition == "blurred" else 0.95) * inner
    assert inner_found + outer_found < (0.9 if condition == "blurred" else 0.82) * (inner + outer)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_landmarks_that_fit_stay_near_where_they_are(expression: str) -> None:
    drawn = draw_face(expression)
    frame = fit_frame(drawn.landmarks)
    lips, found = mouth_loops(frame.to_face(drawn.landmarks)), find_lips(drawn.pixels, frame, drawn.landmarks)
    assert max(apart(found[k], lips[k]) for k in (0, 1)) < 0.25


def test_lips_of_the_colour_of_the_skin_are_left_to_their_landmarks() -> None:
    landmarks = draw_face("open").landmarks
    frame = fit_frame(landmarks)
    plain = np.random.default_rng(2).normal((224, 172, 145), 6, (640, 640, 3))
    found = find_lips(np.clip(plain, 0, 255).astype(np.uint8), frame, landmarks)
    for border, given in zip(found, mouth_loops(frame.to_face(landmarks)), strict=True):
        assert np.array_equal(border, given)


def views(portrait: Portrait) -> list[tuple[FaceFrame, Array, Pixels, Array]]:
    """The face found anew in the picture, its mirror image and other sizes: the frame of the portrait, what
    takes that picture's places [x, y, 1] to the portrait's, that picture, and its landmarks."""
    size = np.ptp(portrait.landmarks, axis=0)
    low = np.maximum(portrait.landmarks.min(0) - size, 0).astype(int)
    high = (portrait.landmarks.max(0) + size).astype(int)
    picture = np.ascontiguousarray(portrait.pixels[low[1] : high[1], low[0] : high[0], :3])
    points, smaller = portrait.landmarks - low, min(1.0, WIDTH / size[0])
    picture = cv2.resize(picture, None, fx=smaller, fy=smaller, interpolation=cv2.INTER_AREA)
    flipped = np.array([[-1.0, 0, picture.shape[1]], [0, 1, 0]])
    pictures = [(picture, np.eye(2, 3)), (np.ascontiguousarray(picture[:, ::-1]), flipped)]
    for scale in SCALES:
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        pictures.append(
            (cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way), np.eye(2, 3) / scale)
        )
    frame = fit_frame(points * smaller)
    return [(frame, matrix, image, find_landmarks(image)[0]) for image, matrix in pictures]


def test_lips_of_portraits_agree_between_sizes_and_mirror_images_at_least_as_well(sitters: Sitters) -> None:
    spread = []
    for name in ("demo", "photo_img24_glasses_teeth.jpg", "cg_boy.jpg", "cartoon_caricature.png"):
        borders = []
        for whole, matrix, picture, points in views(sitters(name).portrait):
            frame = fit_frame(points)
            both = (mouth_loops(frame.to_face(points)), find_lips(picture, frame, points))
            borders.append([[to_whole(border, frame, matrix, whole) for border in lips] for lips in both])
        pairs = [(a, b) for k, a in enumerate(borders) for b in borders[k + 1 :]]
        spread.append(
            [[np.mean([apart(a[w][k], b[w][k]) for a, b in pairs]) for k in (0, 1)] for w in (0, 1)]
        )
    before, after = np.mean(spread, axis=0)
    assert (after < 0.97 * before).all()


def to_whole(border: Array, frame: FaceFrame, matrix: Array, whole: FaceFrame) -> Array:
    """A border in one frame's face coordinates in another's, of a picture that `matrix` leads to."""
    places = frame.to_picture(border)
    return whole.to_face(places @ matrix[:, :2].T + matrix[:, 2])
