"""Standard MIDI files to scores, karaoke files too; the package mido takes them apart."""

import io
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from phiz.errors import SpeechError, UsageError
from phiz.speech.singing.score import Note, Score, Syllable, single_voice

__all__ = ["read_midi"]

DRUMS = 9  # the channel of percussion in General MIDI, counted from 0
MELODY = ("vocal", "voice", "melod", "lead", "sing", "voix", "gesang", "stimme", "canto", "soprano", "vox")
NEAR = 0.06  # seconds that a syllable may be off its note
LONGEST_EVENTS = 2_000_000  # events in a file
USUAL_TEMPO = 500_000  # microseconds a quarter, where the file says nothing
LINES = ("\r", "\n", "/", "\\")  # karaoke files begin or end lines so


@dataclass(frozen=True)
class _Clock:
    """When a tick is, in seconds, and in which bar. tempos, meters: ascending (tick, what holds from there).

    A tempo is (seconds, seconds a tick); a meter is (bar, ticks a bar).
    """

    tempos: Sequence[tuple[int, tuple[float, float]]]
    meters: Sequence[tuple[int, tuple[int, float]]]

    def seconds(self, tick: int) -> float:
        at, (start, pace) = self.tempos[bisect_right(self.tempos, tick, key=lambda each: each[0]) - 1]
        return start + (tick - at) * pace

    def bar(self, tick: int) -> int:
        at, (first, length) = self.meters[bisect_right(self.meters, tick, key=lambda each: each[0]) - 1]
        return first + int((tick - at) / length)


@dataclass
class _Strand:
    """What one channel of one track plays. notes: (tick, tick, key)."""

    track: int
    channel: int
    name: str = ""
    notes: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def label(self) -> str:
        named = f" ({self.name})" if self.name else ""
        return f"track {self.track + 1}{named}, channel {self.channel + 1}"


def read_midi(data: bytes, name: str, *, track: int | None = None, channel: int | None = None) -> Score:
    """The melody in a MIDI file, with the lyrics that it has.

    track, channel: which to sing, counted from 1; None takes the one that the lyrics go with, else the one
    that is named as a melody, else the first with notes. Raises UsageError and SpeechError.
    """
    file = _parsed(data, name)
    clock = _clock(file)
    strands, lyrics = _strands(file.tracks)
    if not strands:
        raise UsageError(f"{name} has no notes to sing (percussion does not count): give another score")
    words = _syllables(lyrics, clock)
    strand = _chosen(strands, words, clock, name, track, channel)
    notes = [
        Note(clock.seconds(start), clock.seconds(end), float(key), clock.bar(start))
        for start, end, key in strand.notes
    ]
    sung, dropped = single_voice(notes)
    if not sung:
        raise UsageError(f"{strand.label} of {name} has no note that lasts: give another track")
    remarks = []
    if len(strands) > 1 and track is None and channel is None:
        remarks.append(f"of the {len(strands)} voices in {name}, {strand.label} is sung (--track)")
    if dropped:
        remarks.append(f"{strand.label} has chords: the highest notes are sung, {dropped} others are not")
    sung, lost = _under(sung, words)
    return Score(tuple(sung), strand.name, tuple(remarks), lost)


def _parsed(data: bytes, name: str) -> Any:
    try:
        import mido
    except ImportError as error:
        raise SpeechError("MIDI scores need a package: pip install mido") from error
    if data[:4] == b"RIFF" and data[8:12] == b"RMID":
        data = data[20:]
    if data[:4] != b"MThd":
        raise UsageError(f"{name} is no MIDI file (it does not begin with MThd): give a .mid or MusicXML")
    try:
        file = mido.MidiFile(file=io.BytesIO(data), clip=True)
    except Exception as error:  # mido raises whatever its parsing meets: EOFError, IndexError, its own kinds
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UsageError(f"{name} is a damaged MIDI file ({reason}): export it anew") from error
    if file.type == 2:
        raise UsageError(f"{name} holds separate patterns (MIDI format 2), not one song: save it as format 1")
    if file.ticks_per_beat <= 0:
        raise UsageError(f"{name} counts time in film frames, not in beats: save it with ticks a quarter")
    if sum(map(len, file.tracks)) > LONGEST_EVENTS:
        raise UsageError(f"{name} has more than {LONGEST_EVENTS:,} events: cut it into parts")
    return file


