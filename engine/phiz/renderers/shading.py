"""How skin gets brighter or darker as head and jaw turn it in the photo's light.

A vertex's gain is the square root of the light it gets over the light it had in the photo: the root, as sRGB
is about the square root of what a lens saw. At rest it is exactly 1 everywhere. All layers ask one smooth
field of normals, so eyes and teeth shade as the skin around them, and layers meet without a seam.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from phiz.channels import INDEX
from phiz.jit import jit
from phiz.portrait.rig import Layer, Rig
from phiz.portrait.shading import SMOOTHING, Kernel, blend_normals, irradiance, kernel, skin_normals

__all__ = ["Shading", "build_shading", "shade_vertices"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

SKIN = ("body", "face", "edge")  # the layers whose surface says which way skin faces
REST = "photo"  # the shape that is worn in the photo
BENDING = ("jaw", "mouth", "cheek", REST)  # how shapes begin that turn skin; lids and brows only slide it
JAW = "jaw"  # how shapes begin that turn the skin as a bone does, about the ears, whatever its relief does
LEAST_TURN = 0.01  # of a normal at a shape's full weight; less is not worth its time
DARKEST, BRIGHTEST = 0.8, 1.25  # gains never go beyond
LEAST_LIGHT = 0.2  # of the face's mean, reaches what the fit says is dark
STEEPEST = 1.1  # sine of the tilt that normals stay well below: the photo says little of skin seen edge-on


class Shading(NamedTuple):
    """What shades vertices, in flat arrays.

    light: float64 [9], as in `irradiance`. normals: float64 [vertices, 3], with every shape at 0. shares:
    float64 [vertices, 2], of neck and head. before: float64 [vertices], the light in the photo.
    channels: int64 [shapes], where in a frame's values each shape's weight is; shape s adds
    turns[starts[s] : starts[s + 1]] (float64 [n, 3], at weight 1) to the normals of `vertices` (int64 [n]).
    """

    light: Floats
    normals: Floats
    shares: Floats
    before: Floats
    channels: Ints
    starts: Ints
    vertices: Ints
    turns: Floats


def build_shading(rig: Rig) -> Shading | None:
    """What shades the rig's vertices, layer after layer; None without light or skin."""
    skin = [layer for layer in rig.layers if layer.name in SKIN]
    if not len(rig.light) or not skin:
        return None
    base = np.concatenate([layer.positions for layer in rig.layers]).astype(np.float64)
    worn = np.concatenate([_moved(layer, REST) for layer in rig.layers])
    chosen = np.concatenate([np.full(len(layer.positions), layer.name in SKIN) for layer in rig.layers])
    triangles = _triangles(skin)
    near = kernel(worn[chosen], worn, SMOOTHING)
    close = kernel(worn[chosen], worn[chosen], SMOOTHING)
    normals = blend_normals(near, skin_normals(base[chosen], triangles))
    names = dict.fromkeys(name for layer in skin for name in layer.shapes if name.startswith(BENDING))
    channels, starts, vertices, turns = [], [0], [np.empty(0, np.int64)], [np.empty((0, 3))]
    for name in sorted(set(names) & set(INDEX), key=INDEX.__getitem__):
        places = np.concatenate([_moved(layer, name) for layer in skin])
        if name.startswith(JAW):
            turn = jaw_turn(close, base[chosen], places, rig.joints[2].astype(np.float64), normals[chosen])
        else:
            turn = blend_normals(close, skin_normals(places, triangles)) - normals[chosen]
        bent = np.abs(turn).max(axis=1) > LEAST_TURN
        channels.append(INDEX[name])
        vertices.append(np.flatnonzero(chosen)[bent])
        turns.append(turn[bent])
        starts.append(starts[-1] + int(bent.sum()))
    shading = Shading(
        np.array(rig.light, np.float64),
        normals,
        np.concatenate([layer.weights for layer in rig.layers]).astype(np.float64)[:, 1:].copy(),
        np.zeros(len(worn)),
        np.array(channels, np.int64),
        np.array(starts, np.int64),
        np.concatenate(vertices),
        np.concatenate(turns),
    )
    rest = np.zeros(len(INDEX))
    rest[INDEX[REST]] = 1.0
    still = np.tile(np.eye(3, 4), (3, 1, 1))
    before = np.empty(len(worn))
    light_vertices(shading, still, rest, before)
    return shading._replace(before=before)


