"""How something is said: pitch, loudness, tempo, what is stressed, where phrases end and if they rise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import HOP, frames_of, loudness
from phiz.speech.fine_pitch import refine_pitch
from phiz.speech.pitch import track_pitch
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.viseme_targets import visemes_of
from phiz.speech.words import LONGEST_JOINT

__all__ = ["Boundary", "Prosody", "prosody_of"]

Array = NDArray[np.float64]

CHUNK = 60  # seconds of sound looked at at once; bounds the memory
# The background is the quiet tenth of the frames, this many decibels under the loud ones.
FLOOR, TOP, UNDER_TOP = 10.0, 95.0, (60.0, 20.0)

SHORTEST_VOICED = 3  # frames; shorter islands of voice are noise
LEAP = 1 / 8  # octaves from the frames around; no voice moves that far and back in 20 ms
SMOOTH = 0.02  # seconds, standard deviation of what smooths the contour
GAP = 0.25  # seconds without voice that the contour bridges: an [st] or [ʃtʃ] lasts as long

TEMPO_SPAN = 0.6  # seconds, standard deviation of the window in which syllables are counted
LONG = 1.5  # how much longer long vowels and diphthongs last than short ones (House 1961)
FINAL = 1.4  # how much longer a vowel lasts before a pause (Klatt 1976)
LEXICAL = (0.0, 1.0, 0.5)  # what the dictionary's stress counts for, in standard deviations of what is heard
LEAST = (0.5, 1.0, 0.1)  # standard deviation of semitones, decibels and logarithms that counts as any at all
STEEP, CENTRE = 1.5, 0.5  # of the curve from a score to stress
LONGEST_PAUSE = 0.8  # seconds; from there on a boundary is as strong as can be
PAUSE_SHARE = 0.7  # of a boundary's strength; the rest is lengthening (Wightman et al. 1992)
ENDING, NEAR_END = 0.25, 0.6  # seconds of voice in which the pitch rises or falls, and how far before the end
LEAST_ENDING, BREAK = 6, 5  # frames of voice that tell, and without voice that end a syllable
MOST_RISE = 12.0  # semitones


@dataclass(frozen=True)
class Boundary:
    """The end of a phrase.

    time: seconds. strength: 0..1, from its pause and from how the last vowel is drawn out. rise: semitones
    that the pitch moves by in the last 0.25 s of voice: above about 2 a question or something that goes on,
    below 0 an end.
    """

    time: float
    strength: float
    rise: float


@dataclass(frozen=True, eq=False)
class Prosody:
    """How a `Speech` is said. Arrays by frame have the value at each multiple of 10 ms from time 0.

    pitch: Hz, float64 [frames], 0 where nothing is voiced. contour: the same, smooth and bridging consonants
    of up to 0.25 s, 0 elsewhere. voicing: 0..1, how periodic. energy: decibels over the background in the
    band of speech, 0 and up. rate: syllables a second, pauses left out, 0 far from speech. stress: 0..1,
    float64 [phonemes], how much a vowel stands out, 0 for consonants. word_stress: the most of each word's
    vowels [words]. boundaries: ends of phrases, in order.

        >>> prosody = speech.prosody
        >>> raised = np.interp(times, prosody.times, prosody.contour)         # at a clip's own times
        >>> beats = [p.start for p, s in zip(speech.phonemes, prosody.stress) if s > 0.6]
        >>> questions = [boundary.time for boundary in prosody.boundaries if boundary.rise > 2]
    """

    pitch: Array
    contour: Array
    voicing: Array
    energy: Array
    rate: Array
    stress: Array
    word_stress: Array
    boundaries: tuple[Boundary, ...]

    @property
    def times(self) -> Array:
        """Seconds of each frame, float64 [frames]."""
        return HOP * np.arange(len(self.pitch), dtype=np.float64)


def prosody_of(speech: Speech) -> Prosody:
    """The prosody of `speech`, from its samples and phonemes; use `speech.prosody`, which keeps it.

    An hour takes about 100 MB beside its samples.
    """
    track = track_pitch(speech.samples, speech.rate, HOP)
    pitch = without_islands(refine_pitch(track.hz, speech.samples, speech.rate, HOP))
    contour = bridged(pitch)
    energy = energy_of(speech.samples, speech.rate)
    vowels = [index for index, phoneme in enumerate(speech.phonemes) if is_vowel(phoneme.ipa)]
    ends = phrase_ends(speech.phonemes)
    stretched = lengthening(speech.phonemes, vowels, ends)
    stress = np.zeros(len(speech.phonemes))
    stress[vowels] = stress_of([speech.phonemes[k] for k in vowels], contour, energy, stretched)
    words = np.zeros(len(speech.words))
    for phoneme, value in zip(speech.phonemes, stress, strict=True):
        if phoneme.word >= 0:
            words[phoneme.word] = max(words[phoneme.word], value)
    rate = tempo([speech.phonemes[k] for k in vowels], speech.phonemes, len(pitch))
    boundaries = tuple(boundary(speech.phonemes, pitch, end, drawn(end, vowels, stretched)) for end in ends)
    return Prosody(pitch, contour, track.voicing, energy, rate, stress, words, boundaries)


def is_vowel(ipa: str) -> bool:
    return any(target.vowel for target in visemes_of(ipa))


def energy_of(samples: NDArray[np.float32], rate: int) -> Array:
    """Decibels [frames] over the background; what is as loud as that has 0."""
    parts = []
    for start in range(0, max(1, len(samples)), CHUNK * rate):
        before = min(start, rate)  # a second of what was there before, for the first frames
        level = loudness(frames_of(samples[start - before : start + (CHUNK + 1) * rate], rate), rate)
        first = round(before / rate / HOP)
        parts.append(level[first : first + round(CHUNK / HOP)])
    count = int(len(samples) / (HOP * rate)) + 1
    level = np.concatenate(parts)[:count]
    quiet, top = np.percentile(level, [FLOOR, TOP])
    floor = 10 ** (np.clip(quiet, top - UNDER_TOP[0], top - UNDER_TOP[1]) / 10)
    over: Array = 10 * np.log10(1 + np.maximum(10 ** (level / 10) - floor, 0.0) / floor)
    return over


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """(first, end) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def without_islands(pitch: Array) -> Array:
    """`pitch` without lonely frames of voice, and without lonely leaps inside of it."""
    result = pitch.copy()
    around = np.lib.stride_tricks.sliding_window_view(np.pad(pitch, 2), 5)
    middle = np.median(around, axis=1)
    away = np.abs(np.log2(np.maximum(pitch, 1.0) / np.maximum(middle, 1.0)))
    leaps = (around > 0.0).all(axis=1) & (away > LEAP)
    result[leaps] = middle[leaps]
    for first, end in runs(pitch > 0.0):
        if end - first < SHORTEST_VOICED:
            result[first:end] = 0.0
    return result


