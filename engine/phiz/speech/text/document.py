"""A text with what its writer asks of the voice: the common form of plain text and SSML."""

from dataclasses import dataclass

from phiz.speech.voices import PLAIN, Manner

__all__ = ["Break", "Document", "Edit", "Named", "Settings", "Stretch"]


@dataclass(frozen=True)
class Settings:
    """How a stretch of text is to be said.

    language: "" for the one asked for, or as the script tells. voice: a name such as "espeak:f3", "" for the
    one asked for. alias: what is said instead. ipa: the sounds that are made instead. say_as, form: SSML's
    interpret-as and format.
    """

    language: str = ""
    voice: str = ""
    manner: Manner = PLAIN
    alias: str | None = None
    ipa: str = ""
    say_as: str = ""
    form: str = ""


@dataclass(frozen=True)
class Stretch:
    """text[start:end] of a document, said in one way."""

    start: int
    end: int
    settings: Settings


@dataclass(frozen=True)
class Break:
    """Silence before the character at `place`. exact: instead of what the voice would pause there by itself;
    else at least that much. seconds: 0 or more, at the usual tempo where it is not exact."""

    place: int
    seconds: float
    exact: bool = True


@dataclass(frozen=True)
class Named:
    """A place in the text with a name. after: it belongs to the word before it, not to the following one."""

    place: int
    name: str
    after: bool = False


@dataclass(frozen=True)
class Edit:
    """text[start:end] is said as `said`; with the sounds `ipa` where the voice can."""

    start: int
    end: int
    said: str
    ipa: str = ""


@dataclass(frozen=True)
class Document:
    """text: what the user wrote, without markup. stretches: cover it in order. events: in order of their
    place, and of their writing where they have one place. markup: line ends and blanks mean nothing."""

    text: str
    stretches: tuple[Stretch, ...]
    events: tuple[Break | Named, ...] = ()
    markup: bool = False
