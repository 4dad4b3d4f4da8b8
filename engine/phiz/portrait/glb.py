"""Rigs as files: standard glTF 2.0 binary (.glb), written and read with numpy and the standard library.

One node and mesh per layer in drawing order, one skin (root > neck > head), morph targets under their shape
names, textures as PNG inside, unlit materials, and the camera that sees the rig as the photo. What only phiz
needs stands in the scene's `extras` under "phiz". Source of the format: Khronos, glTF 2.0 specification,
ISO/IEC 12113:2022.

A rig that went through `quantise` comes back bit for bit.
"""

import contextlib
import io
import json
import math
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz import __version__
from phiz.errors import OutputError, RigError
from phiz.portrait.quantise import WEIGHT_UNITS
from phiz.portrait.rig import JOINTS, Camera, Layer, Rig

__all__ = ["FORMAT", "read_rig", "write_rig"]

FORMAT = 1  # of what stands in the extras; a reader refuses newer ones
MAGIC, JSON_CHUNK, BIN_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
UINT8, UINT16, UINT32, FLOAT = 5121, 5123, 5125, 5126
DTYPES: dict[int, type[np.generic]] = {
    UINT8: np.uint8,
    UINT16: np.uint16,
    UINT32: np.uint32,
    FLOAT: np.float32,
}
COMPONENT = {np.dtype(dtype): number for number, dtype in DTYPES.items()}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
ARRAY_BUFFER, ELEMENT_BUFFER = 34962, 34963
LINEAR, CLAMP = 9729, 33071
MAKE_ONE = "make a rig from a photo with `phiz rig PHOTO -o FACE.glb`"
NEAR, FAR = 0.01, 100.0  # the camera's clipping planes in metres

Json = dict[str, Any]


def write_rig(rig: Rig, path: str | Path) -> None:
    """Write `rig` to `path` as .glb, replacing the file there only once the new one is complete.

    Raises RigError for a rig that glTF cannot hold (an empty layer, a number that is not finite) and
    OutputError when the file cannot be written.
    """
    blob = _encode(rig)
    path = Path(path)
    temporary = path.with_name(f".{path.name[:80]}.{os.getpid()}.part")
    try:
        temporary.write_bytes(blob)
        os.replace(temporary, path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}; choose another place with -o") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def read_rig(path: str | Path) -> Rig:
    """Read the rig that `write_rig` wrote.

    Raises RigError when the file is missing, damaged, newer than this phiz or not a rig.
    """
    path = Path(path)
    try:
        blob = path.read_bytes()
    except OSError as error:
        raise RigError(f"cannot read the rig {path}: {error.strerror}") from error
    document, binary = _open(blob, path)
    try:
        extras = document["scenes"][document.get("scene", 0)]["extras"]["phiz"]
        number = int(extras["format"])
    except (KeyError, IndexError, TypeError, ValueError):
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


# Writing


def _encode(rig: Rig) -> bytes:
    for layer in rig.layers:
        if not len(layer.positions) or not len(layer.triangles):
            raise RigError(f"layer {layer.name!r} has no triangles; leave it out of the rig")
    writer = _Writer()
    document = writer.document(rig)
    try:
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise RigError("the rig holds a number that is not finite; make the rig again") from error
    text += b" " * (-len(text) % 4)
    binary = bytes(writer.binary)
    header = struct.pack("<III", MAGIC, 2, 12 + 8 + len(text) + 8 + len(binary))
    heads = struct.pack("<II", len(text), JSON_CHUNK), struct.pack("<II", len(binary), BIN_CHUNK)
    return header + heads[0] + text + heads[1] + binary


