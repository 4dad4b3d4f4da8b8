"""A rig read back from the .glb file that `phiz.portrait.rig_writer` wrote.

Renderers trust a rig, so everything that a file holds is checked here.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import RigError
from phiz.portrait.glb import DTYPES, FORMAT, WIDTHS, Json, unpack
from phiz.portrait.precision import WEIGHT_UNITS
from phiz.portrait.rig import JOINTS, LIGHT_TERMS, Camera, Layer, Rig
from phiz.portrait.texture_files import JPEG, decode

__all__ = ["read_rig"]

MAKE_ONE = "make a rig from a photo with `phiz rig PHOTO -o FACE.glb`"
LANDMARKS = 68
LARGEST_SIDE = 2**16  # pixels of a photo; more is damage


def read_rig(path: str | Path) -> Rig:
    """Read the rig that `write_rig` wrote.

    Raises RigError when the file is missing, damaged, newer than this phiz or not a rig.
    """
    path = Path(path)
    try:
        document, binary = unpack(path.read_bytes())
    except OSError as error:
        raise RigError(f"cannot read the rig {path}: {error.strerror}") from error
    except ValueError as error:
        raise RigError(f"{path} cannot be read as a rig: {error}; {MAKE_ONE}") from error
    try:
        extras = document["scenes"][document.get("scene", 0)]["extras"]["phiz"]
        number = int(extras["format"])
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        raise RigError(f"{path} was not made by phiz; {MAKE_ONE}") from None
    if number > FORMAT:
        maker = f"phiz {extras.get('version')}"
        raise RigError(
            f"{path} has rig format {number} ({maker}), this phiz reads up to {FORMAT}; upgrade phiz"
        )
    try:
        return _Reader(document, binary).rig(extras)
    except Exception as error:  # a garbled file trips json, numpy and the PNG decoder in many ways
        raise RigError(f"{path} is damaged ({type(error).__name__}: {error}); make the rig again") from error


class _Reader:
    """Turns an opened document back into a rig."""

    def __init__(self, document: Json, binary: bytes) -> None:
        self.document = document
        self.binary = binary

    def rig(self, extras: Json) -> Rig:
        document = self.document
        textures, files = self.textures()
        return Rig(
            layers=tuple(self.layer(node) for node in document["nodes"] if "mesh" in node),
            textures=textures,
            joints=self.joints(document["skins"][0]),
            camera=_camera(extras["camera"]),
            landmarks=_landmarks(extras["landmarks"]),
            fit=_fit(extras["fit"]),
            light=_light(extras.get("light", [])),  # rigs of earlier versions have none
            files=files,
        )

    def joints(self, skin: Json) -> NDArray[np.float32]:
        """Rest places, float32 [3, 3]."""
        inverse = self.values(skin["inverseBindMatrices"], "MAT4", np.float32)
        if len(inverse) != len(JOINTS) or not np.isfinite(inverse).all():
            raise ValueError(f"it needs {len(JOINTS)} joints at finite places")
        return np.ascontiguousarray(0.0 - inverse.reshape(-1, 4, 4)[:, 3, :3], np.float32)

    def layer(self, node: Json) -> Layer:
        mesh = self.document["meshes"][node["mesh"]]
        primitive = mesh["primitives"][0]
        attributes = primitive["attributes"]
        material = self.document["materials"][primitive["material"]]
        texture = material["pbrMetallicRoughness"]["baseColorTexture"]["index"]
        positions = self.values(attributes["POSITION"], "VEC3", np.float32)
        triangles = self.values(primitive["indices"], "SCALAR", np.uint32).reshape(-1, 3)
        names = mesh.get("extras", {}).get("targetNames", [])
        accessors = [target["POSITION"] for target in primitive.get("targets", [])]
        shapes = {
            name: self.values(accessor, "VEC3", np.float32)
            for name, accessor in zip(names, accessors, strict=True)
        }
        layer = Layer(
            name=mesh["name"],
            positions=positions,
            uvs=self.values(attributes["TEXCOORD_0"], "VEC2", np.float32),
            triangles=triangles,
            texture=self.document["textures"][texture]["name"],
            weights=self.weights(attributes),
            shapes={name: offsets for name, offsets in shapes.items() if offsets.any()},
            blend=material.get("alphaMode") == "BLEND",
        )
        _check(layer)
        return layer

    def weights(self, attributes: Json) -> NDArray[np.float32]:
        """Weights by joint, float32 [vertices, 3]."""
        joints = self.values(attributes["JOINTS_0"], "VEC4", np.uint8)
        units = self.values(attributes["WEIGHTS_0"], "VEC4", np.uint8)
        if (units.sum(axis=1, dtype=np.int64) != WEIGHT_UNITS).any():
            raise ValueError("weights of a vertex do not sum to 1")
        shares = np.zeros((len(units), len(JOINTS)), np.float32)
        for column in range(4):
            np.add.at(shares, (np.arange(len(units)), joints[:, column]), units[:, column])
        return shares / np.float32(WEIGHT_UNITS)

    def values(self, index: int, kind: str, dtype: type[np.generic]) -> NDArray[Any]:
        """The accessor's numbers as `dtype`, [count, width]."""
        accessor = self.document["accessors"][index]
        width, count = WIDTHS[kind], int(accessor["count"])
        if accessor["type"] != kind:
            raise ValueError(f"accessor {index} is {accessor['type']}, not {kind}")
        if not 0 < count <= len(self.binary):  # even zeros that take no place belong to vertices that do
            raise ValueError(f"accessor {index} has {count} elements")
        stored = DTYPES[accessor["componentType"]]
        if "bufferView" in accessor:
            values = self.view(accessor["bufferView"], stored, count * width).reshape(count, width)
        else:
            values = np.zeros((count, width), stored)
        if "sparse" in accessor:
            sparse = accessor["sparse"]
            indices, moved, number = sparse["indices"], sparse["values"], int(sparse["count"])
            where = self.view(indices["bufferView"], DTYPES[indices["componentType"]], number)
            values[where] = self.view(moved["bufferView"], stored, number * width).reshape(number, width)
        return np.ascontiguousarray(values, dtype)

    def view(self, index: int, dtype: type[np.generic], count: int) -> NDArray[Any]:
        """A writable copy of the first `count` numbers of a buffer view."""
        view = self.document["bufferViews"][index]
        return np.frombuffer(self.binary, dtype, count, view.get("byteOffset", 0)).copy()

    def textures(self) -> tuple[dict[str, NDArray[np.uint8]], dict[str, bytes]]:
        """The pixels of each texture, and the files of those that are JPEG."""
        pixels, files = {}, {}
        for texture in self.document["textures"]:
            image = self.document["images"][texture["source"]]
            view = self.document["bufferViews"][image["bufferView"]]
            start = view.get("byteOffset", 0)
            data = self.binary[start : start + view["byteLength"]]
            pixels[texture["name"]] = decode(data)
            if image["mimeType"] == JPEG:
                files[texture["name"]] = data
        return pixels, files


