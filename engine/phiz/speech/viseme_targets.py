"""From IPA to visemes: what each sound looks like, from how it is made.

`phonemes/ipa.csv` says how each symbol is made, `diacritics.csv` what marks change of it, `looks.csv` what
that looks like.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from math import fsum

from phiz.data import table
from phiz.errors import SpeechError

__all__ = ["VisemeTarget", "visemes_of"]

# Shares of a phoneme's time that its parts take, before they are scaled to fill it.
SHARES, OFFGLIDE_SHARE = {"vowel": 1.0, "consonant": 0.6, "glide": 0.5}, 0.7
LONG, BRIEF = 1.5, 0.5
MADE = ("kind", "place", "manner", "rounding", "voice")  # columns of looks.csv that say how a sound is made
LIPS = ("bilabial", "labiodental", "linguolabial")
STOPS = (
    "plosive",
    "nasal",
    "implosive",
)  # manners; the tongue's show nothing beside a consonant that follows
RAISED = {"trill": "fricative", "approximant": "fricative"}
LOWERED = {"fricative": "approximant"}

Features = Mapping[str, str]


@dataclass(frozen=True)
class VisemeTarget:
    """One look within a phoneme.

    viseme: a row of `phonemes/visemes.csv`. start, end: the part of the phoneme it takes, 0..1. rounded:
    -1..1, more or less rounded than the viseme. opened: -1..1, jaw lower or higher. vowel: whether it is one.
    """

    viseme: str
    start: float = 0.0
    end: float = 1.0
    rounded: int = 0
    opened: int = 0
    vowel: bool = False


@dataclass(frozen=True)
class Sound:
    """A base symbol with its marks: a target whose place in the phoneme is still open, how it is made (by the
    columns of `phonemes/ipa.csv`), and its share of the time."""

    target: VisemeTarget
    features: Features
    share: float
    marked: bool = False  # its share came from a mark, such as a length sign


@cache
def visemes_of(ipa: str) -> tuple[VisemeTarget, ...]:
    """What a phoneme looks like, in order: one target for most, two for a diphthong, a glide with its vowel
    and so on.

    Any IPA string: base symbols with diacritics, length, ties, tones and stress; marks that do nothing to the
    lips are passed over. A stop or nasal of the tongue gives way to a consonant that follows it in the same
    phoneme, so an affricate looks like its fricative and k͡p like p. Raises SpeechError when no base symbol
    is in `ipa`.

    >>> [target.viseme for target in visemes_of("aɪ")]
    ['ah', 'ih']
    """
    sounds = _sounds(ipa)
    if not sounds:
        raise SpeechError(
            f"{ipa!r} holds no IPA letter: phonemes are IPA, with at least one letter of phonemes/ipa.csv"
        )
    sounds = _shorten_offglides(_absorb_stops(sounds))
    # `sum` rounds differently from one Python version to another
    total, time, targets = fsum(sound.share for sound in sounds), 0.0, []
    for sound in sounds:
        end = time + sound.share / total
        targets.append(replace(sound.target, start=time, end=end))
        time = end
    targets[-1] = replace(targets[-1], end=1.0)
    return tuple(targets)


@cache
def _symbols() -> Mapping[str, Features]:
    return {row["symbol"]: row for row in table("ipa")}


@cache
def _effects() -> Mapping[str, str]:
    return {chr(int(row["code"][2:], 16)): row["effect"] for row in table("diacritics")}


@cache
def _looks() -> tuple[tuple[str, Mapping[str, frozenset[str]]], ...]:
    """Rows of `phonemes/looks.csv`: a viseme, and by column what fits."""
    return tuple(
        (row["viseme"], {name: frozenset(row[name].split("|")) for name in MADE if row[name]})
        for row in table("looks")
    )


def _look(features: Features) -> str:
    """The viseme of a sound that is made so."""
    return next(
        viseme for viseme, fits in _looks() if all(features[name] in values for name, values in fits.items())
    )


def _sounds(ipa: str) -> list[Sound]:
    letters = re.sub("c\u0327", "ç", unicodedata.normalize("NFD", ipa))  # the one letter that NFD takes apart
    sounds: list[Sound] = []
    for letter in letters:
        if letter in _symbols():
            features = _symbols()[letter]
            sounds.append(
                Sound(VisemeTarget("", vowel=features["kind"] == "vowel"), features, SHARES[features["kind"]])
            )
        elif letter in _effects() and sounds:
            sounds[-1] = _marked(sounds[-1], _effects()[letter])
    return [replace(sound, target=replace(sound.target, viseme=_look(sound.features))) for sound in sounds]


def _marked(sound: Sound, effect: str) -> Sound:
    """`sound` as a mark changes it."""
    target, features = sound.target, dict(sound.features)
    match effect:
        case "round":
            target = replace(target, rounded=min(target.rounded + 1, 1))
        case "unround" | "spread":
            target = replace(target, rounded=max(target.rounded - 1, -1))
        case "open":
            target = replace(target, opened=min(target.opened + 1, 1))
            features["manner"] = LOWERED.get(features["manner"], features["manner"])
        case "close":
            target = replace(target, opened=max(target.opened - 1, -1))
            features["manner"] = RAISED.get(features["manner"], features["manner"])
        case "long":
            return replace(sound, share=sound.share * LONG, marked=True)
        case "brief":
            return replace(sound, share=sound.share * BRIEF, marked=True)
        case "teeth":
            features["place"] = "labiodental" if features["place"] == "bilabial" else features["place"]
        case becomes:
            column, _, value = becomes.partition("=")
            if features["kind"] == {"rounding": "vowel", "place": "consonant"}[column]:
                features[column] = value
    return replace(sound, target=target, features=features)


def _absorb_stops(sounds: list[Sound]) -> list[Sound]:
    """Leave out stops and nasals of the tongue before another consonant; all their time goes to that
    consonant."""
    kept = []
    for sound, following in zip(sounds, [*sounds[1:], None], strict=True):
        tongue = sound.features["place"] not in LIPS and sound.features["manner"] in STOPS
        if not (tongue and following is not None and following.features["kind"] == "consonant"):
            kept.append(sound)
    return kept


def _shorten_offglides(sounds: list[Sound]) -> list[Sound]:
    """In a diphthong the first vowel is the longer one, unless a mark says which is."""
    shortened = sounds[:1]
    for before, sound in pairwise(sounds):
        diphthong = before.target.vowel and sound.target.vowel and not (before.marked or sound.marked)
        shortened.append(replace(sound, share=OFFGLIDE_SHARE) if diphthong else sound)
    return shortened
