"""Glottal stops that no spelling tells: vowels that begin a word with a catch of the voice.

Speakers of English and German set many words that begin with a vowel off from what is before, above all
after a pause (Dilley, Shattuck-Hufnagel & Ostendorf 1996). It is heard as a short fall of loudness between
two sounds that both are loud, or as a slow start.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.phonetics import is_sonorant, is_vowel
from phiz.speech.alignment.sounding import HOP
from phiz.speech.speech import Phoneme

__all__ = ["with_glottal_stops"]

STOP = "ʔ"
DIP = 10.0  # decibels that the catch is below the sounds on both sides
AROUND = 0.030  # seconds from the border to where the catch is quietest
BESIDE = 0.060  # seconds to either side in which the sounds must be loud
HALF = 0.5  # of the dip, in decibels, at which it begins and ends
SLOW = 0.015  # seconds that a start takes to come within `NEAR` decibels of the vowel's loudest, at least
NEAR = 6.0
LONGEST = 0.080  # seconds of a catch
LEAST = 0.020  # seconds left to the sounds beside it


def with_glottal_stops(phonemes: Sequence[Phoneme], level: NDArray[np.float64]) -> list[Phoneme]:
    """`phonemes` with those that are heard put before their vowels. level: decibels each `HOP` seconds."""
    result: list[Phoneme] = []
    for phoneme in phonemes:
        before = result[-1] if result else None
        if not is_vowel(phoneme.ipa) or (before is not None and before.word == phoneme.word):
            result.append(phoneme)
            continue
        if before is None or phoneme.start - before.end > HOP:
            catch = slow_start(phoneme, level)
        elif is_sonorant(before.ipa):
            catch = dip_between(before, phoneme, level)
        else:
            catch = None
        if catch:
            if before is not None and before.end > catch[0]:
                result[-1] = replace(before, end=catch[0])
            result.append(Phoneme(STOP, *catch, word=phoneme.word))
            phoneme = replace(phoneme, start=catch[1])
        result.append(phoneme)
    return result


def slow_start(vowel: Phoneme, level: NDArray[np.float64]) -> tuple[float, float] | None:
    """Start and end of the catch that a vowel after a silence begins with, if it does."""
    part = level[int(vowel.start / HOP) : int(min(vowel.end, vowel.start + 2 * LONGEST) / HOP)]
    if not len(part):
        return None
    rise = HOP * int(np.argmax(part >= part.max() - NEAR))
    return (vowel.start, vowel.start + rise) if SLOW <= rise < vowel.end - vowel.start - LEAST else None


def dip_between(before: Phoneme, vowel: Phoneme, level: NDArray[np.float64]) -> tuple[float, float] | None:
    """Start and end of the catch between two loud sounds, if there is one."""
    first, border, last = (int(t / HOP) for t in (vowel.start - BESIDE, vowel.start, vowel.start + BESIDE))
    first, last = max(first, int(before.start / HOP), 0), min(last, int(vowel.end / HOP), len(level))
    reach = round(AROUND / HOP)
    low, high = max(first, border - reach), min(last, border + reach + 1)
    if high <= low:
        return None
    middle = low + int(np.argmin(level[low:high]))
    if first >= middle or middle + 1 >= last:
        return None
    peaks = level[first:middle].max(), level[middle + 1 : last].max()
    if min(peaks) - level[middle] < DIP:
        return None
    start, end = middle, middle
    while start > first and level[start - 1] < level[middle] + HALF * (peaks[0] - level[middle]):
        start -= 1
    while end + 1 < last and level[end + 1] < level[middle] + HALF * (peaks[1] - level[middle]):
        end += 1
    begin, stop = max(start * HOP, before.start + LEAST), min(end * HOP, vowel.end - LEAST)
    return (begin, stop) if HOP < stop - begin <= LONGEST else None
