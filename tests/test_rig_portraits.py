"""What must hold for the rig of any portrait, measured on its geometry: photographs, paintings, drawings."""

import json
import subprocess
from collections import Counter
from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from measures import CORNERS, PERSON, STRAIGHT, Field, distance_to_line, flipped, gap, openings, posed, skin
from phiz.channels import SHAPES
from phiz.motion.viseme_table import visemes
from phiz.portrait.form import RIM as LIP_RIM
from phiz.portrait.frame import fit_frame
from phiz.portrait.rig import INTERPUPILLARY, Layer, Rig
from sitters import DRAWN, SITTERS, Sitters
from test_glb import validator
from touching import lip_over_teeth

Array = NDArray[np.float64]

SHUT = 0.005 * INTERPUPILLARY * 1000  # millimetres between lips, or lids, that count as shut
BLINK = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
P = {
    "jawOpen": 0.05, "mouthClose": 0.05, "mouthRollLower": 0.15,
    "mouthPressLeft": 0.25, "mouthPressRight": 0.25,
}  # fmt: skip
LIPS_TOGETHER: tuple[Mapping[str, float], ...] = (
    {}, P, {"jawOpen": 0.3, "mouthClose": 0.3}, {"jawOpen": 1.0, "mouthClose": 1.0},
    {**P, "mouthPucker": 0.6}, {**P, "mouthSmileLeft": 0.7, "mouthSmileRight": 0.7},
    {**P, "mouthSmileLeft": 0.5},
    {**P, "mouthFrownLeft": 0.6, "mouthFrownRight": 0.6}, {**P, "mouthLeft": 0.5},
    {**P, "mouthStretchLeft": 0.5, "mouthStretchRight": 0.5},
    {**P, "mouthDimpleLeft": 1.0, "mouthDimpleRight": 1.0},
    {**P, "mouthShrugUpper": 0.5, "mouthShrugLower": 0.5},
)  # fmt: skip
BLENDS: tuple[dict[str, float], ...] = (
    {"jawOpen": 0.4, "mouthFunnel": 0.4, "mouthPucker": 0.3},
    {"jawOpen": 0.3, "mouthSmileLeft": 0.6, "mouthSmileRight": 0.6},
    {"jawOpen": 0.1, "mouthPucker": 0.7},
)
UNMOVED = 0.2  # millimetres
RIM = 13.0  # millimetres from the lids' edges where the orbit's rim, and the frames of glasses, are


def face_points(rig: Rig, face: Array) -> Field:
    """How points given in face coordinates, [n, 2] in millimetres, move."""
    return Field(rig, fit_frame(rig.landmarks.astype(np.float64)).to_picture(face))


def face_landmarks(rig: Rig) -> Array:
    landmarks = rig.landmarks.astype(np.float64)
    return fit_frame(landmarks).to_face(landmarks)


def lengths(moves: Array) -> Array:
    return np.asarray(np.hypot.reduce(moves, axis=1))


@pytest.mark.parametrize("name", SITTERS)
def test_no_shape_turns_a_triangle_over(name: str, sitters: Sitters) -> None:
    """As the photo is seen and with the head at each corner of its range."""
    rig = sitters(name).rig
    poses = {shape: {shape: 1.0} for shape in SHAPES} | {str(blend): blend for blend in ({}, *BLENDS)}
    poses["mouthClose"]["jawOpen"] = 1.0  # it shuts what jawOpen opens
    turns = (STRAIGHT, *CORNERS)
    counts = {pose: sum(flipped(rig, turn, **poses[pose]) for turn in turns) for pose in poses}
    assert {pose: count for pose, count in counts.items() if count} == {}


