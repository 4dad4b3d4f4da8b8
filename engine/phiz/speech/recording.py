"""A recording to timed phonemes: with its text by alignment, without it by recognition."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError
from phiz.speech.alignment import features
from phiz.speech.alignment.aligner import align
from phiz.speech.alignment.background import music_alone
from phiz.speech.alignment.coarse import sketch
from phiz.speech.alignment.mismatch import described, findings, missing
from phiz.speech.alignment.mismatch_acoustic import UNFIT, Model, Opinion, second_opinion
from phiz.speech.alignment.mismatch_text import fit_of
from phiz.speech.alignment.sounding import is_clear
from phiz.speech.alignment.transcript import HOP, Transcript, read_transcript, rough_power
from phiz.speech.alignment.windows import Span, Window, windows_of
from phiz.speech.audio import HIGHEST_RATE, read_audio
from phiz.speech.recognition.acoustic import RATE, english_model, resampled
from phiz.speech.recognition.listen import recognize
from phiz.speech.recognition.universal import universal_model
from phiz.speech.singing.sustaining import sustained
from phiz.speech.speech import Mismatch, Phoneme, Speech, Word
from phiz.speech.vocal.marking import with_manners
from phiz.speech.voices.espeak import resolve_language
from phiz.speech.words import phrases

__all__ = ["aligned", "speech_from_recording"]

RECORDED = "recording"  # `Speech.voice` of a recording
MOST = 0.7  # of the words must be heard in what is too long to be tried backwards
ENOUGH = 120.0  # seconds that tell whether anything is said
QUIET, LEVEL = 0.1, 0.5  # of full scale: recordings that stay below the first are raised to the second

Progress = Callable[[str, int, int], None]  # stage, steps done, steps in all

log = logging.getLogger("phiz")


class Listened(NamedTuple):
    """sound: [n], at `RATE`; half precision is 66 dB finer than the sound and takes half the memory.

    clear: whether speech stands out of its background.
    """

    sound: NDArray[np.float16]
    clear: bool


def speech_from_recording(
    path: str | Path,
    text: str | None = None,
    *,
    language: str | None = "en",
    recognizer: str = "auto",
    highest: int = HIGHEST_RATE,
    silent: bool = False,
    progress: Progress | None = None,
) -> Speech:
    """The recording at `path` with its phonemes timed.

    text: what is said; None or blank to recognise the sounds. language: as in `phiz.speak`.
    recognizer: "auto", "english" or "universal", as `recognize` takes it; "universal" takes English for
    any language, with a text too. highest: samples a second that are kept, at most.
    silent: `samples` are silence of the recording's length and there are no `marks`, which takes half the
    memory. progress: called with (stage, done, total).
    `timing` is "aligned" with a text, else "recognized"; `mismatches` says where recording and text differ,
    `marks` where somebody laughs, whispers or shouts, by the names of tags ("tag:laugh").

    Raises SpeechError for an unreadable recording, one without speech, and as `phiz.speak`; UsageError for a
    language that there is none of, with a text or without.
    """
    samples, rate = read_audio(path, highest)
    heard = listened_to(samples, rate)
    samples = np.broadcast_to(np.float32(0.0), len(samples)) if silent else samples
    if text is None or not text.strip():
        speech = _recognized(samples, rate, heard, language, recognizer, progress)
        if not speech.phonemes:
            log.warning("no speech is heard in %s: the lips stay still", path)
    else:
        speech = _aligned(samples, rate, heard, text, language, recognizer, str(path), progress)
        if speech.mismatches:
            log.warning("the text is not quite what is said in %s: %s", path, described(speech.mismatches))
    return speech if silent else _ready(with_manners(speech))


def _ready(speech: Speech) -> Speech:
    """With its melody found here, with the rest of the work on the sound, not when somebody moves to it."""
    _ = speech.prosody
    return speech


def _recognized(
    samples: NDArray[np.float32],
    rate: int,
    heard: Listened,
    language: str | None,
    recognizer: str,
    progress: Progress | None,
) -> Speech:
    """A recording alone. heard: as `listened_to` gives it."""
    if language is not None:
        resolve_language(language)  # says which there are
    step = partial(progress, "listen") if progress is not None else None
    phonemes = recognize(heard.sound, RATE, recognizer=recognizer, language=language, progress=step)
    phonemes = tuple(in_order(sustained(phonemes, heard.sound, RATE), len(samples) / rate))
    sentences = phrases(phonemes)
    return Speech(samples, rate, phonemes, sentences=sentences, voice=RECORDED, timing="recognized")


def aligned(
    samples: NDArray[np.float32],
    rate: int,
    text: str,
    *,
    language: str | None = "en",
    recognizer: str = "auto",
    sure: bool = False,
) -> Speech:
    """A recording [n] of somebody who says `text`, its phonemes timed, as by `speech_from_recording`.

    sure: whether it is known to say it, as a voice is that was given the text: then it is not asked whether
    the text is another's, as a voice may sound like nobody else; without phonemes if nothing is heard.
    """
    heard = listened_to(samples, rate)
    return _aligned(samples, rate, heard, text, language, recognizer, "the recording", sure=sure)


def _aligned(
    samples: NDArray[np.float32],
    rate: int,
    heard: Listened,
    text: str,
    language: str | None,
    recognizer: str,
    name: str,
    progress: Progress | None = None,
    *,
    sure: bool = False,
) -> Speech:
    """As `aligned`. heard: the recording as `listened_to` gives it. name: what messages call it."""
    sound = heard.sound
    step = partial(progress, "listen") if progress is not None else _nothing
    transcript = read_transcript(text, language or "en")
    opinion, fit, transcript = first_look(sound, transcript)
    model = _model(transcript, recognizer, sure=sure) if heard.clear else None
    if model is not None:
        opinion = second_opinion(model, sound, transcript, opinion.found, step)
    if not sure:
        check_text(opinion, fit, transcript, sound, name)
    words, extra = opinion.found.words, opinion.found.extra
    others = {span: phones_in(sound, span, recognizer, transcript.language) for span in extra}
    phonemes = [phoneme for own in others.values() for phoneme in own]
    windows = list(windows_of(words, len(sound) / RATE, extra, 0.0))
    for done, window in enumerate(windows):
        step(done, len(windows))
        phonemes += window_phonemes(sound, window, transcript, opinion)
    duration = len(samples) / rate
    phonemes, timed = with_words(in_order(phonemes, duration), transcript.words)
    mismatches = [Mismatch("extra", "", *span) for span, own in others.items() if own]
    mismatches += missing(words, transcript.words, duration)
    return Speech(
        samples,
        rate,
        tuple(phonemes),
        words=timed,
        sentences=phrases(phonemes),
        text=text,
        language=transcript.language,
        voice=RECORDED,
        timing="aligned",
        mismatches=tuple(sorted(mismatches, key=lambda each: (each.start, each.end))),
        confidence=opinion.confidence(len(transcript.words)),
    )


def _model(transcript: Transcript, recognizer: str, *, sure: bool) -> Model | None:
    """What tells if words are said; None where that is known and it could not tell when they are."""
    if transcript.language.startswith("en") and recognizer != "universal":
        return english_model()
    return None if sure else universal_model()


def first_look(
    sound: NDArray[np.float16], transcript: Transcript
) -> tuple[Opinion, float | None, Transcript]:
    """What a rough look tells, how well the text fits, and the transcript without what took most memory."""
    power = rough_power(sound, RATE, features.HIGHEST)
    music = music_alone(sound, HOP, len(power))
    opinion = Opinion(findings(sketch(power, transcript, music), transcript), {})
    return opinion, fit_of(power, transcript), replace(transcript, power=transcript.power[:0].copy())


def _nothing(done: int, total: int) -> None:
    """Nobody wants to know."""


def check_text(
    opinion: Opinion,
    fit: float | None,
    transcript: Transcript,
    sound: NDArray[np.float16],
    name: str,
) -> None:
    """Raise SpeechError where the text is not what is said, or nothing is. fit: as `fit_of` gives it."""
    heard = len(opinion.found.words) / len(transcript.words)
    least = UNFIT if opinion.behind is None else opinion.doubts.least_fit(opinion.behind)
    wrong = heard < MOST if fit is None else fit < least
    if heard > 0 and not wrong:
        return
    if not recognize(sound[: round(ENOUGH * RATE)].astype(np.float32), RATE, language=transcript.language):
        raise SpeechError(f"no speech is heard in {name}; give a recording of the text, or none and a voice")
    raise SpeechError(
        f"the text does not seem to be what is said in {name}: it fits no better than any other; give what "
        f"is said, and its language ({transcript.language!r} was taken), or no text to go by the sound alone"
    )


def listened_to(samples: NDArray[np.float32], rate: int) -> Listened:
    """A recording at `RATE`, loud enough, and whether speech stands out in it."""
    sound = resampled(samples, rate)
    peak = max(float(np.max(sound, initial=0.0)), -float(np.min(sound, initial=0.0)))
    raised = np.float32(LEVEL / peak if 0.0 < peak < QUIET else 1.0)
    half = np.empty(len(sound), np.float16)
    np.multiply(sound, raised, out=half, casting="same_kind")
    return Listened(half, is_clear(sound, RATE))


def phones_in(sound: NDArray[np.float16], span: Span, recognizer: str, language: str) -> list[Phoneme]:
    """What is said in a part of the recording, told from the sound alone; nothing in noise."""
    start = round(span[0] * RATE)
    part = sound[start : round(span[1] * RATE)].astype(np.float32)
    sounds = recognize(part, RATE, recognizer=recognizer, language=language)
    return [replace(each, start=each.start + start / RATE, end=each.end + start / RATE) for each in sounds]


def window_phonemes(
    sound: NDArray[np.float16], window: Window, transcript: Transcript, opinion: Opinion
) -> list[Phoneme]:
    """The phonemes of a window's own words, by time in the recording and word in the transcript."""
    numbers = [placed.word for placed in window.words]
    spoken = transcript.spoken(numbers)
    first = round(window.start * RATE)
    begin = first / RATE
    said = np.array([time for word in spoken.words for time in (word.start, word.end)])
    known = np.array([time - begin for placed in window.words for time in (placed.start, placed.end)])
    acoustic = [
        phone._replace(start=phone.start - begin, end=phone.end - begin, word=index)
        for index, number in enumerate(numbers)
        for phone in opinion.phones.get(number, ())
    ]
    timed = align(
        sound[first : round(window.end * RATE)].astype(np.float32),
        RATE,
        spoken,
        guide=(said, known),
        acoustic=acoustic,
    )
    return [
        replace(phoneme, start=phoneme.start + begin, end=phoneme.end + begin, word=numbers[phoneme.word])
        for phoneme in timed
        if window.own[0] <= phoneme.word < window.own[1]
    ]


