"""A document in segments that a voice can say one at a time: plain text, one language, one manner each."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from phiz.speech.scripts import language_runs
from phiz.speech.text.document import Break, Document, Edit, Settings, Stretch
from phiz.speech.text.layout import layout_edits, plain_letters
from phiz.speech.text.normalising import language_edits, say_as_edits
from phiz.speech.voices import PLAIN, Manner

__all__ = ["Piece", "Segment", "segmented"]

# Seconds of silence between segments after these ends: what espeak-ng pauses there in running text.
PAUSES = ((".!?。！？।॥؟۔", 0.35), (":;…：；؛—–―", 0.26), (",，、،", 0.17))
OPENING = "¿¡([{«„“‘「『（【《"
NEW_PARAGRAPH = 0.6
LONGEST = 2000  # characters that a voice is given at once, where there is a blank to cut at
PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
SENTENCE = re.compile(r"(?<=[^\W\d_A-Z]{2})[.!?…]+[\"'”’)\]]*\s+|[。！？।॥]\s*")
BLANK = re.compile(r"\s+")
SOUNDED = re.compile(r"[^\W_]")  # a letter or digit
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
    silence before it. pieces: where its text stands in the document's. passages: (first, last, manner) for
    text[first:last] that is said in a manner of its own, on top of the segment's. sounds: (first, last, IPA)
    for text[first:last] that is to be said with those sounds.
    """

    text: str
    language: str
    voice: str = ""
    manner: Manner = PLAIN
    pause: float = 0.0
    pieces: tuple[Piece, ...] = ()
    passages: tuple[tuple[int, int, Manner], ...] = ()
    sounds: tuple[tuple[int, int, str], ...] = ()

    @property
    def span(self) -> tuple[int, int]:
        """Its place in the document's text."""
        return self.pieces[0].start, self.pieces[-1].end

    @property
    def speaks(self) -> bool:
        """Whether there is anything to say in it."""
        return bool(self.sounds) or any(map(str.isalnum, self.text))

    def joined(self, other: "Segment") -> "Segment":
        """Both as one that is said at once."""
        shift = len(self.text)
        pieces = (replace(p, first=p.first + shift, last=p.last + shift) for p in other.pieces)
        passages = ((first + shift, last + shift, manner) for first, last, manner in other.passages)
        sounds = ((first + shift, last + shift, ipa) for first, last, ipa in other.sounds)
        return replace(
            self,
            text=self.text + other.text,
            pieces=(*self.pieces, *pieces),
            passages=(*self.passages, *passages),
            sounds=(*self.sounds, *sounds),
        )


def segmented(document: Document, language: str) -> list[Segment]:
    """The segments of a document, in order; none when it holds nothing to say.

    A sentence is one segment as far as its language, its voice and breaks let it be.
    language: of text whose language neither its markup nor its script tells.
    """
    parts = [part for whole in _merged(document.stretches) for part in _parts(document, whole, language)]
    edits = sorted(_edits(document, parts), key=lambda edit: edit.start)
    starts = [edit.start for edit in edits]
    breaks = [event for event in document.events if isinstance(event, Break)]
    places = [event.place for event in breaks]
    result: list[Segment] = []
    for part in parts:
        near = edits[bisect_left(starts, part.start) : bisect_left(starts, part.end)]
        segment = _segment(document, part, near)
        before = result[-1] if result else None
        first = bisect_left(places, before.span[1]) if before else 0
        between = breaks[first : bisect_right(places, part.start)]
        if not segment.speaks:
            if before and not between:
                result[-1] = before.joined(segment)
            continue
        pause, ends, goes_on = _pause(document, before, between, part.start)
        same = before and (before.language, before.voice) == (segment.language, segment.voice)
        short = before and len(before.text) + len(segment.text) <= LONGEST
        if before and same and short and not between and not ends:
            result[-1] = before.joined(segment)
            continue
        if before and goes_on:
            result[-1] = replace(before, text=before.text + CONTINUED)
        result.append(replace(segment, pause=pause))
    return [_based(segment) for segment in result]


