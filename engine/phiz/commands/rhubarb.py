"""`phiz rhubarb`: mouth cues for two-dimensional animation, by the command line of Rhubarb Lip Sync 1.14."""

import argparse
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from phiz.commands.rhubarb_events import LEVELS, Events, Messages
from phiz.errors import PhizError, SpeechError, UsageError

if TYPE_CHECKING:
    from phiz.speech.speech import Speech

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "mouth cues for 2-D animation, with the command line of Rhubarb Lip Sync 1.14"
EXAMPLES = """examples:
  phiz rhubarb -o take1.tsv take1.wav
  phiz rhubarb -f json -d take1.txt --extendedShapes GX take1.ogg > take1.json
  phiz rhubarb -f dat --datUsePrestonBlair -o take1.dat take1.wav
  phiz rhubarb --machineReadable -r phonetic -f xml take1.wav

--lang is phiz's own; all else is as Rhubarb has it, the exit codes (0 and 1) and the files included."""

VERSION = "Rhubarb Lip Sync version 1.14.0"  # what pipelines look for before they go on
FORMATS = {"tsv": "rhubarb-tsv", "xml": "rhubarb-xml", "json": "rhubarb-json", "dat": "moho"}
EXTENDED = "GHX"

log = logging.getLogger("phiz")


def add_options(parser: argparse.ArgumentParser) -> None:
    answer_as_rhubarb(parser)
    parser.add_argument("input", metavar="INPUT", help="the recording, in any format that ffmpeg reads")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to make (default: standard output)")
    parser.add_argument(
        "-f", "--exportFormat", dest="format", type=str.lower, choices=tuple(FORMATS), default="tsv",
        help="default: tsv",
    )  # fmt: skip
    parser.add_argument("-d", "--dialogFile", dest="dialog", metavar="FILE", help="what is said, in UTF-8")
    parser.add_argument(
        "-r", "--recognizer", type=str.lower, choices=("pocketsphinx", "phonetic"), default="pocketsphinx",
        help="pocketSphinx for English (the default), phonetic for other languages",
    )  # fmt: skip
    shapes = "which of the shapes G, H and X were drawn, as GX (default: GHX)"
    parser.add_argument("--extendedShapes", dest="extended", metavar="SHAPES", default=EXTENDED, help=shapes)
    parser.add_argument(
        "--datFrameRate", dest="rate", metavar="FPS", type=float, default=24.0, help="default: 24"
    )
    blair = "for dat: the names MBP, etc, E, AI, O, U, FV, L and rest"
    parser.add_argument("--datUsePrestonBlair", dest="blair", action="store_true", help=blair)
    machine = "report on standard error in JSON, an object a line"
    parser.add_argument("--machineReadable", dest="machine", action="store_true", help=machine)
    parser.add_argument("-q", "--quiet", dest="silent", action="store_true", help="report errors only")
    parser.add_argument(
        "--consoleLevel", dest="least", type=str.lower, choices=LEVELS, default="error",
        help="the lowest level of messages on standard error (default: error)",
    )  # fmt: skip
    parser.add_argument("--logFile", dest="log_file", metavar="FILE", type=Path, help="a file for messages")
    parser.add_argument(
        "--logLevel", dest="log_level", type=str.lower, choices=LEVELS, default="debug",
        help="the lowest level of messages in the log file (default: debug)",
    )  # fmt: skip
    cores = "taken for Rhubarb's sake; changes nothing"
    parser.add_argument("--threads", metavar="N", type=int, default=1, help=cores)
    parser.add_argument("--version", action="version", version=VERSION)
    parser.add_argument("--lang", metavar="CODE", help="the dialog's language, as de (default: en)")
    parser.set_defaults(quiet=True)  # phiz's own way of warning; here warnings are events


def answer_as_rhubarb(parser: argparse.ArgumentParser) -> None:
    """Have the parser fail as Rhubarb does, at what it does not know, too."""
    parse = parser.parse_known_args

    def parse_all(arguments: Any = None, namespace: Any = None) -> Any:
        known, rest = parse(arguments, namespace)
        if rest:
            misused(f"Couldn't find match for argument {rest[0]}")
        return known, rest

    parser.parse_known_args = parse_all  # type: ignore[method-assign, assignment]
    parser.error = misused  # type: ignore[method-assign]


