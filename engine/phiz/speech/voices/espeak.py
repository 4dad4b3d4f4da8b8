"""The built-in voice: espeak-ng, offline, 100+ languages, with the time of each sound.

espeak-ng is GPL-3; it comes as the package `espeakng-loader` (library and data); only this module touches it.

The library is loaded for one utterance and unloaded after it: it keeps state (the phase of its pitch flutter)
that no call of its own resets. A fresh one takes 5 ms and, its random numbers seeded, gives the same samples
for the same text every time.
"""

from __future__ import annotations

import _ctypes
import ctypes
import difflib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError, UsageError
from phiz.speech.borders import settle_borders
from phiz.speech.closures import close_in_time, end_with_sound
from phiz.speech.ipa import clean, is_modifier
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.voices import PLAIN, Manner, Request
from phiz.speech.voices.espeak_phonemes import mnemonics_of, read_phoneme_tables, spelled
from phiz.speech.voices.espeak_text import placed, plain_text, prepared
from phiz.speech.words import place_words

__all__ = ["does", "languages", "resolve_language", "say", "takes_sounds", "variants", "voice_file"]

# espeak-ng/speak_lib.h
RETRIEVAL = 2  # AUDIO_OUTPUT_SYNCHRONOUS: samples go to the callback, nothing is played
SEPARATOR = b"_"
SEPARATED = SEPARATOR[0] << 8  # between the names that espeak_TextToPhonemes gives
PHONEME_EVENTS, PHONEME_IPA, DONT_EXIT = 0x0001, 0x0002, 0x8000
CHARS_UTF8, PHONEMES_IN_BRACKETS = 0x0001, 0x0100
POS_CHARACTER = 1
RATE, RANGE = 1, 4  # parameters
SEED = 1
EVENT_END, EVENT_WORD, EVENT_PHONEME = 0, 1, 7
EE_OK = 0

SPEAKING_RATE = 160  # words a minute; espeak-ng's own 175 is hurried, people read aloud at 150 to 160
PITCH_RANGE = 60  # 0..100; espeak-ng's own 50 is rather flat
# Its own tempo, within 10 % of the factor, keeps consonants crisp and shortens pauses as people do. Its own
# pitch is left alone: asked for twice as high, it gives 1.7 times with some variants and 1.1 with others.
does = {"rate": (0.5, 2.5)}
takes_sounds = True
BROKEN = {("kl", "O")}  # sounds that end the process when they are asked for by name
LIST = "phiz voices lists all"
FAMILIAR = ("en", "es", "fr", "de", "it", "pt-br", "ru", "cmn")
LANGUAGE_ALIASES = {  # the library's own "en" is British
    "en": "en-us", "zh-cn": "cmn", "zh-hans": "cmn", "zh-hant": "cmn", "zh-tw": "cmn", "zh-hk": "yue",
    "iw": "he",
}  # fmt: skip
SHORTEST_PAUSE = 0.060  # seconds; nameless events shorter than that are joints between sounds, not pauses
# Share and most seconds of a sound that the next one gets when the library makes both in one piece and gives
# the second no time ([l] in "all", "film"); where it does part them, [l] has 30 to 70 ms.
MERGED_SHARE, MERGED_LONGEST = 1 / 3, 0.070


class _Identity(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_void_p), ("string", ctypes.c_uint8 * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identity),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Entry(NamedTuple):
    """A voice that the library lists. spoken: (priority, language), ..."""

    name: str
    file: str
    spoken: list[tuple[int, str]]


class _Mark(NamedTuple):
    """One event: `position` counts characters of the text from 1; `name` is a phoneme's, else ""."""

    kind: int
    sample: int
    position: int
    length: int
    name: str


_Span = tuple[int, int]
_lock = threading.Lock()


