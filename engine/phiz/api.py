"""The whole way in one call, and its last step: `talk` and `render`."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from phiz.errors import UsageError
from phiz.filming import DEFAULT_FPS, Cast, FileName, FrameRate, Result, Shot, Solo, Together, shoot
from phiz.progress import Progress, Stages

if TYPE_CHECKING:
    from phiz.motion.clip import Clip
    from phiz.motion.dials import Dials
    from phiz.portrait.landmarkers import Landmarker
    from phiz.portrait.portrait import Portrait
    from phiz.portrait.report import Quality
    from phiz.portrait.rig import Rig
    from phiz.speech.shapes import Shape
    from phiz.speech.speech import Speech
    from phiz.together import AnyLine

__all__ = ["judged_face", "judged_faces", "make_speech", "open_face", "render", "talk"]

log = logging.getLogger("phiz")


def talk(
    photo: "FileName | Rig",
    text: str | None = None,
    output: FileName = "talk.mp4",
    *,
    audio: FileName | None = None,
    lines: "Sequence[AnyLine] | None" = None,
    voice: str | None = None,
    language: str = "en",
    recognizer: str = "auto",
    shape: "Shape | None" = None,
    size: str | int | tuple[int, int] | None = None,
    fps: FrameRate = DEFAULT_FPS,
    backend: str = "auto",
    relight: bool = True,
    seed: int = 0,
    dials: "Dials | None" = None,
    mood: str = "neutral",
    threads: int | None = None,
    landmarks: FileName | None = None,
    landmarker: "str | Landmarker" = "dlib",
    face: int | str | None = None,
    background: FileName = "keep",
    hashes: FileName | None = None,
    timing: FileName | None = None,
    timed_by: FileName | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Make the face in `photo` say `text`, or what is heard in the recording `audio`, as a video.

    photo: a picture, a rig saved as .glb, or a `Rig`. text: what is said (or heard in `audio`). lines:
    what each of several faces says: "0: Hello", "0(espeak:f3): Hello" or (0, "Hello", "espeak:f3"); a
    voice stays with its face. voice, language: as in `phiz.speak`; a voice only without `audio`.
    recognizer: hears `audio`: "auto", "english", "universal". shape: how the voice is changed, as
    `phiz.shape_of(preset="child")`. size: longest side in pixels or (width, height); None is the photo's.
    fps: 1..240, also as "24000/1001". backend: "auto", "gl", "cpu". relight: whether skin that turns is
    lit anew. seed: for blinks and small head motion. dials: how much it moves, as `phiz.Dials(head=0.5)`.
    mood: "happy", "sad:0.5,tender" ... threads: None takes all cores. landmarks, landmarker, face,
    background: as in `Rig.from_photo`; face "all": every face says the text. output: .mp4, .webm or .mov.
    hashes: file for one SHA-256 a frame. timing: file for the times of words and sounds. timed_by: such a
    file for the lips. force: replace files. progress: called with (stage, done, total); see `phiz.errors`.

    >>> phiz.talk("face.jpg", "Hello there.", "hello.mp4").frames
    """
    shot = Shot.planned(
        output, size=size, fps=fps, backend=backend, relight=relight, threads=threads, hashes=hashes,
        force=force,
    )  # fmt: skip
    if str(background).lower() == "transparent":
        shot.check_alpha()
    times = None if timing is None else _timing_writer(timing, besides=output, force=force)
    words, stages = _Words(text, audio, lines, voice, language, recognizer, shape, timed_by), Stages(progress)
    sitter, manner = _Sitter(photo, landmarks, landmarker, face, background), _Manner(seed, dials, mood)
    with _collected_notes() as notes:
        speech, cast = _spoken(sitter, words, manner, stages)
        result = shoot(cast, (speech.samples, speech.rate), shot, stages)
        if times is not None:
            times(speech)
    return replace(result, timing=speech.timing, notes=tuple(notes))


