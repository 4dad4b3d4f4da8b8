"""Inside the mouth: two rows of teeth and a tongue behind the lips."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import FaceShapes, moving_shapes
from phiz.portrait.cavity import under_skin
from phiz.portrait.controls import control_table
from phiz.portrait.depth import Relief
from phiz.portrait.enamel import ARCH_LENGTH, LOWER_HEIGHT, UPPER_HEIGHT, paint_row
from phiz.portrait.frame import FaceFrame
from phiz.portrait.grids import grid
from phiz.portrait.joints import rigid_weights
from phiz.portrait.light import Light
from phiz.portrait.rig import Camera, Layer

__all__ = ["lip_shadow_layer", "made_layers", "paint_inside", "tongue_part"]

Array = NDArray[np.float64]
Moves = dict[str, Array]

# Millimetres in canonical axes from the middle of the shut lips.
UPPER_EDGE = -1.8  # the upper incisors end just below the lip line (Vig & Brundo 1978: 2 mm show at rest)
LOWER_EDGE = -2.6  # the lower ones bite behind them
ARCH_FRONT = -8.0
ARCH_DEPTH, ARCH_HALF = 30.0, 27.0  # z falls by ARCH_DEPTH at ARCH_HALF from the midline
LOWER_INSET = 2.5  # the lower arch lies inside the upper
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
        tongue_part(),
    ]
    made = [part for part in parts if part is not None]
    places = [under_skin(frame.turn(part.points) + anchor, skin, frame, camera) for part in made]
    return [_layer(part, frame, at) for part, at in zip(made, places, strict=True)]


def paint_inside(light: Light, *, upper_teeth: bool, blur: float) -> dict[str, NDArray[np.uint8]]:
    """Textures of `made_layers` by name; `blur` is the photo's, in millimetres."""
    textures = {
        "mouth_cavity": _paint_cavity(light),
        "teeth_lower": paint_row(light, upper=False, blur=blur),
        "tongue": _paint_tongue(light),
        "lip_shadow": _paint_shadow(light),
    }
    if upper_teeth:
        textures["teeth_upper"] = paint_row(light, upper=True, blur=blur)
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
        triangles=grid(2, count),
        texture="lip_shadow",
        weights=rigid_weights(2 * count).astype(np.float32),
        shapes=moving_shapes(moves),
        blend=True,
    )


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
        triangles=grid(*part.size),
        texture=part.name,
        weights=rigid_weights(len(part.points)).astype(np.float32),
        shapes=shapes,
        blend=part.name.startswith("teeth"),
    )


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


def tongue_part() -> _Part:
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
    glow = 0.13 + 0.30 * np.clip(1 - v / 0.6, 0, 1) ** 1.5 * (1 - 0.5 * u)
    return _solid(light.lip * (1.0, 0.62, 0.6) * glow[..., None])


def _paint_tongue(light: Light) -> NDArray[np.uint8]:
    height, width = 48, 64
    v, u = np.mgrid[0:height, 0:width]
    u, v = (u + 0.5) / width * 2 - 1, (v + 0.5) / height
    lit = (0.16 + 0.62 * np.clip(v / 0.85, 0, 1) ** 1.7) * (1 - 0.62 * np.abs(u) ** 2.5)
    lit *= 1 - 0.16 * np.exp(-((u / 0.07) ** 2)) * (1 - v)
    lit *= 1 - 0.12 * np.clip((v - 0.9) / 0.1, 0, 1)
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
