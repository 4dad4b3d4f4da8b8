"""Text to speech with the time of every sound."""

import logging
from dataclasses import replace
from importlib import import_module

import numpy as np

from phiz.errors import SpeechError, UsageError
from phiz.speech.scripts import script_hint
from phiz.speech.speech import Speech
from phiz.speech.words import phrases

__all__ = ["VOICES", "padded", "say", "speak"]

log = logging.getLogger("phiz")

VOICES = {"espeak": "phiz.speech.voices.espeak"}  # name to the module that has `say(text, language, variant)`
VOICE, LANGUAGE = "espeak", "en"  # what None stands for
LEAD = 0.35  # seconds of silence before the first sound: the face settles and the lips get ready
TAIL = 0.80  # seconds of silence after the last: the mouth closes


def speak(text: str, *, voice: str | None = "espeak", language: str | None = "en") -> Speech:
    """Speak `text`, with 0.35 s of silence before and 0.8 s after it.

    voice: "espeak", or "espeak:VARIANT" such as "espeak:f3".
    None stands for either's default.
    language: "en" (American), "en-gb", "fr", "pt-br", "cmn", ...; case and "_" for "-" do not matter.

    Raises SpeechError for text without anything to say, UsageError for an unknown voice or language.

        >>> speak("Hello there").words[0].text
        'Hello'
    """
    return padded(say(text, voice=voice, language=language), LEAD, TAIL)


def say(text: str, *, voice: str | None, language: str | None) -> Speech:
    """As `speak`, without the silence around it."""
    voice = VOICE if voice is None else voice
    language = LANGUAGE if language is None else language
    name, _, variant = voice.partition(":")
    if name not in VOICES:
        known = ", ".join(VOICES)
        raise UsageError(f"voice {voice!r} is unknown; there is {known} (with variants, such as espeak:f3)")
    if not text.strip():
        raise UsageError("the text is empty; give at least one word")
    hint = script_hint(text, language)
    if hint:
        log.warning(hint)
    spoken: Speech = import_module(VOICES[name]).say(text, language, variant)
    if not spoken.phonemes:
        shown = " ".join(text.split())[:40]
        raise SpeechError(f"nothing in the text {shown!r} can be spoken in {language!r}; give a word")
    return replace(spoken, sentences=phrases(spoken.phonemes))


def padded(speech: Speech, lead: float, tail: float) -> Speech:
    """`speech` with at least `lead` seconds of silence put before it and `tail` after its last sound."""
    front = round(lead * speech.rate)
    shift = front / speech.rate
    after = speech.duration - max((phoneme.end for phoneme in speech.phonemes), default=0.0)
    back = max(0, round((tail - after) * speech.rate))
    silence = np.zeros(front, np.float32), np.zeros(back, np.float32)
    return replace(
        speech,
        samples=np.concatenate([silence[0], speech.samples, silence[1]]),
        phonemes=tuple(replace(p, start=p.start + shift, end=p.end + shift) for p in speech.phonemes),
        words=tuple(replace(w, start=w.start + shift, end=w.end + shift) for w in speech.words),
        sentences=tuple((start + shift, end + shift) for start, end in speech.sentences),
    )
