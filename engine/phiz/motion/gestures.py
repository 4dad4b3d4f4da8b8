"""What a writer asks of a face in the text: gestures, moods and emoji at marks of the speech.

Marks are named "tag:nod", "tag:smile:0.5", "tag:happy:0.5" or "emoji:U+1F600"; other marks mean nothing to a
face.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.channels import POSE
from phiz.data import table
from phiz.motion.moods import DEGREE, Turn, channels_of, mood_table, read_mood, read_strength
from phiz.speech.speech import Mark, Speech

__all__ = ["gesture_paths", "gesture_spans", "gesture_table", "mood_turns"]

TAG, EMOJI = "tag:", "emoji:U+"
LAUGH, CALL = "laugh", "ha"
CALLS, CALLS_A_SECOND = 4, 4.4  # of a laugh (Bachorowski, Smoski & Owren 2001: 3.4 calls in a bout)
EMOJI_LASTS = 2.5  # seconds that an emoji's mood is worn
BEGINS = 0.05  # seconds; at 0 the face is as in the photo

Keys = tuple[tuple[float, float], ...]


@cache
def gesture_table() -> Mapping[str, Mapping[str, Keys]]:
    """By gesture and channel, its keys: seconds from its word, and weight or radians."""
    found: dict[str, dict[str, Keys]] = {}
    for row in table("gestures"):
        scale = DEGREE if row["channel"] in POSE else 1.0
        pairs = (key.split(":") for key in row["keys"].split())
        keys = tuple((float(time) / 1000, scale * float(value)) for time, value in pairs)
        for channel in channels_of(row["channel"]):
            found.setdefault(row["gesture"], {})[channel] = keys
    return found


@cache
def _emoji() -> Mapping[str, str]:
    return {row["code"]: row["does"] for row in table("emoji")}


def gesture_paths(marks: Sequence[Mark], times: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """What gestures add to channels at `times` [n]. A gesture at the very start waits until it can begin.

    The same gesture again before it is over goes on, no stronger; so does a laugh with its calls. Raises
    UsageError for a strength that is none.
    """
    strongest: dict[tuple[str, str], tuple[NDArray[np.float64], NDArray[np.float64]]] = {}
    for time, gesture, strength in _gestures(marks):
        for channel, keys in gesture_table()[gesture].items():
            offsets, values = np.array(keys).T
            offsets = offsets + max(time, BEGINS - float(offsets[0]))
            first, last = np.searchsorted(times, [offsets[0], offsets[-1]])
            path = strength * _eased(times[first:last], offsets, values)
            own = (LAUGH if gesture == CALL else gesture, channel)
            up, down = strongest.setdefault(own, (np.zeros(len(times)), np.zeros(len(times))))
            up[first:last] = np.maximum(up[first:last], path)
            down[first:last] = np.minimum(down[first:last], path)
    paths: dict[str, NDArray[np.float64]] = {}
    for (_, channel), (up, down) in strongest.items():
        paths[channel] = paths.get(channel, np.zeros(len(times))) + up + down
    return paths


def gesture_spans(marks: Sequence[Mark], channels: str) -> list[tuple[float, float]]:
    """Start and end in seconds of each gesture that moves channels whose names begin with `channels`."""
    spans = []
    for time, gesture, _ in _gestures(marks):
        moved = [keys for name, keys in gesture_table()[gesture].items() if name.startswith(channels)]
        spans += [(time + keys[0][0], time + keys[-1][0]) for keys in moved]
    return spans


def _gestures(marks: Sequence[Mark]) -> Iterator[tuple[float, str, float]]:
    """Time, name and strength of each gesture; a laugh whose calls nobody heard has some."""
    asked = [(mark.time, *_asked(mark.name).partition(":")) for mark in marks]
    heard = [time for time, gesture, *_ in asked if gesture == CALL]
    for time, gesture, colon, written in asked:
        if gesture not in gesture_table():
            continue
        strength = read_strength(written, f"tag [{gesture}:{written}]") if colon else 1.0
        yield time, gesture, strength
        if gesture == LAUGH and not any(time <= call < time + 1 / CALLS_A_SECOND for call in heard):
            for number in range(CALLS):
                yield time + number / CALLS_A_SECOND, CALL, strength


def mood_turns(speech: Speech, mood: str) -> list[Turn]:
    """The moods of a speech, in order of time: `mood` from the start, then those that its marks ask for."""
    mix = read_mood(mood)
    turns = [Turn(BEGINS, mix)]
    for mark in speech.marks:
        asked = _asked(mark.name)
        if asked.partition(":")[0] in mood_table():
            worn = read_mood(asked)
            turns.append(Turn(mark.time, worn))
            if mark.name.startswith(EMOJI):
                turns.append(Turn(mark.time + EMOJI_LASTS, mix))
            else:
                mix = worn
    return sorted(turns, key=lambda turn: turn.time)


def _asked(name: str) -> str:
    """The gesture or mood that a mark's name asks for, as "nod" or "sad:0.5", or ""."""
    if name.startswith(TAG):
        return name.removeprefix(TAG)
    code = name.removeprefix(EMOJI).partition("-")[0]
    return _emoji().get(code, "") if name.startswith(EMOJI) else ""


def _eased(
    times: NDArray[np.float64], keys: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values at `times` [n] between keys, without corners; 0 outside."""
    after = np.clip(np.searchsorted(keys, times, side="right"), 1, len(keys) - 1)
    u = np.clip((times - keys[after - 1]) / (keys[after] - keys[after - 1]), 0.0, 1.0)
    path: NDArray[np.float64] = values[after - 1] + u * u * (3.0 - 2.0 * u) * (
        values[after] - values[after - 1]
    )
    return np.where((times <= keys[0]) | (times >= keys[-1]), 0.0, path)
