"""Two renderers, one picture: they agree, refuse what cannot be drawn, and say what they run on."""

import sys

import numpy as np
import pytest

from phiz.channels import CHANNELS
from phiz.errors import BackendError, RigError, UsageError
from phiz.portrait.rig import Rig
from phiz.renderers import describe_backends, gl, open_renderer
from scene import CAMERA, HEIGHT, WIDTH, grid, make_layer, make_rig, values

POSES = {
    "rest": values(),
    "open": values(jawOpen=1.0),
    "turned": values(headYaw=0.3, jawOpen=0.4),
    "up": values(headPitch=0.2, headRoll=-0.15, photo=1.0),
    "beyond": values(headYaw=-0.5, headPitch=-0.3, jawOpen=1.5, photo=-0.5),
}
FACES = {
    "photo": values(photo=1.0),
    "open": values(jawOpen=0.7),
    "pucker": values(jawOpen=0.2, mouthPucker=0.8),
    "smile, eyes shut": values(mouthSmileLeft=0.8, mouthSmileRight=0.8, eyeBlinkLeft=1.0, eyeBlinkRight=1.0),
    "turned": values(headYaw=0.15, headPitch=0.08, headRoll=-0.06, jawOpen=0.4),
}
VIEWS = {
    "photo": ((WIDTH, HEIGHT), None),
    "half": ((80, 60), None),
    "odd": ((333, 211), None),
    "zoomed": ((200, 150), (52.5, 40.0, 60.0, 45.0)),
    "beside": ((90, 120), (-40.0, -30.0, 120.0, 160.0)),
}


@pytest.fixture(scope="module", autouse=True)
def opengl():
    """OpenGL must work in these tests; where it cannot, its own words say why they are skipped."""
    try:
        gl.describe_context()
    except BackendError as error:
        pytest.skip(str(error))


def check_agreement(rig: Rig, size, view, poses: dict[str, np.ndarray], least: float) -> None:
    """At least that share of each picture's pixels is within 3/255 in both renderers, outlines included."""
    with (
        open_renderer(rig, size, view=view, backend="gl") as card,
        open_renderer(rig, size, view=view, backend="cpu") as processor,
    ):
        for name, row in poses.items():
            first, second = card.draw(row).astype(int), processor.draw(row).astype(int)
            assert first.shape == second.shape == (size[1], size[0], 4)
            close = np.abs(first - second).max(axis=2) <= 3
            assert close.mean() >= least, (name, close.mean())
        assert card.context.error == "GL_NO_ERROR"


@pytest.mark.parametrize("view_name", VIEWS)
def test_same_picture(view_name):
    check_agreement(make_rig(), *VIEWS[view_name], POSES, 0.995)


@pytest.mark.parametrize("size", [(300, 420), (512, 512)])
def test_same_picture_of_a_face(demo_rig, size):
    check_agreement(Rig.load(demo_rig), size, None, FACES, 0.999)


@pytest.mark.parametrize("backend", ["gl", "cpu"])
def test_of_layers_in_one_plane_the_later_wins(backend):
    """Though their triangles differ, and rounding with them."""
    layers, colours = [], {"red": (255, 0, 0, 255), "blue": (0, 0, 255, 255)}
    for name, lines in zip(colours, (6, 9), strict=True):
        points, triangles = grid(np.linspace(20, 140, lines), np.linspace(15, 105, lines + 1))
        slope = 0.3 / 700 * (points[:, 0] - 80) + 0.2 / 700 * (points[:, 1] - 60)
        layer = make_layer(name, points, triangles, slope / (1 + slope / 0.9), (0, 0, 1), texture=name)
        layers.append(layer)
    textures = {name: np.full((1, 1, 4), colour, np.uint8) for name, colour in colours.items()}
    rig = Rig(tuple(layers), textures, np.zeros((3, 3), np.float32), CAMERA, np.zeros((68, 2), np.float32))
    with open_renderer(rig, (480, 360), backend=backend) as renderer:
        for row in (values(), values(headYaw=0.2, headPitch=0.1)):
            middle = renderer.draw(row)[90:270, 120:360]
            assert (middle == colours["blue"]).all()


def test_draw_many_is_draw_in_order():
    rows = np.stack(list(POSES.values()))
    for backend in ("gl", "cpu"):
        with open_renderer(make_rig(), backend=backend) as renderer:
            for row, frame in zip(rows, renderer.draw_many(rows), strict=True):
                assert np.array_equal(frame, renderer.draw(row))


def test_two_cards_at_once():
    """Each has its own context: drawing with one, or closing it, leaves the other as it was."""
    with open_renderer(make_rig(), backend="gl") as first:
        alone = first.draw(POSES["turned"])
        with open_renderer(make_rig(), (64, 48), backend="gl") as second:
            second.draw(POSES["up"])
            assert np.array_equal(first.draw(POSES["turned"]), alone)
        assert np.array_equal(first.draw(POSES["turned"]), alone)
        assert first.context.error == "GL_NO_ERROR"


