"""A small synthetic rig with one of everything a real one has, to test renderers with."""

import numpy as np

from phiz.channels import CHANNELS, INDEX
from phiz.portrait.rig import Camera, Layer, Rig

WIDTH, HEIGHT = 160, 120
CAMERA = Camera(WIDTH, HEIGHT, (0.0, 0.0, 0.9), 700.0)
CENTRE = (80.0, 62.0)  # of the head, in pixels


def values(**channels: float) -> np.ndarray:
    """One frame's values, 0 but for those named."""
    row = np.zeros(len(CHANNELS))
    for name, value in channels.items():
        row[INDEX[name]] = value
    return row


def picture(width: int = WIDTH, height: int = HEIGHT, seed: int = 1) -> np.ndarray:
    """A smooth coloured picture with some grain: uint8 [height, width, 4], opaque."""
    down, across = np.mgrid[0:height, 0:width]
    x, y = across / height, down / height
    waves = [np.sin(7 * x + 5 * y * k + k) * 55 + 110 + 20 * k for k in range(3)]
    grain = (across * 7919 + down * 104729 * seed)[..., None] % (13, 11, 7)
    colour = np.round(np.stack(waves, -1) + grain)
    return np.dstack([colour, np.full((height, width), 255)]).astype(np.uint8)


def grid(xs: np.ndarray, ys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points [n, 2] and counter-clockwise triangles of a grid of lines."""
    x, y = np.meshgrid(xs, ys)
    index = np.arange(x.size).reshape(x.shape)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]))
    triangles = np.concatenate([np.stack([a, d, c], 1), np.stack([a, c, b], 1)])
    return np.stack([x.ravel(), y.ravel()], 1), triangles.astype(np.uint32)


def make_layer(
    name: str,
    points: np.ndarray,
    triangles: np.ndarray,
    depth: np.ndarray | float,
    weights: tuple[float, float, float] = (1.0, 0.0, 0.0),
    texture: str = "photo",
    uvs: np.ndarray | None = None,
    **more,
) -> Layer:
    """A layer that lands on picture points [n, 2] at depth, textured as the photo unless told otherwise."""
    return Layer(
        name=name,
        positions=CAMERA.lift(points, depth).astype(np.float32),
        uvs=(points / (WIDTH, HEIGHT) if uvs is None else uvs).astype(np.float32),
        triangles=triangles.astype(np.uint32),
        texture=texture,
        weights=np.tile(np.array(weights, np.float32), (len(points), 1)),
        **more,
    )


def dome(points: np.ndarray) -> np.ndarray:
    """Depth in metres of a head's front at picture points."""
    away = ((points - CENTRE) ** 2).sum(1) / 50.0**2
    return 0.05 * np.sqrt(np.clip(1 - away, 0, 1))


def make_rig(hair: bool = True) -> Rig:
    """Background, a cavity that falls steeply back, teeth, a curved face with a mouth, soft hair."""
    head = (0.0, 0.2, 0.8)
    xs, ys = np.linspace(0, WIDTH, 5), np.linspace(0, HEIGHT, 5)
    background = make_layer("background", *grid(xs, ys), -0.3)
    size = 0.02
    teeth = make_layer(
        "teeth", *grid(np.array([60.0, 100.0]), np.array([74.0, 92.0])), size, head, "teeth",
        uvs=np.array([[0, 0], [1, 0], [0, 1], [1, 1]], float),
    )  # fmt: skip
    points, triangles = grid(np.linspace(64, 96, 9), np.array([78.0, 80.0, 86.0]))
    steep = np.where(points[:, 1] < 79, dome(points), -0.01)
    cavity = make_layer("cavity", points, triangles, steep, head, "dark", uvs=points * 0 + 0.5)
    points, triangles = grid(np.linspace(42, 118, 18), np.linspace(20, 104, 19))
    middle = (points[triangles.astype(int)].min(1) + points[triangles.astype(int)].max(1)) / 2
    mouth = (np.abs(middle[:, 0] - 80) < 14) & (np.abs(middle[:, 1] - 82) < 3)
    below = np.clip((points[:, 1] - 82) / 20, 0, 1) * np.exp(-(((points[:, 0] - 80) / 25) ** 2))
    jaw = np.stack([0 * below, -0.02 * below, -0.004 * below], 1).astype(np.float32)
    smile = np.stack([0.0002 * (points[:, 0] - 80) * below, 0.01 * below, 0 * below], 1).astype(np.float32)
    face = make_layer(
        "face", points, triangles[~mouth], dome(points), head,
        shapes={"jawOpen": jaw, "photo": smile, "unheardOf": smile},
    )  # fmt: skip
    layers = [background, cavity, teeth, face]
    textures = {"photo": picture(), "teeth": picture(40, 18, seed=2)}
    textures["dark"] = np.full((2, 2, 4), (40, 10, 10, 255), np.uint8)
    if hair:
        points, triangles = grid(np.linspace(30, 130, 9), np.linspace(6, 56, 7))
        layers.append(make_layer("hair", points, triangles, dome(points) + 0.02, head, "hair", blend=True))
        textures["hair"] = soft_hair()
    joints = np.array([[0, -0.2, -0.05], [0, -0.12, -0.04], [0, -0.06, -0.03]], np.float32)
    return Rig(tuple(layers), textures, joints, CAMERA, np.zeros((68, 2), np.float32))


def soft_hair() -> np.ndarray:
    """Brown where the hair is, bright green where it is not and alpha is 0, so that a fringe would show."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH] + 0.5
    away = np.hypot((x - 80) / 44, (y - 44) / 34)
    alpha = np.clip((1 - np.abs(away - 0.85) / 0.15) * 2, 0, 1)
    brown = np.stack([70 + 20 * np.sin(x / 3), 45 + 10 * np.sin(x / 3), 30 + 0 * x], -1)
    colour = np.where(alpha[..., None] > 0, brown, (0, 255, 0))
    return np.dstack([colour, alpha * 255]).astype(np.uint8)
