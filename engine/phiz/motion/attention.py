"""Listening: a face turns a little towards whoever speaks, with the eyes ahead of the head."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.channels import INDEX, POSE
from phiz.motion.clip import Clip, Curve
from phiz.motion.keys import sample_times, sparse
from phiz.motion.noise import uniform

__all__ = ["Look", "attend"]

HEAD, EYES = (4.0, 2.0), (6.0, 3.0)  # degrees to the side, and up or down, of the head and of the eyes in it
NOTICE = 0.15, 0.4  # seconds after a speaker's start or end: the listener is not a machine
EYES_TAKE, HEAD_TAKES = 0.08, 0.4  # seconds for a turn; both begin together
EYE_RANGE = 30.0  # degrees that an eyeLook weight of 1 turns the eye
LOOK_LIMIT = 0.34  # weight; 10 degrees
TURN_LIMITS = (11.0, 7.5)  # degrees of the head to the side, up and down
TOLERANCE, HEAD_TOLERANCE = 0.002, 0.0004  # weight; radians
EYES_TO = {  # subject's left, right, up and down
    (0, 1): ("eyeLookOutLeft", "eyeLookInRight"),
    (0, -1): ("eyeLookInLeft", "eyeLookOutRight"),
    (1, 1): ("eyeLookUpLeft", "eyeLookUpRight"),
    (1, -1): ("eyeLookDownLeft", "eyeLookDownRight"),
}


@dataclass(frozen=True)
class Look:
    """Somebody else speaks. start, end: seconds. aside, up: -1..1, where, to the subject's left and up."""

    start: float
    end: float
    aside: float
    up: float


def attend(clip: Clip, looks: Sequence[Look], *, seed: int = 0, turn: float = 1.0) -> Clip:
    """`clip` with head and eyes turned towards others while they speak.

    looks: in order of time. turn: how far the head moves, as a share of what it would do alone; the eyes make
    up for it, so that the gaze stays where it was meant to go.
    """
    times = sample_times(clip.duration)
    values = clip.evaluate_many(times)
    delays = uniform(seed, "notice", 2 * len(looks)) * (NOTICE[1] - NOTICE[0]) + NOTICE[0]
    curves = {name: curve for name, curve in clip.curves.items() if not name.startswith((*POSE, "eyeLook"))}
    for axis, name in enumerate(POSE):
        head = turn * values[:, INDEX[name]]
        if axis < 2:
            before = values[:, INDEX[name]]
            head = head + np.radians(turn * HEAD[axis]) * _path(times, looks, delays, axis, HEAD_TAKES)
            limit = np.radians(TURN_LIMITS[axis])
            head = np.clip(head, -limit, limit)
            there = EYES[axis] * _path(times, looks, delays, axis, EYES_TAKE)
            curves |= _eyes(times, values, there + np.degrees(before - turn * before), axis)
        curves[name] = sparse(times, head, HEAD_TOLERANCE)
    return Clip(clip.duration, curves)


def _path(
    times: NDArray[np.float64],
    looks: Sequence[Look],
    delays: NDArray[np.float64],
    axis: int,
    takes: float,
) -> NDArray[np.float64]:
    """Where the face looks along one axis, -1..1 [n]: from speaker to speaker, and back in between."""
    path = np.zeros(len(times))
    for k, look in enumerate(looks):
        there = (look.aside, look.up)[axis]
        for when, step in ((look.start + delays[2 * k], there), (look.end + delays[2 * k + 1], -there)):
            u = np.clip((times - when) / takes, 0.0, 1.0)
            path += step * u * u * (3.0 - 2.0 * u)
    return path


def _eyes(
    times: NDArray[np.float64], values: NDArray[np.float64], more: NDArray[np.float64], axis: int
) -> dict[str, Curve]:
    """Curves of the eyes along one axis, turned by `more` degrees [n] than in `values`."""
    towards, away = (values[:, INDEX[EYES_TO[axis, sign][0]]] for sign in (1, -1))
    look = towards - away + more / EYE_RANGE
    curves = {}
    for sign in (1, -1):
        weight = np.clip(sign * look, 0.0, LOOK_LIMIT)
        if weight.max() > TOLERANCE:
            curves.update(dict.fromkeys(EYES_TO[axis, sign], sparse(times, weight, TOLERANCE)))
    return curves
