"""What two recordings of the same words have in common, frame by frame: mel spectra and their cepstra."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["HOP", "cepstra", "mel_power", "with_changes"]

HOP = 0.005  # seconds from frame to frame
WINDOW = 0.020  # seconds of sound in a frame
BANDS = 40  # mel filters, as in Slaney's Auditory Toolbox (1998)
HIGHEST = 8000.0  # Hz
LOWEST = 60.0  # Hz; hum and rumble are below
CEPSTRA = 13  # the first (level) included
REACH = 4  # frames, 20 ms, to either side over which a change is measured
PRE_EMPHASIS = 0.97
CHUNK = 4096  # frames transformed at once; bounds the memory that a long recording takes


def mel_power(
    samples: NDArray[np.float32], rate: int, top: float = HIGHEST, hop: float = HOP
) -> NDArray[np.float64]:
    """Power [frames, BANDS] in mel bands from 60 Hz to `top` Hz, around each multiple of `hop` seconds.

    samples: float [n]. rate: samples a second; bands above its half hold nothing, so give `top` <= rate / 2.
    """
    from scipy.fft import rfft  # which stays in single precision where numpy's is ten times slower

    length = round(WINDOW * rate)
    size = 1 << (length - 1).bit_length()
    bands, weights = mel_filters(rate, size, top)
    window = np.hamming(length).astype(np.float32)
    sound = np.asarray(samples, np.float32)
    sound = np.concatenate([np.zeros(1, np.float32), sound[1:] - np.float32(PRE_EMPHASIS) * sound[:-1]])
    count = int(len(sound) / (HOP * rate)) + 1
    parts = np.lib.stride_tricks.sliding_window_view(np.pad(sound, (length // 2, length)), length)
    starts = np.rint(np.arange(count) * HOP * rate).astype(np.int64)
    power = np.zeros((count, BANDS))
    for first in range(0, count, CHUNK):
        spectra = rfft(parts[starts[first : first + CHUNK]] * window, size)
        gather(spectra, bands, weights, power[first : first + CHUNK])
    return power / rate


@jit
def gather(
    spectra: NDArray[np.complex64],
    bands: NDArray[np.int64],
    weights: NDArray[np.float64],
    power: NDArray[np.float64],
) -> None:
    """Add the power of each bin to the two bands that it lies in. (A matrix product would start threads.)"""
    for t in range(len(spectra)):
        for k in range(len(bands)):
            value = float(spectra[t, k].real ** 2 + spectra[t, k].imag ** 2)
            if weights[k, 0] > 0.0:
                power[t, bands[k] - 1] += weights[k, 0] * value
            if weights[k, 1] > 0.0:
                power[t, bands[k]] += weights[k, 1] * value


@cache
def mel_filters(rate: int, size: int, top: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Triangles evenly spaced on the mel scale, 1127 log(1 + f / 700): a bin's band, its weights there.

    bands: [size // 2 + 1], the upper of the two bands that a bin lies in. weights: [size // 2 + 1, 2], in the
    band below that and in it.
    """
    low, high = (1127.0 * np.log1p(edge / 700.0) for edge in (LOWEST, min(top, rate / 2)))
    edges = 700.0 * np.expm1(np.linspace(low, high, BANDS + 2) / 1127.0)
    frequency = np.arange(size // 2 + 1) * rate / size
    bands = np.searchsorted(edges, frequency, side="right") - 1
    inside = (bands >= 0) & (bands <= BANDS)
    left = np.clip(bands, 0, BANDS)
    along = (frequency - edges[left]) / (edges[left + 1] - edges[left])
    weights = np.stack([(1.0 - along) * (inside & (bands > 0)), along * (inside & (bands < BANDS))], axis=1)
    return bands, weights


@cache
def cosines() -> NDArray[np.float64]:
    """The orthonormal cosine transform [BANDS, CEPSTRA]."""
    bands, order = np.arange(BANDS)[:, None] + 0.5, np.arange(CEPSTRA)
    matrix = np.cos(np.pi * bands * order / BANDS) * np.sqrt(2.0 / BANDS)
    matrix[:, 0] *= np.sqrt(0.5)
    return matrix


def cepstra(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cepstra [frames, CEPSTRA] of mel power [frames, BANDS], the level included."""
    result: NDArray[np.float64] = np.einsum("tb,bc->tc", np.log(power), cosines())
    return result


def with_changes(static: NDArray[Any]) -> NDArray[np.float32]:
    """Features [frames, 2 n], float32: the static ones [frames, n] and their change over +-20 ms."""
    padded = np.pad(static, ((REACH, REACH), (0, 0)), mode="edge")
    change = padded[2 * REACH :] - padded[: -2 * REACH]
    return np.hstack([static, change]).astype(np.float32)