def misused(message: str) -> NoReturn:
    """What Rhubarb does about options that it does not know."""
    print(f"Invalid command-line arguments.\n{message}\n", file=sys.stderr)
    print("For complete usage and help, type `phiz rhubarb --help`\n", file=sys.stderr)
    print("[Fatal] Application terminating with error: Invalid command line.", file=sys.stderr)
    raise SystemExit(1)


def run(options: argparse.Namespace) -> int:
    """A recording becomes mouth cues. 0 when all went well, else 1, as Rhubarb."""
    manner = "quiet" if options.silent else "machine" if options.machine else "nice"
    try:
        events = Events(manner, options.least, options.log_file, options.log_level)
    except PhizError as error:
        Events(manner, options.least, None, options.log_level).failure(str(error))
        return 1
    try:
        choices = choices_of(options)
        events.start(options.input)
    except PhizError as error:
        events.failure(str(error))
        return 1
    try:
        with heard_by(events):
            export(options, choices, events)
    except PhizError as error:
        events.failure(f"Error processing file {options.input}.\n{error}")
        return 1
    events.success()
    return 0


def choices_of(options: argparse.Namespace) -> dict[str, Any]:
    """What the writer of the format is told. Raises UsageError."""
    from phiz.speech.formats.rhubarb import check_frame_rate

    if options.threads < 1:
        raise UsageError("Thread count must be 1 or higher.")
    shapes = options.extended.upper()
    unknown = [shape for shape in shapes if shape not in "ABCDEFGHX"]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is not a mouth shape; there is A to H and X.")
    choices: dict[str, Any] = {"mouths": "ABCDEF" + shapes}
    if options.format == "dat":
        check_frame_rate(options.rate)
        choices |= {"frame_rate": options.rate, "preston_blair": options.blair}
    if options.format in ("xml", "json"):
        choices["sound_file"] = os.path.abspath(options.input)
    return choices


def export(options: argparse.Namespace, choices: dict[str, Any], events: Events) -> None:
    """Hear the recording and write its mouth cues."""
    from phiz.files import whole
    from phiz.speech.formats.files import timing_text
    from phiz.speech.formats.registry import FORMATS as KINDS

    events.progress(0.0)
    speech = heard(options, events)
    text = timing_text(speech, KINDS[FORMATS[options.format]], **choices)
    if options.output:
        with whole(options.output) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    events.progress(1.0)
    if not options.output:
        sys.stdout.write(text)
        sys.stdout.flush()


def heard(options: argparse.Namespace, events: Events) -> "Speech":
    """The recording with its sounds timed, by its dialog where that helps."""
    from phiz.speech.recording import speech_from_recording

    def progress(_: str, done: int, total: int) -> None:
        events.progress(min(0.99, done / max(1, total)))

    dialog = dialog_of(options)
    language = options.lang or "en"
    if dialog is not None:
        try:
            return speech_from_recording(options.input, dialog, language=language, progress=progress)
        except SpeechError as error:
            log.warning("the dialog is left out: %s", error)
    recognizer = "universal" if options.recognizer == "phonetic" else "auto"
    return speech_from_recording(options.input, language=language, recognizer=recognizer, progress=progress)


def dialog_of(options: argparse.Namespace) -> str | None:
    """The text of the dialog file, None where there is none or its language is not known."""
    if options.dialog is None:
        return None
    try:
        text = Path(options.dialog).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"Could not read the dialog file {options.dialog}: {reason}") from error
    if options.recognizer == "phonetic" and options.lang is None:
        log.warning("the dialog's language is not known: it is left out; --lang de and others tell it")
        return None
    return text if text.strip() else None


@contextmanager
def heard_by(events: Events) -> Iterator[None]:
    """Let `events` have what phiz logs in the block."""
    handler = Messages(events)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)
