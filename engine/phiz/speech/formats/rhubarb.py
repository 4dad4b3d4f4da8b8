"""The four outputs of Rhubarb Lip Sync 1.14: mouth cues as TSV, XML, JSON and Moho's switch data."""

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from phiz.errors import SpeechError, UsageError
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.json_values import listed, parsed, seconds, text_in
from phiz.speech.formats.mouth_names import sound_of_name
from phiz.speech.formats.mouths import BASIC, EXTENDED, MouthCue, basic_shape, mouth_cues
from phiz.speech.speech import Speech

__all__ = [
    "FRAME_RATE", "check_frame_rate", "extended_shapes", "read_dat", "read_json", "read_tsv", "read_xml",
    "write_dat", "write_json", "write_tsv", "write_xml",
]  # fmt: skip

FRAME_RATE = 24.0  # of Moho's switch data, where nothing else is asked for
SLOWEST, FASTEST = 10.0, 100.0  # frames a second that it may have
PRESTON_BLAIR = dict(
    zip("ABCDEFGHX", ("MBP", "etc", "E", "AI", "O", "U", "FV", "L", "rest"), strict=True)
)  # the names that OpenToonz knows
HEADER = "MohoSwitch1"
SHAPE = "a mouth shape A to H or X"


def extended_shapes(mouths: str) -> str:
    """Which of "GHX" are in a choice such as "A-H,X" (all), "A-F" or "ABCDEFX". Raises UsageError."""
    chosen: set[str] = set()
    letters = mouths.upper().replace(",", " ").replace("-", " - ")
    parts = letters.split()
    for index, part in enumerate(parts):
        if part == "-" and 0 < index < len(parts) - 1:
            first, last = parts[index - 1][-1], parts[index + 1][0]
            chosen |= {chr(code) for code in range(ord(first), ord(last) + 1)}
        else:
            chosen |= set(part)
    if not set(BASIC) <= chosen <= set(BASIC + EXTENDED):
        raise UsageError(f"mouths {mouths!r} are not A-F with or without G, H and X, as in A-H,X")
    return "".join(shape for shape in EXTENDED if shape in chosen)


def write_tsv(speech: Speech, *, mouths: str = "A-H,X") -> str:
    """A line a cue, its start and shape; the last line is the end, with the mouth shut."""
    extended = extended_shapes(mouths)
    lines = [f"{time_of(cue.start)}\t{cue.shape}\n" for cue in mouth_cues(speech, extended)]
    return "".join(lines) + f"{time_of(length_of(speech))}\t{rest(extended)}\n"


def write_xml(speech: Speech, *, mouths: str = "A-H,X", sound_file: str | Path = "") -> str:
    """sound_file: the recording's path, as the file tells it."""
    cues = [
        f'    <mouthCue start="{time_of(cue.start)}" end="{time_of(cue.end)}">{cue.shape}</mouthCue>\n'
        for cue in cues_or_rest(speech, extended_shapes(mouths))
    ]
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n  <metadata>\n'
        f"    <soundFile>{escape(str(sound_file))}</soundFile>\n"
        f"    <duration>{time_of(length_of(speech))}</duration>\n"
        f"  </metadata>\n  <mouthCues>\n{''.join(cues)}  </mouthCues>\n</rhubarbResult>\n"
    )


def write_json(speech: Speech, *, mouths: str = "A-H,X", sound_file: str | Path = "") -> str:
    """sound_file: as in `write_xml`. Everything outside ASCII is escaped."""
    cues = [
        f'    {{ "start": {time_of(cue.start)}, "end": {time_of(cue.end)}, "value": "{cue.shape}" }}'
        for cue in cues_or_rest(speech, extended_shapes(mouths))
    ]
    return (
        f'{{\n  "metadata": {{\n    "soundFile": {json.dumps(str(sound_file))},\n'
        f'    "duration": {time_of(length_of(speech))}\n  }},\n'
        '  "mouthCues": [\n' + ",\n".join(cues) + "\n  ]\n}\n"
    )


def write_dat(
    speech: Speech, *, mouths: str = "A-H,X", frame_rate: float = FRAME_RATE, preston_blair: bool = False
) -> str:
    """A line a cue: its first frame, from 1, and its shape, or the name that Preston Blair gave it.

    frame_rate: 10 to 100 frames a second. A cue that begins in the frame of the one before is left out.
    """
    check_frame_rate(frame_rate)
    extended = extended_shapes(mouths)
    lines = [HEADER]
    last = 0
    for cue in mouth_cues(speech, extended):
        frame = frame_of(cue.start, frame_rate)
        if frame != last:
            lines.append(f"{frame} {named(cue.shape, preston_blair)}")
            last = frame
    end = frame_of(length_of(speech), frame_rate)
    lines.append(f"{end + (end == last)} {named(rest(extended), preston_blair)}")
    return "\n".join(lines) + "\n"


