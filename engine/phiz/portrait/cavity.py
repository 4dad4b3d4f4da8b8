"""The mouth's cavity: a bag behind the lips that moves with them, so that nothing shows past it."""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import FaceShapes, moving_shapes
from phiz.portrait.depth import Relief
from phiz.portrait.frame import MILLIMETRE, FaceFrame
from phiz.portrait.joints import rigid_weights
from phiz.portrait.rig import Camera, Layer

__all__ = ["CLEARANCE", "cavity_layer", "under_skin"]

Array = NDArray[np.float64]

# Rings from the lips inwards: millimetres outwards from the lips' edge, millimetres back, share of the lips'
# moves. The first step leads outwards, behind the lips, so that no wall stands before the teeth.
RINGS = ((0.3, -1.0, 1.0), (4.0, -7.0, 1.0), (9.0, -22.0, 0.9), (10.0, -44.0, 0.75))
THROAT = (-62.0, 0.5)
# Share of a turned head's own way back by which deeper rings lie to the side: straight back from the camera
# they would show past the far cheek, all the way along the head's axis the near wall would hide the teeth.
ASIDE = 0.5
CLEARANCE = 3.0  # millimetres that everything inside the mouth keeps behind the skin


def under_skin(places: Array, skin: Relief, frame: FaceFrame, camera: Camera) -> Array:
    """Places [n, 3] in metres moved back along the line of sight to where the face hides them."""
    picture = camera.project(places)
    limit = (skin(frame.to_face(picture)) - CLEARANCE) * MILLIMETRE
    return camera.lift(picture, np.minimum(places[:, 2], limit))


def cavity_layer(
    frame: FaceFrame, camera: Camera, shapes: FaceShapes, lips: NDArray[np.intp], skin: Relief
) -> Layer:
    """The cavity of one face.

    lips: vertices of the inner lips, intp [2 * segments], as in `Opening.rings`. skin: depth of the face.
    """
    count = len(lips)
    base = shapes.base[lips]
    face = frame.to_face(camera.project(base))
    angle = 2 * np.pi * np.arange(count) / count
    outwards = np.stack([-np.cos(angle), np.sin(angle)], axis=1)  # from the right corner over the upper lip
    aside = ASIDE * MILLIMETRE * frame.rotation[:, 2] * (1, 1, 0)  # metres a millimetre
    positions, shares = [], []
    for offset, back, share in RINGS:
        around = face + outwards * offset
        depth = base[:, 2] + back * MILLIMETRE
        if offset > CLEARANCE:
            depth = np.minimum(depth, (skin(around) - CLEARANCE) * MILLIMETRE)
        positions.append(camera.lift(frame.to_picture(around), depth) + aside * (back - RINGS[0][1]))
        shares.append(np.full(count, share))
    back, share = THROAT
    middle = base.mean(0, keepdims=True)
    throat = camera.lift(camera.project(middle), middle[:, 2] + back * MILLIMETRE) + aside * back
    positions.append(np.repeat(throat, count, axis=0))
    shares.append(np.full(count, share))
    follow = np.concatenate(shares)[:, None]
    moves = {}
    for name, move in shapes.shapes.items():
        moves[name] = np.tile(move[lips], (len(shares), 1)) * follow
        moves[name][-count:] = moves[name][-count:].mean(0)  # the throat stays one point: no hole
    depths = np.repeat(np.arange(len(shares)) / (len(shares) - 1), count)
    return Layer(
        name="mouth_cavity",
        positions=np.concatenate(positions).astype(np.float32),
        uvs=np.stack([np.tile(outwards[:, 1] / 2 + 0.5, len(shares)), depths], axis=1).astype(np.float32),
        triangles=_bag(len(shares), count),
        texture="mouth_cavity",
        weights=rigid_weights(len(follow)).astype(np.float32),
        shapes=moving_shapes(moves),
    )


def _bag(rings: int, count: int) -> NDArray[np.uint32]:
    """Triangles that face the camera between rings, each of which runs clockwise as the camera sees it."""
    here = np.arange(count)
    after = np.roll(here, -1)
    triangles = []
    for k in range(rings - 1):
        a, b, c, d = here + k * count, after + k * count, here + (k + 1) * count, after + (k + 1) * count
        triangles += [np.stack([a, c, d], 1), np.stack([a, d, b], 1)]
    return np.concatenate(triangles).astype(np.uint32)
