"""What a mouth must do however fast it speaks, enforced on blended motion.

Lips meet on p b m, the lower lip meets the upper teeth on f v, the jaw closes for s and ʃ, and in silence
everything is still (P. Edwards et al., "JALI", 2016, section 4.1).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phiz.motion.coarticulation import hold
from phiz.motion.keys import RATE
from phiz.motion.targets import FAMILIES, LEAD, PART_OF, PARTS, Target

__all__ = ["READY", "SETTLE", "SILENCE", "enforce"]

CLOSURE = "p"  # the viseme whose lips must meet
HOLD_PARTS = {"lips": ("lips", "jaw"), "jaw": ("jaw",)}
EARLY, LATE = 0.02, 0.03  # seconds before the sound's start and end: the burst is heard as the lips part
RAMP_IN, RAMP_OUT, RAMP_LEAST = 0.08, 0.07, 0.05  # seconds to get into a hold and out of it

SILENCE = 0.3  # seconds without a phoneme from which the lips lie still
SETTLE = 0.12  # seconds after a phoneme in which the lips may still move in a silence
READY = 0.35  # seconds before a phoneme in which they move again: people part their lips for a breath
READY_LEAST = 0.06  # seconds; what is left of READY when speech starts at once
READY_SHARE = 0.22  # of a pause, once the lips have settled, at most
FIRST_SHARE = 0.5  # of the silence before all speech, at most
BEFORE, AFTER = -1.0, 1e9  # seconds, outside of any clip


def enforce(
    times: NDArray[np.float64],
    values: NDArray[np.float64],
    targets: Sequence[Target],
    pauses: Sequence[tuple[float, float]],
) -> NDArray[np.bool_]:
    """Change `values` [n, families] so that every hold is met; which samples [n] the curves must then meet
    exactly.

    Closed lips win over other holds, and silence wins over everything. `pauses`: start and end in seconds.
    """
    others = [
        target for target in targets if target.viseme.hold in HOLD_PARTS and target.viseme.name != CLOSURE
    ]
    closures = [target for target in targets if target.viseme.name == CLOSURE]
    still, still_ramps = _stillness(pauses)
    touching, closed = _plateaus(others), _plateaus(closures)
    held = [
        [PARTS[part] in HOLD_PARTS[target.viseme.hold] for part in PART_OF] for target in (*others, *closures)
    ] + [[True] * len(FAMILIES) for _ in still]
    nothing = np.zeros(len(FAMILIES))
    hold(
        times,
        values,
        np.concatenate([touching, closed, still]),
        np.concatenate([_ramps(touching), _ramps(closed), still_ramps]),
        np.array([target.weights for target in (*others, *closures)] + [nothing for _ in still]),
        np.array(held, np.bool_),
    )
    return _edges(np.concatenate([closed, still]), len(times))


def _plateaus(targets: Sequence[Target]) -> NDArray[np.float64]:
    """Start and end [h, 2] in seconds of each hold, on the sample grid, at least as long as its viseme
    asks."""
    plateaus = []
    for target in targets:
        start, end = target.start + LEAD - EARLY, target.end + LEAD - LATE
        missing = max(target.viseme.hold_time - (end - start), 0.0)
        plateaus.append((start - missing / 2, end + missing / 2))
    grid = np.array(plateaus).reshape(-1, 2) * RATE
    return np.stack([np.floor(grid[:, 0]), np.ceil(grid[:, 1])], axis=1) / RATE


def _ramps(plateaus: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds [h, 2] to get into each hold and out of it, shared with the holds before and after."""
    gaps = plateaus[1:, 0] - plateaus[:-1, 1]
    before = np.concatenate([[np.inf], gaps])[: len(plateaus)]
    after = np.concatenate([gaps, [np.inf]])[: len(plateaus)]
    limits = (RAMP_IN, RAMP_OUT)
    ramps = [
        np.clip(room / 2, RAMP_LEAST, limit) for room, limit in zip((before, after), limits, strict=True)
    ]
    return np.stack(ramps, axis=1)


def _stillness(pauses: Sequence[tuple[float, float]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Plateaus and ramps [h, 2] in seconds of silence: before the speech, after it, and in every long
    pause."""
    first, last = pauses[0], pauses[-1]
    opening = first[1] - min(READY, FIRST_SHARE * first[1])
    plateaus = [(BEFORE, opening)]
    ramps = [(SETTLE, max(first[1] - opening, READY_LEAST))]
    for start, end in pauses[1:-1]:
        if end - start >= SILENCE:
            ready = min(READY, max(READY_SHARE * (end - start - SETTLE), READY_LEAST))
            plateaus.append((start + SETTLE, end - ready))
            ramps.append((SETTLE, ready))
    plateaus.append((last[0] + SETTLE, AFTER))
    ramps.append((SETTLE, READY))
    return np.array(plateaus), np.array(ramps)


def _edges(plateaus: NDArray[np.float64], count: int) -> NDArray[np.bool_]:
    """The samples [count] just inside the ends of the plateaus."""
    marked = np.zeros(count, np.bool_)
    inside = np.stack([np.ceil(plateaus[:, 0] * RATE - 0.01), np.floor(plateaus[:, 1] * RATE + 0.01)], axis=1)
    marked[np.clip(inside, 0, count - 1).astype(np.int64)] = True
    return marked
