"""Eyeballs: the photo's own, carried on under the lids, with an iris that can turn."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.depth import Relief
from phiz.portrait.frame import MILLIMETRE, FaceFrame
from phiz.portrait.joints import rigid_weights
from phiz.portrait.light import LUMINANCE
from phiz.portrait.patch import Patch
from phiz.portrait.rig import Camera, Layer

__all__ = ["Iris", "eye_layer", "eye_texture", "find_iris", "lash_height"]

Array = NDArray[np.float64]

IRIS_RADIUS = 5.9  # millimetres (visible iris diameter 11.8, Rüfer et al. 2005)
LOOK = {"Up": (0.0, 2.6), "Down": (0.0, -3.2), "In": (-3.6, 0.0), "Out": (3.6, 0.0)}  # mm; In is to the nose
BEHIND = 1.2  # millimetres from the skin back to the eyeball
SINK = 2.5  # and as much more at the eyeball's hidden rim
REACH = 4.5  # millimetres that the eyeball goes on under the lids
SECTORS = 22
LASH_RANGE = (1.1, 4.2)  # millimetres
LASH_CONTRAST = 18.0  # luminance by which lashes are darker than skin
RINGS = (0.0, 1.0, 1.12)  # of the iris radius; all but the last move as one
OUTER_RINGS = 3


@dataclass(frozen=True)
class Iris:
    """centre: picture coordinates. radius: pixels."""

    centre: tuple[float, float]
    radius: float


def find_iris(patch: Patch, outline: Array, scale: float) -> Iris:
    """The darkest disc in an eye, near its middle.

    outline: the lids [n, 2] in picture coordinates. scale: pixels a millimetre.
    """
    luminance = patch.colour @ LUMINANCE
    centres = patch.centres()
    low, high = outline.min(0), outline.max(0)
    middle = (low + high) / 2
    best, found = -np.inf, (float(middle[0]), float(middle[1]))
    radius = IRIS_RADIUS * scale
    for x in np.linspace(low[0] + 0.6 * radius, high[0] - 0.6 * radius, 25):
        for y in np.linspace(middle[1] - 0.45 * radius, middle[1] + 0.45 * radius, 9):
            distance = np.hypot(centres[..., 0] - x, centres[..., 1] - y) / radius
            disc = patch.inside * np.clip((1.0 - distance) * radius + 0.5, 0, 1)
            ring = patch.inside * np.clip((1.55 - distance) * radius + 0.5, 0, 1) - disc
            if disc.sum() < 2 or ring.sum() < 1:
                continue
            contrast = (ring * luminance).sum() / ring.sum() - (disc * luminance).sum() / disc.sum()
            score = contrast - 10 * abs(x - middle[0]) / (high[0] - low[0])
            if score > best:
                best, found = score, (float(x), float(y))
    return Iris(found, radius)


def lash_height(photo: NDArray[np.uint8], frame: FaceFrame, lids: Array) -> float:
    """How far above the upper lid's edge its lashes and their shadow darken the skin, in millimetres.

    lids: float64 [6, 2], the eye's landmarks in face coordinates, from the left corner along the upper lid.
    """
    heights = np.arange(0.0, LASH_RANGE[1] + 4.0, 0.25)
    across = lids[1] + (lids[2] - lids[1]) * np.linspace(-0.3, 1.3, 9)[:, None]
    places = across[:, None, :] + np.stack([np.zeros_like(heights), heights], axis=1)[None]
    pixel = np.floor(frame.to_picture(places.reshape(-1, 2))).astype(int)
    limit = np.array([photo.shape[1], photo.shape[0]]) - 1
    x, y = np.clip(pixel, 0, limit).T
    profile = (photo[y, x, :3] @ LUMINANCE).reshape(len(across), -1).mean(0)
    darkest = int(np.argmin(profile[heights <= LASH_RANGE[1]]))
    skin = float(profile[darkest:][heights[darkest:] <= LASH_RANGE[1] + 2].max())
    bright = profile[darkest:] > profile[darkest] + 0.6 * (skin - profile[darkest])
    if skin - profile[darkest] < LASH_CONTRAST or not bright.any():
        return LASH_RANGE[0]
    return float(np.clip(heights[darkest + int(np.argmax(bright))], *LASH_RANGE))


def eye_texture(patch: Patch, iris: Iris) -> NDArray[np.uint8]:
    """The patch with sclera and iris carried on under the lids."""
    known = patch.inside > 0.6
    centres = patch.centres()
    distance = np.hypot(centres[..., 0] - iris.centre[0], centres[..., 1] - iris.centre[1]) / iris.radius
    colour = np.where(
        patch.touched[..., None], patch.colour, _sclera(patch, known & (distance > 1.1), iris.radius)
    )
    visible = known & (distance < 1.0)
    if visible.sum() > 4:
        edges = np.linspace(0, 1.0, 6)
        middles = (edges[1:] + edges[:-1]) / 2
        profile = []
        for near, far in pairwise(edges):
            band = visible & (distance >= near - 0.05) & (distance < far + 0.05)
            profile.append(np.median(patch.colour[band], axis=0) if band.any() else np.full(3, np.nan))
        table = np.array(profile)
        rows = ~np.isnan(table[:, 0])
        round_ = np.stack([np.interp(distance, middles[rows], table[rows, k]) for k in range(3)], axis=-1)
        disc = np.clip((1.0 - distance) * iris.radius + 0.5, 0, 1)[..., None]
        colour = np.where(patch.touched[..., None], colour, colour * (1 - disc) + round_ * disc)
    full = np.full((*colour.shape[:2], 1), 255.0)
    return np.round(np.clip(np.concatenate([colour, full], axis=-1), 0, 255)).astype(np.uint8)


def _sclera(patch: Patch, white: NDArray[np.bool_], spread: float) -> Array:
    """The white of the eye carried on everywhere: its brighter pixels, smoothed over about `spread`
    pixels."""
    from scipy.ndimage import gaussian_filter

    luminance = patch.colour @ LUMINANCE
    if not white.any():
        return np.broadcast_to(patch.colour.reshape(-1, 3).mean(0), patch.colour.shape)
    weight = (white & (luminance >= np.percentile(luminance[white], 35))) * 1.0
    total = gaussian_filter(weight, spread, mode="constant") + 1e-6
    mean = (patch.colour * weight[..., None]).sum((0, 1)) / weight.sum()
    soft = [
        (gaussian_filter(patch.colour[..., k] * weight, spread, mode="constant") + 1e-6 * mean[k]) / total
        for k in range(3)
    ]
    return np.stack(soft, axis=-1)


def eye_layer(
    side: str, patch: Patch, iris: Iris, lids: Array, skin: Relief, frame: FaceFrame, camera: Camera
) -> Layer:
    """An eyeball's visible part: rings around the iris out under the lids.

    side: the subject's, "right" or "left". lids: places [n, 3] in metres of the lids' edge. skin: depth of
    the face.
    """
    outline = camera.project(lids)
    picture, share = _rings(iris, outline, REACH * frame.scale)
    under = BEHIND + SINK * (1 - share)
    over = np.minimum(_lid_depth(outline, lids[:, 2], picture), skin(frame.to_face(picture)) * MILLIMETRE)
    positions = camera.lift(picture, over - under * MILLIMETRE)
    inward = 1.0 if side == "right" else -1.0  # the nose lies on the picture's right of the right eye
    shapes = {}
    for look, (dx, dy) in LOOK.items():
        across = -dx * inward if look in ("In", "Out") else dx
        move = frame.turn(np.array([[across, dy, 0.0]])) * share[:, None]
        shapes[f"eyeLook{look}{side.capitalize()}"] = move.astype(np.float32)
    return Layer(
        name=f"eye_{side}",
        positions=positions.astype(np.float32),
        uvs=patch.uvs(picture).astype(np.float32),
        triangles=_fan(len(RINGS) + OUTER_RINGS, SECTORS),
        texture=f"eye_{side}",
        weights=rigid_weights(len(picture)).astype(np.float32),
        shapes=shapes,
    )


def _lid_depth(outline: Array, depths: Array, picture: Array) -> Array:
    """Depth in metres that closing lids sweep over at `picture` [n, 2]: bent across the eye, straight down
    it."""
    low, high = outline.min(0), outline.max(0)

    def terms(points: Array) -> Array:
        x, y = ((np.clip(points, low, high) - low) / (high - low) * 2 - 1).T
        return np.stack([np.ones_like(x), x, y, x * x], axis=1)

    solution = np.linalg.lstsq(terms(outline), depths, rcond=None)[0]
    slack = min(0.0, float((depths - terms(outline) @ solution).min()))
    return np.asarray(terms(picture) @ solution + slack)


def _rings(iris: Iris, outline: Array, reach: float) -> tuple[Array, Array]:
    """Picture coordinates of the rings' vertices, and the share of the gaze that each follows."""
    angle = 2 * np.pi * np.arange(SECTORS) / SECTORS
    direction = np.stack([np.cos(angle), -np.sin(angle)], axis=1)
    centre = np.array(iris.centre)
    middle = (outline.min(0) + outline.max(0)) / 2
    radii = (outline.max(0) - outline.min(0)) / 2 + reach
    border = middle + direction * radii
    points, shares = [], []
    for ring in RINGS:
        points.append(centre + direction * iris.radius * ring)
        shares.append(np.ones(SECTORS))
    last = points[-1]
    for k in range(1, OUTER_RINGS + 1):
        t = k / OUTER_RINGS
        points.append(last + (border - last) * t)
        shares.append(np.full(SECTORS, 1 - t))
    return np.concatenate(points), np.concatenate(shares)


def _fan(rings: int, sectors: int) -> NDArray[np.uint32]:
    """Counter-clockwise triangles between rings; the innermost ring is one point, repeated."""
    triangles = []
    for k in range(rings - 1):
        for j in range(sectors):
            after = (j + 1) % sectors
            a, b = k * sectors + j, k * sectors + after
            c, d = a + sectors, b + sectors
            triangles.append((a, c, d))
            if k > 0:
                triangles.append((a, d, b))
    return np.array(triangles, np.uint32)
