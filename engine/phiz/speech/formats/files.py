"""Timing files of any kind, read into a `Speech` and written from one."""

import codecs
from importlib import import_module
from pathlib import Path
from typing import Any

from phiz.errors import SpeechError, UsageError
from phiz.files import whole
from phiz.speech.formats.assembly import assembled
from phiz.speech.formats.draft import Source
from phiz.speech.formats.registry import FORMATS, Format, format_named, format_to_write
from phiz.speech.formats.sniffing import sniffed
from phiz.speech.speech import Speech

__all__ = ["check_choices", "read_timing_file", "write_timing_file"]

LARGEST = 200 * 2**20  # bytes; a day of speech is a tenth of that in the wordiest format
MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_timing_file(
    path: str | Path, format: str | None = None, *, audio: str | Path | None = None, language: str = "en"
) -> Speech:
    """The speech that a timing file describes.

    format: a name in `FORMATS`; None goes by the file's extension and content. audio: the recording that the
    times are of; without it the sound is silence of the length that the file tells. language: what the words
    are in, where the file does not say and sounds have to be found for them: those are placed within each
    word as espeak-ng says it.

    Raises SpeechError for a file that is missing, damaged or of no known kind, naming line or place;
    UsageError for an unknown format, or one that is only written.

        >>> read_timing_file("words.srt").words[0].text
        'Hello'
    """
    path = Path(path)
    source = Source(path, text_of(path))
    kind = format_named(format) if format is not None else FORMATS[sniffed(source)]
    if not kind.reader:
        raise UsageError(f"timing format {kind.name!r} is only written, not read")
    return assembled(function(kind.reader)(source), source, audio=audio, language=language)


def write_timing_file(speech: Speech, path: str | Path, format: str | None = None, **choices: Any) -> None:
    """Write the times in `speech`, without its sound.

    format: a name in `FORMATS`; None goes by the file's extension. choices: what the format can be told, as
    `Format.choices` lists it; None leaves one as it is.
    Raises UsageError for an unknown format or choice, OutputError where the file cannot be written.

        >>> write_timing_file(phiz.speak("Hello."), "hello.TextGrid")
    """
    kind = format_to_write(path, format)
    text = timing_text(speech, kind, **choices)
    # What is no Unicode (half a surrogate pair, from a command line that is not UTF-8) becomes \udcXX.
    encoded = text.encode("utf-8", "backslashreplace")
    with whole(path) as temporary:
        temporary.write_bytes(encoded)


def timing_text(speech: Speech, kind: Format, **choices: Any) -> str:
    """What `write_timing_file` writes."""
    given = {name: value for name, value in choices.items() if value is not None}
    check_choices(kind, given)
    text: str = function(kind.writer)(speech, **given)
    return text


def check_choices(kind: Format, choices: dict[str, Any]) -> None:
    """Raise UsageError for a choice that the format does not know, before any work."""
    for name in choices:
        if name not in kind.choices:
            able = ", ".join(each.name for each in FORMATS.values() if name in each.choices)
            raise UsageError(f"timing format {kind.name!r} has no {name}" + (f": {able} has" if able else ""))


def function(place: str) -> Any:
    """A reader or writer, by its "module:function"."""
    module, name = place.split(":")
    return getattr(import_module(f"phiz.speech.formats.{module}"), name)


def text_of(path: Path) -> str:
    """A file's text: UTF-8, or UTF-16 with its mark. Raises SpeechError."""
    try:
        if path.stat().st_size > LARGEST:
            raise SpeechError(f"timing file {path} has over {LARGEST >> 20} MB: that is no timing file")
        raw = path.read_bytes()
    except OSError as error:
        raise SpeechError(f"timing file {path} cannot be read: {error.strerror or error}") from error
    encoding = next((name for mark, name in MARKED if raw.startswith(mark)), "utf-8")
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        raise SpeechError(f"timing file {path} is neither UTF-8 nor UTF-16: save it in one of them") from None
