"""Seeded noise that is the same on every machine and with every version of numpy.

Counter-based: a value is a hash of (seed, stream, index), so streams never disturb one another (G. Steele, D.
Lea & C. Flood, "Fast Splittable Pseudorandom Number Generators", 2014: SplitMix64).
"""

import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["log_normal", "uniform", "wander"]

GOLDEN, MIX_1, MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
SQUARINGS = 20  # e^x = (1 + x / 2^20)^(2^20), good to 1e-5 for |x| < 4
SUMMANDS = 12  # uniforms in a near-normal number; their variances add up to 1


def uniform(seed: int, stream: str, count: int) -> NDArray[np.float64]:
    """`count` numbers float64 in [0, 1)."""
    key = (seed ^ (zlib.crc32(stream.encode()) << 32)) & 0xFFFFFFFFFFFFFFFF
    start = np.full(count, key, np.uint64) * np.uint64(GOLDEN)
    bits = _mixed(_mixed(start) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(GOLDEN))
    return (bits >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def log_normal(seed: int, stream: str, count: int, median: float, spread: float) -> NDArray[np.float64]:
    """`count` positive numbers float64 whose logarithm is near normal around log(median), deviation
    `spread`."""
    normal = (
        uniform(seed, stream, count * SUMMANDS).reshape(count, SUMMANDS).cumsum(axis=1)[:, -1] - SUMMANDS / 2
    )
    power = 1.0 + spread * normal / (1 << SQUARINGS)
    for _ in range(SQUARINGS):
        power = power * power
    return median * power


def wander(seed: int, stream: str, times: NDArray[np.float64], period: float) -> NDArray[np.float64]:
    """A smooth path float64 [n] within -1..1 at `times` [n], ascending from 0, which turns about every
    `period` s.

    Random places at irregular times, joined by 6u^5 - 15u^4 + 10u^3 (K. Perlin, "Improving Noise", 2002);
    standard deviation about 0.5; it never repeats.
    """
    count = int(times[-1] / (0.6 * period)) + 3
    knots = np.cumsum(period * (0.6 + 0.8 * uniform(seed, f"{stream} times", count))) - period
    places = 2.0 * uniform(seed, f"{stream} places", count) - 1.0
    after = np.clip(np.searchsorted(knots, times, side="right"), 1, count - 1)
    u = np.clip((times - knots[after - 1]) / (knots[after] - knots[after - 1]), 0.0, 1.0)
    share = u * u * u * (u * (6.0 * u - 15.0) + 10.0)
    return places[after - 1] + share * (places[after] - places[after - 1])


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(MIX_1)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(MIX_2)
    return bits ^ (bits >> np.uint64(31))
