"""Portrait to rig."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.breath import Breath
from phiz.portrait.form import Form, find_form
from phiz.portrait.joints import joint_places, joint_weights
from phiz.portrait.pieces import cut_photo
from phiz.portrait.portrait import Portrait
from phiz.portrait.precision import quantise
from phiz.portrait.rig import Layer, Rig
from phiz.portrait.room import held
from phiz.portrait.shading import fit_light
from phiz.portrait.skin import background_layers, skin_layers

__all__ = ["build_rig"]

Array = NDArray[np.float64]
Textures = dict[str, NDArray[np.uint8]]

TRUSTED_MATTE = 0.5  # confidence from which the person is cut from the background


def build_rig(portrait: Portrait) -> Rig:
    """A rig that at rest, with `photo` = 1, is the portrait. The same portrait gives the same rig."""
    form = portrait.form
    if form is None or not form.is_of(portrait.pixels, portrait.landmarks):
        form = find_form(portrait.pixels, portrait.landmarks)
    frame, camera, mesh, shapes = form.frame, form.camera, form.mesh, form.shapes
    layered = portrait.matte_confidence >= TRUSTED_MATTE
    weights = joint_weights(mesh.points, float(mesh.points[mesh.landmarks[8], 1]), layered=layered)
    weights = held(weights, portrait.room, frame.to_picture(mesh.points))

    pieces = cut_photo(portrait, frame, layered=layered)
    person, pieces = skin_layers(pieces, frame, camera, mesh, shapes, weights)
    layers = [
        *_named(person, "body"),
        *form.inside.mouth,
        *form.inside.eyes,
        *_named(person, "face", "edge"),
    ]
    if layered:  # a background that is not cut off would breathe with the person
        layers = Breath(portrait, frame).draw(layers, camera)
    photo, own = {name: piece.pixels for name, piece in pieces.items()}, portrait.file
    return quantise(
        Rig(
            layers=(*background_layers(camera, pieces), *layers),
            textures={**photo, **form.inside.textures},
            joints=joint_places(frame).astype(np.float32),
            camera=camera,
            landmarks=portrait.landmarks.astype(np.float32),
            fit=_fit(portrait, form, layered=layered),
            light=fit_light(portrait.pixels, frame, portrait.landmarks, form.places, mesh.triangles),
            files={"photo": own.data} if own and own.pixels is photo.get("photo") else {},
        )
    )


def _named(layers: Mapping[str, Layer], *names: str) -> list[Layer]:
    return [layers[name] for name in names if name in layers]


def _fit(portrait: Portrait, form: Form, *, layered: bool) -> dict[str, float | str]:
    yaw, pitch, roll = (round(float(np.degrees(angle)), 2) for angle in form.frame.angles)
    expression = form.expression
    return {
        "interpupillary_px": round(portrait.interpupillary, 2),
        "yaw_deg": yaw, "pitch_deg": pitch, "roll_deg": roll,
        "mouth_width_mm": round(expression.width, 2), "mouth_gap_mm": round(expression.gap, 2),
        "smile": round(expression.smile, 3),
        "eye_right_mm": round(expression.eyes[0], 2), "eye_left_mm": round(expression.eyes[1], 2),
        "matte_confidence": round(portrait.matte_confidence, 3),
        "layers": "cut" if layered else "falloff",
        **{f"eye_{side}": state for side, state in form.eyes.items()},
    }  # fmt: skip
