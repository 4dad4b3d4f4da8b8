"""The files that a command will write: checked before any work starts, and kept when they exist."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from phiz.errors import UsageError
from phiz.files import disk_trouble, whole

__all__ = ["check_target", "check_targets", "replacing"]

FileName = str | os.PathLike[str]


def check_targets(
    output: FileName,
    suffix: str | tuple[str, ...],
    second: FileName | None,
    second_suffix: str | None = None,
    *,
    force: bool,
) -> tuple[Path, Path | None]:
    """The absolute paths of what a command will write: its result and, when asked for, a second file.

    suffix, second_suffix: the endings they must have, such as ".glb", or several; None allows all.
    Raises as `check_target`, and UsageError when both are the same file.
    """
    target = check_target(output, force=force, suffixes=(suffix,) if isinstance(suffix, str) else suffix)
    if second is None:
        return target, None
    other = check_target(second, force=force, suffixes=(second_suffix,) if second_suffix else ())
    if other == target:
        raise UsageError(f"{output} and {second} are one file, which cannot hold both: name two files")
    return target, other


def check_target(path: FileName, *, force: bool = False, suffixes: tuple[str, ...] = ()) -> Path:
    """The absolute path that will be written, checked before any work starts.

    suffixes: the endings that are allowed, such as (".mp4",); empty allows all.
    Raises UsageError when the target exists and `force` is False, is no regular file, has another ending or
    is in a folder that does not exist; OutputError when the folder cannot be written.
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
    if not target.parent.is_dir():
        raise UsageError(f"cannot write {target}: there is no folder {target.parent}; make it first")
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise disk_trouble(error, target) from error
    return target


@contextmanager
def replacing(path: FileName, *, force: bool = False) -> Iterator[Path]:
    """As `phiz.files.whole`, but what exists, or appears while the block runs, is kept unless `force`.

    Raises as `check_target`, and OutputError for any OSError of the block.
    """
    target = check_target(path, force=force)
    with whole(target) as temporary:
        yield temporary
        if target.exists() and not force:
            raise UsageError(f"{path} appeared meanwhile and was kept: use --force (force=True)")
