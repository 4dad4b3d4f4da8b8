"""Files that appear whole or not at all: written beside their target, then renamed."""

import errno
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phiz.errors import OutputError, UsageError

__all__ = ["check_target", "disk_trouble", "replacing"]

DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def check_target(
    path: str | os.PathLike[str], *, force: bool = False, suffixes: tuple[str, ...] = ()
) -> Path:
    """The absolute path that will be written, checked before any work starts.

    suffixes: the endings that are allowed, such as (".mp4",); empty allows all.
    Raises UsageError when the target exists and `force` is False, is no regular file or has another ending;
    OutputError when its folder does not exist or cannot be written.
    """
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise UsageError(f"{path} is a folder: name a file in it")
    if suffixes and target.suffix.lower() not in suffixes:
        raise UsageError(f"{path} does not end in {' or '.join(suffixes)}: give the output file that ending")
    if target.exists() and not target.is_file():
        raise UsageError(f"{path} is not a regular file: name a file that may be replaced")
    if target.exists() and not force:
        raise UsageError(f"{path} exists: use --force (force=True) to replace it, or name another file")
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise disk_trouble(error, target) from error
    return target


@contextmanager
def replacing(path: str | os.PathLike[str], *, force: bool = False) -> Iterator[Path]:
    """A temporary path beside `path`, renamed to it when the block ends well and removed when it does not.

    The temporary name keeps the ending of the target. Raises as `check_target`, and OutputError for any
    OSError of the block.
    """
    target = check_target(path, force=force)
    temporary = target.with_name(f".phiz-{secrets.token_hex(6)}{target.suffix}")
    try:
        yield temporary
        if target.exists() and not force:
            raise UsageError(f"{path} appeared meanwhile and was kept: use --force (force=True)")
        os.replace(temporary, target)
    except OSError as error:
        raise disk_trouble(error, target) from error
    except OutputError as error:  # of a writer that knows the temporary name only
        cause = error.__context__
        if isinstance(cause, OSError) and cause.errno in DISK_FULL:
            raise disk_trouble(cause, target) from error
        raise
    finally:
        temporary.unlink(missing_ok=True)


def disk_trouble(error: OSError, target: Path) -> OutputError:
    """The one line that says why `target` could not be written and what to do."""
    if error.errno in DISK_FULL:
        return OutputError(f"cannot write {target}: the disk is full; free some space or use another disk")
    if not target.parent.is_dir():
        return OutputError(f"cannot write {target}: there is no folder {target.parent}; make it first")
    if isinstance(error, PermissionError | FileNotFoundError) or error.errno == errno.EROFS:
        return OutputError(f"cannot write {target}: the folder {target.parent} is not writable; name another")
    return OutputError(f"cannot write {target}: {error.strerror or error}; name another file or folder")
