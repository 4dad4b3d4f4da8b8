"""The command line: `phiz VERB ...`. Results on stdout, the rest on stderr, errors in one line."""

import argparse
import io
import logging
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

from phiz.errors import PhizError

__all__ = ["main"]

INTERRUPTED = 130  # as a shell reports a process that Ctrl-C ended
BY_SIGNAL = 128  # plus a signal's number, likewise

log = logging.getLogger("phiz")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 well, 1 failed, 2 wrong usage, 130 interrupted."""
    from phiz.commands.parser import build_parser

    _print_anything()
    options = build_parser().parse_args(arguments)
    _end_tidily()
    with _shown_warnings(quiet=getattr(options, "quiet", False)):
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    try:
        code: int = options.run(options)
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
