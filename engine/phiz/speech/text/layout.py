"""What the look of a plain text means to a voice: lines, lists, headings, marks of Markdown, emoji.

Holds for every language. Line ends of wrapped text are blanks; those that the writer set are pauses.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from phiz.speech.text.document import Edit, Named

__all__ = ["EMOJI", "emoji_marks", "layout_edits", "plain_letters"]

WRAPPED = 60  # characters; a paragraph with a line that long may be wrapped by width; others are not
PAUSE = " ;\n"  # a clause ends, as before a list's next item; voices pause for about a quarter of a second

PICTURE = (
    "[\U0001f300-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u231a\u231b\u23e9-\u23fa\u25fb-\u25fe\U0001f004"
    "\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f201-\U0001f251]"
)
TONE = "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*"
# Unicode Technical Standard 51: flags, keycaps, pictures with tones and joiners, signs asked for as pictures.
EMOJI = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{PICTURE}{TONE}(?:\u200d{PICTURE}{TONE})*"
    "|[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u25aa-\u25c0\u3030\u303d\u3297\u3299]\ufe0f"
)
MARKDOWN = (  # what stands in groups is said, the rest is not
    re.compile(r"^[ \t]*(?:```|~~~)[ \t]*[\w+-]*[ \t]*$", re.M),  # around code
    re.compile(r"^[ \t]*(?:#{1,6}|[*+•‣▪●○◦·]|[-–—](?=[ \t]+\S)|>+)[ \t]+", re.M),  # headings, lists, quotes
    re.compile(r"!?\[(?P<said>[^\[\]\n]{1,300})\]\([^()\s]{1,2000}\)"),  # links and pictures
    re.compile(  # **strong**, _emphatic_, `code`
        r"(?<![\w*_])(?P<mark>\*{1,3}|_{1,3}|`{1,3}|~~)(?=[^\s*_`~])(?P<said>[^\n]{0,300}?[^\s*_`~])(?P=mark)(?![\w*_])"
    ),
)
RULER = re.compile(r"([-=*_~#+|<>^\\])(?:[ \t]?\1){2,}")  # a line drawn with signs
DASH = re.compile(r"(?<=\w)(?:[—―]|--)(?=\w)")
ITEM = re.compile(r"[ \t]*(?:[*+•‣▪●○◦·\-–—]|\d+[.)])[ \t]+\S")
ENDED = tuple(".!?:;,…。！？：；、，।॥؟؛،۔—–-")
STOPS = {"\u104a": ", ", "\u104b": ". ", "\u0387": "; "}  # Burmese and Greek; espeak-ng does not know them
STYLED = ("<super>", "<sub>", "<noBreak>", "<fraction>", "<vertical>")  # decompositions that are left alone


def layout_edits(text: str, *, markup: bool = False) -> list[Edit]:
    """What a text's layout changes in what is said; earlier edits go before later ones.

    markup: the text comes out of markup: neither its lines nor its asterisks mean anything.
    """
    edits = [Edit(*match.span(), " ") for match in EMOJI.finditer(text)]
    edits += [Edit(*match.span(), " ") for match in RULER.finditer(text)]
    for pattern in MARKDOWN if not markup else ():
        for match in pattern.finditer(text):
            if "said" in pattern.groupindex:
                first, last = match.span("said")
                edits += [Edit(match.start(), first, ""), Edit(last, match.end(), "")]
            else:
                edits.append(Edit(*match.span(), ""))
    edits += [Edit(*match.span(), " — ") for match in DASH.finditer(text)]
    edits += [Edit(place, place + 1, STOPS[c]) for place, c in enumerate(text) if c in STOPS]
    return edits if markup else edits + list(_line_ends(text))


def emoji_marks(text: str) -> list[Named]:
    """A mark for each emoji, at the word before it, named by its code points: "emoji:U+1F44D-1F3FD"."""
    return [
        Named(match.start(), "emoji:U+" + "-".join(f"{ord(c):04X}" for c in match[0] if c != "\ufe0f"), True)
        for match in EMOJI.finditer(text)
    ]


def plain_letters(text: str) -> Iterator[Edit]:
    """Letters and digits in fancy type (𝐛𝐨𝐥𝐝, ｗｉｄｅ, ﬁ) as plain ones."""
    start = None
    for index, character in enumerate([*text, ""]):
        styled = bool(character) and not character.isascii() and _is_styled(character)
        if styled and start is None:
            start = index
        elif not styled and start is not None:
            yield Edit(start, index, unicodedata.normalize("NFKC", text[start:index]))
            start = None


def _is_styled(character: str) -> bool:
    decomposition = unicodedata.decomposition(character)
    return (
        decomposition.startswith("<")
        and not decomposition.startswith(STYLED)
        and unicodedata.category(character)[0] in "LN"
    )


def _line_ends(text: str) -> Iterator[Edit]:
    """Pauses where the writer ended a line without punctuation. Blank lines pause by themselves."""
    for paragraph in re.finditer(r"[^\n]+(?:\n(?![ \t]*\n)[^\n]+)*", text):
        lines = list(re.finditer(r"[^\n]+", paragraph[0]))
        wrapped = max(len(line[0]) for line in lines) >= WRAPPED
        for line, following in pairwise(lines):
            said = line[0].rstrip()
            broken = not wrapped and (ITEM.match(line[0]) or following[0].lstrip()[:1].isupper())
            on_purpose = broken or ITEM.match(following[0]) or line[0].startswith("#")
            if any(map(str.isalnum, said)) and on_purpose and not said.endswith(ENDED):
                end = paragraph.start() + line.end()
                yield Edit(end, end + 1, PAUSE)