def check_frame_rate(frame_rate: float) -> None:
    """Raises UsageError for a frame rate that switch data cannot have."""
    if not SLOWEST <= frame_rate <= FASTEST:
        raise UsageError(f"frame rate {frame_rate:g} is not from {SLOWEST:g} to {FASTEST:g} fps")


def cues_or_rest(speech: Speech, extended: str) -> Sequence[MouthCue]:
    """The cues of a speech; where it has no time for any, one rest without length."""
    return mouth_cues(speech, extended) or [MouthCue(rest(extended), 0, 0)]


def rest(extended: str) -> str:
    return basic_shape("X", set(BASIC + extended))


def length_of(speech: Speech) -> int:
    """Whole hundredths of a second that the speech lasts."""
    return int(speech.duration * 100 + 1e-6)


def time_of(hundredths: int) -> str:
    return f"{hundredths / 100:.2f}"


def frame_of(hundredths: int, frame_rate: float) -> int:
    return 1 + math.floor(frame_rate * hundredths / 100)


def named(shape: str, preston_blair: bool) -> str:
    return PRESTON_BLAIR[shape] if preston_blair else shape


def read_tsv(source: Source) -> Draft:
    starts: list[tuple[float, str, str]] = []
    for where, line in source.lines():
        parts = line.split("\t")
        if len(parts) != 2:
            raise source.bad(where, line, f"START and {SHAPE} parted by a tab")
        starts.append((source.number(parts[0], where, "a time in seconds"), parts[1].strip(), where))
    return draft_of_starts(starts, source)


def read_dat(source: Source) -> Draft:
    """Frames at 24 a second: the file does not say how many there are.

    Times are the first whole hundredths in a frame, so that they are written as the same frame again.
    """
    lines = source.lines()
    if not lines or lines[0][1].strip() != HEADER:
        raise source.bad("line 1", lines[0][1] if lines else "", HEADER)
    shapes = {name: shape for shape, name in PRESTON_BLAIR.items()}
    starts: list[tuple[float, str, str]] = []
    for where, line in lines[1:]:
        parts = line.split()
        if len(parts) != 2:
            raise source.bad(where, line, f"FRAME and {SHAPE}")
        frame = source.number(parts[0], where, "the number of a frame")
        begin = math.ceil(round((frame - 1) / FRAME_RATE * 100, 6)) / 100
        starts.append((begin, shapes.get(parts[1], parts[1]), where))
    return draft_of_starts(starts, source)


def read_json(source: Source) -> Draft:
    data = parsed(source)
    cues = listed(source, data.get("mouthCues") if isinstance(data, dict) else None, "mouthCues")
    items = [
        cue_of(
            text_in(source, cue, where, "value"),
            seconds(source, cue, where, "start"),
            seconds(source, cue, where, "end"),
            where,
            source,
        )
        for where, cue in cues
    ]
    metadata = data.get("metadata")
    known = isinstance(metadata, dict) and "duration" in metadata
    return draft_of(items, seconds(source, metadata, "metadata", "duration") if known else None)


def read_xml(source: Source) -> Draft:
    """Files with a document type are refused: entities in one could grow without bound."""
    if "<!DOCTYPE" in source.text or "<!ENTITY" in source.text:
        raise SpeechError(f"{source.path}: expected XML without a document type, as Rhubarb writes it")
    try:
        root = ElementTree.fromstring(source.text)
    except (ElementTree.ParseError, ValueError) as error:
        raise SpeechError(f"{source.path}: expected XML, found {error}") from error
    items: list[Item] = []
    for number, cue in enumerate(root.iter("mouthCue"), 1):
        where = f"mouthCue {number}"
        start, end = (source.number(cue.get(name), where, f"a time in {name!r}") for name in ("start", "end"))
        items.append(cue_of((cue.text or "").strip(), start, end, where, source))
    if root.tag != "rhubarbResult":
        raise source.bad("its root", root.tag, "rhubarbResult")
    duration = root.findtext("metadata/duration")
    return draft_of(
        items, None if duration is None else source.number(duration, "duration", "a time in seconds")
    )


def cue_of(shape: str, start: float, end: float, where: str, source: Source) -> Item:
    """A cue as the sound that stands for its shape; rest is silence."""
    if shape not in PRESTON_BLAIR:
        raise source.bad(where, shape, SHAPE)
    return Item(sound_of_name(shape, "rhubarb"), start, end, where)


def draft_of_starts(starts: Sequence[tuple[float, str, str]], source: Source) -> Draft:
    """Cues that end where the next one starts; the last one only says where the end is."""
    items = [
        cue_of(shape, start, end, where, source) for (start, shape, where), (end, _, _) in pairwise(starts)
    ]
    if starts:
        cue_of(starts[-1][1], starts[-1][0], starts[-1][0], starts[-1][2], source)
    return draft_of(items, starts[-1][0] if starts else None)


def draft_of(items: Sequence[Item], duration: float | None) -> Draft:
    return Draft(phones=items, alphabet="ipa", duration=duration)
