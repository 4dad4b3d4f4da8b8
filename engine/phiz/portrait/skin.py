"""The layers cut from the photo itself: background, body and face."""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import FaceShapes
from phiz.portrait.frame import FaceFrame
from phiz.portrait.joints import joint_weights, still_weights
from phiz.portrait.mesh import Mesh
from phiz.portrait.portrait import Portrait
from phiz.portrait.rig import Camera, Layer

__all__ = ["background_layer", "photo_textures", "skin_layers"]

Array = NDArray[np.float64]

BACKGROUND_DEPTH = -0.6  # metres behind the eyes
MOVED = 2e-6  # metres; a vertex that no shape moves further belongs to the body
VISIBLE = 2  # matte in 1/255 above which a pixel has something of the person


def background_layer(camera: Camera) -> Layer:
    """A still rectangle that fills the picture behind everything."""
    w, h = camera.width, camera.height
    corners = np.array([[0, 0], [0, h], [w, h], [w, 0]], np.float64)
    return Layer(
        name="background",
        positions=camera.lift(corners, BACKGROUND_DEPTH).astype(np.float32),
        uvs=(corners / (w, h)).astype(np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        texture="background",
        weights=still_weights(4).astype(np.float32),
    )


def photo_textures(portrait: Portrait, *, layered: bool) -> dict[str, NDArray[np.uint8]]:
    """The textures `background` and `person`, whose composite at rest is the photo.

    Where the person is see-through, the person's colour is solved from the photo and the background; where that
    colour would leave 0..255, the person is made less see-through until it does not.
    """
    photo = _on_white(portrait.pixels)
    if not layered:
        return {"background": _opaque(photo), "person": _opaque(photo)}
    seen = photo.astype(np.float64)
    matte = np.round(portrait.matte * 255)[..., None] / 255
    behind = np.where(matte > 0, portrait.background, photo).astype(np.float64)
    room = np.where(seen > behind, 255 - behind, behind)
    needed = (np.abs(seen - behind) / np.maximum(room, 1)).max(2, keepdims=True)
    alpha = np.where(matte > 0, np.maximum(matte, np.ceil(np.minimum(needed, 1) * 255) / 255), 0)
    colour = (seen - (1 - alpha) * behind) / np.maximum(alpha, 1 / 255)
    colour = np.where(alpha > 0, np.clip(np.round(colour), 0, 255), portrait.foreground)
    person = np.concatenate([colour, np.round(alpha * 255)], axis=2)
    return {"background": _opaque(behind.astype(np.uint8)), "person": person.astype(np.uint8)}


def skin_layers(
    portrait: Portrait, frame: FaceFrame, camera: Camera, mesh: Mesh, shapes: FaceShapes, *, layered: bool
) -> tuple[Layer, Layer]:
    """The person in two layers that meet without a seam: the body, which only follows the joints, and the face."""
    weights = joint_weights(mesh.points, layered=layered)
    picture = frame.to_picture(mesh.points)
    uvs = picture / (camera.width, camera.height)
    moves = np.max([np.abs(move).max(1) for move in shapes.shapes.values()], axis=0)
    alive = (moves > MOVED)[mesh.triangles].any(1)
    shown = _shown(portrait, picture, mesh.triangles) if layered else np.ones(len(mesh.triangles), bool)
    body = _part("body", mesh.triangles[~alive & shown], shapes, uvs, weights, moving=False, blend=layered)
    opaque = _opaque_part(portrait, picture, mesh.triangles[alive]) if layered else True
    face = _part("face", mesh.triangles[alive], shapes, uvs, weights, moving=True, blend=not opaque)
    return body, face


def _part(
    name: str, triangles: NDArray[np.intp], shapes: FaceShapes, uvs: Array, weights: Array, *, moving: bool, blend: bool
) -> Layer:
    used, local = np.unique(triangles, return_inverse=True)
    kept = {}
    if moving:
        kept = {key: move[used].astype(np.float32) for key, move in shapes.shapes.items() if np.abs(move).max() > MOVED}
    return Layer(
        name=name,
        positions=shapes.base[used].astype(np.float32),
        uvs=uvs[used].astype(np.float32),
        triangles=local.reshape(-1, 3).astype(np.uint32),
        texture="person",
        weights=weights[used].astype(np.float32),
        shapes=kept,
        blend=blend,
    )


def _shown(portrait: Portrait, picture: Array, triangles: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which triangles have anything of the person in their bounding box (one pixel wider)."""
    return _count(portrait.matte * 255 > VISIBLE, picture, triangles) > 0


def _opaque_part(portrait: Portrait, picture: Array, triangles: NDArray[np.intp]) -> bool:
    """True when no triangle touches a see-through pixel."""
    return not (_count(portrait.matte * 255 < 254.5, picture, triangles) > 0).any()


def _count(mask: NDArray[np.bool_], picture: Array, triangles: NDArray[np.intp]) -> NDArray[np.int64]:
    """Pixels of `mask` in each triangle's bounding box, one pixel wider; the picture goes on beyond its border."""
    total = np.pad(mask.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    height, width = mask.shape
    corners = picture[triangles]
    limit = np.array([width, height])
    low = np.clip(np.floor(corners.min(1)).astype(int) - 1, 0, limit - 1)
    high = np.clip(np.ceil(corners.max(1)).astype(int) + 1, low + 1, limit)
    return np.asarray(
        total[high[:, 1], high[:, 0]] - total[low[:, 1], high[:, 0]]
        - total[high[:, 1], low[:, 0]] + total[low[:, 1], low[:, 0]]
    )  # fmt: skip


def _on_white(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Colours [h, w, 3] of straight-alpha pixels [h, w, 4] on white."""
    alpha = pixels[..., 3:].astype(np.uint32)
    return ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)


def _opaque(colour: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([colour, np.full((*colour.shape[:2], 1), 255, np.uint8)], axis=2)
