"""Laughter in a recording: calls ("ha") of one sound, high, in an even rhythm, with breath between them.

What laughter is like: J.-A. Bachorowski, M. Smoski & M. Owren, "The acoustic features of human laughter", J.
Acoust. Soc. Am. 110, 2001; R. Provine & Y. Yong, "Laughter: a stereotyped human vocalization", Ethology 89,
1991. Laughter without any voice is not told from panting, and not looked for.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import HOP
from phiz.speech.vocal.sound import Sound

__all__ = ["Laugh", "laughs_in"]

Array = NDArray[np.float64]

BAND, HISSING = (400.0, 5000.0), (4000.0, 6400.0)  # Hz, of the vowels in laughter, and of an [s]
SMOOTH = 5  # frames over which loudness is averaged
LEAST_CALLS = 3  # Bachorowski et al.: 3.4 in a bout
# Seconds from call to call: 4.4 calls a second (Bachorowski et al.), 0.21 s (Provine & Yong), and half more.
FASTEST, SLOWEST = 0.13, 0.34
EVEN = 1.45  # how much one interval may differ from the next; bouts slow down towards their end
DIP, NEAR, AROUND = 6.0, 12.0, 0.2  # decibels between calls; under the loudest within so many seconds
ALIKE = 5.0  # decibels, root mean square, between the spectra of calls; of a laugh's they vary by 1 to 4
MIDDLE = 2  # frames to each side of a call's loudest over which its spectrum is taken
LOWEST_BAND = 3  # of the spectrum; below, single harmonics come and go with the pitch
HISS = -8.0  # decibels that [s] and [ʃ] are below a vowel at least; breath is fainter
# Share of a bout that is found unvoiced; half is, in most, and a window of 40 ms hides some of it.
BREATHY = 0.15
CALLING = 0.5  # share of the calls that are voiced
# Means of voiced laughs are 282 Hz (men) and 421 Hz (women), about an octave over the 120 and 210 Hz of
# speech (Traunmüller & Eriksson 1995). Half of that counts, over the speech around or over the mean of both.
RAISED, HIGH = 2**0.5, 234.0
KNOWN = 1.0  # seconds of voice around that tell how high this voice speaks
BESIDE = 4.0  # seconds to each side of a bout, a sentence or two
ASTRAY = 1.5  # how far a call's pitch may be from those of the others; further, breath passed for voice
RISING = 1.06  # how much higher than the first half of a bout the second may be: laughs fall


class Laugh(NamedTuple):
    """A bout of laughter: start, end and (start, end) of each call's vowel in it, seconds."""

    start: float
    end: float
    calls: tuple[tuple[float, float], ...]


