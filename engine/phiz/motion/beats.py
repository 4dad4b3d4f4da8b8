"""The beats of speech, and what falls on them: brows rise a little and the head nods on some stressed
syllables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.motion.clip import Curve
from phiz.motion.keys import sample_times, sparse
from phiz.motion.noise import uniform, wander
from phiz.speech.speech import Speech

__all__ = ["Beat", "beats_of", "brow_curves", "bumps", "questions"]

STANDS_OUT = 0.5  # stress, 0..1, from which a vowel may be a beat
APART = 0.45  # seconds between beats; nobody nods on every stressed syllable
KEPT = 0.9  # share of what stands out that the body follows
ASKING, SAME_END = 3.0, 0.05  # semitones of rise at the end of a question; seconds
QUESTION, CLOSING = ("?", "？", "؟", "¿"), "\"'”’»)"
ASKED = 0.7  # strength of the brows' rise at the end of a question
BROW_INNER, BROW_OUTER = 0.95, 0.88  # weight at the strongest beat
BROW_SHARE = 0.9  # share of beats that move the brows
BROW_BEFORE, BROW_AFTER = 0.16, 0.34  # seconds from rest to the top and back
BROW_WANDER, BROW_PERIOD = 0.6, 0.42  # weight at most; seconds between its turns
BROW_EASE = 0.4  # seconds from the photo's brows and back to them
BROW_LEAST = 0.25  # seconds from the start of the clip in which brows stay as in the photo
TOLERANCE = 0.003


@dataclass(frozen=True)
class Beat:
    """A syllable that stands out: its vowel's start in seconds, and strength 0..1."""

    time: float
    strength: float


def beats_of(speech: Speech, seed: int) -> list[Beat]:
    """The beats of `speech`, in order: vowels that stand out by pitch, loudness, length and lexical stress.

    The stronger of two that are close to each other is the beat.
    """
    stress = np.rint(speech.prosody.stress * 1000) / 1000  # the same where the last bits of a sound differ
    chance, strength = (uniform(seed, name, len(stress)) for name in ("beat chance", "beat strength"))
    beats: list[Beat] = []
    for index in sorted(np.flatnonzero(stress >= STANDS_OUT).tolist(), key=lambda k: (-stress[k], k)):
        start = speech.phonemes[index].start
        if chance[index] < KEPT and all(abs(start - beat.time) >= APART for beat in beats):
            beats.append(Beat(start, float(stress[index]) * (0.6 + 0.4 * float(strength[index]))))
    return sorted(beats, key=lambda beat: beat.time)


def questions(speech: Speech) -> list[bool]:
    """By phrase (`speech.sentences`), whether it asks: a question mark follows its last word, or where no
    text tells, its pitch rises at the end."""
    if not speech.words:
        rises = [(boundary.time, boundary.rise) for boundary in speech.prosody.boundaries]
        return [
            any(abs(time - end) < SAME_END and rise > ASKING for time, rise in rises)
            for _, end in speech.sentences
        ]
    marks: list[bool] = []
    place, index = 0, 0
    for _, end in speech.sentences:
        asked = False
        while index < len(speech.words) and speech.words[index].end <= end + SAME_END:
            written = speech.words[index].text
            found = speech.text.find(written, place)
            place, index = found + len(written) if found >= 0 else place, index + 1
            asked = found >= 0 and speech.text[place : place + 2].strip(CLOSING).startswith(QUESTION)
        marks.append(asked)
    return marks


def bumps(
    times: NDArray[np.float64], beats: Sequence[Beat], before: float, after: float
) -> NDArray[np.float64]:
    """A path float64 [n], 0..1, that rises to each beat's strength and falls again: `before` and `after`
    seconds."""
    path = np.zeros(len(times))
    for beat in beats:
        first, last = np.searchsorted(times, [beat.time - before, beat.time + after])
        away = times[first:last] - beat.time
        u = np.where(away < 0, away / before, away / after)
        inside = 1.0 - u * u
        path[first:last] = np.maximum(path[first:last], beat.strength * inside * inside)
    return path


def brow_curves(speech: Speech, beats: Sequence[Beat], seed: int, amount: float = 1.0) -> dict[str, Curve]:
    """Curves of the brows: raised on most beats, a little restless while the face speaks.

    amount: 0..2, a share of the usual motion. Empty when they do not move.
    """
    times = sample_times(speech.duration)
    chance = uniform(seed, "brows", len(beats))
    chosen = [
        beat
        for beat, low in zip(beats, chance, strict=True)
        if low < BROW_SHARE and beat.time - BROW_BEFORE > BROW_LEAST
    ]
    chosen += [
        Beat(end - BROW_BEFORE, ASKED)
        for (_, end), asked in zip(speech.sentences, questions(speech), strict=True)
        if asked
    ]
    path = bumps(times, chosen, BROW_BEFORE, BROW_AFTER)
    restless = BROW_WANDER * np.maximum(wander(seed, "restless brows", times, BROW_PERIOD), 0.0)
    restless *= _spoken(speech, times)
    if not amount or not (path.any() or restless.any()):
        return {}
    inner = sparse(times, np.minimum(amount * (BROW_INNER * path + restless), 1.0), TOLERANCE)
    outer = sparse(times, np.minimum(amount * (BROW_OUTER * path + restless), 1.0), TOLERANCE)
    return {"browInnerUp": inner, "browOuterUpLeft": outer, "browOuterUpRight": outer}


def _spoken(speech: Speech, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """0..1 [n]: 1 within phrases, easing to 0 outside of them and at the clip's start."""
    inside = np.zeros(len(times))
    for start, end in speech.sentences:
        near = np.minimum(times - max(start, BROW_LEAST + BROW_EASE) + BROW_EASE, end + BROW_EASE - times)
        inside = np.maximum(inside, np.clip(near / BROW_EASE, 0.0, 1.0))
    eased: NDArray[np.float64] = inside * inside * (3.0 - 2.0 * inside)
    return eased
