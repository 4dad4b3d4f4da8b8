"""The form of a face: its mesh, where that lies in space, how it moves, and what is inside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.blendshapes import FaceShapes, build_shapes
from phiz.portrait.contours import Opening, eye_edge, eye_opening, mouth_opening
from phiz.portrait.depth import Relief, fit_depth
from phiz.portrait.expression import Expression, eye_state, read_expression
from phiz.portrait.eyes import lash_height
from phiz.portrait.frame import MILLIMETRE, FaceFrame, fit_frame
from phiz.portrait.glasses import above_frame, bars_above, wears_glasses
from phiz.portrait.inside import Inside, look_inside
from phiz.portrait.joints import turned_eyes
from phiz.portrait.lid_edges import settle_lids
from phiz.portrait.lip_edges import find_lips
from phiz.portrait.mesh import Mesh, build_mesh
from phiz.portrait.refine import find_lids
from phiz.portrait.rig import Camera

__all__ = ["Form", "find_form"]

Array = NDArray[np.float64]

BEYOND = 30.0  # millimetres that the person goes on past the picture's border
RIM_PIXELS = 0.6  # of the photo that an edge of teeth against lip is smeared over,
RIM = 0.9  # and millimetres by which landmarks miss that edge on a sharp photo
UNLIKE = 1.2  # times as much larger than its landmarks as the other one: an eye that was not found right


@dataclass(frozen=True, eq=False)
class Form:
    """What the pixels and the landmarks of a photo say of a face.

    photo, landmarks: what it was made from. eyes: by side ("right", "left"), "open", "closed",
    "hidden" or "unclear". rims: by side, the line [n, 2] within the cut of the lids along which the eye ends.
    mesh: in face coordinates. skin: its depth. places: float64 [vertices, 3], metres, as in the photo.
    """

    photo: NDArray[np.uint8]
    landmarks: Array
    frame: FaceFrame
    camera: Camera
    expression: Expression
    eyes: Mapping[str, str]
    rims: Mapping[str, Array]
    mesh: Mesh
    skin: Relief
    places: Array
    shapes: FaceShapes

    @cached_property
    def inside(self) -> Inside:
        """What is seen between lips and lids, made when first asked for."""
        return look_inside(self)

    def is_of(self, photo: NDArray[np.uint8], landmarks: Array) -> bool:
        """Whether it was made from these very arrays."""
        return self.photo is photo and self.landmarks is landmarks


def find_form(photo: NDArray[np.uint8], landmarks: Array) -> Form:
    """The form of the face with these landmarks, float64 [68, 2], in a photo uint8 [h, w, 4].

    Raises FaceError where the landmarks are too tangled.
    """
    frame = fit_frame(landmarks)
    camera = frame.camera(photo.shape[1], photo.shape[0])
    frame = frame.seen_by(camera)
    borders, pixel = find_lips(photo, frame, landmarks), RIM_PIXELS / frame.scale
    lips, mouth = (
        mouth_opening(frame.to_face(landmarks), blur, borders) for blur in (pixel, max(pixel, RIM))
    )
    eye_openings, rims, clear, bars = _eyes(frame, photo, landmarks)
    openings = {"mouth": mouth, **eye_openings}
    expression = read_expression(lips, (openings["eye_right"], openings["eye_left"]))
    eyes = {
        side: eye_state(photo, frame, landmarks, openings[f"eye_{side}"]) if clear else "unclear"
        for side in ("right", "left")
    }
    mesh = build_mesh(openings, frame.to_face(landmarks), _border(frame, camera))
    skin = Relief(mesh.points, fit_depth(frame, landmarks)(mesh.points), frame.angles[0])
    places = camera.lift(frame.to_picture(mesh.points), skin(mesh.points) * MILLIMETRE)
    brows = above_frame(mesh.points, bars)
    shapes = build_shapes(frame, mesh, places, expression, camera, turned_eyes(frame, camera), brows)
    shapes = _stilled(shapes, [side for side, state in eyes.items() if state != "open"])
    return Form(photo, landmarks, frame, camera, expression, eyes, rims, mesh, skin, places, shapes)


def _eyes(
    frame: FaceFrame, photo: NDArray[np.uint8], landmarks: Array
) -> tuple[dict[str, Opening], dict[str, Array], bool, Array]:
    """The eyes, where they end, whether that is clear, and bars of glasses above them."""
    face = frame.to_face(landmarks)
    openings, rims, above = {}, {}, [np.empty((0, 2))]
    larger: list[float] = []
    clear, glasses = True, wears_glasses(photo, frame, landmarks)
    for side, lids, brow in (("right", face[36:42], face[17:22]), ("left", face[42:48], face[22:27])):
        found = find_lids(photo, frame, lids, mirrored=side == "left")
        clear &= found.clear
        settled = settle_lids(photo, frame, found.edge)
        edge, rims[side] = settled.cut, settled.eye
        raised = edge[len(found.edge) // 4] - eye_edge(lids)[len(found.edge) // 4]
        lashes = lash_height(photo, frame, lids + raised)
        bars = bars_above(photo, frame, landmarks, edge) if glasses else None
        above += [bars] if bars is not None else []
        openings[f"eye_{side}"] = eye_opening(lids, brow, lashes, edge, bars)
        larger.append(_area(found.edge) / max(_area(lids), 1e-9))
    clear &= max(larger) < UNLIKE * min(larger)  # one eye is seen larger than its landmarks, the other not
    return openings, rims, clear, np.concatenate(above)


def _area(loop: Array) -> float:
    """Area within a polygon [n, 2]."""
    x, y = loop.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def _stilled(shapes: FaceShapes, sides: Collection[str]) -> FaceShapes:
    """The shapes with no motion of the lids of those eyes: shut, behind dark glasses, or not clear."""
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
