"""Breath and swallowing: what a face does while it says nothing.

People breathe in before they speak, in about 0.4 s, and out while they do; at rest a breath takes 4 s
(A. Winkworth et al., "Breathing patterns during spontaneous speech", 1995). In a long pause they swallow: the
lips press, the chin tightens and the head dips a little.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.motion.clip import Curve
from phiz.motion.keys import sample_times, sparse
from phiz.motion.noise import uniform
from phiz.speech.speech import Speech
from phiz.speech.words import phrases

__all__ = ["breath_curves", "swallows"]

BREATH_PAUSE = 0.35  # seconds of silence at least in which a breath is taken
INHALE = 0.45  # seconds at most
DEEPEST, SHALLOW = 1.0, 0.45  # weight of the chest before the longest phrases, and before the shortest
LONG_PHRASE = 4.0  # seconds; longer phrases get no deeper breath
QUIET, CYCLE = 0.4, 4.0  # weight and seconds of a breath at rest
IN_SHARE = 0.4  # of a breath at rest
STARTS = 0.3  # seconds from the photo's chest to the first breath
SWALLOW_PAUSE, SWALLOW_AFTER = 2.5, (0.8, 1.4)  # seconds
TOLERANCE = 0.004

Array = NDArray[np.float64]


def breath_curves(speech: Speech, seed: int, amount: float = 1.0) -> dict[str, Curve]:
    """The curve of the chest, which rises before each phrase and sinks while it is spoken; empty for none.

    amount: 0..2, a share of the usual depth.
    """
    if not amount or speech.duration < STARTS:
        return {}
    times = sample_times(speech.duration)
    keys = sorted(_keys(speech, seed))
    key_times, values = np.array([(0.0, 0.0), (STARTS, 0.0), *keys, (speech.duration + CYCLE, 0.0)]).T
    after = np.clip(np.searchsorted(key_times, times, side="right"), 1, len(key_times) - 1)
    u = (times - key_times[after - 1]) / np.maximum(key_times[after] - key_times[after - 1], 1e-3)
    u = np.clip(u, 0.0, 1.0)
    path = values[after - 1] + u * u * (3.0 - 2.0 * u) * (values[after] - values[after - 1])
    return {"chest": sparse(times, np.clip(amount * path, 0.0, 1.0), TOLERANCE)}


def _keys(speech: Speech, seed: int) -> Iterator[tuple[float, float]]:
    """Times and weights between which the chest moves."""
    spoken = phrases(speech.phonemes)
    ends = [0.0, *(end for _, end in spoken)]
    starts = [*(start for start, _ in spoken), speech.duration]
    depth = 0.8 + 0.4 * uniform(seed, "breath depth", len(starts))
    for index, (pause, start) in enumerate(zip(ends, starts, strict=True)):
        length = spoken[index][1] - start if index < len(spoken) else 0.0
        yield from _at_rest(max(pause, STARTS), start - INHALE)
        if index < len(spoken) and start - pause >= BREATH_PAUSE and start > STARTS:
            deep = SHALLOW + (DEEPEST - SHALLOW) * min(length / LONG_PHRASE, 1.0)
            yield max(pause, start - INHALE, STARTS), 0.1
            yield start, float(min(deep * depth[index], 1.0))
            yield start + length, 0.05


def _at_rest(start: float, end: float) -> Iterator[tuple[float, float]]:
    """Quiet breaths from `start` to `end`, as many as there is time for."""
    count = int((end - start) / CYCLE)
    for number in range(count):
        begin = start + number * (end - start) / count
        yield begin + 0.05, 0.0
        yield begin + IN_SHARE * (end - start) / count, QUIET


def swallows(speech: Speech) -> list[float]:
    """When the face swallows, in seconds: once in each long pause within the speech, whatever the seed."""
    spoken = phrases(speech.phonemes)
    pauses = [(end, start) for (_, end), (start, _) in pairwise(spoken)]
    long = [(end, start) for end, start in pauses if start - end >= SWALLOW_PAUSE]
    late = uniform(0, "swallows", len(long))
    return [
        end + SWALLOW_AFTER[0] + (SWALLOW_AFTER[1] - SWALLOW_AFTER[0]) * float(share)
        for (end, _), share in zip(long, late, strict=True)
    ]
