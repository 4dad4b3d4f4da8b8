"""Which words of a text are spoken when."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from phiz.speech.speech import Phoneme, Word

__all__ = ["LONGEST_JOINT", "phrases", "place_words"]

LONGEST_JOINT = 0.12  # seconds of silence inside a phrase (closures are shorter); longer ones part phrases
# Scripts written without blanks between words: the voice's own slices are all there is.
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")


def place_words(
    text: str, phonemes: Sequence[Phoneme], slices: Sequence[tuple[int, int]]
) -> tuple[tuple[Phoneme, ...], tuple[Word, ...]]:
    """Words with their times, and the phonemes with `word` counting those words.

    slices: by the phonemes' present `word`, its (start, end) characters in `text`; a voice may give several
    for one written word ("25"), which become one.
    """
    following = [start for start, _ in slices[1:]] + [len(text)]
    words: list[Word] = []
    spans: list[tuple[int, int]] = []
    result = []
    for phoneme in phonemes:
        if not 0 <= phoneme.word < len(slices):
            result.append(replace(phoneme, word=-1))
            continue
        span = token(text, *slices[phoneme.word], following[phoneme.word])
        if spans and spans[-1] == span:
            words[-1] = replace(words[-1], end=phoneme.end)
        else:
            spans.append(span)
            words.append(Word(text[span[0] : span[1]], phoneme.start, phoneme.end))
        result.append(replace(phoneme, word=len(words) - 1))
    return tuple(result), tuple(words)


def token(text: str, start: int, end: int, following: int) -> tuple[int, int]:
    """The written word around text[start:end], without the punctuation at its ends.

    following: where the next slice starts; in scripts without blanks a word may reach up to there.
    """
    start = min(max(start, 0), max(len(text) - 1, 0))
    end = min(max(end, start + 1), len(text))
    while start < end - 1 and text[start].isspace():
        start += 1
    if unicodedata.name(text[start], "").startswith(UNSPACED):
        while end < min(following, len(text)) and is_spoken(text[end]):
            end += 1
    else:
        while start > 0 and not text[start - 1].isspace():
            start -= 1
        end = start + 1
        while end < len(text) and not text[end].isspace():
            end += 1
    first, last = start, end
    while first < last - 1 and not is_spoken(text[first]):
        first += 1
    while last > first + 1 and not is_spoken(text[last - 1]):
        last -= 1
    return first, last


def is_spoken(character: str) -> bool:
    """Letters, marks, digits and symbols are spoken; punctuation and blanks are not."""
    return unicodedata.category(character)[0] in "LMNS"


def phrases(phonemes: Sequence[Phoneme]) -> tuple[tuple[float, float], ...]:
    """(start, end) in seconds of each run of phonemes that no silence longer than `LONGEST_JOINT` breaks."""
    result: list[tuple[float, float]] = []
    for phoneme in phonemes:
        if result and phoneme.start - result[-1][1] <= LONGEST_JOINT:
            result[-1] = (result[-1][0], phoneme.end)
        else:
            result.append((phoneme.start, phoneme.end))
    return tuple(result)
