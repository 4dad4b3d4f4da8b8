"""Where a recording and its text differ, told from how the one lies on the other."""

from collections.abc import Sequence

import numpy as np

from phiz.speech.alignment.coarse import BY_CHANCE, Sketch
from phiz.speech.alignment.transcript import HOP, Transcript
from phiz.speech.alignment.windows import Placed
from phiz.speech.speech import Mismatch

__all__ = ["described", "heard_words", "missing_words", "unexplained"]

SHOWN = 3  # differences that a message names
SHORTEST_EXTRA = 0.16  # seconds of sound over the background: shorter ones are breath, clicks, ends of words
OFFSET = -0.25 * HOP  # from a rough frame's number to the time at which what it hears begins


def heard_words(sketch: Sketch, transcript: Transcript) -> list[Placed]:
    """The words that are heard, with their times."""
    numbers = np.flatnonzero(sketch.place >= 0)
    places = sketch.place[numbers]  # ascending
    firsts = np.searchsorted(places, transcript.starts[:-1])
    lasts = np.searchsorted(places, transcript.starts[1:])
    result: list[Placed] = []
    reached = 0.0
    for word in np.flatnonzero(~sketch.passed).tolist():
        first, last = int(firsts[word]), int(lasts[word])
        if last > first:
            start = max(reached, float(numbers[first]) * HOP + OFFSET)
            reached = max(start, float(numbers[last - 1] + 1) * HOP + OFFSET)
        else:  # so short that the way leapt over it
            start = reached
        result.append(Placed(word, start, reached))
    return result


def missing_words(sketch: Sketch, transcript: Transcript, heard: Sequence[Placed]) -> list[Mismatch]:
    """One for each run of words that are not heard; its times are those of the gap that is there instead."""
    result: list[Mismatch] = []
    runs = np.flatnonzero(np.diff(np.concatenate([[0], sketch.passed, [0]]).astype(np.int8)))
    numbers = np.array([placed.word for placed in heard])
    for first, last in zip(runs[::2].tolist(), runs[1::2].tolist(), strict=True):
        following = int(np.searchsorted(numbers, first))
        start = heard[following - 1].end if following else 0.0
        end = heard[following].start if following < len(heard) else len(sketch.place) * HOP
        text = " ".join(transcript.words[first:last])
        result.append(Mismatch("missing", text, start, max(start, end)))
    return result


def unexplained(sketch: Sketch) -> list[tuple[float, float]]:
    """(start, end) in seconds of what is louder than the background and in a gap of the text."""
    loud = sketch.silence > BY_CHANCE * sketch.chance
    edges = np.flatnonzero(np.diff(np.concatenate([[0], sketch.place < 0, [0]]).astype(np.int8)))
    result: list[tuple[float, float]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        own = first + np.flatnonzero(loud[first:last])
        if len(own) * HOP >= SHORTEST_EXTRA:
            result.append((float(own[0]) * HOP, float(own[-1] + 1) * HOP))
    return result


def described(mismatches: Sequence[Mismatch]) -> str:
    """What differs, in one line; "" for nothing.

    >>> described([Mismatch("missing", "kind of", 1.0, 1.1)])
    '2 words of the text are not heard ("kind of" at 1.0 s)'
    """
    missing = [each for each in mismatches if each.kind == "missing"]
    extra = [each for each in mismatches if each.kind == "extra"]
    parts = []
    if missing:
        count = sum(len(each.text.split()) for each in missing)
        places = [f'"{_shortened(each.text)}" at {each.start:.1f} s' for each in missing]
        words = "1 word of the text is" if count == 1 else f"{count} words of the text are"
        parts.append(f"{words} not heard ({_listed(places)})")
    if extra:
        seconds = sum(each.end - each.start for each in extra)
        places = [f"at {each.start:.1f} s" for each in extra]
        parts.append(f"{seconds:.1f} s of speech are not in the text ({_listed(places)})")
    return "; ".join(parts)


def _listed(places: Sequence[str]) -> str:
    more = len(places) - SHOWN
    return ", ".join(places[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _shortened(text: str) -> str:
    words = text.split()
    return text if len(words) <= 2 * SHOWN else f"{' '.join(words[:SHOWN])} ... {' '.join(words[-SHOWN:])}"
