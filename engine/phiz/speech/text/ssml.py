"""SSML to a document: the part of the W3C's Speech Synthesis Markup Language 1.1 that phiz speaks.

Elements: speak p s break prosody emphasis sub phoneme lang mark say-as voice, and w and token, which change
nothing. What is inside another element is spoken, and one warning names the element. The parser loads nothing
from outside and takes no entities but XML's own.
"""

import logging
import re
from dataclasses import replace
from xml.parsers import expat

from phiz.errors import UsageError
from phiz.speech.text.document import Break, Document, Named, Settings, Stretch
from phiz.speech.text.ssml_values import break_seconds, emphasised, ipa_of, prosody

__all__ = ["is_ssml", "read_ssml"]

log = logging.getLogger("phiz")

# Before the root may stand a byte order mark, an XML declaration, comments, a DOCTYPE.
OPENING = re.compile(
    r"\ufeff?\s*+(?:(?:<\?(?:(?!\?>).)*+\?>|<!--(?:(?!-->).)*+-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\]\s*+)?>)\s*+)*+"
    r"<speak[\s/>]",
    re.S | re.I,
)
HINTS = {  # to what the parser says
    "undefined entity": ": write the character itself, or its number as &#160;",
    "invalid token": ": in text & is written &amp; and < is &lt;, values stand in quotes",
    "no element found": ": the document ends before </speak>",
    "mismatched tag": ": an element is closed before what is inside it",
}
LONGEST = 2_000_000  # characters of markup
DEEPEST = 100  # elements inside each other
SENTENCE, PARAGRAPH = 0.35, 0.6  # seconds of silence, at the usual tempo, around <s> and <p>; as espeak-ng's
SILENT = {"metadata", "meta", "desc", "lexicon"}  # what they hold is not said
TRANSPARENT = {"w", "token", "lookup"}


def is_ssml(text: str) -> bool:
    """Whether `text` begins as an SSML document does."""
    return OPENING.match(text) is not None


def read_ssml(text: str) -> Document:
    """The document in `text`. Raises UsageError, in one line with the place, for what is not well-formed."""
    if len(text) > LONGEST:
        raise UsageError(f"the SSML has {len(text)} characters, the limit is {LONGEST}: cut it into parts")
    return _Reader().read(text)


