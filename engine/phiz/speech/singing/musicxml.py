"""MusicXML to scores: .musicxml and .xml as they are, .mxl zipped; one part's sung voice with its lyrics.

The parser loads nothing from outside and takes no entities but XML's own.
"""

import io
import math
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from phiz.errors import UsageError
from phiz.speech.singing.score import Note, Score, Syllable, single_voice

__all__ = ["LARGEST", "read_musicxml", "unzipped"]

LARGEST = 64_000_000  # bytes of XML
MOST_BARS = 20_000  # with repeats
USUAL_TEMPO = 120.0  # quarters a minute, where the score says nothing
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
BEATS = {"breve": 8.0, "whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25, "32nd": 0.125}
JUMPS = ("dacapo", "dalsegno", "tocoda")


@dataclass
class _Written:
    """A note as it is written. start, length: quarters, from its bar's beginning. lyrics: by number of the
    verse. tied: whether it continues the note before."""

    start: Fraction
    length: Fraction
    key: float
    voice: tuple[str, str]
    tied: bool
    lyrics: dict[str, Syllable]


@dataclass
class _Bar:
    """number: as printed. length: quarters. tempos: (start in quarters, quarters a minute). times: how often
    what ends here is played. endings: the passes in which it is played, () for all."""

    number: int
    length: Fraction = Fraction(0)
    notes: list[_Written] = field(default_factory=list)
    tempos: list[tuple[Fraction, float]] = field(default_factory=list)
    forward: bool = False
    times: int = 0
    endings: tuple[int, ...] = ()
    jumps: bool = False


def read_musicxml(data: bytes, name: str, *, part: int | None = None, verse: int = 1) -> Score:
    """One part of a MusicXML score, its repeats played.

    part: counted from 1; None takes the one with most lyrics. verse: the line of lyrics to begin with; each
    repeat sings the next one where there is one. Raises UsageError.
    """
    root = _parsed(data, name)
    names = {each.get("id"): _content(each, "part-name") for each in root.iterfind("part-list/score-part")}
    parts = [_bars(each, name) for each in root.iterfind("part")]
    ids = [each.get("id") for each in root.iterfind("part")]
    titles = [names.get(each) or f"part {number}" for number, each in enumerate(ids, 1)]
    if not any(bar.notes for bars in parts for bar in bars):
        raise UsageError(f"{name} has no notes to sing: give another score")
    chosen = _chosen(parts, titles, name, part)
    bars = parts[chosen]
    _agree(parts)
    remarks = []
    if len(parts) > 1 and part is None:
        others = f"--track takes another of its {len(parts)} parts"
        remarks.append(f"part {chosen + 1} ({titles[chosen]}) of {name} is sung: {others}")
    if any(bar.jumps for bar in bars):
        remarks.append(f"da capo, dal segno and coda of {name} are not followed: repeats and endings are")
    bars, voices = _one_voice(bars)
    notes, dropped = single_voice(_played(bars, _order(bars, name), verse, name))
    if not notes:
        raise UsageError(f"part {chosen + 1} ({titles[chosen]}) of {name} has no note that lasts")
    if dropped or voices > 1:
        remarks.append(f"{titles[chosen]} of {name} has several voices or chords: the highest one is sung")
    return Score(tuple(notes), titles[chosen], tuple(remarks))


def unzipped(data: bytes, name: str) -> bytes:
    """The score in a compressed MusicXML file. Raises UsageError."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            container = _parsed(_member(archive, "META-INF/container.xml", name), name, "container")
            files = [each.get("full-path", "") for each in container.iter() if each.tag.endswith("rootfile")]
            if not files:
                raise UsageError(f"{name} names no score inside (META-INF/container.xml): export it anew")
            return _member(archive, files[0], name)
    except (zipfile.BadZipFile, zlib.error, KeyError, NotImplementedError, RuntimeError, EOFError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{name} is a damaged .mxl file ({reason}): export it anew") from error


def _member(archive: zipfile.ZipFile, path: str, name: str) -> bytes:
    with archive.open(path) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UsageError(f"{name} holds more than {LARGEST:,} bytes of XML: cut it into parts")
    return data


def _parsed(data: bytes, name: str, root: str = "score-partwise") -> Element:
    if b"<!ENTITY" in data.replace(b"\0", b""):
        raise UsageError(f"{name} declares XML entities, which no score needs: export it anew")
    try:
        tree = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{name} is no MusicXML: {reason}") from error
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    if tree.tag == "score-timewise":
        raise UsageError(f"{name} is ordered by time (score-timewise): save it as score-partwise")
    if tree.tag != root:
        raise UsageError(f"{name} is no MusicXML: its root is <{tree.tag}>, not <{root}>")
    return tree


def _content(element: Element, path: str) -> str:
    return " ".join((element.findtext(path) or "").split())


def _number(element: Element, path: str, name: str, default: int | None = None) -> Fraction:
    text = _content(element, path)
    if not text and default is not None:
        return Fraction(default)
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise UsageError(f"{name}: <{path}> holds {text[:40]!r}, where a number belongs") from None
    if abs(value) > 10**6:
        raise UsageError(f"{name}: <{path}> holds {text[:40]}, which is out of range")
    return value


def _bars(part: Element, name: str) -> list[_Bar]:
    """The bars of a part."""
    divisions, transposed = Fraction(1), Fraction(0)
    bars: list[_Bar] = []
    endings: tuple[int, ...] = ()
    for index, measure in enumerate(part.iterfind("measure"), 1):
        printed = measure.get("number", "")
        bar = _Bar(int(printed) if printed.isdecimal() else index)
        here = before = Fraction(0)
        for element in measure:
            if element.tag == "attributes":
                divisions = max(_number(element, "divisions", name, int(divisions)), Fraction(1))
                if (change := element.find("transpose")) is not None:
                    octaves = _number(change, "octave-change", name, 0)
                    transposed = _number(change, "chromatic", name, 0) + 12 * octaves
            elif element.tag in ("backup", "forward"):
                step = _number(element, "duration", name) / divisions
                here = max(here - step, Fraction(0)) if element.tag == "backup" else here + step
            elif element.tag == "note" and element.find("grace") is None:
                length = _number(element, "duration", name, 0) / divisions
                start = before if element.find("chord") is not None else here
                before = start
                here = max(here, start + length) if element.find("chord") is not None else here + length
                if (note := _note(element, start, length, transposed, name)) is not None:
                    bar.notes.append(note)
            elif element.tag in ("direction", "sound"):
                _direct(bar, element, here)
            elif element.tag == "barline":
                endings = _barline(bar, element, endings)
            bar.length = max(bar.length, here)
        bar.endings = bar.endings or endings
        bars.append(bar)
    return bars


def _note(
    element: Element, start: Fraction, length: Fraction, transposed: Fraction, name: str
) -> _Written | None:
    """None for what is not sung: rests, drums, cues for others."""
    pitch = element.find("pitch")
    if pitch is None or length <= 0 or element.find("cue") is not None:
        return None
    step = _content(pitch, "step").upper()
    if step not in STEPS:
        raise UsageError(f"{name}: a note is {step[:10]!r}, where one of C D E F G A B belongs")
    octave = _number(pitch, "octave", name)
    key = STEPS[step] + _number(pitch, "alter", name, 0) + 12 * (octave + 1) + transposed
    voice = _content(element, "staff") or "1", _content(element, "voice") or "1"
    tied = any(tie.get("type") == "stop" for tie in element.iterfind("tie"))
    lyrics: dict[str, Syllable] = {}
    breath = element.find("notations/articulations/breath-mark") is not None
    for lyric in element.iterfind("lyric"):
        texts = [" ".join((text.text or "").split()) for text in lyric.iterfind("text")]
        if any(texts):
            marks = [_content(mark, ".") for mark in lyric.iterfind("syllabic")] or ["single"]
            lyrics[lyric.get("number", "1")] = Syllable(
                " ".join(filter(None, texts)).strip("-_"), marks[0] in ("single", "begin"),
                marks[-1] in ("single", "end"), breath,
            )  # fmt: skip
    return _Written(start, length, float(key), voice, tied, lyrics)


def _direct(bar: _Bar, element: Element, here: Fraction) -> None:
    """Take tempo marks, and notice jumps."""
    sound = element if element.tag == "sound" else element.find("sound")
    told = sound.get("tempo", "") if sound is not None else ""
    if sound is not None and any(jump in sound.attrib for jump in JUMPS):
        bar.jumps = True
    metronome = element.find("direction-type/metronome")
    unit = 1.0
    if not told and metronome is not None:
        told = _content(metronome, "per-minute")
        unit = BEATS.get(_content(metronome, "beat-unit"), 1.0)
        dots = sum(child.tag == "beat-unit-dot" for child in metronome)
        unit *= 2.0 - 0.5 ** min(dots, 4)
    try:
        tempo = float(told) * unit
    except ValueError:
        return  # "ca. 120" and the like
    if 1.0 <= tempo <= 1000.0:
        bar.tempos.append((here, tempo))


def _barline(bar: _Bar, element: Element, endings: tuple[int, ...]) -> tuple[int, ...]:
    """Take repeats and endings; the endings that go on after this barline."""
    ending, repeat = element.find("ending"), element.find("repeat")
    if ending is not None and ending.get("type") == "start":
        numbers = ending.get("number", "").replace(",", " ").split()
        endings = tuple(int(number) for number in numbers if number.isdecimal()) or (1,)
    if ending is not None:
        bar.endings = endings
        endings = endings if ending.get("type") == "start" else ()
    if repeat is not None and repeat.get("direction") == "forward":
        bar.forward = True
    elif repeat is not None:
        told = repeat.get("times", "")
        bar.times = int(told) if told.isdecimal() else max(bar.endings, default=1) + 1
    return endings


def _chosen(parts: Sequence[Sequence[_Bar]], titles: Sequence[str], name: str, part: int | None) -> int:
    if part is None:
        under = [(_lyrics(bars), any(bar.notes for bar in bars)) for bars in parts]
        return max(range(len(parts)), key=lambda index: under[index])
    if not 1 <= part <= len(parts) or not any(bar.notes for bar in parts[part - 1]):
        there = "; ".join(f"{number} ({title})" for number, title in enumerate(titles[:12], 1))
        raise UsageError(f"{name} has no notes in part {part}; it has {there}")
    return part - 1


def _lyrics(bars: Sequence[_Bar]) -> int:
    return sum(bool(note.lyrics) for bar in bars for note in bar.notes)


def _agree(parts: Sequence[Sequence[_Bar]]) -> None:
    """Give the bars of all parts the same lengths and tempos: one part may stand for all with them."""
    for together in zip(*parts, strict=False):
        length = max(bar.length for bar in together)
        tempos = sorted({tempo for bar in together for tempo in bar.tempos})
        for bar in together:
            bar.length, bar.tempos = length, tempos


def _one_voice(bars: Sequence[_Bar]) -> tuple[list[_Bar], int]:
    """The bars with only the voice that has most lyrics, if any has, and how many voices there were."""
    counts = Counter(note.voice for bar in bars for note in bar.notes)
    sung = Counter(note.voice for bar in bars for note in bar.notes if note.lyrics)
    if not sung:
        return list(bars), 1
    voice = sung.most_common(1)[0][0]
    kept = [replace(bar, notes=[note for note in bar.notes if note.voice == voice]) for bar in bars]
    return kept, len(counts)


def _order(bars: Sequence[_Bar], name: str) -> Iterator[tuple[int, int]]:
    """(bar, pass) as played: bars counted from 0, passes of what is repeated from 1."""
    index, start, turn, played = 0, 0, 1, 0
    while index < len(bars):
        bar = bars[index]
        if bar.forward and index != start:
            start, turn = index, 1
        if bar.endings and turn not in bar.endings:
            index += 1
            continue
        played += 1
        if played > MOST_BARS:
            raise UsageError(f"{name} has more than {MOST_BARS:,} bars with its repeats: cut it into parts")
        yield index, turn
        following = bars[index + 1] if index + 1 < len(bars) else None
        if bar.times and turn < bar.times:
            index, turn = start, turn + 1
            continue
        if bar.times or (bar.endings and following is not None and not following.endings):
            start, turn = index + 1, 1
        index += 1


def _played(bars: Sequence[_Bar], order: Iterator[tuple[int, int]], verse: int, name: str) -> list[Note]:
    """The notes of the bars in the order of playing, timed, tied ones as one."""
    verses = sorted({number for bar in bars for note in bar.notes for number in note.lyrics}, key=_by_number)
    if verse < 1 or verse > max(1, len(verses)):
        raise UsageError(f"{name} has {len(verses)} verses of lyrics, no verse {verse}")
    seconds, tempo = 0.0, _first_tempo(bars)
    played: list[Note] = []
    latest: dict[float, int] = {}  # by key, where it was played last
    for index, turn in order:
        bar, here = bars[index], Fraction(0)
        paces = [(here, seconds, tempo)]  # from where on, when that is, quarters a minute
        for place, quicker in [*bar.tempos, (max([bar.length, *(place for place, _ in bar.tempos)]), 0.0)]:
            seconds += 60.0 * float(place - here) / tempo
            here, tempo = place, quicker or tempo
            paces.append((here, seconds, tempo))
        for note in sorted(bar.notes, key=lambda each: (each.start, -each.key)):
            start, end = _timed(note.start, paces), _timed(note.start + note.length, paces)
            before = latest.get(note.key)
            if note.tied and before is not None and math.isclose(played[before].end, start, abs_tol=1e-6):
                played[before] = replace(played[before], end=end)
                continue
            latest[note.key] = len(played)
            played.append(Note(start, end, note.key, bar.number, _under(note, verses, verse - 1, turn - 1)))
    return played


def _first_tempo(bars: Sequence[_Bar]) -> float:
    """Of a score whose first tempo mark stands late in the first bars, that mark's."""
    return next((tempo for bar in bars[:1] for _, tempo in bar.tempos), USUAL_TEMPO)


def _timed(place: Fraction, paces: Sequence[tuple[Fraction, float, float]]) -> float:
    start, seconds, tempo = [each for each in paces if each[0] <= place][-1]
    return seconds + 60.0 * float(place - start) / tempo


def _by_number(verse: str) -> tuple[int, str]:
    digits = "".join(filter(str.isdecimal, verse))
    return int(digits[:9] or 0), verse


def _under(note: _Written, verses: Sequence[str], first: int, repeat: int) -> Syllable | None:
    """The syllable of the verse that is due, else of the first one, else the only one there is."""
    for index in (first + repeat, first):
        if index < len(verses) and verses[index] in note.lyrics:
            return note.lyrics[verses[index]]
    return next(iter(note.lyrics.values())) if len(note.lyrics) == 1 else None
