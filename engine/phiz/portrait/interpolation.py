"""Smooth functions through a few given values, without the second or so that it takes to load a library."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["ThinPlate", "monotone_cubic"]

Array = NDArray[np.float64]


class ThinPlate:
    """The thin-plate spline near values at places of the plane (Duchon 1977; smoothing: Wahba 1990)."""

    def __init__(self, places: Array, values: Array, smoothing: float) -> None:
        """places: float64 [n, 2], not all on a line. values: float64 [n]. smoothing: 0 runs through them."""
        self._middle, self._places = places.mean(0), places
        self._size = float(np.ptp(places, axis=0).max()) or 1.0
        plane, count = self._plane(places), len(places)
        system = np.zeros((count + 3, count + 3))
        system[:count, :count] = _kernel(places, places) + smoothing * np.eye(count)
        system[:count, count:], system[count:, :count] = plane, plane.T
        solution = np.linalg.solve(system, np.concatenate([values, np.zeros(3)]))
        self._weights, self._slopes = solution[:count], solution[count:]

    def __call__(self, places: Array) -> Array:
        """Values [m] at places [m, 2]."""
        return np.asarray(_kernel(places, self._places) @ self._weights + self._plane(places) @ self._slopes)

    def _plane(self, places: Array) -> Array:
        return np.column_stack([np.ones(len(places)), (places - self._middle) / self._size])


def _kernel(one: Array, other: Array) -> Array:
    """r² log r for the distances r [n, m] between places [n, 2] and [m, 2]."""
    squared = (one[:, :1] - other[:, 0]) ** 2 + (one[:, 1:] - other[:, 1]) ** 2
    return np.asarray(0.5 * squared * np.log(np.where(squared > 0, squared, 1.0)))


def monotone_cubic(knots: Array, values: Array, at: Array) -> Array:
    """The piecewise cubic through `values` [n, k] at rising `knots` [n] that overshoots nowhere, [m, k].

    Fritsch & Butland 1984: a slope at a knot is the weighted harmonic mean of the secants' beside it, or 0
    where these differ in sign. at: [m], within the knots.
    """
    step = np.diff(knots)[:, None]
    secant = np.diff(values, axis=0) / step
    slopes = np.empty_like(values)
    if len(knots) == 2:
        slopes[:] = secant[0]
    else:
        first, second = secant[:-1], secant[1:]
        weights = 2 * step[1:] + step[:-1], step[1:] + 2 * step[:-1]
        turns = first * second <= 0
        harmonic = (weights[0] + weights[1]) / (
            weights[0] / np.where(turns, 1, first) + weights[1] / np.where(turns, 1, second)
        )
        slopes[1:-1] = np.where(turns, 0, harmonic)
        slopes[0] = _end_slope(step[0], step[1], secant[0], secant[1])
        slopes[-1] = _end_slope(step[-1], step[-2], secant[-1], secant[-2])
    k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    width = step[k]
    t = (at - knots[k])[:, None] / width
    blend = t * t * (3 - 2 * t)
    start = values[k] * (1 - blend) + values[k + 1] * blend
    return np.asarray(start + width * t * (1 - t) * (slopes[k] * (1 - t) - slopes[k + 1] * t))


def _end_slope(near: Array, far: Array, secant: Array, next_secant: Array) -> Array:
    """A one-sided three-point slope that keeps the shape."""
    slope = ((2 * near + far) * secant - near * next_secant) / (near + far)
    slope = np.where(slope * secant <= 0, 0, slope)
    steep = (secant * next_secant < 0) & (np.abs(slope) > 3 * np.abs(secant))
    return np.asarray(np.where(steep, 3 * secant, slope))
