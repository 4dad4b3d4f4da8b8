"""Sounds that are drawn out, as in singing: how long their parts last, and how a held vowel goes on."""

from collections.abc import Iterator
from itertools import pairwise

from phiz.speech.speech import Phoneme
from phiz.speech.viseme_targets import VisemeTarget, visemes_of

__all__ = ["HELD", "parts_of", "pieces_of", "relaxed"]

HELD = 0.5  # seconds from which on a vowel is held, not just long; spoken ones hardly reach it
# A piece of a held vowel, on whose loudness its opening depends, spans two waves of a vibrato at least: those
# come 5 to 7 times a second (Prame 1994), and the jaw does not follow them.
PIECE = 0.4  # seconds
GLIDE = 0.18  # seconds that a diphthong's second half, or a glide before a vowel, takes at most
RELAXED, RELAXES = 0.12, 1.2  # share by which a held vowel closes in the end; seconds to half of that


def parts_of(phoneme: Phoneme) -> Iterator[tuple[VisemeTarget, float, float]]:
    """What a phoneme looks like, in order, with start and end in seconds.

    Parts take their shares of its time, but drawn out it is the first vowel that lasts.
    """
    parts = visemes_of(phoneme.ipa)
    length = phoneme.end - phoneme.start
    main = next((index for index, part in enumerate(parts) if part.vowel), None)
    if main is None or length < HELD or len(parts) == 1:
        for part in parts:
            yield part, phoneme.start + part.start * length, phoneme.start + part.end * length
        return
    lasts = [min((part.end - part.start) * length, GLIDE) for part in parts]
    lasts[main] += length - sum(lasts)
    start = phoneme.start
    for index, part in enumerate(parts):
        end = phoneme.end if index == len(parts) - 1 else start + lasts[index]
        yield part, start, end
        start = end


def pieces_of(start: float, end: float) -> list[tuple[float, float]]:
    """The span of a vowel in seconds, in pieces where it is held."""
    count = max(int((end - start) / PIECE), 1) if end - start >= HELD else 1
    edges = [start + (end - start) * index / count for index in range(count)] + [end]
    return list(pairwise(edges))


def relaxed(since: float) -> float:
    """How far a vowel is still open that has been held for `since` seconds, as a share."""
    return 1.0 - RELAXED * since / (since + RELAXES)