@dataclass(frozen=True)
class _Sitter:
    """Whose face, of what `talk` was given."""

    photo: "FileName | Rig"
    landmarks: FileName | None
    landmarker: "str | Landmarker"
    face: int | str | None
    background: FileName


@dataclass(frozen=True)
class _Words:
    """What is said, of what `talk` was given."""

    text: str | None
    audio: FileName | None
    lines: "Sequence[AnyLine] | None"
    voice: str | None
    language: str
    recognizer: str
    shape: "Shape | None"
    timed_by: FileName | None

    def spoken(self, progress: Progress | None = None) -> "Speech":
        return make_speech(
            self.text, audio=self.audio, voice=self.voice, language=self.language,
            recognizer=self.recognizer, shape=self.shape, timed_by=self.timed_by, progress=progress,
        )  # fmt: skip


@dataclass(frozen=True)
class _Manner:
    """How it moves, of what `talk` was given."""

    seed: int
    dials: "Dials | None"
    mood: str


def _spoken(who: _Sitter, words: _Words, manner: _Manner, stages: Stages) -> "tuple[Speech, Cast]":
    """What is heard, and the one or more faces moving to it."""
    several = words.lines is not None or isinstance(who.face, str)
    return (_several if several else _alone)(who, words, manner, stages)


def _alone(who: _Sitter, words: _Words, manner: _Manner, stages: Stages) -> "tuple[Speech, Cast]":
    """What is heard, and the face moving to it."""
    from phiz.motion.animation import animate

    with stages.stage("speech"):
        speech = words.spoken(stages.progress)
    with stages.stage("rig"):
        number = who.face if isinstance(who.face, int) else None
        rig = open_face(
            who.photo, landmarks=who.landmarks, landmarker=who.landmarker, face=number,
            background=who.background,
        )  # fmt: skip
    with stages.stage("motion"):
        return speech, Solo(rig, animate(speech, seed=manner.seed, dials=manner.dials, mood=manner.mood))


def _several(who: _Sitter, words: _Words, manner: _Manner, stages: Stages) -> "tuple[Speech, Cast]":
    """What is heard, and the faces of the picture moving to it."""
    from phiz.portrait.group import find_group
    from phiz.together import chorus, group_clips, picture_of, script_of

    picture = picture_of(who.photo, landmarks=who.landmarks, face=who.face, lines=words.lines is not None)
    if words.lines is not None and (words.text, words.audio, words.timed_by) != (None, None, None):
        raise UsageError("both lines and a text, recording or timing: lines are all that is said")
    with stages.stage("speech"):
        if words.lines is None:
            script = chorus(words.spoken(stages.progress))
        else:
            script = script_of(words.lines, voice=words.voice, language=words.language, shape=words.shape)
    with stages.stage("rig"):
        group = find_group(
            picture, background=_name(who.background), wanted=script.faces, landmarker=who.landmarker
        )
    with stages.stage("motion"):
        clips = group_clips(group, script, manner.seed, manner.dials, manner.mood)
        return script.heard, Together(group, clips)


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
    from phiz.portrait.rig import Rig
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
            if not isinstance(rig, Rig) and not isinstance(clip, Clip):
                _check_order(rig, clip)
            rig = open_face(rig)
            clip = clip if isinstance(clip, Clip) else Clip.load(Path(clip))
            sound = (speech.samples, speech.rate) if speech is not None else None
            if audio is not None:
                sound = read_audio(Path(audio))
        result = shoot(Solo(rig, clip), sound, shot, stages)
    return replace(result, notes=tuple(notes))


def _check_order(rig: FileName, clip: FileName) -> None:
    if Path(rig).suffix.lower() == ".json" and Path(clip).suffix.lower() != ".json":
        raise UsageError(f"rig and clip are swapped: {clip} is the face, {rig} the clip, which comes second")