def in_order(phonemes: Sequence[Phoneme], duration: float) -> list[Phoneme]:
    """Phonemes by time, each ending where the next begins at the latest; none is left without length."""
    result: list[Phoneme] = []
    for phoneme in sorted(phonemes, key=lambda each: each.start):
        if result and result[-1].end > phoneme.start:
            result[-1] = replace(result[-1], end=phoneme.start)
        if result and result[-1].end <= result[-1].start:
            result.pop()
        result.append(replace(phoneme, end=min(phoneme.end, duration)))
    while result and result[-1].end <= result[-1].start:
        result.pop()
    return result


def with_words(phonemes: Sequence[Phoneme], texts: Sequence[str]) -> tuple[list[Phoneme], tuple[Word, ...]]:
    """Words with their phonemes' times, and the phonemes with `word` counting only words that have some."""
    numbers: dict[int, int] = {}
    words: list[Word] = []
    result: list[Phoneme] = []
    for phoneme in phonemes:
        if phoneme.word >= 0:
            number = numbers.setdefault(phoneme.word, len(words))
            if number == len(words):
                words.append(Word(texts[phoneme.word], phoneme.start, phoneme.end))
            words[number] = replace(words[number], end=phoneme.end)
            phoneme = replace(phoneme, word=number)
        result.append(phoneme)
    return result, tuple(words)
