"""Where in a recording somebody whispers or shouts, told from the vowels.

Loudness alone depends on the microphone. A whisper has no voice over several vowels, and little sound where
voices have their lowest harmonics. A shout is louder, higher and brighter at once than the calmer part of the
same recording; where all of it is shouted, nothing is there to compare it with, and no shout is found. Of two
speakers the one with the higher voice is compared with themselves.

H. Traunmüller & A. Eriksson, "Acoustic effects of variation in vocal effort by men, women, and children", J.
Acoust. Soc. Am. 107, 2000; D. Rostolland, "Acoustic features of shouted voice", Acustica 50, 1982; T. Ito, K.
Takeda & F. Itakura, "Analysis and recognition of whispered speech", Speech Communication 45, 2005.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import HOP
from phiz.speech.speech import Phoneme
from phiz.speech.viseme_targets import visemes_of
from phiz.speech.vocal.sound import Sound

__all__ = ["Span", "shouts_in", "whispers_in"]

Array = NDArray[np.float64]
Span = tuple[float, float]

DEEP, SPEECH, WHOLE = (100.0, 400.0), (400.0, 6400.0), (100.0, 6400.0)  # Hz
DULL, BRIGHT = (100.0, 1000.0), (1000.0, 5000.0)
FLOOR, TOP, UNDER_TOP = 10.0, 95.0, (60.0, 20.0)  # the background, as `prosody` finds it
VOICED = 0.5  # share of a vowel's frames

# Whispers: decibels of the deep under the rest (whispered vowels lack most of what voices have below 1.5 kHz,
# Ito et al.; a creaking voice, deep, passes for unvoiced), and over the background.
HOLLOW, AUDIBLE = -12.0, 6.0
LEAST_VOWELS = 3  # of a whisper; one or two lose their voice in any speech
OTHERS, MOSTLY = 2, 0.5  # vowels in a row that may seem voiced in a whisper; share that may not
# Shouts: decibels of loudness, semitones, and decibels of bright against dull over the calmer quarter. They
# are about an octave higher (Rostolland): over half of that counts. Recordings are levelled: 10 dB do.
LOUDER, HIGHER, BRIGHTER, CALM = 10.0, 7.0, 6.0, 25.0
LASTING = 0.5  # seconds; shorter is a stress
JOINED = 1.0  # seconds between two shouts that are one
FEW = 4  # vowels; fewer tell nothing of the speech around


class Vowel(NamedTuple):
    """A vowel's place among the phonemes, its frames, and the share of them that is voiced."""

    place: int
    first: int
    last: int
    voiced: float


def whispers_in(sound: Sound, phonemes: Sequence[Phoneme]) -> list[Span]:
    """(start, end) in seconds of what is whispered, in order."""
    deep, rest = (_over_background(sound.level(*band)) for band in (DEEP, SPEECH))
    floor = _floor(sound.level(*SPEECH))
    vowels = _vowels(sound, phonemes)
    hollow, whispered = np.zeros(len(vowels), np.bool_), np.zeros(len(vowels), np.bool_)
    for k, vowel in enumerate(vowels):
        low, high = (float(level[vowel.first : vowel.last].mean()) for level in (deep, rest))
        hollow[k] = low - high <= HOLLOW
        whispered[k] = hollow[k] and vowel.voiced < VOICED and high - floor >= AUDIBLE
    spoken = np.array([vowel.voiced >= VOICED for vowel in vowels], np.bool_) & ~hollow
    spans = []
    for first, last in _groups(whispered, spoken):
        if whispered[first : last + 1].sum() >= max(LEAST_VOWELS, MOSTLY * (last + 1 - first)):
            before = _leading(spoken[:first][::-1])
            after = _leading(spoken[last + 1 :])
            spans.append(_span(phonemes, vowels[first - before].place, vowels[last + after].place))
    return [span for span in spans if span[1] - span[0] >= LASTING]


def _leading(spoken: NDArray[np.bool_]) -> int:
    """How many of the next vowels go with a whisper: those that seem to have no voice, `OTHERS` at most."""
    near = spoken[:OTHERS]
    return int(np.argmax(near)) if near.any() else len(near)


