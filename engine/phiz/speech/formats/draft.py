"""What a timing file says, before it is checked and becomes a `Speech`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from phiz.errors import SpeechError
from phiz.speech.speech import Mismatch

__all__ = ["Draft", "Item", "Source"]

SHOWN = 60  # characters of a damaged line that an error quotes


@dataclass(frozen=True)
class Item:
    """One timed piece. start, end: seconds. where: its place in the file, as "line 12" or "words[3]"."""

    text: str
    start: float
    end: float
    where: str


@dataclass(frozen=True)
class Draft:
    """All that was found in a file.

    phones: names in `alphabet` ("ipa", "arpabet", "xsampa", or None where the names themselves must tell);
    names of silence may be among them. words, sentences, marks: as written. duration: seconds of sound, None
    where the file does not say. language: as phiz names it, "" where the file does not say.
    """

    phones: Sequence[Item] = ()
    words: Sequence[Item] = ()
    sentences: Sequence[Item] = ()
    marks: Sequence[Item] = ()
    mismatches: Sequence[Mismatch] = ()
    alphabet: str | None = None
    duration: float | None = None
    language: str = ""
    text: str = ""


@dataclass(frozen=True)
class Source:
    """A file's name and text, for its reader."""

    path: Path
    text: str = field(repr=False)

    def lines(self) -> list[tuple[str, str]]:
        """(place, line) of each line that is not blank, as ("line 3", "0.0\\t1.0\\tHello")."""
        numbered = enumerate(self.text.splitlines(), 1)
        return [(f"line {number}", line) for number, line in numbered if line.strip()]

    def bad(self, where: str, found: object, expected: str) -> SpeechError:
        """The error for what is at `where`."""
        shown = " ".join(str(found).split())
        shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}..."
        return SpeechError(f"{self.path}, {where}: expected {expected}, found {shown!r}")

    def number(self, found: object, where: str, expected: str) -> float:
        """`found` as a number; range and order are checked later. Raises SpeechError."""
        if isinstance(found, bool) or not isinstance(found, str | int | float):
            raise self.bad(where, found, expected)
        try:
            return float(found)
        except (ValueError, OverflowError):
            raise self.bad(where, found, expected) from None
