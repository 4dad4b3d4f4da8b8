"""Landmarkers: built in, plugged in by other packages, broken; faces that cannot be animated say why."""

import sys

import numpy as np
import pytest

from conftest import Run
from evaldata import eval_file
from phiz.data import demo_portrait
from phiz.doctor import examine
from phiz.errors import FaceError, UsageError
from phiz.portrait.find import faces_in
from phiz.portrait.frame import canonical_points
from phiz.portrait.image import on_white, read_image
from phiz.portrait.joints import head_rotation
from phiz.portrait.landmarkers import describe_landmarkers, locate, open_landmarker
from phiz.portrait.portrait import eyes_apart
from phiz.portrait.usable import check_landmarks

PICTURE = np.zeros((300, 400, 3), np.uint8)
CODE = """
import numpy as np

def face(picture):
    height, width = picture.shape[:2]
    five = np.array([[120, 100, 1], [170, 100, 1], [145, 125, 1], [128, 150, 1], [162, 150, 1]])
    return [five + (100, 0, 0), list(map(list, five))]

def fail(picture):
    raise RuntimeError("no\\nlicence")

number = 7
"""
ENTRIES = """[phiz.landmarkers]
test-face = phiz_test_plugin:face
test-fail = phiz_test_plugin:fail
test-number = phiz_test_plugin:number
test-missing = phiz_test_nowhere:face
dlib = phiz_test_plugin:fail
"""


@pytest.fixture
def plug_ins(tmp_path, monkeypatch):
    """A package with landmarkers, installed as pip would."""
    (tmp_path / "phiz_test_plugin.py").write_text(CODE)
    info = tmp_path / "phiz_test_plugin-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: phiz-test-plugin\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("phiz_test_plugin", None)
    open_landmarker.cache_clear()


def posed(yaw=0.0, pitch=0.0, size=2.0):
    """Landmarks of the canonical face, turned by degrees, in a picture of 400x400."""
    turn = head_rotation(np.radians(yaw), np.radians(pitch), 0.0)
    return (canonical_points()[0] @ turn.T)[:, :2] * (size, -size) + (200, 160)


