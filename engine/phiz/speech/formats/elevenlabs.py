"""ElevenLabs' alignment: when each character of the text is said."""

from collections.abc import Mapping
from typing import Any

from phiz.errors import SpeechError
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.json_values import dump, listed, records, seconds
from phiz.speech.formats.pieces import spoken_words
from phiz.speech.speech import Speech

__all__ = ["read", "write"]

ALIGNMENTS = ("alignment", "normalized_alignment", "normalizedAlignment")
MILLISECONDS = 1000.0  # a second

Letter = tuple[str, float, float]


def read(source: Source) -> Draft:
    """The alignment of a whole answer, or of the pieces of a stream, one after another.

    Words are what blanks part. The written text's alignment is preferred to the normalised one.
    """
    letters: list[tuple[str, float, float, str]] = []
    for where, item in records(source):
        found = next((item[name] for name in ALIGNMENTS if item.get(name)), item)
        if not isinstance(found, dict):
            raise source.bad(where, found, "an alignment of characters")
        offset = letters[-1][2] if letters else 0.0
        piece = letters_of(source, found, where)
        if piece and piece[0][1] >= offset:
            offset = 0.0  # a stream whose times run on
        letters += [(text, start + offset, end + offset, where) for text, start, end in piece]
    words: list[Item] = []
    text, begin, reached, place = "", 0.0, 0.0, ""
    for letter, start, end, where in [*letters, (" ", 0.0, 0.0, "")]:
        if letter.isspace():
            if text:
                words.append(Item(text, begin, reached, place))
            text = ""
            continue
        begin, place = (begin, place) if text else (start, where)
        text, reached = text + letter, end
    return Draft(words=words, text="".join(letter for letter, *_ in letters).strip())


def letters_of(source: Source, item: Mapping[str, Any], where: str) -> list[Letter]:
    """(character, start, end) of one alignment, in seconds."""
    if isinstance(item.get("chars"), list):  # of the streaming service
        starts = numbers(source, item, "charStartTimesMs", where, MILLISECONDS)
        lengths = numbers(source, item, "charDurationsMs", where, MILLISECONDS)
        return rows(
            source, where, item["chars"], starts, [s + n for s, n in zip(starts, lengths, strict=False)]
        )
    characters = item.get("characters")
    if isinstance(characters, list) and characters and isinstance(characters[0], dict):  # of forced alignment
        return [
            (
                str(each.get("text", "")),
                seconds(source, each, place, "start"),
                seconds(source, each, place, "end"),
            )
            for place, each in listed(source, characters, "characters")
        ]
    starts = numbers(source, item, "character_start_times_seconds", where)
    ends = numbers(source, item, "character_end_times_seconds", where)
    return rows(source, where, characters, starts, ends)


def numbers(
    source: Source, item: Mapping[str, Any], name: str, where: str, per_second: float = 1.0
) -> list[float]:
    """The list of times of that name."""
    value = item.get(name)
    if not isinstance(value, list):
        raise source.bad(where, value, f"a list {name!r}")
    return [
        source.number(each, f"{where}, {name}[{index}]", "a time") / per_second
        for index, each in enumerate(value)
    ]


def rows(source: Source, where: str, characters: Any, starts: list[float], ends: list[float]) -> list[Letter]:
    """Three lists of the same length as rows."""
    if not isinstance(characters, list) or not len(characters) == len(starts) == len(ends):
        raise SpeechError(f"{source.path}, {where}: expected a start and an end for each character")
    return list(zip(map(str, characters), starts, ends, strict=True))


def write(speech: Speech) -> str:
    """The characters of each word share its time; a blank takes the time to the next word."""
    letters: list[Letter] = []
    for word in spoken_words(speech, "elevenlabs"):
        if letters:
            letters.append((" ", letters[-1][2], max(word.start, letters[-1][2])))
        share = (word.end - word.start) / len(word.text)
        letters += [
            (letter, word.start + share * index, word.start + share * (index + 1))
            for index, letter in enumerate(word.text)
        ]
    return dump(
        {
            "alignment": {
                "characters": [letter for letter, _, _ in letters],
                "character_start_times_seconds": [round(start, 6) for _, start, _ in letters],
                "character_end_times_seconds": [round(end, 6) for _, _, end in letters],
            }
        }
    )
