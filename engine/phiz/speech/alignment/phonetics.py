"""How sounds are made, by the table `phonemes/ipa.csv`: how far apart two are, which are vowels or hisses."""

from collections.abc import Mapping
from functools import cache

from phiz.data import table

__all__ = ["is_fricative", "is_sonorant", "is_vowel", "unlike"]

# How unlike two sounds are when only this differs; leaving both out costs two.
OTHER_PLACE, OTHER_MANNER, OTHER_VOWEL, GLIDE_FOR_VOWEL, CONSONANT_FOR_VOWEL = 0.5, 0.7, 0.4, 1.2, 2.5


@cache
def symbols() -> Mapping[str, Mapping[str, str]]:
    return {row["symbol"]: row for row in table("ipa")}


@cache
def made(ipa: str) -> Mapping[str, str] | None:
    """The table's row of the first symbol that it knows."""
    return next((symbols()[character] for character in ipa if character in symbols()), None)


def is_vowel(ipa: str) -> bool:
    row = made(ipa)
    return row is not None and row["kind"] == "vowel"


def is_fricative(ipa: str) -> bool:
    row = made(ipa)
    return row is not None and "fricative" in row["manner"]


def is_sonorant(ipa: str) -> bool:
    """Vowels, glides, nasals and liquids: the voice goes on and the air flows freely."""
    row = made(ipa)
    if row is None:
        return False
    return row["kind"] != "consonant" or row["manner"] in ("nasal", "approximant", "lateral")


@cache
def unlike(one: str, other: str) -> float:
    """How far apart two sounds are made, 0 for the same."""
    if one.replace("ː", "") == other.replace("ː", ""):
        return 0.0
    a, b = made(one), made(other)
    if a is None or b is None:
        return CONSONANT_FOR_VOWEL
    kinds = {a["kind"], b["kind"]}
    if kinds == {"vowel"}:
        apart = (a["place"] != b["place"]) + (a["manner"] != b["manner"])
        return OTHER_VOWEL * (1 + apart) / 2
    if "vowel" in kinds:
        open_way = all(
            row["kind"] != "consonant" or row["manner"] in ("approximant", "lateral") for row in (a, b)
        )
        return GLIDE_FOR_VOWEL if open_way else CONSONANT_FOR_VOWEL
    return OTHER_PLACE * (a["place"] != b["place"]) + OTHER_MANNER * (a["manner"] != b["manner"])
