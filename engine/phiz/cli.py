"""The command line: `phiz VERB ...`. Results on stdout, the rest on stderr, errors in one line."""

import argparse
import io
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from phiz.errors import FaceError, PhizError, UsageError
from phiz.together import ALL

if TYPE_CHECKING:
    from phiz.filming import Result
    from phiz.portrait.report import Quality
    from phiz.portrait.rig import Rig
    from phiz.progress import Stages

__all__ = ["main"]

DEMO_TEXT = "Hello there! I am a photograph, and now I can talk. Give me any face, and any words you like."
INTERRUPTED = 130  # as a shell reports a process that Ctrl-C ended
BY_SIGNAL = 128  # plus a signal's number, likewise

log = logging.getLogger("phiz")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 well, 1 failed, 2 wrong usage, 130 interrupted."""
    from phiz.options import build_parser

    _print_anything()
    options = build_parser().parse_args(arguments)
    _end_tidily()
    with _shown_warnings(quiet=getattr(options, "quiet", False)):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        code = VERBS[options.verb](options)
        sys.stdout.flush()
    except PhizError as error:
        return _failed(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _failed("interrupted; nothing half-made was left", INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has gone, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("PHIZ_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}".splitlines()[0]
        return _failed(f"unexpected {what} (a bug: please report it with the output under PHIZ_DEBUG=1)", 1)
    return code


def talk(options: argparse.Namespace) -> int:
    """A photo and a text or a recording become a video."""
    return _talk(options, options.photo, _text(options))


def demo(options: argparse.Namespace) -> int:
    """The portrait that ships with phiz says its sentence."""
    from phiz.data import demo_portrait

    extra = {"audio": None, "line": None, "voice": None, "lang": "en"}
    extra |= {"landmarks": None, "landmarker": "dlib", "face": None}
    return _talk(argparse.Namespace(**vars(options), **extra), demo_portrait(), DEMO_TEXT)


def rig(options: argparse.Namespace) -> int:
    """A photo becomes a rig, with a sheet that shows what it can do and a report on the photo."""
    from phiz.api import judged_face
    from phiz.filming import available_threads
    from phiz.progress import Bars, Stages

    several = options.face == ALL  # then the names are others, with numbers in them
    files = RigFiles.named(options.output, options.sheet, options.report, force=options.force or several)
    available_threads(options.threads)
    with Bars(quiet=options.quiet) as bars:
        stages = Stages(bars)
        if several:
            return _rig_all(options, files, stages)
        begin = time.perf_counter()
        with stages.stage("rig"):
            face, quality = judged_face(
                options.photo,
                landmarks=options.landmarks,
                landmarker=options.landmarker,
                face=options.face,
                background=options.background,
            )
            if options.report and not quality:
                raise UsageError(f"{options.photo} is a finished rig: a report needs the picture")
        _save_rig(options, files, face, quality, stages)
    _say(options, f"{files}: made in {time.perf_counter() - begin:.1f} s")
    if quality:
        _say(options, quality.line)
    return 0


def _rig_all(options: argparse.Namespace, files: "RigFiles", stages: "Stages") -> int:
    """Every face in a photo becomes a rig; those that cannot are told at the end."""
    from phiz.api import judged_faces
    from phiz.together import picture_of

    picture = picture_of(options.photo, landmarks=options.landmarks, face=ALL, lines=False)
    with stages.stage("faces"):
        faces = judged_faces(picture, landmarker=options.landmarker, background=options.background)
    numbered = [files.numbered(number, force=options.force) for number in range(len(faces))]
    left_out = []
    for number, (make, own) in enumerate(zip(faces, numbered, strict=True)):
        begin = time.perf_counter()
        try:
            with stages.stage(f"rig {number}"):
                face, quality = make()
        except FaceError as error:
            left_out.append(f"face {number} has no rig: {error}")
            continue
        _save_rig(options, own, face, quality, stages)
        _say(options, f"{own}: made in {time.perf_counter() - begin:.1f} s\n{quality.line}")
    if left_out:
        raise FaceError(f"{options.photo}: {'; '.join(left_out)}")
    return 0


def _save_rig(
    options: argparse.Namespace, files: "RigFiles", face: "Rig", quality: "Quality | None", stages: "Stages"
) -> None:
    from phiz.filming import available_threads
    from phiz.output.sheet import rig_sheet

    _save(options, files.rig, partial(face.save, exact=options.exact))
    if quality and files.report:
        _save(options, files.report, quality.save)
    if files.sheet:
        with stages.stage("sheet"):
            rig_sheet(
                face, files.sheet, backend=options.backend, threads=available_threads(options.threads),
                force=options.force,
            )  # fmt: skip


@dataclass(frozen=True)
class RigFiles:
    """What `phiz rig` writes."""

    rig: Path
    sheet: Path | None
    report: Path | None

    @classmethod
    def named(
        cls, rig: str | Path, sheet: str | Path | None, report: str | Path | None, *, force: bool
    ) -> "RigFiles":
        """Check the names before any work starts. Raises UsageError or OutputError."""
        from phiz.output.target import check_targets

        check_targets(rig, ".glb", sheet, ".png", force=force)
        check_targets(rig, ".glb", report, ".json", force=force)
        return cls(Path(rig), Path(sheet) if sheet else None, Path(report) if report else None)

    def numbered(self, number: int, *, force: bool) -> "RigFiles":
        """The same for one of several faces: face.glb becomes face-0.glb."""

        def own(path: Path) -> Path:
            return path.with_name(f"{path.stem}-{number}{path.suffix}")

        return RigFiles.named(
            own(self.rig), self.sheet and own(self.sheet), self.report and own(self.report), force=force
        )

    def __str__(self) -> str:
        return " and ".join(str(path) for path in (self.rig, self.sheet, self.report) if path)


def speak(options: argparse.Namespace) -> int:
    """A text becomes sound and the times of its phonemes."""
    from phiz.api import make_speech
    from phiz.output.target import check_targets
    from phiz.speech.audio import write_wav
    from phiz.speech.timing import write_timing

    _, timing = check_targets(options.output, ".wav", options.timing, force=options.force)
    speech = make_speech(_text(options), voice=options.voice, language=options.lang)
    _save(options, options.output, lambda path: write_wav(path, speech.samples, speech.rate))
    if timing:
        _save(options, timing, lambda path: write_timing(speech, path))
    made = " and ".join(filter(None, (options.output, options.timing)))
    _say(options, f"{made}: {speech.duration:.2f} s, {len(speech.phonemes)} phonemes")
    return 0


def animate(options: argparse.Namespace) -> int:
    """A text or a recording becomes a clip."""
    from phiz.api import make_speech
    from phiz.motion.animation import animate as animated
    from phiz.output.target import check_targets
    from phiz.speech.audio import write_wav

    _, wav = check_targets(options.output, ".json", options.wav, ".wav", force=options.force)
    speech = make_speech(_text(options), audio=options.audio, voice=options.voice, language=options.lang)
    clip = animated(speech, seed=options.seed)
    _save(options, options.output, clip.save)
    if wav:
        _save(options, wav, lambda path: write_wav(path, speech.samples, speech.rate))
    made = " and ".join(filter(None, (options.output, options.wav)))
    _say(options, f"{made}: {clip.duration:.2f} s, {len(clip.curves)} curves")
    return 0


def render(options: argparse.Namespace) -> int:
    """A rig and a clip become a video."""
    from phiz import api
    from phiz.progress import Bars

    with Bars(quiet=options.quiet) as bars:
        result = api.render(
            options.rig, options.clip, options.output, audio=options.audio, size=options.size,
            fps=options.fps, backend=options.backend, threads=options.threads, relight=options.relight,
            hashes=options.hashes, force=options.force, progress=bars,
        )  # fmt: skip
    return _report(options, result)


def doctor(options: argparse.Namespace) -> int:
    """What is installed and works here."""
    from phiz.doctor import examine

    return 0 if examine(print) else 1


VERBS = {
    "talk": talk,
    "demo": demo,
    "rig": rig,
    "speak": speak,
    "animate": animate,
    "render": render,
    "doctor": doctor,
}


def _talk(options: argparse.Namespace, photo: str | Path, text: str | None) -> int:
    from phiz import api
    from phiz.progress import Bars

    with Bars(quiet=options.quiet) as bars:
        result = api.talk(
            photo, text, options.output, audio=options.audio, lines=options.line, voice=options.voice,
            language=options.lang, size=options.size, fps=options.fps, backend=options.backend,
            relight=options.relight, seed=options.seed, threads=options.threads, landmarks=options.landmarks,
            landmarker=options.landmarker, face=options.face, background=options.background,
            hashes=options.hashes, force=options.force, progress=bars,
        )  # fmt: skip
    return _report(options, result)


def _save(options: argparse.Namespace, path: str | Path, write: Callable[[Path], None]) -> None:
    """Let `write`, which makes a whole file or none, make `path`, unless something has appeared there."""
    from phiz.output.target import check_target

    write(check_target(path, force=options.force))


def _text(options: argparse.Namespace) -> str | None:
    """What to say, from the command line, a file or standard input; None when a recording says it."""
    if options.text is not None and options.text_file is not None:
        raise UsageError("both TEXT and --text-file were given: give one of them")
    if options.text_file is not None:
        return _decoded(_bytes_of(options.text_file), options.text_file)
    if options.text == "-":
        return _decoded(sys.stdin.buffer.read(), "standard input")
    others = [getattr(options, name, None) for name in ("audio", "line")]  # not every verb has them
    if options.text is None and not any(others):
        raise UsageError("nothing to say: give TEXT, --text-file FILE or (but for speak) --audio FILE")
    text: str | None = options.text
    return text


def _bytes_of(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read the text file {path}: {error.strerror or error}") from error


def _decoded(raw: bytes, source: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"the text in {source} is not UTF-8: save it in that encoding") from None


def _report(options: argparse.Namespace, result: "Result") -> int:
    if options.json:
        print(json.dumps(_as_json(result)))
        return 0
    width, height = result.size
    _say(
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


def _say(options: argparse.Namespace, line: str) -> None:
    if not options.quiet:
        print(line)


def _failed(message: str, code: int) -> int:
    print(f"phiz: error: {' '.join(message.split())}", file=sys.stderr)
    return code


@contextmanager
def _shown_warnings(*, quiet: bool) -> Iterator[None]:
    """Print what phiz logs as one line each, over the progress bar if there is one."""
    clear = "\r\x1b[K" if sys.stderr.isatty() else ""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(f"{clear}phiz: %(message)s"))
    handler.setLevel(logging.ERROR if quiet else logging.WARNING)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def _print_anything() -> None:
    """Escape what standard output's encoding lacks, such as a file name's, instead of failing at it."""
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _end_tidily() -> None:
    """Have a closed terminal and a request to end unwind the stack, so that files and the encoder go."""
    for name in ("SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
            signal.signal(number, _terminate)


def _terminate(number: int, _: object) -> NoReturn:
    raise SystemExit(BY_SIGNAL + number)
