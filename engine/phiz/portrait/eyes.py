"""Eyeballs: the photo's own, carried on under the lids, with an iris that can turn."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.depth import Relief
from phiz.portrait.frame import MILLIMETRE, FaceFrame
from phiz.portrait.iris import IRIS_EDGE, IRIS_RADIUS, Iris
from phiz.portrait.joints import rigid_weights
from phiz.portrait.light import LUMINANCE
from phiz.portrait.patch import Patch
from phiz.portrait.rig import Camera, Layer

__all__ = ["eye_layers", "lash_height"]

Array = NDArray[np.float64]

FULL_LOOK = np.radians(30)  # that an eyeLook weight of 1 turns the eye; `phiz.motion.eyes` counts on it
EYEBALL = 12.0 / IRIS_RADIUS  # the eyeball's radius, in those of its iris
# which way the iris goes, to the picture's right and up; In is to the nose
LOOK = {"Up": (0.0, 1.0), "Down": (0.0, -1.0), "In": (-1.0, 0.0), "Out": (1.0, 0.0)}
BEHIND = 1.0  # millimetres from the skin back to what is foremost of the eyeball
APART = 0.4  # millimetres between its parts where it faces the viewer, more where it is seen aslant
SINK = 2.5  # and as much more at the eyeball's hidden rim
REACH = 4.5  # millimetres that the eyeball goes on under the lids,
REACH_AT_TEMPLE = 1.2  # less there, where the lids move little and a turned head ends
LASH_RANGE = (1.1, 4.2)  # millimetres
LASH_CONTRAST = 18.0  # luminance by which lashes are darker than skin
SECTORS = 24
RINGS = (0.6, 1.0, IRIS_EDGE + 0.02)  # of the iris radius
GRID = (9, 6)  # vertices across and down of the parts that stay
FINE_GRID = (33, 21)  # places at which they are kept behind the skin


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


def eye_layers(
    side: str, patch: Patch, iris: Iris, lids: Array, skin: Relief, frame: FaceFrame, camera: Camera
) -> list[Layer]:
    """An eye's white, the iris before it, which alone turns, and what stays put before that.

    side: the subject's, "right" or "left". lids: places [n, 3] in metres of the lids' edge. skin: depth of
    the face.
    """
    outline = camera.project(lids)
    low, high = outline.min(0), outline.max(0)
    reach = REACH * frame.scale
    grid, cells = _under_lids(side, outline, frame)
    fine, _ = _grid(low - reach, high + reach, *FINE_GRID)
    over = np.minimum(_lid_depth(outline, lids[:, 2], fine), skin(frame.to_face(fine)) * MILLIMETRE)
    bowl = _bowl((low + high) / 2, (high - low) / 2 + reach, fine, over)

    disc, fan = _disc(iris)
    disc = np.clip(disc, patch.corner, patch.corner + patch.size)  # no further than its texture
    move = _looks(side, iris, disc, frame)
    rest = bowl(disc)
    turned = [camera.project(camera.lift(disc, rest) + vector) for vector in move.values()]
    looks = {look: camera.lift(seen, bowl(seen)) for look, seen in zip(move, turned, strict=True)}
    # Halfway a straight path lies deeper than the bowl (or less deep), by this much.
    half = [camera.lift(disc, rest) * 0.5 + place * 0.5 for place in looks.values()]
    deeper = np.concatenate([bowl(camera.project(place)) - place[:, 2] for place in half])
    steep = float(np.ptp(rest)) / (2 * RINGS[-1] * iris.radius / camera.scale)
    apart = APART * MILLIMETRE * (1 + steep)
    iris_at = BEHIND * MILLIMETRE + apart + 2 * max(0.0, -float(deeper.min()))
    eye_at = iris_at + apart + 2 * max(0.0, float(deeper.max()))

    def part(name: str, picture: Array, triangles: NDArray[np.uint32], depth: float) -> Layer:
        return Layer(
            name=f"{name}_{side}",
            positions=camera.lift(picture, bowl(picture) - depth).astype(np.float32),
            uvs=np.clip(patch.uvs(picture), 0, 1).astype(np.float32),
            triangles=triangles,
            texture=f"{name}_{side}",
            weights=rigid_weights(len(picture)).astype(np.float32),
            blend=name != "eye",
        )

    ball = part("iris", disc, fan, iris_at)
    shapes = {
        look: (camera.lift(seen, bowl(seen) - iris_at) - camera.lift(disc, rest - iris_at)).astype(np.float32)
        for look, seen in zip(move, turned, strict=True)
    }
    return [
        part("eye", grid, cells, eye_at),
        replace(ball, shapes=shapes),
        part("shine", grid, cells, BEHIND * MILLIMETRE),
    ]


def _looks(side: str, iris: Iris, picture: Array, frame: FaceFrame) -> dict[str, Array]:
    """By shape, how the iris's vertices move, in metres [n, 3]: a ball turned about its middle, seen from the
    front."""
    radius = EYEBALL * iris.radius / frame.scale
    across, up = (frame.to_face(picture) - frame.to_face(np.array([iris.centre]))).T
    front = np.sqrt(np.maximum(radius**2 - across**2 - up**2, 0))
    inward = 1.0 if side == "right" else -1.0  # the nose lies on the picture's right of the right eye
    sine, less = np.sin(FULL_LOOK), 1 - np.cos(FULL_LOOK)
    moves = {}
    for look, (out, y) in LOOK.items():
        x = -inward * out
        moved = np.stack(
            [x * sine * front - abs(x) * less * across, y * sine * front - abs(y) * less * up], 1
        )
        moves[f"eyeLook{look}{side.capitalize()}"] = frame.turn(np.pad(moved, ((0, 0), (0, 1))))
    return moves


def _bowl(middle: Array, radii: Array, grid: Array, over: Array) -> Callable[[Array], Array]:
    """Depth in metres at picture coordinates, below the depths `over` [n] at `grid` [n, 2], most at the rim.

    It is of the second order, so that the parts of the eyeball, whose vertices differ, do not cut each other.
    """

    def terms(points: Array) -> Array:
        x, y = ((points - middle) / radii).T
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)

    near = np.exp(-2 * np.hypot(*((grid - middle) / radii).T) ** 2)
    solution = np.linalg.lstsq(terms(grid) * near[:, None], over * near, rcond=None)[0]
    sink = SINK * MILLIMETRE * np.array([0.0, 0.0, 0.0, 1.0, 0.0, 1.0])
    above = float((terms(grid) @ (solution - sink) - over).max())
    solution = solution - sink - max(above, 0.0) * np.eye(6)[0]
    return lambda points: np.asarray(terms(points) @ solution)


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


def _under_lids(side: str, outline: Array, frame: FaceFrame) -> tuple[Array, NDArray[np.uint32]]:
    """Points [n, 2] from beyond the lids' edge (in the order of a ring) to beyond, and their triangles."""
    edge, columns = frame.to_face(outline), GRID[0]
    half = len(edge) // 2
    upper, lower = edge[: half + 1], np.concatenate([edge[:1], edge[: half - 1 : -1]])
    along = np.linspace(0, half, columns)
    first, last = (
        np.stack([np.interp(along, np.arange(half + 1), lid[:, axis]) for axis in (0, 1)], axis=1)
        for lid in (upper, lower)
    )
    from_temple = along / half if side == "right" else 1 - along / half
    reach = REACH_AT_TEMPLE + (REACH - REACH_AT_TEMPLE) * np.sin(np.pi / 2 * from_temple)
    aside = reach * np.linspace(-1, 1, columns)
    first, last = first + np.stack([aside, reach], axis=1), last + np.stack([aside, -reach], axis=1)
    down = np.linspace(0, 1, GRID[1])[:, None, None]
    _, triangles = _grid(np.zeros(2), np.ones(2), *GRID)
    return frame.to_picture((first + (last - first) * down).reshape(-1, 2)), triangles


