"""From evenly sampled motion to sparse curves."""

import numpy as np
from numpy.typing import NDArray

from phiz.motion.clip import Curve
from phiz.motion.hermite import reduce_samples

__all__ = ["RATE", "sample_times", "sparse"]

RATE = 200  # samples a second while motion is made; a blink's fastest phase spans several of them


def sample_times(duration: float) -> NDArray[np.float64]:
    """Times float64 [n] in seconds, n >= 2, on the sample grid from 0 to the first sample at or after
    `duration`."""
    return np.arange(max(int(np.ceil(duration * RATE)), 1) + 1) / RATE


def sparse(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    tolerance: float,
    pinned: NDArray[np.bool_] | None = None,
) -> Curve:
    """The curve with few keys that stays within `tolerance` of samples [n]; `pinned` samples [n] are met
    exactly."""
    if pinned is None:
        pinned = np.zeros(len(times), np.bool_)
    kept = reduce_samples(times, np.ascontiguousarray(values), pinned, tolerance)
    return Curve(times[kept], values[kept])
