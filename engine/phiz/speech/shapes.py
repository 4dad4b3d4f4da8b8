"""What can be asked of a voice's sound: tempo, pitch, size, and presets of them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache

from phiz.data import table
from phiz.errors import UsageError

__all__ = ["LIMITS", "Shape", "presets", "shape_of"]

# What may be asked for: a tempo that is still clear, a pitch and a size that are still speech.
LIMITS = {"pitch": (-12.0, 12.0), "rate": (0.5, 2.0), "formant": (0.65, 1.5)}
UNITS = {"pitch": " semitones"}
# With a preset's own, and with markup's on top.
EXTREMES = {"pitch": (-24.0, 24.0), "rate": (0.2, 5.0), "formant": (0.4, 2.5)}


@dataclass(frozen=True)
class Shape:
    """How a sound is changed.

    pitch: semitones higher. rate: factor of the tempo. formant: factor of the resonances; above 1.0 the
    speaker gets smaller. range: factor of the pitch's movement, 0.0 for flat. breath: 0..1, voice turned into
    noise. tremor: semitones that the pitch shakes. growl: 0..1, every second pulse weaker. hz: the average
    pitch that the voice is first brought to, 0.0 for its own. tract: likewise its formants, against a man's.

    Raises UsageError for a pitch, rate or formant that nobody could understand.
    """

    pitch: float = 0.0
    rate: float = 1.0
    formant: float = 1.0
    range: float = 1.0
    breath: float = 0.0
    tremor: float = 0.0
    growl: float = 0.0
    hz: float = 0.0
    tract: float = 0.0

    def __post_init__(self) -> None:
        check({"pitch": self.pitch, "rate": self.rate, "formant": self.formant}, EXTREMES)


@cache
def presets() -> dict[str, tuple[Shape, str]]:
    """From a preset's name to its shape and what it is, of `phonemes/voice_presets.csv`."""
    names = {field.name for field in fields(Shape)}
    return {
        row["preset"]: (
            Shape(**{name: float(row[name]) for name in names & set(row) if row[name]}), row["about"]
        )
        for row in table("voice_presets")
    }  # fmt: skip


def shape_of(
    *, pitch: float = 0.0, rate: float = 1.0, formant: float = 1.0, preset: str | None = None
) -> Shape:
    """The shape that a user asks for: a preset, and on top of it what the other arguments say.

    pitch: semitones, -12..12. rate: factor, 0.5..2. formant: factor, 0.65..1.5. preset: one of `presets()`.
    Raises UsageError.
    """
    check({"pitch": pitch, "rate": rate, "formant": formant}, LIMITS)
    if preset is not None and preset not in presets():
        raise UsageError(f"preset {preset!r} is unknown; there are {', '.join(presets())}")
    shape = presets()[preset][0] if preset is not None else Shape()
    return replace(
        shape,
        pitch=shape.pitch + pitch,
        rate=shape.rate * rate,
        formant=shape.formant * formant,
    )


def check(values: Mapping[str, float], limits: Mapping[str, tuple[float, float]]) -> None:
    for name, value in values.items():
        low, high = limits[name]
        if not low <= value <= high:
            unit = UNITS.get(name, "")
            raise UsageError(f"{name} {value:g} is out of range: give {low:g} to {high:g}{unit}")
