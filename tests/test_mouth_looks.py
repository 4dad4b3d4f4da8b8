"""What is made up inside a mouth belongs to its picture: the teeth's colour, sharpness, line and ends."""

import numpy as np
import pytest
from numpy.typing import NDArray

from drawn_face import draw_face
from measures import openings, seen
from phiz.portrait.enamel import ARCH_LENGTH, paint_row
from phiz.portrait.form import Form, find_form
from phiz.portrait.inside import look_inside
from phiz.portrait.light import LUMINANCE, Light, edge_blur
from sitters import SITTERS, Sitters

Array = NDArray[np.float64]
GREY = np.array([200.0, 196.0, 188.0])
VARNISH = np.array([1.0, 0.93, 0.5])


def drawn_form(expression: str, filter: Array, look: str = "brown") -> Form:
    """The form of a drawn face seen through a coloured glass, [3] in 0..1."""
    face = draw_face(expression, look)
    pixels = np.dstack([face.pixels[..., :3] * filter, np.full(face.pixels.shape[:2], 255)])
    return find_form(pixels.astype(np.uint8), face.landmarks)


def teeth(form: Form, name: str = "teeth_upper") -> Array:
    """Colour [3] of the two middle teeth."""
    texture = look_inside(form).textures[name].astype(float)
    middle, across = texture.shape[1] // 2, texture.shape[1] // 14
    part = texture[-texture.shape[0] // 3 :, middle - across : middle + across]
    return np.asarray(part[part[..., 3] > 250][:, :3].mean(0))


def test_teeth_are_as_yellow_as_the_picture() -> None:
    plain, golden = (teeth(drawn_form("closed", glass)) for glass in (np.ones(3), VARNISH))
    assert plain[2] / plain[1] > 0.85
    assert golden[2] / golden[1] < 0.72 * plain[2] / plain[1]
    assert golden[0] > golden[1]  # and not green


def test_teeth_of_dark_skin_are_no_yellower() -> None:
    fair, dark = (teeth(drawn_form("closed", np.ones(3), look)) for look in ("brown", "dark"))
    assert dark[2] / dark[1] > 0.93 * fair[2] / fair[1]


def test_teeth_in_the_dark_do_not_glow() -> None:
    bright, dark = (teeth(drawn_form("closed", np.full(3, light))) for light in (1.0, 0.2))
    assert dark @ LUMINANCE < 0.35 * (bright @ LUMINANCE)


def test_made_teeth_are_as_blurred_as_the_photo() -> None:
    import cv2

    face = draw_face("closed")
    eyes, light = face.landmarks[36:48], Light(GREY, GREY, GREY)
    blurs = []
    for deviation in (0.0, 2.0, 4.0):
        soft = cv2.GaussianBlur(face.pixels, (0, 0), deviation) if deviation else face.pixels
        blurs.append(edge_blur(soft, eyes))
    assert blurs[0] < 0.8
    assert blurs[0] + 0.4 < blurs[1] < blurs[2] - 0.4
    assert blurs[2] < 4.5
    steep = [
        np.abs(np.diff(paint_row(light, upper=True, blur=blur)[..., 3].astype(float), axis=0)).max()
        for blur in (0.0, 0.3, 0.9)
    ]
    assert steep[0] > 2 * steep[1] > 3 * steep[2]


@pytest.mark.parametrize("name", SITTERS)
def test_rows_of_teeth_lie_along_the_lips(name: str, sitters: Sitters) -> None:
    """Made ones: a pose that is a little off would hide them on one side and bare them on the other."""
    rig = sitters(name).rig
    row = rig.layer("teeth_lower")
    edge = np.flatnonzero(row.uvs[:, 1] == row.uvs[:, 1].max())
    ends = edge[[np.argmin(np.abs(row.uvs[edge, 0] - 0.5 - side * 22 / ARCH_LENGTH / 2)) for side in (-1, 1)]]
    teeth_line = rig.camera.project(row.positions[ends])
    ring = openings(rig)["mouth"]
    lip_line = seen(rig)[[ring[0][0], ring[0][-1]]]
    slopes = [np.degrees(np.arctan2(*(line[1] - line[0])[::-1])) for line in (teeth_line, lip_line)]
    assert abs(slopes[0] - slopes[1]) < 1.5


def test_what_opens_has_a_round_outline(sitters: Sitters) -> None:
    """An open mouth is no hexagon: it opens soon beside its corners."""
    rig = sitters("drawn_closed").rig
    upper, lower = openings(rig)["mouth"]
    places = seen(rig, jawOpen=0.8)
    height = places[lower, 1] - places[upper, 1]
    across = places[upper, 0]
    share = (across - across[0]) / (across[-1] - across[0])
    profile = np.interp([0.06, 0.25, 0.5, 0.75, 0.94], share, height) / height.max()
    assert profile[[0, 4]] == pytest.approx(0.37, abs=0.04)
    assert profile[[1, 3]] == pytest.approx(0.87, abs=0.03)


def test_the_photos_own_teeth_end_in_a_curve() -> None:
    """Where they are carried on under the lips: no block with upright ends."""
    texture = look_inside(drawn_form("smiling", np.ones(3))).textures["teeth_photo"].astype(float)
    covered = texture[..., 3] > 100
    columns = np.flatnonzero(covered.any(0))
    edge = texture.shape[0] - np.argmax(covered[::-1], axis=0)[columns]
    height = np.ptp(np.flatnonzero(covered.any(1)))
    assert edge[[0, -1]].max() < np.median(edge) - 0.08 * height
    assert np.abs(np.diff(edge)).max() < 0.2 * height


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_face_that_lies_on_its_side_keeps_its_own_teeth(quarters: int) -> None:
    face = draw_face("smiling")
    upright = drawn_form("smiling", np.ones(3))
    pixels, (x, y), size = face.pixels, face.landmarks.T, face.pixels.shape[0]
    for _ in range(quarters):
        pixels, x, y = np.rot90(pixels), y, size - x
    opaque = np.dstack([pixels[..., :3], np.full(pixels.shape[:2], 255)]).astype(np.uint8)
    lying = find_form(opaque, np.stack([x, y], axis=1))
    one, other = (look_inside(form).textures["teeth_photo"].astype(float) for form in (upright, lying))
    back = np.rot90(other, -quarters)
    assert back.shape == pytest.approx(one.shape, abs=12)
    rows, columns = np.minimum(back.shape, one.shape)[:2]
    covered = [texture[:rows, :columns, 3] > 128 for texture in (one, back)]
    assert (covered[0] == covered[1]).mean() > 0.93
