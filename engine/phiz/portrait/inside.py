"""What is seen between the lips and between the lids, as layers and their textures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.cavity import cavity_layer
from phiz.portrait.eyes import eye_layers
from phiz.portrait.frame import FaceFrame
from phiz.portrait.iris import find_irises, paint_eye
from phiz.portrait.joints import head_rotation
from phiz.portrait.light import edge_blur, read_light
from phiz.portrait.mesh import Mesh
from phiz.portrait.mouth import lip_shadow_layer, made_layers, paint_inside
from phiz.portrait.own_teeth import lit_teeth, own_teeth_layers, paint_exact, paint_own_teeth, shows_teeth
from phiz.portrait.patch import Patch, cut_patch
from phiz.portrait.rig import Camera, Layer
from phiz.portrait.veil import Veil

if TYPE_CHECKING:
    from phiz.portrait.form import Form

__all__ = ["Inside", "look_inside"]

Array = NDArray[np.float64]
Textures = dict[str, NDArray[np.uint8]]

TEETH_TURN = 0.4  # share of the head's yaw and pitch that made teeth and tongue take on
MOLAR = (22.0, -15.0)  # millimetres to the side of the midline and forward where the rows' ends are levelled
LID_DROP = 3.0  # millimetres that the lower lid goes down at most, when the eye looks down
MOUTH_REACH = 75.0  # millimetres from the mouth's middle within which skin may cover what is inside it


@dataclass(frozen=True, eq=False)
class Inside:
    """Layers in drawing order, and their textures by name, uint8 [height, width, 4]."""

    mouth: tuple[Layer, ...]
    eyes: tuple[Layer, ...]
    textures: Mapping[str, NDArray[np.uint8]]


def look_inside(form: Form) -> Inside:
    """What is inside the mouth and the eyes of a face."""
    mouth, mouth_textures = _mouth(form)
    eyes, eye_textures = _eyes(form)
    return Inside(tuple(mouth), tuple(eyes), mouth_textures | eye_textures)


def _mouth(form: Form) -> tuple[list[Layer], Textures]:
    """Layers and textures of what is seen between the lips."""
    frame, camera, mesh, shapes, skin = form.frame, form.camera, form.mesh, form.shapes, form.skin
    rings = mesh.rings["mouth"]
    inner = shapes.base[rings[0]]
    anchor = (inner[rings.shape[1] // 4] + inner[-rings.shape[1] // 4]) / 2
    picture = frame.to_picture(mesh.points)
    jaw = form.landmarks[:17]
    eyes = tuple(picture[mesh.rings[f"eye_{side}"][0]] for side in ("right", "left"))
    light = read_light(form.photo, jaw, (picture[rings[2]], picture[rings[0]]), (eyes[0], eyes[1]))
    patch = cut_patch(form.photo, picture[rings[0]], 5 * frame.scale)
    own = form.expression.mouth_open and shows_teeth(patch, light)
    quarters = round(frame.angles[2] / (np.pi / 2))  # a face that lies on its side is looked at upright
    upright = patch.turned(quarters)
    if own:
        light = lit_teeth(upright, light, frame.scale)
    veil = Veil(shapes, _around(mesh, rings[0]), camera)
    layers = [
        veil(cavity_layer(frame, camera, shapes, rings[0], skin)),
        *(
            veil(layer, through=("tongueOut",) if layer.name == "tongue" else ())
            for layer in made_layers(_biting(frame, camera, inner), camera, anchor, skin, upper_teeth=not own)
        ),
    ]
    blur = edge_blur(form.photo, form.landmarks[36:48]) / frame.scale
    textures = paint_inside(light, upper_teeth=not own, blur=blur)
    teeth, exact = own_teeth_layers(patch, frame, camera, anchor, skin)
    if own:
        layers.append(veil(teeth))
        painted = np.rot90(paint_own_teeth(upright, light, frame.scale), -quarters)
        textures["teeth_photo"] = np.ascontiguousarray(painted)
    layers.append(exact)
    textures["mouth_photo"] = paint_exact(patch)
    layers.append(lip_shadow_layer(frame, shapes, rings[0, : rings.shape[1] // 2 + 1]))
    return layers, textures


def _around(mesh: Mesh, lips: NDArray[np.intp]) -> NDArray[np.intp]:
    """The mesh's triangles within reach of the mouth's inside."""
    centres = mesh.points[mesh.triangles].mean(1)
    middle = mesh.points[lips].mean(0)
    return mesh.triangles[np.hypot(*(centres - middle).T) < MOUTH_REACH]


def _biting(frame: FaceFrame, camera: Camera, lips: Array) -> FaceFrame:
    """The frame for made teeth: turned less than the head, or a turned mouth would show those of one side
    only, and a tipped one hide the tongue; and level with the corners of the shut lips, as teeth are.

    lips: places in metres of the inner lips, float64 [2 * segments, 3].
    """
    yaw, pitch, roll = frame.angles
    turned = replace(frame, rotation=head_rotation(yaw * TEETH_TURN, pitch * TEETH_TURN, roll))
    row = lips.mean(0) + turned.turn(np.array([[-MOLAR[0], 0, MOLAR[1]], [MOLAR[0], 0, MOLAR[1]]]))
    tilt = _slope(camera.project(row)) - _slope(camera.project(lips[[0, len(lips) // 2]]))
    return replace(turned, rotation=head_rotation(0.0, 0.0, -tilt) @ turned.rotation)


def _slope(ends: Array) -> float:
    """How far the line between two picture coordinates [2, 2] is turned clockwise, in radians."""
    across, down = ends[1] - ends[0]
    return float(np.arctan2(down, across))


def _eyes(form: Form) -> tuple[list[Layer], Textures]:
    """Layers and textures of what is seen between the lids."""
    frame, camera = form.frame, form.camera
    layers: list[Layer] = []
    textures: Textures = {}
    lids = {side: form.places[form.mesh.rings[f"eye_{side}"][0]] for side in ("right", "left")}
    outlines = {side: camera.project(edge) for side, edge in lids.items()}
    patches = {side: cut_patch(form.photo, line, 6 * frame.scale) for side, line in outlines.items()}
    rims = {side: frame.to_picture(form.rims[side]) for side in outlines}
    eyes = {side: patch.within(rims[side]) for side, patch in patches.items()}
    irises = find_irises(list(eyes.values()), list(rims.values()), frame.scale)
    for (side, patch), iris in zip(patches.items(), irises, strict=True):
        parts = eye_layers(side, patch, iris, lids[side], form.skin, frame, camera)
        if form.eyes[side] == "open":
            layers += parts
            rim = rims[side]
            upper = rim[: len(rim) // 2 + 1]
            margin = _below(form.rims[side], frame, patch)
            painted = paint_eye(patch, iris, np.vstack([rim, rim[:1]]), upper, margin)
            textures |= {f"{part}_{side}": texture for part, texture in painted.items()}
        else:
            layers.append(parts[0])
            textures[f"eye_{side}"] = patch.opaque
    return layers, textures


def _below(rim: Array, frame: FaceFrame, patch: Patch) -> Array:
    """How much of each pixel of a patch, float64 [height, width], lies below where an eye ends, a ring [n, 2]
    in face coordinates, as far as the lower lid may go down."""
    lower = np.concatenate([rim[:1], rim[: len(rim) // 2 - 1 : -1]])
    band = np.concatenate([lower, lower[::-1] - (0.0, LID_DROP)])
    return patch.within(frame.to_picture(band)).inside
