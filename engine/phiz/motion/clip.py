"""`Clip`: a face in motion. Sparse keyed curves over continuous time, by channel name.

Times are seconds from the first audio sample on a grid of 0.0001 s; values are weights 0..1 for shapes and
radians for the head, on a grid of 0.0001. Between keys a curve is a monotone cubic Hermite spline whose slope
is 0 at the first and last key (`phiz.motion.hermite`); before its first and after its last key it is flat; a
channel without a curve is 0. How clips are kept in files is said in docs/clips.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phiz.channels import CHANNELS, POSE
from phiz.errors import RigError, UsageError

__all__ = ["DEFAULT_RATE", "STEPS", "TIME_STEP", "VALUE_STEP", "Clip", "Curve", "limits"]

STEPS = 10_000  # grid steps in a unit; dividing a whole number by it gives the float that JSON reads back
TIME_STEP = 1 / STEPS  # seconds
VALUE_STEP = 1 / STEPS  # weight or radians
DEFAULT_RATE = 60.0  # rows a second of a CSV file, as Live Link Face records
MAX_DURATION = 1e6  # seconds; eleven days
POSE_LIMIT = 1.6  # radians; more is most likely degrees


def quantise(values: ArrayLike) -> NDArray[np.float64]:
    return np.rint(np.asarray(values, np.float64) * STEPS) / STEPS + 0.0  # + 0.0 turns -0.0 into 0.0


def limits(channel: str) -> tuple[float, float]:
    """The least and the greatest value that a channel may have."""
    return (-POSE_LIMIT, POSE_LIMIT) if channel in POSE else (0.0, 1.0)


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

    @cached_property
    def slopes(self) -> NDArray[np.float64]:
        """Slope a second at each key, float64 [k]."""
        from phiz.motion.hermite import slopes

        return slopes(self.times, self.values)

    def evaluate(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values float64 [n] at the times [n] in seconds, in any order."""
        from phiz.motion.hermite import evaluate

        at = np.ascontiguousarray(times, np.float64)
        out = np.empty((len(at), 1))
        evaluate(np.array([0, len(self.times)]), self.times, self.values, self.slopes, at, out)
        return out[:, 0]


@dataclass(frozen=True)
class Keys:
    """All curves of a clip in flat arrays, as the kernels want them; curve c is offsets[c]:offsets[c + 1].

    fill: the kernel for one time, kept here so that looking it up costs nothing.
    """

    offsets: NDArray[np.int64]
    times: NDArray[np.float64]
    values: NDArray[np.float64]
    slopes: NDArray[np.float64]
    fill: Callable[..., None]


