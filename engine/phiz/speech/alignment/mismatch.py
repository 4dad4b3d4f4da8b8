"""Where a recording and its text differ, told from how the one lies on the other."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.coarse import BY_CHANCE, Sketch
from phiz.speech.alignment.transcript import HOP, Transcript
from phiz.speech.alignment.windows import Placed
from phiz.speech.speech import Mismatch

__all__ = ["SHORTEST_EXTRA", "Findings", "described", "findings", "missing"]

SHOWN = 3  # differences that a message names
SHORTEST_EXTRA = 0.15  # seconds of other speech between words: shorter ones are breath, clicks, ends of words
REST = 1.0  # seconds of background, or of music alone, that part one stretch of other speech from the next
OFFSET = -0.25 * HOP  # from a rough frame's number to the time at which what it hears begins


class Findings(NamedTuple):
    """What of the text is heard, and when: `words`, in order. extra: (start, end) of other sounds between.

    unlike: [words of the transcript], how far each is from what is heard, in what would fit by chance; nan
    where that is not known.
    """

    words: list[Placed]
    extra: list[tuple[float, float]]
    unlike: NDArray[np.float64]

    @property
    def sure(self) -> frozenset[int]:
        """Numbers of the words that fit better than most."""
        known = self.unlike[np.isfinite(self.unlike)]
        return (
            frozenset(np.flatnonzero(self.unlike < np.median(known)).tolist()) if len(known) else frozenset()
        )


def findings(sketch: Sketch, transcript: Transcript) -> Findings:
    """What a rough look at the recording tells."""
    on = sketch.place >= 0
    word = np.searchsorted(transcript.starts, sketch.place[on], side="right") - 1
    count = len(transcript.words)
    chance = np.bincount(word, sketch.chance[on], count)
    apart = np.bincount(word, sketch.apart[on], count)
    unlike = np.divide(apart, chance, out=np.full(count, np.nan), where=chance > 0)
    return Findings(_heard(sketch, transcript), _unexplained(sketch), unlike)


def _heard(sketch: Sketch, transcript: Transcript) -> list[Placed]:
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


def _unexplained(sketch: Sketch) -> list[tuple[float, float]]:
    """(start, end) in seconds of what is louder than the background and in a gap of the text."""
    loud = sketch.silence > BY_CHANCE * sketch.chance
    edges = np.flatnonzero(np.diff(np.concatenate([[0], sketch.place < 0, [0]]).astype(np.int8)))
    result: list[tuple[float, float]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        own = first + np.flatnonzero(loud[first:last])
        for part in np.split(own, np.flatnonzero(np.diff(own) * HOP > REST) + 1):
            if len(part) * HOP >= SHORTEST_EXTRA:
                result.append((float(part[0]) * HOP, float(part[-1] + 1) * HOP))
    return result


def missing(words: Sequence[Placed], texts: Sequence[str], duration: float) -> list[Mismatch]:
    """One for each run of a transcript's words that are not among those heard; its times are the gap's."""
    result: list[Mismatch] = []
    around = [Placed(-1, 0.0, 0.0), *words, Placed(len(texts), duration, duration)]
    for before, after in pairwise(around):
        if after.word > before.word + 1:
            text = " ".join(texts[before.word + 1 : after.word])
            result.append(Mismatch("missing", text, before.end, max(before.end, after.start)))
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
