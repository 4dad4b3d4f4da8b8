"""What goes wrong ends in one line that names the problem and the way out: 2 for usage, 1 for the rest."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import Run
from phiz.cli import main
from phiz.commands import doctor


def one_line(done: object, code: int) -> str:
    """The error line, checked: prefixed, alone, without a traceback; and nothing on stdout."""
    assert done.returncode == code, done.stderr  # type: ignore[attr-defined]
    lines = done.stderr.splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 1
    assert lines[0].startswith("phiz: error: ")
    assert done.stdout == ""  # type: ignore[attr-defined]
    return str(lines[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "VERB"),
        (["dance"], "dance"),
        (["talk"], "PHOTO"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--loud"], "--loud (see phiz talk --help)"),
        (["talk", "a.png", "Hi.", "you", "-o", "a.mp4"], "you"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--backend", "metal"], "metal"),
        (["talk", "a.png", "-o", "a.mp4"], "nothing to say"),
        (["talk", "a.png", "Hi.", "--text-file", "t.txt", "-o", "a.mp4"], "both TEXT and --text-file"),
        (["talk", "a.png", "--text-file", "t.txt", "-o", "a.mp4"], "cannot read the text file t.txt"),
        (["talk", "a.png", "--text-file", "latin.txt", "-o", "a.mp4"], "not UTF-8"),
        (["talk", "a.png", "Hi.", "-o", "a.avi"], ".mp4 or .webm or .mov"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--background", "bleu"], "'bleu' is neither"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--background", "transparent"], ".webm"),
        (["talk", "a.glb", "Hi.", "-o", "a.mp4", "--background", "red"], "phiz rig PHOTO --background"),
        (["rig", "a.png", "-o", "a.glb", "--background", "none.png"], "'none.png' is neither"),
        (["talk", "a.png", "Hi.", "-o", "."], "is a folder"),
        (["talk", "a.png", "Hi.", "-o", "old.mp4"], "--force"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--fps", "fast"], "fps"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--size", "9"], "size"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--threads", "0"], "threads"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--hashes", "old.mp4"], "--force"),
        (["rig", "a.png", "-o", "a.png"], ".glb"),
        (["animate", "Hi.", "-o", "a.json", "--recognizer", "universal"], "no recording for it to hear"),
        (["speak", "Hi.", "-o", "a.mp3"], ".wav"),
        (["speak", "Hi.", "-o", "a.wav", "--timing", "a.wav"], "two files"),
        (["speak", "Hi.", "-o", "a.wav", "--timing", "./a.wav", "--force"], "two files"),
        (["speak", "--text", "latin.txt", "-o", "a.wav"], "--text"),
        (["talk", "a.png", "Hi.", "--out", "a.mp4"], "--out"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--landmarks", "p.json", "--face", "0"], "both landmarks"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--face", "left"], "'left' is neither a number"),
        (["talk", "a.png", "-o", "a.mp4", "--audio", "a.wav", "--voice", "espeak:f3"], "both the recording"),
        (["talk", "a.png", "-o", "a.mp4", "--line", "Hi."], "whose it is"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--line", "0: Hi."], "both lines and a text"),
        (["talk", "a.glb", "-o", "a.mp4", "--line", "0: Hi."], "a.glb is a finished rig"),
        (["rig", "a.glb", "-o", "b.glb", "--face", "all"], "a.glb is a finished rig"),
        (["speak", "Hi.", "-o", "a.wav", "--lang", "klingon"], "klingon"),
        (["speak", "", "-o", "a.wav"], "empty"),
        (["speak", "Hi.", "-o", "no/a.wav"], "no folder"),
        (["speak", "Hi.", "-o", "a.wav", "--voice", "hal"], "hal"),
    ],
)
def test_wrong_usage(phiz: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "old.mp4").write_bytes(b"old")
    (tmp_path / "latin.txt").write_bytes("déjà".encode("latin-1"))
    before = sorted(tmp_path.iterdir())
    assert message in one_line(phiz(*arguments), 2)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "old.mp4").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["talk", "none.png", "Hi.", "-o", "a.mp4"], "none.png"),
        (["talk", "text.png", "Hi.", "-o", "a.mp4"], "text.png"),
        (["talk", "grey.png", "Hi.", "-o", "a.mp4"], "no face"),
        (["talk", "broken.glb", "Hi.", "-o", "a.mp4"], "broken.glb"),
        (["speak", "?!", "-o", "a.wav"], "?!"),
        (["animate", "--audio", "none.wav", "-o", "a.json"], "none.wav"),
        (["animate", "--audio", "text.png", "-o", "a.json"], "text.png"),
        (["render", "broken.glb", "c.json", "-o", "a.mp4"], "broken.glb"),
    ],
)
def test_failures(phiz: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "broken.glb").write_bytes(b"glTF\x02\0\0\0rest")
    Image.fromarray(np.full((200, 200, 3), 128, np.uint8)).save(tmp_path / "grey.png")
    before = sorted(tmp_path.iterdir())
    assert message in one_line(phiz(*arguments), 1)
    assert sorted(tmp_path.iterdir()) == before


BLIND = """
import sys
from importlib import metadata
from phiz.cli import main
sys.modules["numba"] = None  # cannot be imported
version = metadata.version
def absent(name):
    if name == "numba":
        raise metadata.PackageNotFoundError(name)
    return version(name)
if sys.argv[1] == "absent":
    metadata.version = absent
sys.exit(main(["doctor"]))
"""


@pytest.mark.parametrize("state", ["absent", "broken"])
def test_the_doctor_survives_without_numba(state: str) -> None:
    done = subprocess.run([sys.executable, "-c", BLIND, state], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("something is missing")
    assert ("  numba: NO; python -m pip install numba" in lines) == (state == "absent")
    assert any(line.startswith("  draw: NO; ") for line in lines)
    assert any(line.startswith("  find a face: yes") for line in lines)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_a_closed_terminal_ends_it_but_under_nohup(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr(doctor, "run", lambda _: seen.append(signal.getsignal(signal.SIGHUP)) or 0)
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        for wanted in (signal.SIG_IGN, signal.SIG_DFL):
            signal.signal(signal.SIGHUP, wanted)
            assert main(["doctor"]) == 0
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert seen[0] == signal.SIG_IGN
    assert seen[1] not in (signal.SIG_IGN, signal.SIG_DFL)


def test_a_clip_that_is_none(phiz: Run, demo_rig: Path, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")
    assert "c.json" in one_line(phiz("render", demo_rig, "c.json", "-o", "a.mp4"), 1)


def test_a_folder_that_cannot_be_written(phiz: Run, tmp_path: Path) -> None:
    folder = Path("/proc")
    if os.geteuid() != 0:
        folder = tmp_path / "locked"
        folder.mkdir(mode=0o500)
    assert "not writable" in one_line(phiz("speak", "Hi.", "-o", folder / "a.wav"), 1)


def test_force_replaces(phiz: Run, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"old")
    assert phiz("speak", "Hi.", "-o", "a.wav", "--force", "--quiet").stdout == ""
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RIFF"


def test_a_bug_is_one_line_that_says_how_to_report_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(options: object) -> int:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(doctor, "run", broken)
    monkeypatch.delenv("PHIZ_DEBUG", raising=False)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "ZeroDivisionError: of all things" in said
    assert "PHIZ_DEBUG=1" in said
    monkeypatch.setenv("PHIZ_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["doctor"])
