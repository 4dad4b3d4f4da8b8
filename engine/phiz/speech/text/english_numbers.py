"""English numbers as they are said: dates, times, years, money, measures, fractions, ranges, telephones.

A voice says the numbers themselves; here they are only put in the order and the words of speech.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from phiz.data import table
from phiz.speech.text.document import Edit

__all__ = ["MONTHS", "is_end", "number_edits", "ordinal_ending", "spoken_date", "spoken_year"]

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
MONTH = "|".join(f"{name}|{name[:3]}\\.?" if name != "September" else f"{name}|Sept?\\.?" for name in MONTHS)
NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
SCALE = r"(?:\s?(?:thousand|million|billion|trillion)\b|(?:k|K|m|M|mn|bn|B|tn|T)\b)"
SCALES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion", "b": "billion", "tn": "trillion"}
SCALES["t"] = "trillion"

ISO_DATE = re.compile(r"(?<![\d-])(\d{4})-(\d\d)-(\d\d)(?![\d-])")
SLASH_DATE = re.compile(r"(?<![\d/.])(\d{1,2})([/.])(\d{1,2})\2(\d{4}|\d\d)(?![\d/])")
DAY_MONTH = re.compile(rf"(?<![\d.,:/$£€-])(\d{{1,2}})(?:\s+(?:of\s+)?)(?=(?:{MONTH})(?!\w))")
MONTH_DAY = re.compile(rf"\b(?:{MONTH})\s+(\d{{1,2}})(?![\d:.]*\d|(?:st|nd|rd|th)\b)")
CLOCK = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?(?:\s?([ap])(?:m\b|\.m\b\.?))?(?![\d:])", re.I
)
HALF = re.compile(r"(?<=\d)(\s?([ap])(?:m\b|\.m\b\.?))", re.I)
DECADE = re.compile(r"\b(1[1-9]|20)(\d)0(['’]?s)\b")
YEAR = re.compile(
    r"(?<![\w.,:/$£€¥#+^=-])(1[1-9]\d\d|20[1-9]\d)(?![\w%°]|[.,:/]\d|[-+*=]\w)"
    r"(?!\s+(?!was\b|is\b|has\b|as\b|its\b|this\b|vs\b)[a-z]+s\b)"
)
YEARS = re.compile(r"(?<![\w.,:/$£€-])(1[1-9]\d\d|20\d\d)\s?[-–—]\s?(1[1-9]\d\d|20\d\d|\d\d)(?![\w-]|[.,]\d)")
RANGE = re.compile(r"(?<![\w.,:/–-])(\d+(?:\.\d+)?)[–-](\d+(?:\.\d+)?)(?![\w:/-]{0,20}[-/]\d)(?!\d)")
BETWEEN = re.compile(r"(?<=\d)[–-](?=\d{1,2}:\d\d)")  # 7:30-9:00
SIZE = re.compile(r"(?<![\w.])\d+(?:[x×]\d+){1,2}")  # 20x30
PHONE = re.compile(
    r"(?<![\w.,$£€-])(?:\d+(?:-\d+){2,8}(?![\w-]|[.,]\d)|"
    r"(?:\+\d{1,3}[ .-])?(?:\(\d{2,5}\)[ .-]?|\d{2,5}[ .-])?"
    r"\d{3,4}[ .-]\d{3,4}(?:[ .-]\d{3,4})?(?![\w-]|[.,]\d))"
)
FRACTION = re.compile(r"(?<![\w./-])(?:(\d+)\s+)?([1-9]\d?)/([1-9]\d?)(?![\w/]|[.,]\d)")
MIXED = re.compile(r"(?<![\w.])(\d+)\s?([¼½¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚])|([¼½¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚])")
FEET = re.compile(r"(?<![\w.])(\d+)\s?['’′]\s?(\d+)\s?(?:\"|”|″|'')")
MINUS = re.compile(r"(?<![\w)\]])(?<!\d\s)[-−]\d[\d.,]*(?<!\D)")
PER = {
    2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters"), 5: ("fifth", "fifths"),
    6: ("sixth", "sixths"), 7: ("seventh", "sevenths"), 8: ("eighth", "eighths"), 9: ("ninth", "ninths"),
    10: ("tenth", "tenths"), 16: ("sixteenth", "sixteenths"), 32: ("thirty-second", "thirty-seconds"),
}  # fmt: skip
SIGNS = {
    "¼": (1, 4), "½": (1, 2), "¾": (3, 4), "⅓": (1, 3), "⅔": (2, 3), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6),
}  # fmt: skip


def number_edits(text: str, *, month_first: bool) -> list[Edit]:
    """What is said otherwise around numbers; earlier edits go before later ones.

    month_first: whether 3/4/2021 is the 4th of March.
    """
    rules: tuple[Callable[[str], Iterator[Edit]], ...] = (
        lambda text: _dates(text, month_first), _clock, _money, _phones, _years, _heights, _measures,
        _fractions, _ranges,
    )  # fmt: skip
    return [edit for rule in rules for edit in rule(text)]


def ordinal_ending(number: int) -> str:
    """What follows the digits of an ordinal: "st", "nd", "rd" or "th"."""
    return "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def spoken_year(year: str) -> str:
    """1999: "19 99"; 1905: "19 oh 5"; 1900: "19 hundred"; 2005 stays."""
    if len(year) != 4 or not "1100" <= year <= "2099" or "2000" <= year <= "2009":
        return year
    century, rest = year[:2], year[2:]
    if rest == "00":
        return f"{century} hundred"
    return f"{century} oh {rest[1]}" if rest[0] == "0" else f"{century} {rest}"


def spoken_date(day: int, month: int, year: str, *, month_first: bool) -> str:
    """ "March 4th, 20 21" or "the 4th of March 20 21"; "" where there is no such day or month."""
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return ""
    name, ordinal = MONTHS[month - 1], f"{day}{ordinal_ending(day)}"
    said = f"{name} {ordinal}" if month_first else f"the {ordinal} of {name}"
    return f"{said}, {spoken_year(year)}" if year else said


def _dates(text: str, month_first: bool) -> Iterator[Edit]:
    for match in ISO_DATE.finditer(text):
        year, month, day = match.groups()
        if said := spoken_date(int(day), int(month), year, month_first=month_first):
            yield Edit(*match.span(), said)
    for match in SLASH_DATE.finditer(text):
        one, separator, other, year = match.groups()
        first = (month_first and separator == "/" and int(one) <= 12) or int(other) > 12
        day, month = (other, one) if first else (one, other)
        if said := spoken_date(int(day), int(month), year, month_first=month_first):
            yield Edit(*match.span(), said)
    for pattern in (DAY_MONTH, MONTH_DAY):
        for match in pattern.finditer(text):
            if 1 <= int(match[1]) <= 31:
                yield Edit(*match.span(1), match[1].lstrip("0") + ordinal_ending(int(match[1])))


def _clock(text: str) -> Iterator[Edit]:
    """17:05: "17 oh 5"; 5:00: "5 o'clock"; 5:00 pm: "5 pm"."""
    for match in CLOCK.finditer(text):
        hour, minute, second, half = match.groups()
        middle = f" {minute}" if minute[0] != "0" else f" oh {minute[1]}"
        if minute == "00":
            middle = "" if half else " o'clock" if 1 <= int(hour) <= 12 else " hundred"
        said = f"{int(hour)} {int(minute)} {int(second)}" if second else f"{int(hour)}{middle}"
        after = f" {half.lower()}m" + "." * _ends(match[0], text[match.end() :]) if half else ""
        blank = re.search(r"\s", match[0])
        end = match.start() + blank.start() if blank else match.end()
        yield Edit(match.start(), end, said + ("" if blank else after))
        yield Edit(end, match.end(), after)
    for match in HALF.finditer(text):
        yield Edit(*match.span(1), f" {match[2].lower()}m" + "." * _ends(match[0], text[match.end() :]))


def is_end(after: str) -> bool:
    """Whether a sentence ends before `after`, a full stop of an abbreviation being all that parts them."""
    return re.match(r"\s*\Z|\s+[\"“‘(]?(?:[A-Z][a-z]|[AI]\s)", after) is not None


def _ends(said: str, after: str) -> bool:
    """Whether the full stop of what is `said` ends its sentence, too."""
    return said.endswith(".") and is_end(after)


@cache
def _currencies() -> tuple[re.Pattern[str], Mapping[str, Mapping[str, str]]]:
    rows = {row["sign"]: row for row in table("currencies")}
    signs = "|".join(re.escape(sign) for sign in sorted(rows, key=len, reverse=True))
    pattern = rf"(?<![\w$])(?P<before>{signs})\s?(?P<a>(?:\d+[–-])?(?:{NUMBER}))(?P<x>{SCALE})?(?![\d%])"
    pattern += rf"|(?<![\w.,$])(?P<b>{NUMBER})(?P<y>{SCALE})?\s?(?P<after>{signs})(?!\w)"
    return re.compile(pattern), rows


def _money(text: str) -> Iterator[Edit]:
    """$5.50: "5 dollars and 50 cents"; £3m: "3 million pounds"."""
    pattern, rows = _currencies()
    for match in pattern.finditer(text):
        row = rows[match["before"] or match["after"]]
        amount, scale = match["a"] or match["b"], (match["x"] or match["y"] or "").strip()
        amount = re.sub("[–-]", " to ", amount)
        whole, _, part = amount.partition(".")
        if scale:  # two words where they are written as two
            scaled = f" {SCALES.get(scale.lower(), scale)} {row['many']}"
            blank = re.search(r"\s", match[0])
            end = match.start() + blank.start() if blank else match.end()
            yield Edit(match.start(), end, amount + ("" if blank else scaled))
            yield Edit(end, match.end(), scaled)
            continue
        if len(part) == 2 and row["part"]:
            cents = f"{int(part)} {row['part'] if int(part) == 1 else row['parts']}"
            said = f"{whole} {row['one'] if whole == '1' else row['many']}"
            said = said if not int(part) else cents if whole in ("", "0") else f"{said} and {cents}"
        else:
            said = f"{amount} {row['one'] if amount == '1' else row['many']}"
        yield Edit(*match.span(), said)


def _phones(text: str) -> Iterator[Edit]:
    """Digit by digit, with a pause between groups."""
    for match in PHONE.finditer(text):
        groups = re.findall(r"\+?\d+", match[0])
        if sum(map(len, groups)) < 7 or (len(groups) == 2 and all(len(group) == 4 for group in groups)):
            continue
        for word in re.finditer(r"\S+", match[0]):
            digits = [" ".join(group) for group in re.findall(r"\d+", word[0])]
            said = ("plus " if word[0][0] == "+" else "") + ", ".join(digits)
            comma = "," if word.end() < len(match[0]) else ""
            yield Edit(match.start() + word.start(), match.start() + word.end(), said + comma)


def _years(text: str) -> Iterator[Edit]:
    for match in YEARS.finditer(text):
        yield Edit(*match.span(), f"{spoken_year(match[1])} to {spoken_year(match[2])}")
    for match in DECADE.finditer(text):
        tens = "hundreds" if match[2] == "0" else f"{match[2]}0s"
        if match[1] + match[2] != "200":
            yield Edit(*match.span(), f"{match[1]} {tens}")
    for match in YEAR.finditer(text):
        yield Edit(*match.span(), spoken_year(match[1]))


def _heights(text: str) -> Iterator[Edit]:
    for match in FEET.finditer(text):
        yield Edit(*match.span(), f"{match[1]} foot {match[2]}")


@cache
def _units() -> tuple[re.Pattern[str], Mapping[str, Mapping[str, str]]]:
    rows = {row["unit"]: row for row in table("units")}
    units = "|".join(re.escape(unit) for unit in sorted(rows, key=len, reverse=True) if unit != "s")
    number = rf"(?:(?<![\w.,$£€])|(?<=\d[x×]))(?P<number>(?:\d+[–-])?(?:{NUMBER}))"
    return re.compile(rf"{number}(?:\s?(?P<unit>{units})|\s(?P<s>s))(?![\w/²³])"), rows


def _measures(text: str) -> Iterator[Edit]:
    """5 km: "5 kilometres"; a unit that ends the sentence keeps its full stop."""
    pattern, rows = _units()
    for match in pattern.finditer(text):
        group = "unit" if match["unit"] else "s"
        row = rows[match[group]]
        said = row["one"] if match["number"] == "1" else row["many"]
        said += "." * _ends(match[group], text[match.end() :])
        if match.end("number") == match.start(group):  # one word
            yield Edit(*match.span(), f"{re.sub('[–-]', ' to ', match['number'])} {said}")
        else:
            yield Edit(match.start(group), match.end(group), said)


def _fractions(text: str) -> Iterator[Edit]:
    for match in MIXED.finditer(text):
        whole, sign = match[1], match[2] or match[3]
        said = _spoken_fraction(*SIGNS[sign], mixed=bool(whole))
        yield Edit(*match.span(), f"{whole} and {said}" if whole else said)
    for match in FRACTION.finditer(text):
        whole, top, bottom = match[1], int(match[2]), int(match[3])
        if top < bottom and bottom in PER:
            said = _spoken_fraction(top, bottom, mixed=bool(whole))
            yield Edit(*match.span(), f"{whole} and {said}" if whole else said)
        elif not whole:
            yield Edit(*match.span(), f"{top} {bottom}")  # 24/7, 50/50


def _spoken_fraction(top: int, bottom: int, *, mixed: bool) -> str:
    one, many = PER[bottom]
    return f"{'a' if mixed else 'one'} {one}" if top == 1 else f"{top} {many}"


def _ranges(text: str) -> Iterator[Edit]:
    for match in RANGE.finditer(text):
        zip_code = len(match[1]) == 5 and len(match[2]) == 4
        between = " " if match[1] == match[2] or zip_code else " to "
        yield Edit(*match.span(), match[1] + between + match[2])
    for match in BETWEEN.finditer(text):
        yield Edit(*match.span(), " to ")
    for match in SIZE.finditer(text):
        yield Edit(*match.span(), re.sub("[x×]", " by ", match[0]))
    for match in MINUS.finditer(text):
        yield Edit(*match.span(), f"minus {match[0][1:]}")
