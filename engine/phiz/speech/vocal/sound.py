"""What a recording sounds like, moment by moment, as far as laughing, whispering and shouting show in it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import HOP, frames_of, window_length
from phiz.speech.pitch import track_pitch
from phiz.speech.recognition.cepstra import RATE, resampled

__all__ = ["EDGES", "Sound", "sound_of"]

Array = NDArray[np.float64]

EDGES = 100.0 * 2.0 ** (np.arange(19) / 3)  # Hz; thirds of an octave, up to 6400
CHUNK = 60  # seconds of sound looked at at once; bounds the memory
FAINT = 1e-12  # of full scale's power, where there is nothing
PITCH_RATE, PITCH_HOP = 8000, 0.020  # samples a second, seconds: pitch shows below 1 kHz and turns slowly


class Sound(NamedTuple):
    """By frame of `HOP` seconds: bands float32 [frames, 18], decibels between `EDGES`; hz float64 [frames],
    0 where nothing is voiced."""

    bands: NDArray[np.float32]
    hz: Array

    def level(self, low: float, high: float) -> Array:
        """Decibels [frames] between two frequencies in Hz, each the nearest of `EDGES`."""
        first, last = (int(np.argmin(np.abs(EDGES - edge))) for edge in (low, high))
        power = 10 ** (self.bands[:, first:last].astype(np.float64) / 10)
        level: Array = 10 * np.log10(power.sum(axis=1))
        return level


def sound_of(samples: NDArray[np.float32], rate: int) -> Sound:
    """What a recording [n], -1..1, sounds like."""
    sound = resampled(samples, rate)
    length = window_length(RATE)
    places = np.searchsorted(np.fft.rfftfreq(2 * length, 1 / RATE), EDGES)
    count = int(len(sound) / (HOP * RATE)) + 1
    bands = np.empty((count, len(EDGES) - 1), np.float32)
    step = round(CHUNK / HOP)
    for first in range(0, count, step):
        start = round(first * HOP * RATE)
        before = min(start, RATE)  # a second of what was there before, for the first frames
        spectra = frames_of(sound[start - before : start + (CHUNK + 1) * RATE], RATE)
        own = spectra[round(before / RATE / HOP) :][: min(step, count - first)]
        power = np.add.reduceat(own, places, axis=1)[:, : len(EDGES) - 1] / (length / 4) ** 2 / 2
        bands[first : first + step] = 10 * np.log10(power + FAINT)
    return Sound(bands, _pitch(sound, count))


def _pitch(sound: NDArray[np.float32], count: int) -> Array:
    """Hz [count] of samples [n] at `RATE`."""
    from scipy.signal import resample_poly

    half = np.asarray(resample_poly(sound, 1, RATE // PITCH_RATE), np.float32)
    hz = np.repeat(track_pitch(half, PITCH_RATE, PITCH_HOP, one_range=False).hz, round(PITCH_HOP / HOP))
    return np.pad(hz, (0, max(0, count - len(hz))), mode="edge")[:count]
