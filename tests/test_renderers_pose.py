"""Where vertices go: signs and shares of the head's rotation, blendshapes, and the camera."""

import hashlib
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.renderers.mesh import build_mesh
from phiz.renderers.pose import joint_matrices, place, place_vertices, sincos
from scene import CAMERA, HEIGHT, WIDTH, make_rig, values

JOINTS = np.array([[0, -0.3, 0], [0, -0.2, -0.05], [0, -0.1, -0.02]])
PLACEMENT = place(CAMERA, (WIDTH, HEIGHT), (0.0, 0.0, float(WIDTH), float(HEIGHT)))


def moved(point, yaw=0.0, pitch=0.0, roll=0.0, joint=2):
    matrix = joint_matrices(JOINTS, yaw, pitch, roll)[joint]
    return matrix[:, :3] @ np.asarray(point, float) + matrix[:, 3]


@settings(deadline=None)
@given(st.floats(-1.5, 1.5))
def test_sine_and_cosine(angle):
    sine, cosine = sincos(angle)
    assert math.isclose(sine, math.sin(angle), rel_tol=1e-14, abs_tol=1e-15)
    assert math.isclose(cosine, math.cos(angle), rel_tol=1e-14, abs_tol=2e-15)


def test_joints_are_the_same_bits_everywhere():
    matrices = joint_matrices(JOINTS, 0.31, -0.17, 0.23).astype("<f8")
    assert hashlib.sha256(matrices.tobytes()).hexdigest()[:16] == "5a17151d37844824"


def test_signs_of_the_head():
    nose, crown = (0.0, -0.05, 0.08), (0.0, 0.15, 0.0)
    assert moved(nose, yaw=0.2)[0] > 0.01  # to the right of the picture: the subject's left
    assert moved(nose, pitch=0.2)[1] > nose[1] + 0.01  # looks up
    assert moved(crown, roll=0.2)[0] > 0.01  # the top tilts to the right of the picture


@settings(deadline=None)
@given(*[st.floats(-0.6, 0.6)] * 3)
def test_joints_turn_rigidly_about_their_places(yaw, pitch, roll):
    root, neck, head = joint_matrices(JOINTS, yaw, pitch, roll)
    assert np.array_equal(root, np.eye(3, 4))
    for matrix in (neck, head):
        assert np.allclose(matrix[:, :3] @ matrix[:, :3].T, np.eye(3), atol=1e-13)
        assert math.isclose(np.linalg.det(matrix[:, :3]), 1, rel_tol=1e-12)
    assert np.allclose(moved(JOINTS[1], yaw, pitch, roll, joint=1), JOINTS[1])
    # The head's own place rides on the neck.
    assert np.allclose(moved(JOINTS[2], yaw, pitch, roll), moved(JOINTS[2], yaw, pitch, roll, joint=1))


@settings(deadline=None)
@given(st.floats(-0.6, 0.6))
def test_neck_and_head_share_the_angle(yaw):
    _, neck, head = joint_matrices(JOINTS, yaw, 0, 0)
    assert math.isclose(math.atan2(neck[0, 2], neck[2, 2]), 0.4 * yaw, abs_tol=1e-12)
    assert math.isclose(math.atan2(head[0, 2], head[2, 2]), yaw, abs_tol=1e-12)


def test_rest_is_the_cameras_own_projection():
    rig = make_rig()
    mesh = build_mesh(rig, PLACEMENT)
    points = np.empty_like(mesh.motion.positions)
    place_vertices(mesh.motion, PLACEMENT, joint_matrices(rig.joints, 0, 0, 0), values(), points)
    expected = CAMERA.project(np.concatenate([layer.positions for layer in rig.layers]))
    assert np.abs(points[:, :2] - expected).max() < 1e-9


@settings(deadline=None, max_examples=20)
@given(*[st.floats(-0.5, 0.5)] * 3, st.floats(0, 1), st.floats(0, 1))
def test_shapes_then_skin_then_camera(yaw, pitch, roll, jaw, photo):
    """Against the same sums written plainly with matrices."""
    rig = make_rig()
    row = values(headYaw=yaw, headPitch=pitch, headRoll=roll, jawOpen=jaw, photo=photo)
    joints = joint_matrices(rig.joints, yaw, pitch, roll)
    expected = []
    for layer in rig.layers:
        points = layer.positions.astype(float)
        for name, weight in (("jawOpen", jaw), ("photo", photo)):
            points = points + weight * layer.shapes.get(name, np.zeros(3))
        each = np.einsum("jab,nb->nja", joints[:, :, :3], points) + joints[:, :, 3]
        expected.append(CAMERA.project(np.einsum("nj,nja->na", layer.weights, each)))
    mesh = build_mesh(rig, PLACEMENT)
    points = np.empty_like(mesh.motion.positions)
    place_vertices(mesh.motion, PLACEMENT, joints, row, points)
    assert np.abs(points[:, :2] - np.concatenate(expected)).max() < 1e-4


def test_points_behind_the_camera_stay_finite():
    rig = make_rig()
    mesh = build_mesh(rig, PLACEMENT)
    points = np.empty_like(mesh.motion.positions)
    row = values(jawOpen=-100.0, photo=100.0, headPitch=-1.5)
    place_vertices(mesh.motion, PLACEMENT, joint_matrices(rig.joints, 0, -1.5, 0), row, points)
    assert np.isfinite(points).all()
    assert np.abs(points[:, :2]).max() <= 2**20
    assert (points[:, 2] > 0).all()
    assert (points[:, 2] <= 16.1).all()
