"""Skin that turns gets brighter or darker in the photo's light: how much, where, and not at rest."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaldata import eval_file
from phiz.cli import main
from phiz.errors import BackendError
from phiz.motion.clip import Clip, Curve
from phiz.portrait.rig import Rig
from phiz.portrait.shading import blend_normals, irradiance, kernel, skin_normals
from phiz.renderers import gl, open_renderer
from phiz.renderers.pose import joint_matrices
from phiz.renderers.shading import BRIGHTEST, DARKEST, build_shading, shade_vertices
from scene import CENTRE, HEIGHT, WIDTH, grid, make_rig, values

EVEN = (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
FROM_RIGHT = (1.0, 0.0, 0.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0)  # of the picture
FROM_ABOVE = (1.0, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
LIGHTS = st.tuples(*[st.floats(-2, 2)] * 9)
POSES = [
    values(photo=1.0),
    values(headYaw=0.2),
    values(headYaw=-0.2, jawOpen=0.5),
    values(headPitch=0.14, headRoll=-0.1, jawOpen=1.0, photo=0.3),
]


def lit(light: tuple[float, ...]) -> Rig:
    return replace(make_rig(), light=light)


def gains(rig: Rig, row: np.ndarray) -> dict[str, np.ndarray]:
    """By layer, the gain at each vertex."""
    shading = build_shading(rig)
    result = np.empty(sum(len(layer.positions) for layer in rig.layers))
    shade_vertices(shading, joint_matrices(rig.joints, *row[-3:]), row, result)
    ends = np.cumsum([len(layer.positions) for layer in rig.layers])
    parts = np.split(result, ends[:-1])
    return {layer.name: part for layer, part in zip(rig.layers, parts, strict=True)}


def draw(rig: Rig, row: np.ndarray, **options) -> np.ndarray:
    with open_renderer(rig, backend="cpu", threads=1, **options) as renderer:
        return renderer.draw(row)


def middle_of_face(frame: np.ndarray) -> float:
    x, y = (int(place) for place in CENTRE)
    return float(frame[y - 25 : y + 5, x - 20 : x + 20, :3].mean())


@settings(deadline=None, max_examples=30)
@given(LIGHTS)
def test_at_rest_every_gain_is_exactly_1_whatever_the_light(light):
    assert all((part == 1).all() for part in gains(lit(light), POSES[0]).values())


@settings(deadline=None, max_examples=30)
@given(LIGHTS, st.floats(-0.3, 0.3), st.floats(-0.2, 0.2), st.floats(0, 1))
def test_gains_stay_in_their_limits_and_the_background_as_it_is(light, yaw, pitch, jaw):
    found = gains(lit(light), values(headYaw=yaw, headPitch=pitch, jawOpen=jaw, photo=1 - jaw))
    assert (found["background"] == 1).all()
    everything = np.concatenate(list(found.values()))
    assert everything.min() > DARKEST
    assert everything.max() < BRIGHTEST


def test_a_face_that_turns_towards_the_light_gets_brighter():
    for light, towards in (
        (FROM_RIGHT, {"headYaw": 0.2}),
        (FROM_ABOVE, {"headPitch": 0.2}),
    ):
        away = {name: -angle for name, angle in towards.items()}
        plain = middle_of_face(draw(lit(light), values(**towards), relight=False))
        assert middle_of_face(draw(lit(light), values(**towards))) > 1.03 * plain
        plain = middle_of_face(draw(lit(light), values(**away), relight=False))
        assert middle_of_face(draw(lit(light), values(**away))) < 0.97 * plain


def test_even_light_and_no_light_change_nothing():
    for row in POSES:
        plain = draw(make_rig(), row)
        assert np.array_equal(draw(lit(EVEN), row), plain)
        assert np.array_equal(draw(lit(FROM_RIGHT), row, relight=False), plain)


def test_at_rest_the_picture_is_the_same_to_the_bit():
    assert np.array_equal(draw(lit(FROM_RIGHT), POSES[0]), draw(make_rig(), POSES[0]))


def test_the_chin_darkens_under_light_from_above_as_the_jaw_opens():
    rig = lit(FROM_ABOVE)
    face = rig.layer("face")
    found = gains(rig, values(jawOpen=1.0, photo=1.0))["face"]
    chin = np.abs(rig.camera.project(face.positions) - (80.0, 98.0)).max(1) < 6
    brow = rig.camera.project(face.positions)[:, 1] < 45
    assert found[chin].mean() < 0.97
    assert np.abs(found[brow] - 1).max() < 1e-9


def test_teeth_and_eyes_shade_as_the_skin_about_them():
    found = gains(lit(FROM_RIGHT), values(headYaw=0.2, photo=1.0))
    rig = make_rig()
    for name in ("teeth", "cavity"):
        for place, gain in zip(rig.layer(name).positions, found[name], strict=True):
            near = np.argmin(np.hypot(*(rig.layer("face").positions - place)[:, :2].T))
            assert abs(gain - found["face"][near]) < 0.03


def test_small_turns_change_little():
    """No flicker: a hundredth of a degree never changes a pixel by more than rounding does."""
    rig = lit(FROM_RIGHT)
    for yaw in (0.0, 0.05, 0.1):
        first, second = (gains(rig, values(headYaw=yaw + step)) for step in (0.0, 2e-4))
        assert max(np.abs(first[name] - second[name]).max() for name in first) < 5e-4


@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (333, 211)])
def test_both_renderers_shade_alike(size):
    try:
        gl.describe_context()
    except BackendError as error:
        pytest.skip(str(error))
    rig = lit(FROM_RIGHT)
    with (
        open_renderer(rig, size, backend="gl") as card,
        open_renderer(rig, size, backend="cpu") as processor,
    ):
        for row in POSES:
            close = np.abs(card.draw(row).astype(int) - processor.draw(row)).max(axis=2) <= 3
            assert close.mean() >= 0.995


def test_shading_does_not_depend_on_threads():
    with (
        open_renderer(lit(FROM_RIGHT), backend="cpu", threads=1) as one,
        open_renderer(lit(FROM_RIGHT), backend="cpu", threads=3) as three,
    ):
        assert all(np.array_equal(one.draw(row), three.draw(row)) for row in POSES)


def test_a_ball_has_a_balls_normals():
    points, triangles = grid(np.linspace(-0.05, 0.05, 30), np.linspace(-0.05, 0.05, 30))
    places = np.column_stack([points * (1, -1), np.sqrt(0.1**2 - (points**2).sum(1))])
    normals = skin_normals(places, triangles.astype(np.int64))
    inner = places[np.hypot(*points.T) < 0.025]
    found = blend_normals(kernel(places, inner, 0.02), normals)
    assert (found * inner / 0.1).sum(1).min() > 0.999
    alone = blend_normals(kernel(places, np.array([[9.0, 9.0, 0.0]]), 0.02), normals)
    assert alone.tolist() == [[0, 0, 1]]


def test_the_demo_portrait_is_lit_from_the_side_it_seems_to_be(demo_rig):
    """It is an even studio light: no direction is twice as bright as another."""
    light = np.array(Rig.load(demo_rig).light)
    sides = [irradiance(light, x, y, 0.8) for x, y in ((0.6, 0), (-0.6, 0), (0, 0.6), (0, -0.6))]
    assert min(sides) > 0.7
    assert max(sides) < 1.5


@pytest.mark.parametrize(
    ("name", "bright", "dark"),
    [("cg_boy.jpg", -0.6, 0.6), ("photo_img24_glasses_teeth.jpg", 0.6, -0.6)],
)
def test_a_face_lit_from_one_side_is_found_to_be(name, bright, dark, sitters):
    eval_file(f"portraits/{name}")
    light = np.array(sitters(name).rig.light)
    assert irradiance(light, bright, 0.0, 0.8) > 1.5 * irradiance(light, dark, 0.0, 0.8)


def test_a_video_is_drawn_with_or_without_the_light(tmp_path):
    """`phiz render --no-relight`, and `relight=False`, reach the renderer."""
    clip = Clip(0.2, {"headYaw": Curve(np.array([0.0, 0.2]), np.array([0.1, 0.2]))})
    lit(FROM_RIGHT).save(tmp_path / "lit.glb")
    make_rig().save(tmp_path / "plain.glb")
    clip.save(tmp_path / "clip.json")
    hashes = {}
    for name, face, options in (
        ("lit", "lit.glb", []), ("off", "lit.glb", ["--no-relight"]), ("plain", "plain.glb", [])
    ):  # fmt: skip
        listed = tmp_path / f"{name}.txt"
        files = [str(tmp_path / file) for file in (face, "clip.json")]
        output = ["-o", str(tmp_path / f"{name}.mp4"), "--hashes", str(listed), "--backend", "cpu", "--quiet"]
        assert main(["render", *files, *output, *options]) == 0
        hashes[name] = listed.read_text(encoding="utf-8")
    assert hashes["off"] == hashes["plain"] != hashes["lit"]
