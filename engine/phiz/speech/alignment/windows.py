"""A long recording in windows of some seconds, each with its own words: no drift, little memory."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = ["Placed", "Span", "Window", "windows_of"]

SHORTEST, LONGEST = 8.0, 25.0  # seconds from the first word to the last
PAUSE = 0.15  # seconds between two words that keep the sounds of both apart
BORDER = 0.5  # seconds of pause that a window has before its first word and after its last, at most
SLACK = 0.04  # seconds that times may be wrong

Span = tuple[float, float]


class Placed(NamedTuple):
    """A word that is heard: its number in the transcript, start and end in seconds."""

    word: int
    start: float
    end: float


class Window(NamedTuple):
    """A part of the recording, in seconds, and the words that it holds.

    own: which of `words` (first, last excluded) are its own; others are neighbours, held where no pause keeps
    the sounds apart.
    """

    words: Sequence[Placed]
    own: tuple[int, int]
    start: float
    end: float


def windows_of(
    words: Sequence[Placed], duration: float, extra: Sequence[Span], most: float
) -> Iterator[Window]:
    """Cut at the longest pauses.

    extra: what else is heard, in order: cut out where it lasts `most` seconds or longer, else never cut at.
    """
    gaps = _in_gaps(words, extra)
    long = [any(end - start >= most for start, end in gap) for gap in gaps]
    first = 0
    while first < len(words):
        last = _next_cut(words, first, gaps, long)
        before = first > 0 and not long[first] and words[first].start - words[first - 1].end < PAUSE
        after = last < len(words) and not long[last] and words[last].start - words[last - 1].end < PAUSE
        low, high = first - int(before), last + int(after)
        free = words[low - 1].end if low else 0.0, words[high].start if high < len(words) else duration
        yield Window(
            words[low:high],
            (first - low, last - low),
            max(0.0, _begin(words[low].start, free[0], gaps[low], most)),
            # the end is the beginning of time that runs backwards
            min(duration, -_begin(-words[high - 1].end, -free[1], [(-b, -a) for a, b in gaps[high]], most)),
        )
        first = last


def _in_gaps(words: Sequence[Placed], extra: Sequence[Span]) -> list[list[Span]]:
    """What else is heard before each word, and after the last."""
    gaps: list[list[Span]] = [[] for _ in range(len(words) + 1)]
    number = 0
    for start, end in extra:
        while number < len(words) and words[number].start < (start + end) / 2:
            number += 1
        gaps[number].append((start, end))
    return gaps


def _begin(word: float, free: float, extra: Sequence[Span], most: float) -> float:
    """Where to begin before a word at `word`, with nothing else said after `free` but `extra`."""
    begin = word - BORDER
    for start, end in extra:
        if end - start >= most:
            free = max(free, end)
        else:
            begin = min(begin, start - BORDER)
    return min(word - SLACK, max(free, begin))


def _next_cut(
    words: Sequence[Placed], first: int, gaps: Sequence[Sequence[Span]], long: Sequence[bool]
) -> int:
    """The number of the word with which the window after the one of word `first` begins."""
    best, longest = 0, -1.0
    for number in range(first + 1, len(words)):
        if long[number]:
            return number
        length = words[number - 1].end - words[first].start
        if length > LONGEST and best:
            return best
        pause = words[number].start - words[number - 1].end
        if length >= SHORTEST and pause > longest and not gaps[number]:
            best, longest = number, pause
    rest = words[-1].end - words[first].start
    return best if best and rest > LONGEST else len(words)
