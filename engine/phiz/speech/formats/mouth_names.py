"""Other programs' names for what the mouth does, by `phonemes/mouths.csv` and `mouth_sounds.csv`."""

from functools import cache

from phiz.data import table
from phiz.speech.speech import Phoneme
from phiz.speech.viseme_targets import VisemeTarget, visemes_of

__all__ = ["shapes_of", "sound_of_name", "viseme_name"]

LENGTH = "ːˑ"


def shapes_of(target: VisemeTarget, seconds: float) -> str:
    """The mouth shapes of Rhubarb Lip Sync ("A" to "H", "X") that show a viseme that long."""
    row = _rows()[target.viseme]
    brief = row["brief"] and seconds * 1000 < float(row["brief_ms"])
    shapes = row["brief"] if brief else row["rhubarb"]
    return "F" if target.rounded > 0 and "F" in shapes else shapes


def viseme_name(phoneme: Phoneme, names: str) -> str:
    """The name of a phoneme's viseme in the set "azure" or "polly"; of several visemes, the first one's."""
    plain = phoneme.ipa.rstrip(LENGTH)
    return _named(names).get(plain) or _rows()[visemes_of(phoneme.ipa)[0].viseme][names]


@cache
def sound_of_name(name: str, names: str) -> str:
    """IPA of the sound that stands for a name in the set "rhubarb" or "azure"; "" for rest and others."""
    found = (row["ipa"] for row in table("mouth_sounds") if row["set"] == names and row["name"] == name)
    return next(found, "")


@cache
def _rows() -> dict[str, dict[str, str]]:
    return {row["viseme"]: row for row in table("mouths")}


@cache
def _named(names: str) -> dict[str, str]:
    return {row["ipa"]: row["name"] for row in table("mouth_sounds") if row["set"] == names}