@pytest.mark.parametrize("name", SITTERS)
def test_lips_shut_and_open(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    lips = openings(rig)["mouth"]
    gaps = {str(dict(weights)): gap(rig, lips, **weights) for weights in LIPS_TOGETHER}
    assert {pose: far for pose, far in gaps.items() if far > SHUT} == {}
    assert gap(rig, lips, jawOpen=0.43) > 5  # as in "father"
    beyond = gap(rig, lips, photo=1.0) - float(rig.fit["mouth_gap_mm"])
    assert (
        -0.5 < beyond < 2 * LIP_RIM
    )  # parted lips are cut this deep: no tooth moves with them


@pytest.mark.parametrize("name", SITTERS)
def test_the_lower_lip_reaches_the_edges_of_the_upper_teeth_on_f(name: str, sitters: Sitters) -> None:
    over = lip_over_teeth(sitters(name).rig, visemes()["f"].weights)
    if over is None:
        pytest.skip("it shows its own teeth: where they end behind the lips is not known")
    assert over.min() >= 0
    assert over.max() < 2.5


def test_on_some_face_a_lip_that_is_raised_less_does_not_reach_them(sitters: Sitters) -> None:
    f = visemes()["f"].weights
    less = {**f, "mouthClose": f["mouthClose"] - 0.03}
    overs = [lip_over_teeth(sitters(name).rig, less) for name in SITTERS]
    assert min(over.min() for over in overs if over is not None) < 0


def test_the_lips_of_p_b_and_m_are_among_those_tested() -> None:
    weights = {name: value for name, value in visemes()["p"].weights.items() if value}
    assert weights == {name.removesuffix("Left"): value for name, value in P.items() if "Right" not in name}


@pytest.mark.parametrize("name", SITTERS)
def test_a_blink_shuts_the_eyes_and_leaves_what_is_around(name: str, sitters: Sitters) -> None:
    """Brow, orbital rim and the frames of glasses stay where they are."""
    rig = sitters(name).rig
    edges = openings(rig)
    photo = rig.camera.project(posed(skin(rig), photo=1.0)) / rig.camera.scale * 1000
    moved = lengths(posed(skin(rig), **BLINK) - posed(skin(rig))) * 1000
    for side in ("right", "left"):
        eye = edges[f"eye_{side}"]
        if rig.fit[f"eye_{side}"] == "open":
            assert gap(rig, eye, **BLINK) < SHUT
            assert gap(rig, eye, photo=1.0) > 2
            assert moved[np.concatenate(eye)].max() > 2
        moved[np.minimum(*(distance_to_line(photo, photo[chain]) for chain in eye)) < RIM] = 0
    assert moved.max() < UNMOVED
    brow = face_points(rig, face_landmarks(rig)[17:27])
    assert lengths(brow.moves(**BLINK)).max() < UNMOVED


@pytest.mark.parametrize("name", SITTERS)
def test_the_chin_follows_the_jaw_and_the_neck_does_not(name: str, sitters: Sitters) -> None:
    rig = sitters(name).rig
    landmarks = face_landmarks(rig)
    lip, chin = landmarks[57], landmarks[8]
    across, down = np.meshgrid(np.linspace(-14, 14, 7), np.linspace(0.15, 0.9, 6))
    boss = lip + (chin - lip) * down.ravel()[:, None] + np.stack([across.ravel(), 0 * across.ravel()], 1)
    field = face_points(rig, boss)
    before, after = field.places() * 1000, field.places(jawOpen=1.0) * 1000
    assert lengths(after - rigid(before, after)).mean() < 2
    jaw = face_points(rig, landmarks[5:12]).moves(jawOpen=1.0)[:, 1]
    assert jaw[3] < -15
    assert (np.abs(np.diff(jaw)) < 8).all()
    cheek = face_points(rig, (landmarks[[13, 3]] + landmarks[[54, 48]]) / 2).moves(jawOpen=1.0)
    assert (lengths(cheek) > 1).all()
    neck = face_points(rig, chin + np.stack([np.zeros(4), [-60.0, -70, -80, -90]], 1))
    assert lengths(neck.moves(jawOpen=1.0)).max() < 2


def rigid(before: Array, after: Array) -> Array:
    """`before` [n, 3] moved as a rigid body so that it comes nearest to `after`."""
    middle, to = before.mean(0), after.mean(0)
    u, _, vt = np.linalg.svd((before - middle).T @ (after - to))
    turn = u @ np.diag([1, 1, np.linalg.det(u @ vt)]) @ vt
    return np.asarray((before - middle) @ turn + to)


@pytest.mark.parametrize("name", SITTERS)
def test_the_persons_layers_stay_joined(name: str, sitters: Sitters) -> None:
    """Where two of them meet, vertices are in one place and move alike, or a crack would open."""
    rig = sitters(name).rig
    layers = [layer for layer in rig.layers if layer.name in PERSON]
    meeting = 0
    for one, other in combinations(layers, 2):
        there = places_of(other)
        pairs = [(k, there[place]) for place, k in places_of(one).items() if place in there]
        meeting += len(pairs)
        if pairs:
            ours, theirs = np.array(pairs).T
            assert np.array_equal(one.weights[ours], other.weights[theirs])
            for shape in {*one.shapes, *other.shapes}:
                apart = posed(one, **{shape: 1.0})[ours] - posed(other, **{shape: 1.0})[theirs]
                assert np.abs(apart).max() < 1e-5
    assert meeting > 40 or len(layers) == 1


def places_of(layer: Layer) -> dict[tuple[float, ...], int]:
    """By place, the vertices that are alone there."""
    places = [tuple(place) for place in layer.positions.tolist()]
    count = Counter(places)
    return {place: k for k, place in enumerate(places) if count[place] == 1}


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_found_in_a_drawing_is_what_was_drawn(name: str, sitters: Sitters) -> None:
    from drawn_face import draw_face

    rig, drawn = sitters(name).rig, draw_face(name.removeprefix("drawn_"))
    assert np.allclose([rig.fit[f"{angle}_deg"] for angle in ("yaw", "pitch", "roll")], 0, atol=3)
    assert rig.fit["mouth_gap_mm"] == pytest.approx(drawn.lip_gap / 2, abs=1.0)  # two pixels a millimetre
    for side, centre in zip(("right", "left"), drawn.irises, strict=True):
        iris = rig.camera.project(rig.layer(f"iris_{side}").positions).mean(0)
        assert np.hypot(*(iris - centre)) < 0.1 * drawn.iris_radius


VALIDATE = """
const validator = require(process.argv[1]), fs = require('fs');
const check = file => validator.validateBytes(new Uint8Array(fs.readFileSync(file)), {maxIssues: 0});
Promise.all(process.argv.slice(2).map(check)).then(
    reports => console.log(JSON.stringify(reports.map(report => report.issues))));
"""


def test_the_khronos_validator_is_content_with_every_rig(sitters: Sitters) -> None:
    folder = validator()
    names = [name for name in SITTERS if name != "everything"]
    files = [str(sitters(name).file) for name in names]
    run = subprocess.run(["node", "-e", VALIDATE, folder, *files], capture_output=True, text=True, check=True)
    reports = dict(zip(names, json.loads(run.stdout), strict=True))
    found = {name: (issues["numErrors"], issues["numWarnings"]) for name, issues in reports.items()}
    assert found == dict.fromkeys(names, (0, 0))
