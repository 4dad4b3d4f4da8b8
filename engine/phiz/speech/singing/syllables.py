"""Words as a voice says them, cut into syllables: one vowel each, with the consonants that go with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from phiz.speech.ipa import feature
from phiz.speech.prosody import is_vowel
from phiz.speech.speech import Phoneme, Speech

__all__ = ["Spoken", "parted", "sounds_of"]

# How open a consonant is (Selkirk 1984): what opens towards the vowel begins a syllable with it.
SONORITY = {
    "plosive": 1, "affricate": 1, "implosive": 1, "click": 1, "fricative": 2, "lateral fricative": 2,
    "nasal": 3, "trill": 4, "tap": 4, "flap": 4, "lateral flap": 4, "lateral": 4,
}  # fmt: skip
MOST_OPEN = 5  # approximants and what has no manner of its own


@dataclass(frozen=True)
class Spoken:
    """A syllable. Times are those in the speech it is taken from. word: of the song's tokens.

    notes: on how many of the song's syllables it is sung; more than one where the voice has fewer than the
    song.
    """

    word: int
    onset: tuple[Phoneme, ...]
    nucleus: Phoneme
    coda: tuple[Phoneme, ...]
    notes: int = 1


def sounds_of(speech: Speech, spans: Sequence[tuple[int, int]], text: str) -> list[list[Phoneme]]:
    """The phonemes of each span of `text`, which `speech` says; [] for what is not spoken by itself."""
    owners: list[int] = []
    place = token = 0
    for word in speech.words:
        found = text.find(word.text, place)
        place = found if found >= 0 else place
        while token < len(spans) - 1 and spans[token][1] <= place:
            token += 1
        owners.append(token)
        place += len(word.text) if found >= 0 else 0
    result: list[list[Phoneme]] = [[] for _ in spans]
    for phoneme in speech.phonemes:
        if phoneme.word >= 0:
            result[owners[phoneme.word]].append(phoneme)
    return result


def parted(word: int, sounds: Sequence[Phoneme], count: int) -> list[Spoken]:
    """A word's sounds as `count` syllables, or fewer that are sung on several notes.

    With more vowels than syllables, the shortest go with the consonants ("ev'ry"); with fewer, the last is
    held ("fi-re"). A word without a vowel is sung on its longest voiced sound.
    """
    nuclei = [index for index, sound in enumerate(sounds) if is_vowel(sound.ipa)]
    if not nuclei:
        nuclei = [max(range(len(sounds)), key=lambda index: _singable(sounds[index]))]
    if len(nuclei) > count:
        longest = sorted(nuclei, key=lambda index: sounds[index].start - sounds[index].end)[:count]
        nuclei = sorted(longest)
    cuts = [0, *(_cut(sounds, *both) for both in pairwise(nuclei)), len(sounds)]
    result = [
        Spoken(word, tuple(sounds[start:nucleus]), sounds[nucleus], tuple(sounds[nucleus + 1 : end]))
        for nucleus, (start, end) in zip(nuclei, pairwise(cuts), strict=True)
    ]
    result[-1] = replace(result[-1], notes=1 + count - len(result))
    return result


def _singable(sound: Phoneme) -> tuple[bool, float]:
    return feature(sound.ipa[:1], "voice") != "voiceless", sound.end - sound.start


def _cut(sounds: Sequence[Phoneme], first: int, last: int) -> int:
    """Where the syllable of the vowel `last` begins after the vowel `first`: as early as its consonants open
    towards it, with an [s] before."""
    cut = last
    while cut > first + 1:
        before = sounds[cut - 1]
        opens = cut == last or _sonority(before) < _sonority(sounds[cut])
        if not opens and before.ipa[:1] not in ("s", "ʃ"):
            break
        cut -= 1
    return cut


def _sonority(sound: Phoneme) -> int:
    return SONORITY.get(feature(sound.ipa[:1], "manner"), MOST_OPEN)
