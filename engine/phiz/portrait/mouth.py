"""Inside the mouth: two rows of teeth and a tongue behind the lips, or the photo's own teeth."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import FaceShapes, moving_shapes
from phiz.portrait.cavity import CLEARANCE, under_skin
from phiz.portrait.controls import control_table
from phiz.portrait.depth import Relief
from phiz.portrait.enamel import ARCH_LENGTH, LOWER_HEIGHT, UPPER_HEIGHT, paint_row
from phiz.portrait.frame import MILLIMETRE, FaceFrame
from phiz.portrait.joints import rigid_weights
from phiz.portrait.light import LUMINANCE, Light
from phiz.portrait.patch import Patch, fill_outwards
from phiz.portrait.rig import Camera, Layer

__all__ = [
    "lip_shadow_layer",
    "made_layers",
    "own_teeth_layers",
    "paint_inside",
    "paint_own_teeth",
    "shows_teeth",
]

Array = NDArray[np.float64]
Moves = dict[str, Array]

# Millimetres in canonical axes from the middle of the shut lips.
UPPER_EDGE = -1.8  # the upper incisors end just below the lip line (Vig & Brundo 1978: 2 mm show at rest)
LOWER_EDGE = -2.6  # the lower ones bite behind them
ARCH_FRONT = -8.0
ARCH_DEPTH, ARCH_HALF = 30.0, 27.0  # z falls by ARCH_DEPTH at ARCH_HALF from the midline
LOWER_INSET = 2.5  # the lower arch lies inside the upper
OWN_TEETH_DEPTH = (
    18.0  # at ARCH_HALF: flatter than the arch, for what is seen in the corners lies before the teeth
)
OWN_TEETH_REACH = 3.5
TOOTH_LIKE = 0.55  # share of a made tooth's luminance that a tooth must have,
LEAST_TEETH = 0.25  # and share of the opening that must be so bright
OWN_TEETH_DOTS = 6.0  # texels a millimetre, for a smooth edge on a small face
EDGE_SHARPNESS = 2.5
EDGE_BLUR = 0.35  # millimetres; single pixels of lip or tooth colour make no notch in the edge
EXACT_STEP = 0.08  # metres
SHADOW_TOP, SHADOW_BOTTOM = (0.0, 1.0, -2.0), (0.0, -5.0, -4.0)  # from the inner edge of the upper lip
SHADOW_STRENGTH = 0.5


def made_layers(
    frame: FaceFrame, camera: Camera, anchor: Array, skin: Relief, *, upper_teeth: bool
) -> list[Layer]:
    """Teeth and tongue.

    anchor: place in metres [3] of the middle of the shut lips. skin: depth of the face. upper_teeth: False
    where the photo shows its own.
    """
    parts = [
        _teeth("teeth_upper", UPPER_EDGE, UPPER_HEIGHT, 0.0, upper=True) if upper_teeth else None,
        _teeth("teeth_lower", LOWER_EDGE, -LOWER_HEIGHT, LOWER_INSET, upper=False),
        _tongue(),
    ]
    made = [part for part in parts if part is not None]
    places = [under_skin(frame.turn(part.points) + anchor, skin, frame, camera) for part in made]
    return [_layer(part, frame, at) for part, at in zip(made, places, strict=True)]


def paint_inside(light: Light, *, upper_teeth: bool) -> dict[str, NDArray[np.uint8]]:
    """Textures of `made_layers` by name."""
    textures = {
        "mouth_cavity": _paint_cavity(light),
        "teeth_lower": paint_row(light, upper=False),
        "tongue": _paint_tongue(light),
        "lip_shadow": _paint_shadow(light),
    }
    if upper_teeth:
        textures["teeth_upper"] = paint_row(light, upper=True)
    return textures


def lip_shadow_layer(frame: FaceFrame, shapes: FaceShapes, upper: NDArray[np.intp]) -> Layer:
    """The upper lip's shadow on what lies behind it; folded away in the photo, which has its own.

    upper: vertices of the inner upper lip, corner to corner.
    """
    over, under = frame.turn(np.array([SHADOW_TOP, SHADOW_BOTTOM]))
    count = len(upper)
    narrowing = np.sin(np.pi * np.linspace(0, 1, count))[:, None] ** 0.5
    positions = np.concatenate([shapes.base[upper] + over, shapes.base[upper] + under * narrowing])
    moves = {name: np.tile(move[upper], (2, 1)) for name, move in shapes.shapes.items()}
    moves["photo"][count:] += over - under * narrowing
    return Layer(
        name="lip_shadow",
        positions=positions.astype(np.float32),
        uvs=np.stack([np.full(2 * count, 0.5), np.repeat([0.0, 1.0], count)], axis=1).astype(np.float32),
        triangles=_grid(2, count),
        texture="lip_shadow",
        weights=rigid_weights(2 * count).astype(np.float32),
        shapes=moving_shapes(moves),
        blend=True,
    )


def own_teeth_layers(
    patch: Patch, frame: FaceFrame, camera: Camera, anchor: Array, skin: Relief
) -> list[Layer]:
    """The photo's own teeth, a rectangle of the photo bent to the dental arch and fixed to the skull, twice.

    `teeth_photo` has just the teeth; `mouth_photo` has the photo's very pixels, rims of the lips included,
    and steps back along the line of sight as soon as the lips leave the photo's pose. anchor: place in
    metres [3] of the middle of the shut lips.
    """
    columns, rows = 13, 5
    u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
    uvs = np.stack([u.ravel(), v.ravel()], axis=1)
    picture = patch.corner + uvs * patch.size
    across = frame.to_face(picture)[:, 0] - frame.to_face(camera.project(anchor[None]))[0, 0]
    arch = anchor[2] + (ARCH_FRONT - OWN_TEETH_DEPTH * (across / ARCH_HALF) ** 2) * MILLIMETRE
    depth = np.minimum(arch, (skin(frame.to_face(picture)) - CLEARANCE) * MILLIMETRE)
    front = (skin(frame.to_face(picture)) - CLEARANCE / 2) * MILLIMETRE
    near, far = camera.lift(picture, front), camera.lift(picture, depth - EXACT_STEP)
    teeth = Layer(
        name="teeth_photo",
        positions=camera.lift(picture, depth).astype(np.float32),
        uvs=uvs.astype(np.float32),
        triangles=_grid(rows, columns),
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
    like = patch.inside * bright * ~_lip_coloured(patch.colour, light)
    return bool(like.sum() > LEAST_TEETH * patch.inside.sum())


def paint_own_teeth(patch: Patch, light: Light, pixels_per_millimetre: float) -> dict[str, NDArray[np.uint8]]:
    """Textures of `own_teeth_layers`: the teeth are carried on up and sideways under the lips."""
    import cv2
    from scipy.ndimage import gaussian_filter

    soft_inside = gaussian_filter(
        patch.inside * ~_lip_coloured(patch.colour, light), EDGE_BLUR * pixels_per_millimetre
    )
    solid = (patch.inside > 0.5) & (soft_inside > 0.5)
    if not solid.any():
        solid = patch.inside > 0.5
    finer = int(np.clip(np.ceil(OWN_TEETH_DOTS / pixels_per_millimetre), 1, 8))
    size = tuple(int(side) * finer for side in patch.size)
    colour = fill_outwards(patch.colour, solid, max(0.6, 0.4 * pixels_per_millimetre))
    colour = np.asarray(cv2.resize(colour, size, interpolation=cv2.INTER_CUBIC))
    soft = cv2.resize(
        gaussian_filter(solid * 1.0, max(0.7, EDGE_BLUR * pixels_per_millimetre)),
        size,
        interpolation=cv2.INTER_CUBIC,
    )
    reach = max(1, round(OWN_TEETH_REACH * pixels_per_millimetre * finer))
    beside = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
    beside[reach:] = 1  # a dot is covered when one below it or beside it is
    cover = np.asarray(cv2.dilate(np.clip((soft - 0.5) * EDGE_SHARPNESS + 0.5, 0, 1), beside))
    return {
        "teeth_photo": _with_alpha(colour, cover),
        "mouth_photo": _with_alpha(patch.colour, patch.touched * 1.0),
    }


def _lip_coloured(colour: Array, light: Light) -> NDArray[np.bool_]:
    """Pixels nearer in hue to the lips than to teeth, and not just dark."""

    def redness(rgb: Array) -> Array:
        return np.asarray((rgb[..., 0] - rgb[..., 1]) / np.maximum(rgb[..., 0], 1))

    limit = 0.55 * redness(light.lip) + 0.45 * redness(light.tooth)
    return np.asarray((redness(colour) > limit) & (colour @ LUMINANCE > 0.6 * float(light.lip @ LUMINANCE)))


def _with_alpha(colour: NDArray[np.floating[Any]], alpha: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    both = np.concatenate([colour, 255 * alpha[..., None]], axis=-1)
    return np.round(np.clip(both, 0, 255)).astype(np.uint8)


class _Part:
    """A grid of points in canonical millimetres about the anchor, and how shapes of the table move it."""

    def __init__(
        self, name: str, points: Array, uvs: Array, size: tuple[int, int], follow: Mapping[str, Array]
    ) -> None:
        self.name, self.points, self.uvs, self.size, self.follow = name, points, uvs, size, follow


def _layer(part: _Part, frame: FaceFrame, places: Array) -> Layer:
    shapes = {}
    for shape, moves in control_table().items():
        move = sum((moves[c] * share[:, None] for c, share in part.follow.items() if c in moves), np.zeros(3))
        if np.any(move):
            shapes[shape] = frame.turn(np.broadcast_to(move, part.points.shape)).astype(np.float32)
    return Layer(
        name=part.name,
        positions=places.astype(np.float32),
        uvs=part.uvs.astype(np.float32),
        triangles=_grid(*part.size),
        texture=part.name,
        weights=rigid_weights(len(part.points)).astype(np.float32),
        shapes=shapes,
        blend=part.name.startswith("teeth"),
    )


def _grid(rows: int, columns: int) -> NDArray[np.uint32]:
    """Counter-clockwise triangles of a grid whose rows run down and whose columns run right as the camera
    sees it."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (
        index[:-1, :-1].ravel(),
        index[:-1, 1:].ravel(),
        index[1:, :-1].ravel(),
        index[1:, 1:].ravel(),
    )
    return np.concatenate([np.stack([a, c, d], 1), np.stack([a, d, b], 1)]).astype(np.uint32)


