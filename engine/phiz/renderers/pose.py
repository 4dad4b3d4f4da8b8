"""Where every vertex goes: joint rotations, blendshapes, skinning and projection, the same for both
renderers.

Only + - * / and polynomials, summed in a fixed order: the results are the same bits on every machine. The
GLSL in `shaders/layer.glsl` does the same sums in float32.
"""

from math import factorial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHANNELS
from phiz.errors import UsageError
from phiz.jit import jit
from phiz.portrait.rig import Camera

__all__ = [
    "HEAD_SHARE",
    "NECK_SHARE",
    "Motion",
    "Placement",
    "checked_values",
    "joint_matrices",
    "place",
    "place_vertices",
    "sincos",
]

NECK_SHARE, HEAD_SHARE = 0.4, 0.6  # of each angle: the neck bends with the head; hair and skull stay rigid
ANGLE_LIMIT = 1.5  # radians; the polynomials below are exact to 1e-15 up to here
NEAREST = 0.9375  # of the camera's distance: nothing comes nearer to it, so that the projection stays finite
VALUE_LIMIT = 100.0  # of a channel; beyond it is a mistake, not an exaggeration
FARTHEST = float(1 << 20)  # pixels from the picture's corner; keeps the integer edge functions in 64 bits

# Taylor series about 0, highest power first, up to x^21 / 21! and x^20 / 20!.
_SINE = tuple((-1) ** k / factorial(2 * k + 1) for k in range(10, -1, -1))
_COSINE = tuple((-1) ** k / factorial(2 * k) for k in range(10, -1, -1))


class Placement(NamedTuple):
    """How points in metres land on the output: the camera, then the view rectangle stretched over the output.

    eye_x, eye_y, eye_z: metres. scale: photo pixels per metre at z = 0. half_width, half_height: of the
    photo. left, top: the view's corner in photo pixels. across, down: output pixels per photo pixel.
    """

    eye_x: float
    eye_y: float
    eye_z: float
    scale: float
    half_width: float
    half_height: float
    left: float
    top: float
    across: float
    down: float


class Motion(NamedTuple):
    """What moves vertices, in flat arrays.

    positions: float64 [vertices, 3], metres. shares: float64 [vertices, 2], of neck and head. lift: float64
    [vertices], added to the depth so that of layers at the same place the later is nearer.
    channels: int64 [shapes], where in the frame's values each shape's weight is. starts: int64 [shapes + 1];
    shape s moves vertices[starts[s] : starts[s + 1]] by deltas (float64 [n, 3], metres at weight 1).
    """

    positions: NDArray[np.float64]
    shares: NDArray[np.float64]
    lift: NDArray[np.float64]
    channels: NDArray[np.int64]
    starts: NDArray[np.int64]
    vertices: NDArray[np.int64]
    deltas: NDArray[np.float64]


