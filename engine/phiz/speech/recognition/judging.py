"""Which of the sounds that are heard somebody says or sings, and which are noise and music.

Speech is told by four things, measured on espeak-ng's speech (16 languages, 8 voices, whispers and noise
among them) against made noises (steady, gusts, knocks, engines, tones, chords, beats): frames of speech fit
some sound of speech clearly better than any silence or noise, within seconds they run through many different
sounds, no tone stands still, and what has a pitch is a vowel or another sound that carries one. And voices
swell, knocks do not.

Singers hold their tones as instruments do. They are told by what no instrument has together: where there is a
pitch the model hears vowels, and is sure of them; the pitch is one, not a chord's; between them are sounds
without pitch that it hears as consonants; the timbre changes while the pitch stays; and there is more than a
tone's first harmonics. The weights of these are by logistic regression between espeak-ng's voices singing
through WORLD (7 voices, C2 to G5, dry, in a room and in noise), and instruments, sampled and made, that play
melodies, chords and beats.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import frames_of
from phiz.speech.pitch import track_pitch
from phiz.speech.recognition.arpabet import ipa_of
from phiz.speech.recognition.cepstra import FRAME, RATE
from phiz.speech.recognition.texture import steadiness, sudden_peaks

__all__ = ["VOWELS", "Evidence", "Row", "evidence", "held", "judged"]

VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
TUNEFUL = VOWELS | {"L", "M", "N", "NG", "R", "W", "Y"}  # sounds that carry a pitch

# Speech has `LEAST` of: nats a frame by which its sounds beat silence, plus `VARIED` for each nat of entropy
# of the sounds within some seconds. By logistic regression 94 % of either kind are on the right side of 20.5;
# here speech is thought to be likelier than not.
VARIED, LEAST = 6.6, 18.8
TALKING, HELD = 0.35, 20.0  # steadiness of speech at most, and what more of it takes away
# The share of what has a pitch that is heard as sounds that carry one, at least, and what less takes away;
# in speech 0.75 to 0.98, over music 10 dB below 0.6, with drums and chords 0.3 to 0.6.
TRUE, UNTRUE = 0.75, 9.0
OFTEN = 0.3  # share of the time with a pitch from which on that counts fully; whispers have little
CLEAREST = 12.0  # nats that count at most; one steady tone can fit a sound very well
NEAR = 2.0  # seconds to each side over which that is averaged
FEW = 6  # sounds; fewer cannot vary much
PAUSE = 0.2  # seconds; longer than any closure inside a word
SYLLABLE = 0.15  # seconds; few syllables are shorter (Greenberg 1999: 200 ms on average)

# What singing has `SUNG` of: nats a frame as above, and the measures of `_song` with these weights.
NEAR_SUNG = 4.0  # seconds to each side: notes are longer than spoken sounds
TRUE_SUNG, ONE_PITCH, SURE, CONSONANT, TIMBRE, BRIGHT = 5.4, 13.0, 25.0, 67.0, 0.13, 0.26
SUNG = 48.0
CONSONANTS = 0.04  # share of the time that they count for at most
ALIKE = 10  # frames of a pitch, at least, that show how its timbre changes
FORMANTS, ALL = (1000.0, 3500.0), (80.0, 3500.0)  # Hz
DULL = -50.0  # decibels at least, of the former in the latter
EARLIER = 1  # frames by which the first frame of features is later than a sound's first moment

Row = list[tuple[int, int, int]]  # (sound, first frame, last frame excluded), in order


class Evidence(NamedTuple):
    """By frame: chance [frames, S] of each sound of speech; sums [frames + 1, measures], running sums of what
    `evidence` lists; pitched [frames]; note: the number of its pitch where speech is likely, int [frames], -1
    for none; timbre [frames, values]. peaks: as `sudden_peaks` gives them.
    """

    chance: NDArray[np.float64]
    sums: NDArray[np.float64]
    pitched: NDArray[np.bool_]
    note: NDArray[np.int64]
    timbre: NDArray[np.float64]
    peaks: tuple[NDArray[np.float64], NDArray[np.bool_]]


def judged(frames: Evidence, row: Row, names: tuple[str, ...]) -> list[str]:
    """Of each sound in `row`: "talk", "song", or "" where it, or what is around it, is neither."""
    speech = np.array([bool(ipa_of(name)) for name in names])
    starts = np.array([first for sound, first, _ in row if speech[sound]])
    count = len(frames.chance)
    result = []
    for sound, first, last in row:
        kind = ""
        if speech[sound]:
            if _talk(frames, starts, *_around(first, last, NEAR, count)) > LEAST:
                kind = "talk"
            elif _song(frames, *_around(first, last, NEAR_SUNG, count)) > SUNG:
                kind = "song"
        result.append(kind)
    return _with_vowels(row, _less_knocks(row, result, frames.peaks), names)


def held(frames: Evidence, row: Row, kinds: list[str]) -> NDArray[np.bool_]:
    """At which frames there is a pitch near sounds of `row` that are sung: it is no silence there."""
    near = np.zeros(len(frames.chance), np.bool_)
    for (_, first, last), kind in zip(row, kinds, strict=True):
        if kind == "song":
            near[slice(*_around(first, last, NEAR, len(near)))] = True
    return near & frames.pitched


def _around(first: int, last: int, near: float, count: int) -> tuple[int, int]:
    return max(0, first - round(near / FRAME)), min(count, last + round(near / FRAME))


def evidence(
    samples: NDArray[np.float32],
    features: NDArray[np.float32],
    scores: NDArray[np.float32],
    chance: NDArray[np.float64],
    names: tuple[str, ...],
) -> Evidence:
    """What `judged` looks at.

    samples: float32 [n], 16 kHz. features: [frames, 3, 13]. scores: log likelihood [frames, C, STATES] of
    each sound; chance: its probability [frames, C].
    """
    speech = np.array([bool(ipa_of(name)) for name in names])
    tuneful = np.array([name in TUNEFUL for name in names])
    at = np.arange(len(chance)) + EARLIER
    pitch = track_pitch(samples, RATE, FRAME, one_range=False)
    at = np.minimum(at, len(pitch.hz) - 1)
    hz = pitch.hz[at]
    weight = (chance[:, speech].sum(axis=1) > 0.5).astype(np.float64)
    voiced = weight * (hz > 0.0)
    clear = scores[:, speech].max(axis=(1, 2)) - scores[:, ~speech].max(axis=(1, 2))
    vocal = chance[:, tuneful].sum(axis=1)
    measures = [
        weight,
        weight * clear,
        weight * steadiness(samples, len(chance)),
        weight * chance.max(axis=1),
        voiced,
        voiced * vocal,
        voiced * pitch.voicing[at],
        voiced * _brightness(samples)[at],
        (weight - voiced) * (chance[:, speech].sum(axis=1) - vocal),
    ]
    note = np.round(12 * np.log2(np.where(hz > 0.0, hz, 1.0))).astype(np.int64)
    return Evidence(
        chance[:, speech] * weight[:, None],
        np.cumsum(np.pad(np.stack(measures, axis=1), ((1, 0), (0, 0))), axis=0),
        hz > 0.0,
        np.where(voiced > 0.0, note, -1),
        features[:, 0, 2:].astype(np.float64),
        sudden_peaks(samples),
    )


def _brightness(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Decibels of the power where the second and third formants are, in all up to there; every 10 ms."""
    spectra = frames_of(samples, RATE)
    hz = np.arange(spectra.shape[1]) * RATE / 2 / (spectra.shape[1] - 1)
    high, whole = (spectra[:, (hz > low) & (hz < top)].sum(axis=1) + 1e-9 for low, top in (FORMANTS, ALL))
    return np.asarray(np.maximum(10 * np.log10(high / whole), DULL), np.float64)


