"""A text, plain or SSML, spoken with any voice: its segments said one by one and joined into one speech."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, groupby
from math import ceil

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError, UsageError
from phiz.speech.speech import Mark, Phoneme, Speech, Word
from phiz.speech.text.document import Break, Document, Settings, Stretch
from phiz.speech.text.layout import emoji_marks
from phiz.speech.text.passages import Span, varied
from phiz.speech.text.segments import Piece, Segment, segmented
from phiz.speech.text.ssml import is_ssml, read_ssml
from phiz.speech.text.tags import with_tags
from phiz.speech.voices import PLAIN, Manner

__all__ = ["LONGEST_TEXT", "at_rate", "read_text", "speak_text"]

LONGEST_TEXT = 60_000  # characters: more than an hour of speech, which takes 0.7 GB
LONGEST_SILENCE = 3600.0  # seconds of breaks
EDGE = 0.03  # seconds of a segment's own sound that are kept around its phonemes, where the pause is longer
SLACK = 1e-6  # samples that a place may be off by rounding
FADE = 0.004  # seconds in which its sound comes and goes there: no click

Say = Callable[[Segment], Speech]
Place = tuple[int, int]
Change = Callable[[Speech, Manner], Speech]


def read_text(text: str) -> Document:
    """The document that `text` is: SSML when it begins as such, else plain. Raises UsageError."""
    document = read_ssml(text) if is_ssml(text) else Document(text, (Stretch(0, len(text), Settings()),))
    aliases = {id(stretch.settings): stretch.settings.alias or "" for stretch in document.stretches}
    length = len(document.text) + sum(map(len, aliases.values()))
    if length > LONGEST_TEXT:
        raise UsageError(
            f"the text has {length:,} characters, the limit is {LONGEST_TEXT:,} (more than an hour of "
            "speech): cut it into parts"
        )
    tagged = with_tags(document)
    silence = sum(event.seconds for event in tagged.events if isinstance(event, Break) and event.exact)
    if silence > LONGEST_SILENCE:
        raise UsageError(f"the text's breaks last {silence:,.0f} s, the limit is {LONGEST_SILENCE:,.0f} s")
    events = sorted([*tagged.events, *emoji_marks(document.text)], key=lambda event: event.place)
    return replace(tagged, events=tuple(events))


def speak_text(text: str, language: str, say: Say, change: Change, manner: Manner = PLAIN) -> Speech:
    """Speak `text`, plain or SSML, with a voice; words, marks and pauses are those of the text as written.

    language: of what neither markup nor script tells. say: speaks one segment in its own manner; its words
    are in the order and the spelling of the segment's text. change: makes any sound faster, higher, louder.
    manner: of all of it. Raises UsageError for bad markup or too long a text, SpeechError for nothing to say.
    """
    document = _in_manner(read_text(text), manner)
    parts = segmented(document, language)
    spoken = [(part, _varied(part, speech, change)) for part in parts if (speech := say(part)).phonemes]
    if not spoken:
        shown = " ".join(text.split())[:40]
        raise SpeechError(f"nothing in the text {shown!r} can be spoken in {language!r}; give a word")
    rate = spoken[0][1].rate
    joined = _Joined(document)
    for part, speech in spoken:
        joined.add(part, speech if speech.rate == rate else at_rate(speech, rate))
    return joined.speech()


def _in_manner(document: Document, manner: Manner) -> Document:
    """`document` with every stretch in `manner`, besides its own."""
    stretches = []
    for stretch in document.stretches:
        both = replace(stretch.settings, manner=manner.times(stretch.settings.manner))
        stretches.append(replace(stretch, settings=both))
    return replace(document, stretches=tuple(stretches))


def _varied(segment: Segment, speech: Speech, change: Change) -> Speech:
    """A segment's speech with its passages in their own manners. A word belongs to the one it begins in."""
    spans: list[Span] = []
    places = [place or (-1, -1) for place in _said_places(segment, speech.words)]
    for first, last, manner in segment.passages:
        own = [word for word, (start, _) in zip(speech.words, places, strict=True) if first <= start < last]
        if own:
            spans.append((own[0].start, own[-1].end, manner))
    return varied(speech, spans, change) if spans else speech


