"""Times of a synthesiser's sounds, set right against its own audio.

A synthesiser tends to report a stop ([p t k tʃ]) at its burst, 30 to 60 ms after the mouth has shut, and
says where a pause begins, not where the sound dies away. Both are plain to see in the audio.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.speech.ipa import is_closure
from phiz.speech.speech import Phoneme

__all__ = ["close_in_time", "end_with_sound"]

SILENT = 1e-3  # of full scale (-60 dB): espeak-ng's closures are far below, its weakest fricatives above
HOP = 0.002  # seconds between envelope points
WINDOW = 0.005  # seconds an envelope point covers
# Seconds; longer silences are pauses. Of those before stops inside espeak-ng's own phrases, in 137 languages,
# 98 % last 72 ms at most; in English all last 41 ms at most.
LONGEST_CLOSURE = 0.080
FIRST_CLOSURE = 0.050  # seconds that the mouth is shut before a stop that begins a phrase
SHORTEST_SOUND = 0.020  # seconds left to the sound before


def envelope(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Root mean square of `WINDOW` seconds around each multiple of `HOP` seconds."""
    half = max(1, int(WINDOW * rate / 2))
    total = np.concatenate([[0.0], np.cumsum(samples.astype(np.float64) ** 2)])
    centres = (np.arange(int(len(samples) / (HOP * rate)) + 1) * HOP * rate).astype(np.int64)
    low, high = np.maximum(centres - half, 0), np.minimum(centres + half, len(samples))
    power = (total[high] - total[low]) / np.maximum(high - low, 1)
    root: NDArray[np.float64] = np.sqrt(np.maximum(power, 0.0))
    return root


def close_in_time(
    phonemes: Sequence[Phoneme], samples: NDArray[np.float32], rate: int
) -> tuple[Phoneme, ...]:
    """Phonemes whose stops start where the sound stops, not at the burst; the sound before ends there.

    samples: float32 [n], -1..1, the very audio that the times are of.
    """
    silent = envelope(samples, rate) < SILENT
    result: list[Phoneme] = []
    for phoneme in phonemes:
        if not is_closure(phoneme.ipa):
            result.append(phoneme)
            continue
        previous = result[-1] if result else None
        if previous is None or phoneme.start - previous.end > LONGEST_CLOSURE:
            start = max(0.0 if previous is None else previous.end, phoneme.start - FIRST_CLOSURE)
        else:
            earliest = max(previous.start + SHORTEST_SOUND, phoneme.start - LONGEST_CLOSURE)
            start = silence_start(silent, phoneme.start, earliest)
            result[-1] = replace(previous, end=min(previous.end, start))
        result.append(replace(phoneme, start=start))
    return tuple(result)


def silence_start(silent: NDArray[np.bool_], time: float, earliest: float) -> float:
    """Where the silence that reaches up to `time` began, not before `earliest`; `time` when there is none."""
    index = min(int(time / HOP), len(silent) - 1)
    slack = int(WINDOW / HOP)  # the burst reaches into the envelope's window
    while slack and index > 0 and not silent[index]:
        index, slack = index - 1, slack - 1
    if not silent[index]:
        return time
    while index > 0 and silent[index - 1] and (index - 1) * HOP >= earliest:
        index -= 1
    return min(time, max(earliest, index * HOP))


def end_with_sound(
    phonemes: Sequence[Phoneme], samples: NDArray[np.float32], rate: int
) -> tuple[Phoneme, ...]:
    """Phonemes before a pause end where the sound ends: earlier if it died early, later if it lasts on."""
    level = envelope(samples, rate)
    loud = level >= SILENT
    result: list[Phoneme] = []
    limits = [*(following.start for following in phonemes[1:]), len(samples) / rate]
    for phoneme, limit in zip(phonemes, limits, strict=False):
        if limit <= phoneme.end:
            result.append(phoneme)
            continue
        first = int((phoneme.start + SHORTEST_SOUND) / HOP)
        last = min(int(phoneme.end / HOP), len(loud) - 1)
        while last + 1 < min(len(loud), int(limit / HOP)) and loud[last + 1]:
            last += 1
        while last > first and not loud[last]:
            last -= 1
        result.append(replace(phoneme, end=min(limit, (last + 1) * HOP)))
    return tuple(result)
