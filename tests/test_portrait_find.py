"""`find_portrait` end to end: pictures of many kinds become portraits, others say why not."""

import json
import logging

import numpy as np
import pytest
from PIL import Image

from evaldata import eval_file, eval_names
from phiz.data import demo_portrait
from phiz.errors import FaceError, UsageError
from phiz.portrait.find import find_portrait

NO_FACE = {
    "noface_cat.png": "no face",
    "noface_landscape_EXIF6.jpg": "no face",
    "photo_obama_partial.jpg": "outside",
}


def demo_picture() -> Image.Image:
    return Image.open(demo_portrait()).convert("RGB")


@pytest.fixture(scope="module")
def found():
    return find_portrait(demo_portrait())


@pytest.fixture
def pair(tmp_path):
    """Two faces, the right one larger."""
    head = demo_picture().crop((90, 0, 360, 260))
    both = Image.new("RGB", (800, 420), (128, 128, 128))
    both.paste(head, (0, 100))
    both.paste(head.resize((405, 390)), (380, 20))
    both.save(tmp_path / "pair.png")
    return tmp_path / "pair.png"


def test_shapes_and_types():
    portrait = find_portrait(str(demo_portrait()))
    assert portrait.pixels.shape == (512, 512, 4)
    assert portrait.matte.shape == (512, 512)
    assert portrait.matte.dtype == np.float32
    assert portrait.foreground.shape == portrait.background.shape == (512, 512, 3)
    assert portrait.foreground.dtype == portrait.background.dtype == np.uint8
    assert 0 <= portrait.matte.min() <= portrait.matte.max() <= 1
    assert portrait.source == str(demo_portrait())


def test_the_largest_face_is_taken_and_said_so(pair, caplog):
    with caplog.at_level(logging.WARNING, "phiz"):
        portrait = find_portrait(pair)
    assert portrait.landmarks[:, 0].mean() > 400
    assert "2 faces found; took the largest (number 1 of 0..1" in caplog.text
    assert "--face N" in caplog.text


def test_a_face_can_be_chosen(pair, caplog):
    assert find_portrait(pair, face=0).landmarks[:, 0].mean() < 300
    assert caplog.text == ""
    with pytest.raises(UsageError, match=r"no face 2.*faces 0\.\.1"):
        find_portrait(pair, face=2)
    with pytest.raises(UsageError, match=r"no face -1.*faces 0\.\.1"):
        find_portrait(pair, face=-1)


def test_no_face_says_what_was_tried(tmp_path):
    Image.linear_gradient("L").save(tmp_path / "plain.png")
    with pytest.raises(FaceError, match=r"no face found .*30 degrees.*--landmarks FILE"):
        find_portrait(tmp_path / "plain.png")


def test_landmarks_from_a_file_replace_detection(tmp_path, found):
    (tmp_path / "points.json").write_text(json.dumps((found.landmarks + np.array([0.25, 0.5])).tolist()))
    given = find_portrait(demo_portrait(), landmarks=tmp_path / "points.json")
    np.testing.assert_allclose(given.landmarks, found.landmarks + np.array([0.25, 0.5]))


def test_landmarks_follow_a_picture_that_was_shrunk(tmp_path, monkeypatch, found):
    (tmp_path / "points.json").write_text(json.dumps(found.landmarks.tolist()))
    monkeypatch.setattr("phiz.portrait.image.WORKING", 256 * 256)
    small = find_portrait(demo_portrait(), landmarks=tmp_path / "points.json")
    assert small.pixels.shape == (256, 256, 4)
    np.testing.assert_allclose(small.landmarks, found.landmarks / 2)


def test_a_landmarker_can_be_given_as_a_function(pair, found):
    asked = []
    right = found.landmarks * 1.5 + np.array([380 - 90 * 1.5, 20])

    def landmarker(picture):
        asked.append(picture.shape)
        return [right, found.landmarks + np.array([-90, 100])]

    np.testing.assert_array_equal(find_portrait(pair, landmarker=landmarker).landmarks, right)
    left = find_portrait(pair, landmarker=landmarker, face=0)
    np.testing.assert_array_equal(left.landmarks, found.landmarks + np.array([-90, 100]))
    assert asked == [(420, 800, 3)] * 2


def test_a_picture_already_cut_out_keeps_its_own_edge(tmp_path, found):
    alpha = np.uint8(255 * found.matte + 0.5)
    Image.fromarray(np.dstack([found.foreground, alpha])).save(tmp_path / "cut.png")
    cut = find_portrait(tmp_path / "cut.png")
    np.testing.assert_array_equal(np.uint8(255 * cut.matte + 0.5), alpha)
    assert cut.matte_confidence > 0.9
    assert cut.background[20, 20].tolist() == [255, 255, 255]


def test_rounded_corners_are_not_a_cut_out(tmp_path):
    picture = demo_picture().convert("RGBA")
    alpha = np.full((512, 512), 255, np.uint8)
    alpha[:40, :40] = alpha[:40, -40:] = 0
    picture.putalpha(Image.fromarray(alpha))
    picture.save(tmp_path / "rounded.png")
    portrait = find_portrait(tmp_path / "rounded.png")
    assert portrait.matte[100, 400] < 0.02
    assert portrait.matte[100, 225] > 0.98


def test_grey_and_cmyk_find_the_same_face(tmp_path, found):
    demo_picture().convert("L").save(tmp_path / "grey.png")
    demo_picture().convert("CMYK").save(tmp_path / "print.jpg", quality=95)
    for name in ("grey.png", "print.jpg"):
        other = find_portrait(tmp_path / name)
        assert np.hypot(*(other.landmarks - found.landmarks).T).mean() < 0.6


@pytest.mark.parametrize("name", eval_names("portraits"))
def test_evaluation_portraits(name):
    path = eval_file(f"portraits/{name}")
    if path.name in NO_FACE:
        with pytest.raises(FaceError, match=NO_FACE[path.name]):
            find_portrait(path)
        return
    portrait = find_portrait(path)
    points = np.floor(portrait.landmarks[17:]).astype(int).clip(0, [portrait.width - 1, portrait.height - 1])
    assert portrait.matte[points[:, 1], points[:, 0]].mean() > 0.97  # the face is person
    assert 0.05 < portrait.matte.mean() < 0.9
    assert 0 <= portrait.matte_confidence <= 1
