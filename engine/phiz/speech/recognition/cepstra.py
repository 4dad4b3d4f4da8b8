"""Sound to the features that pocketsphinx's English model was trained on.

Mel cepstra after the parameters in the model's own `feat.params`, less noise as its front end takes it off
(spectral subtraction with a tracked noise floor and temporal masking, after Kim & Stern 2010), less their
mean, with first and second differences.
"""

from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["BORDER", "FRAME", "OVERLAP", "RATE", "features", "resampled"]

RATE = 16000  # samples a second
FRAME, WINDOW = 0.010, 0.025625  # seconds from frame to frame, and that a frame sees
# A frame stands for its window's middle, so the border between two lies midway between their middles, not
# where the later one's window begins.
BORDER = (WINDOW - FRAME) / 2
OVERLAP = WINDOW / FRAME  # frames that hear the same sound

HOP, LENGTH, BINS = round(FRAME * RATE), round(WINDOW * RATE), 512
PREEMPHASIS = 0.97
LOWEST, HIGHEST, FILTERS = 130.0, 6800.0, 25
COEFFICIENTS, LIFTER = 13, 22
FULL_SCALE = 32768.0  # the model counts samples as 16-bit numbers
# White noise added, by the sound's root mean square: as much as there is in a good recording. Digital silence
# is like nothing that the model knows.
HISS = 10 ** (-50 / 20)
FAINTEST = 1e-4  # of a filter's power
SPREAD = 4  # filters to each side over which the noise's gain is smoothed
GAIN = 20.0  # the most that noise suppression changes a filter's power by
SLOW, FAST, POWER, PEAK, MASKED = 0.995, 0.5, 0.7, 0.85, 0.2  # its forgetting factors a frame
BLOCK = 2000  # frames transformed at once


def resampled(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """`samples` [n] at 16 kHz, low-passed where that loses something."""
    if rate == RATE:
        return np.asarray(samples, np.float32)
    from scipy.signal import resample_poly

    common = gcd(rate, RATE)
    return np.asarray(resample_poly(samples, RATE // common, rate // common), np.float32)


def features(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Float32 [frames, 3, 13]: cepstra, their differences over 40 ms, and the differences of those.

    samples: float32 [n], 16 kHz, -1..1; shorter than a window gives one frame.
    """
    sound = np.asarray(samples, np.float64) * FULL_SCALE
    sound += _hiss(len(sound)) * max(1.0, HISS * np.sqrt(np.mean(sound**2))) if len(sound) else 0.0
    sound[1:] -= PREEMPHASIS * sound[:-1]
    sound = np.pad(sound, (0, max(0, LENGTH - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(sound, LENGTH)[::HOP]
    window = np.hamming(LENGTH)
    power = np.empty((len(frames), FILTERS))
    for first in range(0, len(frames), BLOCK):
        spectra = np.abs(np.fft.rfft(frames[first : first + BLOCK] * window, BINS)) ** 2
        # not matrix products: the last bits of those may depend on how many threads share them
        power[first : first + BLOCK] = np.einsum("tb,bf->tf", spectra, _filters())
    cepstra = np.einsum("tf,fc->tc", np.log(_quieter(power) + FAINTEST), _cosines())
    cepstra -= cepstra.mean(axis=0)
    reach = 3
    padded = np.pad(cepstra, ((reach, reach), (0, 0)), mode="edge")
    early, late = padded[: -2 * reach], padded[2 * reach :]  # three frames before and after
    before, after = padded[reach - 1 : -reach - 1], padded[reach + 1 : len(padded) - reach + 1]
    difference = padded[reach + 2 : len(padded) - reach + 2] - padded[reach - 2 : -reach - 2]
    curvature = (late - before) - (after - early)
    return np.stack([cepstra, difference, curvature], axis=1).astype(np.float32)


def _hiss(count: int) -> NDArray[np.float64]:
    """White noise [count] of variance 1, always the same."""
    return np.random.default_rng(0).standard_normal(count)


@cache
def _filters() -> NDArray[np.float64]:
    """Triangles [bins, filters] of equal area, evenly placed in mel, their corners on bins."""
    step = RATE / BINS
    mel = np.linspace(_mel(LOWEST), _mel(HIGHEST), FILTERS + 2)
    corners = np.floor(700.0 * (10.0 ** (mel / 2595.0) - 1.0) / step + 0.5) * step
    frequency = np.arange(BINS // 2 + 1)[:, None] * step
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    rise, fall = (frequency - low) / (middle - low), (high - frequency) / (high - middle)
    return np.maximum(0.0, np.minimum(rise, fall)) * 2.0 / (high - low)


def _mel(frequency: float) -> float:
    return float(2595.0 * np.log10(1.0 + frequency / 700.0))


@cache
def _cosines() -> NDArray[np.float64]:
    """Orthonormal cosine transform [filters, coefficients], liftered."""
    order = np.arange(COEFFICIENTS)
    angles = np.pi / FILTERS * order * (np.arange(FILTERS)[:, None] + 0.5)
    size = np.where(order == 0, np.sqrt(1.0 / FILTERS), np.sqrt(2.0 / FILTERS))
    return np.cos(angles) * size * (1.0 + LIFTER / 2 * np.sin(np.pi * order / LIFTER))


@jit
def _quieter(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Filters' power [frames, filters] with steady noise taken off, as the model's front end does it."""
    count, filters = power.shape
    result = np.empty_like(power)
    smooth, noise, floor = power[0].copy(), power[0] / GAIN, power[0] / GAIN
    peak, gain = np.zeros(filters), np.zeros(filters)
    for t in range(count):
        for i in range(filters):
            smooth[i] = POWER * smooth[i] + (1 - POWER) * power[t, i]
            rate = SLOW if smooth[i] >= noise[i] else FAST
            noise[i] = rate * noise[i] + (1 - rate) * smooth[i]
            signal = max(1.0, smooth[i] - noise[i])
            rate = SLOW if signal >= floor[i] else FAST
            floor[i] = rate * floor[i] + (1 - rate) * signal
            loud = signal
            peak[i] *= PEAK
            if signal < PEAK * peak[i]:  # masked by what came just before
                signal = MASKED * peak[i]
            peak[i] = max(peak[i], loud)
            signal = max(signal, floor[i])
            gain[i] = min(max(signal / max(smooth[i], 1e-30), 1 / GAIN), GAIN)
        for i in range(filters):
            first, last = max(0, i - SPREAD), min(filters, i + SPREAD + 1)
            result[t, i] = power[t, i] * gain[first:last].mean()
    return result
