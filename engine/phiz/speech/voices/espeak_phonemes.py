"""espeak-ng's own spelling of sounds: its phoneme tables, and IPA written in their mnemonics."""

import re
import struct
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache

from phiz.speech.ipa import SHUT, feature

__all__ = ["PhonemeTable", "mnemonics_of", "read_phoneme_tables", "spelled"]

PhonemeTable = tuple[str, int, dict[int, tuple[int, str]]]
PAUSE_TYPE, STRESS_TYPE, VIRTUAL_TYPE = 0, 1, 9  # phoneme types that are no sounds
STRESSES = {"ˈ": "'", "ˌ": ","}
PARTED = re.compile(r"[\s.|‖_-]+")  # between words and syllables
# How much two sounds differ in what; a sound that a language has not is said as the nearest that it has.
COSTS = {"kind": 100.0, "manner": 6.0, "place": 4.0, "voice": 2.0, "rounding": 3.0}
ALIKE = (
    SHUT,
    ("trill", "tap", "flap", "approximant"),
)  # manners that are nearer to each other than to the rest
HEIGHTS = ("close", "near-close", "close-mid", "mid", "open-mid", "near-open", "open")
DEPTHS = ("front", "central", "back")
PLACES = (
    "bilabial", "labiodental", "dental", "alveolar", "postalveolar", "retroflex", "alveolo-palatal",
    "palatal", "velar", "uvular", "pharyngeal", "epiglottal", "glottal",
)  # fmt: skip


def read_phoneme_tables(data: bytes) -> list[PhonemeTable]:
    """(name, 1 + index of the included table or 0, {code: (type, mnemonic)}) of each table in `phontab`.

    Layout: espeak-ng, src/libespeak-ng: LoadPhData in synthdata.c and PHONEME_TAB in phoneme.h.
    """
    tables = []
    at = 4
    for _ in range(data[0]):
        count, included = data[at], data[at + 1]
        name = data[at + 4 : at + 36].split(b"\0")[0].decode("ascii", "replace")
        at += 36
        rows = {}
        for _ in range(count):
            mnemonic, _flags, _program, code, kind = struct.unpack_from("<4sIHBB", data, at)
            rows[code] = (kind, mnemonic.split(b"\0")[0].decode("latin-1"))
            at += 16
        tables.append((name, included, rows))
    return tables


def mnemonics_of(tables: list[PhonemeTable], attributes: str, language: str) -> list[str]:
    """espeak-ng's spellings of the sounds in the table that a voice uses and in those that it includes.

    attributes: the text of the voice's file. language: its name.
    """
    named = [line.split() for line in attributes.splitlines() if line.startswith(("phonemes ", "language "))]
    # the voice file may name a table; else the table has the name of the language, with or without its region
    wanted = [value for _, value, *_ in sorted(named, key=lambda fields: fields[0] != "phonemes")]
    wanted += [name.split("-")[0] for name in [*wanted, language]]
    names = [table[0] for table in tables]
    index = next((names.index(name) for name in wanted if name in names), 0)
    rows: dict[int, tuple[int, str]] = {}
    while True:
        _, included, phonemes = tables[index]
        rows = phonemes | rows  # a table overrides what it includes
        if not included:
            break
        index = included - 1
    silent = (PAUSE_TYPE, STRESS_TYPE, VIRTUAL_TYPE)
    return [mnemonic for kind, mnemonic in rows.values() if kind not in silent and mnemonic[:1] not in "_#"]


def spelled(ipa: str, known: Mapping[str, str]) -> str:
    """IPA in mnemonics, one word as the library takes it between [[ and ]]; "" when nothing in it is a sound.

    known: mnemonics by the IPA of their sounds. The longest that fits is taken; a sound that is not there is
    said as the nearest of one letter, by how both are made.
    """
    letters = unicodedata.normalize("NFD", PARTED.sub("", ipa)).replace("c\u0327", "ç").replace("\u0361", "")
    own = {unicodedata.normalize("NFD", name).replace("c\u0327", "ç"): mark for name, mark in known.items()}
    marks = list(_spelled(letters, own))
    return "".join(marks) if any(mark not in STRESSES.values() for mark in marks) else ""


def _spelled(letters: str, known: Mapping[str, str]) -> Iterator[str]:
    longest, at = max(map(len, known)), 0
    while at < len(letters):
        if letters[at] in STRESSES:
            yield STRESSES[letters[at]]
            at += 1
            continue
        for length in range(longest, 0, -1):
            if letters[at : at + length] in known:
                yield known[letters[at : at + length]] + "|"
                at += length
                break
        else:
            if feature(letters[at], "kind"):
                name = _nearest(letters[at], tuple(known))
                long = name + letters[at + 1 : at + 2]
                yield known[long if long in known else name] + "|"
            at += 1  # a mark that the language does not tell apart


@cache
def _nearest(symbol: str, known: tuple[str, ...]) -> str:
    """The sound of one letter among `known` that is made most like `symbol`."""
    single = [name for name in known if len(name) == 1 and feature(name, "kind")]
    return min(single, key=lambda name: (_apart(symbol, name), name))


def _apart(one: str, other: str) -> float:
    """How differently two sounds are made."""
    cost = 0.0
    for name, weight in COSTS.items():
        values = feature(one, name), feature(other, name)
        for scale in (HEIGHTS, DEPTHS, PLACES):
            if values[0] in scale and values[1] in scale:
                cost += abs(scale.index(values[0]) - scale.index(values[1]))
                break
        else:
            alike = any(values[0] in group and values[1] in group for group in ALIKE)
            cost += weight * (values[0] != values[1]) * (0.3 if alike else 1.0)
    return cost
