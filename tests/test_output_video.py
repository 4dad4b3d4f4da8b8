"""MP4 files: what goes in comes out, in sync; the same bytes every time; nothing left behind."""

import errno
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from conftest import encoders_of
from phiz.errors import OutputError
from phiz.output.video import write_video

WIDTH, HEIGHT = 96, 64
RATE = 22050
NTSC = Fraction(24000, 1001)


def frames(count: int) -> Iterator[NDArray[np.uint8]]:
    """Grey frames, each brighter than the one before, drawn into one array that is used again."""
    frame = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    for index in range(count):
        frame[..., :3] = 40 + 4 * index
        yield frame


def chirp(seconds: float) -> NDArray[np.float32]:
    """A sound that is like itself at no other offset."""
    t = np.arange(int(seconds * RATE)) / RATE
    noise = np.random.default_rng(5).normal(0, 0.1, len(t))
    return (0.3 * np.sin(2 * np.pi * (200 + 900 * t) * t) + noise).astype(np.float32)


def ffmpeg(*arguments: str | Path) -> "subprocess.CompletedProcess[bytes]":
    """Decode or look at a file with ffmpeg itself."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False)


def decoded_frames(path: Path) -> NDArray[np.uint8]:
    raw = ffmpeg("-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "-").stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, WIDTH)


def awaited_encoders(folder: Path) -> list[int]:
    """As `encoders_of`, for up to five seconds: a process shows its command line a moment after it starts."""
    for _ in range(100):
        if found := encoders_of(folder):
            return found
        time.sleep(0.05)
    return []


def test_pictures_come_out_in_order_and_number(tmp_path: Path) -> None:
    path = tmp_path / "ü frames%d.mp4"
    write_video(frames(50), path, size=(WIDTH, HEIGHT), fps=NTSC)
    levels = decoded_frames(path).mean((1, 2))
    assert len(levels) == 50
    np.testing.assert_allclose(levels, 40 + 4 * np.arange(50), atol=2)


def test_sound_is_in_sync_to_the_sample(tmp_path: Path) -> None:
    sound = chirp(2.0)
    write_video(frames(48), tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC, sound=(sound, RATE))
    raw = ffmpeg("-v", "error", "-i", tmp_path / "a.mp4", "-f", "f32le", "-ac", "1", "-").stdout
    heard = np.frombuffer(raw, np.float32)
    shared = min(len(heard), len(sound))
    assert shared >= len(sound) - 1
    spectrum = np.fft.rfft(heard[:shared], 2 * shared) * np.conj(np.fft.rfft(sound[:shared], 2 * shared))
    assert int(np.fft.irfft(spectrum).argmax()) == 0


def test_the_file_streams_and_says_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    write_video(frames(48), path, size=(WIDTH, HEIGHT), fps=NTSC, sound=(chirp(2.0), RATE))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    report = ffmpeg("-i", path).stderr.decode()
    facts = ["h264", "yuv420p(tv, bt709", f"{WIDTH}x{HEIGHT}", "23.98 fps", "aac (LC)", "00:00:02.00"]
    assert [fact for fact in facts if fact not in report] == []
    assert "creation_time" not in report


def test_the_bytes_repeat_for_any_thread_count(tmp_path: Path) -> None:
    made = []
    for threads in (1, 2, 5):
        path = tmp_path / f"{threads}.mp4"
        write_video(
            frames(50), path, size=(WIDTH, HEIGHT), fps=NTSC, sound=(chirp(2.0), RATE), threads=threads
        )  # fmt: skip
        made.append(path.read_bytes())
    assert made[0] == made[1] == made[2]


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="counts processes through /proc")
@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_between_frames_leaves_nothing(tmp_path: Path, failure: type[BaseException]) -> None:
    seen: list[int] = []

    def failing() -> Iterator[NDArray[np.uint8]]:
        yield from frames(20)
        seen.extend(awaited_encoders(tmp_path))
        raise failure

    with pytest.raises(failure):
        write_video(failing(), tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC, sound=(chirp(1.0), RATE))
    assert len(seen) == 1
    assert encoders_of(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds the encoder through /proc")
def test_an_encoder_that_dies_is_an_error_not_a_hang(tmp_path: Path) -> None:
    def murderous() -> Iterator[NDArray[np.uint8]]:
        for index, frame in enumerate(frames(50)):
            if index == 10:
                for process in awaited_encoders(tmp_path):
                    os.kill(process, signal.SIGKILL)
            yield frame

    with pytest.raises(OutputError, match="ffmpeg ended with -9"):
        write_video(murderous(), tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC)
    assert list(tmp_path.iterdir()) == []


def stand_in(folder: Path, script: str) -> str:
    """A program that takes ffmpeg's place."""
    program = folder / "stand-in"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'Unknown encoder libx264' >&2; exit 3", "ffmpeg ended with 3: Unknown encoder libx264"),
        ("cat >/dev/null; echo 'av_write: No space left on device' >&2; exit 1", "the disk is full"),
    ],
)
def test_what_ffmpeg_said_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "out").mkdir()
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", stand_in(tmp_path / "bin", script))
    with pytest.raises(OutputError, match=message):
        write_video(frames(50), tmp_path / "out" / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_missing_ffmpeg_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "nothing"))
    with pytest.raises(OutputError, match="cannot start ffmpeg"):
        write_video(frames(5), tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC)


def test_a_pipe_that_may_not_grow_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    refused = []

    def fails(*arguments: object) -> int:
        refused.append(arguments)
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(fcntl, "fcntl", fails)
    write_video(frames(5), tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC)
    assert len(decoded_frames(tmp_path / "a.mp4")) == 5
    assert refused


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)]
    if mount is None or subprocess.run([mount, *options], capture_output=True, check=False).returncode != 0:
        pytest.skip("a tiny file system cannot be mounted here (it takes root)")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_is_one_line_and_no_file(tiny_disk: Path) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (20, HEIGHT, WIDTH, 4), np.uint8)
    with pytest.raises(OutputError, match=r"a\.mp4: the disk is full"):
        write_video(iter(noise), tiny_disk / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC)
    assert list(tiny_disk.iterdir()) == []


def test_sound_that_fills_up_the_disk_is_the_same_line(tiny_disk: Path) -> None:
    sound = (chirp(2.0), RATE)
    with pytest.raises(OutputError, match=r"a\.mp4: the disk is full"):
        write_video(frames(1), tiny_disk / "a.mp4", size=(WIDTH, HEIGHT), fps=NTSC, sound=sound)
    assert list(tiny_disk.iterdir()) == []


def test_sound_waits_beside_the_video(tmp_path: Path) -> None:
    path, seen = tmp_path / "a.mp4", []

    def watching() -> Iterator[NDArray[np.uint8]]:
        for frame in frames(5):
            seen.append(sorted(entry.suffix for entry in tmp_path.glob(".phiz-*.f32")))
            yield frame

    write_video(watching(), path, size=(WIDTH, HEIGHT), fps=NTSC, sound=(chirp(0.3), RATE))
    assert seen == [[".f32"]] * 5
    assert list(tmp_path.iterdir()) == [path]
