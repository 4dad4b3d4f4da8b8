"""What goes wrong ends in one line that names the problem and the way out: 2 for usage, 1 for the rest."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import Run
from phiz.cli import main


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
        (["sing"], "sing"),
        (["talk"], "PHOTO"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--loud"], "--loud"),
        (["talk", "a.png", "Hi.", "you", "-o", "a.mp4"], "you"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--backend", "metal"], "metal"),
        (["talk", "a.png", "-o", "a.mp4"], "nothing to say"),
        (["talk", "a.png", "Hi.", "--text-file", "t.txt", "-o", "a.mp4"], "both TEXT and --text-file"),
        (["talk", "a.png", "--text-file", "t.txt", "-o", "a.mp4"], "cannot read the text file t.txt"),
        (["talk", "a.png", "--text-file", "latin.txt", "-o", "a.mp4"], "not UTF-8"),
        (["talk", "a.png", "Hi.", "-o", "a.avi"], ".mp4"),
        (["talk", "a.png", "Hi.", "-o", "."], "is a folder"),
        (["talk", "a.png", "Hi.", "-o", "old.mp4"], "--force"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--fps", "fast"], "fps"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--size", "9"], "size"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--threads", "0"], "threads"),
        (["talk", "a.png", "Hi.", "-o", "a.mp4", "--hashes", "old.mp4"], "--force"),
        (["rig", "a.png", "-o", "a.png"], ".glb"),
        (["speak", "Hi.", "-o", "a.mp3"], ".wav"),
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
        (["speak", "", "-o", "a.wav"], "empty"),
        (["speak", "?!", "-o", "a.wav"], "?!"),
        (["speak", "Hi.", "-o", "a.wav", "--lang", "klingon"], "klingon"),
        (["speak", "Hi.", "-o", "a.wav", "--voice", "hal"], "hal"),
        (["speak", "Hi.", "-o", "no/a.wav"], "no folder"),
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

    monkeypatch.setitem(__import__("phiz.cli").cli.VERBS, "doctor", broken)
    monkeypatch.delenv("PHIZ_DEBUG", raising=False)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "ZeroDivisionError: of all things" in said
    assert "PHIZ_DEBUG=1" in said
    monkeypatch.setenv("PHIZ_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["doctor"])