def test_a_plug_in_finds_faces_and_they_come_from_left_to_right(plug_ins):
    first, second = locate(PICTURE, "test-face")
    assert first.shape == second.shape == (68, 2)
    np.testing.assert_allclose(second - first, np.broadcast_to([100.0, 0.0], (68, 2)), atol=1e-4)
    np.testing.assert_allclose(first[30], [145, 125], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("test-fail", r"the landmarker test-fail failed: RuntimeError: no licence$"),
        ("test-number", r"test-number \(phiz-test-plugin\) cannot be used: .* is not callable but int"),
        ("test-missing", r"test-missing \(phiz-test-plugin\) cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_a_broken_plug_in_is_named(plug_ins, name, message):
    with pytest.raises(FaceError, match=message):
        locate(PICTURE, name)


def test_an_unknown_name_lists_those_there_are(plug_ins):
    with pytest.raises(UsageError, match="no landmarker 'x'; there are dlib, mediapipe, test-face"):
        locate(PICTURE, "x")


@pytest.mark.parametrize(
    ("faces", "message"),
    [
        ([np.zeros((12, 2))], "returned 12 points for face 0; needed are 68"),
        ([np.zeros((68, 2)) + 1, np.zeros(68)], r"no points for face 1: .* found \(68,\)"),
        ([np.full((68, 2), np.nan)], "finite numbers"),
        (["points"], "found str"),
    ],
)
def test_what_is_no_face_is_refused(faces, message):
    with pytest.raises(FaceError, match=message):
        locate(PICTURE, lambda _: faces)


def test_no_face_says_who_was_asked_and_what_else_there_is():
    with pytest.raises(FaceError, match=r"a\.png: no face found \(asked the landmarker given\).*FILE"):
        faces_in(PICTURE, "a.png", lambda _: [])


def test_doctor_lists_them(plug_ins, monkeypatch):
    monkeypatch.setattr("phiz.doctor._check", lambda *_: True)
    lines = []
    examine(lines.append)
    part = lines[lines.index("landmarkers:") :]
    assert part[1].startswith("  dlib: yes, dlib-bin ")
    assert part[2].startswith("  mediapipe: ")
    assert "  test-face: yes, phiz-test-plugin 1.2" in part
    assert any(line.startswith("  test-missing: not here, the landmarker test-missing") for line in part)


def test_the_command_line_takes_a_name(phiz: Run):
    run = phiz("rig", demo_portrait(), "--landmarker", "nobody", "-o", "a.glb")
    assert run.returncode == 2
    assert "no landmarker 'nobody'; there are dlib" in run.stderr


def test_faces_within_reach_pass():
    for yaw, pitch in ((0, 0), (33, 0), (-33, 5), (0, 25), (0, -25)):
        check_landmarks(posed(yaw, pitch), 400, 400)


@pytest.mark.parametrize(
    ("yaw", "pitch", "message"),
    [
        (48, 0, "turned 48 degrees to the side, 38 can be animated"),
        (-70, 0, "turned 70 degrees to the side"),
        (0, 44, "tipped 44 degrees up or down, 38 can be animated"),
    ],
)
def test_a_face_turned_too_far_is_refused(yaw, pitch, message):
    with pytest.raises(FaceError, match=message):
        check_landmarks(posed(yaw, pitch), 400, 400)


def test_a_face_cut_at_cheek_or_chin_passes_and_one_cut_further_is_refused():
    face = posed()
    check_landmarks(face - (66, 0), 400, 400)  # the ear's side is gone
    check_landmarks(face, 400, 365)  # the chin is gone
    with pytest.raises(FaceError, match="cut off at the picture's left edge: 9 of its 68 landmarks"):
        check_landmarks(face - (110, 0), 400, 400)
    with pytest.raises(FaceError, match="cut off at the picture's bottom edge"):
        check_landmarks(face, 400, 320)
    with pytest.raises(FaceError, match=r"cut off at the picture's (left and top|top and left) edge"):
        check_landmarks(face - (120, 140), 400, 400)


@pytest.mark.parametrize("name", ["photo_cap_turned.jpg", "photo_mouthopen_turned.png"])
def test_turned_portraits_are_within_reach(name):
    picture = on_white(read_image(eval_file(f"portraits/{name}")))
    (points,) = faces_in(picture, name)
    check_landmarks(points, picture.shape[1], picture.shape[0])


def mediapipe_and_dlib(path):
    pytest.importorskip("mediapipe", reason="the optional package mediapipe is not installed")
    picture = on_white(read_image(path))
    return picture, locate(picture, "mediapipe"), locate(picture)


def test_mediapipe_agrees_with_dlib_on_the_demo_and_says_nothing(capfd):
    picture, (one,), (other,) = mediapipe_and_dlib(demo_portrait())
    error = np.hypot(*(one - other).T) / eyes_apart(other)
    assert np.median(error) < 0.04
    assert np.median(error[36:]) < 0.03  # eyes and mouth
    assert capfd.readouterr().err == ""
    for turns in (1, 2, 3):
        back = locate(np.ascontiguousarray(np.rot90(picture, turns)), "mediapipe")[0]
        for _ in range(turns):
            back = np.column_stack([picture.shape[1] - back[:, 1], back[:, 0]])
        assert np.hypot(*(back - one).T).max() < 0.03 * eyes_apart(one)


def test_mediapipe_finds_every_face_of_a_group():
    _, found, others = mediapipe_and_dlib(eval_file("portraits/group_three.jpg"))
    assert len(found) == len(others) == 3
    for one, other in zip(found, others, strict=True):
        assert np.median(np.hypot(*(one - other).T)) < 0.06 * eyes_apart(other)


def test_mediapipe_missing_says_how_to_get_it(monkeypatch):
    from phiz.portrait import facemesh

    facemesh._mesher.cache_clear()
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(FaceError, match=r"mediapipe cannot be loaded .*: pip install mediapipe==0\.10\.21"):
        locate(PICTURE, "mediapipe")
    assert [works for name, works, _ in describe_landmarkers() if name == "dlib"] == [True]
