"""English as it is said: abbreviations, names with numerals, addresses of the web; numbers stand in
`english_numbers`.

espeak-ng reads plain numbers, ordinals, acronyms and letters well; what is here is what it gets wrong.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from phiz.data import table
from phiz.speech.text.document import Edit
from phiz.speech.text.english_numbers import is_end, number_edits, ordinal_ending

__all__ = ["edits"]

_Rule = Callable[[str], Iterator[Edit]]

WEB = re.compile(
    r"(?<![\w@.])(?:(?P<scheme>https?://|ftp://|www\.)(?P<rest>[^\s<>\"']*[\w/#])"
    r"|(?P<bare>(?:[\w-]{1,63}\.){1,8}(?:com|org|net|edu|gov|io|co\.uk|info|ai|dev|app)(?:/[\w/.~-]*\w)?)(?![\w@]))"
)
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
TAG = re.compile(r"(?<![\w&])#(?P<number>\d+\b)|(?<![\w&])#(?P<tag>\d*[^\W\d_]\w*)|(?<![\w.])@(?P<name>\w+)")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-zA-Z])(?=\d)|_+")
# Words that begin a sentence when they have a capital letter after a full stop.
STARTERS = re.compile(
    r"\s+(?:A|After|All|An|And|As|At|But|By|For|He|Her|His|How|However|I|If|In|It|Its|My|No|Not|On|One|Or|Our|She|"
    r"So|That|The|Their|Then|There|These|They|This|To|We|What|When|Where|While|Who|Why|With|You|Your)\b|\s*\Z"
)
SIGNS = {
    ".": " dot ", "/": " slash ", "-": " dash ", "_": " underscore ", "+": " plus ", "@": " at ",
    "~": " tilde ",
}  # fmt: skip
ROMAN = re.compile(r"(?<![\w'’])(?P<word>[A-Za-z]+)\s+(?P<numeral>[IVXL]+)\b(?!['’.]?\w)")
ALONE = re.compile(r"\s*(?:[,.;:!?)]|of\b|\Z)")
INITIAL = re.compile(r"\b[A-Z]\.\s+\Z")
NO_NUMBER_AFTER = {"a", "an", "the"}  # an IV line
VALID = re.compile(r"(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")  # up to 89
DIGITS = {"I": 1, "V": 5, "X": 10, "L": 50}
OR = re.compile(r"(?<![\w/.-])(?P<one>[a-z]+)/(?P<other>[a-z]+)(?![\w/-]|\.\w)", re.I)
LETTERS = re.compile(r"(?<![\w.])(?:[A-Z]\.){2,}(?!\w)")


def edits(text: str, language: str) -> list[Edit]:
    """What is said otherwise than written in an English text; earlier ones go before later ones.

    language: "en-us", "en-gb" ...: Americans write the month first.
    """
    first: tuple[_Rule, ...] = (_mail, _web, _tags, _abbreviations, _letters, _romans)
    found = [edit for rule in first for edit in rule(text)]
    found += number_edits(text, month_first=language in ("en", "en-us", "en-us-nyc"))
    return found + list(_slashes(text))


def _web(text: str) -> Iterator[Edit]:
    """https://www.example.com/a?b=1: "example dot com slash a"; what follows the question mark is
    for machines."""
    for match in WEB.finditer(text):
        address = match["bare"] or re.split(r"[?#]", match["rest"])[0].removeprefix("www.").rstrip("/.")
        yield Edit(*match.span(), _spoken_address(address) or "link")


def _mail(text: str) -> Iterator[Edit]:
    for match in MAIL.finditer(text):
        yield Edit(*match.span(), _spoken_address(match[0]))


def _spoken_address(address: str) -> str:
    said = "".join(SIGNS.get(c, c if c.isalnum() else " ") for c in address)
    return " ".join(said.split())


def _tags(text: str) -> Iterator[Edit]:
    """#BlackLivesMatter: "hashtag Black Lives Matter"; #5: "number 5"; @bob: "at bob"."""
    for match in TAG.finditer(text):
        if match["number"]:
            yield Edit(*match.span(), f"number {match['number']}")
        elif match["tag"]:
            yield Edit(*match.span(), f"hashtag {CAMEL.sub(' ', match['tag'])}")
        else:
            yield Edit(*match.span(), f"at {CAMEL.sub(' ', match['name'])}")