def _camera(data: Json) -> Camera:
    """The camera, which can see: sizes, distance and scale above 0."""
    x, y, z = (float(value) for value in data["eye"])
    width, height, scale = int(data["width"]), int(data["height"]), float(data["scale"])
    if not (1 <= width <= LARGEST_SIDE and 1 <= height <= LARGEST_SIDE):
        raise ValueError(f"a camera of {width}x{height} pixels")
    if not (all(map(math.isfinite, (x, y, z, scale))) and z > 0 and scale > 0):
        raise ValueError(f"a camera at {x}, {y}, {z} with scale {scale}")
    return Camera(width, height, (x, y, z), scale)


def _landmarks(data: list[list[float]]) -> NDArray[np.float32]:
    landmarks = np.array(data, np.float32)
    if landmarks.shape != (LANDMARKS, 2) or not np.isfinite(landmarks).all():
        raise ValueError(f"it needs {LANDMARKS} landmarks at finite places")
    return landmarks


def _fit(data: Json) -> dict[str, float | str]:
    for name, value in data.items():
        if not isinstance(value, str) and not math.isfinite(value):
            raise ValueError(f"{name} of its fit is {value}")
    return dict(data)


def _light(data: list[float]) -> tuple[float, ...]:
    light = tuple(float(value) for value in data)
    if len(light) not in (0, LIGHT_TERMS) or not all(map(math.isfinite, light)):
        raise ValueError(f"it needs {LIGHT_TERMS} finite numbers of light")
    return light


def _check(layer: Layer) -> None:
    """The arrays of a layer agree with each other."""
    count = len(layer.positions)
    arrays = {"uvs": layer.uvs, "weights": layer.weights, **layer.shapes}
    for name, values in {"positions": layer.positions, **arrays}.items():
        if len(values) != count:
            raise ValueError(f"{layer.name} has {count} vertices but {len(values)} {name}")
        if not np.isfinite(values).all():
            raise ValueError(f"{name} of {layer.name} are not finite")
    if layer.triangles.size and layer.triangles.max() >= count:
        raise ValueError(f"{layer.name} has {count} vertices and a triangle that names another")