@dataclass(frozen=True, eq=False)
class Clip:
    """Curves over names in `phiz.channels.CHANNELS`; `duration` in seconds.

    A clip does not change: `cut`, `join`, `layer`, `retime`, `mirror`, `scale`, `shift` and `simplify` give
    new ones, with every key on the grid. Raises RigError for an unknown channel, a weight outside 0..1 or a
    head angle beyond 1.6 radians.

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
            low, high = limits(name)
            outside = curve.values[(curve.values < low) | (curve.values > high)]
            if len(outside):
                raise RigError(f"{name} must stay between {low} and {high}, not {outside[0]}")
        object.__setattr__(self, "duration", float(self.duration))
        object.__setattr__(self, "curves", MappingProxyType(dict(self.curves)))

    @cached_property
    def _keys(self) -> Keys:
        from phiz.motion.hermite import evaluate_at

        curves = [self.curves.get(name) for name in CHANNELS]
        present = [curve for curve in curves if curve]
        nothing = [np.zeros(0)]
        return Keys(
            np.cumsum([0] + [len(curve.times) if curve else 0 for curve in curves]).astype(np.int64),
            np.concatenate([curve.times for curve in present] or nothing),
            np.concatenate([curve.values for curve in present] or nothing),
            np.concatenate([curve.slopes for curve in present] or nothing),
            evaluate_at,
        )

    def evaluate(self, time: float, out: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Values float64 [len(CHANNELS)] at `time` seconds, written into `out` when given: then nothing is
        allocated.

        Any time may be asked for, before 0 and after the end too. Raises UsageError for an `out` of another
        shape.
        """
        if out is None:
            out = np.empty(len(CHANNELS))
        elif out.shape != (len(CHANNELS),) or out.dtype != np.float64:
            raise UsageError(f"out must be float64 [{len(CHANNELS)}], not {out.dtype} {list(out.shape)}")
        keys = self._keys
        keys.fill(keys.offsets, keys.times, keys.values, keys.slopes, float(time), out)
        return out

    def evaluate_many(self, times: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Values float64 [n, len(CHANNELS)] at the times [n] in seconds, in any order."""
        from phiz.motion.hermite import evaluate

        at = np.ascontiguousarray(times, np.float64).reshape(-1)
        out = np.empty((len(at), len(CHANNELS)))
        keys = self._keys
        evaluate(keys.offsets, keys.times, keys.values, keys.slopes, at, out)
        return out

    def cut(self, start: float = 0.0, end: float | None = None) -> Clip:
        """What happens from `start` to `end` seconds (default: the clip's end), with `start` as its time 0.

        Raises UsageError unless 0 <= start < end <= duration.
        """
        from phiz.motion import operations

        return operations.cut(self, start, end)

    def join(self, *others: Clip, crossfade: float = 0.0) -> Clip:
        """This clip and then the others, each beginning `crossfade` seconds before the one before it ends.

        Meanwhile one turns into the next along 3u^2 - 2u^3; with 0 the values jump within one grid step.
        Raises UsageError for a crossfade that is negative or longer than a clip.
        """
        from phiz.motion import operations

        return operations.join(self, *others, crossfade=crossfade)

    def layer(
        self,
        over: Clip,
        *,
        mode: str = "add",
        weight: float = 1.0,
        at: float = 0.0,
        fade: float = 0.0,
        channels: Iterable[str] | None = None,
    ) -> Clip:
        """This clip with `over` laid on it from `at` seconds on; it stays as long as it is.

        mode: "add" gives base + weight * over, limited to what the channel may be; "replace" gives
        (1 - weight) * base + weight * over; "max" the one of base and weight * over that is further from 0.
        weight: 0..1 for "replace". fade: seconds over which the weight comes at the start and goes at the
        end of `over`. channels: names, or patterns as "brow*"; None takes those that `over` has curves of.
        Raises UsageError for a mode, weight, fade or channel that is none.
        """
        from phiz.motion import operations

        return operations.layer(self, over, mode=mode, weight=weight, at=at, fade=fade, channels=channels)

    def retime(self, by: float | Sequence[tuple[float, float]]) -> Clip:
        """The same motion at another pace; every key keeps its value.

        by: how many times as long it takes, above 0; or pairs (old time, new time) in seconds, both
        ascending, between which time runs evenly, and beyond which it goes on as between the outermost two.
        Keys that fall on the same grid step become one. Raises UsageError.
        """
        from phiz.motion import operations

        return operations.retime(self, by)

    def mirror(self) -> Clip:
        """Left and right exchanged, the head's yaw and roll reversed."""
        from phiz.motion import operations

        return operations.mirror(self)

    def scale(self, by: float, channels: Iterable[str] | None = None) -> Clip:
        """Values `by` times as large, limited to what a channel may be.

        channels: names, or patterns as "brow*"; None takes all but `photo`. Raises UsageError.
        """
        from phiz.motion import operations

        return operations.scale(self, by, channels)

    def shift(self, by: float) -> Clip:
        """Everything `by` seconds later; what comes first is held until then. With `by` below 0 the first
        seconds are cut off. Raises UsageError for more than the clip has."""
        from phiz.motion import operations

        return operations.shift(self, by)

    def simplify(self, tolerance: float = 0.003) -> Clip:
        """The same motion with as few keys as keep it within `tolerance` (weight or radians, above 0)
        everywhere. Raises UsageError."""
        from phiz.motion import operations

        return operations.simplify(self, tolerance)

    def save(self, path: str | Path, *, fps: float = DEFAULT_RATE) -> None:
        """Write the clip: a path that ends in .csv gets `fps` rows a second, any other JSON.

        Loading the JSON gives exactly the same clip. Raises OutputError.
        """
        if Path(path).suffix.lower() == ".csv":
            from phiz.motion.clip_csv import write_csv

            write_csv(self, path, fps=fps)
        else:
            from phiz.motion.clip_json import write_json

            write_json(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Clip:
        """Read a clip: a path that ends in .csv as rows of values, any other as JSON.

        Raises RigError when the file cannot be read or is no clip.
        """
        if Path(path).suffix.lower() == ".csv":
            from phiz.motion.clip_csv import read_csv

            return read_csv(path)
        from phiz.motion.clip_json import read_json

        return read_json(path)
