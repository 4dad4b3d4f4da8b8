"""What several test files share: portraits as rigs, and the command line as its users run it."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sitters import Sitters

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def sitters(tmp_path_factory: pytest.TempPathFactory) -> "Sitters":
    """Portraits and their rigs by name (`sitters.SITTERS`), each made once."""
    from sitters import Sitters

    return Sitters(tmp_path_factory.mktemp("sitters"))


@pytest.fixture(scope="session")
def demo_rig(sitters: "Sitters") -> Path:
    """The demo portrait's rig, made once, as a .glb file. Not to be changed."""
    return sitters("demo").file


@pytest.fixture
def phiz(tmp_path: Path) -> Run:
    """Run `phiz` with arguments in an empty folder, as a user would, and return how it ended."""

    def run(*arguments: str | Path, text: str | None = None) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command(*arguments), cwd=tmp_path, input=text, text=True, capture_output=True, timeout=120,
            check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """As `phiz`, in an empty folder, but without the second that a new process takes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("phiz.cli._end_tidily", lambda: None)

    def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        from phiz.cli import main

        words = [str(word) for word in arguments]
        try:
            code = main(words)
        except SystemExit as end:
            code = int(end.code or 0)
        return subprocess.CompletedProcess(words, code, *capfd.readouterr())

    return run


def command(*arguments: str | Path) -> Sequence[str]:
    """The command line of `phiz` with the interpreter that runs the tests."""
    return [sys.executable, "-m", "phiz", *map(str, arguments)]


def encoders_of(folder: Path) -> list[int]:
    """Running processes that have a path in `folder` on their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in line and int(entry.parent.name) != os.getpid():
            found.append(int(entry.parent.name))
    return found
