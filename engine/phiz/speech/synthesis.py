"""Text to speech with the time of every sound."""

import logging
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from phiz.errors import PhizError, SpeechError, UsageError
from phiz.speech.scripts import script_hint
from phiz.speech.shapes import Shape, shape_of
from phiz.speech.speech import Speech
from phiz.speech.text.segments import Segment
from phiz.speech.text.speaking import speak_text
from phiz.speech.text.ssml import is_ssml
from phiz.speech.text.tags import MANNERS, TAG, WHISPER
from phiz.speech.voices import PLAIN, Manner, Request, Sound, Voice
from phiz.speech.voices.catalog import BUILT_IN, named, open_voice
from phiz.speech.words import phrases

__all__ = ["LEAD", "TAIL", "padded", "reshaped", "say", "say_shaped", "speak", "speak_shaped"]

log = logging.getLogger("phiz")

VOICE, LANGUAGE = "espeak", "en"  # what None stands for
LEAD = 0.35  # seconds of silence before the first sound: the face settles and the lips get ready
TAIL = 0.80  # seconds of silence after the last: the mouth closes
RATES = (8_000, 192_000)  # samples a second that a voice may give
JITTER = 1e-6  # seconds that times may be off by rounding


def speak(
    text: str,
    *,
    voice: str | None = "espeak",
    language: str | None = "en",
    pitch: float = 0.0,
    rate: float = 1.0,
    formant: float = 1.0,
    preset: str | None = None,
) -> Speech:
    """Speak `text`, with 0.35 s of silence before and 0.8 s after it.

    text: plain or SSML (docs/text.md). voice: "espeak", "espeak:f3", "gtts", "piper:MODEL.onnx",
    "command:prog {text} {out}", or a plug-in's name (docs/voices.md). None stands for the default of voice
    and of language.
    language: "en" (American), "en-gb", "fr", "pt-br", "cmn", ...; case and "_" for "-" do not matter.
    pitch: semitones higher, -12..12. rate: tempo, 0.5..2; 2 takes half as long. formant: resonances,
    0.65..1.5; above 1 the speaker gets smaller. preset: "child", "robot" ...; the others come on top of it.

    Raises SpeechError where a voice does not work, UsageError for text without anything to say, an unknown
    voice, language or preset, and what is out of range.

        >>> speak("Hello there").words[0].text
        'Hello'
    """
    shape = shape_of(pitch=pitch, rate=rate, formant=formant, preset=preset)
    return speak_shaped(text, voice=voice, language=language, shape=shape)


def speak_shaped(text: str, *, voice: str | None, language: str | None, shape: Shape) -> Speech:
    """As `speak`, from a shape."""
    speech = padded(say_shaped(text, voice=voice, language=language, shape=shape), LEAD, TAIL)
    _ = speech.prosody  # with the rest of the work on the sound, not when somebody moves to it
    return speech


def say_shaped(text: str, *, voice: str | None, language: str | None, shape: Shape) -> Speech:
    """As `say`, with the sound changed: by the voice itself as far as it can do that, the rest afterwards."""
    does = getattr(open_voice(named(voice or VOICE)[0]), "does", {})
    absolute = shape.hz or shape.tract  # which count from the voice's own pitch
    own, rest = shared(Manner(rate=shape.rate, pitch=1.0 if absolute else 2 ** (shape.pitch / 12)), does)
    left = replace(shape, rate=rest.rate, pitch=shape.pitch if absolute else 12 * math.log2(rest.pitch))
    return reshaped(say(text, voice=voice, language=language, manner=own), left)


def say(text: str, *, voice: str | None, language: str | None, manner: Manner = PLAIN) -> Speech:
    """As `speak`, without the silence around it.

    manner: its factors come on top of how the voice says it by itself; times stay true.
    """
    chosen = VOICE if voice is None else voice
    language = LANGUAGE if language is None else language
    named(chosen)
    if not text.strip():
        raise UsageError("the text is empty; give at least one word")
    hint = "" if is_ssml(text) else script_hint(text, language)
    if hint:
        log.warning(hint)
    spoken = speak_text(text, language, lambda segment: say_segment(segment, chosen), in_manner, manner)
    return whispered(replace(spoken, sentences=phrases(spoken.phonemes)))


def whispered(speech: Speech) -> Speech:
    """`speech` with a whisper from each tag that asks for one to the next that ends it."""
    turns = [mark for mark in speech.marks if mark.name.removeprefix(TAG) in MANNERS]
    if not any(turn.name == TAG + WHISPER for turn in turns):
        return speech
    samples = speech.samples.copy()
    for turn, until in zip(turns, [*(mark.time for mark in turns[1:]), speech.duration], strict=True):
        first, last = round(turn.time * speech.rate), round(until * speech.rate)
        if turn.name == TAG + WHISPER and last > first:
            part = Speech(samples[first:last], speech.rate, ())
            samples[first:last] = reshaped(part, shape_of(preset=WHISPER)).samples[: last - first]
    return replace(speech, samples=samples)


