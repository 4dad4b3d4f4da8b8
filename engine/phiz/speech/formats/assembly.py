"""From what a timing file says to a `Speech`: checked, in order, with the sounds of each word."""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError, UsageError
from phiz.speech.audio import read_audio
from phiz.speech.formats.alphabets import alphabet_of, is_silence, sound_of, without_notes
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.pieces import places_of
from phiz.speech.formats.spoken import in_sentences, in_words
from phiz.speech.speech import Mark, Phoneme, Speech, Word
from phiz.speech.voices.espeak import resolve_language
from phiz.speech.words import phrases

__all__ = ["assembled"]

RATE = 16_000  # samples a second of the silence that stands for a sound that is not given
LONGEST = 24 * 3600.0  # seconds that a timing file may claim
AFTER = 0.5  # seconds of silence after the last sound, where nothing says how long the recording is
LATE = 0.5  # seconds that a file's times may reach past the recording's end: padding, rounding
FROM_FILE = "timing file"  # `Speech.voice`

Sound = tuple[NDArray[np.float32], int]  # samples and their rate

log = logging.getLogger("phiz")


def assembled(found: Draft | Speech, source: Source, *, audio: str | Path | None, language: str) -> Speech:
    """The speech in `found`, with the sound of `audio` where that is given.

    Raises SpeechError for times that are not finite, negative, over a day or out of order; for a file without
    any speech; and for times that reach past the end of `audio`.
    """
    sound = None if audio is None else read_audio(audio)
    speech = found if isinstance(found, Speech) else speech_of(found, source, language, sound)
    return speech if sound is None else with_sound(speech, source, sound)


def speech_of(draft: Draft, source: Source, language: str, sound: Sound | None) -> Speech:
    """The checked draft as a speech over silence; `sound` is where missing sounds are looked for."""
    language = known_language(draft.language, language)
    items = [item for item in in_order(draft.words, source) if not is_silence(item.text)]
    words = tuple(Word(item.text, item.start, item.end) for item in items)
    written = [replace(item, text=without_notes(item.text)) for item in in_order(draft.sentences, source)]
    sentences = [item for item in written if item.text]
    marks = in_order(draft.marks, source)
    phonemes = given_sounds(in_order(draft.phones, source), words, draft.alphabet, source)
    timing = "aligned" if phonemes or sound else "stretched"
    if not words and not phonemes and sentences:
        words, phonemes = found_in_sentences(sentences, language, sound)
    elif words:
        phonemes = with_missing(words, phonemes, language, sound)
    if not phonemes:
        raise SpeechError(f"{source.path} holds no words or sounds: nothing in it moves the lips")
    ends = [phonemes[-1].end, *(word.end for word in words[-1:]), *(each.end for each in sentences[-1:])]
    last = max(ends)
    duration = draft.duration if draft.duration is not None else last + AFTER
    if not 0 < duration <= LONGEST:
        raise SpeechError(f"{source.path}: expected a length over 0 s, at most a day, found {duration}")
    spans = tuple((each.start, each.end) for each in sentences)
    return Speech(
        samples=np.zeros(round(max(duration, last) * RATE), np.float32),
        rate=RATE,
        phonemes=phonemes,
        words=words,
        sentences=spans or phrases(phonemes),
        text=draft.text or as_in_sentences(words, sentences),
        language=language,
        voice=FROM_FILE,
        timing=timing,
        marks=tuple(Mark(each.text, each.start) for each in marks),
        mismatches=tuple(draft.mismatches),
    )


def as_in_sentences(words: Sequence[Word], sentences: Sequence[Item]) -> str:
    """The text with the sentences' punctuation, where they hold all words in order; else the words alone."""
    written = " ".join(sentence.text for sentence in sentences)
    return written if all(places_of(words, written)) else " ".join(word.text for word in words)


