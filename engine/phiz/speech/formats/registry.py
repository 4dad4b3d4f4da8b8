"""Which timing files phiz reads and writes: one row for each kind."""

from dataclasses import dataclass
from pathlib import Path

from phiz.errors import UsageError

__all__ = ["FORMATS", "Format", "format_named", "format_to_write"]


@dataclass(frozen=True)
class Format:
    """One kind of timing file.

    extensions: lower case, with the dot; a file of that name is written in the first format that lists it.
    carries: which of "phonemes", "words", "sentences", "marks" and "mouths" it holds. resolution: seconds of
    its smallest step. reader: "module:function" in this folder, (Source) to Draft; "" for one only written.
    writer: likewise, (Speech, choices) to str; "" for one only read. choices: what the writer can be told.
    """

    name: str
    about: str
    extensions: tuple[str, ...]
    carries: tuple[str, ...]
    resolution: float
    reader: str = ""
    writer: str = ""
    choices: tuple[str, ...] = ()


_ALL = (
    Format(
        "phiz", "phiz's own JSON (docs/timing.md)", (".json",),
        ("phonemes", "words", "sentences", "marks"), 1e-6, "own:read", "own:write",
    ),
    Format(
        "textgrid", "Praat TextGrid, long", (".textgrid",), ("phonemes", "words", "sentences"), 1e-6,
        "textgrid:read", "textgrid:write_long",
    ),
    Format(
        "textgrid-short", "Praat TextGrid, short", (".textgrid",), ("phonemes", "words", "sentences"), 1e-6,
        "textgrid:read", "textgrid:write_short",
    ),
)  # fmt: skip

FORMATS = {each.name: each for each in _ALL}


def format_named(name: str) -> Format:
    """Raises UsageError for a name that is not in `FORMATS`."""
    if name not in FORMATS:
        raise UsageError(f"timing format {name!r} is unknown; there is {', '.join(FORMATS)}")
    return FORMATS[name]


def format_to_write(path: str | Path, name: str | None = None) -> Format:
    """The format of that name or, for None, the one that a file of this name is written in.

    Raises UsageError, before any work, for an unknown name or extension, or a format that is only read.
    """
    if name is not None:
        chosen = format_named(name)
        if not chosen.writer:
            writable = ", ".join(each.name for each in _ALL if each.writer)
            raise UsageError(f"timing format {name!r} is only read; phiz writes {writable}")
        return chosen
    suffix = Path(path).suffix.lower()
    for each in _ALL:
        if suffix in each.extensions and each.writer:
            return each
    known = dict.fromkeys(suffix for each in _ALL if each.writer for suffix in each.extensions)
    raise UsageError(f"timing file {path}: extension {suffix!r} is none of {' '.join(known)}; name a format")
