"""What a recording's background does in the course of it: noise that comes and goes, music between words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.cepstra import FRAME, RATE
from phiz.speech.recognition.texture import steadiness

__all__ = ["evened", "music_alone"]

QUIET = 10  # percentile of a band's frames that is background
SEGMENT, AROUND = 250, 250  # rough frames, 5 s, that have one background, and that are looked at to each side
OVER = 1.5  # times the rise of the background that is taken away: noise varies (Berouti et al. 1979)
PIECE = 20.0  # seconds whose tones are looked at once; bounds the memory
NEAR = 4.0  # seconds over which steadiness is averaged
# Steadiness of music without speech: at least this, and so much more than the recording has where it is least
# steady, lest a song be taken for its accompaniment. Speech has 0.1 to 0.35, over music 10 dB below it 0.5.
STANDING, ABOVE, LEAST = 0.55, 0.2, 25


def evened(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """`power` [n, bands] less what the background has there more than in most of the recording.

    Unchanged where there is but one segment.
    """
    usual = np.percentile(power, QUIET, axis=0)
    result = power.copy()
    for first in range(0, len(power), SEGMENT):
        around = power[max(0, first - AROUND) : first + SEGMENT + AROUND]
        more = OVER * np.maximum(np.percentile(around, QUIET, axis=0) - usual, 0.0)
        own = power[first : first + SEGMENT]
        result[first : first + SEGMENT] = np.maximum(own - more, np.minimum(own, usual))
    return result


def music_alone(sound: NDArray[np.floating[Any]], hop: float, count: int) -> NDArray[np.bool_]:
    """Whether notes sound without speech at each of `count` frames of `hop` seconds. sound: [n], 16 kHz."""
    length = round(PIECE * RATE)
    parts = (sound[first : first + length].astype(np.float32) for first in range(0, len(sound), length))
    steady = np.concatenate([steadiness(part, max(1, int(len(part) / RATE / FRAME))) for part in parts])
    total = np.cumsum(np.pad(steady, (1, 0)))
    reach = round(NEAR / FRAME / 2)
    places = np.minimum((np.arange(count) * hop / FRAME).astype(np.int64), len(steady) - 1)
    low, high = np.maximum(places - reach, 0), np.minimum(places + reach + 1, len(steady))
    mean = (total[high] - total[low]) / (high - low)
    return np.asarray(mean > max(STANDING, float(np.percentile(mean, LEAST)) + ABOVE), np.bool_)
