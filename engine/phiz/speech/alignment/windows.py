"""A long recording in windows of some seconds, each laid on its own words alone: no drift, little memory."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

__all__ = ["Placed", "Window", "windows_of"]

SHORTEST, LONGEST = 8.0, 25.0  # seconds from the first word to the last
PAUSE = 0.15  # seconds between two words that keep the sounds of both apart
BORDER = 0.5  # seconds of pause that a window has before its first word and after its last, at most
SLACK = 0.04  # seconds that the words' times may be wrong


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


def windows_of(words: Sequence[Placed], duration: float, apart: Collection[int]) -> Iterator[Window]:
    """Cut at the longest pauses, and always where other speech comes between two words.

    apart: numbers of the words, in `words`, before which there is such speech; `len(words)`: after the last.
    """
    first = 0
    while first < len(words):
        last = next_cut(words, first, apart)
        before = first > 0 and first not in apart and words[first].start - words[first - 1].end < PAUSE
        after = last < len(words) and last not in apart and words[last].start - words[last - 1].end < PAUSE
        low, high = first - int(before), last + int(after)
        start, end = words[low].start, words[high - 1].end
        free = start - (words[low - 1].end if low else 0.0)
        start -= SLACK if low in apart else min(BORDER, max(SLACK, free - SLACK))
        free = (words[high].start if high < len(words) else duration) - end
        end += SLACK if high in apart else min(BORDER, max(SLACK, free - SLACK))
        yield Window(words[low:high], (first - low, last - low), max(0.0, start), min(duration, end))
        first = last


def next_cut(words: Sequence[Placed], first: int, apart: Collection[int]) -> int:
    """The number of the word with which the window after the one of word `first` begins."""
    best, longest = 0, -1.0
    for number in range(first + 1, len(words)):
        if number in apart:
            return number
        length = words[number - 1].end - words[first].start
        if length > LONGEST and best:
            return best
        pause = words[number].start - words[number - 1].end
        if length >= SHORTEST and pause > longest:
            best, longest = number, pause
    rest = words[-1].end - words[first].start
    return best if best and rest > LONGEST else len(words)
