"""The teeth that a photo shows between the lips, cut out of it to stand behind moving lips."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.cavity import CLEARANCE
from phiz.portrait.depth import Relief
from phiz.portrait.frame import MILLIMETRE, FaceFrame
from phiz.portrait.grids import grid
from phiz.portrait.joints import rigid_weights
from phiz.portrait.light import LUMINANCE, Light
from phiz.portrait.patch import Patch, fill_outwards
from phiz.portrait.rig import Camera, Layer

__all__ = ["lit_teeth", "own_teeth_layers", "paint_exact", "paint_own_teeth", "shows_teeth"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

ARCH_FRONT = -8.0  # millimetres behind the middle of the shut lips
# at ARCH_HALF: flatter than the arch, for what is seen in the corners lies before the teeth
DEPTH, HALF = 18.0, 27.0
EXACT_STEP = 90.0  # millimetres
TOOTH_LIKE = 0.55  # share of a made tooth's luminance that a tooth must have,
LEAST_TEETH = 0.25  # and share of the opening that must be so bright
GAP = 0.55  # of the brightest pixel in its column, a little blurred; what is darker is no tooth
COLUMN_BLUR = 1.5  # millimetres
NOISE = 0.35  # millimetres; single pixels of lip or tooth colour make no notch in the edge
EDGE_SMOOTHING = 0.6  # millimetres along the biting edge
LEAST_SMOOTHING = 2.0  # pixels
REACH = 3.5  # millimetres that the row goes on sideways under the lips
RISE, DARKER = 1.2, 0.6  # there: how far its edge rises, against the reach; the light that is lost
DOTS = 6.0  # texels a millimetre, for a smooth edge on a small face
SOFT = 0.25  # millimetres over which the biting edge fades


def own_teeth_layers(
    patch: Patch, frame: FaceFrame, camera: Camera, anchor: Array, skin: Relief
) -> list[Layer]:
    """The photo's own teeth, a rectangle of the photo bent to the dental arch and fixed to the skull, twice.

    `teeth_photo` has just the teeth; `mouth_photo` has the photo's very pixels, rims of the lips included,
    and steps back into the head as soon as the lips leave the photo's pose. anchor: place in
    metres [3] of the middle of the shut lips.
    """
    columns, rows = 13, 5
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    uvs = np.stack([u.ravel(), v.ravel()], axis=1)
    picture = patch.corner + uvs * patch.size
    across = frame.to_face(picture)[:, 0] - frame.to_face(camera.project(anchor[None]))[0, 0]
    arch = anchor[2] + (ARCH_FRONT - DEPTH * (across / HALF) ** 2) * MILLIMETRE
    depth = np.minimum(arch, (skin(frame.to_face(picture)) - CLEARANCE) * MILLIMETRE)
    front = (skin(frame.to_face(picture)) - CLEARANCE / 2) * MILLIMETRE
    aside = -EXACT_STEP * frame.rotation[:2, 2] * frame.scale * (1, -1)
    near = camera.lift(picture, front)
    # as large in the picture as in front, so that its texture is as sharp there
    far = camera.lift(picture + aside, front - EXACT_STEP * MILLIMETRE)
    teeth = Layer(
        name="teeth_photo",
        positions=camera.lift(picture, depth).astype(np.float32),
        uvs=uvs.astype(np.float32),
        triangles=grid(rows, columns),
        texture="teeth_photo",
        weights=rigid_weights(len(picture)).astype(np.float32),
        blend=True,
    )
    step = {"photo": (near - far).astype(np.float32)}
    exact = replace(
        teeth, name="mouth_photo", texture="mouth_photo", positions=far.astype(np.float32), shapes=step
    )
    return [teeth, exact]


def shows_teeth(patch: Patch, light: Light) -> bool:
    """Whether enough of what is between the photo's lips is as bright as teeth and not as red as lips."""
    bright = patch.colour @ LUMINANCE > TOOTH_LIKE * float(light.tooth @ LUMINANCE)
    like = (patch.inside > 0.5) & bright & ~_lip_coloured(patch.colour, light)
    return bool(like.sum() > max(LEAST_TEETH * patch.inside.sum(), 1))


def lit_teeth(patch: Patch, light: Light, pixels_per_millimetre: float) -> Light:
    """The light with the colour of the photo's own teeth for `tooth`: what is made stands beside them."""
    teeth = patch.colour[_teeth(patch, light, pixels_per_millimetre)]
    if not len(teeth):
        return light
    luminance = teeth @ LUMINANCE
    return replace(light, tooth=np.median(teeth[luminance >= np.percentile(luminance, 60)], axis=0))


