"""A recording in short frames: their power spectra, and how loud they are in the band of speech."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["HOP", "frames_of", "loudness", "window_length"]

HOP = 0.010  # seconds from frame to frame
WINDOW = 0.025  # seconds of sound in a frame
BAND = (300.0, 7000.0)  # Hz; below are hum and thumps, above little speech and much hiss
QUIETEST = -90.0  # decibels; anything below counts as that, digital silence too


def window_length(rate: int) -> int:
    """Samples in a frame."""
    return max(16, int(WINDOW * rate))


def frames_of(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Power spectra [frames, length + 1] of `length` samples around each multiple of `HOP` seconds.

    `length` is `window_length(rate)`. Hann window, zero-padded to twice its length, so that the inverse
    transform is the true autocorrelation.
    """
    length = window_length(rate)
    count = int(len(samples) / (HOP * rate)) + 1
    padded = np.pad(np.asarray(samples, np.float64), (length // 2, length))
    starts = (np.arange(count) * HOP * rate).astype(np.int64)
    spectra = np.empty((count, length + 1))
    window = np.hanning(length)
    for first in range(0, count, 4096):  # bounds the memory that a long recording takes
        part = starts[first : first + 4096, None] + np.arange(length)
        spectra[first : first + 4096] = np.abs(np.fft.rfft(padded[part] * window, 2 * length)) ** 2
    return spectra


def loudness(spectra: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Decibels [frames] in the band of speech; a full-scale sine is about 0."""
    length = window_length(rate)
    frequency = np.fft.rfftfreq(2 * length, 1 / rate)
    inside = (frequency >= BAND[0]) & (frequency <= BAND[1])
    power = spectra[:, inside].sum(axis=1) / (length / 4) ** 2 / 2
    level: NDArray[np.float64] = np.maximum(10 * np.log10(power + 1e-12), QUIETEST)
    return level
