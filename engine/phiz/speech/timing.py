"""Timing files: when each word and sound of a speech is made, as JSON.

    {"format": "phiz-timing", "version": 1,
     "text": "Hello.", "language": "en-us", "voice": "espeak", "timing": "exact",
     "rate": 22050, "duration": 1.31,
     "sentences": [{"start": 0.26, "end": 0.80}],
     "words":     [{"text": "Hello", "start": 0.26, "end": 0.80}],
     "phonemes":  [{"ipa": "h", "start": 0.26, "end": 0.31, "stress": 0, "word": 0}, ...]}

Times are seconds from the first sample of the sound, to the microsecond. Phonemes are in order and do not
overlap; time that none covers is silence. `stress`: 0 none, 1 primary, 2 secondary. `word`: index into
words, -1 for none. `rate` (samples a second) and `duration` are the sound's. A reader takes version 1 and
ignores members that it does not know.
"""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from phiz.errors import SpeechError
from phiz.files import whole
from phiz.speech.speech import Phoneme, Speech, Word

__all__ = ["FORMAT", "VERSION", "read_timing", "timing_dict", "write_timing"]

FORMAT, VERSION = "phiz-timing", 1
DECIMALS = 6  # microseconds: finer than a sample
LONGEST = 24 * 3600.0  # seconds that a timing file may claim


def timing_dict(speech: Speech) -> dict[str, Any]:
    """What `write_timing` writes, as plain Python values."""

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
    }


def write_timing(speech: Speech, path: str | Path) -> None:
    """Write the timing of `speech`, without its sound, as described above. Raises OutputError."""
    text = json.dumps(timing_dict(speech), ensure_ascii=False, indent=1) + "\n"
    # What is no Unicode (half a surrogate pair, from a command line that is not UTF-8) becomes \udcXX, as in
    # JSON's own escapes.
    encoded = text.encode("utf-8", "backslashreplace")
    with whole(path) as temporary:
        temporary.write_bytes(encoded)


def read_timing(path: str | Path) -> Speech:
    """The speech of a timing file, its sound being silence of the right rate and length.

    Raises SpeechError for a file that is missing, is no timing file, or has times out of order.
    """
    try:
        data = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SpeechError(f"timing {path} cannot be read: {error}") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise SpeechError(f"{path} is no timing file: its format is not {FORMAT!r}")
    if data.get("version") != VERSION:
        raise SpeechError(f"{path} has version {data.get('version')!r}; this phiz reads version {VERSION}")
    try:
        speech = speech_of(data)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise SpeechError(f"timing {path} is damaged: {type(error).__name__} {error}") from error
    return speech


def speech_of(data: dict[str, Any]) -> Speech:
    """As `read_timing`, from the parsed JSON; damage raises one of Python's own errors."""
    duration, rate = float(data["duration"]), int(data["rate"])
    if not 0 <= duration <= LONGEST or rate <= 0:
        raise ValueError(f"duration {duration}, rate {rate}")
    words = tuple(Word(str(w["text"]), *times(w)) for w in data["words"])
    phonemes = tuple(
        Phoneme(str(p["ipa"]), *times(p), int(p.get("stress", 0)), int(p.get("word", -1)))
        for p in data["phonemes"]
    )
    if any(after.start < before.end for before, after in pairwise(phonemes)):
        raise ValueError("phonemes overlap")
    if any(phoneme.word >= len(words) for phoneme in phonemes):
        raise ValueError("a phoneme belongs to a word that is not there")
    return Speech(
        samples=np.zeros(round(duration * rate), np.float32),
        rate=rate,
        phonemes=phonemes,
        words=words,
        sentences=tuple(times(sentence) for sentence in data["sentences"]),
        text=str(data.get("text", "")),
        language=str(data.get("language", "")),
        voice=str(data.get("voice", "")),
        timing=str(data.get("timing", "exact")),
    )


def times(item: dict[str, Any]) -> tuple[float, float]:
    """(start, end) of an item; ValueError when they are not finite or end before they start."""
    start, end = float(item["start"]), float(item["end"])
    if not (math.isfinite(start) and math.isfinite(end) and 0 <= start <= end):
        raise ValueError(f"times {start} to {end}")
    return start, end
