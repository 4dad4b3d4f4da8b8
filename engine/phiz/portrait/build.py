"""Portrait to rig."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import FaceShapes, build_shapes
from phiz.portrait.cavity import cavity_layer
from phiz.portrait.contours import Opening, eye_edge, eye_opening, mouth_opening
from phiz.portrait.depth import Relief, fit_depth
from phiz.portrait.expression import Expression, eye_state, read_expression
from phiz.portrait.eyes import eye_layers, lash_height
from phiz.portrait.frame import MILLIMETRE, FaceFrame, fit_frame
from phiz.portrait.iris import find_iris, paint_eye
from phiz.portrait.joints import head_rotation, joint_places, joint_weights, turned_eyes
from phiz.portrait.light import read_light
from phiz.portrait.mesh import Mesh, build_mesh
from phiz.portrait.mouth import (
    lip_shadow_layer,
    made_layers,
    own_teeth_layers,
    paint_inside,
    paint_own_teeth,
    shows_teeth,
)
from phiz.portrait.patch import cut_patch
from phiz.portrait.pieces import cut_photo
from phiz.portrait.portrait import Portrait
from phiz.portrait.precision import quantise
from phiz.portrait.refine import refine_lids
from phiz.portrait.rig import Camera, Layer, Rig
from phiz.portrait.room import held
from phiz.portrait.shading import fit_light
from phiz.portrait.skin import background_layers, skin_layers
from phiz.portrait.texture_files import decodes_to
from phiz.portrait.veil import Veil

__all__ = ["build_rig"]

Array = NDArray[np.float64]
Textures = dict[str, NDArray[np.uint8]]

BEYOND = 30.0  # millimetres that the person goes on past the picture's border
TRUSTED_MATTE = 0.5  # confidence from which the person is cut from the background
TEETH_TURN = 0.4  # share of the head's yaw that made teeth take on
MOUTH_REACH = 75.0  # millimetres from the mouth's middle within which skin may cover what is inside it
RIM_PIXELS = 0.6  # of the photo that an edge of teeth against lip is smeared over


def build_rig(portrait: Portrait) -> Rig:
    """A rig that at rest, with `photo` = 1, is the portrait. The same portrait gives the same rig."""
    files = _own_file(portrait)
    frame = fit_frame(portrait.landmarks)
    camera = frame.camera(portrait.width, portrait.height)
    openings = _openings(frame, portrait)
    expression = read_expression(openings["mouth"], (openings["eye_right"], openings["eye_left"]))
    states = {
        side: eye_state(portrait.pixels, frame, portrait.landmarks, openings[f"eye_{side}"])
        for side in ("right", "left")
    }
    mesh = build_mesh(openings, frame.to_face(portrait.landmarks), _border(frame, camera))
    skin = Relief(mesh.points, fit_depth(frame, portrait.landmarks)(mesh.points))
    places = camera.lift(frame.to_picture(mesh.points), skin(mesh.points) * MILLIMETRE)
    layered = portrait.matte_confidence >= TRUSTED_MATTE
    weights = joint_weights(mesh.points, float(mesh.points[mesh.landmarks[8], 1]), layered=layered)
    weights = held(weights, portrait.room, frame.to_picture(mesh.points))
    shapes = build_shapes(frame, mesh, places, expression, camera, turned_eyes(frame, camera))
    shapes = _stilled(shapes, [side for side, state in states.items() if state != "open"])

    pieces = cut_photo(portrait, frame, layered=layered)
    person, pieces = skin_layers(pieces, frame, camera, mesh, shapes, weights)
    photo = {name: piece.pixels for name, piece in pieces.items()}
    mouth, mouth_textures = _mouth(portrait, frame, camera, mesh, shapes, expression, skin)
    eyes, eye_textures = _eyes(portrait, frame, camera, mesh, places, skin, states)
    return quantise(
        Rig(
            layers=(
                *background_layers(camera, pieces),
                *_named(person, "body"),
                *mouth,
                *eyes,
                *_named(person, "face", "edge"),
            ),
            textures={**photo, **mouth_textures, **eye_textures},
            joints=joint_places(frame).astype(np.float32),
            camera=camera,
            landmarks=portrait.landmarks.astype(np.float32),
            fit=_fit(portrait, frame, expression, layered) | {f"eye_{k}": v for k, v in states.items()},
            light=fit_light(portrait.pixels, frame, portrait.landmarks, places, mesh.triangles),
            files={name: data for name, data in files.items() if name in photo},
        )
    )


def _own_file(portrait: Portrait) -> dict[str, bytes]:
    """The file that the photo came as, where it has the very pixels (neither turned nor retouched)."""
    data = portrait.jpeg
    return {"photo": data} if data is not None and decodes_to(data, portrait.pixels) else {}


def _named(layers: Mapping[str, Layer], *names: str) -> list[Layer]:
    return [layers[name] for name in names if name in layers]


def _openings(frame: FaceFrame, portrait: Portrait) -> dict[str, Opening]:
    face = frame.to_face(portrait.landmarks)
    openings = {"mouth": mouth_opening(face, RIM_PIXELS / frame.scale)}
    for side, lids, brow in (("right", face[36:42], face[17:22]), ("left", face[42:48], face[22:27])):
        edge = refine_lids(portrait.pixels, frame, lids)
        raised = edge[len(edge) // 4] - eye_edge(lids)[len(edge) // 4]
        lashes = lash_height(portrait.pixels, frame, lids + raised)
        openings[f"eye_{side}"] = eye_opening(lids, brow, lashes, edge)
    return openings


def _stilled(shapes: FaceShapes, sides: Collection[str]) -> FaceShapes:
    """The shapes with no motion of the lids of those eyes: shut, or behind dark glasses."""
    ends = tuple(side.capitalize() for side in sides)
    moved = {
        name: np.zeros_like(move) if ends and name.startswith("eye") and name.endswith(ends) else move
        for name, move in shapes.shapes.items()
    }
    return replace(shapes, shapes=moved)


def _border(frame: FaceFrame, camera: Camera) -> Array:
    """Corners [4, 2] in face coordinates of the picture and a strip around it."""
    e = BEYOND * frame.scale
    w, h = camera.width, camera.height
    return frame.to_face(np.array([[-e, -e], [w + e, -e], [w + e, h + e], [-e, h + e]]))


def _mouth(
    portrait: Portrait,
    frame: FaceFrame,
    camera: Camera,
    mesh: Mesh,
    shapes: FaceShapes,
    expression: Expression,
    skin: Relief,
) -> tuple[list[Layer], Textures]:
    """Layers and textures of what is seen between the lips."""
    rings = mesh.rings["mouth"]
    inner = shapes.base[rings[0]]
    anchor = (inner[rings.shape[1] // 4] + inner[-rings.shape[1] // 4]) / 2
    picture = frame.to_picture(mesh.points)
    jaw = portrait.landmarks[:17]
    eyes = tuple(picture[mesh.rings[f"eye_{side}"][0]] for side in ("right", "left"))
    light = read_light(portrait.pixels, jaw, (picture[rings[2]], picture[rings[0]]), (eyes[0], eyes[1]))
    patch = cut_patch(portrait.pixels, picture[rings[0]], 5 * frame.scale)
    own = expression.mouth_open and shows_teeth(patch, light)
    veil = Veil(shapes, _around(mesh, rings[0]), camera)
    layers = [
        veil(cavity_layer(frame, camera, shapes, rings[0], skin)),
        *(
            veil(layer, through=("tongueOut",) if layer.name == "tongue" else ())
            for layer in made_layers(_half_turned(frame), camera, anchor, skin, upper_teeth=not own)
        ),
    ]
    textures = paint_inside(light, upper_teeth=not own)
    teeth, exact = own_teeth_layers(patch, frame, camera, anchor, skin)
    layers += [veil(teeth), exact] if own else [exact]
    textures |= paint_own_teeth(patch, light, frame.scale)
    if not own:
        del textures["teeth_photo"]
    layers.append(lip_shadow_layer(frame, shapes, rings[0, : rings.shape[1] // 2 + 1]))
    return layers, textures


def _around(mesh: Mesh, lips: NDArray[np.intp]) -> NDArray[np.intp]:
    """The mesh's triangles within reach of the mouth's inside."""
    centres = mesh.points[mesh.triangles].mean(1)
    middle = mesh.points[lips].mean(0)
    return mesh.triangles[np.hypot(*(centres - middle).T) < MOUTH_REACH]


def _half_turned(frame: FaceFrame) -> FaceFrame:
    """The frame for made teeth: turned less than the head, or a turned mouth would show those of one side
    only."""
    yaw, pitch, roll = frame.angles
    return replace(frame, rotation=head_rotation(yaw * TEETH_TURN, pitch, roll))


def _eyes(
    portrait: Portrait,
    frame: FaceFrame,
    camera: Camera,
    mesh: Mesh,
    places: Array,
    skin: Relief,
    states: Mapping[str, str],
) -> tuple[list[Layer], Textures]:
    layers: list[Layer] = []
    textures: Textures = {}
    for side in ("right", "left"):
        lids = places[mesh.rings[f"eye_{side}"][0]]
        outline = camera.project(lids)
        patch = cut_patch(portrait.pixels, outline, 6 * frame.scale)
        iris = find_iris(patch, outline, frame.scale)
        parts = eye_layers(side, patch, iris, lids, skin, frame, camera)
        if states[side] == "open":
            layers += parts
            upper = outline[: len(outline) // 2 + 1]
            painted = paint_eye(patch, iris, np.vstack([outline, outline[:1]]), upper)
            textures |= {f"{part}_{side}": texture for part, texture in painted.items()}
        else:
            layers.append(parts[0])
            textures[f"eye_{side}"] = patch.opaque
    return layers, textures


def _fit(
    portrait: Portrait, frame: FaceFrame, expression: Expression, layered: bool
) -> dict[str, float | str]:
    yaw, pitch, roll = (round(float(np.degrees(angle)), 2) for angle in frame.angles)
    return {
        "interpupillary_px": round(portrait.interpupillary, 2),
        "yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll,
        "mouth_width_mm": round(expression.width, 2), "mouth_gap_mm": round(expression.gap, 2),
        "smile": round(expression.smile, 3),
        "eye_right_mm": round(expression.eyes[0], 2), "eye_left_mm": round(expression.eyes[1], 2),
        "matte_confidence": round(portrait.matte_confidence, 3),
        "layers": "cut" if layered else "falloff",
    }  # fmt: skip
