"""From timed phonemes to curves of the jaw, the lips and the tongue.

Each phoneme's visemes become targets on the time line; targets are blended by dominance (Cohen & Massaro
1993), smoothed, and what must be reached is enforced: lips meet on p b m, the lower lip meets the teeth on f
v, the jaw closes for sibilants, and in silence nothing moves.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.channels import INDEX
from phiz.motion.clip import Curve
from phiz.motion.coarticulation import blend, smooth
from phiz.motion.constraints import READY, SETTLE, enforce
from phiz.motion.dials import LARGEST, Dials
from phiz.motion.holding import HELD, parts_of, pieces_of, relaxed
from phiz.motion.keys import RATE, sample_times, sparse
from phiz.motion.manners import Manner, Manners
from phiz.motion.targets import FAMILIES, LEAD, PART_OF, PARTS, Target
from phiz.motion.viseme_table import REST, articulators, visemes
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.viseme_targets import VisemeTarget

__all__ = ["lip_curves", "pauses", "photo_curve"]

SHORT_PAUSE = 0.1  # seconds; a shorter gap is part of the speech around it
REST_AFTER, REST_BEFORE = 0.03, 0.05  # seconds after and before a phoneme that are not yet rest
USUAL = Dials()
BREATH, BREATH_LASTS = 0.32, 0.25  # weight of the jaw before speech; seconds
BREATH_PAUSE = 0.5  # seconds of silence at least in which a breath is taken
CAUGHT = 0.4  # weight of the jaw while a singer catches breath, in a shorter one
WIDEST = 0.6  # weight of the jaw while breath is taken, whatever the dial
TOLERANCE = 0.003  # weight; 0.08 mm of jaw

STRESS = (0.9, 1.08, 1.0)  # how far vowels open without, with primary and with secondary stress
QUIET, LOUD = 0.55, 1.45  # limits of how loudness changes the opening of a vowel
HELD_LOUD = 1.15  # the same limit of a held vowel: [ɑ] then stays under the widest, and is seen to relax
ROUNDED = {"mouthPucker": 0.35, "mouthFunnel": 0.1}  # added by a mark that rounds
SPREAD = {"mouthSmile": 0.08, "mouthStretch": 0.05}  # added by a mark that spreads
UNROUNDED = 0.4  # what is left of pucker and funnel under a mark that unrounds
MARK_DOMINANCE = 0.5  # a mark on the lips is meant to be seen, whatever its letter insists on
OPENED = 0.25  # share by which a mark lowers or raises the jaw

AIM = 1.4  # weight that a target may have; what comes of it among its neighbours stays below 1
LEAST_ATTACK = 0.02  # seconds, whatever the anticipation

PHOTO_OUT, PHOTO_BACK = 0.25, 0.5  # seconds to leave the photo's expression and to return to it
PHOTO_LEAST = 0.1  # seconds; speech that starts at once still leaves the photo no faster


def lip_curves(speech: Speech, dials: Dials = USUAL) -> dict[str, Curve]:
    """Curves of every mouth channel that moves in `speech`, by channel name."""
    if not speech.phonemes:
        return {}
    times = sample_times(speech.duration)
    manners = Manners(speech)
    spoken = [_dialled(target, dials, manners(target.middle)) for target in _targets(speech, manners)]
    targets = _with_rests(spoken, speech, dials.idle)
    values = _blended(times, targets, dials.anticipation)
    pinned = enforce(times, values, targets, pauses(speech))
    return _sided(times, values, pinned)


def pauses(speech: Speech) -> list[tuple[float, float]]:
    """Start and end in seconds of each stretch of `speech` without a phoneme, in order.

    The first is what comes before the speech and the last what comes after it, even when that is nothing.
    """
    edges = [
        0.0,
        *(edge for phoneme in speech.phonemes for edge in (phoneme.start, phoneme.end)),
        speech.duration,
    ]
    first, *inner, last = zip(edges[::2], edges[1::2], strict=True)
    return [first, *((start, end) for start, end in inner if end > start), (last[0], max(last))]


def photo_curve(speech: Speech) -> Curve:
    """How much the photo's own expression is worn: 1 before and after the speech, 0 in it and in its pauses,
    in which lips are still, whatever smile the photo has."""
    if not speech.phonemes:
        return Curve(np.zeros(1), np.ones(1))
    ready = max(speech.phonemes[0].start, PHOTO_LEAST)
    done = max(speech.phonemes[-1].end + SETTLE, ready + SETTLE)
    times = [max(ready - PHOTO_OUT, 0.0), ready, done, done + PHOTO_BACK]
    return Curve(np.array(times), np.array([1.0, 0.0, 0.0, 1.0]))


def _targets(speech: Speech, manners: Manners) -> list[Target]:
    louder = _Loudness(speech, manners)
    targets: list[Target] = []
    for phoneme in speech.phonemes:
        usual = louder(phoneme.start, phoneme.end)
        for part, start, end in parts_of(phoneme):
            pieces = pieces_of(start, end) if part.vowel else [(start, end)]
            if len(pieces) == 1:
                targets.append(_target(phoneme, part, start, end, usual))
                continue
            for first, last in pieces:
                opening = min(louder(first, last), HELD_LOUD) * relaxed(first - start)
                targets.append(_target(phoneme, part, first, last, opening))
    return targets


def _target(phoneme: Phoneme, part: VisemeTarget, start: float, end: float, louder: float) -> Target:
    viseme = visemes()[part.viseme]
    weights = dict(viseme.weights)
    dominance = dict(viseme.dominance)
    if part.vowel:
        weights["jawOpen"] *= STRESS[phoneme.stress] * louder
    weights["jawOpen"] *= 1 + OPENED * part.opened
    if part.rounded:
        if part.rounded < 0:
            for channel in ROUNDED:
                weights[channel] *= UNROUNDED
        for channel, more in (ROUNDED if part.rounded > 0 else SPREAD).items():
            weights[channel] += more
        dominance["corners"] = max(dominance["corners"], MARK_DOMINANCE)
    return Target(
        viseme,
        start - LEAD,
        end - LEAD,
        np.array([min(weights[channel], AIM) for channel in FAMILIES]),
        np.array([dominance[name] for name in PARTS]),
    )


def _dialled(target: Target, dials: Dials, manner: Manner) -> Target:
    """A target with more or less of itself. What must be reached stays as it is: closed lips close, and teeth
    that are close come no further apart. Dials together do no more than the largest alone: lips that purse
    four times as far fold."""
    if target.viseme.hold == "lips":
        return target
    jaw = min(dials.articulation * dials.jaw * manner.jaw, LARGEST)
    lips = min(dials.articulation * dials.lips * manner.lips, LARGEST)
    if target.viseme.hold == "jaw":
        jaw = min(jaw, 1.0)
    is_jaw = np.array([family == "jawOpen" for family in FAMILIES])
    share = np.where(is_jaw, jaw, lips)
    return replace(target, weights=np.minimum(target.weights * share, AIM))


class _Loudness:
    """How much wider than usual loudness opens a vowel: the fourth root of its level against the median of
    what is said in the same manner (a talker fades towards the end of a phrase, and hardly closes)."""

    def __init__(self, speech: Speech, manners: Manners) -> None:
        squares = np.square(speech.samples, dtype=np.float64)
        self.energy = np.concatenate([[0.0], np.cumsum(squares)])  # sequential: repeatable
        self.rate = speech.rate
        self.manners = manners
        levels: dict[str, list[float]] = {}
        for each in speech.phonemes:
            levels.setdefault(self.manner(each.start, each.end), []).append(self.level(each.start, each.end))
        self.usual = {name: float(np.median(own)) for name, own in levels.items()}

    def manner(self, start: float, end: float) -> str:
        """The manner from second `start` to `end`."""
        return self.manners.name((start + end) / 2)

    def level(self, start: float, end: float) -> float:
        """Root mean square from second `start` to `end`."""
        first, last = (min(max(round(time * self.rate), 0), len(self.energy) - 1) for time in (start, end))
        return math.sqrt((self.energy[last] - self.energy[first]) / max(last - first, 1))

    def __call__(self, start: float, end: float) -> float:
        """From seconds to seconds; 1.0 for the usual."""
        usual = self.usual.get(self.manner(start, end), 0.0)
        if usual <= 0:
            return 1.0
        return min(max(math.sqrt(math.sqrt(self.level(start, end) / usual)), QUIET), LOUD)


def _with_rests(targets: Sequence[Target], speech: Speech, idle: float) -> list[Target]:
    """Targets with the lips at rest in every pause, in order of time, and parted a little for a breath before
    speech goes on."""
    rest = visemes()[REST]
    nothing, calm = np.zeros(len(FAMILIES)), np.array([rest.dominance[name] for name in PARTS])
    jaw = np.array([float(family == "jawOpen") for family in FAMILIES])
    parted, caught = min(idle * BREATH, WIDEST) * jaw, min(idle * CAUGHT, WIDEST) * jaw
    held = {phoneme.end for phoneme in speech.phonemes if phoneme.end - phoneme.start >= HELD}
    rests = [
        Target(rest, start + REST_AFTER - LEAD, end - REST_BEFORE - LEAD, weights, calm)
        for start, end in pauses(speech)
        if end - start >= SHORT_PAUSE
        # after a held note, breath is caught through the mouth
        for weights in [caught if start in held and end - start < BREATH_PAUSE else nothing]
    ]
    breaths = [
        Target(rest, end - READY, end - READY + BREATH_LASTS, parted, calm)
        for start, end in pauses(speech)[:-1]
        if idle and end - start >= BREATH_PAUSE
    ]
    return sorted([*targets, *rests, *breaths], key=lambda target: target.start)


def _blended(
    times: NDArray[np.float64], targets: Sequence[Target], anticipation: float
) -> NDArray[np.float64]:
    values = np.empty((len(times), len(FAMILIES)))
    blend(
        times,
        np.array([(target.start, target.end) for target in targets]),
        np.array(
            [
                (max(anticipation * target.viseme.attack, LEAST_ATTACK), target.viseme.release)
                for target in targets
            ]
        ),
        np.array([target.dominance for target in targets]),
        np.array([target.weights for target in targets]),
        PART_OF,
        values,
    )
    halves = [int(articulator.window * RATE / 2) for articulator in articulators()]
    return smooth(np.minimum(values, 1.0), np.array(halves))


def _sided(
    times: NDArray[np.float64], values: NDArray[np.float64], pinned: NDArray[np.bool_]
) -> dict[str, Curve]:
    """Sparse curves by channel name, left and right alike, without those that never move."""
    curves = {}
    for index, family in enumerate(FAMILIES):
        if values[:, index].max() > TOLERANCE:
            curve = sparse(times, values[:, index], TOLERANCE, pinned)
            sides = (family,) if family in INDEX else (f"{family}Left", f"{family}Right")
            curves.update(dict.fromkeys(sides, curve))
    return curves
