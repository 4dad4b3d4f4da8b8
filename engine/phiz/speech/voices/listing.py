"""What voices there are here, and what each of them can: for `phiz voices` and `phiz doctor`."""

from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from phiz.errors import PhizError
from phiz.speech.voices.catalog import BUILT_IN, open_voice, plug_ins

__all__ = ["Listed", "languages_of", "listed"]

# Of those built in: the module and the package that it needs, and what there is to say.
NEEDS = {
    "espeak": ("espeakng_loader", "espeakng-loader", "offline, the time of each sound exact"),
    "gtts": ("gtts", "gTTS", "online, by Google; times by alignment"),
    "command": ("", "", "any program that writes a sound file: command:PROGRAM ...; times by alignment"),
    "piper": ("piper", "piper-tts", "offline, neural: piper:MODEL.onnx"),
}


@dataclass(frozen=True)
class Listed:
    """A voice. works: whether it loads here. about: what it is, or why not. languages: code to name."""

    name: str
    works: bool
    about: str
    variants: tuple[str, ...] = ()
    languages: dict[str, str] = field(default_factory=dict)


def listed() -> list[Listed]:
    """Every voice, built in first."""
    return [*map(_built_in, BUILT_IN), *map(_plug_in, plug_ins())]


def languages_of(voices: list[Listed]) -> dict[str, tuple[str, list[str]]]:
    """From the code of a language to its name and the names of the voices that speak it, in order."""
    result: dict[str, tuple[str, list[str]]] = {}
    for voice in voices:
        for code, name in voice.languages.items():
            before, speakers = result.setdefault(code, (name, []))
            result[code] = (before or name, [*speakers, voice.name])
    return dict(sorted(result.items()))


def _built_in(name: str) -> Listed:
    module, package, about = NEEDS[name]
    if module and find_spec(module) is None:
        return Listed(name, False, f"{about}; pip install {package}")
    try:
        there = f" ({package} {version(package)})" if package else ""
    except PackageNotFoundError:  # installed by other means than pip
        there = ""
    return _asked(name, f"{about}{there}")


def _plug_in(name: str) -> Listed:
    distribution = plug_ins()[name].dist
    return _asked(name, f"of {distribution.name} {distribution.version}" if distribution else "a plug-in")


def _asked(name: str, about: str) -> Listed:
    """A voice with what it says of itself."""
    try:
        voice: Any = open_voice(name)
        variants = tuple(map(str, voice.variants())) if hasattr(voice, "variants") else ()
        spoken = dict(voice.languages()) if hasattr(voice, "languages") else {}
    except PhizError as error:
        return Listed(name, False, str(error))
    except Exception as error:  # whatever a plug-in does is its own, and told as such
        return Listed(name, False, f"{about}: {' '.join(f'{type(error).__name__}: {error}'.split())}")
    return Listed(name, True, about, variants, {str(code): str(spoken[code]) for code in spoken})
