"""The command line as its users run it: whole ways through, on the demo portrait."""

import fcntl
import json
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from conftest import Run, command, encoders_of
from phiz import __version__
from phiz.channels import ARKIT
from phiz.data import demo_portrait
from phiz.output.sheet import CELL, GAP, LABEL_HEIGHT
from phiz.renderers import describe_backends

SMALL = ("--size", "96", "--fps", "10", "--backend", "cpu")


def lines_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def test_version_and_help(phiz: Run) -> None:
    assert phiz("--version").stdout.strip() == f"phiz {__version__}"
    overview = phiz("--help").stdout
    for verb in ("talk", "demo", "rig", "speak", "animate", "clip", "render", "doctor"):
        assert f"\n    {verb} " in overview
        shown = phiz(verb, "--help")
        assert shown.returncode == 0
        assert f"  phiz {verb}" in shown.stdout.split("examples:")[1]


def test_a_picture_becomes_a_video_with_one_line_of_json(phiz: Run, tmp_path: Path) -> None:
    shutil.copy(demo_portrait(), tmp_path / "ein Gesicht ü.png")
    done = phiz(
        "talk", "ein Gesicht ü.png", "Hi.", "-o", "größer als.mp4", "--json", "--hashes", "h.txt", *SMALL
    )
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert len(lines_of(done.stdout)) == 1
    assert report["output"] == str(tmp_path / "größer als.mp4")
    assert (report["fps"], report["size"], report["backend"]) == ("10", [96, 96], "cpu")
    assert (report["timing"], report["notes"]) == ("exact", [])
    assert report["seconds"] == report["frames"] / 10
    assert report["peak_rss"] > 10**7
    assert report["stages"]["total"] >= report["stages"]["frames"] > 0
    digests = (tmp_path / "h.txt").read_text().splitlines()
    assert len(digests) == report["frames"]
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in digests)
    assert len(set(digests)) > 5


def test_the_same_command_gives_the_same_bytes_for_any_threads(
    phiz: Run, demo_rig: Path, tmp_path: Path
) -> None:
    for threads in ("1", "3"):
        files = ("-o", f"{threads}.mp4", "--hashes", f"{threads}.txt")
        assert phiz("talk", demo_rig, "Hello.", *files, "--threads", threads, *SMALL).returncode == 0
    for suffix in ("mp4", "txt"):
        assert (tmp_path / f"1.{suffix}").read_bytes() == (tmp_path / f"3.{suffix}").read_bytes()


def test_the_same_photo_gives_the_same_bytes_in_another_process(phiz: Run, tmp_path: Path) -> None:
    for threads in ("1", "3"):
        files = ("-o", f"{threads}.mp4", "--hashes", f"{threads}.txt")
        assert phiz("talk", demo_portrait(), "Hi.", *files, "--threads", threads, *SMALL).returncode == 0
    for suffix in ("mp4", "txt"):
        assert (tmp_path / f"1.{suffix}").read_bytes() == (tmp_path / f"3.{suffix}").read_bytes()


def test_steps_from_files_alone_give_the_video_of_the_one_command(
    phiz: Run, demo_rig: Path, tmp_path: Path
) -> None:
    assert phiz("talk", demo_rig, "Hello.", "-o", "one.mp4", "--hashes", "one.txt", *SMALL).returncode == 0
    assert phiz("animate", "Hello.", "-o", "clip.json", "--wav", "sound.wav").returncode == 0
    files = ("--audio", "sound.wav", "-o", "two.mp4", "--hashes", "two.txt")
    done = phiz("render", demo_rig, "clip.json", *files, *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "one.txt").read_bytes() == (tmp_path / "two.txt").read_bytes()
    assert phiz("render", demo_rig, "clip.json", "-o", "silent.mp4", *SMALL).returncode == 0


def test_demo(phiz: Run, tmp_path: Path) -> None:
    done = phiz("demo", "--size", "64", "--fps", "5", "--backend", "cpu")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "hello.mp4").stat().st_size > 5000
    line = r"(.*/hello\.mp4): ([\d.]+) s, (\d+) frames of 64x64 at 5 fps, drawn by cpu, made in [\d.]+ s\n"
    said = re.fullmatch(line, done.stdout)
    assert said
    assert Path(said[1]) == tmp_path / "hello.mp4"
    assert float(said[2]) == pytest.approx(int(said[3]) / 5)


