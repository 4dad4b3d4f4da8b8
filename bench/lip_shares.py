"""Which weights open, round and spread a mouth: the fit of bench/calibration.py that tells apart those that
do nearly the same.

Opening and width say how far lips open, purse and spread, not what does it. That shows elsewhere: the upper
lip rises against the nose or the lower one sinks; the red of pursed lips swells, a funnel's opens; a smile
lifts the corners and a stretch does not. So how much each sound does of each is left as in the table, but
for one factor for each group of sounds that are made alike, and least squares find which share of it falls to
which weight, one share for each class of sounds, and how far lips are pressed and rolled on p b m f v.

Where little was said that would tell, a share stays near one half and a factor near 1 (PRIOR). Errors are
those of leaving out each talker in turn (the jackknife), or those of the fit where they are larger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lip_measures import KINDS
from phiz.motion.viseme_table import Viseme

__all__ = ["CHANNELS", "Talk", "Weights", "correlations", "fit_shares", "shared"]

Array = NDArray[np.float64]
Weights = dict[str, dict[str, float]]
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Pair:
    """Two weights that do the same, how many millimetres of it each does at 1 (phonemes/blendshapes.csv),
    and the classes of sounds, by name, that share it out alike."""

    first: str
    second: str
    millimetres: tuple[float, float]
    classes: Mapping[str, Sequence[str]]


GROUPS = {  # sounds that are made alike
    "w": ("w", "oo", "ue"), "o": ("ou", "oh", "oe", "aw", "oa"), "r": ("r", "er"), "sh": ("sh",),
    "s": ("s", "sy", "si"), "t": ("t", "l", "th"), "k": ("k", "h", "uh"), "i": ("ee", "ih", "j", "eu"),
    "e": ("eh", "ea", "ae"), "a": ("ah", "uu"),
}  # fmt: skip
PAIRS = {
    "opening": Pair(
        "mouthUpperUp", "mouthLowerDown", (4.8, 5.2), {"all": [v for group in GROUPS.values() for v in group]}
    ),
    "rounding": Pair(
        "mouthFunnel", "mouthPucker", (6.0, 9.5), {name: GROUPS[name] for name in ("w", "o", "r", "sh")}
    ),
    "spreading": Pair(
        "mouthStretch", "mouthSmile", (7.0, 8.0),
        {"i": (*GROUPS["i"], "sy"), "e": GROUPS["e"], "a": GROUPS["a"],
         "t": ("s", "si", *GROUPS["t"], *GROUPS["k"])},
    ),
}  # fmt: skip
ALONE = (
    ("p", "mouthPress"), ("p", "mouthRollLower"), ("f", "mouthUpperUp"), ("f", "mouthRollLower"),
)  # fmt: skip
CHANNELS = (
    "jawOpen", "mouthUpperUp", "mouthLowerDown", "mouthFunnel", "mouthPucker", "mouthStretch", "mouthSmile",
    "mouthPress", "mouthRollLower",
)  # fmt: skip
# What is expected of each unknown before anything is seen, and how surely (a standard deviation)
PRIOR = {"share": (0.5, 0.3), "factor": (1.0, 0.4), "weight": (0.25, 0.25)}
MOST = {"share": 1.0, "factor": 2.5, "weight": 1.0}
UNKNOWNS: tuple[Key, ...] = (
    *(("share", name, each) for name, pair in PAIRS.items() for each in pair.classes),
    *(("factor", name, group) for group in GROUPS for name in ("jaw", *PAIRS)),
    *(("weight", channel, viseme) for viseme, channel in ALONE),
)
ALIKE = 5  # samples in a row that tell the same: a tenth of a second
LONGEST = 400  # samples of one talker that count
NOISE = 0.02  # of each kind, at first, in distances of the eyes' outer corners
ROUNDS = 3  # of finding out how large it is


@dataclass(frozen=True)
class Talk:
    """A talker: series [samples] by kind, slow drift removed.

    seen: what the tracker saw, brought to the usual spread. made: what the table makes. effects: [samples,
    kinds] by viseme and channel, what one more of that weight would add to `made`.
    """

    seen: Mapping[str, Array]
    made: Mapping[str, Array]
    effects: Mapping[tuple[str, str], Array]

    def with_weights(self, changed: Weights, table: Mapping[str, Viseme]) -> Array:
        """Series [samples, kinds] with other weights than the table's."""
        series = np.stack([self.made[kind] for kind in KINDS], axis=1)
        for (viseme, channel), effect in self.effects.items():
            series = series + (changed[viseme][channel] - table[viseme].weights[channel]) * effect
        return series


