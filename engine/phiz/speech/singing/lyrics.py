"""The words of a song: from a text with hyphens and underscores, or from what a score has under its notes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from phiz.errors import PhizError, UsageError
from phiz.speech.prosody import is_vowel
from phiz.speech.singing.score import Note
from phiz.speech.words import is_spoken

__all__ = ["Token", "script_of", "tokens_of_notes", "tokens_of_text"]

COMMAS, STOPS = ",،、，", ".;:!?…。！？"
# How long must have been sung, in seconds, for a singer to take breath after a line or a sentence, after a
# comma and after any word: people take it between phrases, some 5 to 10 seconds apart.
LINE, COMMA, ANYWHERE = 1.5, 4.0, 9.0
MUTE = re.compile(r"(e|es|ent)$", re.IGNORECASE)  # French endings that are sung and not spoken


@dataclass(frozen=True)
class Token:
    """A word of a song.

    text: as it is shown. spoken: as a voice is asked to say it. pieces: how many syllables it is written in.
    fixed: whether it has just that many, whatever the voice says. holds: how many more notes than one each
    piece is sung on. breath: seconds that must have been sung before breath is taken after it.
    """

    text: str
    spoken: str
    pieces: int = 1
    fixed: bool = False
    holds: tuple[int, ...] = (0,)
    breath: float = ANYWHERE


def tokens_of_text(text: str, language: str) -> list[Token]:
    """The words of a text: "-" parts syllables, each "_" holds the one before over one more note.

    Raises UsageError for a text without a word.
    """
    tokens: list[Token] = []
    for line in text.splitlines():
        first = len(tokens)
        for raw in line.split():
            held = re.fullmatch(r"[-_]*_[-_]*", raw)
            if held and tokens:
                *others, last = tokens[-1].holds
                tokens[-1] = replace(tokens[-1], holds=(*others, last + raw.count("_")))
            elif any(map(is_spoken, raw.strip("_-"))):
                tokens.append(_token(raw, language))
            elif tokens:
                tokens[-1] = replace(tokens[-1], breath=min(_breath(raw), tokens[-1].breath))
        if len(tokens) > first:
            tokens[-1] = replace(tokens[-1], breath=LINE)
    if not tokens:
        raise UsageError("the lyrics hold no word: give at least one")
    return tokens


def _token(raw: str, language: str) -> Token:
    pieces: list[str] = []
    holds: list[int] = []
    for piece in raw.split("-"):
        bare = piece.replace("_", "")
        if any(map(is_spoken, bare)) or not pieces:
            pieces.append(bare)
            holds.append(0)
        holds[-1] += piece.count("_")
    whole, hyphened = "".join(pieces), "-".join(pieces)
    breath = _breath(whole)
    if len(pieces) == 1:
        return Token(_bare(whole), whole, holds=tuple(holds), breath=breath)
    spoken = _sung(whole, len(pieces), language)
    if _vowels(spoken, language) > len(pieces):  # "twenty-one" is written so, "twen-ty" is parted by hand
        return Token(_bare(hyphened), hyphened, holds=(*[0] * (len(holds) - 1), holds[-1]), breath=breath)
    return Token(_bare(whole), spoken, len(pieces), holds=tuple(holds), breath=breath)


def tokens_of_notes(notes: Sequence[Note], language: str) -> list[Token]:
    """The words under the notes of a score, in order, as many pieces each as the score has."""
    words: list[tuple[list[str], bool]] = []
    begins = True
    for note in notes:
        syllable = note.syllable
        if syllable is None:
            continue
        if (syllable.begins and begins) or begins or not words:
            words.append(([], False))
        words[-1][0].append(syllable.text)
        words[-1] = words[-1][0], words[-1][1] or syllable.breath
        begins = syllable.ends
    result = []
    for pieces, breath in words:
        whole = "".join(pieces)
        if not any(map(is_spoken, whole)):
            whole = "a"
        spoken = _sung(whole, len(pieces), language) if len(pieces) > 1 else whole
        after = LINE if breath else _breath(whole)
        holds = (0,) * len(pieces)
        result.append(Token(_bare(whole), spoken, len(pieces), fixed=True, holds=holds, breath=after))
    return result


def _breath(word: str) -> float:
    """How long must have been sung for a breath after what is written as `word`."""
    if word.endswith(tuple(STOPS)):
        return LINE
    return COMMA if word.endswith(tuple(COMMAS)) else ANYWHERE


def _bare(word: str) -> str:
    """`word` without the punctuation around it."""
    spoken = [index for index, character in enumerate(word) if is_spoken(character)]
    return word[spoken[0] : spoken[-1] + 1] if spoken else word


def _sung(word: str, pieces: int, language: str) -> str:
    """`word` as it is to be spoken so that it has its sung syllables: in French the mute e at its end."""
    bare = _bare(word)
    if language.lower().startswith("fr") and MUTE.search(bare) and _vowels(bare, language) < pieces:
        return word.replace(bare, MUTE.sub("eu", bare))
    return word


@cache
def _vowels(word: str, language: str) -> int:
    """How many syllables espeak-ng says a word with; 0 where it cannot tell."""
    from phiz.speech.synthesis import say

    try:
        return sum(is_vowel(phoneme.ipa) for phoneme in say(word, voice="espeak", language=language).phonemes)
    except PhizError:
        return 0


def script_of(tokens: Sequence[Token]) -> tuple[str, list[tuple[int, int]]]:
    """The text that a voice speaks, and the (start, end) characters of each token in it.

    Phrases end with a comma at least, so that the voice parts them.
    """
    text, spans = "", []
    for token in tokens:
        start = len(text)
        text += token.spoken
        spans.append((start, len(text)))
        if token.breath <= LINE and text[-1] not in COMMAS + STOPS:
            text += ","
        text += "\n" if token.breath <= LINE else " "
    return text, spans
