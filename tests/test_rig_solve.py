"""Contours, mesh, the biharmonic solve and the camera: properties that hold for any face."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from phiz.channels import ARKIT
from phiz.errors import FaceError, RigError
from phiz.portrait import controls
from phiz.portrait.contours import eye_opening, mouth_opening
from phiz.portrait.depth import fit_depth
from phiz.portrait.frame import FaceFrame, canonical_points, fit_frame
from phiz.portrait.joints import joint_weights
from phiz.portrait.mesh import Mesh, adjacency, build_mesh, signed_areas
from phiz.portrait.rig import Camera
from phiz.portrait.solve import Spreader, bending

Array = NDArray[np.float64]
CHIN = -107.0  # millimetres, the canonical face's
BORDER = np.array([[-160.0, -200.0], [160.0, -200.0], [160.0, 140.0], [-160.0, 140.0]])


def canonical_face(gap: float = 0.0, eye: float = 1.0) -> Array:
    """The canonical landmarks [68, 2] with the inner lips `gap` mm apart and the eyes opened `eye` times."""
    face = canonical_points()[0][:, :2].copy()
    for upper, lower in ((61, 67), (62, 66), (63, 65)):
        middle = (face[upper, 1] + face[lower, 1]) / 2
        face[upper, 1], face[lower, 1] = middle + gap / 2, middle - gap / 2
    face[55:60, 1] -= gap / 2
    for lids in ((37, 38, 40, 41), (43, 44, 46, 47)):
        face[list(lids), 1] *= eye
    return face


def mesh_of(face: Array) -> Mesh:
    openings = {
        "mouth": mouth_opening(face, 0.5),
        "eye_right": eye_opening(face[36:42], face[17:22], 2.0),
        "eye_left": eye_opening(face[42:48], face[22:27], 2.0),
    }
    return build_mesh(openings, face, BORDER)


@pytest.fixture(scope="module")
def mesh() -> Mesh:
    return mesh_of(canonical_face())


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.floats(0.2, 1.2))
def test_noisy_landmarks_make_a_sound_mesh(seed: int, noise: float) -> None:
    """Landmarks a millimetre and more off (half a pixel on a small face) still make a mesh without folds."""
    face = canonical_face(1.0) + np.random.default_rng(seed).normal(0, noise, (68, 2))
    mesh = mesh_of(face)
    assert (signed_areas(mesh.points, mesh.triangles) > 0).all()


def test_impossible_landmarks_are_refused() -> None:
    face = canonical_face()
    face[48:68] = face[48:68][::-1]
    with pytest.raises(FaceError, match="cross"):
        mesh_of(face)


@settings(deadline=None, max_examples=12)
@given(st.floats(-2.0, 18.0), st.floats(0.3, 1.8))
def test_any_mouth_and_eyes_make_a_sound_mesh(gap: float, eye: float) -> None:
    """Shut, crossed by landmark noise, or wide open: no triangle is turned over and the cut is a cut."""
    mesh = mesh_of(canonical_face(gap, eye))
    shut = gap <= 0
    areas = signed_areas(mesh.points, mesh.triangles)
    assert (areas > 0).all()
    lips = mesh.rings["mouth"][0]
    half = len(lips) // 2
    sides = [
        {tuple(sorted(edge)) for edge in zip(t, np.roll(t, 1), strict=True)} for t in mesh.triangles.tolist()
    ]
    edges = set().union(*sides)
    crossing = {(a, b) for a in lips[1:half].tolist() for b in lips[half + 1 :].tolist()}
    assert not edges & {tuple(sorted(pair)) for pair in crossing}
    if shut:
        assert np.allclose(mesh.points[lips[1:half]], mesh.points[lips[:half:-1]], atol=1e-9)


def test_a_solve_keeps_what_is_given_and_leaves_the_rest_smooth(mesh: Mesh) -> None:
    fixed = np.concatenate([mesh.rings["mouth"][0], np.flatnonzero(np.abs(mesh.points[:, 1] + 40) > 110)])
    given_moves = np.zeros((len(fixed), 2))
    given_moves[: mesh.rings["mouth"].shape[1]] = (0.0, -8.0)
    moves = Spreader(bending(mesh), fixed)(given_moves)
    assert np.array_equal(moves[fixed], given_moves)
    assert np.abs(moves[:, 0]).max() < 1e-6
    assert moves[:, 1].min() > -9.5
    assert moves[:, 1].max() < 2.0


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.integers(20, 300), st.floats(-9, 9), st.floats(-9, 9))
def test_controls_part_every_vertex_among_them(mesh: Mesh, seed: int, count: int, x: float, y: float) -> None:
    """Partition of unity: whatever is held, all controls displaced alike move every vertex so. And linearity:
    displacements add up."""
    rng = np.random.default_rng(seed)
    fixed = rng.choice(len(mesh.points), count, replace=False)
    spread = Spreader(bending(mesh), fixed)
    assert np.allclose(spread(np.tile([[x, y]], (count, 1))), [x, y], atol=1e-6)
    a, b = rng.normal(size=(2, count, 2))
    assert np.allclose(spread(a) + x * spread(b), spread(a + x * b), atol=1e-7)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10**6), st.floats(8.0, 60.0))
def test_a_control_moves_nothing_beyond_what_is_held_around_it(mesh: Mesh, seed: int, reach: float) -> None:
    """Locality: a ring of held vertices shields what is outside it from what is inside."""
    rng = np.random.default_rng(seed)
    centre = int(rng.choice(np.flatnonzero(np.hypot(*(mesh.points - (0, -40)).T) < 70)))
    far = np.hypot(*(mesh.points - mesh.points[centre]).T)
    near = far < reach
    # Bending couples neighbours of neighbours, so the ring is two edges wide.
    neighbours = adjacency(len(mesh.points), mesh.triangles)
    inside = near.copy()
    for _ in range(2):
        near[neighbours[np.flatnonzero(near)].indices] = True
    fixed = np.append(np.flatnonzero(near & ~inside), centre)
    moves = np.zeros((len(fixed), 1))
    moves[-1] = 1.0
    spread = Spreader(bending(mesh), fixed)(moves)[:, 0]
    assert np.abs(spread[~near]).max(initial=0) < 1e-9
    assert spread[centre] == 1.0
    assert 0.9 < spread.max() < 1.6


def test_motion_does_not_leak_from_lip_to_lip(mesh: Mesh) -> None:
    """Moving the lower lip's edge drags its own skin, not the upper lip across the cut."""
    lips = mesh.rings["mouth"]
    half = lips.shape[1] // 2
    upper, lower = lips[0, : half + 1], lips[0, half + 1 :]
    far = np.flatnonzero(np.hypot(*(mesh.points - (0.0, -70.0)).T) > 80)
    fixed = np.concatenate([upper, lower, far])
    given_moves = np.zeros((len(fixed), 1))
    given_moves[len(upper) : len(upper) + len(lower)] = -10
    moves = Spreader(bending(mesh), fixed)(given_moves)[:, 0]
    middle = slice(6, half - 6)
    assert np.abs(moves[lips[2, middle]]).max() < 1.5
    assert moves[lips[2, half + 6 : -6]].max() < -6