@cache
def _abbreviation_table() -> tuple[re.Pattern[str], Mapping[str, tuple[str, str]]]:
    rows = {row["written"]: (row["said"], row["kind"]) for row in table("abbreviations")}
    any_of = "|".join(re.escape(written) for written in sorted(rows, key=len, reverse=True))
    return re.compile(rf"(?<![\w.@/])(?:{any_of})(?<!/)(?!\w)|(?<!\S)w/(?=\s)"), rows


def _abbreviations(text: str) -> Iterator[Edit]:
    pattern, rows = _abbreviation_table()
    for match in pattern.finditer(text):
        said, kind = rows[match[0]]
        after = text[match.end() :]
        named = re.match(r"\s+(?:[\"“‘(]?[A-Z]|and\b|&)", after) is not None
        if (kind == "number" and not re.match(r"\s*[#\d]", after)) or (kind == "title" and not named):
            continue
        if kind == "place":
            first, second = said.split("|")
            of_a_name = re.search(r"\w[^\s.!?]*\s+[A-Z][\w'’]*\s+\Z", text[: match.start()][-60:]) is not None
            said, kind = (second, "word") if of_a_name or not named else (first, "title")
        ends = match[0].endswith(".") and (not after.strip() or (kind == "word" and is_end(after)))
        yield Edit(*match.span(), said + "." * ends)


def _romans(text: str) -> Iterator[Edit]:
    """Louis XIV: "Louis the 14th"; World War II: "World War 2"; Malcolm X and "Elizabeth I think" stay."""
    kinds = {row["word"]: row["kind"] for row in table("roman")}
    for match in ROMAN.finditer(text):
        numeral, word = match["numeral"], match["word"]
        kind = kinds.get(word) or ("cardinal" if kinds.get(word.title()) == "cardinal" else "")
        unlikely = len(numeral) < 2 or numeral in ("LI", "XL", "XX") or word in NO_NUMBER_AFTER
        if not VALID.fullmatch(numeral) or (not kind and unlikely):
            continue
        if numeral == "I" and kind == "ordinal" and not ALONE.match(text, match.end()):
            continue
        number = _value(numeral)
        heir = INITIAL.search(text, 0, match.start()) is not None  # Lloyd J. Austin III
        ordinal = kind == "ordinal" or (heir and not kind)
        said = f"the {number}{ordinal_ending(number)}" if ordinal else str(number)
        yield Edit(match.start("numeral"), match.end("numeral"), said)


def _value(numeral: str) -> int:
    values = [DIGITS[letter] for letter in numeral]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _slashes(text: str) -> Iterator[Edit]:
    """he/she: "he or she"; and/or: "and or"; n/a: "n a"."""
    for match in OR.finditer(text):
        one, other = match["one"], match["other"]
        between = " or " if min(len(one), len(other)) > 1 and other.lower() != "or" else " "
        between = " " if one.isupper() and other.isupper() else between  # TCP/IP
        between = "-" if max(len(one), len(other)) == 1 else between  # letters, not the article
        yield Edit(*match.span(), one + between + other)


def _letters(text: str) -> Iterator[Edit]:
    """U.S.A. and J.K. are spelled, and end a sentence only where that is plain."""
    for match in LETTERS.finditer(text):
        ends = STARTERS.match(text, match.end()) is not None
        yield Edit(*match.span(), "-".join(match[0][:-1].split(".")) + "." * ends)
