"""One SHA-256 a frame: what `--hashes` writes, to hold the promise of the same pixels every time."""

import hashlib
import os
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from phiz.output.target import replacing

__all__ = ["hashed", "write_hashes"]


def hashed(frames: Iterable[NDArray[np.uint8]], digests: list[str]) -> Iterator[NDArray[np.uint8]]:
    """Pass frames (uint8 [height, width, 4]) through; each one's hex SHA-256 goes to `digests`."""
    for frame in frames:
        digests.append(hashlib.sha256(np.ascontiguousarray(frame).data).hexdigest())
        yield frame


def write_hashes(digests: Iterable[str], path: str | os.PathLike[str], *, force: bool = False) -> None:
    """Write one digest a line. Raises OutputError; UsageError when the file exists and `force` is False."""
    with replacing(path, force=force) as temporary:
        temporary.write_text("".join(f"{digest}\n" for digest in digests), encoding="ascii")
