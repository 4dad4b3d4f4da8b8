"""MBROLA's .pho files: sounds in SAMPA with their lengths in milliseconds; pitch is passed over."""

from itertools import pairwise

from phiz.speech.formats.alphabets import xsampa_of
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.speech import Speech

__all__ = ["read", "write"]

SILENCE = "_"
LAYOUT = "SOUND MILLISECONDS, then pairs of place and pitch, as: @ 80 50 120"


def read(source: Source) -> Draft:
    """Sounds one after another from time 0; ; begins a comment, # ends an utterance."""
    items: list[Item] = []
    time = 0.0
    for where, line in source.lines():
        parts = line.split(";")[0].split()
        if not parts or parts[0] == "#":
            continue
        if len(parts) < 2:
            raise source.bad(where, line, LAYOUT)
        length = source.number(parts[1], where, LAYOUT) / 1000
        if not length >= 0:
            raise source.bad(where, line, "a length of 0 or more")
        items.append(Item(parts[0], time, time + length, where))
        time += length
    return Draft(phones=items, alphabet="xsampa", duration=time)


def write(speech: Speech) -> str:
    """Whole milliseconds that add up: no sound is more than half of one off, however long the speech."""
    spans: list[tuple[str, float]] = []
    reached = 0.0
    for phoneme in speech.phonemes:
        if phoneme.start > reached:
            spans.append((SILENCE, phoneme.start))
        spans.append((xsampa_of(phoneme.ipa), phoneme.end))
        reached = phoneme.end
    if speech.duration > reached:
        spans.append((SILENCE, speech.duration))
    ends = [0, *(round(end * 1000) for _, end in spans)]
    lengths = [after - before for before, after in pairwise(ends)]
    return "".join(f"{name} {length}\n" for (name, _), length in zip(spans, lengths, strict=True) if length)