def bridged(pitch: Array) -> Array:
    """Hz [frames] without short gaps, smoothed on a logarithmic scale; 0 in long gaps."""
    voiced = np.flatnonzero(pitch)
    if not len(voiced):
        return pitch.copy()
    frames = np.arange(len(pitch))
    octaves = np.interp(frames, voiced, np.log2(pitch[voiced]))
    reach = round(3 * SMOOTH / HOP)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * HOP / SMOOTH) ** 2)
    smooth = np.convolve(np.pad(octaves, reach, mode="edge"), kernel / kernel.sum(), mode="valid")
    there = pitch > 0.0
    for first, end in runs(~there):
        if first > 0 and end < len(pitch) and (end - first) * HOP <= GAP:
            there[first:end] = True
    return np.where(there, 2.0**smooth, 0.0)


def phrase_ends(phonemes: Sequence[Phoneme]) -> list[int]:
    """Indices of the last phoneme before each pause."""
    last = len(phonemes) - 1
    return [
        index
        for index, phoneme in enumerate(phonemes)
        if index == last or phonemes[index + 1].start - phoneme.end > LONGEST_JOINT
    ]


def lengthening(phonemes: Sequence[Phoneme], vowels: Sequence[int], ends: Sequence[int]) -> Array:
    """How much longer each vowel [vowels] lasts than its kind does here; what a pause adds is left in."""
    if not vowels:
        return np.ones(0)
    expected = np.array([LONG if is_long(phonemes[k].ipa) else 1.0 for k in vowels])
    lasts = np.array([phonemes[k].end - phonemes[k].start for k in vowels])
    result: Array = lasts / expected / max(float(np.median(lasts / expected)), 1e-3)
    return result


def is_long(ipa: str) -> bool:
    return "ː" in ipa or len(visemes_of(ipa)) > 1


