"""`Dials`: how much of each kind of motion a face makes."""

from dataclasses import dataclass, fields
from math import isfinite

from phiz.errors import UsageError

__all__ = ["LARGEST", "Dials"]

LARGEST = 2.0


@dataclass(frozen=True)
class Dials:
    """Shares of the usual motion, 0..2 each; 0 turns that motion off exactly, 1 is usual, 2 is twice as much.

    articulation: how far jaw and lips go for each sound, mumbled to exaggerated; closed lips stay closed.
    jaw, lips: the same for the jaw alone and for all but the jaw. anticipation: how early the mouth begins.
    head: turns, nods and tilts. blink: how often. gaze: glances aside. brows: raised on stress.
    idle: breath and swallowing.
    Raises UsageError for a value that is no number from 0 to 2.
    """

    articulation: float = 1.0
    jaw: float = 1.0
    lips: float = 1.0
    anticipation: float = 1.0
    head: float = 1.0
    blink: float = 1.0
    gaze: float = 1.0
    brows: float = 1.0
    idle: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            number = isinstance(value, int | float) and isfinite(value)
            if not number or not 0.0 <= value <= LARGEST:
                raise UsageError(
                    f"{field.name} is {value!r}: give a number from 0 (none) to {LARGEST:g} (twice as much)"
                )
