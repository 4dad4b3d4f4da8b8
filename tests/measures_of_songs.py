"""Scores of public-domain tunes, as tests write them."""

from phiz.speech.singing.score import Note, Score

__all__ = ["FRERE", "TWINKLE", "WORDS", "note", "part", "score", "song"]

BEAT = 0.6  # seconds
KEYS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
TWINKLE = "C4 C4 G4 G4 A4 A4 G4:2 F4 F4 E4 E4 D4 D4 C4:2"
WORDS = "Twinkle, twinkle, little star,\nhow I wonder what you are"


def song(notes: str) -> Score:
    """A score from "C4 D4:2": steps with octaves, and beats of 0.6 s."""
    result: list[Note] = []
    for written in notes.split():
        name, _, beats = written.partition(":")
        start = result[-1].end if result else 0.0
        bar = 1 + int(start / BEAT / 4)
        key = KEYS[name[0]] + 12 * (int(name[1]) + 1)
        result.append(Note(start, start + BEAT * int(beats or 1), key, bar))
    return Score(tuple(result))


def note(pitch: str, length: int, text: str = "", syllabic: str = "single", *, more: str = "") -> str:
    """A note of MusicXML; length: of half quarters. pitch: "C4", or "" for a rest. more: other elements."""
    at = f"<pitch><step>{pitch[0]}</step><octave>{pitch[1]}</octave></pitch>" if pitch else "<rest/>"
    lyric = f"<lyric><syllabic>{syllabic}</syllabic><text>{text}</text></lyric>" if text else ""
    return f"<note>{at}<duration>{length}</duration>{more}<voice>1</voice>{lyric}</note>"


def part(bars: list[str]) -> str:
    """The bars of a part at 100 quarters a minute."""
    start = '<attributes><divisions>2</divisions></attributes><sound tempo="100"/>'
    numbered = enumerate([start + bars[0], *bars[1:]], 1)
    return "".join(f'<measure number="{number}">{bar}</measure>' for number, bar in numbered)


def score(parts: list[str]) -> str:
    """A MusicXML file, with the DOCTYPE that programs write."""
    named = [
        f'<score-part id="P{k}"><part-name>Voice {k}</part-name></score-part>' for k in range(len(parts))
    ]
    names = "".join(named)
    bodies = "".join(f'<part id="P{k}">{body}</part>' for k, body in enumerate(parts))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
        '"http://www.musicxml.org/dtds/partwise.dtd">\n'
        f'<score-partwise version="4.0"><part-list>{names}</part-list>{bodies}</score-partwise>'
    )


def _twice(bar: str) -> str:
    repeat = '<barline><repeat direction="{}"/></barline>'
    return repeat.format("forward") + bar + repeat.format("backward")


FRERE = score([
    part([
        _twice(
            note("C4", 2, "Frè", "begin") + note("D4", 2, "re", "end")
            + note("E4", 2, "Jac", "begin") + note("C4", 2, "ques,", "end")
        ),
        _twice(note("E4", 2, "dor", "begin") + note("F4", 2, "mez", "end") + note("G4", 4, "vous?")),
        _twice(
            note("G4", 1, "Son", "begin") + note("A4", 1, "nez", "end") + note("G4", 1, "les")
            + note("F4", 1, "ma", "begin") + note("E4", 2, "ti", "middle") + note("C4", 2, "nes,", "end")
        ),
        _twice(note("C4", 2, "din,") + note("G3", 2, "dan,") + note("C4", 4, "don.")),
    ])
])  # fmt: skip
