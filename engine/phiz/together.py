"""Several faces in one picture talk: who says what, and what the others do meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

from phiz.errors import UsageError
from phiz.filming import FileName

if TYPE_CHECKING:
    from phiz.motion.attention import Look
    from phiz.motion.clip import Clip
    from phiz.motion.dials import Dials
    from phiz.portrait.group import Group, Member
    from phiz.portrait.rig import Rig
    from phiz.speech.dialogue import Line, Turn
    from phiz.speech.shapes import Shape
    from phiz.speech.speech import Speech

__all__ = ["ALL", "AnyLine", "Script", "chorus", "group_clips", "picture_of", "script_of"]

ALL = "all"  # faces

AnyLine: TypeAlias = Union["Line", str, tuple[int, str], tuple[int, str, str]]


@dataclass(frozen=True, eq=False)
class Script:
    """What several faces say.

    heard: all of it. parts: by number of the face, what it says of that, as long as `heard`; None when all
    say everything. turns: who speaks when, for the others to look at.
    """

    heard: "Speech"
    parts: "Mapping[int, Speech] | None" = None
    turns: "Sequence[Turn]" = ()

    @property
    def faces(self) -> Sequence[int]:
        """Numbers of the faces that must be there."""
        return tuple(self.parts or ())

    def part(self, number: int) -> "Speech":
        """What a face says, silence if nothing."""
        if self.parts is None:
            return self.heard
        silence = replace(self.heard, samples=0 * self.heard.samples, phonemes=(), words=(), sentences=())
        return self.parts.get(number, silence)


def chorus(speech: "Speech") -> Script:
    """All faces say the same."""
    return Script(speech)


def script_of(
    lines: Sequence[AnyLine],
    *,
    voice: str | None = None,
    language: str = "en",
    shape: "Shape | None" = None,
) -> Script:
    """Lines spoken in turn: "0: Hello", (0, "Hello"), (0, "Hello", "espeak:f3") or `Line`.

    Raises UsageError and SpeechError, as `phiz.speech.dialogue.converse`.
    """
    from phiz.speech.dialogue import converse

    spoken = converse([_read(line) for line in lines], voice=voice, language=language, shape=shape)
    return Script(spoken.heard, spoken.parts, spoken.turns)


def _read(line: AnyLine) -> "Line":
    from phiz.speech.dialogue import Line, read_line

    if isinstance(line, Line):
        return line
    if isinstance(line, str):
        return read_line(line)
    try:
        face, text, *voice = line
        return Line(int(face), text, *voice)
    except (TypeError, ValueError):
        raise UsageError(f'{line!r} is no line: give "0: Hello" or (0, "Hello")') from None


def picture_of(
    photo: "FileName | Rig", *, landmarks: FileName | None, face: int | str | None, lines: bool
) -> Path:
    """The picture in which several faces are to be found. lines: whether each has its own.

    Raises UsageError for what can be of one face only.
    """
    asked = "lines for several faces" if lines else f"face {ALL!r}"
    if isinstance(face, str) and face != ALL:
        raise UsageError(f"face {face!r} is neither a number, as 0 for the leftmost, nor {ALL!r}")
    if isinstance(face, int):
        raise UsageError(f"both lines and face {face} were given: lines say which face speaks")
    if landmarks is not None:
        raise UsageError(f"{asked} cannot go with landmarks, which are of one face")
    if not isinstance(photo, str | Path) or Path(photo).suffix.lower() == ".glb":
        name = str(photo) if isinstance(photo, str | Path) else "what was given"
        raise UsageError(f"{asked}: needs a picture, and {name} is a finished rig of one face")
    return Path(photo)


def group_clips(
    group: "Group", script: Script, seed: int, dials: "Dials | None" = None, mood: str = "neutral"
) -> "list[Clip]":
    """A clip for each member of a group: it says its part, and while others speak it looks at them."""
    from phiz.motion.animation import animate
    from phiz.motion.attention import attend

    clips = []
    for member in group.members:
        own = seed + member.number  # or all would blink at once
        turn = member.room.turn if member.room else 1.0
        clip = animate(script.part(member.number), seed=own, dials=dials, mood=mood)
        clips.append(attend(clip, _looks(group, member, script.turns), seed=own, turn=turn))
    return clips


def _looks(group: "Group", member: "Member", turns: "Sequence[Turn]") -> "list[Look]":
    """At whom a member looks, and when: at each speaker until the next one begins."""
    from phiz.motion.attention import Look

    eyes = {other.number: other.eyes for other in group.members}
    ends = [*(start for start, _, _ in turns[1:]), *(end for _, end, _ in turns[-1:])]
    looks: list[Look] = []
    for (start, _, speaker), end in zip(turns, ends, strict=True):
        if speaker != member.number:
            away = eyes[speaker] - eyes[member.number]
            far = float((away**2).sum() ** 0.5)
            looks.append(Look(start, end, float(away[0]) / far, -float(away[1]) / far))
    return looks
