"""What several verbs do: read the text, write files, report."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from phiz.commands.groups import dials_of, shape_in
from phiz.errors import UsageError

if TYPE_CHECKING:
    from phiz.filming import Result

__all__ = ["film", "report", "save", "say", "text_from", "text_of"]


def film(options: argparse.Namespace, photo: str | Path, text: str | None) -> int:
    from phiz import api
    from phiz.progress import Bars

    with Bars(quiet=options.quiet) as bars:
        result = api.talk(
            photo, text, options.output, audio=options.audio, lines=options.line, voice=options.voice,
            language=options.lang, recognizer=options.recognizer, shape=shape_in(options), size=options.size,
            fps=options.fps, backend=options.backend, relight=options.relight, seed=options.seed,
            dials=dials_of(options), mood=options.mood,
            threads=options.threads, landmarks=options.landmarks,
            landmarker=options.landmarker, face=options.face, background=options.background,
            hashes=options.hashes, timing=options.timing, timed_by=options.timed_by, force=options.force,
            progress=bars,
        )  # fmt: skip
    return report(options, result)


def save(options: argparse.Namespace, path: str | Path, write: Callable[[Path], None]) -> None:
    """Let `write`, which makes a whole file or none, make `path`, unless something has appeared there."""
    from phiz.output.target import check_target

    write(check_target(path, force=options.force))


def text_of(options: argparse.Namespace) -> str | None:
    """What to say, from the command line, a file or standard input; None when a recording says it."""
    if options.text is not None and options.text_file is not None:
        raise UsageError("both TEXT and --text-file were given: give one of them")
    if options.text_file is not None:
        return _worded(text_from(options.text_file), f"the text file {options.text_file}")
    if options.text == "-":
        return _worded(_decoded(sys.stdin.buffer.read(), "standard input"), "standard input")
    others = [getattr(options, name, None) for name in ("audio", "line", "timed_by")]  # not in every verb
    if options.text is None and not any(others):
        raise UsageError("nothing to say: give TEXT, --text-file FILE or (but for speak) --audio FILE")
    text: str | None = options.text
    return text


def _worded(text: str, source: str) -> str:
    if not text.strip():
        raise UsageError(f"{source} is empty; give at least one word")
    return text


def text_from(path: str) -> str:
    """The text in a UTF-8 file. Raises UsageError."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the text file {path}: {error.strerror or error}") from error
    return _decoded(raw, path)


def _decoded(raw: bytes, source: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"the text in {source} is not UTF-8: save it in that encoding") from None


def report(options: argparse.Namespace, result: "Result") -> int:
    if options.json:
        print(json.dumps(_as_json(result)))
        return 0
    width, height = result.size
    say(
        options,
        f"{result.output}: {result.seconds:.2f} s, {result.frames} frames of {width}x{height} at "
        f"{result.fps} fps, drawn by {result.backend}, made in {result.stages['total']:.1f} s",
    )
    return 0


def _as_json(result: "Result") -> dict[str, object]:
    return {
        "output": str(result.output),
        "seconds": result.seconds,
        "frames": result.frames,
        "fps": str(result.fps),
        "size": list(result.size),
        "backend": result.backend,
        "timing": result.timing,
        "stages": {name: round(seconds, 4) for name, seconds in result.stages.items()},
        "peak_rss": result.peak_rss,
        "notes": list(result.notes),
    }


def say(options: argparse.Namespace, line: str) -> None:
    if not options.quiet:
        print(line)
