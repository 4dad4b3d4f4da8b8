"""Which voices there are: those of phiz, and those that other packages plug in."""

import difflib
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from phiz.errors import SpeechError, UsageError
from phiz.speech.voices import Voice

__all__ = ["BUILT_IN", "GROUP", "named", "open_voice", "plug_ins"]

GROUP = "phiz.voices"  # entry points of other packages, each a `Voice`
BUILT_IN = {  # name to module, each a `Voice`
    "espeak": "phiz.speech.voices.espeak",
    "gtts": "phiz.speech.voices.google",
    "command": "phiz.speech.voices.program",
    "piper": "phiz.speech.voices.piper",
}
# Those that must be told more, and how it is written.
TOLD = {"command": "command:PROGRAM ..., as 'command:flite -t {text} -o {out}'", "piper": "piper:MODEL.onnx"}


def named(voice: str) -> tuple[str, str]:
    """Name and variant of a voice as it is written: "espeak:f3" is espeak's f3; "" for no variant.

    Raises UsageError for a name that no voice has, and where what should follow the colon is missing.
    """
    name, colon, variant = voice.partition(":")
    name, variant = name.strip(), variant.strip()
    if name not in BUILT_IN and name not in plug_ins():  # looking for these takes 20 ms
        there = [*BUILT_IN, *plug_ins()]
        near = difflib.get_close_matches(name.lower(), there, n=1, cutoff=0.6)
        meant = f"did you mean {near[0]}? " if near else ""
        raise UsageError(
            f"voice {voice!r} is unknown; {meant}there are {', '.join(there)} (phiz voices lists them)"
        )
    if not variant and (colon or name in TOLD):
        how = TOLD.get(name, f"{name} alone, or {name}:VARIANT")
        raise UsageError(f"voice {voice!r} lacks what follows the colon: write {how}")
    return name, variant


@cache
def open_voice(name: str) -> Voice:
    """The voice of that name, without variant. Raises SpeechError when it cannot be loaded."""
    if name in BUILT_IN:
        module: Voice = import_module(BUILT_IN[name])
        return module
    return load(plug_ins()[name])


def load(entry: EntryPoint) -> Voice:
    """What a plug-in's entry point names. Raises SpeechError."""
    source = f"the voice {entry.name} ({entry.dist.name if entry.dist else 'a plug-in'})"
    try:
        loaded = entry.load()
    except Exception as error:  # whatever a plug-in does is its own, and told as such
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SpeechError(f"{source} cannot be loaded: {reason}") from error
    if not callable(getattr(loaded, "say", None)):
        raise SpeechError(f"{source} cannot be used: {entry.value} has no function say(request)")
    voice: Voice = loaded
    return voice


def plug_ins() -> dict[str, EntryPoint]:
    """Entry points of other packages by name; a built-in name stays the built-in one."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    return {entry.name: entry for entry in found if entry.name not in BUILT_IN}
