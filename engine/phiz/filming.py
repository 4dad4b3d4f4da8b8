"""Filming: how clips on rigs become the frames of a video, and what that took."""

import math
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

from phiz.cores import usable_cores
from phiz.errors import UsageError
from phiz.progress import Stages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phiz.motion.clip import Clip
    from phiz.output.framing import Framing, Size
    from phiz.portrait.group import Group
    from phiz.portrait.rig import Rig
    from phiz.renderers import Renderer

__all__ = [
    "DEFAULT_FPS",
    "Cast",
    "FileName",
    "FrameRate",
    "Result",
    "Shot",
    "Solo",
    "Together",
    "available_threads",
    "frame_count",
    "parse_fps",
    "peak_rss",
    "shoot",
]

FileName = str | os.PathLike[str]
FrameRate = str | int | float | Fraction

DEFAULT_FPS = 30
FPS_RANGE = (1, 240)
MOST_THREADS = 256
BATCH_FRAMES = 512  # evaluated at a time, so that a long clip never lies in memory whole


@dataclass(frozen=True)
class Result:
    """What was made, and what it took.

    output: the file. seconds: length of the video. frames: their number. fps: exact. size: (width, height)
    in pixels. backend: the renderer that drew it. timing: "exact" or "stretched" (see `Speech`), "" for none.
    stages: seconds of work by stage, and "total". peak_rss: bytes this process has held in memory at most,
    0 where that is not known. notes: warnings met on the way, one line each.
    """

    output: Path
    seconds: float
    frames: int
    fps: Fraction
    size: tuple[int, int]
    backend: str
    timing: str = ""
    stages: dict[str, float] = field(default_factory=dict)
    peak_rss: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shot:
    """How a clip is to be filmed, every setting checked."""

    output: Path
    size: "Size"
    fps: Fraction
    backend: str
    relight: bool
    threads: int
    hashes: Path | None
    force: bool

    @classmethod
    def planned(
        cls,
        output: FileName,
        *,
        size: str | int | tuple[int, int] | None,
        fps: FrameRate,
        backend: str,
        relight: bool,
        threads: int | None,
        hashes: FileName | None,
        force: bool,
    ) -> Self:
        """Check settings and targets before any work starts. Raises UsageError or OutputError."""
        from phiz.output.formats import FORMATS
        from phiz.output.framing import parse_size
        from phiz.output.target import check_targets
        from phiz.renderers import BACKENDS

        if backend not in BACKENDS:
            raise UsageError(f"backend {backend!r} is none of {', '.join(BACKENDS)}")
        target, digests = check_targets(output, tuple(FORMATS), hashes, force=force)
        cores = available_threads(threads)
        return cls(target, parse_size(size), parse_fps(fps), backend, relight, cores, digests, force)

    def check_alpha(self) -> None:
        """Raise UsageError unless the output can be transparent."""
        from phiz.output.formats import check_alpha

        check_alpha(self.output)


class Cast(Protocol):
    """Who is filmed. seconds: how long they move."""

    @property
    def scene(self) -> "Rig":
        """What the frame is fitted to; its backmost layer says whether the picture is transparent."""

    @property
    def seconds(self) -> float: ...

    def open(self, framing: "Framing", shot: Shot) -> "Renderer":
        """What draws them."""

    def values(self, times: "NDArray[np.float64]") -> "NDArray[np.float64]":
        """What is drawn at the times [n] in seconds, [n, ...]."""


@dataclass(frozen=True)
class Solo:
    """One face."""

    scene: "Rig"
    clip: "Clip"

    @property
    def seconds(self) -> float:
        return self.clip.duration

    def open(self, framing: "Framing", shot: Shot) -> "Renderer":
        from phiz.renderers import open_renderer

        return open_renderer(
            self.scene, framing.size, view=framing.view, backend=shot.backend, threads=shot.threads,
            relight=shot.relight,
        )  # fmt: skip

    def values(self, times: "NDArray[np.float64]") -> "NDArray[np.float64]":
        return self.clip.evaluate_many(times)


