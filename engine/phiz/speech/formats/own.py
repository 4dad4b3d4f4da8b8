"""phiz's own timing files, as one format among the others."""

from phiz.speech.formats.draft import Source
from phiz.speech.speech import Speech
from phiz.speech.timing import parse_timing, timing_text

__all__ = ["read", "write"]


def read(source: Source) -> Speech:
    return parse_timing(source.text, source.path)


def write(speech: Speech) -> str:
    return timing_text(speech)