def stress_of(vowels: Sequence[Phoneme], contour: Array, energy: Array, stretched: Array) -> Array:
    """How much each vowel stands out [vowels], 0..1.

    Pitch over that of the speech around, loudness and length count alike (Terken 1991; Kochanski et al.
    2005), each in its own standard deviations, and what the dictionary says is added.
    """
    if not vowels:
        return np.zeros(0)
    spans = [(int(v.start / HOP), max(int(v.end / HOP), int(v.start / HOP) + 1)) for v in vowels]
    semitones = 12 * np.log2(np.maximum(contour, 1.0))
    high = np.array([semitones[a:b].max(initial=0.0) for a, b in spans])
    high = np.where(high > 0.0, high - around(high, high > 0.0), 0.0)
    loud = np.array([energy[a:b].mean() if b <= len(energy) else 0.0 for a, b in spans])
    loud = loud - around(loud, np.ones(len(loud), bool))
    long = np.log(np.maximum(stretched, 0.1))
    cues = np.stack([high, loud, long])
    heard = (cues / np.maximum(cues.std(axis=1), LEAST)[:, None]).mean(axis=0)
    score = heard + np.array([LEXICAL[min(v.stress, 2)] for v in vowels])
    stress: Array = 1 / (1 + np.exp(-STEEP * (score - CENTRE)))
    return stress


def around(values: Array, valid: NDArray[np.bool_]) -> Array:
    """The mean [n] of the valid ones among the five before and after each."""
    kernel = np.ones(11)
    total = np.convolve(np.where(valid, values, 0.0), kernel, mode="same")
    count = np.convolve(valid.astype(np.float64), kernel, mode="same")
    result: Array = total[: len(values)] / np.maximum(count[: len(values)], 1.0)
    return result


def tempo(vowels: Sequence[Phoneme], phonemes: Sequence[Phoneme], count: int) -> Array:
    """Syllables a second [count] of the time that is spoken, around each frame; 0 far from speech."""
    from scipy.ndimage import gaussian_filter1d

    syllables, spoken = np.zeros(count), np.zeros(count)
    for vowel in vowels:
        syllables[min(int((vowel.start + vowel.end) / 2 / HOP), count - 1)] += 1.0
    for phoneme in phonemes:
        spoken[int(phoneme.start / HOP) : int(phoneme.end / HOP)] = HOP
    sigma = TEMPO_SPAN / HOP
    near, time = (gaussian_filter1d(x, sigma, mode="constant", truncate=3.0) for x in (syllables, spoken))
    return np.where(time > 0.02 * HOP, near / np.maximum(time, 1e-9), 0.0)


def drawn(end: int, vowels: Sequence[int], stretched: Array) -> float:
    """How much longer than usual the last of the vowels up to phoneme `end` lasts."""
    last = int(np.searchsorted(vowels, end, side="right")) - 1
    return float(stretched[last]) if last >= 0 else 1.0


def boundary(phonemes: Sequence[Phoneme], pitch: Array, end: int, stretched: float) -> Boundary:
    """The boundary after phoneme `end`. stretched: how much longer than usual its last vowel is."""
    time = phonemes[end].end
    later = phonemes[end + 1].start if end + 1 < len(phonemes) else time + LONGEST_PAUSE
    pause = np.log(max(later - time, LONGEST_JOINT) / LONGEST_JOINT) / np.log(LONGEST_PAUSE / LONGEST_JOINT)
    final = np.clip((stretched - 1) / (FINAL - 1), 0.0, 1.0)
    strength = PAUSE_SHARE * min(float(pause), 1.0) + (1 - PAUSE_SHARE) * float(final)
    return Boundary(time, strength, rise_before(time, pitch))


def rise_before(time: float, pitch: Array) -> float:
    """Semitones that the pitch moves by at the end of the last syllable with voice before `time`."""
    first, last = max(0, round((time - NEAR_END) / HOP)), round(time / HOP) + 1
    voiced = first + np.flatnonzero(pitch[first:last])
    for syllable in reversed(np.split(voiced, np.flatnonzero(np.diff(voiced) > BREAK) + 1)):
        if len(syllable) >= LEAST_ENDING:
            frames = syllable[-round(ENDING / HOP) :]
            one, other = np.triu_indices(len(frames), 1)
            moved = 12 * np.log2(pitch[frames[other]] / pitch[frames[one]])
            slope = np.median(moved / (frames[other] - frames[one]))  # Theil & Sen's, deaf to a few leaps
            return float(np.clip(slope * (frames[-1] - frames[0]), -MOST_RISE, MOST_RISE))
    return 0.0
