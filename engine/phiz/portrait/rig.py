"""`Rig`: a face that can move. Layers of textured triangles, blendshapes, three joints and a camera."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from phiz.portrait.landmarkers import Landmarker
    from phiz.portrait.portrait import Portrait

log = logging.getLogger("phiz")

__all__ = ["INTERPUPILLARY", "JOINTS", "LIGHT_TERMS", "Camera", "Layer", "Rig"]

INTERPUPILLARY = 0.063  # metres between the pupils; sets the scale of every rig (adult mean, Dodgson 2004)
JOINTS = ("root", "neck", "head")
LIGHT_TERMS = 9  # spherical harmonics up to the second order


@dataclass(frozen=True)
class Camera:
    """The camera that sees the rig at rest exactly as the photo.

    width, height: the photo's size in pixels.
    eye: its place in metres; it looks along -Z, +Y up. eye[2] is its distance from the plane z = 0.
    scale: pixels per metre at z = 0.

    A point (x, y, z) lands on the picture coordinates
    u = width / 2 + scale * eye_z / (eye_z - z) * (x - eye_x),
    v = height / 2 - scale * eye_z / (eye_z - z) * (y - eye_y).
    """

    width: int
    height: int
    eye: tuple[float, float, float]
    scale: float

    def project(self, points: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Picture coordinates [n, 2] of points [n, 3] in metres."""
        points = np.asarray(points, np.float64)
        factor = self.scale * self.eye[2] / (self.eye[2] - points[:, 2])
        u = self.width / 2 + factor * (points[:, 0] - self.eye[0])
        v = self.height / 2 - factor * (points[:, 1] - self.eye[1])
        return np.stack([u, v], axis=1)

    def lift(
        self, pixels: NDArray[np.floating[Any]], depth: NDArray[np.floating[Any]] | float
    ) -> NDArray[np.float64]:
        """Points [n, 3] in metres that land on picture coordinates `pixels` [n, 2] at `depth` z in metres."""
        pixels = np.asarray(pixels, np.float64)
        z = np.broadcast_to(np.asarray(depth, np.float64), pixels.shape[:1])
        factor = (self.eye[2] - z) / (self.scale * self.eye[2])
        x = self.eye[0] + (pixels[:, 0] - self.width / 2) * factor
        y = self.eye[1] - (pixels[:, 1] - self.height / 2) * factor
        return np.stack([x, y, z], axis=1)


@dataclass(frozen=True, eq=False)
class Layer:
    """One drawable part: background, body, mouth_cavity, teeth_upper, tongue, eye_left, face ...

    positions: float32 [vertices, 3] in metres, with every shape at 0 and the head straight.
    uvs: float32 [vertices, 2], 0..1 from the top left of the texture.
    triangles: uint32 [triangles, 3], counter-clockwise as the camera sees them.
    texture: its key in `Rig.textures`.
    weights: float32 [vertices, 3], shares of the joints root, neck and head; rows sum to 1.
    shapes: by shape name, float32 [vertices, 3] displacement in metres at weight 1; absent means unmoved.
    blend: True when the texture's alpha is a soft edge; False draws it solid.
    """

    name: str
    positions: NDArray[np.float32]
    uvs: NDArray[np.float32]
    triangles: NDArray[np.uint32]
    texture: str
    weights: NDArray[np.float32]
    shapes: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    blend: bool = False


@dataclass(frozen=True, eq=False)
class Rig:
    """A face that can move.

    layers: drawn in order, back to front, into one depth buffer (nearer wins, later wins ties).
    textures: uint8 [height, width, 4], sRGB with straight alpha, sampled bilinearly, clamped at the edge.
    joints: rest places in metres of root, neck and head; the head's rotation is shared by neck and head.
    camera: sees the rig at rest as the photo.
    landmarks: float32 [68, 2], where the face was found in the photo, in pixels.
    fit: what is known of the fit's quality and the photo's own expression (numbers and short strings).
    light: the light in the photo, nine numbers as in `phiz.portrait.shading`; none where it is not known.
    files: textures by key as the JPEG files that decode to them, to be saved as they are.
    """

    layers: tuple[Layer, ...]
    textures: Mapping[str, NDArray[np.uint8]]
    joints: NDArray[np.float32]
    camera: Camera
    landmarks: NDArray[np.float32]
    fit: Mapping[str, float | str] = field(default_factory=dict)
    light: tuple[float, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)

    def layer(self, name: str) -> Layer:
        """The layer of that name; KeyError when there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)

    @classmethod
    def from_photo(
        cls,
        photo: str | Path | Portrait,
        *,
        landmarks: str | Path | None = None,
        landmarker: str | Landmarker = "dlib",
        face: int | None = None,
        background: str | Path = "keep",
    ) -> Rig:
        """Make a rig from a picture file (or a `Portrait` already made from one).

        What makes the picture a poor one is logged, in one line, as a warning of the logger "phiz".
        landmarks: a JSON file with the face's points (`docs/landmarks.md`), instead of looking for faces.
        landmarker: what looks for faces: "dlib", "mediapipe", the name of a plug-in, or a `Landmarker`.
        face: which one, counted from 0 at the left; the largest when not given.
        background: "keep", "blur", "transparent", a colour or a picture file: see `with_background`.
        Raises ImageError or FaceError; UsageError for another background or landmarker.
        """
        from phiz.portrait.backdrop import check_background, with_background
        from phiz.portrait.build import build_rig
        from phiz.portrait.find import find_portrait
        from phiz.portrait.portrait import Portrait
        from phiz.portrait.report import quality

        check_background(background)  # before the work of finding the face
        if not isinstance(photo, Portrait):
            photo = find_portrait(photo, landmarks=landmarks, landmarker=landmarker, face=face)
        rig = build_rig(with_background(photo, background))
        flaws = quality(photo, rig).warnings
        if flaws:
            log.warning(" ".join(flaws))
        return rig

    @classmethod
    def load(cls, path: str | Path) -> Rig:
        """Read a rig from the .glb file that `save` wrote. Raises RigError."""
        from phiz.portrait.rig_reader import read_rig

        return read_rig(path)

    def save(self, path: str | Path, *, exact: bool = False) -> None:
        """Write the rig as a .glb file that phiz, Blender, three.js, Godot, Unity and Unreal open.

        The photo in it is lossless: the JPEG file that it was, or else PNG, as long as the whole file stays
        below 3 MB (3 MB a megapixel for its own JPEG); larger ones hold it as a JPEG that keeps 46 dB in the
        face, or as much as fits. exact: PNG then too.
        Raises OutputError when the file cannot be written, and RigError for a rig that the format cannot
        hold: an empty layer, a number that is not finite.
        """
        from phiz.portrait.rig_writer import write_rig

        write_rig(self, path, exact=exact)
