"""The beats of speech, and what falls on them: brows rise a little and the head nods on some stressed
syllables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.motion.clip import Curve
from phiz.motion.keys import sample_times, sparse
from phiz.motion.noise import uniform
from phiz.speech.speech import Speech
from phiz.speech.viseme_targets import visemes_of

__all__ = ["Beat", "beats_of", "brow_curves", "bumps"]

APART = 0.45  # seconds between beats; nobody nods on every stressed syllable
KEPT = 0.75  # share of the remaining stressed syllables that are beats
BROW_INNER, BROW_OUTER = 0.26, 0.16  # weight at the strongest beat
BROW_SHARE = 0.6  # share of beats that move the brows
BROW_BEFORE, BROW_AFTER = 0.18, 0.42  # seconds from rest to the top and back
BROW_LEAST = 0.25  # seconds from the start of the clip in which brows stay as in the photo
TOLERANCE = 0.003


@dataclass(frozen=True)
class Beat:
    """A stressed syllable that the body follows: its vowel's start in seconds, and strength 0..1."""

    time: float
    strength: float


def beats_of(speech: Speech, seed: int) -> list[Beat]:
    """The beats of `speech`, in order; in speech without stress marks every vowel may be one."""
    vowels = [phoneme for phoneme in speech.phonemes if any(part.vowel for part in visemes_of(phoneme.ipa))]
    stressed = [phoneme for phoneme in vowels if phoneme.stress == 1] or vowels
    chance, strength = (uniform(seed, name, len(stressed)) for name in ("beat chance", "beat strength"))
    beats: list[Beat] = []
    for index, phoneme in enumerate(stressed):
        if chance[index] < KEPT and (not beats or phoneme.start - beats[-1].time >= APART):
            beats.append(Beat(phoneme.start, 0.4 + 0.6 * float(strength[index])))
    return beats


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


def brow_curves(speech: Speech, beats: Sequence[Beat], seed: int) -> dict[str, Curve]:
    """Curves of the brows, raised a little on some beats; empty when none is."""
    chosen = [
        beat
        for beat, chance in zip(beats, uniform(seed, "brows", len(beats)), strict=True)
        if chance < BROW_SHARE and beat.time - BROW_BEFORE > BROW_LEAST
    ]
    if not chosen:
        return {}
    times = sample_times(speech.duration)
    path = bumps(times, chosen, BROW_BEFORE, BROW_AFTER)
    inner, outer = sparse(times, BROW_INNER * path, TOLERANCE), sparse(times, BROW_OUTER * path, TOLERANCE)
    return {"browInnerUp": inner, "browOuterUpLeft": outer, "browOuterUpRight": outer}
