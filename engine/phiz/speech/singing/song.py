"""`sing`: a score and words in, sung `Speech` out."""

import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from phiz.errors import SpeechError, UsageError
from phiz.speech.singing.lyrics import Token, script_of, tokens_of_notes, tokens_of_text
from phiz.speech.singing.placing import Phrase, placed
from phiz.speech.singing.reading import read_score
from phiz.speech.singing.score import Score, check_change, name_of
from phiz.speech.singing.setting import on_notes, set_to_score, spoken_syllables
from phiz.speech.singing.syllables import sounds_of
from phiz.speech.speech import Mark, Phoneme, Speech, Word

__all__ = ["LEAD", "sing", "sing_score"]

LEAD = 0.6  # seconds from the sound's beginning to the score's: breath, and consonants before the first beat
TAIL = 0.8  # seconds of silence after the last note
LEAST_RATE = 16_000  # samples a second that WORLD needs
# Semitones between a voice's speaking pitch and the middle of a song from which on it strains: people speak
# near the bottom of their range, of about two octaves when they sing (Sundberg 1987).
HIGH = 24.0
MARK_NEAR = 0.005  # seconds; a mark is at the start of its sound, but for rounding

log = logging.getLogger("phiz")


def sing(
    score: str | Path,
    lyrics: str | None = None,
    *,
    track: int | None = None,
    channel: int | None = None,
    verse: int | None = None,
    voice: str | None = None,
    language: str | None = "en",
    formant: float = 1.0,
    transpose: int = 0,
    tempo: float = 1.0,
) -> Speech:
    """Sing a score: the file `score` (MIDI or MusicXML) with `lyrics`, or with its own.

    lyrics: words in order; the voice's vowels tell their syllables, "-" parts more by hand, each "_" holds
    the one before over one more note. track: of MIDI, or the part of MusicXML, from 1. channel: of MIDI.
    verse: of MusicXML. voice, language, formant: as in `phiz.speak`. transpose: semitones up. tempo: factor.
    The score begins 0.6 s into the sound. What does not go up is logged as warnings, a line each.

    Raises UsageError for what is no score, has no notes or no words, and what is out of range; SpeechError as
    `phiz.speak`.

        >>> phiz.sing("twinkle.mid", "Twin-kle, twin-kle, lit-tle star")
    """
    check_change(transpose=transpose, tempo=tempo)
    found = read_score(score, track=track, channel=channel, verse=verse)
    for remark in found.remarks:
        log.warning(remark)
    if found.lost and lyrics is None:
        log.warning("%d syllables of %s stand at no note that is sung: they are left out", found.lost, score)
    changed = found.changed(transpose=transpose, tempo=tempo)
    return sing_score(changed, lyrics, voice=voice, language=language, formant=formant)


def sing_score(
    score: Score, lyrics: str | None = None, *, voice: str | None = None, language: str | None = "en",
    formant: float = 1.0,
) -> Speech:  # fmt: skip
    """As `sing`, from a score that is read."""
    from phiz.speech.shapes import shape_of
    from phiz.speech.singing.rendering import rendered

    shape_of(formant=formant)  # raises where it is out of range
    if lyrics is not None:
        tokens = tokens_of_text(lyrics, language or "en")
    else:
        tokens = tokens_of_notes(score.notes, language or "en")
        if not tokens:
            raise UsageError("the score has no lyrics: give them with --lyrics or --lyrics-file")
    speech, sounds = _said(tokens, voice, language)
    syllables = spoken_syllables(tokens, sounds)
    if lyrics is None:
        sung = set_to_score(syllables, tokens, score.notes)
    else:
        sung, remarks = on_notes(syllables, tokens, score.notes)
        for remark in remarks:
            log.warning(remark)
    phrases = placed(sung, LEAD)
    _tell_range(score, speech)
    samples = rendered(speech, phrases, phrases[-1].end + TAIL, formant=formant)
    return _speech(replace(speech, samples=samples), phrases, tokens, lyrics)


def _said(
    tokens: Sequence[Token], voice: str | None, language: str | None
) -> tuple[Speech, list[list[Phoneme]]]:
    """The words as the voice says them, and the sounds of each."""
    from phiz.speech.synthesis import say
    from phiz.speech.text.speaking import at_rate

    text, spans = script_of(tokens)
    speech = say(text, voice=voice, language=language)
    if not speech.words:
        raise SpeechError(f"the voice {speech.voice} does not tell its words in {language!r}: take espeak")
    if speech.rate < LEAST_RATE:
        speech = at_rate(speech, LEAST_RATE)
    return speech, sounds_of(speech, spans, text)


def _tell_range(score: Score, speech: Speech) -> None:
    """Warn of a song far above where the voice speaks."""
    keys = sorted(note.key for note in score.notes)
    middle = keys[len(keys) // 2]
    pitch = speech.prosody.pitch
    voiced = sorted(pitch[pitch > 0.0].tolist())
    if not voiced:
        return
    own = 69 + 12 * math.log2(voiced[len(voiced) // 2] / 440)
    if middle - own > HIGH:
        octaves = 12 * math.ceil((middle - own - HIGH) / 12)
        log.warning(
            "the song lies between %s and %s, high for a voice that speaks at %s: try --transpose -%d",
            name_of(keys[0]), name_of(keys[-1]), name_of(own), octaves,
        )  # fmt: skip


def _speech(speech: Speech, phrases: Sequence[Phrase], tokens: Sequence[Token], lyrics: str | None) -> Speech:
    """The song with the times of its sounds, words, marks and phrases."""
    numbers: dict[int, int] = {}
    words: list[Word] = []
    phonemes: list[Phoneme] = []
    for phrase in phrases:
        for sound in phrase.sounds:
            number = numbers.setdefault(sound.word, len(words))
            if number == len(words):
                words.append(Word(tokens[sound.word].text, sound.start, sound.end))
            words[number] = replace(words[number], end=sound.end)
            phonemes.append(Phoneme(sound.spoken.ipa, sound.start, sound.end, sound.spoken.stress, number))
    text = lyrics if lyrics is not None else " ".join(token.text for token in tokens)
    return replace(
        speech,
        phonemes=tuple(phonemes),
        words=tuple(words),
        sentences=tuple((phrase.start, phrase.end) for phrase in phrases),
        text=text,
        marks=tuple(_marks(speech, phrases)),
    )


def _marks(speech: Speech, phrases: Sequence[Phrase]) -> Iterator[Mark]:
    """The speech's marks where the sound that follows them is sung, or at the song's end."""
    sounds = [sound for phrase in phrases for sound in phrase.sounds]
    for mark in speech.marks:
        later = (each.start for each in sounds if each.spoken.start >= mark.time - MARK_NEAR)
        yield replace(mark, time=min(later, default=phrases[-1].end))