def _grid(low: Array, high: Array, columns: int, rows: int) -> tuple[Array, NDArray[np.uint32]]:
    """Points [n, 2] in rows and columns between two corners, and their triangles."""
    x, y = np.meshgrid(np.linspace(low[0], high[0], columns), np.linspace(low[1], high[1], rows))
    index = np.arange(x.size).reshape(x.shape)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]))
    triangles = np.concatenate([np.stack([a, d, c], 1), np.stack([a, c, b], 1)])
    return np.stack([x.ravel(), y.ravel()], 1), triangles.astype(np.uint32)


def _disc(iris: Iris) -> tuple[Array, NDArray[np.uint32]]:
    """Points [n, 2] of an iris, its centre and rings about it, and counter-clockwise triangles."""
    angle = 2 * np.pi * np.arange(SECTORS) / SECTORS
    direction = np.stack([np.cos(angle), -np.sin(angle)], axis=1)
    centre = np.array([iris.centre])
    points = [centre, *(centre + direction * iris.radius * ring for ring in RINGS)]
    here, after = np.arange(SECTORS), np.roll(np.arange(SECTORS), -1)
    triangles = [np.stack([0 * here, 1 + here, 1 + after], axis=1)]
    for k in range(len(RINGS) - 1):
        first, second = 1 + k * SECTORS, 1 + (k + 1) * SECTORS
        triangles.append(np.stack([first + here, second + here, second + after], axis=1))
        triangles.append(np.stack([first + here, second + after, first + after], axis=1))
    return np.concatenate(points), np.concatenate(triangles).astype(np.uint32)
