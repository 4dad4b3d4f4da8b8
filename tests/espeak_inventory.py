"""Every sound that espeak-ng can make in a language, found by letting it say its own phoneme table."""

from functools import cache
from pathlib import Path

from phiz.speech.voices import espeak
from phiz.speech.voices.espeak_phonemes import mnemonics_of, read_phoneme_tables

__all__ = ["phoneme_inventory"]

PHONEMES_IN_BRACKETS = 0x0100  # espeak-ng/speak_lib.h
# What is put around a phoneme to bring out each of its names; espeak-ng names by neighbours and stress.
CONTEXTS = (
    "{0}", "_{0}_", "'{0}", "a{0}_", "a{0}a", "'a{0}a", "a'{0}a", "'{0}a", "{0}'a", "i{0}i", "u{0}u", "s{0}a",
    "n{0}a", "{0}t", "{0}n_", "a{0};a", "a{0}:a", "{0}:",
)  # fmt: skip


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
    return mnemonics_of(read_phoneme_tables((data / "phontab").read_bytes()), attributes, language)
