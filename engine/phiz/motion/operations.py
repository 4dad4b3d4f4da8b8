"""What can be done with clips: the functions behind `Clip.cut`, `Clip.join` and the others, which document
them.

Each says what the motion is as a function of time, names the keys that must be there, and leaves it to
`fit` to add keys where these do not follow it. Whatever an operation does not touch keeps its very keys, so
nothing drifts when it is repeated.
"""

import math
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import partial

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHANNELS
from phiz.errors import UsageError
from phiz.motion.clip import STEPS, VALUE_STEP, Clip, Curve, limits
from phiz.motion.fitting import Ticks, Values, fit, ticks_of
from phiz.motion.hermite import reduce_samples

__all__ = ["MODES", "cut", "join", "layer", "matching", "mirror", "retime", "scale", "shift", "simplify"]

MODES = ("add", "replace", "max")
PHOTO = "photo"  # wearing the photo's expression is no movement that could be larger
REVERSED = ("headYaw", "headRoll")  # by a mirror
SAMPLED = 200  # samples a second beside the keys when a curve is simplified

Array = NDArray[np.float64]


def matching(channels: Iterable[str]) -> list[str]:
    """The channels that names and patterns stand for, in order. Raises UsageError for one that fits none."""
    patterns = [channels] if isinstance(channels, str) else list(channels)
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in CHANNELS):
            raise UsageError(f"no channel is called {pattern!r}: name some as jawOpen, or as brow* or *Left")
    return [name for name in CHANNELS if any(fnmatchcase(name, pattern) for pattern in patterns)]


def cut(clip: Clip, start: float = 0.0, end: float | None = None) -> Clip:
    """See `Clip.cut`."""
    until = clip.duration if end is None else end
    if not 0 <= start < until <= clip.duration:
        raise UsageError(
            f"cannot cut {start:g} to {until:g} s out of a clip of {clip.duration:g} s: the start must be at "
            "least 0 and before the end, the end within the clip"
        )
    first, last = int(ticks_of(start)), math.ceil(round(until * STEPS, 3))
    curves = {}
    for name, curve in clip.curves.items():
        ticks = ticks_of(curve.times)
        inside = ticks[(ticks >= first) & (ticks <= last)]
        edges = [first] * int(ticks[0] < first) + [last] * int(ticks[-1] > last)
        kept = np.unique(np.concatenate([inside, np.array(edges, np.int64)]))
        if not len(kept):  # a flat stretch before or after everything
            kept = np.array([first])
        shorter = fit(partial(_later, curve.evaluate, -first / STEPS), kept - first)
        if len(inside) or shorter.values.any():
            curves[name] = shorter
    return Clip(until - first / STEPS if first else until, curves)


def join(clip: Clip, *others: Clip, crossfade: float = 0.0) -> Clip:
    """See `Clip.join`."""
    for other in others:
        clip = _joined(clip, other, crossfade)
    return clip


def _joined(one: Clip, two: Clip, crossfade: float) -> Clip:
    shortest = min(one.duration, two.duration)
    if not 0 <= crossfade <= shortest:
        raise UsageError(f"crossfade {crossfade:g} s is outside 0 to {shortest:g} s, the shorter clip")
    over = int(ticks_of(crossfade))
    begin = int(ticks_of(one.duration)) - over
    curves = {}
    for name in CHANNELS:
        if name not in one.curves and name not in two.curves:
            continue
        before, after = _motion(one, name), _motion(two, name)
        values_at = partial(_crossed, before, partial(_later, after, begin / STEPS), begin, over)
        sooner, later = _ticks(one, name), _ticks(two, name) + begin
        ticks = np.concatenate([sooner[sooner < begin + over], later[later >= begin]])
        if over or _apart(before, after, begin / STEPS, 0.0):
            ticks = np.concatenate([ticks, [begin, begin + over] if over else [begin - 1, begin]])
        curves[name] = fit(values_at, np.unique(ticks) if len(ticks) else np.zeros(1, np.int64))
    return Clip(begin / STEPS + two.duration, curves)


def _crossed(before: Values, after: Values, begin: int, over: int, times: Array) -> Array:
    share = (times * STEPS - begin) / over if over else np.where(times * STEPS > begin - 0.5, 1.0, 0.0)
    share = _eased(share)
    return (1.0 - share) * before(times) + share * after(times)


