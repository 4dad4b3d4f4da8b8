"""What several readers and writers need."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from phiz.errors import SpeechError
from phiz.speech.formats.alphabets import alphabet_of, is_silence
from phiz.speech.formats.draft import Draft, Item
from phiz.speech.speech import Phoneme, Speech, Word

__all__ = [
    "SHORTEST_WORD", "ipa_with_stress", "places_of", "sentence_texts", "sorted_out", "spoken_words",
    "typical_length",
]  # fmt: skip

STRESS = ("", "ˈ", "ˌ")  # by `Phoneme.stress`
MOST_LETTERS = 1.7  # of a sound's name on average; one-letter names are most of them
TAG = re.compile(r"\[[^\[\]]*\]")  # as [wink] in a text
AHEAD = 200  # letters between two words, at most: tags, and words that are not spoken
SHORTEST_WORD = 0.2  # seconds; labels of which half last less are phones


def sentence_texts(speech: Speech) -> list[tuple[float, float, str]]:
    """(start, end, text) of each sentence or phrase: the words whose middle is in it, as they are written."""
    middles = [(word.start + word.end) / 2 for word in speech.words]
    places = places_of(speech.words, speech.text)
    result = []
    for start, end in speech.sentences:
        first, last = bisect_left(middles, start), bisect_right(middles, end)
        plain = " ".join(word.text for word in speech.words[first:last])
        result.append((start, end, as_written(speech.text, places[first:last]) or plain))
    return result


def places_of(words: Sequence[Word], text: str) -> list[tuple[int, int] | None]:
    """(start, end) of each word in `text`, in order; None for one that is not there."""
    result: list[tuple[int, int] | None] = []
    reached = 0
    for word in words:
        until = reached + len(word.text) + AHEAD
        whole = re.compile(rf"(?<!\w){re.escape(word.text)}(?!\w)").search(text, reached, until)
        at = whole.start() if whole else text.find(word.text, reached, until)
        found = at >= 0 and bool(word.text)
        result.append((at, at + len(word.text)) if found else None)
        reached = at + len(word.text) if found else reached
    return result


def as_written(text: str, places: Sequence[tuple[int, int] | None]) -> str:
    """The part of `text` that holds words at `places`, with the punctuation about it and without tags.

    Empty where a word is not found, so that nothing is left out or said twice.
    """
    known = [place for place in places if place is not None]
    if not known or len(known) < len(places):
        return ""
    first, last = known[0][0], known[-1][1]
    while first > 0 and is_punctuation(text[first - 1], "])"):
        first -= 1
    while last < len(text) and is_punctuation(text[last], "[("):
        last += 1
    parts, reached = [], first
    for tag in TAG.finditer(text, first, last):
        if not any(tag.start() < end and start < tag.end() for start, end in known):
            parts.append(text[reached : tag.start()])
            reached = tag.end()
    return " ".join("".join([*parts, text[reached:last]]).split())


def is_punctuation(letter: str, but: str) -> bool:
    """Whether a letter is a punctuation mark, but none of `but`."""
    return unicodedata.category(letter).startswith("P") and letter not in but


def spoken_words(speech: Speech, name: str) -> list[Word]:
    """The words that take time. Raises SpeechError where there are none. name: of the format."""
    words = [word for word in speech.words if word.end > word.start]
    if not words:
        raise SpeechError(f"timing format {name!r} holds words, and this speech has none: give its text too")
    return words


def ipa_with_stress(phoneme: Phoneme) -> str:
    """The phoneme with its mark of stress before it."""
    return STRESS[phoneme.stress] + phoneme.ipa


def sorted_out(items: Sequence[Item]) -> Draft:
    """Labels of one kind, told by what they hold: sounds, words or sentences; points in time are marks."""
    lasting = [item for item in items if item.end != item.start]
    marks = [item for item in items if item.end == item.start]
    spoken = [item for item in lasting if not is_silence(item.text)]
    if 2 * sum(" " in item.text.strip() for item in spoken) > len(spoken):
        return Draft(sentences=lasting, marks=marks)
    spans = [(item.start, item.end) for item in spoken]
    sounds = [item.text for item in lasting if not is_silence(item.text, sound=True)]
    if sounds and typical_length(spans) < SHORTEST_WORD and are_sounds(sounds):
        return Draft(phones=lasting, marks=marks)
    return Draft(words=lasting, marks=marks)


def are_sounds(names: Sequence[str]) -> bool:
    """Whether labels name sounds: in an alphabet, and of about one letter each, as no words are."""
    alphabet = alphabet_of(names)
    letters = sum(letter.isalnum() for name in names for letter in name)
    return alphabet == "arpabet" or (alphabet is not None and letters <= MOST_LETTERS * len(names))


def typical_length(spans: Sequence[tuple[float, float]]) -> float:
    """Seconds that half of some spans last at least; 0 for none."""
    return sorted(end - start for start, end in spans)[len(spans) // 2] if spans else 0.0
