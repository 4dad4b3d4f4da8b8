"""How high a song is at each moment: its notes as a person sings them.

Glides, preparation and vibrato are the features that a sung pitch is recognised by (Saitou, Unoki & Akagi
2005); vibrato's rate and depth are those of classical singers, modest (Prame 1994, 1997: 6.0 a second and 70
cents; here 5.5 and 40, as in popular singing).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.speech.singing.placing import Phrase
from phiz.speech.singing.score import Note

__all__ = ["hz_at"]

Array = NDArray[np.float64]

A4, A4_HZ = 69, 440.0
GLIDE = 0.09  # seconds from note to note, done on the beat
SCOOP, SCOOP_LASTS = 0.6, 0.05  # semitones below that a phrase comes from; seconds to a third of it
DROOP, DROOP_LASTS = 0.2, 0.15  # semitones that the end of a phrase sinks; seconds
VIBRATO, VIBRATO_RATE = 0.4, 5.5  # semitones either way; a second
VIBRATO_AFTER, VIBRATO_GROWS, VIBRATO_ENDS = 0.3, 0.4, 0.1  # seconds
# No voice is exact: semitones, a second, radians.
DRIFTS = ((0.03, 0.61, 0.3), (0.02, 1.73, 1.9), (0.015, 3.1, 4.4))
STEP = 0.001  # seconds between the points of what is smoothed


def hz_at(phrase: Phrase, times: Array) -> Array:
    """Hz [n] at ascending `times` [n] in seconds."""
    first, last = min(times[0], phrase.start) - GLIDE, max(times[-1], phrase.end) + GLIDE
    grid = first + STEP * np.arange(int((last - first) / STEP) + 1)
    keys = _smoothed(_steps(phrase.notes, grid))
    keys -= SCOOP * np.exp(-np.maximum(grid - phrase.start, 0.0) / SCOOP_LASTS)
    keys -= DROOP * np.clip((grid - phrase.end) / DROOP_LASTS + 1.0, 0.0, 1.0) ** 2
    for note, until in _lasting(phrase.notes):
        keys += _vibrato(grid, note.start, until)
    for depth, rate, phase in DRIFTS:
        keys += depth * np.sin(2 * np.pi * rate * grid + phase)
    hz: Array = A4_HZ * 2.0 ** ((np.interp(times, grid, keys) - A4) / 12)
    return hz


def _steps(notes: Sequence[Note], grid: Array) -> Array:
    """The key of the note that is due, half a glide ahead."""
    starts = np.array([note.start for note in notes[1:]])
    keys = np.array([note.key for note in notes])
    result: Array = keys[np.searchsorted(starts, grid + GLIDE / 2, side="right")]
    return result


def _smoothed(keys: Array) -> Array:
    half = round(GLIDE / 2 / STEP)
    kernel = np.hanning(2 * half + 3)[1:-1]
    result: Array = np.convolve(np.pad(keys, half, mode="edge"), kernel / kernel.sum(), mode="valid")
    return result


def _lasting(notes: Sequence[Note]) -> list[tuple[Note, float]]:
    """Notes with when they end, those that go on at the same height as one."""
    return [
        (note, min(note.end, following.start) if following else note.end)
        for note, following in zip(notes, [*notes[1:], None], strict=True)
    ]


def _vibrato(grid: Array, start: float, end: float) -> Array:
    """Semitones [n]: nothing in a note too short for it."""
    since = grid - start - VIBRATO_AFTER
    depth = np.clip(since / VIBRATO_GROWS, 0.0, 1.0) * np.clip((end - GLIDE - grid) / VIBRATO_ENDS, 0.0, 1.0)
    result: Array = VIBRATO * depth * np.sin(2 * np.pi * VIBRATO_RATE * since)
    return result
