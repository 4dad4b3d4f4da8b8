"""Names of sounds: from a synthesiser's own spelling to plain IPA, and which shut the mouth."""

import unicodedata
from collections.abc import Mapping
from functools import cache

from phiz.data import table

__all__ = ["SHUT", "clean", "feature", "is_closure", "is_modifier"]

STRESS = {"ˈ": 1, "ˌ": 2}
# Tone is heard, not seen: tone letters, Chao numbers and tone accents go.
TONES = frozenset("˥˦˧˨˩↑↓↗↘ꜛꜜ0123456789")
SHUT = ("plosive", "affricate", "implosive", "click")  # manners that begin with a shut mouth or tongue


def clean(name: str) -> tuple[str, int]:
    """IPA without stress, tone and ASCII residue, and the stress (0 none, 1 primary, 2 secondary).

    Language switches such as "(en)" and names of tones give "". Length and other diacritics stay; NFC.
    """
    if name.startswith("("):
        return "", 0
    stress = max((STRESS.get(character, 0) for character in name[:1]), default=0)
    ipa = "".join(character for character in name if character not in STRESS and character not in TONES)
    shut = is_closure(ipa)
    for row in table("espeak_names"):
        if shut or not row["after"]:
            ipa = ipa.replace(row["spelling"], row["ipa"])
    ipa = "".join(c for c in ipa if not c.isascii() or c.isalpha())
    if ipa[-1:] == "h" and any(feature(letter, "kind") == "consonant" for letter in ipa[:-1]):
        ipa = ipa[:-1] + "ʰ"  # inside one name it is aspiration
    if len(ipa) > 1 and is_modifier(ipa[0]):
        ipa = ipa.lstrip("ʰʲˠˤ")
    return unicodedata.normalize("NFC", ipa), stress


def is_modifier(ipa: str) -> bool:
    """True for marks that are no sound alone but colour the one before: ʲ ː ʰ, combining diacritics."""
    return bool(ipa) and all(unicodedata.category(c) in ("Lm", "Mn", "Sk") for c in ipa)


def is_closure(ipa: str) -> bool:
    """True for stops and affricates: sounds whose first part is a shut mouth or tongue."""
    return feature(ipa[:1], "manner") in SHUT


def feature(symbol: str, name: str) -> str:
    """How a symbol is made, by a column of `phonemes/ipa.csv`; "" for what is no symbol."""
    return _symbols().get(symbol, {}).get(name, "")


@cache
def _symbols() -> Mapping[str, Mapping[str, str]]:
    return {row["symbol"]: row for row in table("ipa")}
