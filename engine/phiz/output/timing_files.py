"""Timing files as results: what can be checked is checked before any work starts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from phiz.output.target import FileName, check_target, check_targets
from phiz.speech.formats.files import check_choices, write_timing_file
from phiz.speech.formats.registry import format_to_write
from phiz.speech.speech import Speech

__all__ = ["timing_writer"]


def timing_writer(
    path: FileName, format: str | None = None, *, besides: FileName, force: bool, **choices: Any
) -> Callable[[Speech], None]:
    """What writes the times of a speech to `path`.

    format, choices: as in `write_timing_file`; a choice that is None is none. besides: a file that is read or
    made, too, and cannot be the same.
    Raises UsageError as `check_target` and for what the format cannot do; OutputError for a folder that
    cannot be written.
    """
    check_targets(besides, (), path, force=True)
    check_target(path, force=force)
    kind = format_to_write(Path(path), format)
    given = {name: value for name, value in choices.items() if value is not None}
    check_choices(kind, given)
    return lambda speech: write_timing_file(speech, check_target(path, force=force), kind.name, **given)