@dataclass(frozen=True)
class Together:
    """The faces of a group, a clip for each member."""

    group: "Group"
    clips: "Sequence[Clip]"

    @property
    def scene(self) -> "Rig":
        return self.group.scene

    @property
    def seconds(self) -> float:
        return max(clip.duration for clip in self.clips)

    def open(self, framing: "Framing", shot: Shot) -> "Renderer":
        from phiz.renderers.group import GroupRenderer

        return GroupRenderer(
            self.group, framing.size, view=framing.view, backend=shot.backend, threads=shot.threads,
            relight=shot.relight,
        )  # fmt: skip

    def values(self, times: "NDArray[np.float64]") -> "NDArray[np.float64]":
        import numpy as np

        return np.stack([clip.evaluate_many(times) for clip in self.clips], axis=1)


def shoot(cast: Cast, sound: "tuple[NDArray[np.float32], int] | None", shot: Shot, stages: Stages) -> Result:
    """Draw, encode, hash: the frames of a cast to their files."""
    from phiz.output.framing import fit_frame
    from phiz.output.hashes import hashed, write_hashes
    from phiz.output.video import write_video

    clear = any(layer.blend for layer in cast.scene.layers[:1])  # the backmost lets nothing through else
    if clear:
        shot.check_alpha()
    framing = fit_frame(cast.scene, shot.size)
    heard = len(sound[0]) / sound[1] if sound else 0.0
    count = frame_count(max(cast.seconds, heard), shot.fps)
    with stages.stage("renderer"):
        renderer = cast.open(framing, shot)
    with renderer, stages.stage("frames"):
        frames = _frames(renderer, cast, shot.fps, count)
        digests: list[str] = []
        if shot.hashes is not None:
            frames = hashed(frames, digests)
        write_video(
            stages.counted("frames", frames, count), shot.output, size=framing.size, fps=shot.fps,
            sound=sound, alpha=clear, threads=shot.threads, force=shot.force,
        )  # fmt: skip
    if shot.hashes is not None:
        write_hashes(digests, shot.hashes, force=shot.force)
    seconds = float(count / shot.fps)
    took = {**stages.seconds, "total": sum(stages.seconds.values())}
    return Result(
        shot.output, seconds, count, shot.fps, framing.size, renderer.name, stages=took, peak_rss=peak_rss()
    )  # fmt: skip


def frame_count(seconds: float, fps: Fraction) -> int:
    """Frames that cover `seconds`, at least 1; a rounding error past a frame's end does not count."""
    return max(1, math.ceil(Fraction(seconds) * fps - Fraction(1, 10**6)))


def _frames(renderer: "Renderer", cast: Cast, fps: Fraction, count: int) -> "Iterator[NDArray[np.uint8]]":
    """The first `count` frames; frame k shows the time k / fps."""
    import numpy as np

    for first in range(0, count, BATCH_FRAMES):
        indices = np.arange(first, min(first + BATCH_FRAMES, count))
        yield from renderer.draw_many(cast.values(indices * fps.denominator / fps.numerator))


def parse_fps(fps: FrameRate) -> Fraction:
    """Frames a second as an exact fraction, from 25, "25", "29.97" or "24000/1001". Raises UsageError."""
    try:
        exact = Fraction(str(fps)).limit_denominator(1001)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"fps {fps!r} is no frame rate: give a number, as 30 or 24000/1001") from None
    low, high = FPS_RANGE
    if not low <= exact <= high:
        raise UsageError(f"fps {fps!r} is outside {low} to {high}")
    return exact


def available_threads(threads: int | None = None) -> int:
    """`threads`, or the number of cores this process may use. Raises UsageError for fewer than 1."""
    if threads is not None and not 1 <= threads <= MOST_THREADS:
        raise UsageError(f"threads {threads} is outside 1 to {MOST_THREADS}")
    if threads is not None:
        return threads
    return min(usable_cores(), MOST_THREADS)


def peak_rss() -> int:
    """The most memory this process has held, in bytes; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if status.is_file():  # Linux: getrusage would count what the process was forked from
        told = [line.split() for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        if told:
            return int(told[0][1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
