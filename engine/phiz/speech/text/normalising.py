"""Numbers, dates, abbreviations and the like as they are said, where a voice would say them otherwise.

What is bound to a language stands in a module of its own; for languages that have none, voices are left to
their own rules.
"""

import re
import unicodedata

from phiz.speech.text import english, japanese
from phiz.speech.text.document import Edit, Settings
from phiz.speech.text.english_numbers import ordinal_ending, spoken_date

__all__ = ["language_edits", "say_as_edits"]

SYLLABARY = re.compile(r"[\u13a0-\u13ff\uab70-\uabbf]+")


def _cherokee(text: str, _: str) -> list[Edit]:
    """Words in the syllabary in Latin letters, which are all that espeak-ng reads: its signs' names."""
    return [
        Edit(*word.span(), "".join(unicodedata.name(sign).rpartition(" ")[2].lower() for sign in word[0]))
        for word in SYLLABARY.finditer(text)
    ]


# By the first part of a language's code.
LANGUAGES = {"en": english.edits, "ja": japanese.edits, "chr": _cherokee}


def language_edits(text: str, start: int, end: int, language: str) -> list[Edit]:
    """What is said otherwise in text[start:end], in places of `text`; earlier ones go before later ones."""
    code = language.lower().replace("_", "-")
    rules = LANGUAGES.get(code.partition("-")[0])
    found = rules(text[start:end], code) if rules else []
    return [Edit(start + edit.start, start + edit.end, edit.said) for edit in found]


def say_as_edits(text: str, settings: Settings) -> list[Edit]:
    """What SSML's <say-as> asks for in `text`: one edit for all of it, or none."""
    said = ""
    match settings.say_as:
        case "characters" | "spell-out" | "verbatim":
            said = ", ".join(character.upper() for character in text if character.isalnum())
        case "digits" | "telephone":
            said = ", ".join(" ".join(group) for group in re.findall(r"[^\W_]+", text))
        case "ordinal" if re.fullmatch(r"\s*\d+\s*", text):
            said = text.strip() + ordinal_ending(int(text))
        case "date":
            said = _date(text, settings.form or "mdy")
    return [Edit(0, len(text), said)] if said else []


def _date(text: str, form: str) -> str:
    """The date in `text`, whose numbers stand in the order of the letters d, m and y of `form`."""
    numbers = re.findall(r"\d+", text)
    if len(numbers) != len(form) or sorted(form) not in (["d", "m", "y"], ["d", "m"]):
        return ""
    values = dict(zip(form, numbers, strict=True))
    month_first = form.index("m") < form.index("d")
    return spoken_date(int(values["d"]), int(values["m"]), values.get("y", ""), month_first=month_first)
