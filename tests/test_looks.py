"""How a face moves and what it shows while it does, over everyone: lashes, gaze, tongue, teeth, parallax."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from measures import Field, Turn, seen, values
from phiz.channels import INDEX
from phiz.motion.viseme_table import visemes
from phiz.portrait.enamel import ARCH_LENGTH, UPPER_HEIGHT, paint_row
from phiz.portrait.form import Form
from phiz.portrait.frame import fit_frame
from phiz.portrait.glasses import bars_above
from phiz.portrait.light import Light
from phiz.portrait.rig import Rig
from phiz.renderers import open_renderer
from sitters import SITTERS, Sitters
from test_rig_pictures import painted, shown

Array = NDArray[np.float64]

SIDES = ("right", "left")
UP = {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0}
DOWN = {"browDownLeft": 1.0, "browDownRight": 1.0}
INCISOR = 8.5  # millimetres, an upper central one (Magne et al. 2003)
GLASSES = [name for name in SITTERS if "glasses" in name]
TONGUE = 15.0  # square millimetres of it that are seen at least
BLURRED = {"photo_lab3_backlit.png", "photo_mouthopen_turned.png", "group_three.jpg", "sculpt_terracotta.jpg"}


def lid_motion(form: Form, side: str, weight: float) -> tuple[Array, float]:
    """How far, in shares of the eye's opening, a blink of that weight closes the middle of the upper lid's
    edge, lash line, crease and rim, float64 [4]; and the opening in millimetres."""
    rings, move = form.mesh.rings[f"eye_{side}"], form.shapes.shapes[f"eyeBlink{side.capitalize()}"]
    middle = rings.shape[1] // 4
    gap = (form.places[rings[0, middle]] - form.places[rings[0, -middle]])[:2]
    return -weight * move[rings[:, middle], :2] @ gap / (gap @ gap), 1000 * float(np.hypot(*gap))


@pytest.mark.parametrize("name", SITTERS)
def test_lashes_stay_on_the_lid_and_the_crease_behind_it(name: str, sitters: Sitters) -> None:
    sitter = sitters(name)
    form = sitter.portrait.form
    assert form is not None
    for side in SIDES:
        if sitter.rig.fit[f"eye_{side}"] != "open":
            continue
        for weight in (0.5, 1.0):
            (edge, lashes, crease, rim), opening = lid_motion(form, side, weight)
            assert edge == pytest.approx(0.876 * weight, abs=0.06)  # the lower lid comes up for the rest
            assert abs(lashes - edge) * opening < 0.3
            assert 0.2 * edge < crease < 0.6 * edge
            assert abs(rim) < 0.03


@pytest.mark.parametrize("name", GLASSES)
def test_blinks_and_brows_leave_the_frame_of_glasses_straight(name: str, sitters: Sitters) -> None:
    sitter = sitters(name)
    landmarks = sitter.portrait.landmarks
    frame = fit_frame(landmarks)
    form, points = sitter.portrait.form, []
    for side in SIDES:
        edge = frame.to_face(sitter.rig.camera.project(form.places[form.mesh.rings[f"eye_{side}"][0]]))
        points.append(bars_above(sitter.portrait.pixels, frame, landmarks, edge))
    bars = np.concatenate(points)
    assert len(bars) > 10
    field = Field(sitter.rig, frame.to_picture(bars))
    assert np.hypot(*field.moves(eyeBlinkLeft=1.0, eyeBlinkRight=1.0)[:, :2].T).max() < 0.8
    for brows in (UP, DOWN):
        assert np.hypot(*field.moves(**brows)[:, :2].T).max() < 0.4


def eye_view(rig: Rig, first: int) -> tuple[float, float, float, float]:
    part = rig.landmarks[first : first + 6].astype(float)
    (x, y), (width, height) = part.min(0), np.ptp(part, axis=0)
    return float(x), float(y - 0.3 * width), float(width), float(height + 0.6 * width)


@pytest.mark.parametrize("name", [name for name in SITTERS if name not in BLURRED])
def test_the_iris_goes_where_it_looks_and_the_light_on_it_stays(name: str, sitters: Sitters) -> None:
    """15 degrees: about 3 mm of a ball of 12 mm; what the shine layer shows is where it was."""
    rig = sitters(name).rig
    if rig.fit["eye_right"] != "open":
        pytest.skip("its eyes do not move")
    looks = {"left": ("eyeLookInRight", 1), "right": ("eyeLookOutRight", -1)}
    for layer, least in (("iris", True), ("shine", False)):
        coded = painted(rig, lambda other, layer=layer: other == f"{layer}_right")
        view = eye_view(rig, 36)
        width, height = view[2:]
        size = (240, round(240 * height / width))
        places = {}
        for look, (shape, _) in {"": ("photo", 0), **looks}.items():
            pose = values(**{"photo": 1.0, shape: 1.0 if shape == "photo" else 0.5})
            with (
                open_renderer(rig, size, view=view, backend="cpu") as plain,
                open_renderer(coded, size, view=view, backend="cpu") as code,
            ):
                change = np.abs(plain.draw(pose)[..., :3].astype(int) - code.draw(pose)[..., :3]).sum(2)
            places[look] = np.average(np.arange(size[0]), weights=change.sum(0) + 1e-9)
        for look, (_, sign) in looks.items():
            moved = sign * (places[look] - places[""]) * width / size[0] / rig.camera.scale * 1000
            assert (0.6 < moved < 4.5) if least else abs(moved) < 0.4, (layer, look, moved)


@pytest.mark.parametrize("name", SITTERS)
def test_the_tongue_is_seen_in_th_and_l(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    masks = shown(rig, ("tongue",), [pose("th"), pose("l")])
    square = (1000 / rig.camera.scale) ** 2
    assert min(float(mask.sum()) for mask in masks) * square > TONGUE


def pose(viseme: str) -> dict[str, float]:
    """The weights of a row of the viseme table, by channel."""
    weights: dict[str, float] = {}
    for shape, weight in visemes()[viseme].weights.items():
        names = [shape] if shape in INDEX else [f"{shape}Left", f"{shape}Right"]
        weights |= dict.fromkeys(names, float(weight))
    return weights


def turned(rig: Rig, turn: Turn, points: Array) -> Array:
    """Where points [n, 2] of the photo are seen, [n, 2], when the head is turned, in millimetres."""
    field = Field(rig, points)
    places = seen(rig, turn, photo=1.0)[field.vertices]
    return (places * field.shares[..., None]).sum(1) / rig.camera.scale * 1000


@pytest.mark.parametrize("name", SITTERS)
def test_the_nose_goes_further_than_the_cheeks_when_the_head_turns(name: str, sitters: Sitters) -> None:
    """Its tip lies some 20 mm before them: 12 degrees part them by some millimetres, to either side."""
    rig = sitters(name).rig
    frame = fit_frame(rig.landmarks.astype(np.float64))
    face = frame.to_face(rig.landmarks.astype(np.float64))
    cheeks = (face[[41, 46]] + face[[31, 35]]) / 2
    points = frame.to_picture(np.vstack([face[30], cheeks]))
    apart = {}
    for yaw, pitch in itertools.product((-12.0, 0.0, 12.0), (-8.0, 0.0, 8.0)):
        nose, *sides = turned(rig, (yaw, pitch, 0.0), points)
        apart[yaw, pitch] = nose - np.mean(sides, axis=0)
    across = [apart[yaw, 0.0][0] - apart[0.0, 0.0][0] for yaw in (-12.0, 12.0)]
    down = [apart[0.0, pitch][1] - apart[0.0, 0.0][1] for pitch in (-8.0, 8.0)]
    least = 1.2 if abs(float(rig.fit["yaw_deg"])) > 25 else 2.5  # the far cheek comes up to the nose
    assert -9 < across[0] < -least
    assert least < across[1] < 9
    assert 1 < down[0] < 7
    assert -7 < down[1] < -1


def test_made_teeth_are_of_natural_size_with_gums_above() -> None:
    grey = np.array([200.0, 196.0, 188.0])
    row = paint_row(Light(grey, grey, grey), upper=True).astype(float)
    dots = row.shape[1] / (2 * ARCH_LENGTH)
    assert dots == pytest.approx(row.shape[0] / UPPER_HEIGHT, rel=0.01)
    crown = row[-round(5 * dots), :, 1]  # 5 mm above the biting edge
    dark = [k for k in range(2, len(crown) - 2) if crown[k] < min(crown[k - 2], crown[k + 2]) - 15]
    gaps = np.array(dark) / dots - ARCH_LENGTH
    for place in (-INCISOR, 0.0, INCISOR):  # between the teeth
        assert np.abs(gaps - place).min() < 0.3
    assert not np.any((np.abs(gaps) > 1) & (np.abs(gaps) < INCISOR - 1))
    middle = row[:, round((ARCH_LENGTH + INCISOR / 2) * dots), :3]
    pink = middle[:, 0] > 1.4 * middle[:, 1]
    length = (len(pink) - np.flatnonzero(pink).max() - 1) / dots  # of the crown, below the gum
    assert 9 < length < 12
    assert pink[: round(6 * dots)].all()


@pytest.mark.parametrize("name", SITTERS)
def test_teeth_are_as_large_in_the_head_as_they_are_painted(name: str, sitters: Sitters) -> None:
    """The two middle ones of the upper row are 17 mm together; a head far to the side has them further apart,
    as they slide along the line of sight."""
    rig = sitters(name).rig
    teeth = rig.layer("teeth_lower" if "teeth_photo" in rig.textures else "teeth_upper")
    edge = teeth.positions[teeth.uvs[:, 1] == teeth.uvs[:, 1].max()].astype(float)
    along = np.concatenate([[0.0], np.cumsum(np.hypot.reduce(np.diff(edge, axis=0), axis=1))]) * 1000
    u = teeth.uvs[teeth.uvs[:, 1] == teeth.uvs[:, 1].max()][:, 0]
    shares = 0.5 + np.array([-INCISOR, INCISOR]) / (2 * ARCH_LENGTH)
    width = float(np.ptp(np.interp(shares, u, along)))
    inset = 1.6 if teeth.name == "teeth_lower" else 0.0  # the lower arch is the smaller
    if abs(float(rig.fit["yaw_deg"])) < 20:
        assert width == pytest.approx(2 * INCISOR - inset, abs=0.5)