@settings(deadline=None, max_examples=30)
@given(st.floats(-0.4, 0.4), st.floats(-0.25, 0.25), st.floats(-0.4, 0.4), st.floats(0.5, 8.0))
def test_the_pose_of_a_face_is_found(yaw: float, pitch: float, roll: float, scale: float) -> None:
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    turn = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    nod = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    shake = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    face = canonical_points()[0] @ (turn @ nod @ shake).T
    frame = fit_frame(face[:, :2] * (1, -1) * scale + (300, 200))
    assert frame.scale == pytest.approx(scale, rel=1e-6)
    assert np.allclose(frame.rotation, turn @ nod @ shake, atol=1e-6)
    assert np.allclose(frame.origin, (300, 200), atol=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.floats(-500, 500), st.floats(-500, 500), st.floats(-0.5, 0.3))
def test_camera_and_face_coordinates_come_back(x: float, y: float, depth: float) -> None:
    camera = Camera(800, 600, (0.02, -0.05, 0.9), 2100.0)
    picture = np.array([[x, y]])
    assert np.allclose(camera.project(camera.lift(picture, depth)), picture, atol=1e-6)
    frame = FaceFrame(
        np.array([310.0, 220.0]), 1.7, fit_frame(canonical_points()[0][:, :2] * (1, -1)).rotation
    )
    assert np.allclose(frame.to_picture(frame.to_face(picture)), picture, atol=1e-6)


def test_depth_has_a_nose_and_a_skull() -> None:
    landmarks = canonical_points()[0][:, :2] * (2.0, -2.0) + 300
    depth = fit_depth(fit_frame(landmarks), landmarks)
    nose, cheek, ear, throat = depth(np.array([[0.0, -32.0], [30.0, -40.0], [72.0, 0.0], [0.0, -128.0]]))
    assert nose > cheek + 15 > ear + 40
    assert throat < cheek - 15


@settings(deadline=None)
@given(st.floats(-400, 400), st.floats(-400, 400), st.booleans())
def test_joints_share_every_point_fully(x: float, y: float, layered: bool) -> None:
    weights = joint_weights(np.array([[x, y]]), CHIN, layered=layered)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-12)


def test_skull_is_rigid_and_shoulders_are_still() -> None:
    skull, shoulder = joint_weights(np.array([[0.0, 60.0], [140.0, -230.0]]), CHIN, layered=True)
    assert skull.tolist() == [0, 0, 1]
    assert shoulder.tolist() == [1, 0, 0]


def test_right_shapes_mirror_left_ones() -> None:
    table = controls.control_table()
    assert set(table) | controls.COMPUTED == set(ARKIT)
    left, right = table["mouthSmileLeft"], table["mouthSmileRight"]
    assert np.array_equal(right["mouth_corner_right"], left["mouth_corner_left"] * (-1, 1, 1))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"shape": "mouthGrin", "control": "jaw_8"}, "mouthGrin"),
        ({"shape": "jawOpen", "control": "elbow"}, "elbow"),
    ],
)
def test_a_wrong_row_of_the_table_is_named(
    row: dict[str, str], complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ({**row, "dx": "0", "dy": "1", "dz": "0"},)
    monkeypatch.setattr(controls, "table", lambda name: rows)
    with pytest.raises(RigError, match=complaint):
        controls.control_table.__wrapped__()