@contextmanager
def _library() -> Iterator[tuple[Any, int]]:
    """A freshly loaded, initialised library and its sample rate; one at a time in a process."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise SpeechError("the voice espeak needs a package: pip install espeakng-loader") from error
    with _lock:
        path, data = espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            raise SpeechError(f"espeak-ng does not load from {path}: {error}") from error
        try:
            library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
            options = PHONEME_EVENTS | PHONEME_IPA | DONT_EXIT
            rate = int(library.espeak_Initialize(RETRIEVAL, 0, str(data).encode(), options))
            if rate <= 0:
                raise SpeechError(f"espeak-ng does not start with its data {data}; reinstall espeakng-loader")
            library.espeak_ng_SetRandSeed(SEED)  # else the time; the breath of f2, f3 and others is noise
            if sys.platform != "win32":
                ctypes.CDLL(None).srand(SEED)  # for Klatt voices: caleb, Reed
            yield library, rate
            library.espeak_Terminate()
        finally:
            _unload(library)


def _unload(library: Any) -> None:
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


def _listed(library: Any, like: _Voice | None = None) -> list[_Entry]:
    """What the library lists."""
    found = library.espeak_ListVoices(None if like is None else ctypes.byref(like))
    result: list[_Entry] = []
    index = 0
    while found[index]:
        voice, spoken = found[index][0], []
        address = voice.languages
        while address and (priority := ctypes.string_at(address, 1)[0]):
            name = ctypes.string_at(address + 1)
            spoken.append((priority, name.decode("utf-8", "replace").lower()))
            address += len(name) + 2
        name, file = (raw.decode("utf-8", "replace") for raw in (voice.name, voice.identifier))
        result.append(_Entry(name, file, spoken))
        index += 1
    return result


def _has_dictionary(entry: _Entry) -> bool:
    """Whether the dictionary of a voice was installed with it; without it the voice says nothing."""
    import espeakng_loader

    data = Path(espeakng_loader.get_data_path())
    lines = [line.split() for line in (data / "lang" / entry.file).read_text("utf-8", "replace").splitlines()]
    named = {key: value for key, value, *_ in reversed([line for line in lines if len(line) > 1])}
    name = named.get("dictionary", named["language"].split("-")[0].lower())
    return (data / f"{name}_dict").exists()


@cache
def _voices() -> dict[str, _Entry]:
    """From language ("en-us", "fr", "pt-br", "cmn" ...) to the library's voice of it."""
    with _library() as (library, _):
        listed = _listed(library)
    best: dict[str, tuple[int, _Entry]] = {}
    for entry in filter(_has_dictionary, listed):
        for priority, name in entry.spoken:
            if name not in best or priority < best[name][0]:  # a low number is a high priority
                best[name] = (priority, entry)
    return {name: entry for name, (_, entry) in sorted(best.items())}


def languages() -> dict[str, str]:
    """From the codes of languages to their names: "en-us" is "English (America)"."""
    return {code: entry.name.replace("_", " ").strip() for code, entry in _voices().items()}


def voice_file(language: str) -> str:
    """The library's file of a language in `languages()`: "gmw/en-US" of "en-us"."""
    return _voices()[language].file


@cache
def variants() -> tuple[str, ...]:
    """Names of the voice variants, such as "f3", as used in "espeak:f3"."""
    with _library() as (library, _):
        listed = _listed(library, _Voice(languages=ctypes.cast(ctypes.c_char_p(b"variant"), ctypes.c_void_p)))
    return tuple(sorted(entry.file.split("/", 1)[1] for entry in listed))


def resolve_language(language: str) -> str:
    """The library's name of `language` ("en" is "en-us", "pt_BR" is "pt-br", "de-DE" is "de").

    Raises UsageError, for a country that it does not know too, where it knows others of that language.
    """
    name = language.strip().lower().replace("_", "-")
    name = LANGUAGE_ALIASES.get(name, name)
    known = languages()
    base, country, _ = name.partition("-")
    if country and name not in known and not any(other.startswith(f"{base}-") for other in known):
        name = base
    if name not in known:
        near = difflib.get_close_matches(name, known, n=4, cutoff=0.6)
        near += [other for other in known if other.split("-")[0] == name.split("-")[0]]
        hint = ", ".join(dict.fromkeys([*near, *FAMILIAR][:8]))
        raise UsageError(f"language {language!r} is unknown to espeak; it knows {hint} ... ({LIST})")
    return name


def _resolve_variant(variant: str) -> str:
    known = {name.lower(): name for name in variants()}
    if variant.lower() not in known:
        near = difflib.get_close_matches(variant.lower(), known, n=4, cutoff=0.4) or ["f3", "m3", "klatt4"]
        raise UsageError(f"voice variant {variant!r} is unknown; espeak has {', '.join(near)} ... ({LIST})")
    return known[variant.lower()]


def _synthesise(library: Any, text: str, flags: int) -> tuple[NDArray[np.int16], list[_Mark]]:
    """Samples and events of `text` with the voice that is set."""
    chunks: list[bytes] = []
    marks: list[_Mark] = []

    def receive(wave: Any, count: int, events: Any) -> int:
        if wave and count > 0:
            chunks.append(ctypes.string_at(wave, 2 * count))
        index = 0
        while events[index].type != EVENT_END:
            event = events[index]
            # eight bytes at most, so a very long name may lose its last mark
            raw = bytes(event.id.string).split(b"\0")[0] if event.type == EVENT_PHONEME else b""
            name = raw.decode("utf-8", "ignore")
            marks.append(_Mark(event.type, event.sample, event.text_position, event.length, name))
            index += 1
        return 0

    callback = _Callback(receive)
    library.espeak_SetSynthCallback(callback)
    encoded = text.encode("utf-8", "replace")
    size = ctypes.c_size_t(len(encoded) + 1)
    status = library.espeak_Synth(encoded, size, 0, POS_CHARACTER, 0, flags, None, None)
    if status != EE_OK:
        raise SpeechError(f"espeak-ng failed with status {status} on a text of {len(text)} characters")
    return np.frombuffer(b"".join(chunks), np.int16), marks


