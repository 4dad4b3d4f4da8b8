"""Syllables meet notes: which is sung on which, and what to tell where they do not go up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from phiz.errors import SpeechError, UsageError
from phiz.speech.singing.lyrics import Token
from phiz.speech.singing.score import Note
from phiz.speech.singing.syllables import Spoken, parted
from phiz.speech.speech import Phoneme

__all__ = ["REST", "Sung", "on_notes", "set_to_score", "spoken_syllables"]

REST = 0.08  # seconds between notes from which on there is a rest


@dataclass(frozen=True)
class Sung:
    """A syllable on its notes, which follow each other without a rest; of one that goes on after a rest, the
    vowel. breath: seconds that must have been sung before breath is taken after it."""

    spoken: Spoken
    notes: tuple[Note, ...]
    breath: float = math.inf


def spoken_syllables(tokens: Sequence[Token], sounds: Sequence[Sequence[Phoneme]]) -> list[Spoken]:
    """The syllables of all words. sounds: of each word, [] where a neighbour has them.

    A word without a vowel whose syllables are not fixed ("s'il") goes with the word that follows it.
    Raises SpeechError when nothing is left to sing.
    """
    result: list[Spoken] = []
    waiting: tuple[Phoneme, ...] = ()
    owed = 0  # syllables of words that have no sounds of their own
    for index, (token, own) in enumerate(zip(tokens, sounds, strict=True)):
        if not own:
            owed += token.pieces if token.fixed else 0
            continue
        count = token.pieces if token.fixed else max(token.pieces, _vowels(own))
        if not token.fixed and not _vowels(own) and index < len(tokens) - 1:
            waiting += tuple(own)
            continue
        syllables = parted(index, own, count)
        syllables[0] = replace(syllables[0], onset=waiting + syllables[0].onset)
        if owed and result:
            result[-1] = replace(result[-1], notes=result[-1].notes + owed)
        elif owed:
            syllables[0] = replace(syllables[0], notes=syllables[0].notes + owed)
        result += syllables
        waiting, owed = (), 0
    if not result:
        raise SpeechError("nothing in the lyrics can be sung: give a word with a vowel")
    result[-1] = replace(result[-1], coda=result[-1].coda + waiting, notes=result[-1].notes + owed)
    return result


def _vowels(sounds: Sequence[Phoneme]) -> int:
    from phiz.speech.prosody import is_vowel

    return sum(is_vowel(sound.ipa) for sound in sounds)


def on_notes(
    syllables: Sequence[Spoken], tokens: Sequence[Token], notes: Sequence[Note]
) -> tuple[list[Sung], list[str]]:
    """Syllables on notes in order, held where the words say so, and what is left over, to tell the user.

    A single syllable is sung on every note.
    """
    if len(syllables) == 1 and len(notes) > 1 and not sum(tokens[0].holds):
        return [Sung(syllables[0], (note,)) for note in notes], []
    holds = _holds(syllables, tokens)
    needed = sum(each.notes + held for each, held in zip(syllables, holds, strict=True))
    groups: list[list[Note]] = []
    at = 0
    for spoken, held in zip(syllables, holds, strict=True):
        groups.append(list(notes[at : at + spoken.notes + held]))
        at += spoken.notes + held
    return _sung(syllables, tokens, groups), _left_over(syllables, tokens, groups, notes, needed)


def _holds(syllables: Sequence[Spoken], tokens: Sequence[Token]) -> list[int]:
    """How many notes each syllable is held over beside its own; those of a word's last piece go to its last
    syllable."""
    holds = [0] * len(syllables)
    place: dict[int, int] = {}  # by word, the piece that is due
    for index, spoken in enumerate(syllables):
        own = tokens[spoken.word].holds
        first = place.get(spoken.word, 0)
        last = index + 1 == len(syllables) or syllables[index + 1].word != spoken.word
        after = len(own) if last else min(first + spoken.notes, len(own) - 1)
        holds[index] = sum(own[first:after])
        place[spoken.word] = after
    return holds


def _left_over(
    syllables: Sequence[Spoken],
    tokens: Sequence[Token],
    groups: Sequence[Sequence[Note]],
    notes: Sequence[Note],
    needed: int,
) -> list[str]:
    if needed == len(notes):
        return []
    told = f"the lyrics have {needed} syllables for {len(notes)} notes"
    if needed < len(notes):
        first = notes[needed]
        return [f"{told}: from note {needed + 1} on, in bar {first.bar}, nothing is sung"]
    missing = [spoken for spoken, own in zip(syllables, groups, strict=True) if not own] or syllables[-1:]
    word = tokens[missing[0].word].text
    return [f"{told}: what comes after the last note, in bar {notes[-1].bar}, is left out, from {word!r} on"]


def set_to_score(syllables: Sequence[Spoken], tokens: Sequence[Token], notes: Sequence[Note]) -> list[Sung]:
    """Syllables on the notes that the score has them under; notes without one hold the one before.

    Raises UsageError for a score that has none.
    """
    slots: list[list[Note]] = []
    for note in notes:
        if note.syllable is not None:
            slots.append([note])
        elif slots:
            slots[-1].append(note)
    if not slots:
        raise UsageError("the score has no lyrics under its notes: give them with --lyrics or --lyrics-file")
    groups: list[list[Note]] = []
    at = 0
    for spoken in syllables:
        groups.append([note for slot in slots[at : at + spoken.notes] for note in slot])
        at += spoken.notes
    return _sung(syllables, tokens, groups)


def _sung(
    syllables: Sequence[Spoken], tokens: Sequence[Token], groups: Sequence[Sequence[Note]]
) -> list[Sung]:
    result: list[Sung] = []
    for index, (spoken, notes) in enumerate(zip(syllables, groups, strict=True)):
        if not notes:
            continue
        last = index + 1 == len(syllables) or syllables[index + 1].word != spoken.word
        runs: list[list[Note]] = [[notes[0]]]
        for before, note in pairwise(notes):
            if note.start - before.end > REST:
                runs.append([])
            runs[-1].append(note)
        for number, run in enumerate(runs):
            part = replace(
                spoken,
                onset=spoken.onset if number == 0 else (),
                coda=spoken.coda if number == len(runs) - 1 else (),
            )
            done = last and number == len(runs) - 1
            breath = tokens[spoken.word].breath if done else math.inf
            result.append(Sung(part, tuple(run), breath))
    return result