def test_the_shader_is_also_es():
    context = gl.make_context()
    try:
        program = gl.build_program(context, "300 es")
        assert {"moving", "neck", "head", "colours"} <= set(program)
    finally:
        context.release()


def test_a_rig_that_shows_nothing():
    rig = make_rig()
    hair = rig.layer("hair")
    clear = np.zeros_like(rig.textures["hair"])
    for backend in ("gl", "cpu"):
        with open_renderer(
            Rig((hair,), {"hair": clear}, rig.joints, CAMERA, rig.landmarks), backend=backend
        ) as empty:
            assert not empty.draw(values()).any()


def test_auto_takes_the_processor_where_opengl_is_emulated(monkeypatch):
    with open_renderer(make_rig(), backend="auto") as renderer:
        words = describe_backends()[0][2]
        assert renderer.name == ("cpu" if "software" in words else "gl")
    monkeypatch.setattr(gl, "is_software", lambda context: False)
    with open_renderer(make_rig(), backend="auto") as renderer:
        assert renderer.name == "gl"


def test_no_opengl(monkeypatch):
    def refuse(*args, **options):
        raise Exception("cannot open display")

    monkeypatch.setattr("moderngl.create_context", refuse)
    with pytest.raises(BackendError, match=r"cannot open display.*--backend cpu"):
        open_renderer(make_rig(), backend="gl")
    with open_renderer(make_rig(), backend="auto") as renderer:
        assert renderer.name == "cpu"
    assert [(name, works) for name, works, _ in describe_backends()] == [("gl", False), ("cpu", True)]


@pytest.mark.parametrize("broken", ["shader", "framebuffer"])
def test_a_driver_that_refuses(monkeypatch, broken):
    """Then `gl` says why and frees what it took, and `auto` draws on the processor."""
    made = []

    def make_context():
        made.append(make())
        return made[-1]

    def refuse(self):
        self.context.framebuffer()  # as drivers without memory do: moderngl raises a bare Exception

    make = gl.make_context
    monkeypatch.setattr(gl, "make_context", make_context)
    monkeypatch.setattr(gl, "is_software", lambda context: False)
    if broken == "shader":
        monkeypatch.setattr(gl, "shader", lambda name: "void main() { this is no GLSL; }")
    else:
        monkeypatch.setattr(gl.GlRenderer, "_make_frame", refuse)
    with pytest.raises(BackendError, match=r"cannot draw here.*--backend cpu") as caught:
        open_renderer(make_rig(), backend="gl")
    assert "\n" not in str(caught.value)
    with open_renderer(make_rig(), backend="auto") as renderer:
        assert renderer.name == "cpu"
    assert [type(context.mglo).__name__ for context in made] == ["InvalidObject"] * 2


def test_no_moderngl(monkeypatch):
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(BackendError, match="--backend cpu"):
        open_renderer(make_rig(), backend="gl")


@pytest.mark.parametrize(
    "request_",
    [
        {"size": (0, 10)},
        {"size": (20000, 10)},
        {"view": (0, 0, 0, 10)},
        {"view": (0, 0, float("nan"), 10)},
        {"threads": 0},
        {"backend": "vulkan"},
    ],
)
def test_impossible_requests(request_):
    with pytest.raises(UsageError):
        open_renderer(make_rig(), **request_)


@pytest.mark.parametrize("backend", ["gl", "cpu"])
def test_impossible_values(backend):
    with open_renderer(make_rig(), backend=backend) as renderer:
        with pytest.raises(UsageError, match="shape"):
            renderer.draw(np.zeros(len(CHANNELS) + 1))
        for wrong in (float("nan"), float("inf"), 1e9):
            with pytest.raises(UsageError, match="jawOpen"):
                renderer.draw(values(jawOpen=wrong))


def test_rigs_that_do_not_fit_together():
    rig = make_rig()
    corner = np.array([[0, 0], [9, 0], [0, 9]], float)
    wrong = {
        "texture": make_layer("x", corner, np.array([[0, 1, 2]]), 0.0, texture="none"),
        "beyond": make_layer("x", corner, np.array([[0, 1, 3]]), 0.0),
        "finite": make_layer("x", corner * np.nan, np.array([[0, 1, 2]]), 0.0),
        "shape": make_layer(
            "x", corner, np.array([[0, 1, 2]]), 0.0, shapes={"jawOpen": np.zeros((2, 3), np.float32)}
        ),
    }
    for word, layer in wrong.items():
        with pytest.raises(RigError, match=word):
            open_renderer(
                Rig((layer,), rig.textures, rig.joints, CAMERA, rig.landmarks), backend="cpu"
            ).close()
    with pytest.raises(RigError, match="layers"):
        open_renderer(Rig((), {}, rig.joints, CAMERA, rig.landmarks), backend="cpu")
