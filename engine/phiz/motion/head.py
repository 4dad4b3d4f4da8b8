"""Movements of the head: a new posture with each phrase, a slow wander, and nods on beats.

Postures change where phrases begin, nods fall on stressed syllables (U. Hadar et al., "Kinematics of head
movements accompanying speech during conversation", 1983; H. C. Yehia et al., "Linking facial animation, head
motion and speech acoustics", 2002). Deviations follow what people do who talk to a camera: about 2 degrees
about each axis.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.channels import POSE
from phiz.motion.beats import Beat, bumps, questions
from phiz.motion.clip import Curve
from phiz.motion.keys import RATE, sample_times, sparse
from phiz.motion.noise import uniform, wander
from phiz.speech.speech import Speech
from phiz.speech.words import phrases

__all__ = ["head_curves", "head_path"]

DEGREE = 0.017453292519943295  # radians
POSTURE = (3.5, 3.6, 3.1)  # degrees of yaw, pitch and roll at most, of the posture of a phrase
POSTURE_LEAST = 0.45  # share of that at least: a change that is not seen is none
POSTURE_TAKES = (0.5, 0.9)  # seconds from one posture to the next
POSTURE_EARLY = 0.2  # seconds before the phrase at most
LONGEST_POSTURE = 2.2  # seconds; a longer phrase has several
SLOW, QUICK = 2.4, 0.8  # seconds between turns of the slow wander and of the quick one on top
SLOW_REACH = (2.8, 2.7, 2.6)  # degrees of yaw, pitch and roll at most
QUICK_REACH = (0.8, 0.8, 0.7)
NOD, NOD_BEFORE, NOD_AFTER = 1.9, 0.14, 0.34  # degrees down; seconds to the lowest point and back
FINAL, FINAL_TAKES = 1.2, 0.5  # degrees down at a phrase's end (up after a question); seconds
CALM = 0.35  # how lively the wander is in silence, compared with speech
LULL = 0.8  # seconds over which it calms down and picks up
EASE = (
    0.7  # seconds from the photo's pose at the start and back to it at the end, at most a third of the clip
)
LIMITS = (10.0, 7.0, 7.0)  # degrees; a rig turns 12, 8 and 8
TOLERANCE = 0.0004  # radians; 0.02 degrees


def head_path(speech: Speech, beats: Sequence[Beat], seed: int, amount: float = 1.0) -> NDArray[np.float64]:
    """Radians [n, 3] of yaw, pitch and roll at `sample_times(speech.duration)`; 0 at the start and the end.

    amount: 0..2, a share of the usual motion.
    """
    times = sample_times(speech.duration)
    path = _postures(speech, times, seed)
    lively = CALM + (1.0 - CALM) * _talking(speech, times)
    for axis, name in enumerate(POSE):
        slow = SLOW_REACH[axis] * wander(seed, f"{name} slow", times, SLOW)
        quick = QUICK_REACH[axis] * wander(seed, f"{name} quick", times, QUICK)
        path[:, axis] += lively * (slow + quick)
    path[:, 1] -= NOD * bumps(times, beats, NOD_BEFORE, NOD_AFTER)
    ease = min(EASE, speech.duration / 3) or 1.0
    u = np.clip(np.minimum(times, speech.duration - times) / ease, 0.0, 1.0)
    path *= (amount * u * u * (3.0 - 2.0 * u))[:, None]
    return _limited(path) * DEGREE


def head_curves(speech: Speech, path: NDArray[np.float64]) -> dict[str, Curve]:
    """Curves of the head's rotation from `head_path`; empty when it does not move."""
    times = sample_times(speech.duration)
    return {
        name: sparse(times, path[:, axis], TOLERANCE) for axis, name in enumerate(POSE) if path[:, axis].any()
    }


def _postures(speech: Speech, times: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Degrees [n, 3]: from posture to posture, one or more for each phrase, upright after the last."""
    phrased = speech.sentences or phrases(speech.phonemes)
    starts: list[float] = []
    for start, end in phrased:
        parts = max(1, round((end - start) / LONGEST_POSTURE))
        starts += [start + (end - start) * part / parts for part in range(parts)]
    count = len(starts)
    shares = POSTURE_LEAST + (1.0 - POSTURE_LEAST) * uniform(seed, "postures", 3 * count).reshape(count, 3)
    sides = np.where(uniform(seed, "sides", 3 * count).reshape(count, 3) < 0.5, -1.0, 1.0)
    places = np.concatenate([np.zeros((1, 3)), shares * sides * POSTURE])
    early, quick = uniform(seed, "posture early", count), uniform(seed, "posture takes", count)
    path = np.zeros((len(times), 3))
    for index, start in enumerate(starts):
        takes = POSTURE_TAKES[0] + (POSTURE_TAKES[1] - POSTURE_TAKES[0]) * quick[index]
        rise = _glide((times - start + POSTURE_EARLY * early[index]) / takes)
        path += rise[:, None] * (places[index + 1] - places[index])
    if count:
        path -= _glide((times - phrased[-1][1]) / POSTURE_TAKES[1])[:, None] * places[-1]
    path[:, 1] -= FINAL * _endings(speech, times)
    return path


def _endings(speech: Speech, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """-1..1 [n]: towards 1 where a statement ends, towards -1 where a question does."""
    path = np.zeros(len(times))
    for (_, end), rising in zip(speech.sentences, questions(speech), strict=True):
        path += (-1.0 if rising else 1.0) * (
            _glide((times - end + FINAL_TAKES) / FINAL_TAKES) - _glide((times - end) / FINAL_TAKES)
        )
    return path


def _glide(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 to 1 over u from 0 to 1 with the least jerk (T. Flash & N. Hogan, 1985)."""
    u = np.clip(u, 0.0, 1.0)
    glided: NDArray[np.float64] = u * u * u * (u * (6.0 * u - 15.0) + 10.0)
    return glided


def _limited(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Degrees [n, 3] brought softly within `LIMITS`: x / (1 + (x / limit)^4)^(1/4)."""
    share = path / LIMITS
    return path / np.sqrt(np.sqrt(1.0 + share * share * share * share))


def _talking(speech: Speech, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """0..1 [n]: the share of speech around each time, twice averaged over LULL seconds."""
    active = np.zeros(len(times))
    for phoneme in speech.phonemes:
        active[int(phoneme.start * RATE) : int(phoneme.end * RATE) + 1] = 1.0
    half = int(LULL * RATE / 2)
    for _ in range(2):  # twice gives a triangle, so the change has no corners
        sums = np.cumsum(np.concatenate([np.zeros(half + 1), active, np.zeros(half)]))
        active = (sums[2 * half + 1 :] - sums[: -2 * half - 1]) / (2 * half + 1)
    return active