class _Writer:
    """Collects one glTF document and its binary chunk."""

    def __init__(self) -> None:
        self.binary = bytearray()
        self.views: list[Json] = []
        self.accessors: list[Json] = []

    def document(self, rig: Rig) -> Json:
        images = [self.image(name, pixels) for name, pixels in rig.textures.items()]
        looks = dict.fromkeys((layer.texture, layer.blend) for layer in rig.layers)
        materials = {look: index for index, look in enumerate(looks)}
        textures = {name: index for index, name in enumerate(rig.textures)}
        meshes = [self.mesh(layer, materials[layer.texture, layer.blend]) for layer in rig.layers]
        skin = self.skin(rig.joints, first_node=len(meshes))
        nodes = [{"name": layer.name, "mesh": index, "skin": 0} for index, layer in enumerate(rig.layers)]
        nodes += _joint_nodes(rig.joints, first_node=len(meshes))
        nodes.append({"name": "camera", "camera": 0, "translation": list(rig.camera.eye)})
        roots = [*range(len(meshes)), len(meshes), len(nodes) - 1]
        return {
            "asset": {"version": "2.0", "generator": f"phiz {__version__}"},
            "extensionsUsed": ["KHR_materials_unlit"],
            "scene": 0,
            "scenes": [{"name": "phiz", "nodes": roots, "extras": {"phiz": _extras(rig)}}],
            "nodes": nodes,
            "cameras": [{"name": "camera", "type": "perspective", "perspective": _perspective(rig.camera)}],
            "meshes": meshes,
            "skins": [skin],
            "materials": [_material(name, textures[name], blend) for name, blend in materials],
            "textures": [{"name": name, "source": index, "sampler": 0} for name, index in textures.items()],
            "images": images,
            "samplers": [{"magFilter": LINEAR, "minFilter": LINEAR, "wrapS": CLAMP, "wrapT": CLAMP}],
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": len(self.binary)}],
        }

    def view(self, data: bytes, target: int | None = None) -> int:
        """Append `data` as a buffer view that starts on a multiple of four bytes."""
        entry: Json = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        if target is not None:
            entry["target"] = target
        self.views.append(entry)
        self.binary += data + bytes(-len(data) % 4)
        return len(self.views) - 1

    def accessor(self, kind: str, values: NDArray[Any], target: int | None = None, **more: Any) -> int:
        entry: Json = {
            "bufferView": self.view(np.ascontiguousarray(values).tobytes(), target),
            "componentType": COMPONENT[values.dtype],
            "count": values.size // WIDTHS[kind],
            "type": kind,
        }
        self.accessors.append(entry | more)
        return len(self.accessors) - 1

    def image(self, name: str, pixels: NDArray[np.uint8]) -> Json:
        from PIL import Image

        opaque = bool((pixels[..., 3] == 255).all())
        picture = Image.fromarray(np.ascontiguousarray(pixels[..., :3] if opaque else pixels))
        data = io.BytesIO()
        picture.save(data, "PNG", compress_level=9)
        return {"name": name, "mimeType": "image/png", "bufferView": self.view(data.getvalue())}

    def mesh(self, layer: Layer, material: int) -> Json:
        units = np.rint(layer.weights * WEIGHT_UNITS).astype(np.uint8)
        units = np.pad(units, ((0, 0), (0, 4 - units.shape[1])))
        # glTF wants joint 0 wherever the weight is 0.
        joints = np.where(units > 0, np.arange(4, dtype=np.uint8), np.uint8(0))
        # The highest u16 restarts a strip, so it may not be a vertex.
        index_type = np.uint16 if len(layer.positions) < 2**16 else np.uint32
        primitive: Json = {
            "attributes": {
                "POSITION": self.accessor("VEC3", layer.positions, ARRAY_BUFFER, **_bounds(layer.positions)),
                "TEXCOORD_0": self.accessor("VEC2", layer.uvs, ARRAY_BUFFER),
                "JOINTS_0": self.accessor("VEC4", joints, ARRAY_BUFFER),
                "WEIGHTS_0": self.accessor("VEC4", units, ARRAY_BUFFER, normalized=True),
            },
            "indices": self.accessor("SCALAR", layer.triangles.astype(index_type), ELEMENT_BUFFER),
            "material": material,
        }
        mesh: Json = {"name": layer.name, "primitives": [primitive]}
        if layer.shapes:
            primitive["targets"] = [{"POSITION": self.target(offsets)} for offsets in layer.shapes.values()]
            mesh["weights"] = [1.0 if name == "photo" else 0.0 for name in layer.shapes]
            mesh["extras"] = {"targetNames": list(layer.shapes)}
        return mesh

    def target(self, offsets: NDArray[np.float32]) -> int:
        """A morph target; only the vertices that move are stored when that is smaller."""
        moved = np.flatnonzero(offsets.any(axis=1))
        indices = moved.astype(np.uint16 if len(offsets) <= 2**16 else np.uint32)
        values = np.ascontiguousarray(offsets[moved])
        if not len(moved) or indices.nbytes + values.nbytes >= offsets.nbytes:
            return self.accessor("VEC3", offsets, ARRAY_BUFFER, **_bounds(offsets))
        sparse = {
            "count": len(moved),
            "indices": {
                "bufferView": self.view(indices.tobytes()),
                "componentType": COMPONENT[indices.dtype],
            },
            "values": {"bufferView": self.view(values.tobytes())},
        }
        entry: Json = {"componentType": FLOAT, "count": len(offsets), "type": "VEC3", "sparse": sparse}
        self.accessors.append(entry | _bounds(offsets))
        return len(self.accessors) - 1

    def skin(self, joints: NDArray[np.float32], first_node: int) -> Json:
        inverse = np.tile(np.eye(4, dtype=np.float32), (len(joints), 1, 1))
        inverse[:, 3, :3] = -joints  # matrices are stored by columns
        nodes = list(range(first_node, first_node + len(joints)))
        return {
            "inverseBindMatrices": self.accessor("MAT4", inverse),
            "joints": nodes,
            "skeleton": first_node,
        }


