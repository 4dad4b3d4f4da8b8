"""What voices never do: stand still, as notes do, or be at their loudest at once, as knocks are."""

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.cepstra import FRAME, RATE

__all__ = ["steadiness", "sudden_peaks"]

WINDOW, STEP = 1024, 2  # samples, and frames from one look to the next
HIGHEST = 3000.0  # Hz; tones above are weak
SMOOTH = 300.0  # Hz over which a spectrum is flattened, wider than the harmonics of any voice are apart
LATER = 5  # looks, 0.1 s, after which a tone that still stands is steady
FAINT = 1e-6  # amplitude; below full scale by 120 dB
BLOCK = 500  # looks at once

MOMENT, SPAN = 0.0025, 0.010  # seconds from one level to the next, and that one covers
ALONE = 0.1  # seconds to each side in which nothing is louder than a peak
LOUD = 25.0  # decibels below the loudest that a peak may be
# Decibels that a sudden peak rises by in its last seconds, at least. None of espeak-ng's does (16 languages,
# whispers too), and eight in ten knocks.
RISE, SUDDEN = 10.0, 0.010


def steadiness(samples: NDArray[np.float32], count: int) -> NDArray[np.float64]:
    """Correlation, -1..1, of the fine spectrum [count] at each frame with that 0.1 s later.

    samples: float32 [n], 16 kHz. 0.1 to 0.35 in speech, above 0.5 in music and held notes of a singer.
    """
    hop = STEP * round(FRAME * RATE)
    padded = np.pad(np.asarray(samples, np.float64), (WINDOW // 2, WINDOW + LATER * hop))
    looks = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop]
    bins = round(HIGHEST * 2 * WINDOW / RATE)
    width = round(SMOOTH * 2 * WINDOW / RATE)
    window = np.hanning(WINDOW)
    fine = np.empty((len(looks), bins))
    for first in range(0, len(looks), BLOCK):
        spectrum = np.fft.rfft(looks[first : first + BLOCK] * window, 2 * WINDOW)[:, : bins + width]
        level = np.log(np.abs(spectrum) + FAINT)
        total = np.cumsum(np.pad(level, ((0, 0), (width // 2 + 1, 0)), mode="edge"), axis=1)
        smooth = (total[:, width : width + bins] - total[:, :bins]) / width
        fine[first : first + BLOCK] = level[:, :bins] - smooth
    fine /= np.sqrt((fine**2).sum(axis=1, keepdims=True)) + FAINT
    alike = (fine[:-LATER] * fine[LATER:]).sum(axis=1)
    places = np.minimum(np.arange(count) // STEP, len(alike) - 1)
    return np.asarray(alike[places], np.float64)


def sudden_peaks(samples: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Times in seconds of the peaks of loudness, in order, and whether each came suddenly."""
    hop, length = round(MOMENT * RATE), round(SPAN * RATE)
    total = np.cumsum(np.pad(np.asarray(samples, np.float64) ** 2, (1, 0)))
    power = (total[length:] - total[:-length])[::hop] / length
    if not len(power):
        return np.zeros(0), np.zeros(0, np.bool_)
    level = 10 * np.log10(power + FAINT**2)
    reach = round(ALONE / MOMENT)
    padded = np.pad(level, reach, constant_values=-np.inf)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    peaks = np.flatnonzero((level >= highest) & (level > level.max() - LOUD))
    before = round(SUDDEN / MOMENT)
    low = [level[max(0, peak - before) : peak + 1].min() < level[peak] - RISE for peak in peaks]
    return np.asarray(peaks * MOMENT, np.float64), np.array(low, np.bool_)
