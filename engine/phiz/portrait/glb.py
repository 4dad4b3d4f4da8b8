"""The container of a .glb file (glTF 2.0 binary): a header, a chunk of JSON and a chunk of numbers.

Source of the format: Khronos, glTF 2.0 specification, ISO/IEC 12113:2022, chapter 4 (container) and 3.6
(accessors).
"""

import json
import struct
from typing import Any

import numpy as np

__all__ = ["DTYPES", "FORMAT", "WIDTHS", "Json", "pack", "unpack"]

Json = dict[str, Any]

FORMAT = 1  # of what phiz puts in the extras; a reader refuses newer ones
MAGIC, VERSION, JSON_CHUNK, BIN_CHUNK = 0x46546C67, 2, 0x4E4F534A, 0x004E4942
HEADER, CHUNK = struct.Struct("<III"), struct.Struct("<II")

DTYPES: dict[int, type[np.generic]] = {5121: np.uint8, 5123: np.uint16, 5125: np.uint32, 5126: np.float32}
"""Types of numbers by the `componentType` of an accessor."""

WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
"""How many numbers an element has, by the `type` of an accessor."""


def pack(document: Json, binary: bytes | bytearray) -> bytes:
    """The file of a document and its binary chunk, whose length is a multiple of four.

    Raises ValueError for a number that is not finite: JSON cannot hold it.
    """
    text = json.dumps(document, separators=(",", ":"), allow_nan=False).encode("ascii")
    text += b" " * (-len(text) % 4)
    length = HEADER.size + CHUNK.size + len(text) + CHUNK.size + len(binary)
    parts = CHUNK.pack(len(text), JSON_CHUNK), text, CHUNK.pack(len(binary), BIN_CHUNK), bytes(binary)
    return HEADER.pack(MAGIC, VERSION, length) + b"".join(parts)


def unpack(blob: bytes) -> tuple[Json, bytes]:
    """The document and the binary chunk of a file. Raises ValueError, which says what is wrong with it."""
    if len(blob) < HEADER.size or HEADER.unpack_from(blob)[0] != MAGIC:
        raise ValueError("it is not a .glb file")
    _, version, length = HEADER.unpack_from(blob)
    if version != VERSION:
        raise ValueError(f"it is glTF version {version}, phiz reads version {VERSION}")
    if length != len(blob):
        raise ValueError(f"it is cut short or overlong, {len(blob)} of {length} bytes")
    text, rest = _chunk(blob, HEADER.size, JSON_CHUNK)
    try:
        document = json.loads(text)
    except RecursionError:
        raise ValueError("its JSON is nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("its JSON is no object")
    return document, _chunk(blob, rest, BIN_CHUNK)[0] if rest < length else b""


def _chunk(blob: bytes, start: int, kind: int) -> tuple[bytes, int]:
    """The chunk at `start`, which must be of that kind, and where the next begins."""
    begin = start + CHUNK.size
    if begin > len(blob):
        raise ValueError("a chunk is missing")
    length, found = CHUNK.unpack_from(blob, start)
    if found != kind or begin + length > len(blob):
        raise ValueError("a chunk is damaged")
    return blob[begin : begin + length], begin + length