def _moved(layer: Layer, shape: str) -> Floats:
    positions = layer.positions.astype(np.float64)
    return positions + layer.shapes[shape] if shape in layer.shapes else positions


def _triangles(layers: list[Layer]) -> Ints:
    firsts = np.cumsum([0, *(len(layer.positions) for layer in layers)])
    parts = [first + layer.triangles.astype(np.int64) for first, layer in zip(firsts, layers, strict=False)]
    return np.concatenate(parts)


@jit
def jaw_turn(near: Kernel, before: Floats, after: Floats, ears: Floats, normals: Floats) -> Floats:
    """What a bone that turns about `ears` [3], and takes skin from `before` to `after` [n, 3], adds to its
    `normals` [n, 3]: the cross product of its mean turn about each point with them."""
    starts, indices, weights = near
    result = np.empty(normals.shape)
    for i in range(len(result)):
        tx = ty = tz = total = 0.0
        for k in range(starts[i], starts[i + 1]):
            j = indices[k]
            x, y, z = before[j, 0] - ears[0], before[j, 1] - ears[1], before[j, 2] - ears[2]
            dx, dy, dz = after[j, 0] - before[j, 0], after[j, 1] - before[j, 1], after[j, 2] - before[j, 2]
            share = weights[k] / (x * x + y * y + z * z + 1e-6)
            tx += share * (y * dz - z * dy)
            ty += share * (z * dx - x * dz)
            tz += share * (x * dy - y * dx)
            total += weights[k]
        nx, ny, nz = normals[i, 0] / total, normals[i, 1] / total, normals[i, 2] / total
        result[i, 0], result[i, 1], result[i, 2] = ty * nz - tz * ny, tz * nx - tx * nz, tx * ny - ty * nx
    return result


@jit
def light_vertices(shading: Shading, joints: Floats, values: Floats, result: Floats) -> None:
    """Fill `result` float64 [vertices] with the light that each gets in a pose."""
    normals = shading.normals.copy()
    for s in range(len(shading.channels)):
        weight = values[shading.channels[s]]
        if weight == 0.0:
            continue
        for k in range(shading.starts[s], shading.starts[s + 1]):
            v = shading.vertices[k]
            for axis in range(3):
                normals[v, axis] += weight * shading.turns[k, axis]
    shares = shading.shares
    for v in range(len(normals)):
        x, y, z = normals[v, 0], normals[v, 1], normals[v, 2]
        nx, ny, nz = x, y, z
        for joint in range(1, 3):
            share = shares[v, joint - 1]
            if share != 0.0:
                m = joints[joint]
                nx += share * (m[0, 0] * x + m[0, 1] * y + m[0, 2] * z - x)
                ny += share * (m[1, 0] * x + m[1, 1] * y + m[1, 2] * z - y)
                nz += share * (m[2, 0] * x + m[2, 1] * y + m[2, 2] * z - z)
        length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-12
        nx, ny = nx / length, ny / length
        tilt = (nx * nx + ny * ny) / (STEEPEST * STEEPEST)
        less = 1.0 / np.sqrt(np.sqrt(1.0 + tilt * tilt))
        nx, ny = nx * less, ny * less
        light = irradiance(shading.light, nx, ny, np.sqrt(1.0 - nx * nx - ny * ny))
        result[v] = 0.5 * (light + np.sqrt(light * light + 4.0 * LEAST_LIGHT * LEAST_LIGHT))


@jit
def shade_vertices(shading: Shading, joints: Floats, values: Floats, gains: Floats) -> None:
    """Fill `gains` float64 [vertices], DARKEST..BRIGHTEST: what the photo's sRGB values are multiplied by.

    joints: from `joint_matrices`. values: float64 [len(CHANNELS)].
    """
    light_vertices(shading, joints, values, gains)
    for v in range(len(gains)):
        change = np.sqrt(gains[v] / shading.before[v]) - 1.0
        room = BRIGHTEST - 1.0 if change > 0.0 else 1.0 - DARKEST
        gains[v] = 1.0 + change / np.sqrt(1.0 + (change / room) * (change / room))
