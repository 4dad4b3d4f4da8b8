"""Rig files: what is written is standard glTF, and what is read back is the same bits."""

import errno
import json
import os
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from phiz import __version__
from phiz.channels import SHAPES
from phiz.errors import OutputError, RigError
from phiz.portrait.precision import quantise
from phiz.portrait.rig import Camera, Layer, Rig


def make_layer(name, seed, *, vertices=40, texture="photo", shapes=(), blend=False):
    random = np.random.default_rng(seed)
    corners = np.arange(vertices)
    return Layer(
        name=name,
        positions=random.normal(0, 0.1, (vertices, 3)).astype(np.float32),
        uvs=random.random((vertices, 2)).astype(np.float32),
        triangles=np.stack([corners[:-2], corners[1:-1], corners[2:]], axis=1).astype(np.uint32),
        texture=texture,
        weights=random.dirichlet([0.5, 0.5, 0.5], vertices).astype(np.float32),
        shapes={
            shape: (random.normal(0, 0.01, (vertices, 3)) * (corners < moved)[:, None]).astype(np.float32)
            for shape, moved in shapes
        },
        blend=blend,
    )


def make_rig(seed=1):
    """Three layers, one of them large, with sparse, dense and empty shapes and with and without alpha."""
    random = np.random.default_rng(seed)
    cutout = random.integers(0, 256, (33, 17, 4), dtype=np.uint8)
    photo = random.integers(0, 256, (24, 31, 4), dtype=np.uint8)
    photo[..., 3] = 255
    return Rig(
        layers=(
            make_layer("background", seed + 1, vertices=4),
            make_layer(
                "face",
                seed + 2,
                shapes=[("jawOpen", 5), ("mouthPucker", 40), ("cheekPuff", 0), ("photo", 40)],
            ),
            make_layer(
                "body", seed + 3, texture="cut out", vertices=70_000, shapes=[("jawLeft", 2)], blend=True
            ),
        ),
        textures={"photo": photo, "cut out": cutout},
        joints=np.array([[0, -0.4, 0], [0.001, -0.12, -0.07], [0, 0.01, -0.06]], np.float32),
        camera=Camera(31, 24, (0.0123456, -0.1, 1 / 3), 987.654321),
        landmarks=random.random((68, 2)).astype(np.float32) * 30,
        fit={"pose error": 0.1, "smile": np.float32(0.3), "mouth": "teeth"},
    )


@pytest.fixture(scope="module")
def rig():
    return quantise(make_rig())


@pytest.fixture
def file(rig, tmp_path):
    rig.save(tmp_path / "face.glb")
    return tmp_path / "face.glb"


def assert_same(first, second):
    """Every number of two rigs is the same, to the bit and the type."""

    def same(a, b):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes()

    assert [layer.name for layer in first.layers] == [layer.name for layer in second.layers]
    for a, b in zip(first.layers, second.layers, strict=True):
        for part in ("positions", "uvs", "triangles", "weights"):
            same(getattr(a, part), getattr(b, part))
        assert (a.texture, a.blend, list(a.shapes)) == (b.texture, b.blend, list(b.shapes))
        for name in a.shapes:
            same(a.shapes[name], b.shapes[name])
    assert list(first.textures) == list(second.textures)
    for name in first.textures:
        same(first.textures[name], second.textures[name])
    same(first.joints, second.joints)
    same(first.landmarks, second.landmarks)
    assert first.camera == second.camera
    assert dict(first.fit) == dict(second.fit)


def parts(file):
    """JSON document and binary chunk, read without phiz."""
    blob = file.read_bytes()
    length = struct.unpack_from("<I", blob, 12)[0]
    return json.loads(blob[20 : 20 + length]), blob[28 + length :]


def rewrite(file, change):
    """Apply `change` to the document in `file`."""
    document, binary = parts(file)
    change(document)
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    body = (
        struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    )
    file.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body)


def test_a_quantised_rig_comes_back_bit_for_bit(rig, file):
    assert_same(rig, Rig.load(file))


