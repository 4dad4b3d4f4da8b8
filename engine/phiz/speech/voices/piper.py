"""The voice `piper:MODEL.onnx`: a neural voice that runs on this machine, by the package piper-tts.

Where the package and the model tell how long each sound is made, times are exact; else the text is laid on
the sound. piper-tts is GPL-3; only this module touches it, and phiz needs no part of it.
"""

import inspect
import itertools
import os
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher, get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from phiz.errors import SpeechError, UsageError
from phiz.speech.ipa import is_modifier
from phiz.speech.speech import Phoneme, Speech, Word
from phiz.speech.voices import Request, Sound, espeak

__all__ = ["does", "languages", "models", "say", "variants"]

does = {"rate": (0.5, 2.0)}  # its own lengths of sounds

MODEL = ".onnx"
SEED = 1  # of the noise that the model makes its sound from
STRESS, EDGES = "ˈˌ", "^$_"  # piper's own names for stress, and for start, end and padding
SHORT_BLANK = 0.060  # seconds that a blank between words may last without being a pause

_Sign = tuple[str, float, float]


def say(request: Request) -> Speech | Sound:
    """Speak with the model that the variant names: a file, or a name in `models()`; "#2" or "#NAME" after it
    is one of its speakers. The language is the model's own.

    Raises SpeechError when the package is missing or the model does not load, UsageError for a model that is
    not there.
    """
    name, _, speaker = request.variant.partition("#")
    path = found(name)
    voice = _loaded(path)
    from piper import SynthesisConfig

    config = SynthesisConfig(
        speaker_id=_speaker(voice, speaker, path),
        length_scale=voice.config.length_scale / request.manner.rate,
    )
    try:
        chunks = list(_chunks(voice, request.text, config))
    except Exception as error:  # of the model's runtime, which has its own kinds
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SpeechError(f"the voice piper failed with {path.name}: {reason}") from error
    if not chunks:
        shown = " ".join(request.text.split())[:40]
        raise UsageError(f"nothing in the text {shown!r} can be spoken; give a word")
    rate = int(voice.config.sample_rate)
    samples = np.concatenate([np.asarray(chunk.audio_float_array, np.float32) for chunk in chunks])
    timing = [getattr(chunk, "phoneme_alignments", None) for chunk in chunks]
    if not all(timing) or getattr(voice.config.phoneme_type, "value", "espeak") != "espeak":
        return Sound(samples, rate, voice.config.espeak_voice)
    spoken = espeak.say(Request(request.text, voice.config.espeak_voice))
    phonemes, words = _timed(spoken, _signs(chunks, rate))
    name = f"piper:{request.variant}"
    return Speech(samples, rate, phonemes, words, text=request.text, language=spoken.language, voice=name)


