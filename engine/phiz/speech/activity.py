"""Where in a recording somebody speaks, told from loudness alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["HOP", "frames_of", "loudness", "speech_spans", "window_length"]

HOP = 0.010  # seconds from frame to frame
WINDOW = 0.025  # seconds of sound in a frame
BAND = (300.0, 7000.0)  # Hz; below are hum and thumps, above little speech and much hiss
QUIETEST = -90.0  # decibels; anything below counts as that, digital silence too

LEAST_CONTRAST = 12.0  # decibels between speech and background; steady noise has 3 to 6
ABOVE_FLOOR = (9.0, 5.0)  # decibels over the background at which speech is sure, and down to which it reaches
BELOW_TOP = (25.0, 35.0)  # decibels under the loud parts, likewise
SHORTEST_GAP = 0.20  # seconds; shorter silences are closures ([k] reaches 0.15) or breath inside a phrase
SHORTEST_SPAN = 0.08  # seconds; shorter bursts of sound are clicks


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


def speech_spans(samples: NDArray[Any], rate: int) -> list[tuple[float, float]]:
    """(start, end) in seconds of each stretch of speech, in order; empty for silence and steady noise.

    samples: float [n]. The background's level is the 10th percentile of the frames' loudness, the speech's
    the 95th. A span starts and ends where loudness falls under the lower of two thresholds and holds some
    above the higher. Gaps up to 0.2 s are inside a span.
    """
    level = loudness(frames_of(samples, rate), rate)
    level = np.convolve(np.pad(level, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    floor, top = np.percentile(level, 10), np.percentile(level, 95)
    if top - np.percentile(level, 2) < LEAST_CONTRAST:
        return []
    sure = level > min(max(floor + ABOVE_FLOOR[0], top - BELOW_TOP[0]), top)
    reach = level > min(max(floor + ABOVE_FLOOR[1], top - BELOW_TOP[1]), top)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], reach.astype(np.int8), [0]])))
    spans: list[tuple[float, float]] = []
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if not sure[first:last].any():
            continue
        start, end = float(first * HOP), float(last * HOP)
        if spans and start - spans[-1][1] < SHORTEST_GAP:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    duration = len(samples) / rate
    inside = [(max(0.0, start), min(duration, end)) for start, end in spans]
    return [(start, end) for start, end in inside if end - start >= SHORTEST_SPAN]