def paint_exact(patch: Patch) -> NDArray[np.uint8]:
    """Texture of the layer `mouth_photo`."""
    return _with_alpha(patch.colour, patch.touched * 1.0)


def paint_own_teeth(patch: Patch, light: Light, pixels_per_millimetre: float) -> NDArray[np.uint8]:
    """Texture of the layer `teeth_photo`: the teeth are carried on up and sideways under the lips.

    patch: turned so that the face is upright, give or take 45 degrees.
    """
    import cv2

    teeth = _teeth(patch, light, pixels_per_millimetre)
    if not teeth.any():
        teeth = patch.inside > 0.5  # a gap so narrow that what is in it is all noise
    finer = int(np.clip(np.ceil(DOTS / pixels_per_millimetre), 1, 8))
    dots = pixels_per_millimetre * finer
    height, width = patch.inside.shape
    colour = fill_outwards(patch.colour, teeth, max(0.6, 0.4 * pixels_per_millimetre))
    colour = cv2.resize(colour, (width * finer, height * finer), interpolation=cv2.INTER_CUBIC)
    left, edge = _biting_edge(teeth, max(EDGE_SMOOTHING * pixels_per_millimetre, LEAST_SMOOTHING))
    x = (np.arange(width * finer) + 0.5) / finer
    y = (np.arange(height * finer) + 0.5) / finer
    bottom = np.interp(x, left + 0.5 + np.arange(len(edge)), edge)
    beyond = np.maximum(left - x, x - left - len(edge)) * finer / max(REACH * dots, 1.0)
    bottom -= RISE * REACH * pixels_per_millimetre * np.clip(beyond, 0, 1) ** 1.5
    cover = np.clip((bottom - y[:, None]) * finer / max(SOFT * dots, 1.0) + 0.5, 0, 1)
    cover *= np.clip(2 - 2 * beyond, 0, 1)
    return _with_alpha(colour * (1 - DARKER * np.clip(beyond, 0, 1))[:, None], cover)


def _teeth(patch: Patch, light: Light, pixels_per_millimetre: float) -> Mask:
    """Pixels [h, w] that show a tooth: in the opening, not as red as lips, and not dark for their place."""
    from scipy.ndimage import gaussian_filter, gaussian_filter1d, label

    luminance = patch.colour @ LUMINANCE
    soft = gaussian_filter(luminance, 0.25 * pixels_per_millimetre)
    brightest = np.where(patch.inside > 0.5, soft, 0).max(0)
    brightest = gaussian_filter1d(brightest, max(COLUMN_BLUR * pixels_per_millimetre, 0.5))
    like = patch.inside * ~_lip_coloured(patch.colour, light) * (soft > GAP * brightest)
    teeth = (patch.inside > 0.5) & (gaussian_filter(like, NOISE * pixels_per_millimetre) > 0.5)
    parts, count = label(teeth)
    if count < 2:
        return np.asarray(teeth)
    sizes = np.bincount(parts.ravel())[1:]
    return np.asarray(np.isin(parts, 1 + np.flatnonzero(sizes > 0.05 * sizes.sum())))


def _biting_edge(teeth: Mask, smoothing: float) -> tuple[int, Array]:
    """The first column that has a tooth, and the height of the teeth's lower edge from there to the last."""
    from scipy.ndimage import gaussian_filter1d, median_filter

    columns = np.flatnonzero(teeth.any(0))
    lowest = teeth.shape[0] - np.argmax(teeth[::-1], axis=0)[columns].astype(np.float64)
    every = np.arange(columns[0], columns[-1] + 1)
    edge = np.interp(every, columns, lowest)
    edge = median_filter(edge, 2 * round(smoothing) + 1, mode="nearest")
    return int(columns[0]), np.asarray(gaussian_filter1d(edge, smoothing, mode="nearest"))


def _lip_coloured(colour: Array, light: Light) -> Mask:
    """Pixels nearer in hue to the lips than to teeth, and not just dark."""

    def redness(rgb: Array) -> Array:
        return np.asarray((rgb[..., 0] - rgb[..., 1]) / np.maximum(rgb[..., 0], 1))

    limit = 0.55 * redness(light.lip) + 0.45 * redness(light.tooth)
    return np.asarray((redness(colour) > limit) & (colour @ LUMINANCE > 0.6 * float(light.lip @ LUMINANCE)))


def _with_alpha(colour: NDArray[np.floating[Any]], alpha: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    both = np.concatenate([colour, 255 * alpha[..., None]], axis=-1)
    return np.round(np.clip(both, 0, 255)).astype(np.uint8)