def _teeth(name: str, edge: float, height: float, inset: float, *, upper: bool) -> _Part:
    columns, rows = 25, 3
    along = np.linspace(-1, 1, columns) * ARCH_LENGTH
    x, z = _arch(along)
    x *= 1 - inset / ARCH_HALF
    top, bottom = (edge + height, edge) if upper else (edge, edge + height)
    v = np.linspace(0, 1, rows)
    points = np.stack(
        [np.tile(x, rows), np.repeat(top + (bottom - top) * v, columns), np.tile(z - inset, rows)], axis=1
    )
    uvs = np.stack([np.tile(np.linspace(0, 1, columns), rows), np.repeat(v, columns)], axis=1)
    follow = {} if upper else {"teeth_lower": np.ones(len(points))}
    return _Part(name, points, uvs, (rows, columns), follow)


def _arch(along: Array) -> tuple[Array, Array]:
    """Places (x, z) on the parabolic dental arch at distances `along` it from the midline."""
    x = np.linspace(0, 1.3 * ARCH_HALF, 400)
    z = -ARCH_DEPTH * (x / ARCH_HALF) ** 2
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    side = np.abs(along)
    return np.sign(along) * np.interp(side, length, x), ARCH_FRONT + np.interp(side, length, z)


def _tongue() -> _Part:
    """A tongue that lies behind the lower teeth; row 0 is its root, the last row its round tip."""
    columns, rows = 9, 12
    across, down = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(0, 1, rows))
    u, v = across.ravel(), down.ravel()
    rounding = np.sqrt(1 - 0.97 * np.clip((v - 0.5) / 0.5, 0, 1) ** 2.5)
    y = np.interp(v, [0, 0.3, 0.6, 0.8, 1.0], [1.0, 0.5, -2.0, -7.0, -16.0])
    z = np.interp(v, [0, 0.3, 0.6, 0.8, 1.0], [-33.0, -29.0, -20.0, -14.5, -13.5])
    groove = 1.2 * np.exp(-((u / 0.16) ** 2)) * (1 - v)
    side = u * rounding
    points = np.stack([17.0 * side, y - 1.5 * side**2 - groove, z - 3.0 * side**2], axis=1)
    uvs = np.stack([(u + 1) / 2, v], axis=1)
    follow = {
        "tongue": np.interp(v, [0, 0.3, 1.0], [0.15, 0.5, 1.0]),
        "tongue_tip": np.interp(v, [0.5, 0.8, 1.0], [0.0, 0.35, 1.0]),
    }
    return _Part("tongue", points, uvs, (rows, columns), follow)


