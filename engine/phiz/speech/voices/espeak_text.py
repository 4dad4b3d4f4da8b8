"""A text as espeak-ng can take it, and where its characters come from."""

import unicodedata
from collections.abc import Sequence

__all__ = ["Spelling", "placed", "plain_text", "prepared"]

NON_JOINER, JOINER, BLANK_WITHOUT_WIDTH = "\u200c", "\u200d", "\u200b"
MALAYALAM_VIRAMA, BURMESE_TONE = "\u0d4d", "\u1038"
BRACKETS = "[[", "]]"  # around mnemonics

Span = tuple[int, int]
Spelling = tuple[int, int, str]  # text[first:last] is said with these mnemonics


def plain_text(text: str) -> str:
    """`text`, as long as it was, without control characters, which are commands to espeak-ng."""
    return "".join(" " if _is_command(character) else character for character in text)


def prepared(plain: str, spellings: Sequence[Spelling]) -> tuple[str, list[int]]:
    """What the library is given for a plain text, and for each of its characters the place in `plain`.

    spellings: in order and apart; with any, brackets in the text itself are made harmless.
    """
    pieces: list[str] = []
    kept: list[int] = []
    at = 0
    for first, last, mnemonics in [*spellings, (len(plain), len(plain), "")]:
        for index in range(at, first):
            if not _is_passed_over(plain, index):
                pieces.append(" " if spellings and plain[index] in "[]" else plain[index])
                kept.append(index)
        if mnemonics:
            written = f" {BRACKETS[0]}{mnemonics}{BRACKETS[1]} "
            pieces.append(written)
            kept += [
                first + (last - first - 1) * number // (len(written) - 1) for number in range(len(written))
            ]
        at = last
    return "".join(pieces), kept


def placed(kept: Sequence[int], span: Span) -> Span:
    """Where a span of the characters that were given lies in the plain text."""
    start, last = (min(max(place, 0), len(kept) - 1) for place in (span[0], span[1] - 1))
    return kept[start], kept[max(start, last)] + 1


def _is_command(character: str) -> bool:
    """Control characters, lone surrogates and the blank of no width."""
    return character == BLANK_WITHOUT_WIDTH or (
        unicodedata.category(character) in ("Cc", "Cs") and character != "\n"
    )


def _is_passed_over(text: str, index: int) -> bool:
    """Invisible characters that say nothing: soft hyphens, writing directions, joiners.

    espeak-ng takes them for blanks: a Hindi word with a joiner would fall in two. What it knows stays: the
    non-joiner (Persian), and the joiner that makes a Malayalam chillu. And the Burmese tone mark: the library
    does not say it, and overruns its memory on it in a long clause.
    """
    character = text[index]
    if character == BURMESE_TONE:
        return True
    if character == NON_JOINER or (character == JOINER and text[max(index - 1, 0)] == MALAYALAM_VIRAMA):
        return False
    return unicodedata.category(character) == "Cf"
