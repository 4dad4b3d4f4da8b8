"""Landmark files: the shapes that tools write, the layouts of points, a template through five of them."""

import json
import logging

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.data import demo_portrait, table
from phiz.errors import FaceError
from phiz.portrait.find import find_portrait
from phiz.portrait.five_points import fit_five, five_of
from phiz.portrait.frame import canonical_points, fit_frame
from phiz.portrait.joints import head_rotation
from phiz.portrait.landmark_files import read_landmarks
from phiz.portrait.landmarkers import locate
from phiz.portrait.layouts import all_landmarks
from phiz.portrait.portrait import eyes_apart
from phiz.portrait.usable import check_landmarks

SIZE = (512, 400)
FIVE = np.array([[200.0, 100.0], [250.0, 102.0], [226.0, 128.0], [208.0, 152.0], [242.0, 154.0]])
NAMED = dict(zip(("right_eye", "left_eye", "nose", "mouth_right", "mouth_left"), FIVE.tolist(), strict=True))


@pytest.fixture(scope="module")
def found():
    """The demo picture and its landmarks."""
    from phiz.portrait.image import on_white, read_image

    picture = on_white(read_image(demo_portrait()))
    return picture, locate(picture)[0]


@pytest.fixture
def read(tmp_path):
    def read(data, **settings):
        (tmp_path / "points.json").write_text(data if isinstance(data, str) else json.dumps(data))
        return read_landmarks(tmp_path / "points.json", SIZE, **settings)

    return read


def mesh(count=478):
    """Points of a face mesh that are nowhere near a face, but each at its own place."""
    return np.random.default_rng(count).uniform(20, 380, (count, 3))


@pytest.mark.parametrize("count", [68, 468, 478, 5])
@pytest.mark.parametrize(
    "wrap",
    [
        lambda points: points,
        lambda points: {"landmarks": points},
        lambda points: {"faceLandmarks": [[{"x": p[0], "y": p[1], "z": 0.5} for p in points]]},
        lambda points: {"face_1": {"score": 0.9, "landmarks": points}},
        lambda points: [{"box": [1, 2, 3, 4], "keypoints": points}],
        lambda points: {"points": [[*p[:2], 0] for p in points]},
    ],
)
def test_every_shape_gives_the_points(read, count, wrap):
    points = mesh(count)[:, :2]
    np.testing.assert_array_equal(read(wrap(points.tolist())), points)


@pytest.mark.parametrize(
    "names",
    [
        ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right"),  # RetinaFace, MTCNN
        ("leftEye", "rightEye", "noseTip", "leftMouthCorner", "rightMouthCorner"),
        ("eye_left", "eye_right", "Nose", "mouth left", "mouth right"),
    ],
)
def test_five_points_may_have_names(read, names):
    keypoints = dict(zip(names, FIVE.tolist(), strict=True))
    np.testing.assert_array_equal(read([{"confidence": 1.0, "keypoints": keypoints}]), FIVE)


def test_shares_of_the_picture_become_pixels(read):
    np.testing.assert_allclose(read((mesh()[:, :2] / SIZE).tolist()), mesh()[:, :2])


def test_points_follow_a_picture_that_was_shrunk_or_measured_elsewhere(read):
    points = mesh(68)[:, :2]
    np.testing.assert_allclose(read(points.tolist(), scale=0.25), points / 4)
    np.testing.assert_allclose(read({"width": 1024, "points": points.tolist()}, scale=0.25), points / 2)
    given = {"image_width": 1024, "image_height": 400, "points": points.tolist()}
    np.testing.assert_allclose(read(given), points * (0.5, 1))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("not json", "not JSON"),
        ([[1, 2]], r"68 \(iBUG\), 478 or 468 \(FaceMesh\) or 5 .*found a list of 1$"),
        ({}, "found an object with nothing in it"),
        ({"left_eye": [1, 2]}, "found an object with 'left_eye'"),
        (7, "found a single int"),
        ([[1, 2]] * 67 + [[1, "x"]], "found a list of 68"),
        ([[1, 2]] * 68 + [[1, 2]], "found a list of 69"),
        ([[1, 2]] * 66 + [[float("nan"), 1], [2, 3]], "point 66 is not a finite"),
        ({"faces": [FIVE.tolist()] * 2}, "points of 2 faces; keep those of one"),
        ({"points": FIVE.tolist(), "width": 0}, "'width' is 0; it must be a number of pixels above 0"),
        ({"points": FIVE.tolist(), "imageHeight": "640"}, "'imageHeight' is '640'"),
    ],
)
def test_bad_files_say_what_is_wrong(read, data, message):
    with pytest.raises(FaceError, match=message):
        read(data)


