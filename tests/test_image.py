"""Pictures of every kind come out upright, sRGB, eight bits, straight alpha; bad ones name their problem."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from phiz.errors import ImageError
from phiz.portrait import image as image_module
from phiz.portrait.image import on_white, read_image, read_scaled_image

SIZE = (96, 80)


def gradient() -> Image.Image:
    """No two corners alike, so that a wrong turn shows."""
    x, y = np.meshgrid(np.linspace(0, 1, SIZE[0]), np.linspace(0, 1, SIZE[1]))
    return Image.fromarray(np.uint8(np.stack([255 * x, 255 * y, 60 + 60 * x * y], 2)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation_is_undone(tmp_path, orientation):
    upright = gradient()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Transpose members that make the stored picture
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in ("turned.png", "turned.tif"):
        stored.save(tmp_path / name, exif=exif)
        np.testing.assert_array_equal(read_image(tmp_path / name)[:, :, :3], np.asarray(upright))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "CMYK", "YCbCr", "I;16"])
def test_every_mode_becomes_rgba(tmp_path, mode):
    if mode == "I;16":
        grey = np.asarray(gradient().convert("L")).astype(np.uint16) * 257
        picture, name = Image.fromarray(grey), "picture.png"
    else:
        picture = gradient().convert(mode)
        name = "picture.tif" if mode in ("CMYK", "YCbCr") else "picture.png"
    picture.save(tmp_path / name)
    pixels = read_image(tmp_path / name)
    assert pixels.shape == (80, 96, 4)
    assert pixels.dtype == np.uint8
    assert (pixels[:, :, 3] == 255).all()
    expected = gradient().convert("L" if mode == "I;16" else mode).convert("RGB")
    assert np.abs(pixels[:, :, :3].astype(int) - np.asarray(expected)).max() <= 2


def test_sixteen_bit_colour_keeps_its_range(tmp_path):
    import cv2

    wide = np.asarray(gradient()).astype(np.uint16) * 257
    cv2.imwrite(str(tmp_path / "wide.png"), wide[:, :, ::-1])
    np.testing.assert_array_equal(read_image(tmp_path / "wide.png")[:, :, :3], np.asarray(gradient()))


def test_transparency_stays_straight(tmp_path):
    picture = gradient().convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(SIZE))
    picture.save(tmp_path / "clear.png")
    np.testing.assert_array_equal(read_image(tmp_path / "clear.png"), np.asarray(picture))


def test_transparent_palette_and_first_frame(tmp_path):
    first = Image.new("P", SIZE, 1)
    first.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    first.paste(0, (0, 0, 48, 80))
    second = Image.new("P", SIZE, 2)
    second.putpalette(first.getpalette())
    first.save(tmp_path / "moving.gif", save_all=True, append_images=[second], transparency=0)
    pixels = read_image(tmp_path / "moving.gif")
    assert (pixels[40, 90] == [255, 0, 0, 255]).all()
    assert pixels[40, 10, 3] == 0


def test_lab_becomes_srgb(tmp_path):
    grey = Image.new("LAB", SIZE, (128, 128, 128))  # L* = 50: sRGB 119, not 128
    grey.save(tmp_path / "lab.tif")
    pixels = read_image(tmp_path / "lab.tif")
    assert np.abs(pixels[:, :, :3].astype(int) - 119).max() <= 2


def test_a_damaged_profile_is_ignored(tmp_path):
    gradient().save(tmp_path / "odd.png", icc_profile=b"not a profile")
    np.testing.assert_array_equal(read_image(tmp_path / "odd.png")[:, :, :3], np.asarray(gradient()))


@settings(deadline=None, max_examples=20)
@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_imageerror(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "picture.jpg"
    path.write_bytes(data)
    with pytest.raises(ImageError) as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


@settings(deadline=None, max_examples=25)
@given(st.integers(10, 3000), st.sampled_from(["PNG", "JPEG", "GIF", "TIFF"]))
def test_a_cut_off_file_never_crashes(tmp_path_factory, length, kind):
    path = tmp_path_factory.mktemp("cut") / "picture.bin"
    gradient().save(path, kind)
    path.write_bytes(path.read_bytes()[:length])
    try:
        pixels = read_image(path)
    except ImageError as error:
        pixels = None
        message = str(error)
    assert str(path) in message if pixels is None else pixels.shape[2] == 4


def test_missing_folder_and_empty(tmp_path):
    with pytest.raises(ImageError, match="no such file"):
        read_image(tmp_path / "none.png")
    with pytest.raises(ImageError, match="folder"):
        read_image(tmp_path)
    (tmp_path / "empty.png").touch()
    with pytest.raises(ImageError, match="empty"):
        read_image(tmp_path / "empty.png")


def test_too_small_and_too_large_name_size_and_limit(tmp_path, monkeypatch):
    Image.new("RGB", (63, 200)).save(tmp_path / "tiny.png")
    with pytest.raises(ImageError, match=r"63x200.*64"):
        read_image(tmp_path / "tiny.png")
    Image.new("1", (13000, 11000)).save(tmp_path / "vast.png")
    with pytest.raises(ImageError, match=r"143 megapixels.*120"):
        read_image(tmp_path / "vast.png")
    Image.new("1", (20000, 20000)).save(tmp_path / "bomb.png")  # Pillow's own limit strikes first
    with pytest.raises(ImageError, match=r"400 megapixels.*120"):
        read_image(tmp_path / "bomb.png")


@pytest.mark.parametrize("name", ["large.jpg", "large.png"])
def test_large_pictures_are_shrunk(tmp_path, monkeypatch, name):
    monkeypatch.setattr(image_module, "WORKING", 20_000)
    gradient().resize((480, 400)).save(tmp_path / name, quality=95)
    pixels, scale = read_scaled_image(tmp_path / name)
    height, width = pixels.shape[:2]
    assert width * height <= 20_000 * 1.02
    assert width / height == pytest.approx(1.2, rel=0.02)
    assert scale == pytest.approx(width / 480, rel=0.02)
    small = np.asarray(gradient().resize((width, height))).astype(int)
    assert np.abs(pixels[4:-4, 4:-4, :3] - small[4:-4, 4:-4]).mean() < 4


def test_paths_with_spaces_and_other_scripts(tmp_path):
    path = tmp_path / "мой портрет 肖像.png"
    gradient().save(path)
    assert read_image(str(path)).shape == (80, 96, 4)


def test_transparency_is_laid_on_white():
    level, alpha = (values.astype(np.uint8) for values in np.meshgrid(np.arange(256), np.arange(256)))
    laid = on_white(np.dstack([level, level, level, alpha]))[..., 0]
    exact = (level * (alpha / 255) + 255 * (1 - alpha / 255)).round(6)
    assert np.abs(laid - exact).max() <= 0.5
    np.testing.assert_array_equal(laid[255], level[255])
    assert (laid[0] == 255).all()
