"""Sparse curves for motion that is only known as a function: keys are added until the curve follows it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from phiz.motion.clip import STEPS, Curve, quantise

__all__ = ["TOLERANCE", "Values", "fit", "ticks_of"]

Ticks = NDArray[np.int64]
Values = Callable[[NDArray[np.float64]], NDArray[np.float64]]

TOLERANCE = 0.0005  # weight or radians: 0.013 mm of jaw, 0.03 degrees
AIM = 0.5  # share of it that is allowed where curves are compared, as they may differ more in between
PROBES = np.arange(1, 10)  # tenths of an interval at which it is compared with what it should be
MOST_ROUNDS = 24  # each can halve an interval: from half an hour down to one grid step


def ticks_of(times: NDArray[np.float64] | float) -> Ticks:
    """Times in seconds as whole grid steps."""
    return np.rint(np.asarray(times) * STEPS).astype(np.int64)


def fit(
    values_at: Values,
    ticks: Ticks,
    values: NDArray[np.float64] | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> Curve:
    """A curve that stays within `tolerance` of `values_at` from the first of `ticks` to the last.

    values_at: the motion, times [n] in seconds to values [n]. ticks: int64 [k], k >= 1, grid steps,
    ascending, where the curve has keys in any case. values: float64 [k], of these keys (default: what
    values_at says there). A jump takes one grid step where ticks stand on both sides of it. Where the keys
    alone will do, none are added.
    """
    if values is None:
        values = values_at(ticks / STEPS)
    curve = Curve(ticks / STEPS, values)
    for _ in range(MOST_ROUNDS):
        begin, width = ticks[:-1, None], np.diff(ticks)[:, None]
        places = begin + width * PROBES // 10
        inside = (places > begin) & (width > 1)
        rows = np.flatnonzero(inside.any(axis=1))
        if not len(rows):
            break
        places, inside = places[rows], inside[rows]
        at = places.ravel() / STEPS
        off = np.abs(curve.evaluate(at) - values_at(at)).reshape(places.shape) * inside
        worst = off.argmax(axis=1)
        every = np.arange(len(rows))
        far = off[every, worst] > AIM * tolerance
        if not far.any():
            break
        more = places[every, worst][far]
        ticks, values = _merged(ticks, curve.values, more, quantise(values_at(more / STEPS)))
        curve = Curve(ticks / STEPS, values)
    return curve


def _merged(
    ticks: Ticks, values: NDArray[np.float64], more: Ticks, others: NDArray[np.float64]
) -> tuple[Ticks, NDArray[np.float64]]:
    together = np.concatenate([ticks, more])
    order = np.argsort(together, kind="stable")
    return together[order], np.concatenate([values, others])[order]
