"""Every sound that espeak-ng can make in a language, found by letting it say its own phoneme table."""

import struct
from functools import cache
from pathlib import Path

from phiz.speech.voices import espeak

__all__ = ["phoneme_inventory"]

PHONEMES_IN_BRACKETS = 0x0100  # espeak-ng/speak_lib.h
# What is put around a phoneme to bring out each of its names; espeak-ng names by neighbours and stress.
CONTEXTS = (
    "{0}", "_{0}_", "'{0}", "a{0}_", "a{0}a", "'a{0}a", "a'{0}a", "'{0}a", "{0}'a", "i{0}i", "u{0}u", "s{0}a",
    "n{0}a", "{0}t", "{0}n_", "a{0};a", "a{0}:a", "{0}:",
)  # fmt: skip
PAUSE_TYPE, STRESS_TYPE, VIRTUAL_TYPE = 0, 1, 9  # phoneme types that are no sounds


@cache
def phoneme_inventory(language: str) -> frozenset[str]:
    """Every IPA string that `Speech.phonemes` can hold for a language as `resolve_language` takes it.

    Each mnemonic of the language's phoneme table and the tables it includes is spoken in many surroundings,
    and so are those of English, to which espeak-ng switches for foreign words and letters. Words in a third
    script (Russian in a French text) are spoken in their own language's sounds, which are not counted here.
    Raises UsageError for an unknown language.
    """
    name = espeak.resolve_language(language)
    return _inventory(name) | _inventory(espeak.LANGUAGE_ALIASES["en"])


@cache
def _inventory(language: str) -> frozenset[str]:
    found: set[str] = set()
    mnemonics = _mnemonics(language)
    with espeak._library() as (library, rate):
        espeak._set_voice(library, language, "")
        for mnemonic in mnemonics:
            for context in CONTEXTS:
                bracketed = f"[[{context.format(mnemonic)}]]"
                wave, marks = espeak._synthesise(library, bracketed, espeak.CHARS_UTF8 | PHONEMES_IN_BRACKETS)
                found.update(phoneme.ipa for phoneme in espeak._phonemes(marks, len(wave), rate)[0])
    return frozenset(found)


def _mnemonics(language: str) -> list[str]:
    """espeak-ng's spellings of the sounds in the table that `language` uses and in those that it includes."""
    import espeakng_loader

    data = Path(espeakng_loader.get_data_path())
    attributes = (data / "lang" / espeak.voice_file(language)).read_text("utf-8", "replace")
    named = [line.split() for line in attributes.splitlines() if line.startswith(("phonemes ", "language "))]
    tables = _phoneme_tables((data / "phontab").read_bytes())
    # the voice file may name a table; else the table has the name of the language, with or without its region
    wanted = [value for _, value, *_ in sorted(named, key=lambda fields: fields[0] != "phonemes")]
    wanted += [name.split("-")[0] for name in wanted]
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


def _phoneme_tables(data: bytes) -> list[tuple[str, int, dict[int, tuple[int, str]]]]:
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
