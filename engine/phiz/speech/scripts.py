"""Writing systems: which language a stretch of text is meant to be read in."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache

from phiz.data import table

__all__ = ["UNSPACED", "language_runs", "script_hint"]

ENOUGH = 0.5  # share of the letters that must be in the other script
LATIN, JAPANESE, CHINESE = "LATIN", "HIRAGANA", "CJK"
ALIKE = {LATIN, "CYRILLIC", "GREEK"}  # share letter shapes: a word with several of them is in that of most
# Scripts written without blanks between words: the voice's own slices are all there is.
UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN")
OPENING = "([{<«„“‘「『（【《¿¡\"'"

Run = tuple[int, int, str]  # start and end in a text's characters, and the language


def script_hint(text: str, language: str) -> str:
    """One line that says as what `text` is spoken when most of it is in a script that `language` has not.

    Empty when all is well, and for scripts that the table does not know. language: a code such as "en-us".

        >>> script_hint("Привет", "en")
        "the text is written in Cyrillic letters, 'en' is not: it is spoken as ru; say --lang ru or another"
    """
    letters = [script_of(character) for character in text if character.isalpha()]
    found = Counter(letters)
    if JAPANESE in found:
        found[JAPANESE] += found.pop(CHINESE, 0)
    for script, count in found.most_common(1):
        if script in _rows() and count > ENOUGH * len(letters) and not _is_own(script, language):
            name = {CHINESE: "Chinese", JAPANESE: "Japanese"}.get(script, script.capitalize())
            kind = "characters" if script in (CHINESE, JAPANESE) else "letters"
            spoken = language_of(script, text)
            said = f"it is spoken as {spoken}; say --lang {spoken} or another"
            if not spoken:
                said = "and no built-in language reads them: they are spelled; another voice may"
            return f"the text is written in {name} {kind}, {language!r} is not: {said}"
    return ""


def language_runs(text: str, language: str, context: str | None = None) -> list[Run]:
    """Stretches of `text`, which they cover, with the language of each; `language` wins where it fits.

    Letters of a script that `language` is not written in are in the language that the script suggests, by
    `phonemes/scripts.csv`; Chinese characters are Japanese where kana are near. Voices read Latin words in
    other scripts as English by themselves where blanks part them; elsewhere they become English runs. A
    single Greek or Cyrillic letter is a symbol. What is no letter goes with what is before it. context: the
    whole of which `text` is a part, in whose letters the languages show.

        >>> language_runs("Say привет, Tom.", "en")
        [(0, 4, 'en'), (4, 12, 'ru'), (12, 16, 'en')]
    """
    marks = [_script_here(text, index) for index in range(len(text))]
    if all(not script or _is_own(script, language) for script in set(marks)) and not _is_unspaced(language):
        return [(0, len(text), language)]
    for word in re.finditer(r"[^\W\d_]+", text):
        _settle(marks, *word.span(), language)
    spoken: dict[str, str] = {}
    runs: list[Run] = []
    for index, script in enumerate(marks):
        if script and script not in spoken:
            spoken[script] = _language_here(script, text if context is None else context, language)
        here = spoken[script] if script else ""
        if runs and (not here or here == runs[-1][2]):
            runs[-1] = (runs[-1][0], index + 1, runs[-1][2])
        else:
            start = index
            while runs and start > runs[-1][0] and text[start - 1] in OPENING:
                start -= 1
            if runs:
                runs[-1] = (runs[-1][0], start, runs[-1][2])
            runs.append((start, index + 1, here or language))
    return _joined(runs, text, language)


def language_of(script: str, text: str) -> str:
    """The language that a script suggests, told more closely by letters that only some languages have."""
    for row in table("script_letters"):
        if row["script"] == script and set(row["letters"]) & set(text.lower()):
            return row["language"]
    return _rows()[script]["suggest"]


@lru_cache(maxsize=8192)
def script_of(character: str) -> str:
    """The script of a letter, as Unicode names it; kana of both kinds are HIRAGANA."""
    words = unicodedata.name(character, "").replace("-", " ").split()
    words = [word for word in words if word not in ("FULLWIDTH", "HALFWIDTH", "KATAKANA")] or words
    if "KATAKANA" in unicodedata.name(character, ""):
        return JAPANESE
    return words[0] if words else ""


def _script_here(text: str, index: int) -> str:
    """The script of a letter that the table knows, "" for all else."""
    character = text[index]
    if not character.isalpha():
        return ""
    script = script_of(character)
    return script if script in _rows() or script == LATIN else ""


def _settle(marks: list[str], start: int, end: int, language: str) -> None:
    """One script for a word of look-alike letters; none for a single letter that is a symbol."""
    found = Counter(script for script in marks[start:end] if script)
    if len(found) > 1 and found.keys() <= ALIKE:
        commonest = max(found, key=lambda script: (found[script], _is_own(script, language)))
        marks[start:end] = [commonest] * (end - start)
    elif end - start == 1 and marks[start] in ALIKE and not _is_own(marks[start], language):
        marks[start] = ""


def _language_here(script: str, text: str, language: str) -> str:
    if script == LATIN:
        return "en" if _is_unspaced(language) else language
    if _is_own(script, language):
        return language
    if not _rows()[script]["suggest"]:
        return language
    if script == CHINESE and any(script_of(c) == JAPANESE for c in set(text) if c.isalpha()):
        return _rows()[JAPANESE]["suggest"]
    return language_of(script, text)


def _joined(runs: list[Run], text: str, language: str) -> list[Run]:
    """Runs without neighbours of one language; one before the first letter belongs to what follows it."""
    if len(runs) > 1 and not any(map(str.isalnum, text[runs[0][0] : runs[0][1]])):
        runs[:2] = [(runs[0][0], runs[1][1], runs[1][2])]
    return runs or [(0, len(text), language)]


@cache
def _rows() -> Mapping[str, Mapping[str, str]]:
    return {row["script"]: row for row in table("scripts")}


def _is_own(script: str, language: str) -> bool:
    """Whether `language` is written in `script`. Latin letters are at home in every language."""
    if script == LATIN:
        return True
    code = language.lower().replace("_", "-")
    mine = {code, code.partition("-")[0]}
    return script in _rows() and bool(mine & set(_rows()[script]["languages"].split()))


def _is_unspaced(language: str) -> bool:
    """Whether `language` is written without blanks, and so in other letters than Latin ones."""
    if "latn" in language.lower().replace("_", "-").split("-"):
        return False
    return any(script in UNSPACED and _is_own(script, language) for script in _rows())
