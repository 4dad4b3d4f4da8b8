"""A rig as a standard glTF 2.0 scene, and that as a .glb file.

One node and mesh per layer in drawing order, one skin (root > neck > head), morph targets under their shape
names, textures as PNG or JPEG inside, unlit materials, and the camera that sees the rig as the photo. What
only phiz needs stands in the scene's `extras` under "phiz". Source of the format: Khronos, glTF 2.0
specification, ISO/IEC 12113:2022.

A rig that went through `quantise` comes back from `phiz.portrait.rig_reader` bit for bit, unless its photo
was too large to be kept as PNG.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz import __version__
from phiz.channels import SHAPES
from phiz.errors import RigError
from phiz.files import whole
from phiz.portrait.glb import DTYPES, FORMAT, WIDTHS, Json, pack
from phiz.portrait.precision import WEIGHT_UNITS
from phiz.portrait.rig import JOINTS, Camera, Layer, Rig
from phiz.portrait.texture_files import JPEG, PNG, PNG_START, as_jpeg, as_png, likely_png_size

__all__ = ["write_rig"]

COMPONENT = {np.dtype(dtype): number for number, dtype in DTYPES.items()}
FLOAT = COMPONENT[np.dtype(np.float32)]
ARRAY_BUFFER, ELEMENT_BUFFER = 34962, 34963
LINEAR, CLAMP = 9729, 33071
NEAR, FAR = 0.01, 100.0  # the camera's clipping planes in metres
LARGEST_EXACT = 3_000_000  # bytes of a file up to which a photo is kept as PNG,
MOST_A_MEGAPIXEL = 3_000_000  # and that a larger one may take for each megapixel as a JPEG
LIKELY = 1.1  # times that room, up to which a PNG is tried
JSON_ROOM = 90_000  # bytes of it that are left for the document
FACE = "face"  # the layer whose mesh has a morph target for every shape


def write_rig(rig: Rig, path: str | Path, *, exact: bool = False) -> None:
    """Write `rig` to `path` as .glb, replacing the file there only once the new one is complete.

    exact: keep every texture without loss, however large the file becomes.
    Raises RigError for a rig that glTF cannot hold (an empty layer, a number that is not finite) and
    OutputError when the file cannot be written.
    """
    blob = _encode(rig, exact=exact)
    with whole(path) as temporary:
        temporary.write_bytes(blob)


def _encode(rig: Rig, *, exact: bool) -> bytes:
    for layer in rig.layers:
        if not len(layer.positions) or not len(layer.triangles):
            raise RigError(f"layer {layer.name!r} has no triangles; leave it out of the rig")
    writer = _Writer()
    document = writer.document(rig, exact=exact)
    try:
        return pack(document, writer.binary)
    except ValueError as error:
        raise RigError("the rig holds a number that is not finite; make the rig again") from error


class _Writer:
    """Collects one glTF document and its binary chunk."""

    def __init__(self) -> None:
        self.binary = bytearray()
        self.views: list[Json] = []
        self.accessors: list[Json] = []
        self._plain: dict[bytes, int] = {}  # views without a target, by what they hold

    def document(self, rig: Rig, *, exact: bool) -> Json:
        looks = dict.fromkeys((layer.texture, layer.blend) for layer in rig.layers)
        materials = {look: index for index, look in enumerate(looks)}
        textures = {name: index for index, name in enumerate(rig.textures)}
        meshes = [self.mesh(layer, materials[layer.texture, layer.blend]) for layer in rig.layers]
        skin = self.skin(rig.joints, first_node=len(meshes))
        images = self.images(rig, exact=exact)
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
        """A buffer view of `data`, which starts on a multiple of four bytes.

        Without a target (that is, no vertex attribute) equal data are kept once: many shapes move the very
        same vertices.
        """
        if target is None and data in self._plain:
            return self._plain[data]
        entry: Json = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data)}
        if target is not None:
            entry["target"] = target
        self.views.append(entry)
        if target is None:
            self._plain[data] = len(self.views) - 1
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

    def images(self, rig: Rig, *, exact: bool) -> list[Json]:
        """The textures as they came or as PNG; JPEG for a photo that would make the file too large."""
        files: dict[str, bytes] = {}
        taken = JSON_ROOM + len(self.binary)
        for name, pixels in sorted(
            rig.textures.items(), key=lambda entry: entry[1].size
        ):  # the photo is last
            own, room = rig.files.get(name), _jpeg_room(pixels) - taken
            if own is None or (len(own) > room and not exact):
                made = _image_file(pixels, rig.landmarks, taken, exact=exact)
                own = made if own is None or len(made) <= room else own
            files[name] = own
            taken += len(own)
        return [
            {
                "name": name,
                "mimeType": PNG if files[name].startswith(PNG_START) else JPEG,
                "bufferView": self.view(files[name]),
            }
            for name in rig.textures
        ]

    def mesh(self, layer: Layer, material: int) -> Json:
        """One layer; the face lists every shape, so that an engine finds all names on one mesh."""
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
        targets = {name: self.target(offsets) for name, offsets in layer.shapes.items()}
        unmoved = [name for name in SHAPES if name not in targets] if layer.name == FACE else []
        if unmoved:
            targets |= dict.fromkeys(unmoved, self.zeros(len(layer.positions)))
        if targets:
            primitive["targets"] = [{"POSITION": accessor} for accessor in targets.values()]
            mesh["weights"] = [1.0 if name == "photo" else 0.0 for name in targets]
            mesh["extras"] = {"targetNames": list(targets)}
        return mesh

    def zeros(self, count: int) -> int:
        """A morph target that moves nothing: an accessor without a view reads as zeros."""
        zero = [0.0, 0.0, 0.0]
        self.accessors.append(
            {"componentType": FLOAT, "count": count, "type": "VEC3", "min": zero, "max": zero}
        )
        return len(self.accessors) - 1

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


def _jpeg_room(pixels: NDArray[np.uint8]) -> float:
    """Bytes that a file with this photo may take."""
    return MOST_A_MEGAPIXEL * max(1.0, pixels.shape[0] * pixels.shape[1] / 1e6)


def _image_file(
    pixels: NDArray[np.uint8], landmarks: NDArray[np.float32], taken: int, *, exact: bool
) -> bytes:
    """PNG, or JPEG where that would be too much beside what is `taken`. Transparency needs PNG."""
    opaque, room = pixels[..., 3].min() == 255, LARGEST_EXACT - taken
    if not opaque or exact or likely_png_size(pixels) < room * LIKELY:
        data = as_png(pixels)
        if not opaque or exact or len(data) <= room:
            return data
    limit = np.array(pixels.shape[1::-1])
    low = np.clip(landmarks.min(0).astype(int), 0, limit - 1)
    high = np.clip(landmarks.max(0).astype(int) + 1, low + 1, limit)
    part = (slice(low[1], high[1]), slice(low[0], high[0]))
    return as_jpeg(pixels, part, _jpeg_room(pixels) - taken)


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
        "light": list(rig.light),
    }