def test_numbers_that_mean_nothing_are_told(read, caplog):
    np.testing.assert_array_equal(read({"points": FIVE.tolist(), "widht": 800, "score": 0.9}), FIVE)
    assert [record.getMessage().split(": ")[1] for record in caplog.records] == [
        "'widht' has no meaning here and is not looked at"
    ]


def test_a_face_in_a_mirror_is_told_as_such(found):
    picture, points = found
    mirrored = points * (-1, 1) + (picture.shape[1], 0)
    with pytest.raises(FaceError, match="left and right are swapped"):
        check_landmarks(mirrored, picture.shape[1], picture.shape[0])


def test_missing_file(tmp_path):
    with pytest.raises(FaceError, match="no such"):
        read_landmarks(tmp_path / "none.json", SIZE)


def test_the_mesh_table_names_every_landmark_once_on_either_side():
    rows = table("facemesh")
    named = [int(row["landmark"]) for row in rows]
    named += [int(row["partner"]) for row in rows if row["partner"] != row["landmark"]]
    assert sorted(named) == list(range(68))
    partners = {row["point"]: row["partner"] for row in table("canonical_face")}
    assert all(partners[row["landmark"]] == row["partner"] for row in rows)
    for column in ("vertex", "beside"):  # either side has its own vertices, but for the midline
        pairs = {row[column]: row[f"partner_{column}"] for row in rows}
        assert all(pairs.get(mirrored, mirrored) == mirrored for mirrored in pairs.values())


def test_a_mesh_gives_landmarks_between_its_vertices():
    points = mesh()[:, :2]
    landmarks = all_landmarks(points)
    np.testing.assert_array_equal(landmarks[8], points[152])  # chin
    np.testing.assert_array_equal(landmarks[54], points[291])  # left corner of the mouth
    np.testing.assert_allclose(landmarks[37], (points[160] + points[159]) / 2)  # right upper lid
    np.testing.assert_array_equal(all_landmarks(points[:468]), landmarks)
    with pytest.raises(ValueError, match="12 points are none of 68"):
        all_landmarks(points[:12])


angle = st.floats(-1, 1)


@settings(deadline=None, max_examples=40)
@given(yaw=angle, pitch=angle, roll=angle, size=st.floats(0.3, 20), swapped=st.booleans())
def test_five_points_of_the_canonical_face_bring_back_its_pose(yaw, pitch, roll, size, swapped):
    turn = head_rotation(yaw * 0.5, pitch * 0.25, roll * 3.0)
    seen = (canonical_points()[0] @ turn.T)[:, :2] * (size, -size) + (300, 200)
    five = five_of(seen)
    fitted = fit_five(five[[1, 0, 2, 4, 3]] if swapped else five)
    np.testing.assert_allclose(five_of(fitted), five, atol=1e-6 * size)
    error = np.hypot(*(fitted - seen).T) / eyes_apart(seen)
    assert np.median(error) < 0.02
    assert abs(fit_frame(fitted).angles[0] - fit_frame(seen).angles[0]) < np.radians(4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({1: FIVE[0]}, "eyes apart"),
        ({3: FIVE[0], 4: FIVE[1]}, "mouth must lie below"),
        ({4: FIVE[3]}, "mouth corners must lie apart"),
        ({2: (226.0, 300.0)}, "nose must lie between"),
    ],
)
def test_five_points_that_are_no_face_are_refused(change, message):
    five = FIVE.copy()
    for index, place in change.items():
        five[index] = place
    with pytest.raises(FaceError, match=message):
        fit_five(five)


def test_five_points_of_a_photo_are_refined_on_it(tmp_path, found, caplog):
    _, landmarks = found
    (tmp_path / "five.json").write_text(json.dumps((five_of(landmarks) + 1.0).tolist()))
    refined = find_portrait(demo_portrait(), landmarks=tmp_path / "five.json").landmarks
    assert np.hypot(*(refined - landmarks).T).max() < 0.02 * eyes_apart(landmarks)
    assert caplog.text == ""


def test_five_points_where_nothing_is_seen_keep_the_template(tmp_path, found, caplog):
    _, landmarks = found
    (tmp_path / "five.json").write_text(json.dumps(five_of(landmarks).tolist()))
    with caplog.at_level(logging.WARNING, "phiz"):
        portrait = find_portrait(demo_portrait(), landmarks=tmp_path / "five.json", landmarker=lambda _: [])
    np.testing.assert_allclose(portrait.landmarks, fit_five(five_of(landmarks)))
    assert "only the five points are known" in caplog.text


def test_points_outside_the_picture_are_refused_with_the_file(tmp_path):
    far = {name: [x + 4000, y] for name, (x, y) in NAMED.items()}
    (tmp_path / "far.json").write_text(json.dumps(far))
    with pytest.raises(FaceError, match=r"far\.json: the face is cut off .* right edge: 68 of its 68"):
        find_portrait(demo_portrait(), landmarks=tmp_path / "far.json")