def layer(
    clip: Clip,
    over: Clip,
    *,
    mode: str = "add",
    weight: float = 1.0,
    at: float = 0.0,
    fade: float = 0.0,
    channels: Iterable[str] | None = None,
) -> Clip:
    """See `Clip.layer`."""
    if mode not in MODES:
        raise UsageError(f"mode {mode!r} is none of {', '.join(MODES)}")
    if not math.isfinite(weight) or (mode == "replace" and not 0 <= weight <= 1):
        raise UsageError(f"weight {weight} is none: give a number, 0 to 1 for replace")
    half = over.duration / 2
    if not 0 <= fade <= half:
        raise UsageError(f"fade {fade:g} s is outside 0 to {half:g} s, half of what is laid over")
    names = list(over.curves) if channels is None else matching(channels)
    begin, end = int(ticks_of(at)), int(ticks_of(at + over.duration))
    if not weight or not begin < end:
        return clip
    fading = int(ticks_of(fade))
    envelope = partial(_envelope, begin, end, fading, weight)
    corners = [begin, begin + fading, end - fading, end] if fading else []
    curves = dict(clip.curves)
    for name in names:
        base, on_top = _motion(clip, name), partial(_later, _motion(over, name), begin / STEPS)
        values_at = partial(_layered, mode, limits(name), base, on_top, envelope)
        jumps = [
            edge
            for inner, outer in ((begin, begin - 1), (end, end + 1))
            if _apart(values_at, base, inner / STEPS, inner / STEPS)
            for edge in (inner, outer)
        ]
        keys = _ticks(over, name) + begin
        keys = keys[(keys >= begin) & (keys <= end)]
        ticks = np.unique(np.concatenate([_ticks(clip, name), keys, np.array(corners + jumps, np.int64)]))
        if len(ticks):
            curves[name] = fit(values_at, ticks)
    return Clip(clip.duration, curves)


def _envelope(begin: int, end: int, fade: int, weight: float, times: Array) -> Array:
    """The weight of what is laid over, 0 outside its time."""
    ticks = times * STEPS
    inside = np.where((ticks > begin - 0.5) & (ticks < end + 0.5), weight, 0.0)
    return inside * _eased(np.minimum(ticks - begin, end - ticks) / fade) if fade else inside


def _layered(
    mode: str, range_: tuple[float, float], base: Values, over: Values, envelope: Values, times: Array
) -> Array:
    below, above, share = base(times), over(times), envelope(times)
    if mode == "add":
        mixed = below + share * above
    elif mode == "replace":
        mixed = (1.0 - share) * below + share * above
    else:
        mixed = np.where(np.abs(share * above) > np.abs(below), share * above, below)
    return np.clip(mixed, *range_)


def retime(clip: Clip, by: float | Sequence[tuple[float, float]]) -> Clip:
    """See `Clip.retime`."""
    pairs = np.array([(0.0, 0.0), (1.0, by)] if isinstance(by, int | float) else by, np.float64)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or len(pairs) < 2 or not np.isfinite(pairs).all():
        raise UsageError("a time map needs at least two pairs of an old and a new time in seconds")
    if (np.diff(pairs, axis=0) <= 0).any():
        raise UsageError(
            f"time cannot stand still or run backwards: {by:g} must be above 0"
            if isinstance(by, int | float)
            else "the old times of a time map must ascend, and so must the new ones"
        )
    old, new = pairs.T
    paces = np.diff(new) / np.diff(old)
    bends = ticks_of(new[1:-1][~np.isclose(paces[1:], paces[:-1])])
    curves = {}
    for name, curve in clip.curves.items():
        ticks, chosen = np.unique(ticks_of(_mapped(old, new, curve.times)), return_index=True)
        values = curve.values[chosen]
        if len(bends):  # between two bends a curve keeps its shape by itself
            values_at = partial(_elsewhen, curve.evaluate, new, old)
            more = np.setdiff1d(bends[(bends > ticks[0]) & (bends < ticks[-1])], ticks)
            order = np.argsort(together := np.concatenate([ticks, more]), kind="stable")
            values = np.concatenate([values, values_at(more / STEPS)])[order]
            curves[name] = fit(values_at, together[order], values)
        else:
            curves[name] = Curve(ticks / STEPS, values)
    duration = float(_mapped(old, new, np.array([clip.duration]))[0])
    if duration < 0:
        raise UsageError(f"the time map ends the clip at {duration:g} s: nothing would be left")
    return Clip(duration, curves)