def _bounds(points: NDArray[np.float32]) -> Json:
    return {"min": points.min(axis=0).tolist(), "max": points.max(axis=0).tolist()}


def _joint_nodes(joints: NDArray[np.float32], first_node: int) -> list[Json]:
    """A chain of nodes, each placed relative to the one before."""
    steps = np.diff(joints.astype(np.float64), axis=0, prepend=0.0)
    nodes: list[Json] = [
        {"name": name, "translation": step.tolist()} for name, step in zip(JOINTS, steps, strict=True)
    ]
    for index, node in enumerate(nodes[:-1]):
        node["children"] = [first_node + index + 1]
    return nodes


def _perspective(camera: Camera) -> Json:
    height = camera.height / camera.scale  # of the photo in metres at z = 0
    return {
        "aspectRatio": camera.width / camera.height,
        "yfov": 2 * math.atan(height / 2 / camera.eye[2]),
        "znear": NEAR,
        "zfar": FAR,
    }


def _material(name: str, texture: int, blend: bool) -> Json:
    return {
        "name": name,
        "pbrMetallicRoughness": {
            "baseColorTexture": {"index": texture},
            "metallicFactor": 0.0,
            "roughnessFactor": 1.0,
        },
        "alphaMode": "BLEND" if blend else "OPAQUE",
        "extensions": {"KHR_materials_unlit": {}},
    }


def _extras(rig: Rig) -> Json:
    camera = rig.camera
    return {
        "format": FORMAT,
        "version": __version__,
        "landmarks": rig.landmarks.tolist(),
        "camera": {
            "width": camera.width,
            "height": camera.height,
            "eye": list(camera.eye),
            "scale": camera.scale,
        },
        "fit": dict(rig.fit),
    }


# Reading


def _open(blob: bytes, path: Path) -> tuple[Json, bytes]:
    """The JSON document and the binary chunk of a .glb file."""
    if len(blob) < 20 or struct.unpack_from("<I", blob)[0] != MAGIC:
        raise RigError(f"{path} is not a .glb file; {MAKE_ONE}")
    _, version, length, text_length, text_kind = struct.unpack_from("<IIIII", blob)
    if version != 2:
        raise RigError(f"{path} is glTF version {version}; phiz reads version 2")
    if length != len(blob):
        raise RigError(f"{path} is cut short or overlong: {len(blob)} of {length} bytes; copy it again")
    rest = 20 + text_length
    try:
        if text_kind != JSON_CHUNK:
            raise ValueError("the first chunk is not JSON")
        document = json.loads(blob[20:rest])
        binary_length, binary_kind = (
            struct.unpack_from("<II", blob, rest) if rest < length else (0, BIN_CHUNK)
        )
        if binary_kind != BIN_CHUNK or rest + 8 + binary_length > max(length, rest + 8):
            raise ValueError("the second chunk is not the binary one")
    except (ValueError, struct.error) as error:
        raise RigError(f"{path} is damaged ({error}); make the rig again") from error
    return document, blob[rest + 8 : rest + 8 + binary_length]


