"""`Clip`: a face in motion. Sparse keyed curves over continuous time, by channel name.

A clip file is JSON (UTF-8):

    {"format": "phiz-clip", "version": 1, "duration": 2.5,
     "curves": {"jawOpen": {"times": [0.1, 0.25], "values": [0.0, 0.4]}, ...}}

Times are seconds from the first audio sample, strictly ascending, on a grid of 0.0001 s; values are weights
0..1 for shapes and radians for the head, on a grid of 0.0001. Between keys a curve is a monotone cubic
Hermite spline whose slope is 0 at the first and last key (`phiz.motion.hermite`); before its first and after
its last key it is flat; a channel without a curve is 0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phiz.channels import CHANNELS, POSE
from phiz.errors import RigError, UsageError
from phiz.files import whole

__all__ = ["TIME_STEP", "VALUE_STEP", "Clip", "Curve"]

FORMAT = "phiz-clip"
VERSION = 1
STEPS = 10_000  # grid steps in a unit; dividing a whole number by it gives the float that JSON reads back
TIME_STEP = 1 / STEPS  # seconds
VALUE_STEP = 1 / STEPS  # weight or radians
MAX_DURATION = 1e6  # seconds; eleven days
POSE_LIMIT = 1.6  # radians; more is most likely degrees


def quantise(values: ArrayLike) -> NDArray[np.float64]:
    return np.rint(np.asarray(values, np.float64) * STEPS) / STEPS + 0.0  # + 0.0 turns -0.0 into 0.0


@dataclass(frozen=True, eq=False)
class Curve:
    """One channel's keys, rounded to the grid when made.

    times: float64 [k], seconds, strictly ascending once rounded, k >= 1. values: float64 [k].
    Raises RigError for keys that are no curve.
    """

    times: NDArray[np.float64]
    values: NDArray[np.float64]

    def __post_init__(self) -> None:
        times, values = quantise(self.times), quantise(self.values)
        if times.ndim != 1 or times.shape != values.shape or not len(times):
            raise RigError(
                f"a curve needs as many values as times, at least one: {times.shape} and {values.shape}"
            )
        if not (np.isfinite(times).all() and np.isfinite(values).all()):
            raise RigError("a curve's times and values must be finite numbers")
        if (np.diff(times) <= 0).any():
            late = int(np.argmax(np.diff(times) <= 0)) + 1
            raise RigError(
                f"a curve's times must ascend by at least {TIME_STEP} s: "
                f"key {late} is at {times[late]:.4f} s, the one before at {times[late - 1]:.4f} s"
            )
        times.flags.writeable = values.flags.writeable = False
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "values", values)


@dataclass(frozen=True)
class Keys:
    """All curves of a clip in flat arrays, as the kernel wants them; curve c is offsets[c]:offsets[c + 1]."""

    offsets: NDArray[np.int64]
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    slopes: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Clip:
    """Curves over names in `phiz.channels.CHANNELS`; `duration` in seconds.

    Raises RigError for an unknown channel, a weight outside 0..1 or a head angle beyond 1.6 radians.

    >>> clip = Clip(2.0, {"jawOpen": Curve([0.5, 1.0], [0.0, 0.4])})
    >>> float(clip.evaluate(0.75)[phiz.channels.INDEX["jawOpen"]])
    0.2
    """

    duration: float
    curves: Mapping[str, Curve] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.duration < MAX_DURATION:
            raise RigError(f"a clip's duration must be 0 to {MAX_DURATION} seconds, not {self.duration}")
        for name, curve in self.curves.items():
            if name not in CHANNELS:
                raise RigError(
                    f"unknown channel {name!r}: phiz.channels.CHANNELS lists the names a clip can use"
                )
            low, high = (-POSE_LIMIT, POSE_LIMIT) if name in POSE else (0.0, 1.0)
            outside = curve.values[(curve.values < low) | (curve.values > high)]
            if len(outside):
                raise RigError(f"{name} must stay between {low} and {high}, not {outside[0]}")
        object.__setattr__(self, "duration", float(self.duration))
        object.__setattr__(self, "curves", MappingProxyType(dict(self.curves)))

    @cached_property
    def _keys(self) -> Keys:
        from phiz.motion.hermite import slopes

        curves = [self.curves.get(name) for name in CHANNELS]
        present = [curve for curve in curves if curve]
        nothing = [np.zeros(0)]
        return Keys(
            np.cumsum([0] + [len(curve.times) if curve else 0 for curve in curves]).astype(np.int64),
            np.concatenate([curve.times for curve in present] or nothing),
            np.concatenate([curve.values for curve in present] or nothing),
            np.concatenate([slopes(curve.times, curve.values) for curve in present] or nothing),
        )

    def evaluate(self, time: float, out: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Values float64 [len(CHANNELS)] at `time` seconds, written into `out` when given.

        Any time may be asked for, before 0 and after the end too. Raises UsageError for an `out` of another
        shape.
        """
        if out is None:
            out = np.empty(len(CHANNELS))
        elif out.shape != (len(CHANNELS),) or out.dtype != np.float64:
            raise UsageError(f"out must be float64 [{len(CHANNELS)}], not {out.dtype} {list(out.shape)}")
        self._fill(np.array([time], np.float64), out[None, :])
        return out

    def evaluate_many(self, times: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Values float64 [n, len(CHANNELS)] at the times [n] in seconds, in any order."""
        at = np.ascontiguousarray(times, np.float64).reshape(-1)
        out = np.empty((len(at), len(CHANNELS)))
        self._fill(at, out)
        return out

    def _fill(self, at: NDArray[np.float64], out: NDArray[np.float64]) -> None:
        from phiz.motion.hermite import evaluate

        keys = self._keys
        evaluate(keys.offsets, keys.times, keys.values, keys.slopes, at, out)

    def save(self, path: str | Path) -> None:
        """Write the clip as JSON; loading it gives exactly the same clip. Raises OutputError."""
        curves = {
            name: {"times": self.curves[name].times.tolist(), "values": self.curves[name].values.tolist()}
            for name in CHANNELS
            if name in self.curves
        }
        content = {"format": FORMAT, "version": VERSION, "duration": float(self.duration), "curves": curves}
        with whole(path) as temporary:
            temporary.write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Clip:
        """Read a clip that `save` wrote. Raises RigError when the file cannot be read or is no clip."""
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise RigError(f"cannot read the clip {path}: {error.strerror or error}") from None
        except (ValueError, RecursionError):
            raise RigError(
                f"{path} is no clip: it is not JSON; clips are made with `phiz.animate` and saved"
            ) from None
        try:
            return cls(*_parse(content))
        except RigError as error:
            raise RigError(f"{path} is no clip: {error}") from None


def _parse(content: Any) -> tuple[float, dict[str, Curve]]:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RigError(f'it lacks "format": "{FORMAT}"')
    if content.get("version") != VERSION:
        raise RigError(f"its version is {content.get('version')!r}, this phiz reads {VERSION}; update phiz")
    duration, curves = content.get("duration"), content.get("curves")
    if isinstance(duration, bool) or not isinstance(duration, int | float) or not isinstance(curves, dict):
        raise RigError('it needs "duration" in seconds and "curves" by channel')
    return duration, {name: _curve(name, keys) for name, keys in curves.items()}


def _curve(name: str, keys: Any) -> Curve:
    try:
        return Curve(np.array(keys["times"], np.float64), np.array(keys["values"], np.float64))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise RigError(f'{name} needs "times" and "values", two lists of numbers') from None
    except RigError as error:
        raise RigError(f"{name}: {error}") from None
