"""Which kind of timing file it is, told from its extension and its content."""

from phiz.errors import SpeechError
from phiz.speech.formats.draft import Source
from phiz.speech.formats.registry import FORMATS

__all__ = ["sniffed"]


def sniffed(source: Source) -> str:
    """The name of a file's format in `FORMATS`. Raises SpeechError where nothing fits."""
    suffix = source.path.suffix.lower()
    for name, each in FORMATS.items():
        if each.reader and suffix in each.extensions:
            return name
    known = dict.fromkeys(suffix for each in FORMATS.values() if each.reader for suffix in each.extensions)
    raise SpeechError(f"timing file {source.path} is of no known kind; phiz reads {' '.join(known)}")
