"""The voice `command:PROGRAM ...`: any program that speaks into a sound file; no times come back.

    command:flite -t {text} -o {out}

Its line is split as a shell splits it, and then run without one, so nothing in the text can do harm.
"""

import errno
import os
import re
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from phiz.errors import SpeechError, UsageError
from phiz.speech.audio import read_audio
from phiz.speech.voices import Request, Sound

__all__ = ["say"]

HOW = "write for example --voice 'command:flite -t {text} -o {out}'"
PLACEHOLDER = re.compile(r"\{(text|textfile|out|lang)\}")
BRACES = re.compile(r"\{\w*\}")
# Seconds that a program may take, to load and for each character: half as fast as people speak.
PATIENCE, PER_CHARACTER = 60.0, 0.15
SHOWN = 200  # characters of a program's complaint


def say(request: Request) -> Sound:
    """Run the program that the variant names.

    In it {text} stands for the text, {textfile} for a UTF-8 file that holds it, {lang} for the language and
    {out} for the sound file to write, of any kind that ffmpeg reads. Without {text} and {textfile} the text
    goes to its standard input, without {out} the sound comes from its standard output.

    Raises UsageError for a line that names no program, SpeechError when it fails.
    """
    line = parsed(request.variant)
    program = Path(line[0]).name
    text = "".join(character if character >= " " or character == "\n" else " " for character in request.text)
    with tempfile.TemporaryDirectory(prefix="phiz-") as folder:
        file, out = Path(folder, "text.txt"), Path(folder, "voice.wav")
        encoded = text.encode("utf-8", "replace")
        file.write_bytes(encoded)
        given = {"text": encoded.decode(), "textfile": str(file), "out": str(out), "lang": request.language}
        on_input = not re.search(r"\{text(file)?\}", request.variant)
        sound = run(filled(line, given), encoded if on_input else b"", PATIENCE + PER_CHARACTER * len(text))
        if "{out}" not in request.variant:
            out.write_bytes(sound)
        if not out.exists() or not out.stat().st_size:
            where = "to {out}" if "{out}" in request.variant else "to its standard output"
            raise SpeechError(f"the voice's program {program} wrote no sound {where}; {HOW}")
        try:
            return Sound(*read_audio(out))
        except SpeechError as error:
            reason = str(error).replace(str(out), "what it wrote")
            raise SpeechError(f"the voice's program {program} wrote no sound file: {reason}") from error


def parsed(line: str) -> list[str]:
    """The words of a command line. Raises UsageError."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    if os.name == "nt":
        lexer.escape = ""  # as in C:\Programs
    try:
        words = list(lexer)
    except ValueError as error:
        raise UsageError(f"the voice's command {line!r} cannot be read: {error}; {HOW}") from error
    if not words:
        raise UsageError(f"the voice's command {line!r} names no program; {HOW}")
    for found in BRACES.findall(line):
        if not PLACEHOLDER.fullmatch(found):
            raise UsageError(f"{found} in the voice's command is unknown; there are {{text}}, {{textfile}}, "
                             "{out} and {lang}")  # fmt: skip
    return words


def filled(words: Sequence[str], given: Mapping[str, str]) -> list[str]:
    return [PLACEHOLDER.sub(lambda found: given[found[1]], word) for word in words]


def run(words: Sequence[str], written: bytes, patience: float) -> bytes:
    """What a program writes to its standard output. Raises SpeechError, in which it says why it failed."""
    program = Path(words[0]).name
    try:
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        reason = f"{error.strerror}"
        if isinstance(error, FileNotFoundError):
            reason = "it is not found; install it, or give its path"
        elif error.errno == errno.E2BIG:
            reason = "the text is too long for {text}; hand it over as {textfile}"
        raise SpeechError(f"the voice's program {program} does not start: {reason}") from error
    with process:
        try:
            sound, complaint = process.communicate(written, patience)
        except BaseException as error:
            _end(process)
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            raise SpeechError(f"the voice's program {program} was stopped after {patience:.0f} s") from None
    if process.returncode:
        said = " ".join(complaint.decode("utf-8", "replace").split()) or "it says nothing"
        shown = said if len(said) <= SHOWN else "..." + said[-SHOWN:]
        raise SpeechError(
            f"the voice's program {program} failed with exit code {process.returncode}: {shown}"
        )
    return sound


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Stop a program with all that it has started, which would keep its output open."""
    if os.name == "nt":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
