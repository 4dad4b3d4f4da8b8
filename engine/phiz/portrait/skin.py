"""The layers cut from the photo itself: background, body, face, and the person's see-through edge."""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import UNMOVED, FaceShapes, moving_shapes
from phiz.portrait.frame import FaceFrame
from phiz.portrait.joints import still_weights
from phiz.portrait.mesh import Mesh
from phiz.portrait.pieces import Piece, trimmed
from phiz.portrait.rig import Camera, Layer

__all__ = ["background_layers", "skin_layers", "still_layer"]

Array = NDArray[np.float64]

BACKGROUND_DEPTH = -0.6  # metres behind the eyes
BEHIND_DEPTH = -0.598  # a little nearer, for engines that do not draw in the layers' order
VISIBLE = 2  # alpha in 1/255 above which a pixel has something of the person


def background_layers(camera: Camera, pieces: Mapping[str, Piece]) -> list[Layer]:
    """Still rectangles behind everything: the photo, and over it what is painted behind the person.

    pieces: from `cut_photo`; their names are those of the textures.
    """
    layers = []
    if "photo" in pieces:
        layers.append(still_layer("background", camera, pieces["photo"], "photo"))
    if "still" in pieces:
        layers.append(still_layer("background", camera, pieces["still"], "still"))
    if "behind" in pieces:
        layers.append(still_layer("behind", camera, pieces["behind"], "behind", BEHIND_DEPTH))
    return layers


def still_layer(
    name: str, camera: Camera, piece: Piece, texture: str, depth: float = BACKGROUND_DEPTH
) -> Layer:
    """A piece of the picture as a rectangle that never moves. depth: z in metres."""
    return Layer(
        name=name,
        positions=camera.lift(piece.corners, depth).astype(np.float32),
        uvs=piece.uvs(piece.corners).astype(np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        texture=texture,
        weights=still_weights(4).astype(np.float32),
        blend=bool(piece.pixels[..., 3].min() < 255),
    )


def skin_layers(
    pieces: Mapping[str, Piece],
    frame: FaceFrame,
    camera: Camera,
    mesh: Mesh,
    shapes: FaceShapes,
    weights: Array,
) -> tuple[dict[str, Layer], dict[str, Piece]]:
    """The person in layers that meet without a seam, and the pieces as far as layers need them.

    `body` only follows the joints, `face` has shapes too; both are opaque. `edge` is what of them is
    see-through somewhere. A layer with nothing in it is left out.

    pieces: from `cut_photo`. weights: float64 [vertices, 3], shares of the joints.
    """
    picture = frame.to_picture(mesh.points)
    moves = np.max([np.abs(move).max(1) for move in shapes.shapes.values()], axis=0)
    alive = (moves > UNMOVED)[mesh.triangles].any(1)
    shown, clear = np.ones_like(alive), np.zeros_like(alive)
    if "person" in pieces:
        alpha = pieces["person"].pixels[..., 3]
        corners = picture[mesh.triangles] - (pieces["person"].left, pieces["person"].top)
        shown, clear = _contain(alpha > VISIBLE, corners), _contain(alpha < 255, corners)
    parts = {"body": ~alive & shown & ~clear, "face": alive & shown & ~clear, "edge": shown & clear}
    whole = "photo" if "photo" in pieces else "person"
    kept = dict(pieces)
    if "person" in pieces and whole == "photo":
        corners = picture[mesh.triangles[parts["edge"]]]
        kept["person"] = trimmed(pieces["person"], corners, max(camera.width, camera.height))
    layers = {}
    for name, chosen in parts.items():
        texture = "person" if name == "edge" else whole
        if chosen.any():
            layers[name] = _part(
                name, mesh.triangles[chosen], shapes, kept[texture].uvs(picture), weights, texture
            )
    used = {"photo", "still", "behind", *(layer.texture for layer in layers.values())}
    return layers, {name: piece for name, piece in kept.items() if name in used}


def _part(
    name: str, triangles: NDArray[np.intp], shapes: FaceShapes, uvs: Array, weights: Array, texture: str
) -> Layer:
    used, local = np.unique(triangles, return_inverse=True)
    moves = {} if name == "body" else {key: move[used] for key, move in shapes.shapes.items()}
    return Layer(
        name=name,
        positions=shapes.base[used].astype(np.float32),
        uvs=uvs[used].astype(np.float32),
        triangles=local.reshape(-1, 3).astype(np.uint32),
        texture=texture,
        weights=weights[used].astype(np.float32),
        shapes=moving_shapes(moves),
        blend=name == "edge",
    )


def _contain(mask: NDArray[np.bool_], corners: Array) -> NDArray[np.bool_]:
    """Whether a pixel of `mask` lies in the bounding box, one pixel wider, of each triangle of `corners`
    [n, 3, 2]; the mask goes on beyond its border."""
    total = cv2.integral(mask.astype(np.uint8))
    limit = np.array(mask.shape[::-1])
    low = np.clip(np.floor(corners.min(1)).astype(int) - 1, 0, limit - 1)
    high = np.clip(np.ceil(corners.max(1)).astype(int) + 1, low + 1, limit)
    return np.asarray(
        total[high[:, 1], high[:, 0]] - total[low[:, 1], high[:, 0]]
        - total[high[:, 1], low[:, 0]] + total[low[:, 1], low[:, 0]] > 0
    )  # fmt: skip
