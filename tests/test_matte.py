"""The person's outline, the soft edge, the person's own colours, and the background painted behind."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.data import demo_portrait
from phiz.portrait.background import paint_out
from phiz.portrait.find import find_portrait
from phiz.portrait.matting import closed_form, guided_enlarge, unmix
from phiz.portrait.person import head_frame, segment


@pytest.fixture(scope="module")
def demo():
    return find_portrait(demo_portrait())


def place(portrait, x, y):
    """Picture index of a place given in eye distances right of and below the point between the eyes."""
    frame = head_frame(portrait.landmarks)
    at = frame.eyes + frame.unit * (x * frame.across + y * frame.down)
    return int(at[1]), int(at[0])


def test_the_demo_person_is_cut_out(demo):
    for x, y in ((0, 0), (0, 0.8), (0, -1.0), (0, 2.5), (-1.5, 4), (1, 4), (-0.9, -0.6), (0.9, -0.6)):
        assert demo.matte[place(demo, x, y)] > 0.98, (x, y)
    for x, y in ((-2.4, -0.5), (2.4, -0.5), (-2, -2), (2, -2), (3, 0), (1.6, 1.2), (4.5, 1)):
        assert demo.matte[place(demo, x, y)] < 0.02, (x, y)
    assert demo.matte_confidence > 0.8


def test_the_demo_hair_edge_is_soft_and_thin(demo):
    soft = (demo.matte > 0.1) & (demo.matte < 0.9)
    assert 0 < soft[:160].sum() < 1300  # about 400 pixels of outline


def test_layers_give_the_photo_again(demo):
    alpha = demo.matte[:, :, None]
    together = demo.foreground * alpha + demo.background * (1 - alpha)
    error = np.abs(together - demo.pixels[:, :, :3]).max(2)
    assert (error > 6).mean() < 0.01
    assert error[demo.matte > 0.5].mean() < 1


def test_background_keeps_the_photo_away_from_the_person(demo):
    reach = int(0.2 * demo.interpupillary) + 2
    near = cv2.dilate((demo.matte > 0.02).astype(np.uint8), np.ones((2 * reach + 1,) * 2))
    away = near == 0
    assert away.mean() > 0.2
    np.testing.assert_array_equal(demo.background[away], demo.pixels[:, :, :3][away])


def test_no_ghost_in_the_background(demo):
    """Behind the hair the fill has the wall's colour, not the hair's."""
    for x, y in ((0, -1.2), (-0.8, -0.8), (0.8, -0.8), (0, 0)):
        row, column = place(demo, x, y)
        fill = demo.background[row - 4 : row + 5, column - 4 : column + 5].mean((0, 1))
        assert fill.min() > 150, (x, y, fill)
        assert np.ptp(fill) < 40


def test_the_same_picture_gives_the_same_bytes(demo):
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1 if threads > 1 else 2)
    try:
        again = find_portrait(demo_portrait())
    finally:
        cv2.setNumThreads(threads)
    np.testing.assert_array_equal(again.landmarks, demo.landmarks)
    for name in ("matte", "foreground", "background"):
        np.testing.assert_array_equal(getattr(again, name), getattr(demo, name))
    assert again.matte_confidence == demo.matte_confidence


def test_a_face_that_fills_the_picture_is_all_person(demo):
    (top, left), (bottom, right) = place(demo, -0.7, -0.3), place(demo, 0.7, 1.4)
    crop = np.ascontiguousarray(demo.pixels[top:bottom, left:right, :3])
    assert segment(crop, demo.landmarks - [left, top])[0].mean() > 0.9


def test_confidence_falls_where_the_person_cannot_be_told_apart(demo):
    from phiz.portrait.matte import cut_out

    murky = cv2.GaussianBlur(cv2.cvtColor(demo.pixels[:, :, :3], cv2.COLOR_RGB2GRAY), (0, 0), 30) // 4
    opaque = np.full((512, 512), 255, np.uint8)
    _, confidence = cut_out(np.dstack([murky] * 3), opaque, demo.landmarks)
    assert confidence < 0.5


def line_picture(edge=32.0, softness=6.0):
    """Two flat colours with a ramp of alpha between them."""
    alpha = np.clip((np.arange(64) - edge) / softness + 0.5, 0, 1)[None, :].repeat(48, 0)
    front, back = np.array([0.8, 0.5, 0.2]), np.array([0.1, 0.3, 0.7])
    return alpha, alpha[:, :, None] * front + (1 - alpha[:, :, None]) * back, front, back


@settings(deadline=None, max_examples=10)
@given(st.floats(24, 40), st.floats(1, 10))
def test_closed_form_recovers_alpha_between_two_colours(edge, softness):
    alpha, picture, _, _ = line_picture(edge, softness)
    trimap = np.full(alpha.shape, 0.5)
    trimap[:, :14], trimap[:, 50:] = 0, 1
    found = closed_form(picture, trimap, (alpha > 0.5).astype(float), 1e-4)
    assert np.abs(found - alpha).max() < 0.03


def test_closed_form_keeps_what_is_known():
    alpha, picture, _, _ = line_picture()
    trimap = (alpha > 0.5).astype(float)
    np.testing.assert_array_equal(closed_form(picture, trimap, trimap, 1e-3), trimap)


def test_guided_enlarging_follows_the_large_picture():
    alpha, picture, _, _ = line_picture(softness=1.0)
    large = cv2.resize(picture, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    found = guided_enlarge(alpha, picture, np.uint8(255 * large + 0.5), 2)
    assert found.shape == (192, 256)
    assert np.abs(found - cv2.resize(alpha, None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)).mean() < 0.01


def test_unmixing_gives_the_pure_colour():
    alpha, picture, front, back = line_picture(softness=8.0)
    pixels = np.uint8(255 * picture + 0.5)
    background = np.broadcast_to(np.uint8(255 * back + 0.5), pixels.shape)
    found = unmix(pixels, alpha.astype(np.float32), background, 12.0)
    mixed = (alpha > 0.1) & (alpha < 0.99)
    assert np.abs(found[mixed].astype(int) - 255 * front).max() < 6


def test_fill_continues_a_gradient(demo):
    y, x = np.mgrid[:512, :512]
    picture = np.uint8(np.stack([40 + x / 4, 60 + y / 4, 100 + 0 * x], 2))
    painted = picture.copy()
    painted[demo.matte > 0] = [0, 255, 0]
    filled = paint_out(painted, demo.matte, demo.landmarks)
    head = (demo.matte > 0.5) & (y < 170)
    assert np.abs(filled[head].astype(int) - picture[head]).mean() < 4


def test_nothing_known_leaves_the_picture(demo):
    picture = np.ascontiguousarray(demo.pixels[:, :, :3])
    for value in (0, 1):
        matte = np.full((512, 512), value, np.float32)
        np.testing.assert_array_equal(paint_out(picture, matte, demo.landmarks), picture)
