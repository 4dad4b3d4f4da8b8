"""Names of English sounds: IPA to ARPAbet and back, by the table `phonemes/arpabet.csv`."""

from collections.abc import Sequence
from functools import cache

from phiz.data import table

__all__ = ["arpabet_of", "ipa_of", "shape_of"]


@cache
def _spellings() -> dict[str, tuple[str, ...]]:
    return {row["ipa"]: tuple(row["arpabet"].split()) for row in table("arpabet")}


@cache
def _names() -> dict[str, str]:
    return {row["arpabet"]: row["ipa"] for row in table("arpabet") if row["own"]}


def arpabet_of(ipa: Sequence[str]) -> tuple[str, ...]:
    """The ARPAbet sounds of a pronunciation; () when none of it can be written so.

    >>> arpabet_of(["b", "ɑːɹ"])
    ('B', 'AA', 'R')
    """
    spellings = _spellings()
    longest = max(map(len, spellings))
    result: list[str] = []
    for name in ipa:
        rest = name.replace("ː", "")
        while rest:
            length = next((n for n in range(min(longest, len(rest)), 0, -1) if rest[:n] in spellings), 0)
            result += spellings[rest[:length]] if length else ()
            rest = rest[length or 1 :]
    return tuple(result)


def ipa_of(sound: str) -> str:
    """IPA of an ARPAbet sound, "" of anything else (silence, noise).

    >>> ipa_of("SH")
    'ʃ'
    """
    return _names().get(sound, "")


@cache
def shape_of(sound: str) -> str:
    """What the mouth looks like in an ARPAbet sound: a word of the table's column `shape`; "" for others."""
    return next((row["shape"] for row in table("arpabet") if row["own"] and row["arpabet"] == sound), "")
