"""From IPA to visemes: what each sound looks like, read from `phonemes/ipa.csv` and `diacritics.csv`."""

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
VOWEL_SHARE, OFFGLIDE_SHARE, CONSONANT_SHARE, GLIDE_SHARE = 1.0, 0.7, 0.6, 0.5
LONG, BRIEF = 1.5, 0.5


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
    """A base symbol with its marks: a target whose place in the phoneme is still open, and its share of the
    time."""

    target: VisemeTarget
    kind: str
    manner: str
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
def _symbols() -> Mapping[str, Mapping[str, str]]:
    return {row["symbol"]: row for row in table("ipa")}


@cache
def _effects() -> Mapping[str, str]:
    return {chr(int(row["code"][2:], 16)): row["effect"] for row in table("diacritics")}


def _sounds(ipa: str) -> list[Sound]:
    letters = re.sub("c\u0327", "ç", unicodedata.normalize("NFD", ipa))  # the one letter that NFD takes apart
    sounds: list[Sound] = []
    for letter in letters:
        if letter in _symbols():
            sounds.append(_plain(_symbols()[letter]))
        elif letter in _effects() and sounds:
            sounds[-1] = _marked(sounds[-1], _effects()[letter])
    return sounds


def _plain(row: Mapping[str, str]) -> Sound:
    share = {"vowel": VOWEL_SHARE, "glide": GLIDE_SHARE, "consonant": CONSONANT_SHARE}[row["kind"]]
    return Sound(VisemeTarget(row["viseme"], vowel=row["kind"] == "vowel"), row["kind"], row["manner"], share)


def _marked(sound: Sound, effect: str) -> Sound:
    target = sound.target
    match effect:
        case "round":
            target = replace(target, rounded=min(target.rounded + 1, 1))
        case "unround" | "spread":
            target = replace(target, rounded=max(target.rounded - 1, -1))
        case "open":
            target = replace(target, opened=min(target.opened + 1, 1))
        case "close":
            target = replace(target, opened=max(target.opened - 1, -1))
        case "long":
            return replace(sound, share=sound.share * LONG, marked=True)
        case "brief":
            return replace(sound, share=sound.share * BRIEF, marked=True)
        case "teeth":
            target = replace(target, viseme="f" if target.viseme == "p" else target.viseme)
        case viseme:
            target = replace(target, viseme=viseme)
    return replace(sound, target=target)


def _absorb_stops(sounds: list[Sound]) -> list[Sound]:
    """Leave out stops and nasals of the tongue before another consonant; all their time goes to that
    consonant."""
    kept = []
    for sound, following in zip(sounds, [*sounds[1:], None], strict=True):
        stop = sound.manner in ("plosive", "nasal", "implosive") and sound.target.viseme not in ("p", "f")
        if not (stop and following is not None and following.kind == "consonant"):
            kept.append(sound)
    return kept


def _shorten_offglides(sounds: list[Sound]) -> list[Sound]:
    """In a diphthong the first vowel is the longer one, unless a mark says which is."""
    shortened = sounds[:1]
    for before, sound in pairwise(sounds):
        diphthong = before.kind == "vowel" and sound.kind == "vowel" and not (before.marked or sound.marked)
        shortened.append(replace(sound, share=OFFGLIDE_SHARE) if diphthong else sound)
    return shortened
