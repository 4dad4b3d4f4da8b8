"""Viseme events of Azure's text to speech: 22 mouth shapes by number, each with its start."""

import json
from itertools import pairwise

from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.json_values import member, records
from phiz.speech.formats.mouth_names import sound_of_name, viseme_name
from phiz.speech.formats.pieces import typical_length
from phiz.speech.speech import Speech

__all__ = ["read", "write"]

TICKS, MILLISECONDS = 10_000_000, 1000  # a second; a tick is 100 nanoseconds
IDS = range(22)
OFFSET = ("audioOffset", "audio_offset", "AudioOffset", "offset", "Offset", "time", "timestamp")
VISEME = ("visemeId", "viseme_id", "VisemeId", "visemeID", "id", "viseme")
# Visemes follow each other every 50 to 200 ms: numbers further apart than that many cannot be milliseconds,
# numbers nearer than that many cannot be ticks.
MOST_MILLISECONDS = 10_000.0
REST = "0"


def read(source: Source) -> Draft:
    """A list of events (or one on each line); the unit of their offsets shows in how far apart they are.

    Each viseme becomes the sound that stands for it and lasts to the next one's start.
    """
    events: list[tuple[float, str, str]] = []
    for where, event in records(source):
        offset, viseme = member(event, *OFFSET), member(event, *VISEME)
        if offset is None or viseme is None:
            raise source.bad(where, event, "an event with 'audioOffset' and 'visemeId'")
        number = source.number(viseme, where, "a viseme id from 0 to 21")
        if number not in IDS:
            raise source.bad(where, viseme, "a viseme id from 0 to 21")
        events.append((source.number(offset, where, "an offset"), str(int(number)), where))
    times = [time for time, _, _ in events]
    apart = typical_length(list(pairwise(times)))
    per_second = TICKS if apart > MOST_MILLISECONDS else MILLISECONDS
    following = [*events[1:], *events[-1:]]
    items = [
        Item(sound_of_name(viseme, "azure"), time / per_second, after / per_second, where)
        for (time, viseme, where), (after, _, _) in zip(events, following, strict=True)
    ]
    return Draft(phones=items, alphabet="ipa")


def write(speech: Speech) -> str:
    """Offsets in ticks, as the service's own events; a rest begins where a pause does."""
    events: list[tuple[float, str]] = [(0.0, REST)]
    reached = 0.0
    for phoneme in speech.phonemes:
        if phoneme.start > reached:
            events.append((reached, REST))
        events.append((phoneme.start, viseme_name(phoneme, "azure")))
        reached = phoneme.end
    events.append((reached, REST))
    following = [*(time for time, _ in events[1:]), float("inf")]
    kept = [event for event, after in zip(events, following, strict=True) if event[0] < after]
    lines = [json.dumps({"audioOffset": round(time * TICKS), "visemeId": int(name)}) for time, name in kept]
    return "[\n" + ",\n".join(lines) + "\n]\n"
