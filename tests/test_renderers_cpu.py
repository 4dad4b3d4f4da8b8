"""The CPU renderer's promises: exact pixels at rest, watertight meshes, the same bytes everywhere."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.portrait.rig import Rig
from phiz.renderers import open_renderer
from scene import CAMERA, HEIGHT, WIDTH, grid, make_layer, make_rig, picture, soft_hair, values

ROWS = np.stack(
    [
        values(),
        values(jawOpen=0.7, headYaw=0.2),
        values(headPitch=-0.15, headRoll=0.1, photo=0.5),
        values(jawOpen=0.01),
    ]
)
# Of the four frames above at 160x120. Change it only together with a change that is meant to change pixels.
GOLDEN = "cc0f573a9e76de5a5fe393b2afc57cab51a601a2a1f908044ad06fd0f58d7b8d"


def draw(rig: Rig, row: np.ndarray, size=None, view=None, threads: int = 1) -> np.ndarray:
    with open_renderer(rig, size, view=view, backend="cpu", threads=threads) as renderer:
        return renderer.draw(row)


def digest(threads: int) -> str:
    with open_renderer(make_rig(), backend="cpu", threads=threads) as renderer:
        return hashlib.sha256(b"".join(renderer.draw(row).tobytes() for row in ROWS)).hexdigest()


def only(*layers, **textures) -> Rig:
    return Rig(
        layers,
        {"photo": picture(), **textures},
        np.zeros((3, 3), np.float32),
        CAMERA,
        np.zeros((68, 2), np.float32),
    )


def test_a_rig_at_rest_shows_its_textures_to_the_bit():
    photo = picture()
    frame = draw(make_rig(hair=False), values())
    mouth = (slice(76, 89), slice(62, 98))
    assert not np.array_equal(frame[mouth], photo[mouth])  # teeth show
    frame[mouth] = photo[mouth]
    assert np.array_equal(frame, photo)


def test_a_crop_at_rest_is_cut_from_the_picture():
    frame = draw(make_rig(hair=False), values(), (50, 30), (100.0, 10.0, 50.0, 30.0))
    assert np.array_equal(frame, picture()[10:40, 100:150])


def test_soft_alpha_is_laid_over_exactly():
    hair, under = soft_hair().astype(float), picture().astype(float)
    alpha = hair[..., 3:] / 255
    expected = hair * alpha + under * (1 - alpha)
    frame = draw(make_rig(), values())
    inside = (slice(7, 55), slice(31, 129))
    assert np.abs(frame - expected)[inside][..., :3].max() <= 1.01
    assert (frame[..., 3] == 255).all()


def test_colour_beneath_alpha_0_never_shows():
    rig = make_rig()
    black = rig.textures["hair"].copy()
    black[black[..., 3] == 0] = 0
    for size in ((WIDTH, HEIGHT), (70, 55), (320, 240)):
        frame = draw(rig, ROWS[1], size)
        assert np.array_equal(
            frame, draw(replace(rig, textures={**rig.textures, "hair": black}), ROWS[1], size)
        )


def test_alpha_is_straight_where_nothing_lies_behind():
    hair = make_rig().layer("hair")
    frame = draw(only(hair, hair=soft_hair()), values())
    assert (frame[0] == 0).all()
    inside = (slice(10, 50), slice(35, 125))
    assert np.abs(frame[inside][..., 3].astype(int) - soft_hair()[inside][..., 3]).max() <= 1
    solid = frame[..., 3] > 200
    assert np.abs(frame.astype(int) - soft_hair())[solid].max() <= 2


def test_smaller_frames_average_the_texture():
    frame = draw(make_rig(hair=False), values(), (80, 60))
    quarters = picture().astype(float).reshape(60, 2, 80, 2, 4).mean(axis=(1, 3))
    away = np.abs(frame - quarters)
    away[36:46, 30:50] = 0  # the mouth
    assert away.max() <= 0.51


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.sampled_from([(WIDTH, HEIGHT), (201, 77)]))
def test_meshes_are_watertight(seed, lines, size):
    """A translucent colour laid on by a jittered mesh comes out even: no pixel is missed or covered twice."""
    random = np.random.default_rng(seed)
    points, triangles = grid(np.linspace(-8, WIDTH + 8, lines), np.linspace(-8, HEIGHT + 8, lines))
    inner = ((points > points[0]) & (points < points[-1])).all(axis=1)[:, None]
    points += inner * random.uniform(-0.24, 0.24, points.shape) * (points[-1] - points[0]) / (lines - 1)
    points = np.round(points * 8) / 8  # where samples lie: many fall on edges, which must be one side's
    colour = np.full((4, 4, 4), (200, 100, 50, 128), np.uint8)
    back = make_layer("back", *grid(np.array([-50.0, 250.0]), np.array([-50.0, 250.0])), -0.1)
    mesh = make_layer(
        "mesh",
        points,
        triangles[random.permutation(len(triangles))],
        0.0,
        texture="t",
        uvs=points * 0 + 0.5,
        blend=True,
    )
    white = np.full((1, 1, 4), 255, np.uint8)
    frame = draw(only(replace(back, texture="w"), mesh, t=colour, w=white), values(), size)
    assert len(np.unique(frame.reshape(-1, 4), axis=0)) == 1
    assert frame[0, 0].tolist() == [227, 177, 152, 255]


def test_triangles_without_area_and_slivers_change_nothing():
    rig = make_rig(hair=False)
    face = rig.layer("face")
    extra = np.array([[0, 0, 0], [3, 3, 7], [0, 1, 1]], np.uint32)
    flat = replace(face, triangles=np.concatenate([face.triangles, extra]))
    points = np.array([[10.0, 10.0], [150.0, 10.0001], [80.0, 10.0]])
    sliver = make_layer("sliver", points, np.array([[0, 1, 2]]), 0.0)
    for row in ROWS:
        plain = draw(rig, row)
        assert np.array_equal(draw(replace(rig, layers=(*rig.layers[:3], flat)), row), plain)
        assert np.array_equal(draw(replace(rig, layers=(*rig.layers, sliver)), row), plain)


@pytest.mark.parametrize("view", [(5000.0, 0.0, 160.0, 120.0), (0.0, -9e5, 10.0, 10.0)])
def test_nothing_is_drawn_out_of_view(view):
    assert not draw(make_rig(), ROWS[1], view=view).any()


def test_triangles_far_larger_than_the_frame():
    """A view of half a pixel shows the blend from one texel to its neighbours."""
    frame = draw(make_rig(), values(), (64, 64), (20.5, 100.5, 0.5, 0.5))[..., :3].astype(float)
    texels = picture()[100:102, 20:22, :3].astype(float)
    x = ((np.arange(64) + 0.5) / 128)[None, :, None]
    y = x.reshape(64, 1, 1)
    expected = (texels[0, 0] * (1 - x) + texels[0, 1] * x) * (1 - y) + (
        texels[1, 0] * (1 - x) + texels[1, 1] * x
    ) * y
    assert np.abs(frame - expected).max() <= 1.01


@pytest.mark.parametrize("size", [(1, 1), (17, 3), (64, 64), (65, 129)])
def test_odd_sizes(size):
    frame = draw(make_rig(), ROWS[2], size, threads=3)
    assert frame.shape == (size[1], size[0], 4)
    assert (frame[..., 3] == 255).all()


def test_nearer_wins_and_later_wins_ties():
    square = grid(np.array([40.0, 120.0]), np.array([30.0, 90.0]))
    red, blue = (np.full((2, 2, 4), colour, np.uint8) for colour in ((255, 0, 0, 255), (0, 0, 255, 255)))
    for depth, winner in ((0.0, (0, 0, 255)), (-0.01, (255, 0, 0)), (0.01, (0, 0, 255))):
        first = make_layer("first", *square, 0.0, texture="red")
        second = make_layer("second", *square, depth, texture="blue")
        frame = draw(only(first, second, red=red, blue=blue), values())
        assert tuple(frame[60, 80][:3]) == winner


def test_the_same_bytes_for_any_number_of_threads():
    assert digest(1) == digest(2) == digest(5) == GOLDEN


def test_the_same_bytes_in_another_process():
    code = "import test_renderers_cpu as t; print(t.digest(2))"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == digest(1)


def test_frames_do_not_depend_on_frames_before():
    with open_renderer(make_rig(), backend="cpu", threads=2) as renderer:
        first = [renderer.draw(row) for row in ROWS]
        again = [renderer.draw(row) for row in ROWS[::-1]][::-1]
        assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


def test_many_threads_may_draw_at_once():
    with open_renderer(make_rig(), backend="cpu", threads=2) as renderer, ThreadPoolExecutor(4) as callers:
        expected = [renderer.draw(row) for row in ROWS]
        drawn = list(callers.map(renderer.draw, [*ROWS] * 6))
        assert all(np.array_equal(frame, expected[i % len(ROWS)]) for i, frame in enumerate(drawn))


def test_draw_many_can_be_left_early():
    with open_renderer(make_rig(), backend="cpu", threads=2) as renderer:
        frames = renderer.draw_many(np.repeat(ROWS, 20, axis=0))
        assert np.array_equal(next(frames), renderer.draw(ROWS[0]))
        frames.close()
