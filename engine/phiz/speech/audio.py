"""Sound files: any that ffmpeg reads in, 16-bit WAV out."""

import struct
import subprocess
import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError
from phiz.ffmpeg import find_ffmpeg, starting
from phiz.files import whole

__all__ = ["HIGHEST_RATE", "read_audio", "write_wav"]

HIGHEST_RATE = 48_000  # samples a second; AAC and every player take that, and speech has nothing above
CHANNELS_MONO = 1
# Time stamps are kept, and channels are mixed so that they cannot clip (ffmpeg would scale by 0.7 each).
MIX = "aresample=async=1:first_pts=0:out_chlayout=mono:rematrix_maxval=1.0"


def read_audio(path: str | Path) -> tuple[NDArray[np.float32], int]:
    """Samples of a sound or video file, float32 [n], mono, -1..1, and their rate (its own, 48000 at most).

    Gaps in a container's time stamps become silence, so that time counts from the file's time 0.
    Raises SpeechError for a file that is missing, is no sound, holds no sound track or is empty, and when
    ffmpeg cannot be started.
    """
    path = Path(path)
    if not path.is_file():
        raise SpeechError(f"recording {path} {'is not a file' if path.exists() else 'does not exist'}")
    data = decode(path, None)
    rate, samples = parse_wav(data, path)
    if rate > HIGHEST_RATE:
        rate, samples = parse_wav(decode(path, HIGHEST_RATE), path)
    if not len(samples):
        raise SpeechError(f"recording {path} holds no sound: its length is 0")
    return np.clip(np.nan_to_num(samples, posinf=1.0, neginf=-1.0), -1.0, 1.0), rate


def decode(path: Path, rate: int | None) -> bytes:
    """The first sound track as a mono WAV of 32-bit floats, resampled to `rate` if given."""
    command = [find_ffmpeg(SpeechError), "-v", "error", "-nostdin", "-i", f"file:{path}"]
    command += ["-map", "0:a:0", "-af", MIX]
    command += ["-ar", str(rate)] if rate else []
    command += ["-c:a", "pcm_f32le", "-f", "wav", "-"]
    with starting(command[0], SpeechError):
        result = subprocess.run(command, capture_output=True, check=False)
    if result.returncode or not result.stdout:
        complaint = result.stderr.decode("utf-8", "replace").strip()
        if "matches no streams" in complaint:
            raise SpeechError(f"{path} holds no sound track; give a sound file, or a video with sound")
        last = complaint.splitlines()[-1] if complaint else "no sound came out"
        raise SpeechError(f"{path} cannot be read as sound: {last}")
    return result.stdout


def parse_wav(data: bytes, path: Path) -> tuple[int, NDArray[np.float32]]:
    """Rate and samples of a mono 32-bit float WAV from a pipe, in which its sizes are unknown."""
    rate, at = 0, 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if name == b"fmt ":
            (rate,) = struct.unpack_from("<I", data, at + 12)
        if name == b"data" and rate:
            count = (len(data) - at - 8) // 4
            return rate, np.frombuffer(data, "<f4", count, at + 8).astype(np.float32)
        at += 8 + size + size % 2
    raise SpeechError(f"{path} cannot be read as sound: ffmpeg gave no samples")


def write_wav(path: str | Path, samples: NDArray[np.floating[Any]], rate: int) -> None:
    """Write samples [n], -1..1 (clipped), as a mono 16-bit WAV file. Raises OutputError."""
    clipped = np.clip(np.asarray(samples, np.float64), -1.0, 1.0)
    quantised = np.rint(clipped * 32767.0).astype("<i2")
    with whole(path) as temporary, open(temporary, "wb") as raw, wave.open(raw) as file:
        file.setnchannels(CHANNELS_MONO)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(quantised.tobytes())
