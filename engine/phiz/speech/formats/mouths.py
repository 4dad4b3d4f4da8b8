"""From timed phonemes to mouth cues: one of six to nine drawn mouths at a time, as in hand-drawn animation.

The shapes and the look aimed at are those of Rhubarb Lip Sync (D. Wolf, 2016-2025, its README and version
history): most consonants can be shown by several shapes, so each takes the one nearest to the vowels around
it; a vowel shows early; no shape flickers; closures of the lips never get lost; the mouth pops open and
closes through an in-between. Timing is the dynamic programming of `steadied`, which looks both ways.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.speech.formats.mouth_names import shapes_of
from phiz.speech.speech import Speech
from phiz.speech.viseme_targets import visemes_of

__all__ = ["BASIC", "EXTENDED", "MouthCue", "basic_shape", "mouth_cues"]

BASIC, EXTENDED = "ABCDEF", "GHX"
STEP = 0.01  # seconds; the resolution of Rhubarb's files
INSTEAD = {"G": "A", "H": "C", "X": "A"}  # what stands for an extended shape that was not drawn
# How far a shape is open and how far it is rounded, 0..1: near shapes follow each other with little effort.
LOOK = {
    "A": (0.0, 0.0), "B": (0.25, 0.0), "C": (0.6, 0.0), "D": (1.0, 0.0), "E": (0.5, 0.6), "F": (0.25, 1.0),
    "G": (0.15, 0.0), "H": (0.6, 0.0), "X": (0.0, 0.0),
}  # fmt: skip
SHAPES = "".join(LOOK)
RELAXED = {"B": "B", "C": "B", "D": "C", "E": "C", "F": "B", "H": "B", "A": "X", "G": "X", "X": "X"}

ANTICIPATED = 20  # steps that a vowel's shape may show ahead, on consonants that let it
SHORTEST = 7  # steps; what shows for less time flickers
EARLY = 6  # steps that a shape may come early at half the cost of being wrong
WRONG = 0.2  # cost of any wrong shape for a step, besides how far its look is off
LOST = {"A": 12.0, "G": 4.0}  # factors of cost where these should show
CLOSED = 2.0  # factor of cost of shut lips where they should be open
HELD, RELAXING = 12, 35  # steps; shorter pauses keep the shape before, in longer ones the mouth relaxes
TWEENS = {  # the in-between, and whether it takes time from the first shape, the second or both
    "DA": ("C", "first"), "DB": ("C", "both"), "DG": ("C", "first"), "DX": ("C", "second"),
    "CF": ("E", "both"), "FC": ("E", "both"), "DF": ("E", "both"),
    "HF": ("E", "second"), "FH": ("E", "first"),
}  # fmt: skip
SHORTEST_TWEEN, LONGEST_TWEEN = 4, 8  # steps
STILL, SYLLABLES = 75, 3  # steps and vowels; clenched teeth that long and that often look frozen


@dataclass(frozen=True)
class MouthCue:
    """A mouth shape, "A" to "H" or "X", from start to end, in hundredths of a second."""

    shape: str
    start: int
    end: int


@dataclass(frozen=True)
class Sound:
    """What may show from step start to end: one of `shapes`. vowel: shows early where it has but one."""

    shapes: str
    start: int
    end: int
    vowel: bool = False
    stress: int = 0


def mouth_cues(speech: Speech, extended: str = EXTENDED) -> tuple[MouthCue, ...]:
    """The mouths of a speech from 0 to its end, without gaps, each different from the one before.

    extended: which of "GHX" were drawn; the others are shown by basic shapes.
    """
    length = int(speech.duration / STEP + 1e-6)
    sounds = sounds_of(speech, length)
    allowed = set(BASIC + extended)
    rough = drawn(sounds, length)
    steady = steadied(rough)
    cues = tweened(paused(freed(cues_of(steady), sounds)))
    return tuple(joined([replace(cue, shape=basic_shape(cue.shape, allowed)) for cue in cues]))


def basic_shape(shape: str, allowed: set[str]) -> str:
    """`shape`, or what stands for it where it is not allowed."""
    return shape if shape in allowed else INSTEAD[shape]


def sounds_of(speech: Speech, length: int) -> list[Sound]:
    """The parts of all phonemes, and rest between them, in order from step 0 to `length`."""
    result: list[Sound] = []
    for phoneme in speech.phonemes:
        seconds = phoneme.end - phoneme.start
        for part in visemes_of(phoneme.ipa):
            start = round((phoneme.start + part.start * seconds) / STEP)
            end = min(round((phoneme.start + part.end * seconds) / STEP), length)
            start = max(start, result[-1].end if result else 0)
            if end <= start:
                continue
            reached = result[-1].end if result else 0
            if start > reached:
                result.append(Sound("X", reached, start))
            shapes = shapes_of(part, (part.end - part.start) * seconds)
            result.append(Sound(shapes, start, end, part.vowel, phoneme.stress))
    reached = result[-1].end if result else 0
    return [*result, Sound("X", reached, length)] if length > reached else result


def nearest(shape: str, among: str) -> str:
    """Of several shapes the one that looks most like `shape`; the first of equals."""
    return shape if shape in among else min(among, key=lambda other: distance(shape, other))


def distance(one: str, other: str) -> float:
    """How far apart two shapes look, 0..1.4."""
    return float(np.hypot(LOOK[one][0] - LOOK[other][0], LOOK[one][1] - LOOK[other][1]))


def drawn(sounds: Sequence[Sound], length: int) -> list[str]:
    """A shape for each step: flexible sounds take after what was before, and after the vowel to come."""
    chosen: list[str] = []
    reference, last_vowel = "X", -1
    for index, sound in enumerate(sounds):
        shape = nearest(reference, sound.shapes)
        chosen.append(shape)
        reference = RELAXED[shape]
        if not (sound.vowel and len(sound.shapes) == 1):
            continue
        ahead = reference = shape
        for back in range(index - 1, last_vowel, -1):
            if sound.start - sounds[back].start > ANTICIPATED or sounds[back].shapes == "X":
                break
            chosen[back] = nearest(ahead, sounds[back].shapes)
            if chosen[back] != shape:
                break
        last_vowel = index
    steps: list[str] = []
    for shape, sound in zip(chosen, sounds, strict=True):
        steps += [shape] * (sound.end - sound.start)
    return steps[:length]


def steadied(rough: Sequence[str]) -> list[str]:
    """The sequence nearest to `rough` in which every shape but the last shows for `SHORTEST` steps or more.

    Viterbi over (shape, steps that it has shown). A shape that comes early costs half; lost closures of the
    lips cost most.
    """
    if not rough:
        return []
    costs = costs_of(rough)
    count = len(SHAPES)
    total = np.full((count, SHORTEST), np.inf)
    total[:, 0] = costs[0]
    entered = np.zeros((len(rough), count), np.int8)  # by step and shape: the shape before, where it begins
    held = np.zeros((len(rough), count), bool)  # whether a shape had shown long enough the step before, too
    for step in range(1, len(rough)):
        ready = total[:, -1]
        order = np.argsort(ready, kind="stable")
        best = np.where(np.arange(count) == order[0], order[1], order[0])
        entered[step] = best
        held[step] = ready <= total[:, -2]
        grown = np.empty_like(total)
        grown[:, 0] = ready[best]
        grown[:, 1:] = total[:, :-1]
        grown[:, -1] = np.minimum(total[:, -2], ready)
        total = grown + costs[step][:, None]
    return traced(total, entered, held)


def traced(total: NDArray[np.float64], entered: NDArray[np.int8], held: NDArray[np.bool_]) -> list[str]:
    """The cheapest way back from the last step."""
    shape, shown = divmod(int(np.argmin(total)), SHORTEST)
    result = [SHAPES[shape]]
    for step in range(len(entered) - 1, 0, -1):
        if shown == 0:
            shape, shown = int(entered[step, shape]), SHORTEST - 1
        elif shown < SHORTEST - 1 or not held[step, shape]:
            shown -= 1
        result.append(SHAPES[shape])
    return result[::-1]


def costs_of(rough: Sequence[str]) -> NDArray[np.float64]:
    """What each shape costs at each step [steps, shapes]."""
    apart = np.array([[distance(one, other) + WRONG * (one != other) for other in SHAPES] for one in SHAPES])
    apart *= np.array([LOST.get(shape, 1.0) for shape in SHAPES])[:, None]
    apart[:, [SHAPES.index(shape) for shape in "AX"]] *= CLOSED
    wanted = np.array([SHAPES.index(shape) for shape in rough])
    costs = apart[wanted]
    soon = np.zeros_like(costs, bool)
    for ahead in range(1, EARLY + 1):
        soon[np.arange(len(wanted) - ahead), wanted[ahead:]] = True
    return np.where(soon, 0.5 * costs, costs)


def cues_of(steps: Sequence[str]) -> list[MouthCue]:
    """Steps as cues."""
    return joined([MouthCue(shape, step, step + 1) for step, shape in enumerate(steps)])


def joined(cues: Sequence[MouthCue]) -> list[MouthCue]:
    """Cues of which those of one shape in a row are one."""
    result: list[MouthCue] = []
    for cue in cues:
        if cue.end <= cue.start:
            continue
        if result and result[-1].shape == cue.shape:
            result[-1] = replace(result[-1], end=cue.end)
        else:
            result.append(cue)
    return result


def freed(cues: Sequence[MouthCue], sounds: Sequence[Sound]) -> list[MouthCue]:
    """Clenched teeth through several syllables open a little on some, stressed ones first."""
    result: list[MouthCue] = []
    vowels = [sound for sound in sounds if sound.vowel]
    middles = [(vowel.start + vowel.end) / 2 for vowel in vowels]
    for cue in cues:
        inside = vowels[bisect_right(middles, cue.start) : bisect_left(middles, cue.end)]
        if cue.shape != "B" or cue.end - cue.start < STILL or len(inside) < SYLLABLES:
            result.append(cue)
            continue
        inner = inside[1:-1] if len(inside) > SYLLABLES - 1 else inside
        stressed = sorted(inner, key=lambda each: -(each.stress > 0))
        opened = sorted(stressed[: len(inside) // 2], key=lambda each: each.start)
        reached = cue.start
        for sound in opened:
            end = min(max(sound.end, sound.start + SHORTEST), cue.end)
            start = max(sound.start, reached)
            if end - start < SHORTEST:
                continue
            result += [MouthCue("B", reached, start), MouthCue("C", start, end)]
            reached = end
        result.append(MouthCue("B", reached, cue.end))
    return joined(result)


def paused(cues: Sequence[MouthCue]) -> list[MouthCue]:
    """In short pauses the mouth stays as it was, in longer ones it relaxes; only in long ones it shuts."""
    result = list(cues)
    for index in range(1, len(cues) - 1):
        cue, following = cues[index], cues[index + 1].shape
        length = cue.end - cue.start
        if cue.shape != "X" or length > RELAXING:
            continue
        shape = result[index - 1].shape
        if length >= HELD:
            shape = RELAXED[shape] if RELAXED[shape] != following else RELAXED[RELAXED[shape]]
            shape = "X" if shape == following else shape
        result[index] = replace(cue, shape=shape)
    return joined(result)


def tweened(cues: Sequence[MouthCue]) -> list[MouthCue]:
    """Cues with in-betweens where the mouth closes or rounds from far away."""
    result = list(cues[:1])
    for before, after in pairwise(cues):
        shape, taken = TWEENS.get(before.shape + after.shape, ("", "first"))
        lengths = before.end - before.start, after.end - after.start
        length = {"first": lengths[0] // 3, "second": lengths[1] // 3, "both": min(lengths) // 4}[taken]
        length = min(length, LONGEST_TWEEN)
        if not shape or length < SHORTEST_TWEEN:
            result.append(after)
            continue
        start = before.end - {"first": length, "second": 0, "both": length // 2}[taken]
        result[-1] = replace(result[-1], end=start)
        result += [MouthCue(shape, start, start + length), replace(after, start=start + length)]
    return result