def _mapped(old: Array, new: Array, times: Array) -> Array:
    """Times [n] through the pairs of a time map, and straight on beyond the outermost."""
    piece = np.clip(np.searchsorted(old, times, side="right") - 1, 0, len(old) - 2)
    pace = (new[piece + 1] - new[piece]) / (old[piece + 1] - old[piece])
    return new[piece] + (times - old[piece]) * pace


def _elsewhen(values_at: Values, new: Array, old: Array, times: Array) -> Array:
    return values_at(_mapped(new, old, times))


def mirror(clip: Clip) -> Clip:
    """See `Clip.mirror`."""
    curves = {_other_side(name): _reflected(name, curve) for name, curve in clip.curves.items()}
    return Clip(clip.duration, curves)


def _other_side(name: str) -> str:
    for one, other in (("Left", "Right"), ("Right", "Left")):
        if name.endswith(one):
            return name.removesuffix(one) + other
    return name


def _reflected(name: str, curve: Curve) -> Curve:
    return Curve(curve.times, -curve.values) if name in REVERSED else curve


def scale(clip: Clip, by: float, channels: Iterable[str] | None = None) -> Clip:
    """See `Clip.scale`."""
    if not math.isfinite(by):
        raise UsageError(f"cannot scale by {by}: give a number, 0.5 for half")
    names = [name for name in CHANNELS if name != PHOTO] if channels is None else matching(channels)
    curves = dict(clip.curves)
    for name in names:
        if name in curves:
            curves[name] = _scaled(curves[name], by, limits(name))
    return Clip(clip.duration, curves)


def _scaled(curve: Curve, by: float, range_: tuple[float, float]) -> Curve:
    values = curve.values * by
    if values.min() >= range_[0] and values.max() <= range_[1]:
        return Curve(curve.times, values)
    return fit(lambda times: np.clip(curve.evaluate(times) * by, *range_), ticks_of(curve.times))


def shift(clip: Clip, by: float) -> Clip:
    """See `Clip.shift`."""
    if by < 0:
        return cut(clip, -by)
    ticks = int(ticks_of(by))
    curves = {
        name: Curve((ticks_of(curve.times) + ticks) / STEPS, curve.values)
        for name, curve in clip.curves.items()
    }
    return Clip(clip.duration + ticks / STEPS, curves)


def simplify(clip: Clip, tolerance: float = 0.003) -> Clip:
    """See `Clip.simplify`."""
    if not tolerance > 0:
        raise UsageError(f"tolerance {tolerance:g} must be above 0; 0.003 is what phiz animates with")
    return Clip(clip.duration, {name: _simpler(curve, tolerance) for name, curve in clip.curves.items()})


def _simpler(curve: Curve, tolerance: float) -> Curve:
    first, last = math.ceil(curve.times[0] * SAMPLED), math.floor(curve.times[-1] * SAMPLED)
    times = np.unique(np.concatenate([curve.times, np.arange(first, last + 1) / SAMPLED]))
    values = curve.evaluate(times)
    kept = reduce_samples(times, values, np.zeros(len(times), np.bool_), tolerance - VALUE_STEP / 2)
    return Curve(times[kept], values[kept]) if kept.sum() < len(curve.times) else curve


def _motion(clip: Clip, name: str) -> Values:
    """A channel of a clip as a function of time."""
    return clip.curves[name].evaluate if name in clip.curves else np.zeros_like


def _ticks(clip: Clip, name: str) -> Ticks:
    return ticks_of(clip.curves[name].times) if name in clip.curves else np.zeros(0, np.int64)


def _later(values_at: Values, by: float, times: Array) -> Array:
    return values_at(times - by)


def _apart(one: Values, two: Values, when: float, other: float) -> bool:
    """Whether two motions differ by more than rounding at one time each."""
    return bool(abs(one(np.array([when]))[0] - two(np.array([other]))[0]) > VALUE_STEP / 2)


def _eased(share: Array) -> Array:
    u = np.clip(share, 0.0, 1.0)
    return u * u * (3.0 - 2.0 * u)