def fit_shares(talks: Sequence[Talk], table: Mapping[str, Viseme]) -> dict[str, dict[str, float]]:
    """By unknown that is no factor: its value and its error."""
    values, errors = _solved(talks, table)
    without = np.array([_solved([*talks[:k], *talks[k + 1 :]], table)[0] for k in range(len(talks))])
    left = len(talks) - 1
    jackknife = np.sqrt(left / len(talks) * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    return {
        f"{name} {each}": {
            "value": round(float(value), 2), "error": round(float(max(error, other)), 2)
        }
        for (kind, name, each), value, error, other in zip(UNKNOWNS, values, errors, jackknife, strict=True)
        if kind != "factor"
    }  # fmt: skip


def shared(shares: Mapping[str, Mapping[str, float]], table: Mapping[str, Viseme]) -> Weights:
    """The table with what is opened, rounded and spread shared out so, as much of it as it has."""
    values = [shares[f"{name} {each}"]["value"] if kind != "factor" else 1.0 for kind, name, each in UNKNOWNS]
    return _weights(np.array(values), table)


def correlations(
    talks: Sequence[Talk], weights: Weights, table: Mapping[str, Viseme]
) -> dict[str, float]:
    """By kind, the correlation of what is made with what was seen, median over the talkers."""
    found = [
        [np.corrcoef(series, talk.seen[kind])[0, 1] for kind, series in zip(KINDS, made.T, strict=True)]
        for talk in talks
        for made in [talk.with_weights(weights, table)]
    ]
    return {kind: round(float(r), 3) for kind, r in zip(KINDS, np.median(found, axis=0), strict=True)}


def _weights(unknowns: Array, table: Mapping[str, Viseme]) -> Weights:
    known = dict(zip(UNKNOWNS, unknowns.tolist(), strict=True))
    weights = {name: dict(viseme.weights) for name, viseme in table.items()}
    for group, names in GROUPS.items():
        for name in names:
            weights[name]["jawOpen"] *= known["factor", "jaw", group]
            for pair_name, pair in PAIRS.items():
                each = next((one for one, members in pair.classes.items() if name in members), None)
                if each is None:
                    continue
                first, second = pair.millimetres
                whole = first * weights[name][pair.first] + second * weights[name][pair.second]
                whole *= known["factor", pair_name, group]
                share = known["share", pair_name, each]
                weights[name][pair.first] = whole * share / first
                weights[name][pair.second] = whole * (1 - share) / second
    for viseme, channel in ALONE:
        weights[viseme][channel] = known["weight", channel, viseme]
    return weights


def _solved(talks: Sequence[Talk], table: Mapping[str, Viseme]) -> tuple[Array, Array]:
    """The unknowns that fit best, and the standard errors of that fit."""
    from scipy.optimize import least_squares

    expected, spread = np.array([PRIOR[kind] for kind, _, _ in UNKNOWNS]).T
    most = np.array([MOST[kind] for kind, _, _ in UNKNOWNS])
    noise, unknowns = np.full(len(KINDS), NOISE), expected
    told = sum(min(len(talk.made["opening"]), LONGEST) for talk in talks) / ALIKE

    def missed(unknowns: Array) -> Array:
        weights = _weights(unknowns, table)
        rows = [
            np.sqrt(min(len(made), LONGEST) / len(made) / ALIKE)
            * (np.stack([talk.seen[kind] for kind in KINDS], axis=1) - made)
            for talk in talks
            for made in [talk.with_weights(weights, table)]
        ]
        return np.concatenate(rows)

    def weighed(unknowns: Array) -> Array:
        return np.concatenate([(missed(unknowns) / noise).ravel(), (unknowns - expected) / spread])

    for _ in range(ROUNDS):
        found = least_squares(weighed, unknowns, bounds=(0, most), x_scale=spread, max_nfev=15)
        unknowns = found.x
        noise = np.sqrt((missed(unknowns) ** 2).sum(axis=0) / told)
    return unknowns, np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)))
