"""Which kind of timing file it is, told from its content and, where that leaves several, its extension."""

import json
import re
from collections.abc import Mapping
from typing import Any

from phiz.errors import SpeechError
from phiz.speech.formats.draft import Source
from phiz.speech.formats.registry import FORMATS

__all__ = ["sniffed"]

HEAD = 4096  # characters that are looked at
# What the beginning of a file looks like; the first that fits.
SIGNS = (
    ("textgrid", re.compile(r"\s*File type\s*=\s*\"ooTextFile|.*\"TextGrid\"", re.DOTALL)),
    ("vtt", re.compile(r"WEBVTT")),
    ("moho", re.compile(r"\s*MohoSwitch1")),
    ("rhubarb-xml", re.compile(r"(?s).*<rhubarbResult")),
    ("srt", re.compile(r"\s*(\d+\s*\n)?\s*\d+:\d+:\d+[.,]\d+ *-->")),
    ("rhubarb-tsv", re.compile(r"\s*[\d.]+\t[A-HX]\s*(\n|$)")),
    ("audacity", re.compile(r"\s*[-\d.,]+\t[-\d.,]+(\t|\n|$)")),
)
# Members by which a JSON object gives itself away, by format; the first of which one is there.
MEMBERS = (
    ("rhubarb-json", ("mouthCues",)),
    ("mfa", ("tiers",)),
    ("polly", ("type",)),
    ("neural", ("phoneme_alignments", "phoneme_id_samples", "pred_dur", "start_ts", "tokens", "phoneme_ids",
                "durations", "durations_ms")),
    ("azure", ("visemeId", "viseme_id", "VisemeId", "visemeID", "audioOffset", "audio_offset",
               "AudioOffset")),
    ("elevenlabs", ("characters", "chars", "alignment", "normalized_alignment", "normalizedAlignment")),
    ("whisper", ("segments", "word_segments", "transcription", "words", "word")),
)  # fmt: skip


def sniffed(source: Source) -> str:
    """The name of a file's format in `FORMATS`. Raises SpeechError where nothing fits."""
    head = source.text[:HEAD].lstrip("\ufeff")
    if head.lstrip()[:1] in ("{", "["):
        return sniffed_json(source)
    for name, sign in SIGNS:
        if sign.match(head):
            return name
    suffix = source.path.suffix.lower()
    for name, each in FORMATS.items():
        if each.reader and suffix in each.extensions:
            return name
    known = dict.fromkeys(suffix for each in FORMATS.values() if each.reader for suffix in each.extensions)
    raise SpeechError(f"timing file {source.path} is of no known kind; phiz reads {' '.join(known)}")


def sniffed_json(source: Source) -> str:
    """The kind of a JSON file, by the members of its first object."""
    first = first_object(source.text)
    if first is None:
        return "phiz"  # whose reader says where the JSON is damaged
    if first.get("format") == "phiz-timing":
        return "phiz"
    words = first.get("words")
    if (
        isinstance(words, list)
        and words
        and isinstance(words[0], dict)
        and {"case", "phones"} & set(words[0])
    ):
        return "gentle"
    for name, members in MEMBERS:
        if any(member in first for member in members):
            return name
    shown = ", ".join(list(first)[:6])
    raise SpeechError(f"timing file {source.path} is JSON of no known kind: its members are {shown}")


def first_object(text: str) -> Mapping[str, Any] | None:
    """The first object of JSON, of a list of objects or of JSON lines; None where there is none."""
    for part in (text, text.lstrip().split("\n", 1)[0]):
        try:
            value = json.loads(part)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, list) and value:
            value = value[0]
        return value if isinstance(value, dict) else None
    return None