def test_a_transparent_rig_makes_a_transparent_video(phiz: Run, tmp_path: Path) -> None:
    made = phiz("rig", demo_portrait(), "-o", "clear.glb", "--background", "transparent")
    assert (made.returncode, made.stderr) == (0, "")
    refused = phiz("talk", "clear.glb", "Hi.", "-o", "a.mp4", *SMALL)
    assert refused.returncode == 2
    assert ".webm" in refused.stderr
    assert not (tmp_path / "a.mp4").exists()
    done = phiz("talk", "clear.glb", "Hi.", "-o", "a.webm", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    command = [get_ffmpeg_exe(), "-v", "error", "-c:v", "libvpx-vp9", "-i", tmp_path / "a.webm"]
    command += ["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgba", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    alpha = np.frombuffer(raw, np.uint8).reshape(96, 96, 4)[..., 3]
    assert alpha[:10, :10].max() == 0
    assert alpha[60:80, 35:45].min() > 230  # the suit, which only breathes


def test_a_photo_before_a_colour(phiz: Run, tmp_path: Path) -> None:
    done = phiz("talk", demo_portrait(), "Hi.", "-o", "a.mp4", "--background", "#0f0", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    command = [get_ffmpeg_exe(), "-v", "error", "-i", tmp_path / "a.mp4", "-frames:v", "1", "-f", "rawvideo"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    corner = np.frombuffer(raw, np.uint8).reshape(96, 96, 3)[:20, :20].astype(int)
    assert np.abs(corner - (0, 255, 0)).max() < 12


def test_rig_and_its_sheet(phiz: Run, demo_rig: Path, tmp_path: Path) -> None:
    done = phiz("rig", demo_rig, "-o", "again.glb", "--sheet", "sheet.png", "--backend", "cpu")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "again.glb").read_bytes() == demo_rig.read_bytes()
    sheet = np.asarray(Image.open(tmp_path / "sheet.png"))
    cell = CELL + GAP
    assert sheet.shape[0] * sheet.shape[1] > (len(ARKIT) + 2) * cell**2
    # The first two pictures are the photo and the neutral face: alike, but for the mouth.
    photo = sheet[GAP + LABEL_HEIGHT :, GAP:][:CELL, :CELL].astype(int)
    neutral = sheet[GAP + LABEL_HEIGHT :, GAP + cell :][:CELL, :CELL].astype(int)
    assert 0.001 < (abs(photo - neutral).max(2) > 40).mean() < 0.2


def test_speak(phiz: Run, tmp_path: Path) -> None:
    done = phiz("speak", "-", "-o", "a.wav", "--timing", "a.json", "--lang", "es", text="¡Buenos días!")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "a.wav").read_bytes()[:4] == b"RIFF"
    timing = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [word["text"] for word in timing["words"]] == ["Buenos", "días"]


def test_names_that_the_output_cannot_show(
    phiz: Run, demo_rig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    said = phiz("speak", "Hi.", "-o", "顔.wav")
    assert (said.returncode, said.stderr) == (0, "")
    assert "\\u9854.wav" in said.stdout
    undecodable = os.fsdecode(b"\xff.mp4")
    done = phiz("talk", demo_rig, "Hi.", "-o", undecodable, "--json", *SMALL)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["output"] == str(tmp_path / undecodable)
    assert (tmp_path / undecodable).exists()


def test_text_from_a_file_equals_text_on_the_line(phiz: Run, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("Héllo there.", encoding="utf-8-sig")
    assert phiz("animate", "--text-file", "text.txt", "-o", "a.json").returncode == 0
    assert phiz("animate", "-o", "b.json", "Héllo there.").returncode == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_recording_says_where_its_text_is_not_heard(phiz: Run, demo_rig: Path) -> None:
    assert phiz("speak", "Hello there, my old friend.", "-o", "take.wav").returncode == 0
    text = "Hello there, my extraordinary old friend."
    recorded = ("talk", demo_rig, text, "--audio", "take.wav", *SMALL)
    done = phiz(*recorded, "-o", "a.mp4")
    assert done.returncode == 0
    assert len(lines_of(done.stderr)) == 1
    assert '"extraordinary" at' in done.stderr
    assert phiz(*recorded, "-o", "b.mp4", "--quiet").stderr == ""


def test_doctor_finds_this_machine_well(phiz: Run) -> None:
    done = phiz("doctor")
    assert done.returncode == 0
    assert "numba" in done.stdout
    assert "  cpu: yes" in done.stdout
    assert lines_of(done.stdout)[-1] == "all is well"


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the encoder through /proc")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_an_interrupted_run_leaves_no_file_and_no_encoder(
    demo_rig: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    words = "and so on " * 200
    run = subprocess.Popen(
        command("talk", demo_rig, words, "-o", "a.mp4", "--backend", "cpu"), cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for _ in range(600):
        if list(tmp_path.glob(".phiz-*.mp4")) or run.poll() is not None:
            break
        time.sleep(0.05)
    assert run.poll() is None, run.communicate()
    run.send_signal(number)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == code
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []
    assert encoders_of(tmp_path) == []


def test_progress_is_for_terminals(demo_rig: Path, tmp_path: Path) -> None:
    here, there = pty.openpty()
    fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    run = subprocess.Popen(
        command("talk", demo_rig, "Hello.", "-o", "a.mp4", *SMALL), cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=there,
    )  # fmt: skip
    os.close(there)
    shown = b""
    while True:
        try:
            part = os.read(here, 4096)
        except OSError:  # the other end closed
            break
        shown += part
        if not part:
            break
    os.close(here)
    assert run.communicate(timeout=60)[0].startswith(bytes(tmp_path))
    assert b"phiz: rig" in shown
    assert re.search(rb"phiz: frames +\d+% \|.*\| \d+/\d+, [\d:?]+ left", shown)


def test_opengl_draws_where_it_can(phiz: Run, demo_rig: Path) -> None:
    graphics = next(backend for backend in describe_backends() if backend[0] == "gl")
    done = phiz("talk", demo_rig, "Hi.", "-o", "gl.mp4", "--size", "96", "--backend", "gl", "--json")
    if not graphics[1]:
        assert (done.returncode, len(lines_of(done.stderr))) == (1, 1)
        pytest.skip(f"no OpenGL here: {graphics[2]}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["backend"] == "gl"


def test_a_rig_with_a_report_on_its_photo(phiz: Run, tmp_path: Path) -> None:
    ended = phiz("rig", demo_portrait(), "-o", "face.glb", "--report", "report.json")
    assert ended.returncode == 0, ended.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["face_px"] == pytest.approx(43, abs=2)
    assert report["eyes"] == ["open", "open"]
    assert report["line"] in ended.stdout
    again = phiz("rig", "face.glb", "-o", "other.glb", "--report", "other.json")
    assert again.returncode == 2
    assert "needs the picture" in again.stderr
    assert not (tmp_path / "other.json").exists()
    assert not (tmp_path / "other.glb").exists()