class _Joined:
    """Grows a speech, segment by segment."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.parts: list[tuple[int, NDArray[np.float32]]] = []
        self.phonemes: list[Phoneme] = []
        self.words: list[Word] = []
        self.spans: list[tuple[int, int]] = []  # of the words, in the document's text
        self.said: list[Speech] = []

    def add(self, segment: Segment, speech: Speech) -> None:
        """Put `speech` after what there is, with the segment's pause before its first sound."""
        rate, first = speech.rate, speech.phonemes[0].start
        before = self.phonemes[-1].end if self.phonemes else first
        at = ceil((before + segment.pause - first) * rate - SLACK)  # where its own sample 0 will lie
        edge = round(min(EDGE, segment.pause / 2) * rate)
        start = max(0, int(first * rate) - edge) if self.parts else 0
        if self.parts:
            place, samples = self.parts[-1]
            self.parts[-1] = place, _faded(samples[: ceil(before * rate) + edge - place], rate, out=True)
        samples = speech.samples[start:]
        self.parts.append((at + start, _faded(samples, rate, out=False) if self.parts else samples))
        self._add_words(segment, speech, at / rate)
        self.said.append(speech)

    def _add_words(self, segment: Segment, speech: Speech, shift: float) -> None:
        """The segment's words, as they are written in the document, and their phonemes."""
        numbers: list[int] = []
        for word, place in zip(speech.words, _places(segment, speech.words), strict=True):
            last = self.spans[-1] if self.spans else (0, 0)
            span = place or last  # what has no place, as a sign's name, goes with the word before
            if self.words and (place is None or (span[0] < last[1] and span[1] > last[0])):
                span = min(span[0], last[0]), max(span[1], last[1])
                self.words[-1] = replace(self.words[-1], end=word.end + shift)
                self.spans[-1] = span
            else:
                self.words.append(replace(word, start=word.start + shift, end=word.end + shift))
                self.spans.append(span)
            if span[1] > span[0]:
                self.words[-1] = replace(self.words[-1], text=self.document.text[slice(*span)].strip())
            numbers.append(len(self.words) - 1)
        for phoneme in speech.phonemes:
            number = numbers[phoneme.word] if phoneme.word >= 0 else -1
            reached = self.phonemes[-1].end if self.phonemes else 0.0
            start = max(reached, phoneme.start + shift)  # the last bit of a sum of times
            if number >= 0 and (not self.phonemes or self.phonemes[-1].word != number):
                self.words[number] = replace(self.words[number], start=start)
            self.phonemes.append(replace(phoneme, start=start, end=phoneme.end + shift, word=number))

    def speech(self) -> Speech:
        """All of it. Its language is that of most of it; its voice names all of them."""
        first = self.said[0]
        lasting: dict[str, int] = {}
        for speech in self.said:
            lasting[speech.language] = lasting.get(speech.language, 0) + len(speech.samples)
        place, samples = self.parts[-1]
        last = self.spans[-1][1] if self.spans else 0
        breaks = [event for event in self.document.events if isinstance(event, Break) and event.exact]
        silence = sum(event.seconds for event in breaks if event.place >= last)
        whole = np.zeros(place + len(samples) + ceil(silence * first.rate), np.float32)
        while self.parts:
            at, piece = self.parts.pop()
            whole[at : at + len(piece)] += piece
        end = len(whole) / first.rate  # which the last bit of a sum of times may pass
        self.phonemes[-1] = replace(self.phonemes[-1], end=min(self.phonemes[-1].end, end))
        self.words = [replace(word, end=min(word.end, end)) for word in self.words]
        timings = {speech.timing for speech in self.said}
        return replace(
            first,
            samples=whole,
            language=max(lasting, key=lambda language: lasting[language]),
            phonemes=tuple(self.phonemes),
            words=tuple(self.words),
            text=self.document.text,
            voice=", ".join(dict.fromkeys(speech.voice for speech in self.said)),
            timing=first.timing if len(timings) == 1 else "aligned",
            marks=tuple(replace(mark, time=min(mark.time, end)) for mark in self._marks()),
        )

    def _marks(self) -> list[Mark]:
        """The document's names with their times: of the word that follows, or the end of the one before."""
        ends = list(accumulate((end for _, end in self.spans), max))
        marks = []
        for place, group in groupby(self.document.events, lambda event: event.place):
            events, index = list(group), bisect_right(ends, place)
            held = 0.0  # seconds of silence at this place, so far
            for number, event in enumerate(events):
                if isinstance(event, Break):
                    held += event.seconds if event.exact else 0.0
                    continue
                then = any(isinstance(other, Break) for other in events[number + 1 :])
                if index and (event.after or then or index == len(ends)):
                    marks.append(Mark(event.name, self.words[index - 1].end + held))
                else:
                    marks.append(Mark(event.name, self.words[index].start if index < len(ends) else 0.0))
        return sorted(marks, key=lambda mark: mark.time)


def _said_places(segment: Segment, words: Sequence[Word]) -> list[Place | None]:
    """Where each word of a segment's speech stands in the segment's text; None where that cannot be told."""
    at = 0
    result: list[Place | None] = []
    for word in words:
        start = segment.text.find(word.text, at)
        at = start + len(word.text) if start >= 0 else at
        result.append((start, at) if start >= 0 else None)
    return result


def _places(segment: Segment, words: Sequence[Word]) -> list[Place | None]:
    """Where each word of a segment's speech stands in the document's text; None where that cannot be told."""
    firsts, lasts = [piece.first for piece in segment.pieces], [piece.last for piece in segment.pieces]
    result: list[Place | None] = []
    for place in _said_places(segment, words):
        spans: list[Place] = []
        if place is not None:
            start, end = place
            touched = segment.pieces[bisect_right(lasts, start) : bisect_left(firsts, end)]
            spans = [_placed(piece, start, end) for piece in touched]
        result.append((min(s for s, _ in spans), max(e for _, e in spans)) if spans else None)
    return result


def _placed(piece: Piece, first: int, last: int) -> tuple[int, int]:
    """The part of a piece's place that said[first:last] comes from."""
    if not piece.verbatim:
        return piece.start, piece.end
    shift = piece.start - piece.first
    return max(first, piece.first) + shift, min(last, piece.last) + shift


def _faded(samples: NDArray[np.float32], rate: int, *, out: bool) -> NDArray[np.float32]:
    """`samples` that come from, or go to, nothing."""
    count = min(round(FADE * rate), len(samples))
    result = samples.copy()
    if count:
        ramp = (np.arange(count, dtype=np.float32) + 0.5) / np.float32(count)
        if out:
            result[-count:] *= ramp[::-1]
        else:
            result[:count] *= ramp
    return result


def at_rate(speech: Speech, rate: int) -> Speech:
    """`speech` with `rate` samples a second."""
    from math import gcd

    from scipy.signal import resample_poly

    common = gcd(rate, speech.rate)
    samples = resample_poly(speech.samples.astype(np.float64), rate // common, speech.rate // common)
    return replace(speech, samples=samples.astype(np.float32), rate=rate)
