"""Large photos stay within what is promised: memory for 12 megapixels, bytes of a .glb for one."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from phiz.data import demo_portrait
from phiz.portrait.image import read_image
from phiz.portrait.rig import Rig

MOST_MEMORY = 700e6  # bytes, of the whole process
LARGEST_FILE = 3_000_000  # bytes
PEAK = """
import sys
import phiz
from phiz.filming import peak_rss
phiz.Rig.from_photo(sys.argv[1]).save(sys.argv[2])
print(peak_rss())
"""


def enlarged(folder, megapixels, name, grain=2, colours=1, **options):
    """The demo portrait with so many pixels and a camera's grain, alike in all colours or not."""
    with Image.open(demo_portrait()) as picture:
        factor = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
        size = round(picture.width * factor), round(picture.height * factor)
        pixels = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.BICUBIC)).astype(np.int16)
    noise = np.round(np.random.RandomState(0).normal(0, grain, (*pixels.shape[:2], colours))).astype(np.int16)
    Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8)).save(
        folder / name, **{"quality": 92, **options}
    )
    return folder / name


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child's peak may be its parent's")
def test_twelve_megapixels_stay_below_700_megabytes(tmp_path):
    photo = enlarged(tmp_path, 12, "large.jpg")
    command = [sys.executable, "-c", PEAK, str(photo), str(tmp_path / "large.glb")]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    assert int(run.stdout) < MOST_MEMORY
    assert (tmp_path / "large.glb").stat().st_size < 4 * photo.stat().st_size


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
def test_one_megapixel_stays_below_3_megabytes_and_loses_nothing(tmp_path, name):
    photo = enlarged(tmp_path, 1, name)
    Rig.from_photo(photo).save(tmp_path / "face.glb")
    assert (tmp_path / "face.glb").stat().st_size < LARGEST_FILE
    np.testing.assert_array_equal(Rig.load(tmp_path / "face.glb").textures["photo"], read_image(photo))


@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
def test_one_megapixel_of_noise_stays_below_3_megabytes(tmp_path, name):
    photo = enlarged(tmp_path, 1, name, grain=8, colours=3, quality=100, subsampling=0)
    assert photo.stat().st_size > 2_000_000
    Rig.from_photo(photo).save(tmp_path / "face.glb")
    assert (tmp_path / "face.glb").stat().st_size < LARGEST_FILE
    kept = Rig.load(tmp_path / "face.glb").textures["photo"][..., :3].astype(float)
    assert np.square(kept - read_image(photo)[..., :3]).mean() < 50