class _Reader:
    """Builds a document from what the parser meets."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate(encoding="utf-8")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.buffer_text = True
        self.stack = [Settings()]
        self.names: list[str] = []
        self.silent = 0  # how many of the open elements say nothing
        self.pieces: list[str] = []
        self.length = 0
        self.stretches: list[Stretch] = []
        self.events: list[Break | Named] = []
        self.warned: set[str] = set()

    def read(self, text: str) -> Document:
        encoded = text.lstrip("\ufeff").lstrip().encode("utf-8", "replace")
        try:
            self.parser.Parse(encoded, True)
        except expat.ExpatError as error:
            reason = expat.errors.messages[error.code] if error.code in expat.errors.messages else str(error)
            raise self._fault(reason, error.lineno, error.offset) from None
        return Document("".join(self.pieces), tuple(self.stretches), tuple(self.events), markup=True)

    def _fault(self, reason: str, line: int | None = None, column: int | None = None) -> UsageError:
        line = self.parser.CurrentLineNumber if line is None else line
        column = self.parser.CurrentColumnNumber if column is None else column
        hint = next((more for what, more in HINTS.items() if what in reason), "")
        return UsageError(f"SSML, line {line}, column {column + 1}: {reason}{hint}")

    def _warn(self, about: str) -> None:
        if about not in self.warned:
            self.warned.add(about)
            log.warning("SSML: %s", about)

    def _doctype(self, name: str, system: str | None, public: str | None, internal: int) -> None:
        if internal:
            raise self._fault("a DOCTYPE with declarations of its own is not taken: leave it out")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if not self.names and name != "speak":
            raise self._fault(f"the root is <{name}>, not <speak>")
        if len(self.names) >= DEEPEST:
            raise self._fault(f"elements stand more than {DEEPEST} deep")
        self.names.append(name)
        self.silent += name in SILENT
        settings = self.stack[-1]
        language = attributes.get("xml:lang")
        if language is not None:
            settings = replace(settings, language=language.strip())
        handle = getattr(self, f"_open_{name.replace('-', '_')}", None)
        if handle is not None:
            settings = handle(settings, attributes)
        elif name not in SILENT | TRANSPARENT:
            self._warn(f"<{name}> is not known; the text in it is spoken")
        self.stack.append(settings)

    def _end(self, name: str) -> None:
        settings = self.stack.pop()
        self.names.pop()
        self.silent -= name in SILENT
        if name in ("p", "s"):
            self._bound(PARAGRAPH if name == "p" else SENTENCE)
        if name == "sub" and settings.alias is not None and not self._said(settings):
            self._add(settings.alias, replace(settings, alias=None))  # an alias of nothing is said as well

    def _said(self, settings: Settings) -> bool:
        return bool(self.stretches) and self.stretches[-1].settings is settings

    def _characters(self, text: str) -> None:
        if self.silent:
            return
        blank = not self.pieces or self.pieces[-1].endswith(" ")
        text = re.sub(r"\s+", " ", text)
        text = text[1:] if blank and text.startswith(" ") else text
        last = self.events[-1] if self.events else None
        paused = isinstance(last, Break) and last.place == self.length
        if paused and not blank and text[:1].isalnum():  # as in Wait<break/>now, which are two words
            text = f" {text}"
        if text:
            self._add(text, self.stack[-1])

    def _add(self, text: str, settings: Settings) -> None:
        self.pieces.append(text)
        start, self.length = self.length, self.length + len(text)
        if self._said(settings):
            self.stretches[-1] = replace(self.stretches[-1], end=self.length)
        else:
            self.stretches.append(Stretch(start, self.length, settings))

    def _bound(self, seconds: float) -> None:
        """Part what comes before from what follows."""
        if self.pieces and not self.pieces[-1].endswith(" "):
            self._add(" ", replace(self.stack[-1]))
        self.events.append(Break(self.length, seconds, exact=False))

    def _open_speak(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        if len(self.names) > 1:
            raise self._fault("<speak> stands inside <speak>")
        return settings

    def _open_p(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        self._bound(PARAGRAPH)
        return settings

    def _open_s(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        self._bound(SENTENCE)
        return settings

    def _open_break(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        seconds = break_seconds(attributes, self._fault)
        self.events.append(Break(self.length, seconds))
        return settings

    def _open_mark(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        if not attributes.get("name", "").strip():
            raise self._fault('<mark> has no name: write <mark name="here"/>')
        self.events.append(Named(self.length, attributes["name"].strip()))
        return settings

    def _open_prosody(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        return replace(settings, manner=settings.manner.times(prosody(attributes, self._warn)))

    def _open_emphasis(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        return replace(settings, manner=settings.manner.times(emphasised(attributes, self._warn)))

    def _open_lang(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        if "xml:lang" not in attributes:
            raise self._fault('<lang> names no language: write <lang xml:lang="fr">')
        return settings

    def _open_voice(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        asked = attributes.get("name", "").split()
        if not asked and "xml:lang" not in attributes:
            self._warn("<voice> without a name changes nothing; name one, as in --voice")
        return replace(settings, voice=asked[0]) if asked else settings

    def _open_sub(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        if "alias" not in attributes:
            raise self._fault('<sub> has no alias: write <sub alias="World Health Organization">WHO</sub>')
        return replace(settings, alias=attributes["alias"])

    def _open_phoneme(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        return replace(settings, ipa=ipa_of(attributes, self._fault, self._warn))

    def _open_say_as(self, settings: Settings, attributes: dict[str, str]) -> Settings:
        said = attributes.get("interpret-as", "").strip().lower()
        return replace(settings, say_as=said, form=attributes.get("format", "").strip().lower())