class _Reader:
    """Turns an opened document back into a rig."""

    def __init__(self, document: Json, binary: bytes) -> None:
        self.document = document
        self.binary = binary

    def rig(self, extras: Json) -> Rig:
        document, camera = self.document, extras["camera"]
        x, y, z = (float(value) for value in camera["eye"])
        inverse = self.values(document["skins"][0]["inverseBindMatrices"], "MAT4", np.float32).reshape(
            -1, 4, 4
        )
        return Rig(
            layers=tuple(self.layer(node) for node in document["nodes"] if "mesh" in node),
            textures={entry["name"]: self.pixels(entry) for entry in document["textures"]},
            joints=np.ascontiguousarray(0.0 - inverse[:, 3, :3], np.float32),
            camera=Camera(int(camera["width"]), int(camera["height"]), (x, y, z), float(camera["scale"])),
            landmarks=np.array(extras["landmarks"], np.float32).reshape(-1, 2),
            fit=dict(extras["fit"]),
        )

    def layer(self, node: Json) -> Layer:
        mesh = self.document["meshes"][node["mesh"]]
        primitive = mesh["primitives"][0]
        attributes = primitive["attributes"]
        material = self.document["materials"][primitive["material"]]
        texture = material["pbrMetallicRoughness"]["baseColorTexture"]["index"]
        positions = self.values(attributes["POSITION"], "VEC3", np.float32)
        triangles = self.values(primitive["indices"], "SCALAR", np.uint32).reshape(-1, 3)
        names = mesh.get("extras", {}).get("targetNames", [])
        targets = zip(names, primitive.get("targets", []), strict=True)
        layer = Layer(
            name=mesh["name"],
            positions=positions,
            uvs=self.values(attributes["TEXCOORD_0"], "VEC2", np.float32),
            triangles=triangles,
            texture=self.document["textures"][texture]["name"],
            weights=self.weights(attributes),
            shapes={name: self.values(target["POSITION"], "VEC3", np.float32) for name, target in targets},
            blend=material.get("alphaMode") == "BLEND",
        )
        _check(layer)
        return layer

    def weights(self, attributes: Json) -> NDArray[np.float32]:
        """Weights by joint, float32 [vertices, 3]."""
        joints = self.values(attributes["JOINTS_0"], "VEC4", np.uint8)
        units = self.values(attributes["WEIGHTS_0"], "VEC4", np.uint8)
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

    def pixels(self, texture: Json) -> NDArray[np.uint8]:
        from PIL import Image

        view = self.document["bufferViews"][self.document["images"][texture["source"]]["bufferView"]]
        start = view.get("byteOffset", 0)
        with Image.open(io.BytesIO(self.binary[start : start + view["byteLength"]])) as picture:
            return np.array(picture.convert("RGBA"))


def _check(layer: Layer) -> None:
    """Renderers trust a rig's arrays, so a file's must agree with each other."""
    count = len(layer.positions)
    arrays = {"uvs": layer.uvs, "weights": layer.weights, **layer.shapes}
    for name, values in {"positions": layer.positions, **arrays}.items():
        if len(values) != count:
            raise ValueError(f"{layer.name} has {count} vertices but {len(values)} {name}")
        if not np.isfinite(values).all():
            raise ValueError(f"{name} of {layer.name} are not finite")
    if layer.triangles.size and layer.triangles.max() >= count:
        raise ValueError(f"{layer.name} has {count} vertices and a triangle that names another")
