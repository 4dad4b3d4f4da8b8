"""What `phiz rhubarb` says on standard error and in a log file, in the words of Rhubarb Lip Sync."""

import json
import logging
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TextIO

from phiz.errors import OutputError

__all__ = ["LEVELS", "Events", "Messages"]

LEVELS = ("trace", "debug", "info", "warning", "error", "fatal")
BLOCKS = 20  # of the progress bar


class Events:
    """Start, progress, end and messages of one run.

    manner: "nice" for people, "quiet" for none but messages, "machine" for a JSON object a line. least: the
    lowest level of a message that is shown. log_file: gets every event from log_level on.
    Raises OutputError where the log file cannot be written.
    """

    def __init__(self, manner: str, least: str, log_file: Path | None, log_level: str) -> None:
        self._show: Callable[..., None] = {
            "nice": self._nice,
            "quiet": self._quiet,
            "machine": self._machine,
        }[manner]
        self._least = least
        self._log_level = log_level
        self._log: TextIO | None = None
        self._file = ""
        self._percent = -1
        self._bar = ""
        self._running = False  # whether a line with the bar is begun
        self._introduced = False
        if log_file is not None:
            try:
                self._log = open(log_file, "w", encoding="utf-8")  # noqa: SIM115
            except OSError as error:
                raise OutputError(f"cannot write the log {log_file}: {error.strerror or error}") from error

    def start(self, file: str) -> None:
        self._file = file
        self._tell("start", "info", f"Application startup. Input file: {file}.", {"file": file})

    def progress(self, value: float) -> None:
        """value: 0..1; events follow whole percents."""
        percent = int(value * 100)
        if percent > self._percent:
            self._percent = percent
            self._tell("progress", "trace", f"Progress: {percent}%", {"value": value})

    def success(self) -> None:
        self._tell("success", "info", "Application terminating normally.", {})
        self.close()

    def failure(self, reason: str) -> None:
        self._tell("failure", "fatal", f"Application terminating with error: {reason}", {"reason": reason})
        self.close()

    def message(self, level: str, text: str) -> None:
        self._tell("log", level, text, {})

    def close(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None

    def _tell(self, kind: str, level: str, text: str, data: dict[str, object]) -> None:
        self._show(kind, level, text, data)
        if self._log is not None and reaches(level, self._log_level):
            moment = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
            print(f"[{moment}] 1 [{level.capitalize()}] {text}", file=self._log, flush=True)

    def _machine(self, kind: str, level: str, text: str, data: dict[str, object]) -> None:
        if kind == "log" and not reaches(level, self._least):
            return
        value = {
            name: f"{item:.2f}" if isinstance(item, float) else json.dumps(item)
            for name, item in data.items()
        }
        members = "".join(f'"{name}": {item}, ' for name, item in value.items())
        about = f'"log": {{ "level": "{level.capitalize()}", "message": {json.dumps(text)} }}'
        print(f'{{ "type": "{kind}", {members}{about} }}', file=sys.stderr, flush=True)

    def _nice(self, kind: str, level: str, text: str, data: dict[str, object]) -> None:
        if kind == "start":
            print(f"Generating lip sync data for {data['file']}.", file=sys.stderr)
            self._begin_bar("Progress: ")
        elif kind == "progress":
            self._draw_bar(float(str(data["value"])))
        elif kind == "success":
            self._end_bar()
            print("Done.", file=sys.stderr, flush=True)
        elif reaches(level, self._least):
            running = self._running
            self._end_bar()
            print(f"[{level.capitalize()}] {text}", file=sys.stderr, flush=True)
            if running and kind == "log":
                self._begin_bar("Progress (cont'd): ")

    def _quiet(self, kind: str, level: str, text: str, data: dict[str, object]) -> None:
        if reaches(level, self._least):
            if not self._introduced:
                about = f" processing file {self._file}" if self._file else ""
                print(f"Rhubarb Lip Sync 1.14.0{about}:", file=sys.stderr)
                self._introduced = True
            print(f"[{level.capitalize()}] {text}", file=sys.stderr, flush=True)

    def _begin_bar(self, title: str) -> None:
        self._draw(title)
        self._running = True

    def _draw_bar(self, value: float) -> None:
        done = int(value * BLOCKS)
        bar = f"[{'#' * done}{'-' * (BLOCKS - done)}] {int(value * 100):3}%"
        self._draw("\b" * len(self._bar) + bar)
        self._bar = bar

    def _end_bar(self) -> None:
        if self._bar:
            blank = len(self._bar)
            self._draw("\b" * blank + " " * blank + "\b" * blank)
            self._bar = ""
        if self._running:
            self._draw("\n")
        self._running = False

    def _draw(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


class Messages(logging.Handler):
    """Passes what phiz logs on as messages."""

    def __init__(self, events: Events) -> None:
        super().__init__(logging.DEBUG)
        self._events = events

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname.lower()
        self._events.message(level if level in LEVELS else "info", record.getMessage())


def reaches(level: str, least: str) -> bool:
    """Whether a level is `least` or higher."""
    return LEVELS.index(level) >= LEVELS.index(least)
