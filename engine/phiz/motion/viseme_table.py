"""What the face does for each viseme, read from `phonemes/visemes.csv` and `articulators.csv`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from phiz.data import table

__all__ = ["REST", "Articulator", "Viseme", "articulators", "visemes"]

REST = "rest"


@dataclass(frozen=True)
class Articulator:
    """One channel family ("mouthSmile" is both sides): the part that moves it, and its smoothing window in
    seconds."""

    channel: str
    part: str
    window: float


@dataclass(frozen=True)
class Viseme:
    """A row of `phonemes/visemes.csv`.

    weights: by channel family, 0..1. dominance: by part (jaw, lips, corners), 0..1. attack, release: seconds
    before and after the sound in which its shape shows. hold: "lips" (with the jaw), "jaw" or "-": what must
    reach its shape, for at least hold_time seconds.
    """

    name: str
    weights: Mapping[str, float]
    dominance: Mapping[str, float]
    attack: float
    release: float
    hold: str
    hold_time: float


@cache
def articulators() -> tuple[Articulator, ...]:
    """Rows of `phonemes/articulators.csv`."""
    rows = table("articulators")
    return tuple(
        Articulator(row["channel"], row["articulator"], float(row["window_ms"]) / 1000) for row in rows
    )


@cache
def visemes() -> Mapping[str, Viseme]:
    """Rows of `phonemes/visemes.csv` by name."""
    parts = {articulator.part for articulator in articulators()}
    return {
        row["viseme"]: Viseme(
            row["viseme"],
            {articulator.channel: float(row[articulator.channel]) for articulator in articulators()},
            {part: float(row[part]) for part in parts},
            float(row["attack_ms"]) / 1000,
            float(row["release_ms"]) / 1000,
            row["hold"].strip(),
            float(row["hold_ms"]) / 1000,
        )
        for row in table("visemes")
    }