def say_segment(segment: Segment, voice: str) -> Speech:
    """A part of a text in one language and manner; without phonemes when it holds nothing to say."""
    voice, language = segment.voice or voice, segment.language
    name, variant = named(voice)
    speaker = open_voice(name)
    own, rest = shared(segment.manner, getattr(speaker, "does", {}))
    sounds = segment.sounds if getattr(speaker, "takes_sounds", False) else ()
    if segment.sounds and not sounds:
        log.warning("the voice %s takes no sounds: the text in <phoneme> is spoken as it is", name)
    spoken = said(speaker, name, Request(segment.text, language, variant, own, sounds))
    if isinstance(spoken, Sound):
        spoken = timed(spoken, segment.text, voice, language)
    return in_manner(spoken, rest) if spoken.phonemes else spoken


def shared(manner: Manner, does: Mapping[str, tuple[float, float]]) -> tuple[Manner, Manner]:
    """A manner in two: what the voice does, as far as it can, and what is left to do on its sound."""
    own = {name: min(max(getattr(manner, name), low), high) for name, (low, high) in does.items()}
    done = Manner(**own)
    return done, Manner(manner.rate / done.rate, manner.pitch / done.pitch, manner.volume / done.volume)


def said(speaker: Voice, name: str, request: Request) -> Speech | Sound:
    """What the voice answers, found to be sound. Raises SpeechError, and what the voice raises on purpose."""
    try:
        spoken = speaker.say(request)
    except PhizError:
        raise
    except Exception as error:
        if name in BUILT_IN:
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SpeechError(f"the voice {name} failed: {reason}") from error
    if not isinstance(spoken, Speech | Sound):
        kind = type(spoken).__name__
        raise SpeechError(f"the voice {name} gave {kind}; needed is phiz.Speech or phiz.speech.voices.Sound")
    samples = np.asarray(spoken.samples)
    if samples.ndim != 1 or samples.dtype.kind != "f" or not np.isfinite(samples).all():
        shown = f"{samples.dtype} {list(samples.shape)}"
        raise SpeechError(f"the voice {name} gave samples {shown}; finite floats [n] from -1 to 1 are needed")
    if not len(samples) or not RATES[0] <= spoken.rate <= RATES[1]:
        raise SpeechError(
            f"the voice {name} gave {len(samples)} samples at {spoken.rate} Hz; some are needed, "
            f"at {RATES[0]} to {RATES[1]} Hz"
        )
    if isinstance(spoken, Speech):
        check_times(spoken, name)
    return replace(spoken, samples=np.clip(samples, -1.0, 1.0).astype(np.float32))


def check_times(speech: Speech, name: str) -> None:
    """Raise SpeechError where phonemes overlap, last no time, lie outside the sound or belong to no word."""
    edges = [0.0, *(time for each in speech.phonemes for time in (each.start, each.end)), speech.duration]
    if any(after - before < -JITTER for before, after in pairwise(edges)):
        raise SpeechError(f"the voice {name} gave phonemes that overlap or lie outside its sound")
    if any(phoneme.word >= len(speech.words) for phoneme in speech.phonemes):
        raise SpeechError(f"the voice {name} gave a phoneme of a word that is not among its words")


def timed(sound: Sound, text: str, voice: str, language: str) -> Speech:
    """`sound` with the times at which it says `text`; in a language that espeak-ng cannot read, told from the
    sound alone. Raises SpeechError where nothing is said."""
    from phiz.speech.recognition.listen import recognize
    from phiz.speech.recording import aligned

    samples: Any = sound.samples
    known = spoken_like(sound.language or language)
    if known:
        speech = aligned(samples, sound.rate, text, language=known, sure=True)
    else:
        log.warning("the sounds of %r are not known: lip shapes are told from the voice alone", language)
        phonemes = recognize(samples, sound.rate, language=language)
        speech = Speech(samples, sound.rate, phonemes, text=text, timing="recognized")
    if not speech.phonemes:
        raise SpeechError(f"no speech is heard in what the voice {voice} made of the text")
    return replace(speech, language=known or language, voice=voice)


def spoken_like(language: str) -> str | None:
    """The language of espeak-ng that is read as `language` is: itself, or without its country, or None."""
    from phiz.speech.voices.espeak import resolve_language

    for name in (language, language.replace("_", "-").partition("-")[0]):
        with suppress(UsageError):
            return resolve_language(name)
    return None


def in_manner(speech: Speech, manner: Manner) -> Speech:
    """`speech` faster, higher, louder."""
    speech = reshaped(speech, Shape(rate=manner.rate, pitch=12 * math.log2(manner.pitch)))
    if manner.volume == 1.0:
        return speech
    return speech.moved(np.clip(speech.samples * np.float32(manner.volume), -1.0, 1.0))


def reshaped(speech: Speech, shape: Shape) -> Speech:
    """`speech` with its sound changed and its times true."""
    if shape == Shape():
        return speech
    from phiz.speech.shaping import shaped

    return shaped(speech, shape)


def padded(speech: Speech, lead: float, tail: float) -> Speech:
    """`speech` with at least `lead` seconds of silence put before it and `tail` after its last sound."""
    front = round(lead * speech.rate)
    after = speech.duration - max((phoneme.end for phoneme in speech.phonemes), default=0.0)
    back = max(0, round((tail - after) * speech.rate))
    silence = np.zeros(front, np.float32), np.zeros(back, np.float32)
    return speech.moved(np.concatenate([silence[0], speech.samples, silence[1]]), shift=front / speech.rate)