def in_order(items: Sequence[Item], source: Source) -> tuple[Item, ...]:
    """`items` whose times are as they should be; one that reaches into the next ends where that starts."""
    result: list[Item] = []
    for item in items:
        span = f"{item.start:g} s to {item.end:g} s"
        if not (math.isfinite(item.start) and math.isfinite(item.end) and 0 <= item.start <= item.end):
            raise source.bad(item.where, span, "a start of 0 or more and an end that is no earlier")
        if item.end > LONGEST:
            raise source.bad(item.where, span, f"times up to {LONGEST:g} s")
        if result and item.start < result[-1].start:
            raise source.bad(item.where, span, f"a start no earlier than {result[-1].start:g} s before it")
        if result and item.start < result[-1].end:
            result[-1] = replace(result[-1], end=item.start)
        result.append(item)
    return tuple(result)


def given_sounds(
    items: Sequence[Item], words: Sequence[Word], alphabet: str | None, source: Source
) -> tuple[Phoneme, ...]:
    """The phonemes that a file names; () where it names none, or in an alphabet that nobody knows."""
    lasting = [item for item in items if item.end > item.start]
    spoken = [item for item in lasting if not is_silence(item.text, sound=True)]
    known = alphabet or alphabet_of([item.text for item in spoken])
    if known is None and spoken:
        if not words:
            raise source.bad(spoken[0].where, spoken[0].text, "phones in IPA, ARPAbet or X-SAMPA")
        log.warning("the phones in %s are not IPA, ARPAbet or X-SAMPA: only its words are used", source.path)
        return ()
    result: list[Phoneme] = []
    index = 0
    for item in spoken:
        ipa, stress = sound_of(item.text, known or "ipa")
        if not ipa:
            raise source.bad(item.where, item.text, f"a sound in {known}")
        middle = (item.start + item.end) / 2
        while index < len(words) - 1 and words[index].end <= middle:
            index += 1
        inside = bool(words) and words[index].start <= middle < words[index].end
        result.append(Phoneme(ipa, item.start, item.end, stress, index if inside else -1))
    return tuple(result)


def known_language(named: str, language: str) -> str:
    """The language that a file names, where espeak-ng knows it ("en", not "english"), else `language`."""
    try:
        return resolve_language(named) if named else language
    except UsageError:
        log.info("the language %s is unknown: %s is taken", named, language)
        return language


def found_in_sentences(
    sentences: Sequence[Item], language: str, sound: Sound | None
) -> tuple[tuple[Word, ...], tuple[Phoneme, ...]]:
    """Words and phonemes of sentences, as they are heard or, without sound, as a voice says them."""
    if sound is None:
        return in_sentences(sentences, language)
    from phiz.speech.formats.heard import heard_in_sentences

    return heard_in_sentences(sentences, language, *sound)


def with_missing(
    words: Sequence[Word], phonemes: Sequence[Phoneme], language: str, sound: Sound | None
) -> tuple[Phoneme, ...]:
    """`phonemes`, and those of words that have none, as they are heard or as a voice says them."""
    having = {phoneme.word for phoneme in phonemes}
    lacking = [index for index, word in enumerate(words) if index not in having and word.end > word.start]
    if not lacking:
        return tuple(phonemes)
    items = [Item(words[index].text, words[index].start, words[index].end, "") for index in lacking]
    if sound is None:
        added = in_words(items, language)
    else:
        from phiz.speech.formats.heard import heard_in_words

        added = heard_in_words(items, language, *sound)
    own = [replace(phoneme, word=lacking[phoneme.word]) for phoneme in added]
    merged = sorted([*phonemes, *own], key=lambda phoneme: phoneme.start)
    return tuple(clipped(merged))


def clipped(phonemes: Sequence[Phoneme]) -> list[Phoneme]:
    """`phonemes` without overlap; what is left without time goes."""
    result: list[Phoneme] = []
    for phoneme in phonemes:
        if result and result[-1].end > phoneme.start:
            result[-1] = replace(result[-1], end=phoneme.start)
            if result[-1].end <= result[-1].start:
                result.pop()
        result.append(phoneme)
    return result


def with_sound(speech: Speech, source: Source, sound: Sound) -> Speech:
    """`speech` with the samples of a recording, which must be as long as the times reach."""
    samples, rate = sound
    last = speech.phonemes[-1].end if speech.phonemes else 0.0
    length = len(samples) / rate
    if last > length + LATE:
        raise SpeechError(
            f"{source.path} tells of sounds up to {last:.2f} s, but the recording lasts {length:.2f} s: give "
            "the one that the times are of"
        )
    return replace(speech, samples=samples, rate=rate)
