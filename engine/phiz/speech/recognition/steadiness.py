"""How steady tones are: notes stand still for a while, the voice of somebody who talks never does."""

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.cepstra import FRAME, RATE

__all__ = ["steadiness"]

WINDOW, STEP = 1024, 2  # samples, and frames from one look to the next
HIGHEST = 3000.0  # Hz; tones above are weak
SMOOTH = 300.0  # Hz over which a spectrum is flattened, wider than the harmonics of any voice are apart
LATER = 5  # looks, 0.1 s, after which a tone that still stands is steady
FAINT = 1e-6  # amplitude; below full scale by 120 dB
BLOCK = 500  # looks at once


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