def _count_sounds(library: Any, word: str) -> int:
    """How many phonemes the voice that is set would say for one word."""
    text = ctypes.c_char_p(word.encode("utf-8", "replace"))
    rest = ctypes.c_void_p(ctypes.cast(text, ctypes.c_void_p).value)
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    names = library.espeak_TextToPhonemes(ctypes.byref(rest), CHARS_UTF8, SEPARATED) or b""
    return 1 + names.strip(SEPARATOR).count(SEPARATOR)


def _set_voice(library: Any, language: str, variant: str, manner: Manner = PLAIN) -> None:
    name = voice_file(language) + (f"+{variant}" if variant else "")
    if library.espeak_SetVoiceByName(name.encode()) != EE_OK:
        raise SpeechError(f"espeak-ng does not load its voice {name}: reinstall espeakng-loader")
    library.espeak_SetParameter(RATE, round(SPEAKING_RATE * manner.rate), 0)
    library.espeak_SetParameter(RANGE, PITCH_RANGE, 0)


def say(request: Request) -> Speech:
    """Speak; times are exact. No phonemes come back when the text holds nothing to say.

    Its language is as `resolve_language` takes it, its variant one of `variants()`, or "".
    Raises UsageError for an unknown language or variant, SpeechError when espeak-ng does not work.
    """
    text = request.text
    name = resolve_language(request.language)
    variant = _resolve_variant(request.variant) if request.variant else ""
    plain = plain_text(text)
    spellings = [(first, last, spelled(ipa, _mnemonics(name))) for first, last, ipa in request.sounds]
    given, kept = prepared(plain, [spelling for spelling in spellings if spelling[2]])
    flags = CHARS_UTF8 | (PHONEMES_IN_BRACKETS if spellings else 0)
    with _library() as (library, rate):
        _set_voice(library, name, variant, request.manner)
        wave, marks = _synthesise(library, given, flags)
        samples = (wave / np.float32(32768)).astype(np.float32)
        phonemes, slices = _phonemes(marks, len(samples), rate)
        phonemes = end_with_sound(close_in_time(phonemes, samples, rate), samples, rate)
        phonemes = settle_borders(phonemes, samples, rate)
        spans = [placed(kept, span) for span in slices]
        phonemes, words = place_words(plain, phonemes, spans, lambda word: _count_sounds(library, word))
    voice = f"espeak:{variant}" if variant else "espeak"
    return Speech(samples, rate, phonemes, words, text=text, language=name, voice=voice, timing="exact")


@cache
def _mnemonics(language: str) -> dict[str, str]:
    """The library's spelling of each sound that it has in a language, by the sound's IPA."""
    import espeakng_loader

    data = Path(espeakng_loader.get_data_path())
    attributes = (data / "lang" / voice_file(language)).read_text("utf-8", "replace")
    tables = read_phoneme_tables((data / "phontab").read_bytes())
    names = [name for name in mnemonics_of(tables, attributes, language) if (language, name) not in BROKEN]
    found: dict[str, str] = {}
    with _library() as (library, _):
        _set_voice(library, language, "")
        for name in sorted(names, key=len):
            _, marks = _synthesise(library, f"[[t|{name}|t]]", CHARS_UTF8 | PHONEMES_IN_BRACKETS)
            sounds = [clean(mark.name)[0] for mark in marks if mark.kind == EVENT_PHONEME and mark.name]
            if len(sounds) == 3 and sounds[1]:
                found.setdefault(sounds[1], name)
    return found


def _phonemes(marks: Sequence[_Mark], end: int, rate: int) -> tuple[tuple[Phoneme, ...], list[_Span]]:
    """Timed phonemes, and for each word index the (start, end) characters that the library gives it.

    Events say where sounds start; the next event ends them. Events without a name are pauses or joints.
    """
    slices: list[_Span] = []
    sounds: list[Phoneme] = []
    stops = iter([*(mark.sample for mark in marks if mark.kind == EVENT_PHONEME), end])
    next(stops)
    touching = False  # whether the last sound reaches up to this event
    for mark in marks:
        if mark.kind == EVENT_WORD:
            slices.append((mark.position - 1, mark.position - 1 + mark.length))
        if mark.kind != EVENT_PHONEME:
            continue
        if not slices and mark.name:  # Korean's first word is not reported
            slices.append((0, 1))
        start, stop = mark.sample / rate, next(stops) / rate
        ipa, stress = clean(mark.name)
        if not ipa or is_modifier(ipa):
            touching = touching and bool(sounds) and (bool(ipa) or stop - start < SHORTEST_PAUSE)
            if touching:
                before = sounds[-1]
                ipa = before.ipa if before.ipa.endswith(ipa) else before.ipa + ipa
                sounds[-1] = replace(before, ipa=ipa, end=stop)
            continue
        if stop == start and touching:
            start -= min(MERGED_SHARE * (stop - sounds[-1].start), MERGED_LONGEST)
            sounds[-1] = replace(sounds[-1], end=start)
        if stop > start:
            sounds.append(Phoneme(ipa, start, stop, stress, len(slices) - 1))
            touching = True
    return tuple(sounds), slices
