"""Sound files: any that ffmpeg reads in, 16-bit WAV out."""

import logging
import re
import struct
import subprocess
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError
from phiz.ffmpeg import find_ffmpeg, starting
from phiz.files import whole

__all__ = ["HIGHEST_RATE", "read_audio", "write_wav"]

HIGHEST_RATE = 48_000  # samples a second; AAC and every player take that, and speech has nothing above
CHANNELS_MONO = 1
# Time stamps are kept; more than two channels are mixed so that they cannot clip (ffmpeg would scale by 0.7).
IN_TIME = "aresample=async=1:first_pts=0"
MIX = f"{IN_TIME}:out_chlayout=mono:rematrix_maxval=1.0"
MIDDLE, SIDE = (0.5, 0.5), (0.5, -0.5)  # weights of two channels
# Of two channels' mean power, what their mean must hold at least. Less: they are the same sound with opposite
# signs (a microphone wired the wrong way round), and would cancel.
LEAST_MIDDLE = 0.1
CHUNK = 1 << 20  # bytes read at once

log = logging.getLogger("phiz")


def read_audio(path: str | Path, highest: int = HIGHEST_RATE) -> tuple[NDArray[np.float32], int]:
    """Samples of a sound or video file, float32 [n], mono, -1..1, and their rate: its own, or `highest`.

    Gaps in a container's time stamps become silence, so that time counts from the file's time 0. Two channels
    become their mean or, where one is the other upside down, half their difference.
    Raises SpeechError for a file that is missing, is no sound, holds no sound track or is empty, and when
    ffmpeg cannot be started.
    """
    path = Path(path)
    if not path.is_file():
        raise SpeechError(f"recording {path} {'is not a file' if path.exists() else 'does not exist'}")
    with _decoding(path, []) as stream:
        rate, channels = _header(stream)
    settings = ["-ar", str(min(rate, highest)), *(["-af", MIX] if channels > 2 else [])]
    samples = None
    for weights in (MIDDLE, SIDE):
        if samples is None:
            with _decoding(path, settings) as stream:
                rate, channels = _header(stream)
                samples = _mono(stream, channels, weights)
    if samples is None or not len(samples):
        raise SpeechError(f"recording {path} holds no sound: its length is 0")
    return samples, rate


@contextmanager
def _decoding(path: Path, settings: Sequence[str]) -> Iterator[IO[bytes]]:
    """The first sound track as a WAV of 32-bit floats, from a pipe; need not be read to its end.

    Raises SpeechError where ffmpeg fails.
    """
    command = [find_ffmpeg(SpeechError), "-v", "error", "-nostdin", "-i", f"file:{path}"]
    command += ["-map", "0:a:0", "-af", IN_TIME, *settings, "-c:a", "pcm_f32le", "-f", "wav", "-"]
    with TemporaryFile() as complaints:
        with starting(command[0], SpeechError):
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, bufsize=CHUNK)
        assert process.stdout is not None
        failed = ended = False
        try:
            yield process.stdout
            ended = not process.stdout.read(1)
            failed = ended and process.wait() != 0
        except EOFError:
            failed = True
        finally:
            process.kill()
            process.stdout.close()
            process.wait()
        complaints.seek(0)
        said = complaints.read().decode("utf-8", "replace").strip()
        if failed:
            raise SpeechError(_trouble(path, said))
        if ended and said:
            log.warning("%s seems to be damaged; what can be read of it is taken: %s", path, _last(said))


def _trouble(path: Path, complaint: str) -> str:
    if "matches no streams" in complaint:
        return f"{path} holds no sound track; give a sound file, or a video with sound"
    return f"{path} cannot be read as sound: {_last(complaint) or 'no sound came out'}"


def _last(complaint: str) -> str:
    """The last line of what ffmpeg says, without the part of it that says so and its address."""
    return re.split(r" @ 0x[0-9a-f]+\] ?", complaint.splitlines()[-1])[-1] if complaint else ""


def _header(stream: IO[bytes]) -> tuple[int, int]:
    """Rate and number of channels of a WAV from a pipe, read up to its samples. Raises EOFError."""
    rate = channels = 0
    stream.read(12)
    while len(head := stream.read(8)) == 8:
        name, size = struct.unpack("<4sI", head)
        if name == b"data" and rate:
            return rate, channels
        body = stream.read(size + size % 2)
        if name == b"fmt ":
            channels, rate = struct.unpack_from("<HI", body, 2)
    raise EOFError


def _mono(stream: IO[bytes], channels: int, weights: tuple[float, float]) -> NDArray[np.float32] | None:
    """The samples that follow, in one channel, -1..1; None where the sum of two channels is no good."""
    data = bytearray()  # grows in place, so that an hour is not held twice
    sums, products, count = np.zeros(2), np.zeros((2, 2)), 0
    while chunk := stream.read(CHUNK):
        values = np.nan_to_num(np.frombuffer(chunk, "<f4", len(chunk) // 4), posinf=1.0, neginf=-1.0)
        if channels == 2:
            pairs = values[: len(values) // 2 * 2].reshape(-1, 2)
            values = pairs @ np.array(weights, np.float32)
            exact = pairs.astype(np.float64)
            sums, products, count = sums + exact.sum(axis=0), products + exact.T @ exact, count + len(exact)
        data += np.clip(values, -1.0, 1.0).astype("<f4").tobytes()
    if channels == 2 and count and weights == MIDDLE:
        covariance = products / count - np.outer(sums, sums) / count**2
        if covariance.sum() / 4 < LEAST_MIDDLE * covariance.trace() / 2:
            return None
    return np.frombuffer(data, "<f4", len(data) // 4)


def write_wav(path: str | Path, samples: NDArray[np.floating[Any]], rate: int) -> None:
    """Write samples [n], -1..1 (clipped), as a mono 16-bit WAV file. Raises OutputError."""
    clipped = np.clip(np.asarray(samples, np.float64), -1.0, 1.0)
    quantised = np.rint(clipped * 32767.0).astype("<i2")
    with whole(path) as temporary, open(temporary, "wb") as raw, wave.open(raw) as file:
        file.setnchannels(CHANNELS_MONO)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(quantised.tobytes())
