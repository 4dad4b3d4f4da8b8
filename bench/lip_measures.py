"""What is measured of a mouth, alike on tracked faces of videos and on rigs, in distances of the eyes' outer
corners.

opening: between the inner lips, mean of eight places. width: between the corners. The others are heights, up
from the nose's base: upper, of the upper inner lip; corner, of the mouth's corners; chin; and how much red
there is to see of each lip on the midline: upper_red, lower_red. In videos the head's turning is taken out
first (a rigid fit of the points that speech does not move).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import measures
from phiz.channels import INDEX
from phiz.portrait.rig import Rig

__all__ = ["KINDS", "on_rig", "seen", "slopes"]

Array = NDArray[np.float64]

KINDS = ("opening", "width", "upper", "corner", "chin", "upper_red", "lower_red")

# Points of the tracker's mesh
STILL = [
    1, 4, 5, 6, 168, 197, 195, 10, 151, 9, 8, 33, 133, 362, 263, 127, 356, 234, 454, 93, 323, 139, 368,
]  # fmt: skip
UPPER, LOWER = [191, 80, 81, 82, 13, 312, 311, 310], [95, 88, 178, 87, 14, 317, 402, 318]
CORNERS, EYES = [61, 291], [33, 263]
NOSE, CHIN, UPPER_TOP, UPPER_INNER, LOWER_INNER, LOWER_BOTTOM = 2, 152, 0, 13, 14, 17
MIDDLE = [82, 13, 312]
# The same among the 68 landmarks of a rig
LANDMARKS = [33, 8, 51, 57]
ROUNDS = 3  # of fitting the mean face and turning all faces to it


def seen(points: Array) -> dict[str, Array]:
    """Series [frames] by kind of tracked points [frames, 478, 3]; not numbers where no face was found."""
    flat, height = points[..., :2], -frontal(points)[..., 1]
    eyes = np.linalg.norm(flat[:, EYES[0]] - flat[:, EYES[1]], axis=1)
    return {
        "opening": np.linalg.norm(flat[:, UPPER] - flat[:, LOWER], axis=2).mean(axis=1) / eyes,
        "width": np.linalg.norm(flat[:, CORNERS[0]] - flat[:, CORNERS[1]], axis=1) / eyes,
        "upper": height[:, MIDDLE].mean(axis=1) - height[:, NOSE],
        "corner": height[:, CORNERS].mean(axis=1) - height[:, NOSE],
        "chin": height[:, CHIN] - height[:, NOSE],
        "upper_red": height[:, UPPER_TOP] - height[:, UPPER_INNER],
        "lower_red": height[:, LOWER_INNER] - height[:, LOWER_BOTTOM],
    }


def frontal(points: Array) -> Array:
    """The points [frames, 478, 3] with every head turned as the mean one, its eyes level and 1 apart."""
    found = np.flatnonzero(~np.isnan(points[:, 0, 0]))
    still = points[:, STILL].astype(float)
    centre = still.mean(axis=1, keepdims=True)
    size = np.sqrt(((still - centre) ** 2).sum(axis=(1, 2), keepdims=True))
    faces, still = (points - centre) / size, (still - centre) / size
    turned = np.full(points.shape, np.nan)
    mean = still[found[0]]
    for _ in range(ROUNDS):
        for frame in found:
            left, _, right = np.linalg.svd(mean.T @ still[frame])
            turn = left @ np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))]) @ right
            turned[frame] = faces[frame] @ turn.T
        mean = turned[found][:, STILL].mean(axis=0)
    usual = turned[found].mean(axis=0)
    along = (usual[EYES[1]] - usual[EYES[0]])[:2]
    apart = float(np.hypot(*along))
    x, y = along / apart
    turned[..., :2] = turned[..., :2] @ np.array([[x, -y], [y, x]])
    return turned / apart


def on_rig(rig: Rig, values: Array) -> dict[str, Array]:
    """The same of a rig's frames with the head straight; values [frames, channels]."""
    skin = measures.skin(rig)
    upper, lower = edges(rig)
    marks = measures.Field(rig, rig.landmarks[LANDMARKS].astype(float))
    vertices = np.concatenate([upper, lower, marks.vertices.ravel()])
    places = skin.positions[vertices] + sum(
        values[:, INDEX[shape], None, None] * move[vertices] for shape, move in skin.shapes.items()
    )
    flat = rig.camera.project(places.reshape(-1, 3)).reshape(len(values), -1, 2)
    flat /= np.hypot(*(rig.landmarks[36] - rig.landmarks[45]))
    count = len(upper)
    over, under = flat[:, :count], flat[:, count : 2 * count]
    others = flat[:, 2 * count :].reshape(len(values), len(LANDMARKS), 3, 2)
    x, y = measures.eye_axis(rig)
    up = np.array([y, -x])
    nose, chin, top, bottom = ((others * marks.shares[..., None]).sum(axis=2) @ up).T
    inner = np.rint(np.linspace(0.12, 0.88, 8) * (count - 1)).astype(int)
    middle = np.rint(np.linspace(0.4, 0.6, 3) * (count - 1)).astype(int)
    return {
        "opening": np.linalg.norm(over[:, inner] - under[:, inner], axis=2).mean(axis=1),
        "width": np.linalg.norm(over[:, 0] - over[:, -1], axis=1),
        "upper": (over[:, middle] @ up).mean(axis=1) - nose,
        "corner": (over[:, [0, -1]] @ up).mean(axis=1) - nose,
        "chin": chin - nose,
        "upper_red": top - over[:, count // 2] @ up,
        "lower_red": under[:, count // 2] @ up - bottom,
    }


def edges(rig: Rig) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Vertices of the skin along the upper and the lower inner lip, from the same corner on."""
    upper, lower = measures.openings(rig)["mouth"]
    resting = rig.camera.project(measures.posed(measures.skin(rig), photo=1.0))
    apart = [np.hypot(*(resting[upper[0]] - resting[lower[end]])) for end in (0, -1)]
    return upper, lower if apart[0] <= apart[1] else lower[::-1]


def slopes(rig: Rig, at: Array, channels: Sequence[Sequence[str]]) -> Array:
    """How much each kind changes with a weight, [channels, kinds], near the pose `at` [channels of a clip];
    each of `channels` by the names of its sides."""
    poses = np.tile(at, (len(channels) + 1, 1))
    step = 0.1
    for row, sides in enumerate(channels, start=1):
        poses[row, [INDEX[side] for side in sides]] += step
    found = on_rig(rig, poses)
    return np.stack([(found[kind][1:] - found[kind][0]) / step for kind in KINDS], axis=1)