def laughs_in(sound: Sound) -> list[Laugh]:
    """The bouts of laughter in a recording, in order."""
    padded = np.pad(sound.level(*BAND), SMOOTH // 2, mode="edge")
    level = np.convolve(padded, np.full(SMOOTH, 1 / SMOOTH), mode="valid")
    bouts = [bout for bout in _rhythms(sound, level) if _breathes(sound, bout)]
    voiced = sound.hz > 0.0
    for bout in bouts:
        voiced[bout[0] - MIDDLE : bout[-1] + MIDDLE + 1] = False
    usual = _usual(sound.hz[voiced])
    laughs = []
    for bout in bouts:
        near = slice(max(0, bout[0] - round(BESIDE / HOP)), bout[-1] + round(BESIDE / HOP))
        own = _usual(sound.hz[near][voiced[near]])  # of who speaks just there, among several
        if _laughs_high(sound, bout, RAISED * max(usual, own) or HIGH):
            laughs.append(_laugh(bout, level))
    return laughs


def _usual(hz: Array) -> float:
    """How high a voice speaks, of its voiced frames; 0 where there are too few."""
    return float(np.median(hz)) if len(hz) * HOP >= KNOWN else 0.0


def _rhythms(sound: Sound, level: Array) -> list[list[int]]:
    """Frames of the loudest moments of each row of sounds that are alike and even in time."""
    from scipy.ndimage import maximum_filter1d
    from scipy.signal import find_peaks

    peaks, _ = find_peaks(level, prominence=DIP, distance=round(FASTEST / HOP / EVEN))
    around = maximum_filter1d(level, 2 * round(AROUND / HOP) + 1)
    peaks = peaks[level[peaks] > around[peaks] - NEAR]
    hiss = sound.level(*HISSING)
    rows: list[list[int]] = []
    row: list[int] = []
    for peak in peaks.tolist():
        if row and not _follows(sound, level, hiss, row, peak):
            rows.append(row)
            row = row[-1:] if _follows(sound, level, hiss, row[-1:], peak) else []
        row = [*row, peak]
    joined: list[list[int]] = []
    for found in [*rows, row]:
        if len(found) >= LEAST_CALLS:
            if joined and joined[-1][-1] == found[0]:
                found = joined.pop() + found[1:]
            joined.append(found)
    return joined


def _follows(sound: Sound, level: Array, hiss: Array, row: Sequence[int], peak: int) -> bool:
    """Whether the sound at frame `peak` is the next of a row: like the last one, and in time."""
    last = row[-1]
    interval = peak - last
    if not FASTEST <= interval * HOP <= SLOWEST:
        return False
    if len(row) > 1 and not 1 / EVEN <= interval / (last - row[-2]) <= EVEN:
        return False
    quieter = min(level[last], level[peak])
    if quieter - level[last:peak].min() < DIP or hiss[last:peak].max() > quieter + HISS:
        return False
    return float(np.sqrt(np.mean((_colour(sound, last) - _colour(sound, peak)) ** 2))) <= ALIKE


def _colour(sound: Sound, peak: int) -> Array:
    """The spectrum at a frame, in decibels over its mean, by octaves."""
    own = sound.bands[max(0, peak - MIDDLE) : peak + MIDDLE + 1, LOWEST_BAND:].astype(np.float64).mean(axis=0)
    octaves = np.convolve(own, np.full(3, 1 / 3), mode="valid")
    return octaves - octaves.mean()


def _breathes(sound: Sound, bout: Sequence[int]) -> bool:
    return float(np.mean(sound.hz[bout[0] : bout[-1]] == 0.0)) >= BREATHY


def _laughs_high(sound: Sound, bout: Sequence[int], least: float) -> bool:
    """Whether a bout is voiced, over `least` Hz, and does not rise."""
    pitches = []
    for peak in bout:
        own = sound.hz[max(0, peak - MIDDLE) : peak + MIDDLE + 1]
        pitches.append(float(np.median(own[own > 0.0])) if (own > 0.0).any() else 0.0)
    middle = float(np.median([hz for hz in pitches if hz] or [0.0]))
    heard = [hz for hz in pitches if hz and 1 / ASTRAY <= hz / middle <= ASTRAY]
    if len(heard) < max(2, CALLING * len(bout)):
        return False
    half = len(heard) // 2
    rise = float(np.median(heard[-half:]) / np.median(heard[:half]))
    return middle >= least and rise <= RISING


def _laugh(bout: Sequence[int], level: Array) -> Laugh:
    """The bout with the times of its calls, from halfway up to halfway down a dip."""
    reach = round(SLOWEST / HOP / 2)
    edges = [max(0, bout[0] - reach), *bout, min(len(level) - 1, bout[-1] + reach)]
    calls = []
    for before, peak, after in zip(edges[:-2], bout, edges[2:], strict=True):
        rise, fall = level[before : peak + 1], level[peak : after + 1]
        first = peak - int(np.argmax(rise[::-1] <= _border(level[peak], rise)))
        last = peak + int(np.argmax(fall <= _border(level[peak], fall)))
        calls.append((first * HOP, last * HOP))
    return Laugh(calls[0][0], calls[-1][1], tuple(calls))


def _border(peak: float, side: Array) -> float:
    """Decibels at which a call begins or ends. side: those to that side of it, up to the next call."""
    return max(peak - NEAR, 0.5 * (peak + float(side.min())))