def folders() -> list[Path]:
    """Where models are looked for by name: here, as piper does, and where data of programs usually lies."""
    home = Path.home()
    data = [Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")]
    if sys.platform == "win32":
        data = [Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")]
    elif sys.platform == "darwin":
        data.append(home / "Library" / "Application Support")
    data += [Path("/usr/local/share"), Path("/usr/share")]
    return [Path(), *(base / name for base in data for name in ("piper", "piper-voices"))]


def models() -> dict[str, Path]:
    """From the names of models that lie in the usual folders, with their settings beside them, to files."""
    result: dict[str, Path] = {}
    for index, folder in enumerate(folders()):
        pattern = f"*{MODEL}" if index == 0 else f"**/*{MODEL}"
        for path in sorted(folder.glob(pattern)) if folder.is_dir() else ():
            if Path(f"{path}.json").is_file():
                result.setdefault(path.name.removesuffix(MODEL), path)
    return result


def variants() -> tuple[str, ...]:
    """Names of the models."""
    return tuple(models())


def languages() -> dict[str, str]:
    """From the languages of the models, by their names ("en_US-lessac-medium"), to themselves."""
    return {name.partition("-")[0].lower().replace("_", "-"): "" for name in models()}


def found(name: str) -> Path:
    """The file of a model. Raises UsageError."""
    path = Path(name).expanduser()
    if path.suffix == MODEL and path.is_file():
        if not Path(f"{path}.json").is_file():
            raise UsageError(f"the piper model {path} lacks its settings: put {path.name}.json beside it")
        return path
    there = models()
    if name.removesuffix(MODEL) in there:
        return there[name.removesuffix(MODEL)]
    near = get_close_matches(name, there, n=4, cutoff=0.3)
    known = f"; there are {', '.join(near)} ..." if near else ""
    raise UsageError(
        f"the piper model {name} is not found{known}; python -m piper.download_voices NAME fetches one"
    )


def _loaded(path: Path) -> Any:
    """The model, loaded anew: the noise it draws goes on from sentence to sentence, and must start afresh."""
    try:
        import onnxruntime
        from piper import PiperVoice
    except ImportError as error:
        raise SpeechError(
            "the voice piper needs a package: pip install piper-tts; --voice espeak needs none"
        ) from error
    onnxruntime.set_seed(SEED)
    aligned = {"include_alignments": True} if _takes_alignments(PiperVoice.load) else {}
    try:
        return PiperVoice.load(str(path), **aligned)
    except Exception as error:  # of the model's runtime, which has its own kinds
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SpeechError(f"the piper model {path} does not load: {reason}") from error


def _takes_alignments(function: Any) -> bool:
    return "include_alignments" in inspect.signature(function).parameters


def _chunks(voice: Any, text: str, config: Any) -> Iterator[Any]:
    """One chunk of sound a sentence."""
    if _takes_alignments(voice.synthesize):
        yield from voice.synthesize(text, config, include_alignments=True)
    else:
        yield from voice.synthesize(text, config)


def _speaker(voice: Any, wanted: str, path: Path) -> int | None:
    """The number of a speaker by number or name. Raises UsageError."""
    if not wanted:
        return None
    names = dict(getattr(voice.config, "speaker_id_map", None) or {})
    count = int(voice.config.num_speakers)
    if wanted in names:
        return int(names[wanted])
    if wanted.isdecimal() and int(wanted) < count:
        return int(wanted)
    known = ", ".join(list(names)[:6]) or f"0 to {count - 1}"
    raise UsageError(f"{path.name} has no speaker {wanted!r}: it has {count} ({known})")


def _timed(spoken: Speech, signs: Sequence[_Sign]) -> tuple[tuple[Phoneme, ...], tuple[Word, ...]]:
    """The phonemes of espeak-ng, from which piper has its own, at the times of piper's; and their words."""
    from phiz.speech.recording import with_words

    letters = [
        (letter, index)
        for index, phoneme in enumerate(spoken.phonemes)
        for letter in unicodedata.normalize("NFD", phoneme.ipa)
        if not is_modifier(letter)
    ]
    ours, theirs = [letter for letter, _ in letters], [letter for letter, _, _ in signs]
    times: dict[int, tuple[float, float]] = {}
    for _, low, high, first, last in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if first == last:
            continue
        for place in range(low, high):  # one by one where they are equal, else spread evenly
            begin = first + (place - low) * (last - first) // (high - low)
            end = first + (place - low + 1) * (last - first) // (high - low)
            start, stop = signs[begin][1], signs[max(begin, end - 1)][2]
            index = letters[place][1]
            times[index] = (times[index][0] if index in times else start, stop)
    placed: list[Phoneme] = []
    for index, (start, stop) in sorted(times.items()):
        if placed and start - placed[-1].end < SHORT_BLANK:  # overlaps come of spreading
            start = placed[-1].end
        if stop > start:
            placed.append(replace(spoken.phonemes[index], start=start, end=stop))
    phonemes, words = with_words(placed, [word.text for word in spoken.words])
    return tuple(phonemes), words


def _signs(chunks: Sequence[Any], rate: int) -> list[_Sign]:
    """Piper's phonemes, letter by letter, with start and end in seconds.

    Marks lengthen the letter before them, stress the one after; blanks and punctuation are pauses.
    """
    result: list[_Sign] = []
    begin = 0  # samples before the chunk
    for chunk in chunks:
        start, stressed = begin, 0
        for sign in chunk.phoneme_alignments:
            stop = start + int(sign.num_samples)
            if sign.phoneme in STRESS:
                stressed = stop - start
            elif result and is_modifier(sign.phoneme) and sign.phoneme not in EDGES:
                result[-1] = (*result[-1][:2], stop / rate)
            elif sign.phoneme.isalpha():
                edges = np.linspace(start - stressed, stop, len(sign.phoneme) + 1) / rate
                pieces = itertools.pairwise(edges.tolist())
                result += [(letter, *span) for letter, span in zip(sign.phoneme, pieces, strict=True)]
                stressed = 0
            start = stop
        begin += len(chunk.audio_float_array)
    return result
