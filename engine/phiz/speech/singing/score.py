"""`Score`: the notes that one voice sings, and the syllables that the score itself has under them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from phiz.errors import UsageError

__all__ = ["TEMPOS", "TRANSPOSED", "Note", "Score", "Syllable", "check_change", "name_of", "single_voice"]

LONGEST_SCORE = 7200.0  # seconds
MOST_NOTES = 100_000
TEMPOS = (0.25, 4.0)  # factors of a score's own tempo
TRANSPOSED = (-36, 36)  # semitones
TOGETHER = 0.03  # seconds: notes that begin within that are struck together
OVERLAP = 0.5  # share of a note that a lower one must still sound alone to be sung as well
SHORTEST = 0.02  # seconds; what is shorter is a slip of the finger
KEYS = (12, 120)  # MIDI's numbers of the keys that may be sung: C0 to C9
NAMES = ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B")


@dataclass(frozen=True)
class Syllable:
    """What a score has under a note.

    text: as written, without hyphens. begins, ends: whether the word does, with this syllable.
    breath: whether a line ends after it.
    """

    text: str
    begins: bool = True
    ends: bool = True
    breath: bool = False


@dataclass(frozen=True)
class Note:
    """start, end: seconds. key: MIDI's number, 69 for the A of 440 Hz; between two of them in microtones.
    bar: counted from 1. syllable: None where the score has none under it.
    """

    start: float
    end: float
    key: float
    bar: int
    syllable: Syllable | None = None


@dataclass(frozen=True)
class Score:
    """Notes in order and without overlap.

    name: of the track or part. remarks: what there is to tell the user of how it was read, a line each.
    lost: how many of its own syllables stand at none of the notes.
    """

    notes: tuple[Note, ...]
    name: str = ""
    remarks: tuple[str, ...] = ()
    lost: int = 0

    def changed(self, *, transpose: int = 0, tempo: float = 1.0) -> "Score":
        """The same score higher by `transpose` semitones and `tempo` times as fast. Raises UsageError."""
        check_change(transpose=transpose, tempo=tempo)
        notes = [
            replace(note, start=note.start / tempo, end=note.end / tempo, key=note.key + transpose)
            for note in self.notes
        ]
        for note in notes:
            if not KEYS[0] <= note.key <= KEYS[1]:
                raise UsageError(
                    f"a note of bar {note.bar} is {name_of(note.key)}: nobody sings that; transpose by "
                    f"{'-12' if note.key > KEYS[1] else '12'} semitones"
                )
        return replace(self, notes=tuple(notes))


def check_change(*, transpose: int, tempo: float) -> None:
    """Raise UsageError for what is out of range."""
    if not TRANSPOSED[0] <= transpose <= TRANSPOSED[1]:
        low, high = TRANSPOSED
        raise UsageError(f"transpose {transpose} is out of range: give {low} to {high} semitones")
    if not TEMPOS[0] <= tempo <= TEMPOS[1]:
        raise UsageError(f"tempo {tempo:g} is out of range: give {TEMPOS[0]:g} to {TEMPOS[1]:g}")


def name_of(key: float) -> str:
    """As "C4" for the middle C.

    >>> name_of(69)
    'A4'
    """
    number = round(key)
    return f"{NAMES[number % 12]}{number // 12 - 1}"


def single_voice(notes: Sequence[Note]) -> tuple[list[Note], int]:
    """The highest voice of `notes`, in order and without overlap, and how many others were left out.

    Of notes struck together the highest is sung. A higher note cuts off a lower one; a lower one under a
    higher is sung when it sounds on for long enough, and as far as the higher one has ended.
    """
    result: list[Note] = []
    dropped = 0
    for note in sorted(notes, key=lambda each: (each.start, -each.key)):
        if note.end - note.start < SHORTEST:
            continue
        if result and note.start < result[-1].end:
            before = result[-1]
            if note.start - before.start <= TOGETHER and note.key > before.key:
                result[-1], note = note, before
                before = result[-1]
            if note.start - before.start <= TOGETHER or (
                note.key < before.key and not _lasts_on(note, before)
            ):
                dropped += 1
                if before.syllable is None and note.syllable is not None:
                    result[-1] = replace(before, syllable=note.syllable)
                continue
            result[-1] = replace(before, end=note.start)
        result.append(note)
    if not result:
        return [], dropped
    if len(result) > MOST_NOTES or result[-1].end > LONGEST_SCORE:
        raise UsageError(
            f"the score has {len(result)} notes in {result[-1].end:.0f} s; at most {MOST_NOTES} in "
            f"{LONGEST_SCORE:.0f} s can be sung: cut it into parts"
        )
    return result, dropped


def _lasts_on(note: Note, before: Note) -> bool:
    """Whether most of a lower note comes after the one it began under: a slur, not a second voice."""
    return note.end - before.end > OVERLAP * (note.end - note.start)
