"""A pitch that is roughly known, measured finely by WORLD in the denoised sound.

StoneMask, a part of WORLD (Morise, Yokomori & Ozawa 2016), reads the frequencies of the lowest harmonics off
their phases. Noise spoils it, so this is taken out first, by a Wiener filter whose noise is what is heard in
the quiet fifth of the time.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["denoised", "refine_pitch"]

Array = NDArray[np.float64]

PIECE, MARGIN = 60.0, 0.5  # seconds of sound looked at at once, which bounds the memory, and around them
ENOUGH = 7000  # samples a second: the lowest harmonics lie far below half of it
WINDOW, OVERLAP = 0.064, 0.75  # seconds: harmonics of low voices are parted; share of it
QUIET, OVER = 20.0, 3.0  # percentile of a frequency's power that is noise, and how much of it is taken out
LEAST = 0.003  # of the power, that is left
FURTHEST = 1 / 24  # octaves that the pitch is moved by at most; what is further off is a mistake
EDGE = 0.02  # seconds from where a voice begins or ends, where the window holds too little of it


def refine_pitch(hz: Array, samples: NDArray[np.float32], rate: int, hop: float) -> Array:
    """Pitch in Hz [frames] at each multiple of `hop` seconds, 0 where nothing is voiced, made finer.

    hz: what is roughly known of it. samples: [n] of `rate` a second.
    """
    import pyworld
    from scipy.signal import resample_poly

    factor = max((by for by in range(1, rate // ENOUGH + 1) if rate % by == 0), default=1)
    lower = rate // factor
    result = hz.copy()
    around = 2 * round(EDGE / hop) + 1
    inside = np.lib.stride_tricks.sliding_window_view(np.pad(hz, around // 2), around).min(axis=1) > 0.0
    per_piece = round(PIECE / hop)
    for first in range(0, len(hz), per_piece):
        frames = slice(first, min(first + per_piece, len(hz)))
        if not hz[frames].any():
            continue
        start = max(0, round((first * hop - MARGIN) * rate))
        part = samples[start : round((frames.stop * hop + MARGIN) * rate)]
        sound = denoised(resample_poly(part, 1, factor) if factor > 1 else part, lower)
        times = np.arange(frames.start, frames.stop) * hop - start / rate
        found = pyworld.stonemask(sound, np.ascontiguousarray(hz[frames]), times, lower)
        near = np.abs(np.log2(np.maximum(found, 1.0) / np.maximum(hz[frames], 1.0))) < FURTHEST
        result[frames] = np.where(near & inside[frames], found, hz[frames])
    return result


def denoised(samples: NDArray[np.float32], rate: int) -> Array:
    """Samples [n] of `rate` a second without their steady noise."""
    from scipy.signal import istft, stft

    size = round(WINDOW * rate)
    if len(samples) < size:
        return samples.astype(np.float64)
    window = {"fs": rate, "nperseg": size, "noverlap": round(OVERLAP * size)}
    spectrum = stft(samples.astype(np.float64), **window)[2]
    power = np.abs(spectrum) ** 2
    noise = OVER * np.percentile(power, QUIET, axis=1, keepdims=True)
    spectrum *= np.sqrt(np.maximum(1 - noise / np.maximum(power, 1e-20), LEAST))
    return np.ascontiguousarray(istft(spectrum, **window)[1][: len(samples)])
