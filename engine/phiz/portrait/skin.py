"""The layers cut from the photo itself: background, body and face."""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import UNMOVED, FaceShapes, moving_shapes
from phiz.portrait.frame import FaceFrame
from phiz.portrait.image import on_white
from phiz.portrait.joints import joint_weights, still_weights
from phiz.portrait.mesh import Mesh
from phiz.portrait.portrait import Portrait
from phiz.portrait.rig import Camera, Layer
from phiz.portrait.room import held

__all__ = ["background_layer", "photo_textures", "skin_layers"]

Array = NDArray[np.float64]

BACKGROUND_DEPTH = -0.6  # metres behind the eyes
STRIP = 1 << 17  # pixels that are worked on at a time, to keep memory small
MOVING = (0.04, 0.3)  # share of the joints over which the person parts from the background
VISIBLE = 2  # matte in 1/255 above which a pixel has something of the person


def background_layer(camera: Camera, texture: NDArray[np.uint8]) -> Layer:
    """A still rectangle that fills the picture behind everything.

    texture: the one of that name.
    """
    w, h = camera.width, camera.height
    corners = np.array([[0, 0], [0, h], [w, h], [w, 0]], np.float64)
    return Layer(
        name="background",
        positions=camera.lift(corners, BACKGROUND_DEPTH).astype(np.float32),
        uvs=(corners / (w, h)).astype(np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], np.uint32),
        texture="background",
        weights=still_weights(4).astype(np.float32),
        blend=bool((texture[..., 3] < 255).any()),
    )


def photo_textures(portrait: Portrait, frame: FaceFrame, *, layered: bool) -> dict[str, NDArray[np.uint8]]:
    """The textures `background` and `person`, whose composite at rest is the photo.

    The person is cut out only where the head's motion reaches; what never moves stays in the background.
    Where the person is see-through, the person's colour is solved from the photo and the background; where
    that colour would leave 0..255, the person is made less see-through until it does not.
    """
    if portrait.background.shape[2] == 4:
        return _clear_textures(portrait, frame, layered=layered)
    photo = on_white(portrait.pixels)
    if not layered:
        return {"background": _opaque(photo), "person": _opaque(photo)}
    moving = _moving(portrait, frame)
    textures = {"background": np.empty_like(portrait.pixels), "person": np.empty_like(portrait.pixels)}
    step = max(1, STRIP // portrait.width)
    for top in range(0, portrait.height, step):
        rows = slice(top, top + step)
        _part_rows(portrait, photo, moving, rows, textures)
    return textures


def _part_rows(
    portrait: Portrait,
    photo: NDArray[np.uint8],
    moving: Array,
    rows: slice,
    textures: dict[str, NDArray[np.uint8]],
) -> None:
    """Fill some rows of both textures."""
    seen, share = photo[rows].astype(np.float64), moving[rows][..., None]
    behind = np.round(seen + share * (portrait.background[rows] - seen))
    matte = np.round(portrait.matte[rows][..., None] * share * 255) / 255
    room = np.where(seen > behind, 255 - behind, behind)
    needed = (np.abs(seen - behind) / np.maximum(room, 1)).max(2, keepdims=True)
    alpha = np.maximum(matte, np.ceil(np.minimum(needed, 1) * 255) / 255)
    colour = (seen - (1 - alpha) * behind) / np.maximum(alpha, 1 / 255)
    colour = np.where(alpha > 0, np.clip(np.round(colour), 0, 255), portrait.foreground[rows])
    textures["background"][rows] = np.concatenate([behind, np.full_like(alpha, 255)], axis=2)
    textures["person"][rows] = np.concatenate([colour, np.round(alpha * 255)], axis=2)


def _clear_textures(portrait: Portrait, frame: FaceFrame, *, layered: bool) -> dict[str, NDArray[np.uint8]]:
    """As `photo_textures` with nothing behind: `background` holds what of the person never moves."""
    alpha = portrait.pixels[..., 3] / 255
    moving = _moving(portrait, frame) if layered else np.ones_like(alpha)
    still = np.round(alpha * (1 - moving) * 255) / 255
    # Laid over what is still, the rest gives `alpha` again: person + (1 - person) * still = alpha.
    person = (alpha - still) / np.maximum(1 - still, 1 / 255)
    colour = portrait.pixels[..., :3]
    shares = {"background": still, "person": person}
    return {key: np.dstack([colour, np.round(share * 255).astype(np.uint8)]) for key, share in shares.items()}


def _moving(portrait: Portrait, frame: FaceFrame) -> Array:
    """Per pixel [h, w], 0 where the person never moves, 1 where it moves enough to need a background of its
    own."""
    import cv2

    step = 8
    rows, columns = np.mgrid[0 : portrait.height + step : step, 0 : portrait.width + step : step]
    picture = np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5
    chin = float(frame.to_face(portrait.landmarks[8:9])[0, 1])
    weights = joint_weights(frame.to_face(picture), chin, layered=True)
    root = held(weights, portrait.room, picture)[:, 0].reshape(rows.shape)
    share = np.clip((1 - root - MOVING[0]) / (MOVING[1] - MOVING[0]), 0, 1)
    full = cv2.resize(share, (rows.shape[1] * step, rows.shape[0] * step), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[: portrait.height, : portrait.width], np.float64)


def skin_layers(
    person: NDArray[np.uint8],
    frame: FaceFrame,
    camera: Camera,
    mesh: Mesh,
    shapes: FaceShapes,
    weights: Array,
    *,
    layered: bool,
) -> tuple[Layer, Layer]:
    """The person in two layers that meet without a seam: the body, which only follows the joints, and the
    face.

    person: the texture of that name. weights: float64 [vertices, 3], shares of the joints.
    """
    picture = frame.to_picture(mesh.points)
    uvs = picture / (camera.width, camera.height)
    moves = np.max([np.abs(move).max(1) for move in shapes.shapes.values()], axis=0)
    alive = (moves > UNMOVED)[mesh.triangles].any(1)
    shown = _count(person[..., 3] > VISIBLE, picture, mesh.triangles) > 0
    soft = layered or bool((person[..., 3] < 255).any())
    body = _part("body", mesh.triangles[~alive & shown], shapes, uvs, weights, moving=False, blend=soft)
    clear = _count(person[..., 3] < 255, picture, mesh.triangles[alive]) > 0
    face = _part("face", mesh.triangles[alive], shapes, uvs, weights, moving=True, blend=bool(clear.any()))
    return body, face


def _part(
    name: str,
    triangles: NDArray[np.intp],
    shapes: FaceShapes,
    uvs: Array,
    weights: Array,
    *,
    moving: bool,
    blend: bool,
) -> Layer:
    used, local = np.unique(triangles, return_inverse=True)
    kept = moving_shapes({key: move[used] for key, move in shapes.shapes.items()}) if moving else {}
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


def _count(mask: NDArray[np.bool_], picture: Array, triangles: NDArray[np.intp]) -> NDArray[np.int64]:
    """Pixels of `mask` in each triangle's bounding box, one pixel wider; the picture goes on beyond its
    border."""
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


def _opaque(colour: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([colour, np.full((*colour.shape[:2], 1), 255, np.uint8)], axis=2)
