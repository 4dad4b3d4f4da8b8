"""An acoustic model's phones beside a synthesiser's: which of them are the same sound."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.phonetics import is_vowel, unlike
from phiz.speech.speech import Phoneme

__all__ = ["Timed", "as_heard", "partners"]

# Vowels that a synthesiser and an acoustic model call by different names without meaning different things.
WEAK = frozenset("əɐᵻɪʌiɚɜ")
MISSING = 1.0  # cost of a sound that only one of them has, where that of other sounds is `unlike`


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


def as_heard(phonemes: Sequence[Phoneme], partner: Sequence[Timed | None]) -> list[Phoneme]:
    """`phonemes` whose full vowels are those that the model chose among the ways to say the word.

    partner: the model's phone for each phoneme.
    """
    result: list[Phoneme] = []
    for phoneme, phone in zip(phonemes, partner, strict=True):
        full = is_vowel(phoneme.ipa) and phoneme.ipa[0] not in WEAK
        if full and phone is not None and is_vowel(phone.ipa) and unlike(phoneme.ipa, phone.ipa):
            weak = phone.ipa == "ʌ" and phoneme.stress == 0  # one name for both in English dictionaries
            phoneme = replace(phoneme, ipa="ə" if weak else phone.ipa)
        result.append(phoneme)
    return result


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
