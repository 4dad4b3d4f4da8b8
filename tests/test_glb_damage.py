"""Rig files that are damaged or no rigs at all end in one line, never in a picture that is wrong."""

import contextlib
import struct
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.errors import PhizError, RigError
from phiz.output.framing import fit_frame
from phiz.portrait.precision import quantise
from phiz.portrait.rig import Rig
from test_glb import make_rig, parts, rewrite


@pytest.fixture(scope="module")
def rig():
    return quantise(make_rig())


@pytest.fixture
def file(rig, tmp_path):
    rig.save(tmp_path / "face.glb")
    return tmp_path / "face.glb"


def extras(document):
    return document["scenes"][0]["extras"]["phiz"]


@pytest.mark.parametrize("size", [0, 11, 19, 60, 5000, -1])
def test_a_truncated_file_is_told_in_one_line(file, size):
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(RigError) as caught:
        Rig.load(file)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)


def test_files_that_are_not_rigs(tmp_path, file):
    with pytest.raises(RigError, match="No such file"):
        Rig.load(tmp_path / "absent.glb")
    with pytest.raises(RigError, match="directory"):
        Rig.load(tmp_path)
    (tmp_path / "text.glb").write_text("this is not a binary file at all")
    with pytest.raises(RigError, match=r"not a \.glb"):
        Rig.load(tmp_path / "text.glb")
    rewrite(file, lambda document: document["scenes"][0].pop("extras"))
    with pytest.raises(RigError, match="not made by phiz"):
        Rig.load(file)


def test_a_newer_format_is_refused(file):
    rewrite(file, lambda document: document["scenes"][0]["extras"]["phiz"].update(format=99))
    with pytest.raises(RigError, match=r"format 99.*upgrade"):
        Rig.load(file)


@pytest.mark.parametrize(
    "key", ["accessors", "bufferViews", "materials", "textures", "images", "skins", "nodes"]
)
def test_a_file_with_a_missing_part_is_damaged(file, key):
    rewrite(file, lambda document: document.pop(key))
    with pytest.raises(RigError, match="damaged"):
        Rig.load(file)


def test_arrays_that_disagree_are_damage(file):
    def shorten(document):
        face = document["meshes"][1]["primitives"][0]["attributes"]
        document["accessors"][face["TEXCOORD_0"]]["count"] -= 1

    rewrite(file, shorten)
    with pytest.raises(RigError, match="face has 40 vertices but 39 uvs"):
        Rig.load(file)


def test_a_triangle_without_its_vertex_is_damage(file):
    blob = bytearray(file.read_bytes())
    document, binary = parts(file)
    accessor = document["accessors"][document["meshes"][1]["primitives"][0]["indices"]]
    place = len(blob) - len(binary) + document["bufferViews"][accessor["bufferView"]]["byteOffset"]
    blob[place : place + 2] = struct.pack("<H", 40)
    file.write_bytes(blob)
    with pytest.raises(RigError, match="40 vertices and a triangle"):
        Rig.load(file)


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_garbled_file_ends_in_a_phiz_error_or_a_rig(data, tmp_path_factory, rig):
    small = replace(rig, layers=rig.layers[:2])
    path = tmp_path_factory.mktemp("garbled") / "face.glb"
    small.save(path)
    blob = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, 6000), min_size=1, max_size=8)):
        blob[place] = data.draw(st.integers(0, 255))
    path.write_bytes(blob)
    with contextlib.suppress(PhizError):
        assert isinstance(Rig.load(path), Rig)


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        *(("camera", name, value) for name in ("width", "height") for value in (0, -4, 10**9, None, "wide")),
        *(("camera", "scale", value) for value in (0, -1.0, float("nan"), float("inf"), None)),
        *(("camera", "eye", value) for value in ([0, 0], [0, 0, 0], [0, 0, -1], [0, float("nan"), 1], 3)),
        *((None, "landmarks", value) for value in ([], [[1, 2]] * 67, [[1, 2, 3]] * 68)),
        (None, "landmarks", [[1, float("nan")]] * 68),
        *((None, "fit", value) for value in ([], {"smile": None}, {"smile": float("nan")}, {"smile": {}})),
        (None, "camera", None),
    ],
)
def test_what_phiz_put_there_is_checked(file, part, name, value):
    def damage(document):
        place = extras(document) if part is None else extras(document)[part]
        place[name] = value

    rewrite(file, damage)
    with pytest.raises(RigError, match=r"face\.glb is damaged"):
        Rig.load(file)


@pytest.mark.parametrize("name", ["camera", "landmarks", "fit"])
def test_what_phiz_put_there_is_not_missing(file, name):
    rewrite(file, lambda document: extras(document).pop(name))
    with pytest.raises(RigError, match="damaged"):
        Rig.load(file)


def test_a_rig_that_was_read_can_be_framed(file):
    assert fit_frame(Rig.load(file), (16, 16)).size == (16, 16)


def test_joints_are_three_at_finite_places(file):
    def short(document):
        document["accessors"][document["skins"][0]["inverseBindMatrices"]]["count"] = 2

    document, binary = parts(file)
    accessor = document["accessors"][document["skins"][0]["inverseBindMatrices"]]
    view = document["bufferViews"][accessor["bufferView"]]
    blob = bytearray(file.read_bytes())
    place = len(blob) - len(binary) + view["byteOffset"] + 12 * 4
    blob[place : place + 4] = struct.pack("<f", float("nan"))
    whole = file.read_bytes()
    file.write_bytes(blob)
    with pytest.raises(RigError, match="3 joints"):
        Rig.load(file)
    file.write_bytes(whole)
    rewrite(file, short)
    with pytest.raises(RigError, match="3 joints"):
        Rig.load(file)


def test_weights_that_do_not_sum_to_one_are_damage(file):
    document, binary = parts(file)
    attributes = document["meshes"][1]["primitives"][0]["attributes"]
    view = document["bufferViews"][document["accessors"][attributes["WEIGHTS_0"]]["bufferView"]]
    blob = bytearray(file.read_bytes())
    place = len(blob) - len(binary) + view["byteOffset"]
    blob[place : place + 4] = bytes(4)
    file.write_bytes(blob)
    with pytest.raises(RigError, match="sum to 1"):
        Rig.load(file)


def test_zeros_without_end_are_damage(file):
    def swell(document):
        face = document["meshes"][1]["primitives"][0]
        document["accessors"][face["targets"][-1]["POSITION"]]["count"] = 10**12

    rewrite(file, swell)
    with pytest.raises(RigError, match="1000000000000 elements"):
        Rig.load(file)


def test_endless_nesting_is_damage(tmp_path):
    text = b'{"a":' + b"[" * 200_000
    text += b" " * (-len(text) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text
    (tmp_path / "deep.glb").write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body)
    with pytest.raises(RigError, match=r"deep\.glb"):
        Rig.load(tmp_path / "deep.glb")
