"""Landmarks: sub-pixel, the same however the face lies in the picture, checked when they come from a file."""

import numpy as np
import pytest
from PIL import Image

from evaldata import eval_file
from phiz.data import demo_portrait
from phiz.errors import FaceError
from phiz.portrait.faces import Face, sightings
from phiz.portrait.landmarks import MIRRORED, dlib_landmarks, find_landmarks
from phiz.portrait.portrait import eyes_apart
from phiz.portrait.usable import check_landmarks


@pytest.fixture(scope="module")
def picture():
    return np.asarray(Image.open(demo_portrait()).convert("RGB"))


@pytest.fixture(scope="module")
def points(picture):
    (face,) = next(sightings(picture))
    return dlib_landmarks(picture, face)


def landmarks_of(picture):
    (found,) = find_landmarks(picture)
    return found


def test_the_demo_face_is_where_it_is(points):
    assert points.shape == (68, 2)
    assert points.dtype == np.float64
    right_eye, left_eye = points[36:42].mean(0), points[42:48].mean(0)
    assert np.hypot(*(right_eye - [203, 100])) < 4
    assert np.hypot(*(left_eye - [247, 103])) < 4
    assert np.hypot(*(points[8] - [221, 179])) < 6


def test_points_lie_between_pixels(points):
    assert len(np.unique(np.round(points % 1, 2))) > 40


@pytest.mark.parametrize(("quarter_turns", "limit"), [(1, 0.03), (2, 0.03), (3, 0.03)])
def test_turned_pictures_give_turned_points(picture, points, quarter_turns, limit):
    turned = np.ascontiguousarray(np.rot90(picture, -quarter_turns))
    found = landmarks_of(turned)
    for _ in range(quarter_turns):
        points = np.stack([512 - points[:, 1], points[:, 0]], 1)
    eyes = np.hypot(*(points[36:42].mean(0) - points[42:48].mean(0)))
    assert np.hypot(*(found - points).T).max() < limit * eyes


def test_shifts_of_a_fraction_of_a_pixel_are_seen(picture, points):
    import cv2

    shift = np.array([0.4, 0.3])
    moved = cv2.warpAffine(picture, np.column_stack([np.eye(2), shift]), (512, 512), flags=cv2.INTER_CUBIC)
    assert np.abs((landmarks_of(moved) - points).mean(0) - shift).max() < 0.08


def test_enlarging_moves_points_with_the_picture(picture, points):
    import cv2

    large = cv2.resize(picture, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    assert np.hypot(*(landmarks_of(large) / 2.5 - points).T).mean() < 0.35


@pytest.mark.parametrize(
    ("light", "limit"),
    [
        (lambda x: x * 0.12 + 8, 0.012),  # dim
        (lambda x: 255 * (x / 255) ** 3, 0.03),  # much too dark
        (lambda x: 255 * (x / 255) ** 0.3, 0.02),  # washed out
        (lambda x: np.minimum(x * 2.2, 255), 0.05),  # burnt out: most of the skin is white
        (lambda x: np.clip(x + np.random.default_rng(0).normal(0, 25, x.shape), 0, 255), 0.03),  # noise
    ],
)
def test_bad_light_is_no_hindrance(picture, points, light, limit):
    found = landmarks_of(light(picture.astype(np.float64)).astype(np.uint8))
    assert np.median(np.hypot(*(found - points).T)) < limit * eyes_apart(points)


def mirror(picture, points):
    return picture[:, ::-1], points[list(MIRRORED)] * (-1, 1) + (picture.shape[1], 0)


def enlarge(picture, points):
    """To 12 megapixels."""
    import cv2

    zoom = (12e6 / picture[:, :, 0].size) ** 0.5
    return cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC), points * zoom


def shrink(picture, points):
    """To 24 pixels between the eyes: a face of some 60 pixels."""
    import cv2

    zoom = 24 / eyes_apart(points)
    small = cv2.resize(picture, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    return small, points * (small.shape[1] / picture.shape[1], small.shape[0] / picture.shape[0])


def lay_askew(picture, points):
    """So that the first look sees something, but nothing that could be followed."""
    import cv2

    size = picture.shape[1]
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), 45, 0.7)
    centred = np.column_stack([turn[:, :2], turn[:, 2] + turn[:, :2] @ [0.5, 0.5] - 0.5])
    turned = cv2.warpAffine(picture, centred, (size, size), borderMode=cv2.BORDER_REPLICATE)
    return turned, points @ turn[:, :2].T + turn[:, 2]


@pytest.mark.parametrize("change", [mirror, enlarge, shrink, lay_askew])
@pytest.mark.parametrize("name", ["", "photo_lab3_backlit.png", "sculpt_terracotta.jpg"])
def test_landmarks_stay_when_the_picture_changes(picture, points, change, name):
    if name:
        picture = np.asarray(Image.open(eval_file(f"portraits/{name}")).convert("RGB"))
        (points,) = find_landmarks(picture)
    changed, expected = change(picture, points)
    found = landmarks_of(np.ascontiguousarray(changed))
    assert np.median(np.hypot(*(found - expected).T)) < 0.02 * eyes_apart(expected)


def test_every_face_is_found_from_left_to_right(picture):
    head = picture[0:260, 90:360]
    faces = next(sightings(np.ascontiguousarray(np.hstack([head, head[:, ::-1], head]))))
    assert len(faces) == 3
    assert [face.centre[0] for face in faces] == sorted(face.centre[0] for face in faces)
    assert faces[1].centre[0] == pytest.approx(270 + 270 - faces[0].centre[0], abs=6)


def test_no_face_in_noise():
    noise = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    assert list(sightings(noise)) == []


def test_a_box_without_a_face_is_refused(picture):
    (face,) = next(sightings(picture))
    nowhere = Face((400.0, 450.0), face.side, 0.0, 1.0)
    with pytest.raises(FaceError, match=r"scatter.*--landmarks FILE|like a face"):
        check_landmarks(dlib_landmarks(picture, nowhere), 512, 512)


def test_faces_pass_and_other_shapes_do_not(points):
    check_landmarks(points, 512, 512)
    with pytest.raises(FaceError, match="pixels apart"):
        check_landmarks(points * 0.2, 512, 512)
    with pytest.raises(FaceError, match="outside"):
        check_landmarks(points + np.array([300, 0]), 512, 512)
    upside_down = points.copy()
    upside_down[27:] = points[27:] * [1, -1] + [0, 2 * points[27, 1]]
    upside_down[36:48] = points[36:48]
    with pytest.raises(FaceError, match="like a face"):
        check_landmarks(upside_down, 512, 512)
    profile = points.copy()
    profile[30] += [40, 0]
    with pytest.raises(FaceError, match="turned too far"):
        check_landmarks(profile, 512, 512)