def test_quantising_twice_changes_nothing(rig):
    assert_same(rig, quantise(rig))


def test_quantising_moves_nothing_visibly(rig):
    for before, after in zip(make_rig().layers, rig.layers, strict=True):
        assert np.abs(before.positions - after.positions).max() <= 2**-21 + 1e-9
        assert np.abs(before.uvs - after.uvs).max() <= 2**-17 + 1e-9
        assert np.abs(before.weights - after.weights).max() < 1.01 / 255
    assert rig.camera.eye == pytest.approx(make_rig().camera.eye, abs=2**-21)


def test_shapes_that_move_nothing_are_dropped(rig):
    assert list(rig.layer("face").shapes) == ["jawOpen", "mouthPucker", "photo"]
    still = replace(rig.layer("face"), shapes={"jawOpen": np.full((40, 3), 2**-22, np.float32)})
    assert not quantise(replace(rig, layers=(still,))).layers[0].shapes


def test_negative_zero_is_zero(rig):
    layer = replace(rig.layers[0], positions=np.full((4, 3), -0.0, np.float32))
    assert not np.signbit(quantise(replace(rig, layers=(layer,))).layers[0].positions).any()


@settings(deadline=None, max_examples=60)
@given(hnp.arrays(np.float32, (9, 3), elements=st.floats(0, 1, width=32)))
def test_weights_are_whole_bytes_that_sum_to_one(weights):
    layer = replace(make_layer("x", 0, vertices=9), weights=weights)
    rig = replace(make_rig(), layers=(layer,))
    rounded = quantise(rig)
    units = rounded.layers[0].weights.astype(np.float64) * 255
    assert np.abs(units - np.rint(units)).max() < 1e-4
    assert (np.rint(units).sum(axis=1) == 255).all()
    assert_same(rounded, quantise(rounded))


def test_the_file_says_what_it_is(file, rig):
    document, _ = parts(file)
    assert document["asset"] == {"version": "2.0", "generator": f"phiz {__version__}"}
    assert [mesh["name"] for mesh in document["meshes"]] == ["background", "face", "body"]
    face = document["meshes"][1]
    assert face["extras"]["targetNames"][:3] == ["jawOpen", "mouthPucker", "photo"]
    assert face["weights"][:3] == [0, 0, 1]
    assert document["meshes"][2]["extras"]["targetNames"] == ["jawLeft"]
    assert [material["alphaMode"] for material in document["materials"]] == ["OPAQUE", "BLEND"]
    assert all(view["byteOffset"] % 4 == 0 for view in document["bufferViews"])
    names = {node["name"]: node for node in document["nodes"]}
    neck = document["nodes"][names["root"]["children"][0]]
    assert neck["name"] == "neck"
    assert document["nodes"][neck["children"][0]]["name"] == "head"


def test_every_shape_has_its_name_on_the_face(file, rig):
    document, _ = parts(file)
    face = document["meshes"][1]
    names = face["extras"]["targetNames"]
    assert set(names) == set(SHAPES)
    assert len(names) == len(SHAPES) == len(face["weights"]) == len(face["primitives"][0]["targets"])
    empty = {target["POSITION"] for target in face["primitives"][0]["targets"][3:]}
    (accessor,) = (document["accessors"][index] for index in empty)
    assert accessor["count"] == 40
    assert "bufferView" not in accessor
    assert list(Rig.load(file).layer("face").shapes) == list(rig.layer("face").shapes)


def test_small_movements_are_stored_sparsely(file):
    document, _ = parts(file)
    targets = document["meshes"][1]["primitives"][0]["targets"]
    jaw, pucker = (document["accessors"][target["POSITION"]] for target in targets[:2])
    assert jaw["sparse"]["count"] == 5
    assert "sparse" not in pucker


