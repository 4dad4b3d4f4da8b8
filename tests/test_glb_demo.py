"""The rig of the demo portrait as a file: complete, exact, small, and standard."""

import pytest

from phiz.channels import ARKIT, SHAPES
from phiz.data import demo_portrait
from phiz.portrait.precision import quantise
from phiz.portrait.rig import Rig
from test_glb import assert_same, assert_valid

LARGEST = 3_000_000  # bytes: a talking head in a few megabytes


@pytest.fixture(scope="module")
def rig():
    return Rig.from_photo(demo_portrait())


@pytest.fixture(scope="module")
def file(rig, tmp_path_factory):
    path = tmp_path_factory.mktemp("demo") / "face.glb"
    rig.save(path)
    return path


def test_it_is_made_quantised(rig):
    assert_same(rig, quantise(rig))


def test_it_comes_back_bit_for_bit(rig, file):
    assert_same(rig, Rig.load(file))


def test_it_is_small(file):
    assert file.stat().st_size < LARGEST


def test_its_shapes_have_known_names(file):
    names = {name for layer in Rig.load(file).layers for name in layer.shapes}
    assert names <= set(SHAPES)
    assert set(ARKIT) <= names


def test_the_khronos_validator_is_content(file):
    assert_valid(file)
