"""Blinks and gaze.

Blinks: A. Bentivoglio et al., "Analysis of blink rate patterns in normal subjects", 1997 (26 a minute in
conversation, 17 at rest, log-normal gaps). Saccades: S. Lee, J. Badler & N. Badler, "Eyes Alive", 2002
(duration grows with size).
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phiz.motion.clip import Curve
from phiz.motion.gestures import gesture_spans
from phiz.motion.keys import sample_times, sparse
from phiz.motion.noise import log_normal, uniform
from phiz.speech.speech import Speech

__all__ = ["blink_curves", "blink_times", "gaze_curves"]

BLINK_GAP, BLINK_SPREAD = 2.4, 0.5  # seconds: median gap between blinks, and deviation of its logarithm
BLINK_FIRST = (0.6, 2.2)  # seconds: the first one falls between
BLINK_APART = 0.7  # seconds between two blinks at least
PHRASE_END = 0.4  # share of phrase ends with a blink
PHRASE_LATE = 0.12  # seconds after a phrase's end at most
DOWN, SHUT = 0.1, 0.03  # seconds
UP = (0.15, 0.25)  # seconds at least and at most
PARTIAL, DEPTH = 0.1, (0.5, 0.8)  # share of blinks that do not shut the eye, and how far they go
DOUBLE = 0.06  # share of blinks that are followed at once by another
WINK_BEFORE, WINK_AFTER = 0.9, 0.3  # seconds without a blink around a wink, which would be taken for one

MICRO, MICRO_GAP = 0.35, 0.5  # degrees at most of the jumps within a fixation, and seconds between them
FIXATION, FIXATION_SPREAD = 0.9, 0.6  # seconds: median, and deviation of its logarithm
AT_VIEWER = 0.55  # share of fixations that rest on the viewer; the others look about the viewer's face
GLANCE = (3.6, 2.0)  # degrees to the side and up or down at most
EYE_RANGE = 30.0  # degrees that an eyeLook weight of 1 turns the eye
LOOK_LIMIT = 0.2  # weight
SACCADE_LEAST, SACCADE_PER_DEGREE = 0.025, 0.0024  # seconds
RADIANS_TO_DEGREES = 57.29577951308232
TOLERANCE = 0.002


def blink_times(speech: Speech, seed: int, amount: float = 1.0) -> list[float]:
    """When each blink begins, in seconds, in order; all of it fits into the clip, none is near a wink.

    amount: 0..2, how often, as a share of the usual; 0 for never.
    """
    if not amount:
        return []
    last = speech.duration - DOWN - SHUT - UP[1]
    count = int(speech.duration / BLINK_APART) + 2
    first = BLINK_FIRST[0] + (BLINK_FIRST[1] - BLINK_FIRST[0]) * uniform(seed, "first blink", 1) / amount
    gaps = np.maximum(log_normal(seed, "blink gaps", count, BLINK_GAP / amount, BLINK_SPREAD), BLINK_APART)
    spontaneous = np.cumsum(np.concatenate([first, gaps]))
    ends = np.array([end for _, end in speech.sentences])
    chance, late = uniform(seed, "phrase blinks", len(ends)), uniform(seed, "phrase delays", len(ends))
    wanted = (ends + PHRASE_LATE * late)[chance < PHRASE_END * amount]
    chosen: list[float] = []
    for time in sorted(wanted):
        if BLINK_FIRST[0] <= time <= last and (not chosen or time - chosen[-1] >= BLINK_APART):
            chosen.append(float(time))
    phrased = np.array([-np.inf, *chosen, np.inf])
    for time in spontaneous:
        following = int(np.searchsorted(phrased, time))
        free = min(time - phrased[following - 1], phrased[following] - time) >= BLINK_APART
        if BLINK_FIRST[0] <= time <= last and free:
            chosen.append(float(time))
    winks = gesture_spans(speech.marks, "eyeBlink")
    return sorted(
        time
        for time in chosen
        if not any(start - WINK_BEFORE < time < end + WINK_AFTER for start, end in winks)
    )


def blink_curves(speech: Speech, seed: int, amount: float = 1.0) -> dict[str, Curve]:
    """Curves of both upper lids, which blink together; empty when none fits. amount: as in `blink_times`."""
    starts = blink_times(speech, seed, amount)
    if not starts:
        return {}
    slow, kind, depth = (
        uniform(seed, name, len(starts)) for name in ("lids up", "blink kind", "blink depth")
    )
    keys: list[tuple[float, float]] = []
    for index, start in enumerate(starts):
        room = min([*starts[index + 1 : index + 2], speech.duration]) - start
        partial = kind[index] < PARTIAL
        shut = DEPTH[0] + (DEPTH[1] - DEPTH[0]) * float(depth[index]) if partial else 1.0
        up = UP[0] + (UP[1] - UP[0]) * float(slow[index])
        keys += [
            (start, 0.0),
            (start + DOWN, shut),
            (start + DOWN + SHUT, shut),
            (start + DOWN + SHUT + up, 0.0),
        ]
        again = start + DOWN + SHUT + up + 0.02
        if kind[index] > 1.0 - DOUBLE and room > again - start + DOWN + SHUT + up + 0.1:
            keys += [
                (again, 0.0),
                (again + DOWN, 1.0),
                (again + DOWN + SHUT, 1.0),
                (again + DOWN + SHUT + up, 0.0),
            ]
    times, values = np.array(keys).T
    curve = Curve(times, values)
    return {"eyeBlinkLeft": curve, "eyeBlinkRight": curve}


def gaze_curves(
    speech: Speech, head: NDArray[np.float64], blinks: Mapping[str, Curve], seed: int, amount: float = 1.0
) -> dict[str, Curve]:
    """Curves of both eyes' direction: fixations joined by saccades, while the eyes make up for the head's
    turns.

    head: radians [n, 3] from `head_path`. blinks: from `blink_curves`. amount: 0..2, how far the glances go;
    0 for eyes that stay still in the head. The gaze rests on the viewer at the start and the end.
    """
    if not amount:
        return {}
    times = sample_times(speech.duration)
    aside, up = (amount * path for path in _fixations(speech, times, seed))
    left = (aside - head[:, 0] * RADIANS_TO_DEGREES) / EYE_RANGE
    above = (up - head[:, 1] * RADIANS_TO_DEGREES) / EYE_RANGE
    for blink in blinks.values():  # a look up lifts the lid: it would not shut
        above = np.minimum(above, LOOK_LIMIT * (1.0 - np.interp(times, blink.times, blink.values)))
    looks = {
        ("eyeLookOutLeft", "eyeLookInRight"): left,
        ("eyeLookInLeft", "eyeLookOutRight"): -left,
        ("eyeLookUpLeft", "eyeLookUpRight"): above,
        ("eyeLookDownLeft", "eyeLookDownRight"): -above,
    }
    curves = {}
    for names, look in looks.items():
        if look.max() > TOLERANCE:
            curves.update(dict.fromkeys(names, sparse(times, np.clip(look, 0.0, LOOK_LIMIT), TOLERANCE)))
    return curves


def _fixations(
    speech: Speech, times: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees [n] to the subject's left and up at `times` [n]."""
    count = int(speech.duration / 0.2) + 2
    lengths = np.maximum(log_normal(seed, "fixations", count, FIXATION, FIXATION_SPREAD), 0.2)
    starts = np.concatenate([[0.0], np.cumsum(lengths)])[:count]
    places = (2.0 * uniform(seed, "glances", 2 * count).reshape(count, 2) - 1.0) * GLANCE
    away = (uniform(seed, "at viewer", count) >= AT_VIEWER) & (starts < speech.duration - FIXATION)
    away[0] = False
    places[~away] = 0.0
    now = np.searchsorted(starts, times, side="right") - 1
    here, before = places[now], places[np.maximum(now - 1, 0)]
    lengths = SACCADE_LEAST + SACCADE_PER_DEGREE * np.abs(here - before).max(axis=1)
    u = np.clip((times - starts[now]) / lengths, 0.0, 1.0)
    path = before + (u * u * (3.0 - 2.0 * u))[:, None] * (here - before)
    path += _micro(times, seed) * np.minimum(times, 1.0)[:, None]
    return path[:, 0], path[:, 1]


def _micro(times: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """Degrees [n, 2] of the small jumps that eyes make while they rest on one place (Rolfs 2009: one or two a
    second)."""
    count = int(times[-1] / (0.5 * MICRO_GAP)) + 2
    starts = np.cumsum(MICRO_GAP * (0.5 + uniform(seed, "micro times", count)))
    places = np.concatenate(
        [[[0.0, 0.0]], 2.0 * uniform(seed, "micro places", 2 * count).reshape(count, 2) - 1.0]
    )
    now = np.searchsorted(starts, times, side="right")
    u = np.clip((times - starts[np.maximum(now - 1, 0)]) / SACCADE_LEAST, 0.0, 1.0)
    here, before = places[now], places[np.maximum(now - 1, 0)]
    jumps: NDArray[np.float64] = MICRO * (before + (u * u * (3.0 - 2.0 * u))[:, None] * (here - before))
    return jumps
