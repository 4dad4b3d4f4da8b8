"""Files that appear whole or not at all: written beside their target, then renamed."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from phiz.errors import OutputError

__all__ = ["disk_trouble", "passing", "whole"]

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary path beside `path`, which replaces it when the block ends well and goes when it does not.

    The temporary name keeps the ending of the target; a link is followed, not replaced.
    Raises OutputError for any OSError of the block.
    """
    target = Path(os.path.realpath(path))
    try:
        with passing(target, target.suffix) as temporary:
            yield temporary
            os.replace(temporary, target)
    except OSError as error:
        raise disk_trouble(error, target) from error


@contextmanager
def passing(target: Path, suffix: str) -> Iterator[Path]:
    """A name beside `target` for a file that does not outlast the block, whatever ends it."""
    path = target.with_name(f".phiz-{secrets.token_hex(6)}{suffix}")
    try:
        yield path
    finally:
        with suppress(OSError):  # what went wrong in the block is the news
            path.unlink(missing_ok=True)


def disk_trouble(error: OSError, target: Path) -> OutputError:
    """The one line that says why `target` could not be written and what to do."""
    if error.errno in DISK_FULL:
        return OutputError(f"cannot write {target}: the disk is full; free some space or use another disk")
    if not target.parent.is_dir():
        return OutputError(f"cannot write {target}: there is no folder {target.parent}; make it first")
    if isinstance(error, PermissionError | FileNotFoundError) or error.errno == errno.EROFS:
        return OutputError(f"cannot write {target}: the folder {target.parent} is not writable; name another")
    return OutputError(f"cannot write {target}: {error.strerror or error}; name another file or folder")
