"""Tags in a text, as "Hello! [wink] [pause 0.5] [sad] Good bye.": what face and voice do besides speaking.

    [pause 0.5]                      silence, seconds
    [whisper] [shout] [normal]       how the voice goes on
    [smile] [nod] [look left] ...    a gesture, one of phonemes/gestures.csv
    [happy] [sad:0.5] ...            a mood from here on, one of phonemes/moods.csv

Tags are not spoken; they become breaks, manners and marks named "tag:smile". Brackets around anything else
are text.
"""

import difflib
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from phiz.data import table
from phiz.errors import UsageError
from phiz.speech.text.document import Break, Document, Named, Stretch
from phiz.speech.voices import PLAIN, Manner

__all__ = ["MANNERS", "TAG", "WHISPER", "with_tags"]

log = logging.getLogger("phiz")

TAG, WHISPER = "tag:", "whisper"
MANNERS = {WHISPER: Manner(rate=0.95, volume=0.6), "shout": Manner(1.05, 1.25, 1.6), "normal": PLAIN}
LONGEST_PAUSE = 60.0  # seconds
WRITTEN = re.compile(r"\[\s*([^\W\d_][\w .:-]*?)\s*\]")
PAUSE = re.compile(r"pause(?:\s+(\S+?)\s*s?)?")
PAUSED = 0.5  # seconds of [pause]
ALIKE = 0.75  # of 1, how alike a tag and what is in brackets must be to be taken for a misspelling


@cache
def _names() -> frozenset[str]:
    """Gestures and moods."""
    gestures, moods = table("gestures"), table("moods")
    return frozenset({row["gesture"] for row in gestures} | {row["mood"] for row in moods})


def with_tags(document: Document) -> Document:
    """`document` with its tags read. Raises UsageError for a pause that is none."""
    stretches: list[Stretch] = []
    events = list(document.events)
    manner = PLAIN
    for stretch in document.stretches:
        at = stretch.start
        if stretch.settings.alias is None and not stretch.settings.ipa:
            for start, end, name in _found(document.text, stretch):
                stretches += _in_manner(stretch, at, start, manner)
                stretches.append(Stretch(start, end, replace(stretch.settings, alias="")))
                seconds = _pause(name)
                events.append(Named(start, TAG + name) if seconds is None else Break(start, seconds))
                manner, at = MANNERS.get(name, manner), end
        stretches += _in_manner(stretch, at, stretch.end, manner)
    return replace(document, stretches=tuple(stretches), events=tuple(events))


def _found(text: str, stretch: Stretch) -> Iterator[tuple[int, int, str]]:
    """(start, end, name) of the tags in a stretch; the name in small letters, with single blanks.

    Warns of what looks like a misspelt one.
    """
    for match in WRITTEN.finditer(text, stretch.start, stretch.end):
        name = " ".join(match[1].lower().split())
        if name in MANNERS or name.partition(":")[0] in _names() or PAUSE.fullmatch(name):
            yield match.start(), match.end(), name
        elif near := difflib.get_close_matches(name, [*MANNERS, *_names(), "pause"], 1, ALIKE):
            log.warning("%s is read out, as it is no tag; did you mean [%s]?", match[0], near[0])


def _pause(name: str) -> float | None:
    """Seconds of a pause; None for another tag."""
    found = PAUSE.fullmatch(name)
    if not found:
        return None
    try:
        seconds = float(found[1]) if found[1] else PAUSED
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_PAUSE:
        raise UsageError(f"[{name}] is no pause: write seconds from 0 to {LONGEST_PAUSE:g}, as [pause 0.5]")
    return seconds


def _in_manner(stretch: Stretch, start: int, end: int, manner: Manner) -> Iterator[Stretch]:
    if end > start:
        settings = stretch.settings
        yield Stretch(start, end, replace(settings, manner=settings.manner.times(manner)))
