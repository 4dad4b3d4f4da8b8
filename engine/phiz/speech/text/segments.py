"""A document in segments that a voice can say one at a time: plain text, one language, one manner each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from phiz.speech.scripts import language_runs
from phiz.speech.text.document import Break, Document, Edit, Settings, Stretch
from phiz.speech.text.layout import layout_edits
from phiz.speech.text.normalising import language_edits, say_as_edits
from phiz.speech.voices import PLAIN, Manner

__all__ = ["Piece", "Segment", "segmented"]

# Seconds of silence between segments after these ends: what espeak-ng pauses there in running text.
PAUSES = ((".!?。！？।॥؟۔", 0.35), (":;…：；؛—–―", 0.26), (",，、،", 0.17))
OPENING = "¿¡([{«„“‘「『（【《"
CLOSING = " \t\n\r\"'”’»)]}」』）】》"
CONTINUED = ","  # put after what goes on in the next segment: the voice does not fall as at an end


@dataclass(frozen=True)
class Piece:
    """said[first:last] of a segment is text[start:end] of the document, letter by letter where `verbatim`."""

    first: int
    last: int
    start: int
    end: int
    verbatim: bool


@dataclass(frozen=True)
class Segment:
    """What a voice says at once.

    text: plain. language, voice: as the user wrote them; voice is "" for the one asked for. pause: seconds of
    silence before it. pieces: where its text stands in the document's. sounds: (first, last, IPA) for
    text[first:last] that is to be said with those sounds.
    """

    text: str
    language: str
    voice: str = ""
    manner: Manner = PLAIN
    pause: float = 0.0
    pieces: tuple[Piece, ...] = ()
    sounds: tuple[tuple[int, int, str], ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        """Its place in the document's text."""
        return self.pieces[0].start, self.pieces[-1].end


def segmented(document: Document, language: str) -> list[Segment]:
    """The segments of a document, in order; none when it holds nothing to say.

    language: of text whose language neither its markup nor its script tells.
    """
    parts = [part for whole in _merged(document.stretches) for part in _parts(document, whole, language)]
    edits = sorted(_edits(document, parts), key=lambda edit: edit.start)
    result: list[Segment] = []
    for part in parts:
        segment = _segment(document, part, edits)
        if not segment.sounds and not any(map(str.isalnum, segment.text)):
            continue
        pause, goes_on = _pause(document, result[-1] if result else None, part.start)
        if goes_on and result:
            result[-1] = replace(result[-1], text=result[-1].text.rstrip() + CONTINUED)
        result.append(replace(segment, pause=pause))
    return result


def _merged(stretches: Sequence[Stretch]) -> Iterator[Stretch]:
    """Neighbours that are said in one language, voice and manner as one, under the settings of the first."""

    def key(stretch: Stretch) -> tuple[str, str, Manner]:
        return stretch.settings.language, stretch.settings.voice, stretch.settings.manner

    for (language, voice, manner), group in groupby(stretches, key):
        members = list(group)
        yield Stretch(members[0].start, members[-1].end, Settings(language, voice, manner))


def _parts(document: Document, whole: Stretch, language: str) -> Iterator[Stretch]:
    """`whole` cut where the language changes with the script, and at breaks; every language is set."""
    breaks = {event.place for event in document.events if isinstance(event, Break)}
    text = document.text[whole.start : whole.end]
    for start, end, spoken in language_runs(text, whole.settings.language or language, document.text):
        start, end = start + whole.start, end + whole.start
        edges = [start, *sorted(place for place in breaks if start < place < end), end]
        for first, last in pairwise(edges):
            yield Stretch(first, last, replace(whole.settings, language=spoken))


def _edits(document: Document, parts: Sequence[Stretch]) -> Iterator[Edit]:
    """What is said otherwise than it is written, without overlap: the writer's own wishes go first."""
    free = bytearray(b"\1" * len(document.text))
    wishes: list[Edit] = []
    for _, group in groupby(document.stretches, lambda each: id(each.settings.alias or each.settings)):
        wishes += _wished(document, list(group))
    languages = [
        edit
        for part in parts
        for edit in language_edits(document.text, part.start, part.end, part.settings.language)
    ]
    for edit in [*wishes, *layout_edits(document.text, markup=document.markup), *languages]:
        if edit.end > edit.start and all(free[edit.start : edit.end]):
            free[edit.start : edit.end] = bytes(edit.end - edit.start)
            yield edit


def _wished(document: Document, stretches: Sequence[Stretch]) -> list[Edit]:
    """Edits for one element of markup: an alias, given sounds, or a way to read."""
    start, end, settings = stretches[0].start, stretches[-1].end, stretches[0].settings
    text = document.text[start:end]
    if settings.alias is not None:
        return [Edit(start, end, settings.alias)]
    if settings.ipa:
        return [Edit(start, end, text)]
    return [Edit(start + e.start, start + e.end, e.said) for e in say_as_edits(text, settings)]


def _segment(document: Document, part: Stretch, edits: Sequence[Edit]) -> Segment:
    """One part with what is said in it. edits: of the whole document, by place."""
    said, pieces, at = "", [], part.start
    for edit in [e for e in edits if part.start <= e.start and e.end <= part.end]:
        for start, end, text, verbatim in (
            (at, edit.start, document.text[at : edit.start], True),
            (edit.start, edit.end, edit.said, False),
        ):
            if end > start:
                pieces.append(Piece(len(said), len(said) + len(text), start, end, verbatim))
                said += text
        at = edit.end
    if part.end > at:
        pieces.append(Piece(len(said), len(said) + part.end - at, at, part.end, True))
        said += document.text[at : part.end]
    settings = part.settings
    sounds = tuple(
        (piece.first, piece.last, stretch.settings.ipa)
        for stretch in document.stretches
        if stretch.settings.ipa
        for piece in pieces
        if (piece.start, piece.end) == (stretch.start, stretch.end)
    )
    return Segment(
        said, settings.language, settings.voice, settings.manner, pieces=tuple(pieces), sounds=sounds
    )


def _pause(document: Document, before: Segment | None, place: int) -> tuple[float, bool]:
    """Seconds of silence between a segment and what starts at `place`; whether its sentence goes on there."""
    breaks = [event for event in document.events if isinstance(event, Break) and event.place <= place]
    if before is None:
        return sum(event.seconds for event in breaks if event.exact), False
    breaks = [event for event in breaks if event.place >= before.span[1]]
    following = re.compile(r"[^\W_]").search(document.text, place)
    text = document.text[before.span[0] : following.start() if following else place].rstrip(CLOSING + OPENING)
    natural = next((seconds for ends, seconds in PAUSES if text.endswith(tuple(ends))), 0.0)
    soft = [event.seconds for event in breaks if not event.exact]
    exact = [event.seconds for event in breaks if event.exact]
    seconds = sum(exact) if exact else max([natural, *soft]) / before.manner.rate
    return seconds, not natural and not soft
