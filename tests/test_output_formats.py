"""Video files other than MP4: their sound is in sync, their transparency survives, their bytes repeat."""

import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
from numpy.typing import NDArray

from phiz.errors import UsageError
from phiz.output.formats import ALPHA_ENDINGS, FORMATS
from phiz.output.video import write_video
from phiz.output.yuv import CONVERTERS, frame_bytes

SIDE = 64
RATE = 48000
FPS = Fraction(25)
CLEAR = [ending for ending in FORMATS if ending in ALPHA_ENDINGS]


def frames(count: int = 10) -> list[NDArray[np.uint8]]:
    """An orange disc with a soft edge that moves to the right; what is transparent is black."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    made = []
    for index in range(count):
        alpha = np.clip(22 - np.hypot(x - 24 - index, y - 32), 0, 4) / 4
        colour = np.array([230, 120, 40]) * (alpha > 0)[..., None]
        made.append(np.dstack([colour, np.round(alpha * 255)]).astype(np.uint8))
    return made


def decoded(path: Path, *options: str) -> NDArray[np.float64]:
    """The frames of a file, RGBA."""
    decoder = ("-c:v", "libvpx-vp9") if path.suffix == ".webm" else ()  # ffmpeg's own knows no alpha
    raw = run(*decoder, "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgba", *options, "-")
    return np.frombuffer(raw, np.uint8).reshape(-1, SIDE, SIDE, 4).astype(np.float64)


def run(*arguments: str) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def made(path: Path, *, alpha: bool, threads: int = 1) -> Path:
    noise = np.random.default_rng(1).normal(0, 0.2, RATE * 2 // 5).astype(np.float32)
    write_video(
        frames(), path, size=(SIDE, SIDE), fps=FPS, sound=(noise, RATE), alpha=alpha, threads=threads
    )  # fmt: skip
    return path


@pytest.mark.parametrize("ending", CLEAR)
def test_transparency_and_colour_come_back(tmp_path: Path, ending: str) -> None:
    seen = decoded(made(tmp_path / f"a{ending}", alpha=True))
    wanted = np.array(frames(), np.float64)
    assert seen.shape == wanted.shape
    assert np.abs(seen - wanted)[..., 3].mean() < 1
    assert np.abs(seen - wanted)[..., 3].max() < 24
    # Laid on green, as a player does: no dark or bright rim about the disc.
    laid, right = ((f[..., :3] - (0, 200, 0)) * f[..., 3:] / 255 + (0, 200, 0) for f in (seen, wanted))
    assert np.abs(laid - right).max() < 24


@pytest.mark.parametrize("ending", FORMATS)
def test_an_opaque_video_has_no_transparency(tmp_path: Path, ending: str) -> None:
    opaque = np.full((SIDE, SIDE, 4), (60, 120, 180, 255), np.uint8)
    write_video([opaque] * 3, tmp_path / f"a{ending}", size=(SIDE, SIDE), fps=FPS)
    seen = decoded(tmp_path / f"a{ending}")
    assert (seen[..., 3] == 255).all()
    assert np.abs(seen - opaque).max() <= 4


@pytest.mark.parametrize("ending", FORMATS)
def test_sound_starts_with_the_first_frame(tmp_path: Path, ending: str) -> None:
    path = made(tmp_path / f"a{ending}", alpha=False)
    raw = run("-i", str(path), "-f", "f32le", "-ac", "1", "-ar", str(RATE), "-")
    heard = np.frombuffer(raw, np.float32)
    sound = np.random.default_rng(1).normal(0, 0.2, RATE * 2 // 5)
    assert abs(len(heard) - len(sound)) < RATE / 25
    size = len(heard) + len(sound)
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(sound, size))
    lag = int(np.fft.irfft(spectrum, size).argmax())
    assert min(lag, size - lag) <= RATE // 1000


@pytest.mark.parametrize("ending", CLEAR)
def test_the_bytes_repeat(tmp_path: Path, ending: str) -> None:
    first = made(tmp_path / f"a{ending}", alpha=True)
    assert first.read_bytes() == made(tmp_path / f"b{ending}", alpha=True, threads=3).read_bytes()


def test_an_mp4_cannot_be_transparent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.mp4 cannot be transparent.*\.webm.*\.mov"):
        write_video(frames(), tmp_path / "a.mp4", size=(SIDE, SIDE), fps=FPS, alpha=True)
    assert list(tmp_path.iterdir()) == []


def test_unseen_pixels_take_the_colour_of_those_beside_them() -> None:
    frame = frames(1)[0]
    out = np.zeros(frame_bytes("rgba", (SIDE, SIDE)), np.uint8)
    CONVERTERS["rgba"](frame, out, None)
    filled = out.reshape(frame.shape)
    assert (filled[..., 3] == frame[..., 3]).all()
    assert (filled[frame[..., 3] > 0][:, :3] == (230, 120, 40)).all()
    beside = np.s_[8:56, 0:48]  # blocks with some of the disc
    assert (np.abs(filled[beside][..., :3].astype(int) - (230, 120, 40)).max(2) <= 1).mean() > 0.9
    assert (filled[60:, 60:, :3] == 128).all()
