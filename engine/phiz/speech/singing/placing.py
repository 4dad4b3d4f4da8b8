"""When each sound of a song is made: vowels on the beats, consonants before them, ends before the rests."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from phiz.speech.singing.score import Note
from phiz.speech.singing.setting import REST, Sung
from phiz.speech.speech import Phoneme

__all__ = ["Phrase", "Placed", "placed"]

# Singers set the vowel's start, not the consonant's, on the beat (Sundberg & Bauer-Huppmann 2007), and sing
# consonants about as long as they speak them, as long as the note has room.
ROOM = 0.5  # share of the time between two beats that consonants take at most
SQUEEZED = 0.6  # share of its length that an onset must find in a rest; else the rest is sung through
BREATH, BREATH_SHARE = 0.25, 0.35  # seconds that breath takes, and share of the note before it at most
BREATH_LEAST = 0.4  # seconds that this note lasts at least
CLOSEST = 0.02  # seconds between the end of a phrase and the first consonant of the next


@dataclass(frozen=True)
class Placed:
    """A sound of the song. spoken: with its times in the speech. start, end: seconds in the song.

    vowel: whether it is the syllable's nucleus. word: of the song's tokens.
    """

    spoken: Phoneme
    start: float
    end: float
    vowel: bool
    word: int


@dataclass(frozen=True)
class Phrase:
    """What is sung in one breath. sounds: without gaps between them. notes: with the times in the song."""

    sounds: tuple[Placed, ...]
    notes: tuple[Note, ...]

    @property
    def start(self) -> float:
        return self.sounds[0].start

    @property
    def end(self) -> float:
        return self.sounds[-1].end


def placed(sung: Sequence[Sung], lead: float) -> list[Phrase]:
    """The phrases of a song whose score's time 0 is `lead` seconds after the sound's."""
    ends = _ends(sung, lead)
    phrases: list[Phrase] = []
    run: list[Sung] = []
    for index, each in enumerate(sung):
        run.append(each)
        if index + 1 == len(sung) or ends[index] < sung[index + 1].notes[0].start + lead:
            before = phrases[-1].end + CLOSEST if phrases else 0.0
            phrases.append(_phrase(run, ends[index], lead, before))
            run = []
    return phrases


def _ends(sung: Sequence[Sung], lead: float) -> list[float]:
    """When each syllable ends: at the next beat, or earlier for a rest or a breath."""
    ends = []
    since = sung[0].notes[0].start
    for each, following in pairwise(sung):
        last, beat = each.notes[-1], following.notes[0].start
        onset = _length(following.spoken.onset)
        end, length = last.end, last.end - last.start
        if each.breath <= end - since and length >= BREATH_LEAST:
            end = max(end - BREATH_SHARE * length, min(end, beat - onset - BREATH))
        if beat - end < max(REST, SQUEEZED * onset):
            end = beat
        else:
            since = beat
        ends.append(end + lead)
    return [*ends, sung[-1].notes[-1].end + lead]


def _length(sounds: Sequence[Phoneme]) -> float:
    return sum((sound.end - sound.start for sound in sounds), 0.0)


def _phrase(run: Sequence[Sung], end: float, lead: float, free: float) -> Phrase:
    """Syllables that follow each other without a rest. free: seconds from which on nothing else is sung."""
    beats = [each.notes[0].start + lead for each in run]
    opening = run[0].spoken.onset
    start = max(free, beats[0] - _length(opening))
    sounds = _fitted(opening, start, beats[0], run[0].spoken.word)
    for index, each in enumerate(run):
        until = beats[index + 1] if index + 1 < len(run) else end
        coda = each.spoken.coda
        onset = run[index + 1].spoken.onset if index + 1 < len(run) else ()
        between = min(_length(coda) + _length(onset), ROOM * (until - beats[index]))
        word = each.spoken.word
        sounds.append(Placed(each.spoken.nucleus, beats[index], until - between, True, word))
        share = _length(coda) / ((_length(coda) + _length(onset)) or 1.0)
        middle = until - between * (1.0 - share)
        sounds += _fitted(coda, until - between, middle, word)
        if onset:
            sounds += _fitted(onset, middle, until, run[index + 1].spoken.word)
    notes = [note for each in run for note in each.notes]
    moved = [Note(note.start + lead, note.end + lead, note.key, note.bar) for note in notes]
    return Phrase(tuple(sounds), tuple(moved))


def _fitted(sounds: Sequence[Phoneme], start: float, end: float, word: int) -> list[Placed]:
    """Sounds one after another from `start` to `end`, all changed alike."""
    total = _length(sounds)
    result = []
    at = start
    passed = 0.0
    for sound in sounds:
        passed += sound.end - sound.start
        until = start + (end - start) * passed / total
        result.append(Placed(sound, at, until, False, word))
        at = until
    return result