def test_the_gltf_camera_sees_what_the_rig_camera_sees(file, rig):
    document, _ = parts(file)
    lens = document["cameras"][0]["perspective"]
    eye = np.array(document["nodes"][-1]["translation"])
    points = rig.layer("face").positions[:10].astype(np.float64) - eye
    ndc_y = points[:, 1] / -points[:, 2] / np.tan(lens["yfov"] / 2)
    ndc_x = points[:, 0] / -points[:, 2] / np.tan(lens["yfov"] / 2) / lens["aspectRatio"]
    pixels = np.stack([(ndc_x + 1) * 31 / 2, (1 - ndc_y) * 24 / 2], axis=1)
    np.testing.assert_allclose(pixels, rig.camera.project(rig.layer("face").positions[:10]), atol=1e-9)


def test_the_bounds_are_the_true_ones(file, rig):
    document, _ = parts(file)
    accessor = document["accessors"][document["meshes"][1]["primitives"][0]["attributes"]["POSITION"]]
    assert accessor["min"] == rig.layer("face").positions.min(axis=0).tolist()
    assert accessor["max"] == rig.layer("face").positions.max(axis=0).tolist()


def test_the_same_rig_makes_the_same_file(rig, tmp_path):
    rig.save(tmp_path / "a.glb")
    rig.save(tmp_path / "b.glb")
    assert (tmp_path / "a.glb").read_bytes() == (tmp_path / "b.glb").read_bytes()


def test_what_gltf_cannot_hold_is_refused(rig, tmp_path):
    empty = replace(rig.layers[0], triangles=np.zeros((0, 3), np.uint32))
    with pytest.raises(RigError, match="'background' has no triangles"):
        replace(rig, layers=(empty,)).save(tmp_path / "x.glb")
    infinite = replace(rig.layers[0], positions=np.full((4, 3), np.inf, np.float32))
    with pytest.raises(RigError, match="finite"):
        replace(rig, layers=(infinite,)).save(tmp_path / "x.glb")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_save_keeps_the_old_file_and_leaves_no_other(rig, tmp_path, monkeypatch):
    target = tmp_path / "face.glb"
    target.write_bytes(b"old")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OutputError, match=r"face\.glb: the disk is full"):
        rig.save(target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_saving_into_no_folder_is_an_output_error(rig, tmp_path):
    with pytest.raises(OutputError, match=r"absent"):
        rig.save(tmp_path / "absent" / "face.glb")


def test_a_path_with_spaces_and_other_scripts(rig, tmp_path):
    rig.save(tmp_path / "мой face 顔.glb")
    assert_same(rig, Rig.load(tmp_path / "мой face 顔.glb"))


# Khronos's validator


def validator():
    """Folder of the npm package gltf-validator: PHIZ_GLTF_VALIDATOR, else what node itself resolves."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed, so the Khronos validator cannot run")
    named = os.environ.get("PHIZ_GLTF_VALIDATOR")
    if named and Path(named).is_dir():
        return named
    look = [node, "-e", "console.log(require.resolve('gltf-validator'))"]
    found = subprocess.run(look, capture_output=True, text=True)
    if found.returncode:
        pytest.skip("the npm package gltf-validator is not installed (set PHIZ_GLTF_VALIDATOR to its folder)")
    return found.stdout.strip()


VALIDATE = """
const validator = require(process.argv[1]);
const bytes = new Uint8Array(require('fs').readFileSync(process.argv[2]));
validator.validateBytes(bytes, {maxIssues: 0}).then(report => console.log(JSON.stringify(report.issues)));
"""


def assert_valid(path):
    """Khronos's validator finds no error and no warning in the file."""
    command = ["node", "-e", VALIDATE, validator(), str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    issues = json.loads(run.stdout)
    serious = [message for message in issues["messages"] if message["severity"] < 2]
    assert serious == []
    assert (issues["numErrors"], issues["numWarnings"]) == (0, 0)


def test_the_khronos_validator_is_content(file):
    assert_valid(file)


def test_the_khronos_validator_would_complain(file):
    rewrite(file, lambda document: document["accessors"][0].pop("max"))
    with pytest.raises(AssertionError):
        assert_valid(file)