def _groups(whispered: NDArray[np.bool_], spoken: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, last) of whispered vowels and what is between them: at most two others, one of them spoken."""
    groups: list[tuple[int, int]] = []
    for k in np.flatnonzero(whispered).tolist():
        if groups and k - groups[-1][1] <= OTHERS + 1 and spoken[groups[-1][1] : k].sum() <= 1:
            groups[-1] = (groups[-1][0], k)
        else:
            groups.append((k, k))
    return groups


def shouts_in(sound: Sound, phonemes: Sequence[Phoneme]) -> list[Span]:
    """(start, end) in seconds of what is shouted, in order."""
    vowels = [vowel for vowel in _vowels(sound, phonemes) if vowel.voiced >= VOICED]
    if len(vowels) < FEW:
        return []
    level, tilt = sound.level(*WHOLE), sound.level(*BRIGHT) - sound.level(*DULL)
    cues = np.empty((len(vowels), 3))
    for row, vowel in zip(cues, vowels, strict=True):
        frames = slice(vowel.first, vowel.last)
        voice = sound.hz[frames]
        row[:] = level[frames].max(), 12 * np.log2(np.median(voice[voice > 0.0])), tilt[frames].mean()
    more = _above_calm(cues)
    lengths = np.array([vowel.last - vowel.first for vowel in vowels])
    shouted = np.zeros(len(vowels), np.bool_)
    ends = np.array([vowel.last for vowel in vowels])
    for first, vowel in enumerate(vowels):
        last = first + int(np.searchsorted(ends[first:], vowel.first + LASTING / HOP)) + 1
        if last <= len(vowels):
            mean = np.average(more[first:last], axis=0, weights=lengths[first:last])
            shouted[first:last] |= mean.min() >= 1.0
    spans: list[Span] = []
    for first, end in _runs(shouted.tolist()):
        start, stop = _span(phonemes, vowels[first].place, vowels[end - 1].place)
        if spans and start - spans[-1][1] < JOINED:
            start = spans.pop()[0]
        spans.append((start, stop))
    return spans


def _above_calm(cues: Array) -> Array:
    """How far each vowel [n] is above the calm ones in loudness, pitch and brightness; 1 is a shout's.

    cues: [n, 3]. A voice that often is as high without being loud is another speaker's, as a woman's after a
    man's: it has to be above its own calm ones.
    """
    enough = np.array([LOUDER, HIGHER, BRIGHTER])
    above: Array = (cues - np.percentile(cues, CALM, axis=0)) / enough
    high = above[:, 1] >= 1.0
    if high.any() and np.percentile(above[high, 0], CALM) < 0.5:
        above[high] = (cues[high] - np.percentile(cues[high], CALM, axis=0)) / enough
    return above


def _vowels(sound: Sound, phonemes: Sequence[Phoneme]) -> list[Vowel]:
    result = []
    for place, phoneme in enumerate(phonemes):
        first, last = int(phoneme.start / HOP), min(int(phoneme.end / HOP), len(sound.hz))
        if last > first and any(target.vowel for target in visemes_of(phoneme.ipa)):
            result.append(Vowel(place, first, last, float(np.mean(sound.hz[first:last] > 0.0))))
    return result


def _floor(level: Array) -> float:
    """Decibels of the background."""
    quiet, top = np.percentile(level, [FLOOR, TOP])
    return float(np.clip(quiet, top - UNDER_TOP[0], top - UNDER_TOP[1]))


def _over_background(level: Array) -> Array:
    """Decibels [frames] without what the background adds."""
    background = 10 ** (_floor(level) / 10)
    own: Array = 10 * np.log10(np.maximum(10 ** (level / 10) - background, 0.01 * background))
    return own


def _runs(flags: Sequence[bool]) -> list[tuple[int, int]]:
    """(first, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.array(flags, np.int8), [0]])))
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _span(phonemes: Sequence[Phoneme], first: int, last: int) -> Span:
    """From the consonants that touch the first vowel to those that touch the last one, in seconds."""
    while first > 0 and _joined(phonemes[first - 1], phonemes[first]):
        first -= 1
    while last + 1 < len(phonemes) and _joined(phonemes[last + 1], phonemes[last]):
        last += 1
    return phonemes[first].start, phonemes[last].end


def _joined(consonant: Phoneme, other: Phoneme) -> bool:
    """Whether `consonant` is one and touches the phoneme beside it."""
    gap = max(other.start - consonant.end, consonant.start - other.end)
    return gap <= HOP and not any(target.vowel for target in visemes_of(consonant.ipa))
