"""The light that falls on a face, told from the face itself: brightness by the way that skin faces.

The light of a scene on a matt surface is a smooth function of the surface's normal, and nine numbers hold
nearly all of it: spherical harmonics up to the second order (R. Ramamoorthi & P. Hanrahan, "An Efficient
Representation for Irradiance Environment Maps", 2001). They are fitted to the photo's own skin over the
normals of its relief, and renderers ask them how much brighter or darker skin becomes when it turns.

What runs in renderers uses only + - * / and sqrt in a fixed order: the same bits on every machine.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.portrait.frame import FaceFrame
from phiz.portrait.light import LUMINANCE
from phiz.portrait.patch import polygon_mask

__all__ = ["SMOOTHING", "Kernel", "blend_normals", "fit_light", "irradiance", "kernel", "skin_normals"]

Array: TypeAlias = NDArray[np.float64]
Kernel: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], Array]

SMOOTHING = 0.022  # metres about a point over which normals are averaged: lips, lids and noise must not shade

STEP = 2.5  # millimetres between samples of the skin
LOW, HIGH = np.array([-80.0, -125.0]), np.array([80.0, 65.0])  # millimetres; the samples' rectangle
FOREHEAD = 24.0  # millimetres that skin is trusted above the brows: higher up hair may begin
EDGE, LIPS, EYES, NOSTRILS = 5.0, 4.0, 4.0, 3.5  # millimetres kept off the face's outline and its features
GAMMA = 2.2  # of sRGB, nearly
LEAST_SAMPLES = 60  # for less, the light is the prior's
ROUNDS = 12  # of reweighting
OUTLIER = 2.5  # deviations from the fit, or from the skin's usual colour, at which a sample is left out
LEAST_SPREAD = 0.06  # deviation that always counts as agreement: skin is not painted evenly
# A face lit evenly, a little brighter where it faces the viewer; and how strongly the fit holds to that, as a
# share of the weight of all samples: a face shows few directions, it tells of z and the second order least.
PRIOR = np.array([1.0, 0.0, 0.15, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
HOLD = np.array([0.0, 0.01, 0.05, 0.01, 0.15, 0.15, 0.15, 0.15, 0.15])


@jit
def irradiance(light: Array, x: float, y: float, z: float) -> float:
    """Light on skin that faces (x, y, z), of length 1.

    light: float64 [9], times 1; y, z, x; xy, yz, 3 z² - 1, xz, x² - y²."""
    return float(
        light[0]
        + light[1] * y
        + light[2] * z
        + light[3] * x
        + light[4] * (x * y)
        + light[5] * (y * z)
        + light[6] * (3.0 * z * z - 1.0)
        + light[7] * (x * z)
        + light[8] * (x * x - y * y)
    )


@jit
def skin_normals(points: Array, triangles: NDArray[np.int64]) -> Array:
    """Normals [n, 3] of a surface at its points [n, 3], as long as the area they stand for."""
    normals = np.zeros(points.shape)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        ux, uy, uz = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1], points[b, 2] - points[a, 2]
        vx, vy, vz = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1], points[c, 2] - points[a, 2]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for corner in (a, b, c):
            normals[corner, 0] += nx
            normals[corner, 1] += ny
            normals[corner, 2] += nz
    return normals


@jit
def kernel(places: Array, at: Array, radius: float) -> Kernel:
    """Which of `places` [n, 2 or 3] are near each point of `at` [m, 2 or 3], seen from the front, and their
    weights: starts int64 [m + 1], indices int64 [k], weights float64 [k], (1 - (distance / radius)²)²."""
    starts = np.zeros(len(at) + 1, np.int64)
    indices, weights = np.empty(0, np.int64), np.empty(0)
    for counting in (True, False):
        count = 0
        for i in range(len(at)):
            for j in range(len(places)):
                dx, dy = places[j, 0] - at[i, 0], places[j, 1] - at[i, 1]
                near = 1.0 - (dx * dx + dy * dy) / (radius * radius)
                if near > 0.0:
                    if not counting:
                        indices[count], weights[count] = j, near * near
                    count += 1
            starts[i + 1] = count
        if counting:
            indices, weights = np.empty(count, np.int64), np.empty(count)
    return starts, indices, weights


@jit
def blend_normals(near: Kernel, normals: Array) -> Array:
    """Normals [m, 3] of length 1, averaged as `near` says; towards the viewer where there are none."""
    starts, indices, weights = near
    result = np.empty((len(starts) - 1, 3))
    for i in range(len(result)):
        x = y = z = 0.0
        for k in range(starts[i], starts[i + 1]):
            x += weights[k] * normals[indices[k], 0]
            y += weights[k] * normals[indices[k], 1]
            z += weights[k] * normals[indices[k], 2]
        length = np.sqrt(x * x + y * y + z * z)
        if length > 0.0:
            result[i, 0], result[i, 1], result[i, 2] = x / length, y / length, z / length
        else:
            result[i, 0], result[i, 1], result[i, 2] = 0.0, 0.0, 1.0
    return result


def fit_light(
    photo: NDArray[np.uint8], frame: FaceFrame, landmarks: Array, places: Array, triangles: NDArray[np.intp]
) -> tuple[float, ...]:
    """The light on the face in a photo, nine numbers, 1 on average over what is seen of it.

    landmarks: float64 [68, 2] in picture coordinates. places: float64 [n, 3] in metres and triangles [m, 3]
    of the face's surface as in the photo.
    """
    face = _samples(frame, landmarks)
    brightness, weight = _read(photo, frame.to_picture(face))
    if (weight > 0).sum() < LEAST_SAMPLES:
        return tuple(PRIOR.tolist())
    upright = (frame.to_picture(face) - frame.origin) / frame.scale * (0.001, -0.001)
    normals = blend_normals(
        kernel(places[:, :2].copy(), upright, SMOOTHING), skin_normals(places, triangles.astype(np.int64))
    )
    x, y, z = normals.T
    terms = np.stack([np.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], axis=1)
    light = _fitted(terms, brightness / np.median(brightness[weight > 0]), weight)
    return tuple((light / np.average(terms @ light, weights=weight)).tolist())


def _samples(frame: FaceFrame, landmarks: Array) -> Array:
    """Places [n, 2] in face coordinates that show plain skin: no brows, eyes, lips or nostrils."""
    from scipy.ndimage import binary_dilation, binary_erosion

    face = frame.to_face(landmarks)
    width, height = (int(n) for n in (HIGH - LOW) / STEP)

    def mask(outline: Array) -> NDArray[np.bool_]:
        return polygon_mask((outline - LOW) / STEP, width, height) > 0.5

    def grown(points: Array, millimetres: float) -> NDArray[np.bool_]:
        from scipy.spatial import ConvexHull

        hull = points[ConvexHull(points).vertices]
        return np.asarray(binary_dilation(mask(hull), iterations=max(1, round(millimetres / STEP))))

    brows = face[17:27] + np.array([0.0, FOREHEAD])
    skin = mask(np.concatenate([face[:17], brows[::-1]]))
    skin = binary_erosion(skin, iterations=round(EDGE / STEP))
    for eye, brow in ((face[36:42], face[17:22]), (face[42:48], face[22:27])):
        skin &= ~grown(np.concatenate([eye, brow]), EYES)
    skin &= ~grown(face[48:60], LIPS) & ~grown(face[31:36] - np.array([0.0, 1.0]), NOSTRILS)
    rows, columns = np.nonzero(skin)
    return np.stack([columns, rows], axis=1) * STEP + STEP / 2 + LOW


def _read(photo: NDArray[np.uint8], picture: Array) -> tuple[Array, Array]:
    """Linear brightness [n] at picture coordinates [n, 2], and how much each counts: skin by its colour."""
    inside = ((picture >= 1) & (picture < np.array([photo.shape[1], photo.shape[0]]) - 1)).all(1)
    x, y = np.clip(np.floor(picture), 0, np.array([photo.shape[1], photo.shape[0]]) - 1).astype(int).T
    if photo.shape[2] == 4:
        inside &= photo[y, x, 3] > 250
    linear = (photo[y, x, :3] / 255.0) ** GAMMA
    brightness = linear @ LUMINANCE
    lit = inside & (photo[y, x, :3].max(1) < 252) & (brightness > 0.002)
    if not lit.any():
        return brightness, np.zeros(len(brightness))
    tint = linear / np.maximum(linear.sum(1, keepdims=True), 1e-6)
    away = np.abs(tint - np.median(tint[lit], axis=0)).max(1)
    usual = max(float(np.median(away[lit])) * 1.48, 0.01)
    return brightness, lit * np.clip(1 - (away / (OUTLIER * usual)) ** 2, 0, 1) ** 2


def _fitted(terms: Array, brightness: Array, weight: Array) -> Array:
    """Least squares held to the prior, with samples that disagree left out by and by (Tukey's biweight)."""
    hold, light, own = HOLD.copy(), PRIOR, weight
    for _ in range(ROUNDS):
        total = own.sum()
        system = terms.T @ (terms * own[:, None]) + np.diag(hold * total)
        light = np.linalg.solve(system, terms.T @ (own * brightness) + hold * total * PRIOR)
        residual = np.abs(brightness - terms @ light)
        spread = max(1.48 * float(np.median(residual[weight > 0])), LEAST_SPREAD)
        own = weight * np.clip(1 - (residual / (OUTLIER * spread)) ** 2, 0, 1) ** 2
    return np.asarray(light)
