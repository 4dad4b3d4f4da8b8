"""Notices when a text is written in another script than its language."""

import unicodedata
from collections import Counter

from phiz.data import table

__all__ = ["script_hint"]

ENOUGH = 0.5  # share of the letters that must be in the other script


def script_hint(text: str, language: str) -> str:
    """One line that names a better language when most of `text` is in a script `language` is not written in.

    Empty when all is well, and for scripts that the table does not know. language: a code such as "en-us".

        >>> script_hint("Привет", "en")
        "the text is written in Cyrillic letters but spoken as 'en'; --lang ru may be meant"
    """
    rows = {row["script"]: row for row in table("scripts")}
    letters = [character for character in text if character.isalpha()]
    found = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in letters)
    if "HIRAGANA" in found or "KATAKANA" in found:
        found["HIRAGANA"] += found.pop("CJK", 0) + found.pop("KATAKANA", 0)
    for script, count in found.most_common(1):
        row = rows.get(script)
        if row and count > ENOUGH * len(letters):
            code = language.lower().replace("_", "-")
            if not {code, code.partition("-")[0]} & set(row["languages"].split()):
                name = "Chinese" if script == "CJK" else script.capitalize()
                kind = "characters" if script == "CJK" else "letters"
                return (
                    f"the text is written in {name} {kind} but spoken as {language!r}; "
                    f"--lang {row['suggest']} may be meant"
                )
    return ""
