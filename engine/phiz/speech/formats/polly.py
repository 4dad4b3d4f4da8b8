"""Amazon Polly's speech marks: JSON lines of sentences, words, visemes and SSML marks with their starts."""

import json
from collections.abc import Mapping
from typing import Any

from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.json_values import records, seconds, text_in
from phiz.speech.formats.mouth_names import viseme_name
from phiz.speech.formats.pieces import sentence_texts
from phiz.speech.speech import Speech

__all__ = ["read", "write"]

MILLISECONDS = 1000.0  # a second
REST = "sil"
LAST_WORD = 0.4  # seconds for a last word that no viseme or other mark ends
ORDER = {"sentence": 0, "word": 1, "ssml": 2, "viseme": 3}


def read(source: Source) -> Draft:
    """Visemes are X-SAMPA and become those sounds, up to the next one; words last to a rest or a word."""
    marks: dict[str, list[Item]] = {kind: [] for kind in ORDER}
    for where, mark in records(source):
        kind = mark.get("type")
        if kind not in ORDER:
            raise source.bad(where, mark, "a mark of type sentence, word, viseme or ssml")
        time = seconds(source, mark, where, "time", per_second=MILLISECONDS)
        marks[kind].append(Item(text_in(source, mark, where, "value"), time, time, where))
    visemes = ending(marks["viseme"], 0.0)
    rests = [item.start for item in visemes if item.text == REST]
    words = [
        Item(
            item.text, item.start, min([item.end, *(rest for rest in rests if rest > item.start)]), item.where
        )
        for item in ending(marks["word"], LAST_WORD)
    ]
    reached = max([item.end for item in (*words, *visemes)], default=0.0)
    sentences = [
        Item(item.text, item.start, reached if item.end == item.start else item.end, item.where)
        for item in ending(marks["sentence"], 0.0)
    ]
    sounds = [
        Item("" if item.text == REST else item.text, item.start, item.end, item.where) for item in visemes
    ]
    return Draft(phones=sounds, words=words, sentences=sentences, marks=marks["ssml"], alphabet="xsampa")


def ending(items: list[Item], last: float) -> list[Item]:
    """Items that end where the next one starts, the last one after `last` seconds."""
    starts = [item.start for item in items[1:]]
    ends = [*starts, *(item.start + last for item in items[-1:])]
    return [Item(item.text, item.start, end, item.where) for item, end in zip(items, ends, strict=True)]


def write(speech: Speech) -> str:
    """All four types in order of time; start and end of words are bytes of the text, as Polly's."""
    marks: list[Mapping[str, Any]] = []
    reached = 0
    for start, _, text in sentence_texts(speech):
        if text:
            marks.append(mark_of(start, "sentence", text))
    for word in speech.words:
        place = speech.text.find(word.text, reached)
        span = {}
        if place >= 0:
            reached = place + len(word.text)
            before = len(speech.text[:place].encode())
            span = {"start": before, "end": before + len(word.text.encode())}
        marks.append(mark_of(word.start, "word", word.text, **span))
    marks += [mark_of(mark.time, "ssml", mark.name) for mark in speech.marks]
    time = 0.0
    for index, phoneme in enumerate(speech.phonemes):
        if index and phoneme.start > time:
            marks.append(mark_of(time, "viseme", REST))
        marks.append(mark_of(phoneme.start, "viseme", viseme_name(phoneme, "polly")))
        time = phoneme.end
    marks.append(mark_of(time, "viseme", REST))
    marks.sort(key=lambda mark: (mark["time"], ORDER[mark["type"]]))
    return "".join(json.dumps(mark, ensure_ascii=False, separators=(",", ":")) + "\n" for mark in marks)


def mark_of(time: float, kind: str, value: str, **span: int) -> Mapping[str, Any]:
    return {"time": round(time * MILLISECONDS), "type": kind, **span, "value": value}