def _based(segment: Segment) -> Segment:
    """`segment` in the manner of most of it; the rest are passages."""
    lengths: dict[Manner, int] = {}
    for first, last, manner in segment.passages:
        lengths[manner] = lengths.get(manner, 0) + last - first
    base = max(lengths, key=lambda manner: lengths[manner])
    base = replace(base, volume=base.volume or 1.0)  # silence could not be undone
    undone = Manner(1 / base.rate, 1 / base.pitch, 1 / base.volume)
    passages = tuple(
        (first, last, manner.times(undone)) for first, last, manner in segment.passages if manner != base
    )
    return replace(segment, manner=base, passages=passages)


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
            for piece in pairwise([first, *_cuts(document.text, first, last), last]):
                yield Stretch(*piece, replace(whole.settings, language=spoken))


def _cuts(text: str, first: int, last: int) -> Iterator[int]:
    """Where text[first:last] is cut to be said in bounded memory: after sentences, else between words."""
    while last - first > LONGEST:
        window = text[first : first + LONGEST]
        fit = [list(pattern.finditer(window, LONGEST // 4)) for pattern in (PARAGRAPH, SENTENCE, BLANK)]
        best = next((matches[-1] for matches in fit if matches), None)
        if best is None:
            return
        first += best.end()
        yield first


def _edits(document: Document, parts: Sequence[Stretch]) -> Iterator[Edit]:
    """What is said otherwise than it is written, without overlap: the writer's own wishes go first."""
    free = bytearray(b"\1" * len(document.text))
    wishes: list[Edit] = []
    for _, group in groupby(document.stretches, lambda each: id(each.settings.alias or each.settings)):
        wishes += _wished(document, list(group))
    languages: list[Edit] = []
    for language, run in groupby(parts, lambda part: part.settings.language):
        members = list(run)
        languages += language_edits(document.text, members[0].start, members[-1].end, language)
    for edit in [
        *wishes,
        *layout_edits(document.text, markup=document.markup),
        *languages,
        *plain_letters(document.text),
    ]:
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
        return [Edit(start, end, text, settings.ipa)]
    return [Edit(start + e.start, start + e.end, e.said) for e in say_as_edits(text, settings)]


def _segment(document: Document, part: Stretch, edits: Sequence[Edit]) -> Segment:
    """One part with what is said in it. edits: those that begin in it, by place."""
    said, at = "", part.start
    pieces: list[Piece] = []
    sounds: list[tuple[int, int, str]] = []
    for edit in edits:
        if edit.end > part.end:
            continue
        for start, end, text, verbatim in (
            (at, edit.start, document.text[at : edit.start], True),
            (edit.start, edit.end, edit.said, False),
        ):
            if end > start:
                pieces.append(Piece(len(said), len(said) + len(text), start, end, verbatim))
                said += text
        if edit.ipa:
            sounds.append((pieces[-1].first, pieces[-1].last, edit.ipa))
        at = edit.end
    if part.end > at:
        pieces.append(Piece(len(said), len(said) + part.end - at, at, part.end, True))
        said += document.text[at : part.end]
    settings = part.settings
    return Segment(
        said,
        settings.language,
        settings.voice,
        settings.manner,
        pieces=tuple(pieces),
        passages=((0, len(said), settings.manner),),
        sounds=tuple(sounds),
    )


def _pause(
    document: Document, before: Segment | None, breaks: Sequence[Break], place: int
) -> tuple[float, bool, bool]:
    """Seconds of silence between a segment and what starts at `place`.

    Then whether a sentence ends there, and whether it goes on without any punctuation.
    """
    exact = [event.seconds for event in breaks if event.exact]
    if before is None:
        return sum(exact), True, False
    following = SOUNDED.search(document.text, place)
    said = document.text[before.span[0] : following.start() if following else place].rstrip(CLOSING + OPENING)
    natural = next((seconds for ends, seconds in PAUSES if said.endswith(tuple(ends))), 0.0)
    soft = [event.seconds for event in breaks if not event.exact]
    if PARAGRAPH.search(document.text, before.span[1] - 1, following.start() if following else place):
        natural = max(natural, NEW_PARAGRAPH)
    seconds = sum(exact) if exact else max([natural, *soft]) / before.manner.rate
    return seconds, natural >= PAUSES[0][1], not natural and not soft
