"""Which words of a text are spoken when."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from phiz.speech.scripts import UNSPACED
from phiz.speech.speech import Phoneme, Word

__all__ = ["LONGEST_JOINT", "phrases", "place_words"]

LONGEST_JOINT = 0.12  # seconds of silence inside a phrase (closures are shorter); longer ones part phrases

Span = tuple[int, int]  # start and end in a text's characters


def place_words(
    text: str, phonemes: Sequence[Phoneme], slices: Sequence[Span], size: Callable[[str], int] = len
) -> tuple[tuple[Phoneme, ...], tuple[Word, ...]]:
    """Words with their times, and the phonemes with `word` counting those words.

    slices: by the phonemes' present `word`, its (start, end) characters in `text`; a voice may give several
    for one written word ("25"), which become one, and one for several ("I am"), which are parted.
    size: how many phonemes a word has when it is said alone.
    """
    following = [*(start for start, _ in slices), len(text)][1:]
    words: list[Word] = []
    spans: list[Span] = []
    result: list[Phoneme] = []
    tokens = [token(text, *span, after) for span, after in zip(slices, following, strict=True)]
    for spoken, group in groupby(phonemes, lambda sound: tokens[sound.word] if sound.word >= 0 else None):
        sounds = list(group)
        if spoken is None:
            result += sounds
            continue
        joined = [spoken, *passed_over(text, spoken[1], following[sounds[-1].word])]
        if len(joined) > 1 and not any(map(is_spoken, text[slice(*spoken)])):  # a dash before the word
            joined = joined[1:]
        sizes = [size(text[slice(*span)]) for span in joined] if len(joined) > 1 else [1]
        for phoneme, span in zip(sounds, parted(len(sounds), joined, sizes), strict=True):
            if spans and spans[-1] == span:
                words[-1] = replace(words[-1], end=phoneme.end)
            else:
                spans.append(span)
                words.append(Word(text[span[0] : span[1]], phoneme.start, phoneme.end))
            result.append(replace(phoneme, word=len(words) - 1))
    return tuple(result), tuple(words)


def passed_over(text: str, start: int, following: int) -> list[Span]:
    """The written words with letters between one slice's word and the start of the next slice."""
    found = [match.span() for match in re.finditer(r"\S+", text[start:following])]
    spans = [(start + first, start + last) for first, last in found]
    if spans and spans[-1][1] == following < len(text):  # the beginning of the next slice's own word
        spans.pop()
    lettered = [span for span in spans if any(map(str.isalpha, text[slice(*span)]))]
    return [token(text, *span, following) for span in lettered]


def parted(count: int, spans: Sequence[Span], sizes: Sequence[int]) -> list[Span]:
    """The word of each of `count` phonemes. sizes: how many phonemes each word has when it is said alone."""
    if count < len(spans):
        return [spans[0]] * count
    total, reached = max(1, sum(sizes)), 0
    result: list[Span] = []
    for index, span in enumerate(spans[:-1]):
        reached += sizes[index]
        others = len(spans) - 1 - index  # words that need a phoneme each, too
        end = min(max(round(count * reached / total), len(result) + 1), count - others)
        result += [span] * (end - len(result))
    return result + [spans[-1]] * (count - len(result))


def token(text: str, start: int, end: int, following: int) -> Span:
    """The written word around text[start:end], without the punctuation at its ends.

    following: where the next slice starts; in scripts without blanks a word may reach up to there.
    """
    start = min(max(start, 0), max(len(text) - 1, 0))
    while start < len(text) - 1 and text[start].isspace():  # a slice may begin before its word
        start += 1
    end = min(max(end, start + 1), len(text))
    if is_unspaced(text[start]):
        while end < min(following, len(text)) and is_spoken(text[end]):
            end += 1
    else:
        while start > 0 and not (text[start - 1].isspace() or is_unspaced(text[start - 1])):
            start -= 1
        end = start + 1
        while end < len(text) and not (text[end].isspace() or is_unspaced(text[end])):
            end += 1
    first, last = start, end
    while first < last - 1 and not is_spoken(text[first]):
        first += 1
    while last > first + 1 and not is_spoken(text[last - 1]):
        last -= 1
    return first, last


def is_unspaced(character: str) -> bool:
    """Letters of scripts that are written without blanks between words."""
    return not character.isascii() and unicodedata.name(character, "").startswith(UNSPACED)


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