def checked_values(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The values of one frame as float64 [len(CHANNELS)]. Raises UsageError."""
    row = np.ascontiguousarray(values, np.float64)
    if row.shape != (len(CHANNELS),):
        raise UsageError(f"a frame has values of shape {row.shape}; give one per channel, ({len(CHANNELS)},)")
    wrong = np.flatnonzero(~(np.abs(row) <= VALUE_LIMIT))
    if len(wrong):
        name, value = CHANNELS[wrong[0]], row[wrong[0]]
        raise UsageError(
            f"channel {name} is {value:g}; its limit is ±{VALUE_LIMIT:g}, and shapes run from 0 to 1"
        )
    return row


def place(camera: Camera, size: tuple[int, int], view: tuple[float, float, float, float]) -> Placement:
    """The placement that stretches `view` (x, y, width, height in photo pixels) over `size` pixels."""
    x, y, width, height = view
    eye_x, eye_y, eye_z = (float(value) for value in camera.eye)
    return Placement(
        eye_x, eye_y, eye_z, float(camera.scale), camera.width / 2, camera.height / 2,
        float(x), float(y), size[0] / width, size[1] / height,
    )  # fmt: skip


def sincos(angle: float) -> tuple[float, float]:
    """Sine and cosine of an angle in radians, limited to ±1.5, without the platform's maths library."""
    angle = min(max(float(angle), -ANGLE_LIMIT), ANGLE_LIMIT)
    square = angle * angle
    sine = cosine = 0.0
    for s, c in zip(_SINE, _COSINE, strict=True):
        sine = sine * square + s
        cosine = cosine * square + c
    return sine * angle, cosine


def _rotation(yaw: float, pitch: float, roll: float) -> list[list[float]]:
    """Ry(yaw) · Rx(-pitch) · Rz(-roll): positive angles as `phiz.channels` defines them."""
    sy, cy = sincos(yaw)
    sx, cx = sincos(-pitch)
    sz, cz = sincos(-roll)
    return [
        [cy * cz + sy * sx * sz, sy * sx * cz - cy * sz, sy * cx],
        [cx * sz, cx * cz, -sx],
        [cy * sx * sz - sy * cz, sy * sz + cy * sx * cz, cy * cx],
    ]


def _about(rotation: list[list[float]], centre: list[float]) -> list[list[float]]:
    """The [3][4] matrix that rotates about `centre`."""
    return [
        [*row, at - (row[0] * centre[0] + row[1] * centre[1] + row[2] * centre[2])]
        for row, at in zip(rotation, centre, strict=True)
    ]


def _chain(first: list[list[float]], second: list[list[float]]) -> list[list[float]]:
    """The [3][4] matrix that does `second`, then `first`."""
    # written out: from Python 3.12 on `sum` rounds floats otherwise than before
    columns = list(zip(*second, strict=True))
    product = [[a * x + b * y + c * z for x, y, z in columns] for a, b, c, _ in first]
    return [[*row[:3], row[3] + outer[3]] for row, outer in zip(product, first, strict=True)]


def joint_matrices(
    joints: NDArray[np.floating[Any]], yaw: float, pitch: float, roll: float
) -> NDArray[np.float64]:
    """How root, neck and head move points: float64 [3, 3, 4], each a rotation with a translation in column 3.

    joints: [3, 3], rest places of root, neck and head in metres. yaw, pitch, roll: radians, signs as in
    `phiz.channels`. The neck takes 0.4 of each angle about its own place; the head rides on it and takes the
    other 0.6 about its own.
    """
    centres = [[float(value) for value in joint] for joint in joints]
    root = [[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    neck = _about(_rotation(yaw * NECK_SHARE, pitch * NECK_SHARE, roll * NECK_SHARE), centres[1])
    head = _about(_rotation(yaw * HEAD_SHARE, pitch * HEAD_SHARE, roll * HEAD_SHARE), centres[2])
    return np.array([root, neck, _chain(neck, head)])


@jit
def place_vertices(
    motion: Motion,
    placement: Placement,
    joints: NDArray[np.float64],
    values: NDArray[np.float64],
    points: NDArray[np.float64],
) -> None:
    """Fill `points` float64 [vertices, 3]: x and y in output pixels, and depth, which grows towards the
    camera.

    Depth is eye_z / (eye_z - z), which is linear across a triangle on the picture, 0..16.
    """
    moved = motion.positions.copy()
    for s in range(len(motion.channels)):
        weight = values[motion.channels[s]]
        if weight == 0.0:
            continue
        for k in range(motion.starts[s], motion.starts[s + 1]):
            v = motion.vertices[k]
            for axis in range(3):
                moved[v, axis] += weight * motion.deltas[k, axis]
    eye_z = placement.eye_z
    for v in range(len(moved)):
        x, y, z = moved[v, 0], moved[v, 1], moved[v, 2]
        px, py, pz = x, y, z
        for joint in range(1, 3):  # the root stays: its share is what neck and head leave
            share = motion.shares[v, joint - 1]
            if share != 0.0:
                m = joints[joint]
                px += share * (m[0, 0] * x + m[0, 1] * y + m[0, 2] * z + m[0, 3] - x)
                py += share * (m[1, 0] * x + m[1, 1] * y + m[1, 2] * z + m[1, 3] - y)
                pz += share * (m[2, 0] * x + m[2, 1] * y + m[2, 2] * z + m[2, 3] - z)
        nearness = eye_z / (eye_z - min(pz, eye_z * NEAREST))
        u = placement.half_width + placement.scale * nearness * (px - placement.eye_x)
        v_ = placement.half_height - placement.scale * nearness * (py - placement.eye_y)
        points[v, 0] = min(max((u - placement.left) * placement.across, -FARTHEST), FARTHEST)
        points[v, 1] = min(max((v_ - placement.top) * placement.down, -FARTHEST), FARTHEST)
        points[v, 2] = nearness + motion.lift[v]