def make_speech(
    text: str | None,
    *,
    audio: FileName | None = None,
    voice: str | None = None,
    language: str = "en",
    recognizer: str = "auto",
    shape: "Shape | None" = None,
    timed_by: FileName | None = None,
    progress: Progress | None = None,
) -> "Speech":
    """`text` as a voice speaks it or, with `audio`, the recording, its sounds timed.

    recognizer: what hears the recording, as in `talk`. shape: how the sound is changed, a recording's too.
    timed_by: a timing file of any kind, which says what is said when in `audio`, or in silence.
    Warns of what does not fit: no speech in the recording, a text that is not what is said in it.
    Raises SpeechError; UsageError for a voice that nobody would hear.
    """
    if audio is not None and voice is not None:
        raise UsageError(f"both the recording {audio} and the voice {voice} were given: give one of them")
    if recognizer != "auto" and (audio is None or timed_by is not None):
        raise UsageError(f"the recognizer {recognizer!r} was given, and no recording for it to hear")
    from phiz.speech.shapes import Shape
    from phiz.speech.synthesis import reshaped, speak_shaped

    shape = shape or Shape()
    if timed_by is not None:
        return reshaped(_timed(timed_by, text, audio=audio, voice=voice, language=language), shape)
    if audio is not None:
        from phiz.speech.recording import speech_from_recording

        heard = speech_from_recording(
            Path(audio), text, language=language, recognizer=recognizer, progress=progress
        )
        return reshaped(heard, shape)
    if text is None:
        raise UsageError("nothing to say: give a text, a text file or a recording")
    return speak_shaped(text, voice=voice, language=language, shape=shape)


def _timing_writer(timing: FileName, *, besides: FileName, force: bool) -> "Callable[[Speech], None]":
    from phiz.output.timing_files import timing_writer

    return timing_writer(timing, besides=besides, force=force)


def _timed(
    file: FileName, text: str | None, *, audio: FileName | None, voice: str | None, language: str
) -> "Speech":
    from phiz.speech.formats.files import read_timing_file

    if text is not None or voice is not None:
        given = "a text" if text is not None else f"the voice {voice}"
        raise UsageError(f"both the timing file {file} and {given} were given: the file tells what is said")
    recording = None if audio is None else Path(audio)
    return read_timing_file(Path(file), audio=recording, language=language)


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

    background = _name(background)
    finished = isinstance(photo, Rig) or Path(photo).suffix.lower() == ".glb"
    if finished and str(background).lower() != "keep":
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
    background = _name(background)
    check_background(background)  # before the work of finding the face
    points = None if landmarks is None else Path(landmarks)
    portrait = find_portrait(Path(photo), landmarks=points, landmarker=landmarker, face=face)
    rig = Rig.from_photo(portrait, background=background)
    return rig, quality(portrait, rig)


def judged_faces(
    photo: FileName, *, landmarker: "str | Landmarker" = "dlib", background: FileName = "keep"
) -> "list[Callable[[], tuple[Rig, Quality]]]":
    """For each face in a picture, left to right, what makes its rig, and what there is to say of it.

    Raises as `Rig.from_photo`; what is returned raises FaceError where a face cannot be animated.
    """
    from phiz.portrait.backdrop import check_background, with_background
    from phiz.portrait.build import build_rig
    from phiz.portrait.find import find_portraits
    from phiz.portrait.report import quality

    wanted = _name(background)
    check_background(wanted)  # before the work of finding the faces

    def make(number: int, portrait: "Callable[[], Portrait]") -> "tuple[Rig, Quality]":
        found = portrait()
        rig = build_rig(with_background(found, wanted))
        judged = quality(found, rig)
        if judged.warnings:
            log.warning("face %d: %s", number, " ".join(judged.warnings))
        return rig, judged

    portraits = find_portraits(Path(photo), landmarker=landmarker)
    return [partial(make, number, portrait) for number, portrait in enumerate(portraits)]


def _name(background: FileName) -> str | Path:
    return background if isinstance(background, str) else Path(background)


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
