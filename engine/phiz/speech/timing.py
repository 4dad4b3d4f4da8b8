"""Timing files: when each word and sound of a speech is made, as JSON.

    {"format": "phiz-timing", "version": 1,
     "text": "Hello.", "language": "en-us", "voice": "espeak", "timing": "exact",
     "rate": 22050, "duration": 1.31,
     "sentences": [{"start": 0.26, "end": 0.80}],
     "words":     [{"text": "Hello", "start": 0.26, "end": 0.80}],
     "phonemes":  [{"ipa": "h", "start": 0.26, "end": 0.31, "stress": 0, "word": 0}, ...],
     "marks":     [{"name": "here", "time": 0.80}],
     "mismatches": [{"kind": "missing", "text": "there", "start": 0.80, "end": 0.80}]}

Times are seconds from the first sample of the sound, to the microsecond. Phonemes are in order and do not
overlap; time that none covers is silence. `stress`: 0 none, 1 primary, 2 secondary. `word`: index into
words, -1 for none. `rate` (samples a second) and `duration` are the sound's. `marks` and `mismatches` may be
missing. A reader takes version 1 and ignores members that it does not know. Its JSON Schema is
`assets/timing.schema.json`.
"""

import json
import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from phiz.errors import SpeechError
from phiz.speech.audio import HIGHEST_RATE
from phiz.speech.speech import Mark, Mismatch, Phoneme, Speech, Word

__all__ = ["FORMAT", "VERSION", "parse_timing", "timing_dict", "timing_text"]

FORMAT, VERSION = "phiz-timing", 1
DECIMALS = 6  # microseconds: finer than a sample
LONGEST = 24 * 3600.0  # seconds that a timing file may claim

T = TypeVar("T")


def timing_dict(speech: Speech) -> dict[str, Any]:
    """What `timing_text` writes, as plain Python values."""

    def span(start: float, end: float) -> dict[str, Any]:
        return {"start": round(start, DECIMALS), "end": round(end, DECIMALS)}

    return {
        "format": FORMAT,
        "version": VERSION,
        "text": speech.text,
        "language": speech.language,
        "voice": speech.voice,
        "timing": speech.timing,
        "rate": speech.rate,
        "duration": round(speech.duration, DECIMALS),
        "sentences": [span(*sentence) for sentence in speech.sentences],
        "words": [{"text": word.text, **span(word.start, word.end)} for word in speech.words],
        "phonemes": [
            {"ipa": p.ipa, **span(p.start, p.end), "stress": p.stress, "word": p.word}
            for p in speech.phonemes
        ],
        "marks": [{"name": mark.name, "time": round(mark.time, DECIMALS)} for mark in speech.marks],
        "mismatches": [
            {"kind": each.kind, "text": each.text, **span(each.start, each.end)} for each in speech.mismatches
        ],
    }


def timing_text(speech: Speech) -> str:
    """The timing of `speech`, without its sound, as described above."""
    return json.dumps(timing_dict(speech), ensure_ascii=False, indent=1) + "\n"


def parse_timing(text: str, path: str | Path) -> Speech:
    """The speech in the text of the file at `path`, its sound being silence of the right rate and length.

    Raises SpeechError for what is no timing file, is damaged, or has times out of order.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpeechError(f"timing {path} cannot be read: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise SpeechError(f"{path} is no timing file: its format is not {FORMAT!r}")
    if data.get("version") != VERSION:
        raise SpeechError(f"{path} has version {data.get('version')!r}; this phiz reads version {VERSION}")
    try:
        speech = speech_of(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        what = f"it has no {error}" if isinstance(error, KeyError) else error
        raise SpeechError(f"timing {path} is damaged: {what}") from error
    return speech


def speech_of(data: dict[str, Any]) -> Speech:
    """As `parse_timing`, from the parsed JSON; damage raises one of Python's own errors."""
    duration, rate = float(data["duration"]), int(data["rate"])
    if not 0 <= duration <= LONGEST or not 0 < rate <= HIGHEST_RATE:
        raise ValueError(f"duration {duration}, rate {rate}")
    words = each(data["words"], "words", lambda w: Word(str(w["text"]), *times(w)))
    phonemes = each(
        data["phonemes"],
        "phonemes",
        lambda p: Phoneme(str(p["ipa"]), *times(p), int(p.get("stress", 0)), int(p.get("word", -1))),
    )
    if any(after.start < before.end for before, after in pairwise(phonemes)):
        raise ValueError("phonemes overlap")
    if any(phoneme.stress not in (0, 1, 2) for phoneme in phonemes):
        raise ValueError("a phoneme's stress is not 0, 1 or 2")
    if any(not -1 <= phoneme.word < len(words) for phoneme in phonemes):
        raise ValueError("a phoneme belongs to a word that is not there")
    marks = each(data.get("marks", ()), "marks", lambda m: Mark(str(m["name"]), times(m, "time", "time")[0]))
    mismatches = each(
        data.get("mismatches", ()),
        "mismatches",
        lambda m: Mismatch(str(m["kind"]), str(m["text"]), *times(m)),
    )
    sentences = each(data["sentences"], "sentences", times)
    for name, starts in (
        ("words", [word.start for word in words]),
        ("sentences", [start for start, _ in sentences]),
        ("marks", [mark.time for mark in marks]),
    ):
        if any(after < before for before, after in pairwise(starts)):
            raise ValueError(f"{name} out of order")
    return Speech(
        samples=np.zeros(round(duration * rate), np.float32),
        rate=rate,
        phonemes=phonemes,
        words=words,
        sentences=sentences,
        text=str(data.get("text", "")),
        language=str(data.get("language", "")),
        voice=str(data.get("voice", "")),
        timing=str(data.get("timing", "exact")),
        marks=marks,
        mismatches=mismatches,
    )


def each(items: Iterable[Any], name: str, parse: Callable[[Any], T]) -> tuple[T, ...]:
    """All items parsed; damage raises ValueError that names the item, as "words[3]"."""
    result: list[T] = []
    for index, item in enumerate(items):
        try:
            result.append(parse(item))
        except KeyError as error:
            raise ValueError(f"{name}[{index}] has no {error}") from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise ValueError(f"{name}[{index}]: {error}") from error
    return tuple(result)


def times(item: dict[str, Any], first: str = "start", second: str = "end") -> tuple[float, float]:
    """(start, end) of an item; ValueError when they are not finite or end before they start."""
    start, end = float(item[first]), float(item[second])
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start <= end <= LONGEST):
        raise ValueError(f"expected times from 0 to a day, in order, found {start} to {end}")
    return start, end
