"""An acoustic model's phones beside a synthesiser's: which of them are the same sound."""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from phiz.data import table
from phiz.speech.speech import Phoneme

__all__ = ["Timed", "partners"]

# What it costs to take one sound for another: one of each is missing at 2.0.
OTHER_PLACE, OTHER_MANNER, OTHER_VOWEL, GLIDE_FOR_VOWEL, CONSONANT_FOR_VOWEL = 0.5, 0.7, 0.4, 1.2, 2.5
MISSING = 1.0


class Timed(Protocol):
    """A sound with its times: a `Phoneme`, or a phone of an acoustic model."""

    @property
    def ipa(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def word(self) -> int: ...


def partners(phonemes: Sequence[Phoneme], phones: Sequence[Timed]) -> NDArray[np.int64]:
    """Index of the phone [n] that is the same sound as each phoneme of the same word, -1 for none."""
    by_word: dict[int, list[int]] = {}
    for index, phone in enumerate(phones):
        by_word.setdefault(phone.word, []).append(index)
    found = np.full(len(phonemes), -1, np.int64)
    for word, group in groupby(range(len(phonemes)), key=lambda index: phonemes[index].word):
        own, others = list(group), by_word.get(word, [])
        if word >= 0 and others:
            for i, j in paired([phonemes[k].ipa for k in own], [phones[k].ipa for k in others]):
                found[own[i]] = others[j]
    return found


def paired(these: Sequence[str], those: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of indices of equal or similar sounds, both ascending: the least edit distance."""
    n, m = len(these), len(those)
    costs = np.array([[unlike(a, b) for b in those] for a in these])
    total = np.zeros((n + 1, m + 1))
    total[:, 0], total[0] = MISSING * np.arange(n + 1), MISSING * np.arange(m + 1)
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            both = total[i - 1, j - 1] + costs[i - 1, j - 1]
            total[i, j] = min(both, total[i - 1, j] + MISSING, total[i, j - 1] + MISSING)
    pairs, i, j = [], n, m
    while i and j:
        if total[i, j] == total[i - 1, j - 1] + costs[i - 1, j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif total[i, j] == total[i - 1, j] + MISSING:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


@cache
def sounds() -> Mapping[str, Mapping[str, str]]:
    return {row["symbol"]: row for row in table("ipa")}


@cache
def unlike(one: str, other: str) -> float:
    """How far apart two sounds are made, 0 for the same."""
    if one.replace("ː", "") == other.replace("ː", ""):
        return 0.0
    a, b = (next((sounds()[c] for c in ipa if c in sounds()), None) for ipa in (one, other))
    if a is None or b is None:
        return CONSONANT_FOR_VOWEL
    kinds = {a["kind"], b["kind"]}
    open_way = all(row["kind"] != "consonant" or "approximant" in row["manner"] for row in (a, b))
    if kinds == {"vowel"}:
        apart = (a["place"] != b["place"]) + (a["manner"] != b["manner"])
        return OTHER_VOWEL * (1 + apart) / 2
    if "vowel" in kinds:
        return GLIDE_FOR_VOWEL if open_way else CONSONANT_FOR_VOWEL
    return OTHER_PLACE * (a["place"] != b["place"]) + OTHER_MANNER * (a["manner"] != b["manner"])