def _paint_cavity(light: Light) -> NDArray[np.uint8]:
    """Inside of the cheeks: u from the lower (0) to the upper side (1), v from the lips (0) to the throat
    (1)."""
    height, width = 32, 16
    v, u = np.mgrid[0:height, 0:width]
    u, v = (u + 0.5) / width, (v + 0.5) / height
    glow = 0.05 + 0.30 * np.clip(1 - v / 0.45, 0, 1) ** 1.5 * (1 - 0.55 * u)
    return _solid(light.lip * (1.0, 0.66, 0.64) * glow[..., None])


def _paint_tongue(light: Light) -> NDArray[np.uint8]:
    height, width = 48, 64
    v, u = np.mgrid[0:height, 0:width]
    u, v = (u + 0.5) / width * 2 - 1, (v + 0.5) / height
    lit = (0.20 + 0.46 * np.clip(v / 0.8, 0, 1) ** 1.5) * (1 - 0.45 * u**2)
    lit *= 1 - 0.16 * np.exp(-((u / 0.07) ** 2)) * (1 - v)
    lit *= 1 - 0.35 * np.clip((v - 0.9) / 0.1, 0, 1)
    colour = light.lip * (1.06, 0.86, 0.88) * lit[..., None]
    return _solid(colour)


def _paint_shadow(light: Light) -> NDArray[np.uint8]:
    """Dark at the lip, fading out downwards."""
    fade = SHADOW_STRENGTH * np.linspace(1, 0, 16) ** 1.4
    colour = np.tile(light.lip * (0.34, 0.2, 0.16), (16, 1))
    column = np.concatenate([colour, 255 * fade[:, None]], axis=1)
    return np.round(np.repeat(column[:, None], 2, axis=1)).astype(np.uint8)


def _solid(colour: Array) -> NDArray[np.uint8]:
    full = np.full((*colour.shape[:2], 1), 255.0)
    return np.round(np.clip(np.concatenate([colour, full], axis=-1), 0, 255)).astype(np.uint8)
