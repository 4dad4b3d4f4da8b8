"""The whole way in one call, and its last step: `talk` and `render`."""

import logging
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Self

from phiz.cores import usable_cores
from phiz.errors import UsageError
from phiz.progress import Progress, Stages

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phiz.motion.clip import Clip
    from phiz.output.framing import Size
    from phiz.portrait.landmarkers import Landmarker
    from phiz.portrait.report import Quality
    from phiz.portrait.rig import Rig
    from phiz.renderers import Renderer
    from phiz.speech.speech import Speech

__all__ = [
    "Result",
    "available_threads",
    "frame_count",
    "make_speech",
    "open_face",
    "parse_fps",
    "peak_rss",
    "render",
    "talk",
]

FileName = str | os.PathLike[str]
FrameRate = str | int | float | Fraction

DEFAULT_FPS = 30
FPS_RANGE = (1, 240)
MOST_THREADS = 256
BATCH_FRAMES = 512  # evaluated at a time, so that a long clip never lies in memory whole

log = logging.getLogger("phiz")


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


def talk(
    photo: "FileName | Rig",
    text: str | None = None,
    output: FileName = "talk.mp4",
    *,
    audio: FileName | None = None,
    voice: str = "espeak",
    language: str = "en",
    size: str | int | tuple[int, int] | None = None,
    fps: FrameRate = DEFAULT_FPS,
    backend: str = "auto",
    relight: bool = True,
    seed: int = 0,
    threads: int | None = None,
    landmarks: FileName | None = None,
    landmarker: "str | Landmarker" = "dlib",
    face: int | None = None,
    background: FileName = "keep",
    hashes: FileName | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Make the face in `photo` say `text`, or what is heard in the recording `audio`, as a video.

    photo: a picture, a rig saved as .glb, or a `Rig`. text: what is said (with `audio`: what is heard in it).
    voice, language: names that `phiz.speak` knows. size: longest side in pixels, or (width, height) to crop
    around the face; None keeps the photo's (at most 1920). fps: 1..240, exact as "24000/1001" or a Fraction.
    backend: "auto", "gl" or "cpu". relight: whether skin that turns gets brighter or darker in the photo's
    light. seed: chooses blinks and small head motion. threads: None takes all cores.
    landmarks, landmarker, face, background: as in `Rig.from_photo`. output: .mp4, .webm or .mov; the latter
    two can be transparent. hashes: a file that gets one SHA-256 a frame. force: replace existing files.
    progress: called with (stage, done, total). Raises the errors of `phiz.errors`; leaves nothing then.

    >>> phiz.talk("face.jpg", "Hello there.", "hello.mp4").frames
    """
    from phiz.motion.animation import animate

    shot = Shot.planned(
        output, size=size, fps=fps, backend=backend, relight=relight, threads=threads, hashes=hashes,
        force=force,
    )  # fmt: skip
    if background == "transparent":
        shot.check_alpha()
    stages = Stages(progress)
    with _collected_notes() as notes:
        with stages.stage("speech"):
            speech = make_speech(text, audio=audio, voice=voice, language=language)
        with stages.stage("rig"):
            rig = open_face(
                photo, landmarks=landmarks, landmarker=landmarker, face=face, background=background
            )
        with stages.stage("motion"):
            clip = animate(speech, seed=seed)
        result = _shoot(rig, clip, (speech.samples, speech.rate), shot, stages)
    return replace(result, timing=speech.timing, notes=tuple(notes))


def render(
    rig: "FileName | Rig",
    clip: "FileName | Clip",
    output: FileName,
    *,
    speech: "Speech | None" = None,
    audio: FileName | None = None,
    size: str | int | tuple[int, int] | None = None,
    fps: FrameRate = DEFAULT_FPS,
    backend: str = "auto",
    relight: bool = True,
    threads: int | None = None,
    hashes: FileName | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Draw a clip on a rig into a video, with the sound of `speech` or of the file `audio`, or silent.

    rig, clip: objects, or files that they were saved to. The video lasts as long as the longer of clip and
    sound. Other arguments and errors as in `talk`.
    """
    from phiz.motion.clip import Clip
    from phiz.speech.audio import read_audio

    shot = Shot.planned(
        output, size=size, fps=fps, backend=backend, relight=relight, threads=threads, hashes=hashes,
        force=force,
    )  # fmt: skip
    if speech is not None and audio is not None:
        raise UsageError("both speech and audio were given: give the one whose sound the video should have")
    stages = Stages(progress)
    with _collected_notes() as notes:
        with stages.stage("load"):
            rig = open_face(rig)
            clip = clip if isinstance(clip, Clip) else Clip.load(Path(clip))
            sound = (speech.samples, speech.rate) if speech is not None else None
            if audio is not None:
                sound = read_audio(Path(audio))
        result = _shoot(rig, clip, sound, shot, stages)
    return replace(result, notes=tuple(notes))


def make_speech(
    text: str | None, *, audio: FileName | None = None, voice: str = "espeak", language: str = "en"
) -> "Speech":
    """`text` as a voice speaks it or, with `audio`, the recording, its sounds timed.

    Warns of what is only guessed from a recording. Raises SpeechError.
    """
    if audio is not None:
        return _recorded(Path(audio), text, voice=voice, language=language)
    if text is None:
        raise UsageError("nothing to say: give a text, a text file or a recording")
    from phiz.speech.synthesis import speak

    return speak(text, voice=voice, language=language)


def _recorded(audio: Path, text: str | None, *, voice: str, language: str) -> "Speech":
    from phiz.speech.stretch import speech_from_recording

    speech = speech_from_recording(audio, text, language=language, voice=voice)
    if not speech.phonemes:
        log.warning("no speech is heard in %s: the lips stay still", audio)
    elif speech.words:
        log.warning("lip times are a guess: the text was stretched over the voiced parts of %s", audio)
    else:
        log.warning("lip shapes are a guess from the sound of %s alone: give its text too", audio)
    return speech


def open_face(
    photo: "FileName | Rig",
    *,
    landmarks: FileName | None = None,
    landmarker: "str | Landmarker" = "dlib",
    face: int | None = None,
    background: FileName = "keep",
) -> "Rig":
    """The rig in a .glb file, or made from a picture.

    Raises RigError, ImageError or FaceError, and UsageError for what would have no effect.
    """
    from phiz.portrait.rig import Rig

    background = background if isinstance(background, str) else Path(background)
    finished = isinstance(photo, Rig) or Path(photo).suffix.lower() == ".glb"
    if finished and background != "keep":
        raise UsageError(
            f"background {str(background)!r} only goes with a picture: make the rig anew with "
            "phiz rig PHOTO --background ... (Rig.from_photo(..., background=...))"
        )
    if landmarks is not None and face is not None:
        raise UsageError("both landmarks and a face number were given: landmarks say which face it is")
    if finished and (landmarks is not None or face is not None or landmarker != "dlib"):
        raise UsageError("this is a finished rig: landmarks and face number only go with a picture")
    if isinstance(photo, Rig):
        return photo
    if finished:
        return Rig.load(Path(photo))
    points = None if landmarks is None else Path(landmarks)
    photo = Path(photo)
    return Rig.from_photo(photo, landmarks=points, landmarker=landmarker, face=face, background=background)


def judged_face(
    photo: FileName,
    *,
    landmarks: FileName | None = None,
    landmarker: "str | Landmarker" = "dlib",
    face: int | None = None,
    background: FileName = "keep",
) -> "tuple[Rig, Quality | None]":
    """As `open_face`, with what there is to say of the picture; None for a rig that is finished."""
    from phiz.portrait.backdrop import check_background
    from phiz.portrait.find import find_portrait
    from phiz.portrait.report import quality
    from phiz.portrait.rig import Rig

    if Path(photo).suffix.lower() == ".glb":
        rig = open_face(photo, landmarks=landmarks, landmarker=landmarker, face=face, background=background)
        return rig, None
    background = background if isinstance(background, str) else Path(background)
    check_background(background)  # before the work of finding the face
    points = None if landmarks is None else Path(landmarks)
    portrait = find_portrait(Path(photo), landmarks=points, landmarker=landmarker, face=face)
    rig = Rig.from_photo(portrait, background=background)
    return rig, quality(portrait, rig)


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
    try:
        import resource
    except ImportError:  # Windows
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


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


def _shoot(
    rig: "Rig", clip: "Clip", sound: "tuple[NDArray[np.float32], int] | None", shot: Shot, stages: Stages
) -> Result:
    """Draw, encode, hash: the frames of a clip to their files."""
    from phiz.output.framing import fit_frame
    from phiz.output.hashes import hashed, write_hashes
    from phiz.output.video import write_video
    from phiz.renderers import open_renderer

    clear = any(layer.blend for layer in rig.layers[:1])  # the backmost lets nothing through else
    if clear:
        shot.check_alpha()
    framing = fit_frame(rig, shot.size)
    heard = len(sound[0]) / sound[1] if sound else 0.0
    count = frame_count(max(clip.duration, heard), shot.fps)
    with stages.stage("renderer"):
        renderer = open_renderer(
            rig, framing.size, view=framing.view, backend=shot.backend, threads=shot.threads,
            relight=shot.relight,
        )  # fmt: skip
    with renderer, stages.stage("frames"):
        frames = _frames(renderer, clip, shot.fps, count)
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


def _frames(renderer: "Renderer", clip: "Clip", fps: Fraction, count: int) -> "Iterator[NDArray[np.uint8]]":
    """The first `count` frames of a clip; frame k shows the time k / fps."""
    import numpy as np

    for first in range(0, count, BATCH_FRAMES):
        indices = np.arange(first, min(first + BATCH_FRAMES, count))
        yield from renderer.draw_many(clip.evaluate_many(indices * fps.denominator / fps.numerator))


@contextmanager
def _collected_notes() -> Iterator[list[str]]:
    """The warnings that phiz logs within the block."""
    notes: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: notes.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    try:
        yield notes
    finally:
        log.removeHandler(handler)
