"""Small movements of the head: a slow wander that is livelier in speech, and nods on beats.

Deviations follow what people do while they talk to a camera: about 2 degrees about each axis.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.channels import POSE
from phiz.motion.beats import Beat, bumps
from phiz.motion.clip import Curve
from phiz.motion.keys import RATE, sample_times, sparse
from phiz.motion.noise import wander
from phiz.speech.speech import Speech

__all__ = ["head_curves", "head_path"]

DEGREE = 0.017453292519943295  # radians
SLOW, QUICK = 2.2, 0.8  # seconds between turns of the slow wander and of the quick one on top
SLOW_REACH = (3.6, 3.3, 3.5)  # degrees of yaw, pitch and roll at most
QUICK_REACH = (1.0, 0.8, 0.7)
NOD, NOD_BEFORE, NOD_AFTER = 1.6, 0.14, 0.34  # degrees down; seconds to the lowest point and back
CALM = 0.35  # how lively the wander is in silence, compared with speech
LULL = 0.8  # seconds over which it calms down and picks up
EASE = (
    1.0  # seconds from the photo's pose at the start and back to it at the end, at most a third of the clip
)
TOLERANCE = 0.0004  # radians; 0.02 degrees


def head_path(speech: Speech, beats: Sequence[Beat], seed: int) -> NDArray[np.float64]:
    """Radians [n, 3] of yaw, pitch and roll at `sample_times(speech.duration)`; 0 at the start and the
    end."""
    times = sample_times(speech.duration)
    lively = CALM + (1.0 - CALM) * _talking(speech, times)
    path = np.empty((len(times), 3))
    for axis, name in enumerate(POSE):
        slow = SLOW_REACH[axis] * wander(seed, f"{name} slow", times, SLOW)
        quick = QUICK_REACH[axis] * wander(seed, f"{name} quick", times, QUICK)
        path[:, axis] = lively * (slow + quick)
    path[:, 1] -= NOD * bumps(times, beats, NOD_BEFORE, NOD_AFTER)
    ease = min(EASE, speech.duration / 3) or 1.0
    u = np.clip(np.minimum(times, speech.duration - times) / ease, 0.0, 1.0)
    return path * (u * u * (3.0 - 2.0 * u))[:, None] * DEGREE


def head_curves(speech: Speech, path: NDArray[np.float64]) -> dict[str, Curve]:
    """Curves of the head's rotation from `head_path`."""
    times = sample_times(speech.duration)
    return {name: sparse(times, path[:, axis], TOLERANCE) for axis, name in enumerate(POSE)}


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
