"""The JSON of Whisper and its relatives: words in segments, with times but without sounds."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from typing import Any

from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.json_values import dump, listed, member, parsed, seconds, text_in
from phiz.speech.formats.pieces import sentence_texts, spoken_words
from phiz.speech.speech import Speech

__all__ = ["read", "write"]

WORD = ("word", "text", "punctuated_word")
MILLISECONDS = 1000.0  # a second

Loose = tuple[str, float | None, float | None, str]  # text, start, end, place


def read(source: Source) -> Draft:
    """Whisper, faster-whisper, WhisperX, the web service's verbose JSON, whisper.cpp; a list of words too.

    A word without times (WhisperX gives none to numbers) lies between its neighbours.
    """
    data = parsed(source)
    if isinstance(data, list):
        data = {"words": data}
    if not isinstance(data, dict):
        raise source.bad("the file", data, "an object with 'segments' or 'words'")
    segments: list[Item] = []
    words: list[Loose] = []
    for where, segment in listed(source, member(data, "segments", "transcription") or [], "segments"):
        start, end = times_of(source, segment, where)
        if start is None or end is None:
            raise source.bad(where, segment, "a segment with 'start' and 'end'")
        segments.append(Item(text_in(source, segment, where, "text"), start, end, where))
        words += words_of(source, segment.get("words") or [], f"{where}.words", start, end)
    if not words:
        loose = member(data, "words", "word_segments") or []
        words = words_of(source, loose, "words", None, None)
    language = member(data, "language")
    return Draft(
        words=placed(words, source),
        sentences=segments,
        language=language if isinstance(language, str) else "",
        duration=seconds(source, data, "the file", "duration") if "duration" in data else None,
        text=str(member(data, "text") or "").strip(),
    )


def words_of(source: Source, value: Any, name: str, start: float | None, end: float | None) -> list[Loose]:
    """Words as they stand; start and end of their segment bound those without times."""
    found = []
    for where, word in listed(source, value, name):
        text = text_in(source, word, where, *WORD)
        if text:
            found.append((text, *times_of(source, word, where), where))
    if found and start is not None and found[0][1] is None:
        found[0] = (found[0][0], start, *found[0][2:])
    if found and end is not None and found[-1][2] is None:
        found[-1] = (*found[-1][:2], end, found[-1][3])
    return found


def times_of(source: Source, item: Mapping[str, Any], where: str) -> tuple[float | None, float | None]:
    """Start and end in seconds, None where there are none; of whisper.cpp, "offsets" in milliseconds."""
    offsets = item.get("offsets")
    if isinstance(offsets, dict):
        first = seconds(source, offsets, where, "from", per_second=MILLISECONDS)
        return first, seconds(source, offsets, where, "to", per_second=MILLISECONDS)
    start, end = item.get("start"), item.get("end")
    return (
        None if start is None else source.number(start, where, "a time in seconds"),
        None if end is None else source.number(end, where, "a time in seconds"),
    )


def placed(words: list[Loose], source: Source) -> list[Item]:
    """Words with times; a run of words without them shares the time between its neighbours evenly."""
    result: list[Item] = []
    waiting: list[Loose] = []
    for word in words:
        text, start, end, where = word
        if waiting and start is not None:
            result += shared(waiting, result, start, source)
            waiting = []
        if start is not None and end is not None:
            result.append(Item(text, start, end, where))
            continue
        waiting.append(word)
        if end is not None:
            result += shared(waiting, result, end, source)
            waiting = []
    if waiting:
        raise source.bad(waiting[0][3], waiting[0][0], "times for it or for a word after it")
    return result


def shared(waiting: list[Loose], before: list[Item], end: float, source: Source) -> list[Item]:
    """The words that wait for times, one after another up to `end`."""
    text, start, _, where = waiting[0]
    begin = start if start is not None else before[-1].end if before else 0.0
    if end < begin:
        raise source.bad(where, text, f"room for it between {begin:g} s and {end:g} s")
    share = (end - begin) / len(waiting)
    return [
        Item(name, begin + share * index, begin + share * (index + 1), place)
        for index, (name, _, _, place) in enumerate(waiting)
    ]


def write(speech: Speech) -> str:
    """Segments with words, as Whisper writes them with word timestamps."""
    spoken_words(speech, "whisper")
    segments = []
    middles = [(word.start + word.end) / 2 for word in speech.words]
    for number, (start, end, text) in enumerate(sentence_texts(speech)):
        words = [
            {"word": f" {word.text}", "start": round(word.start, 3), "end": round(word.end, 3)}
            for word in speech.words[bisect_left(middles, start) : bisect_right(middles, end)]
        ]
        segments.append(
            {"id": number, "start": round(start, 3), "end": round(end, 3), "text": f" {text}", "words": words}
        )
    language = speech.language.split("-")[0]
    return dump({"text": speech.text, "segments": segments, "language": language})
