"""Moods: how a face is held while it speaks, mixed and changed over time, from `phonemes/moods.csv`."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from phiz.channels import INDEX
from phiz.data import table
from phiz.errors import UsageError

__all__ = [
    "LIVELY",
    "MOODS",
    "Turn",
    "channels_of",
    "lively",
    "mood_paths",
    "mood_table",
    "read_mood",
    "read_strength",
]

LIVELY = ("head", "brows", "blink")
HELD = {"pitch": "headPitch", "roll": "headRoll"}
DEGREE = 0.017453292519943295  # radians
STRONGEST = 1.5  # of one mood
TAKES = 0.6  # seconds from one mood to the next

Mix = Mapping[str, float]


@dataclass(frozen=True)
class Turn:
    """From `time` on, in seconds, the face is in the mood `mix`: strengths by name."""

    time: float
    mix: Mix


@cache
def mood_table() -> Mapping[str, Mapping[str, float]]:
    """Rows of `phonemes/moods.csv` by name: numbers by column."""
    return {
        row["mood"]: {column: float(value) for column, value in row.items() if column != "mood"}
        for row in table("moods")
    }


MOODS = tuple(mood_table())


def read_mood(written: str) -> dict[str, float]:
    """Strengths by name of "happy", "happy:0.5" or "sad:0.4,tender". Raises UsageError.

    Strengths are 0 to 1.5, 1 where none is given.
    """
    mix: dict[str, float] = {}
    for part in written.split(","):
        name, colon, strength = (piece.strip() for piece in part.strip().lower().partition(":"))
        if name not in mood_table():
            near = difflib.get_close_matches(name, MOODS, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise UsageError(f"mood {name!r} is unknown; {hint}there are {', '.join(MOODS)}")
        mix[name] = read_strength(strength, f"mood {part.strip()!r}") if colon else 1.0
    return mix


def read_strength(written: str, what: str) -> float:
    """The number 0 to 1.5 that `written` is. Raises UsageError, which begins with `what` it belongs to."""
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or not 0 <= value <= STRONGEST:
        raise UsageError(f"{what}: its strength must be a number from 0 to {STRONGEST:g}")
    return value


def channels_of(name: str) -> tuple[str, ...]:
    """The channels that a name stands for: itself, or its left and right."""
    return (name,) if name in INDEX else (f"{name}Left", f"{name}Right")


def mood_paths(turns: Sequence[Turn], times: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """What moods add to channels at `times` [n]: weights, and radians of the head. Nothing at time 0.

    turns: in order of time; each mood takes `TAKES` seconds to come.
    """
    shares = _shares(turns, times)
    paths: dict[str, NDArray[np.float64]] = {}
    for mood, share in shares.items():
        for column, weight in mood_table()[mood].items():
            if column in LIVELY or not weight:
                continue
            scale = DEGREE if column in HELD else 1.0
            for channel in channels_of(HELD.get(column, column)):
                paths[channel] = paths.get(channel, np.zeros(len(times))) + scale * weight * share
    return paths


def lively(mix: Mix) -> dict[str, float]:
    """How lively head, brows and blinks are in a mood, against the usual."""
    return {
        name: max(0.0, 1.0 + sum(value * (mood_table()[mood][name] - 1.0) for mood, value in mix.items()))
        for name in LIVELY
    }


def _shares(turns: Sequence[Turn], times: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The strength of each mood at times [n]."""
    shares: dict[str, NDArray[np.float64]] = {}
    before: Mix = {}
    for turn in turns:
        u = np.clip((times - turn.time) / TAKES, 0.0, 1.0)
        rise = u * u * (3.0 - 2.0 * u)
        for mood in {**before, **turn.mix}:
            change = turn.mix.get(mood, 0.0) - before.get(mood, 0.0)
            shares[mood] = shares.get(mood, np.zeros(len(times))) + change * rise
        before = turn.mix
    return shares
