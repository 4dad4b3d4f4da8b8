"""`phiz voices`: the voices there are, by language."""

import argparse
import json
import shutil
import textwrap
from typing import TYPE_CHECKING

from phiz.errors import UsageError

if TYPE_CHECKING:
    from phiz.speech.voices.listing import Listed

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "the voices and languages there are, and the presets to change a voice with"
EXAMPLES = """examples:
  phiz voices                   all of them
  phiz voices --lang pt         who speaks Portuguese
  phiz voices --lang chinese
  phiz voices --json"""

WIDEST = 110  # characters
Languages = dict[str, tuple[str, list[str]]]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", metavar="L", help="only languages whose code or name begins with that")
    parser.add_argument("--json", action="store_true", help="one line of JSON on stdout")


def run(options: argparse.Namespace) -> int:
    """List voices, languages and presets."""
    from phiz.speech.voices.listing import languages_of, listed

    voices = listed()
    languages = languages_of(voices)
    if options.lang is not None:
        languages = _chosen(languages, options.lang)
        speakers = {name for _, names in languages.values() for name in names}
        voices = [voice for voice in voices if voice.name in speakers]
    print(json.dumps(_as_json(voices, languages)) if options.json else "\n".join(_lines(voices, languages)))
    return 0


def _chosen(languages: Languages, wanted: str) -> Languages:
    """Those whose code is `wanted` or begins with it and a hyphen, or in whose name a word begins with it."""
    code, start = wanted.strip().lower().replace("_", "-"), wanted.strip().lower()
    chosen = {
        key: value
        for key, value in languages.items()
        if start
        and (f"{key}-".startswith(f"{code}-") or f" {value[0]}".lower().replace("(", " ").count(f" {start}"))
    }
    if not chosen:
        raise UsageError(f"no voice here speaks {wanted!r}: phiz voices lists all languages")
    return chosen


def _as_json(voices: "list[Listed]", languages: Languages) -> dict[str, object]:
    from phiz.speech.shapes import presets

    return {
        "voices": [
            {"name": voice.name, "works": voice.works, "about": voice.about, "variants": list(voice.variants)}
            for voice in voices
        ],
        "languages": [
            {"code": code, "name": name, "voices": names} for code, (name, names) in languages.items()
        ],
        "presets": [{"name": name, "about": about} for name, (_, about) in presets().items()],
    }


def _lines(voices: "list[Listed]", languages: Languages) -> list[str]:
    from phiz.speech.shapes import presets

    lines = ["voices (--voice NAME):"]
    for voice in voices:
        lines.append(f"  {voice.name}: {'yes' if voice.works else 'not here'}, {voice.about}")
        lines += _folded(f"{voice.name}: with", voice.variants)
    lines += ["presets (--preset NAME), of any voice:"]
    lines += [f"  {name}: {about}" for name, (_, about) in presets().items()]
    lines += ["languages (--lang CODE):"]
    width = max(map(len, languages), default=0)
    lines += [
        f"  {code:<{width}}  {name}{f' ({also})' if (also := ', '.join(names)) != 'espeak' else ''}"
        for code, (name, names) in languages.items()
    ]
    return lines


def _folded(prefix: str, names: tuple[str, ...]) -> list[str]:
    width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    shown = f"{prefix} " + ", ".join(names)
    return textwrap.wrap(shown, width, initial_indent="    ", subsequent_indent="      ") if names else []