def _clock(file: Any) -> _Clock:
    tempos: dict[int, int] = {0: USUAL_TEMPO}
    meters: dict[int, float] = {0: 4.0}
    for track in file.tracks:
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "set_tempo" and message.tempo > 0:
                tempos[tick] = message.tempo
            elif message.type == "time_signature" and message.numerator:
                meters[tick] = 4.0 * message.numerator / message.denominator
    beat = file.ticks_per_beat
    paces: list[tuple[int, tuple[float, float]]] = []
    for tick, tempo in sorted(tempos.items()):
        at, (start, pace) = paces[-1] if paces else (0, (0.0, 0.0))
        paces.append((tick, (start + (tick - at) * pace, tempo / 1e6 / beat)))
    bars: list[tuple[int, tuple[int, float]]] = []
    for tick, quarters in sorted(meters.items()):
        at, (bar, length) = bars[-1] if bars else (0, (1, 1.0))
        passed = -(-(tick - at) // length) if bars else 0  # a bar that the change cuts off counts
        bars.append((tick, (bar + int(passed), quarters * beat)))
    return _Clock(paces, bars)


def _strands(tracks: Sequence[Any]) -> tuple[list[_Strand], list[tuple[int, str]]]:
    """What is played by each channel of each track, and the texts of all lyrics with their ticks."""
    strands: list[_Strand] = []
    lyrics: list[tuple[int, str]] = []
    texts: list[tuple[int, str]] = []
    for number, track in enumerate(tracks):
        own: dict[int, _Strand] = {}
        sounding: dict[tuple[int, int], list[int]] = defaultdict(list)
        tick = 0
        for message in track:
            tick += message.time
            if message.type == "lyrics":
                lyrics.append((tick, _text(message.text)))
            elif message.type == "text":
                texts.append((tick, _text(message.text)))
            elif message.type in ("note_on", "note_off") and message.channel != DRUMS:
                key = (message.channel, message.note)
                if sounding[key]:  # struck again before it was let go, it ends too
                    strand = own.setdefault(message.channel, _Strand(number, message.channel))
                    strand.notes.append((sounding[key].pop(), tick, message.note))
                if message.type == "note_on" and message.velocity:
                    sounding[key].append(tick)
        name = " ".join(_text(track.name).split())
        strands += [replace(strand, name=name) for _, strand in sorted(own.items())]
    karaoke = any(text.startswith("@") for _, text in texts)
    if not lyrics and karaoke:
        lyrics = [(tick, text) for tick, text in texts if tick > 0 or not text.startswith("@")]
    return strands, sorted(lyrics, key=lambda each: each[0])


def _text(raw: str) -> str:
    """Text that mido read as Latin-1: UTF-8 where it is that."""
    try:
        return raw.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return raw


def _syllables(lyrics: Sequence[tuple[int, str]], clock: _Clock) -> list[tuple[float, Syllable]]:
    """The file's syllables and when they are due.

    A hyphen at its end, or (in files that part words by blanks) no blank there, joins a syllable to the next.
    """
    texts = [(tick, text) for tick, text in lyrics if not text.startswith("@")]
    inner = [text.strip("".join(LINES)) for _, text in texts]
    parted = any(text.strip() and (text[:1].isspace() or text[-1:].isspace()) for text in inner)
    result: list[tuple[float, Syllable]] = []
    begins = True
    for (tick, text), bare in zip(texts, inner, strict=True):
        if result and (text.startswith(LINES) or bare[:1].isspace()):
            line = text.startswith(LINES)
            result[-1] = _ended(result[-1], line)
            begins = True
        word = bare.strip()
        if word.strip("-_"):
            hyphen = word.endswith("-")
            ends = not hyphen and (bare[-1:].isspace() or not parted)
            result.append((clock.seconds(tick), Syllable(word.strip("-_"), begins, ends)))
            begins = ends
        elif result and bare and not word:
            result[-1] = _ended(result[-1], line=False)
            begins = True
        if result and text.endswith(LINES):
            result[-1] = _ended(result[-1], line=True)
            begins = True
    if result:
        result[-1] = _ended(result[-1], line=True)
    return result


def _ended(timed: tuple[float, Syllable], line: bool) -> tuple[float, Syllable]:
    time, syllable = timed
    return time, replace(syllable, ends=True, breath=syllable.breath or line)


def _chosen(
    strands: Sequence[_Strand],
    words: Sequence[tuple[float, Syllable]],
    clock: _Clock,
    name: str,
    track: int | None,
    channel: int | None,
) -> _Strand:
    fit = [
        strand
        for strand in strands
        if track in (None, strand.track + 1) and channel in (None, strand.channel + 1)
    ]
    if not fit:
        given = {"track": track, "channel": channel}
        asked = " and ".join(f"{what} {number}" for what, number in given.items() if number is not None)
        there = "; ".join(strand.label for strand in strands[:12])
        raise UsageError(f"{name} has no notes in {asked}; it has {there}")
    if words:
        dues = [time for time, _ in words]
        return max(fit, key=lambda strand: _agreement(strand, dues, clock))
    named = [strand for strand in fit if any(word in strand.name.lower() for word in MELODY)]
    return (named or fit)[0]


def _agreement(strand: _Strand, dues: Sequence[float], clock: _Clock) -> float:
    """How well a strand's notes go with syllables: the share of each that the other meets."""
    starts = sorted({clock.seconds(start) for start, _, _ in strand.notes})
    met = sum(_nearest(starts, due)[1] <= NEAR for due in dues)
    return met / len(dues) + met / len(starts)


def _nearest(starts: Sequence[float], due: float) -> tuple[int, float]:
    """Which of the ascending `starts` is nearest, and how far."""
    after = bisect_right(starts, due)
    around = [index for index in (after - 1, after) if 0 <= index < len(starts)]
    best = min(around, key=lambda index: abs(starts[index] - due))
    return best, abs(starts[best] - due)


def _under(notes: Sequence[Note], words: Sequence[tuple[float, Syllable]]) -> tuple[list[Note], int]:
    """The notes with their syllables, and how many syllables found none."""
    starts = [note.start for note in notes]
    placed: dict[int, Syllable] = {}
    lost = 0
    for due, syllable in words:
        index, away = _nearest(starts, due)
        if away > max(NEAR, (notes[index].end - notes[index].start) / 2) or index in placed:
            lost += 1
        else:
            placed[index] = syllable
    return [replace(note, syllable=placed.get(index)) for index, note in enumerate(notes)], lost