def _talk(frames: Evidence, starts: NDArray[np.int64], low: int, high: int) -> float:
    """How much the frames from `low` to `high` are like speech. starts: frames where sounds of it begin."""
    total, clear, steady, _, voiced, vocal, *_ = frames.sums[high] - frames.sums[low]
    if total == 0.0:
        return -np.inf
    share = frames.chance[low:high].sum(axis=0)
    share /= share.sum()
    entropy = -np.sum(share * np.log(share + 1e-12))
    count = max(2, int(np.sum((starts >= low) & (starts < high))))
    entropy *= max(1.0, np.log(FEW) / np.log(count))
    music = max(0.0, steady / total - TALKING)
    untrue = max(0.0, TRUE - vocal / max(1.0, voiced)) * min(1.0, voiced / total / OFTEN)
    return float(min(CLEAREST, clear / total) + VARIED * entropy - HELD * music - UNTRUE * untrue)


def _song(frames: Evidence, low: int, high: int) -> float:
    """How much the frames from `low` to `high` are like singing."""
    total, clear, _, sure, voiced, vocal, periodic, bright, consonants = frames.sums[high] - frames.sums[low]
    if voiced == 0.0:
        return -np.inf
    return float(
        min(CLEAREST, clear / total)
        + TRUE_SUNG * vocal / voiced
        + ONE_PITCH * periodic / voiced
        + SURE * sure / total
        + CONSONANT * min(CONSONANTS, consonants / total)
        + TIMBRE * _change(frames.note[low:high], frames.timbre[low:high])
        + BRIGHT * bright / voiced
    )


def _change(note: NDArray[np.int64], timbre: NDArray[np.float64]) -> float:
    """Root mean square by which timbres [frames, values] differ from the mean of their note, int [frames]."""
    timbre, note = timbre[note >= 0], note[note >= 0]
    count = np.bincount(note)
    square = np.asarray(np.bincount(note, (timbre**2).sum(axis=1)), np.float64)
    for value in timbre.T:
        square = square - np.bincount(note, value) ** 2 / np.maximum(count, 1)
    enough = count >= ALIKE
    return float(np.sqrt(max(0.0, square[enough].sum()) / max(1, count[enough].sum())))


def _less_knocks(
    row: Row, kinds: list[str], peaks: tuple[NDArray[np.float64], NDArray[np.bool_]]
) -> list[str]:
    """`kinds`, less sounds around which most peaks of loudness come suddenly."""
    times, sudden = peaks
    count = np.cumsum(np.pad(sudden.astype(np.int64), (1, 0)))
    result = list(kinds)
    for k, (_, first, last) in enumerate(row):
        low, high = np.searchsorted(times, [first * FRAME - NEAR, last * FRAME + NEAR])
        if high > low and count[high] - count[low] > (high - low) / 2:
            result[k] = ""
    return result


def _with_vowels(row: Row, kinds: list[str], names: tuple[str, ...]) -> list[str]:
    """`kinds`, less what pauses part from the rest and is no syllable: clicks and puffs."""
    result = list(kinds)
    group: list[int] = []
    for k, (_, first, _) in enumerate([*row, (-1, row[-1][2] + round(PAUSE / FRAME) + 1, 0)]):
        if group and first - row[group[-1]][2] > PAUSE / FRAME:
            length = (row[group[-1]][2] - row[group[0]][1]) * FRAME
            if length < SYLLABLE or not any(names[row[member][0]] in VOWELS for member in group):
                for member in group:
                    result[member] = ""
            group = []
        if k < len(row) and kinds[k]:
            group.append(k)
    return result
