"""Words of an utterance in a manner of their own: slower, higher or louder than what is around them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.speech.speech import Speech
from phiz.speech.voices import Manner

__all__ = ["Span", "varied"]

MARGIN = 0.1  # seconds around a passage that are changed with it, so that its ends sound as in its middle
FADE = 0.005  # seconds in which one manner gives way to the next

Span = tuple[float, float, Manner]  # seconds, and how they are said instead


def varied(speech: Speech, spans: Sequence[Span], change: Callable[[Speech, Manner], Speech]) -> Speech:
    """`speech` with each of `spans`, which are in order and apart, in its manner; all times stay true.

    change: makes a whole speech faster, higher and louder.
    """
    samples, rate = speech.samples, speech.rate
    parts: list[NDArray[np.float32]] = []
    before, after = [0.0], [0.0]  # times in `speech`, and what they become
    tail = samples[:0]  # how what was there last would go on
    reached = total = 0
    for start, end, manner in spans:
        first, last = round(start * rate), round(end * rate)
        low, high = max(0, first - round(MARGIN * rate)), last + round(MARGIN * rate)
        made = change(Speech(samples[low:high], rate, ()), manner).samples
        length, skipped = round((last - first) / manner.rate), round((first - low) / manner.rate)
        piece = np.pad(made[skipped : skipped + length], (0, max(0, skipped + length - len(made))))
        parts += [_from(tail, samples[reached:first], rate), _from(samples[first:], piece, rate)]
        tail, reached = made[skipped + length :], last
        total += len(parts[-2])
        before += [first / rate, last / rate]
        after += [total / rate, (total + length) / rate]
        total += length
    parts.append(_from(tail, samples[reached:], rate))
    before.append(len(samples) / rate)
    after.append((total + len(parts[-1])) / rate)
    return _retimed(replace(speech, samples=np.concatenate(parts)), before, after)


def _from(old: NDArray[np.float32], new: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """`new`, beginning as `old` would go on."""
    count = min(round(FADE * rate), len(old), len(new))
    ramp = (np.arange(count, dtype=np.float32) + 0.5) / np.float32(max(count, 1))
    result = new.copy()
    result[:count] = old[:count] * (1 - ramp) + new[:count] * ramp
    return result


def _retimed(speech: Speech, before: Sequence[float], after: Sequence[float]) -> Speech:
    """`speech` with its times moved from `before` to `after`, and evenly between those."""

    def at(time: float) -> float:
        return float(np.interp(time, before, after))

    return replace(
        speech,
        phonemes=tuple(replace(each, start=at(each.start), end=at(each.end)) for each in speech.phonemes),
        words=tuple(replace(each, start=at(each.start), end=at(each.end)) for each in speech.words),
    )
