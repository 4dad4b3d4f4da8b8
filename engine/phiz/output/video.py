"""Frames and sound to a video file through ffmpeg; MP4 with the same bytes every time."""

import errno
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

from phiz.errors import OutputError
from phiz.ffmpeg import find_ffmpeg, starting
from phiz.files import disk_trouble, passing
from phiz.output.formats import COLOUR, FORMATS, Format, no_alpha
from phiz.output.target import replacing
from phiz.output.yuv import CONVERTERS, frame_bytes

__all__ = ["encoder_command", "write_video"]

BUFFERS = 4  # converted frames between renderer and encoder
PIPE_BYTES = 1 << 20  # the largest pipe that Linux grants without privileges

Sound = tuple[NDArray[np.float32], int]


def write_video(
    frames: Iterable[NDArray[np.uint8]],
    path: str | os.PathLike[str],
    *,
    size: tuple[int, int],
    fps: Fraction,
    sound: Sound | None = None,
    alpha: bool = False,
    threads: int = 1,
    force: bool = False,
) -> None:
    """Encode frames as they come, drawing and encoding overlapped, into the format that the ending names.

    path: ends in one of `FORMATS`. frames: uint8 [height, width, 4] each; an array may be reused for the next
    frame. size: (width, height), even. sound: mono float32 samples -1..1 and their rate; sample 0 is heard
    with frame 0. alpha: keep the frames' transparency; otherwise it is ignored.
    Raises OutputError when the file cannot be written, UsageError when it exists and `force` is False, or
    when it cannot be transparent.
    """
    raw = _format(Path(path)).raw_for(alpha=alpha)
    if not raw:
        raise no_alpha(Path(path))
    with replacing(path, force=force) as temporary, _sound_file(sound, temporary) as sound_path:
        rate = sound[1] if sound else 0
        command = encoder_command(
            temporary, size=size, fps=fps, sound=sound_path, rate=rate, alpha=alpha
        )  # fmt: skip
        room = frame_bytes(raw, size)
        with ThreadPoolExecutor(threads) as pool, _Encoder(command, Path(path), room) as encoder:
            for frame in frames:
                buffer = encoder.take()
                if buffer is None:  # it no longer reads; leaving the block says why
                    break
                CONVERTERS[raw](frame, buffer, pool if threads > 1 else None)
                encoder.give(buffer)


def encoder_command(
    path: Path,
    *,
    size: tuple[int, int],
    fps: Fraction,
    sound: Path | None = None,
    rate: int = 0,
    alpha: bool = False,
) -> list[str]:
    """ffmpeg's command line: the raw pixels that `FORMATS` names on its standard input, `sound` raw mono
    float32 at `rate`.

    Raises OutputError when ffmpeg is not installed.
    """
    # No SIMD in ffmpeg's own code, so that AAC is the same on every processor; x264's own SIMD is exact.
    start = [find_ffmpeg(OutputError), "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]
    start += ["-cpuflags", "0"]
    kind = _format(path)
    raw = kind.raw_for(alpha=alpha)
    pictures = ["-f", "rawvideo", "-pix_fmt", raw, "-video_size", f"{size[0]}x{size[1]}"]
    pictures += ["-framerate", f"{fps.numerator}/{fps.denominator}"]
    pictures += [*(() if raw == "rgba" else COLOUR), "-i", "pipe:0"]
    video = [*kind.video, "-flags:v", "+bitexact"]
    file = ["-fflags", "+bitexact", "-map_metadata", "-1", *kind.file]
    file += ["-f", kind.muxer, f"file:{path}"]
    if sound is None:
        return [*start, *pictures, *video, *file]
    heard = ["-f", "f32le", "-ar", str(rate), "-ac", "1", "-i", f"file:{sound}", "-map", "0:v", "-map", "1:a"]
    audio = [*kind.audio, "-flags:a", "+bitexact"]
    return [*start, *pictures, *heard, *video, *audio, *file]


def _format(path: Path) -> Format:
    return FORMATS[path.suffix.lower()]


@contextmanager
def _sound_file(sound: Sound | None, video: Path) -> Iterator[Path | None]:
    """The samples in a file beside `video`, where there is room for them if there is for the video."""
    if sound is None:
        yield None
        return
    samples, _ = sound
    with passing(video, ".f32") as path:
        path.write_bytes(np.ascontiguousarray(samples, "<f4").data)  # `tofile` would not say why it fails
        yield path


class _Encoder:
    """A running ffmpeg and the thread that feeds it while the next frames are drawn.

    A context: left well, it waits for the encoder and raises OutputError when that failed; left by an
    exception, it kills the encoder.
    """

    def __init__(self, command: list[str], target: Path, frame_bytes: int) -> None:
        self._target = target
        self._free: queue.Queue[NDArray[np.uint8] | None] = queue.Queue()
        self._full: queue.Queue[NDArray[np.uint8] | None] = queue.Queue()
        for _ in range(BUFFERS):
            self._free.put(np.empty(frame_bytes, np.uint8))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the encoder
        # Its own session: a Ctrl-C at the terminal reaches phiz alone, which then ends ffmpeg itself.
        try:
            with starting(command[0], OutputError):
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._log, bufsize=0,
                    start_new_session=True,
                )  # fmt: skip
        except OutputError:
            self._log.close()
            raise
        if self._process.stdin is not None:
            _widen(self._process.stdin)
        self._thread = threading.Thread(target=self._feed, name="phiz-encoder-feed", daemon=True)
        self._thread.start()

    def take(self) -> NDArray[np.uint8] | None:
        """A buffer to fill, waited for; None once the encoder no longer reads."""
        return self._free.get()

    def give(self, buffer: NDArray[np.uint8]) -> None:
        """Queue a filled buffer; it comes back from `take`."""
        self._full.put(buffer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._full.put(None)
                self._thread.join()
                if self._process.wait() != 0:
                    raise _encoder_failed(self._process.returncode, self._log, self._target)
        finally:
            self._process.kill()
            self._process.wait()
            self._full.put(None)
            self._thread.join()
            self._log.close()

    def _feed(self) -> None:
        pipe = self._process.stdin
        if pipe is None:
            return
        try:
            with pipe:
                while (buffer := self._full.get()) is not None:
                    rest = buffer.data
                    while rest:
                        rest = rest[os.write(pipe.fileno(), rest) :]
                    self._free.put(buffer)
        except OSError:
            self._free.put(None)  # the encoder's exit code and log say why


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold several bands of a frame, where the system allows it: fewer waits, no other effect."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):  # the user's pipes may have used up their share of the kernel's memory
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _encoder_failed(code: int, log: IO[bytes], target: Path) -> OutputError:
    log.seek(max(0, log.seek(0, os.SEEK_END) - 2000))
    lines = [line.strip() for line in log.read().decode("utf-8", "replace").splitlines() if line.strip()]
    if any("No space left on device" in line for line in lines):
        return disk_trouble(OSError(errno.ENOSPC, "No space left on device"), target)
    said = " | ".join(lines[-3:]) or "it said nothing"
    return OutputError(f"cannot write {target}: ffmpeg ended with {code}: {said}")
