"""Several faces speak in turn: their lines on one time line, one after another."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from phiz.errors import UsageError
from phiz.speech.shapes import Shape
from phiz.speech.speech import Mark, Phoneme, Speech, Word
from phiz.speech.synthesis import LEAD, TAIL, say_shaped
from phiz.speech.text.speaking import at_rate

__all__ = ["Dialogue", "Line", "Turn", "converse", "read_line"]

PAUSE = 0.35  # seconds between one line's last sound and the next one's first
WRITTEN = re.compile(r"\s*(\d+)\s*(?:\(\s*([^()]*?)\s*\))?\s*:(.*)", re.DOTALL)
HOW = 'write "0: Hello", or "0(espeak:f3): Hello" for another voice; faces count from 0 at the left'

Turn = tuple[float, float, int]  # seconds of a line's first sound and of its last, and the number of the face


@dataclass(frozen=True)
class Line:
    """What a face says. face: its number, from 0 at the left. voice: None for the usual one."""

    face: int
    text: str
    voice: str | None = None


@dataclass(frozen=True, eq=False)
class Dialogue:
    """What several faces say.

    heard: all lines as one speech. parts: by face, its own lines alone, as long as the whole. turns: one for
    each line, in order.
    """

    heard: Speech
    parts: Mapping[int, Speech]
    turns: tuple[Turn, ...]


def read_line(written: str) -> Line:
    """The line in "0: Hello" or "0(espeak:f3): Hello". Raises UsageError."""
    found = WRITTEN.fullmatch(written)
    shown = " ".join(written.split())[:40]
    if not found:
        raise UsageError(f"line {shown!r} does not say whose it is: {HOW}")
    face, voice, text = found.groups()
    if not text.strip() or voice == "":
        raise UsageError(
            f"line {shown!r} names {'no voice' if voice == '' else 'a face but no words'}: {HOW}"
        )
    return Line(int(face), text.strip(), voice)


def converse(
    lines: Sequence[Line],
    *,
    voice: str | None = None,
    language: str | None = None,
    shape: Shape | None = None,
) -> Dialogue:
    """Speak lines one after another, with silence before and after as in `phiz.speak`.

    voice: of faces for which no line names one; a voice once named stays with its face. shape: of every
    voice. Raises SpeechError as `phiz.speak` does, and UsageError, for no lines too.
    """
    if not lines:
        raise UsageError(f"there are no lines to say: {HOW}")
    spoken = [
        say_shaped(line.text, voice=by, language=language, shape=shape or Shape())
        for line, by in _voiced(lines, voice)
    ]
    rate = max(speech.rate for speech in spoken)
    spoken = [speech if speech.rate == rate else at_rate(speech, rate) for speech in spoken]
    placed: list[tuple[int, int, Speech]] = []
    turns: list[Turn] = []
    end = LEAD
    for line, speech in zip(lines, spoken, strict=True):
        begin = end + (PAUSE if turns else 0.0)
        end = begin + max(phoneme.end for phoneme in speech.phonemes)
        placed.append((round(begin * rate), line.face, speech))
        turns.append((begin, end, line.face))
    count = max(round((end + TAIL) * rate), placed[-1][0] + len(spoken[-1].samples))
    return Dialogue(
        _joined([(start, speech) for start, _, speech in placed], count),
        {
            number: _joined([(start, speech) for start, face, speech in placed if face == number], count)
            for number in dict.fromkeys(line.face for line in lines)
        },
        tuple(turns),
    )


def _voiced(lines: Sequence[Line], usual: str | None) -> Iterator[tuple[Line, str | None]]:
    """Each line with its voice."""
    kept: dict[int, str] = {}
    for line in lines:
        if line.voice is not None:
            kept[line.face] = line.voice
        yield line, kept.get(line.face, usual)


def _joined(placed: Sequence[tuple[int, Speech]], count: int) -> Speech:
    """Speeches that start at given samples, as one of `count` samples."""
    first = placed[0][1]
    samples = np.zeros(count, np.float32)
    phonemes: list[Phoneme] = []
    words: list[Word] = []
    sentences: list[tuple[float, float]] = []
    marks: list[Mark] = []
    for at, spoken in placed:
        speech, before = spoken.moved(spoken.samples, shift=at / spoken.rate), len(words)
        samples[at : at + len(speech.samples)] += speech.samples[: count - at]
        for phoneme in speech.phonemes:
            phonemes.append(replace(phoneme, word=phoneme.word + before if phoneme.word >= 0 else -1))
        words += speech.words
        sentences += speech.sentences
        marks += speech.marks
    return replace(
        first,
        samples=np.clip(samples, -1, 1, out=samples),
        phonemes=tuple(phonemes),
        words=tuple(words),
        sentences=tuple(sentences),
        marks=tuple(marks),
        text="\n".join(speech.text for _, speech in placed),
        voice=", ".join(dict.fromkeys(speech.voice for _, speech in placed)),
    )
