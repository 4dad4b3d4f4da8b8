"""Manners of voice that a face shares, whispering and shouting, from `phonemes/manners.csv`.

A manner goes on from a mark "tag:whisper" or "tag:shout" to "tag:normal" or to the next manner.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.data import table
from phiz.motion.moods import channels_of
from phiz.speech.speech import Speech

__all__ = ["USUAL", "Manner", "Manners", "manner_paths", "manner_table"]

TAG, NORMAL = "tag:", "normal"
ARTICULATION = ("manner", "jaw", "lips")  # columns that are no blendshape
TAKES = 0.3  # seconds from one manner's face to the next


@dataclass(frozen=True, eq=False)
class Manner:
    """jaw, lips: how far they go, against the usual. held: weights by channel that stay meanwhile."""

    jaw: float
    lips: float
    held: Mapping[str, float]


USUAL = Manner(1.0, 1.0, {})


@cache
def manner_table() -> Mapping[str, Manner]:
    """By name, with "normal"."""
    found = {NORMAL: USUAL}
    for row in table("manners"):
        held = {
            channel: float(value)
            for column, value in row.items()
            if column not in ARTICULATION and float(value)
            for channel in channels_of(column)
        }
        found[row["manner"]] = Manner(float(row["jaw"]), float(row["lips"]), held)
    return found


class Manners:
    """The manners of a speech, by time."""

    def __init__(self, speech: Speech) -> None:
        marks = sorted(speech.marks, key=lambda mark: mark.time)
        tags = [(mark.time, mark.name.removeprefix(TAG)) for mark in marks if mark.name.startswith(TAG)]
        turns = [(time, name) for time, name in tags if name in manner_table()]
        self.times = [time for time, _ in turns]
        self.names = [NORMAL, *(name for _, name in turns)]

    def name(self, time: float) -> str:
        """What the manner is called at a time in seconds."""
        return self.names[bisect_right(self.times, time)]

    def __call__(self, time: float) -> Manner:
        """The manner at a time in seconds."""
        return manner_table()[self.name(time)]


def manner_paths(speech: Speech, times: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """What manners add to channels at `times` [n]; nothing at time 0."""
    paths: dict[str, NDArray[np.float64]] = {}
    manners = Manners(speech)
    before = USUAL
    for time, name in zip(manners.times, manners.names[1:], strict=True):
        after = manner_table()[name]
        u = np.clip((times - time) / TAKES, 0.0, 1.0)
        for channel in {**before.held, **after.held}:
            change = after.held.get(channel, 0.0) - before.held.get(channel, 0.0)
            path = change * u * u * (3.0 - 2.0 * u)
            paths[channel] = paths.get(channel, np.zeros(len(times))) + path
        before = after
    return paths
