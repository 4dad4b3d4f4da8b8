"""Clips as JSON: every key of every curve, for programs and for people with a text editor.

    {
     "format": "phiz-clip",
     "version": 1,
     "units": {"time": "seconds", "weight": "0..1", "angle": "radians"},
     "duration": 2.5,
     "curves": {
      "jawOpen": [
       [0.1, 0.0], [0.25, 0.4]
      ]
     }
    }

Each key is [time, value]. The layout is in `assets/clip.schema.json` as JSON Schema too.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from phiz.channels import CHANNELS
from phiz.errors import RigError
from phiz.files import whole
from phiz.motion.clip import Clip, Curve

__all__ = ["read_json", "write_json"]

FORMAT = "phiz-clip"
VERSION = 1
UNITS = {"time": "seconds", "weight": "0..1", "angle": "radians"}
KEYS_A_LINE = 6


def write_json(clip: Clip, path: str | Path) -> None:
    """Write a clip; reading it gives exactly the same clip. Raises OutputError."""
    curves = [f"  {json.dumps(name)}: {_keys(clip.curves[name])}" for name in CHANNELS if name in clip.curves]
    head = {"format": FORMAT, "version": VERSION, "units": UNITS, "duration": clip.duration}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    body = "{\n" + ",\n".join(curves) + "\n }" if curves else "{}"
    with whole(path) as temporary:
        text = "\n".join(["{", *lines, f' "curves": {body}', "}"]) + "\n"
        temporary.write_text(text, encoding="utf-8", newline="\n")


def _keys(curve: Curve) -> str:
    pairs = zip(curve.times.tolist(), curve.values.tolist(), strict=True)
    keys = [f"[{time!r}, {value!r}]" for time, value in pairs]
    lines = [", ".join(keys[k : k + KEYS_A_LINE]) for k in range(0, len(keys), KEYS_A_LINE)]
    return "[\n   " + ",\n   ".join(lines) + "\n  ]"


def read_json(path: str | Path) -> Clip:
    """Read a clip, written by phiz or by hand. Raises RigError when it cannot be read or is no clip."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8-sig"), object_pairs_hook=_distinct)
    except OSError as error:
        raise RigError(f"cannot read the clip {path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        place = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise RigError(
            f"{path} is no clip: it is not JSON{place}; clips are made with `phiz animate` (phiz.animate)"
        ) from None
    except RigError as error:
        raise RigError(f"{path} is no clip: {error}") from None
    try:
        return Clip(*_parse(content))
    except RigError as error:
        raise RigError(f"{path} is no clip: {error}") from None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the file; a name that stands in it twice would silently lose its first value."""
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise RigError(f"{name!r} stands in it twice: leave one")
    return dict(pairs)


def _parse(content: Any) -> tuple[float, dict[str, Curve]]:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise RigError(f'it lacks "format": "{FORMAT}"')
    if content.get("version") != VERSION:
        raise RigError(f"its version is {content.get('version')!r}, this phiz reads {VERSION}; update phiz")
    if content.get("units", UNITS) != UNITS:
        raise RigError(f"its units are {content['units']!r}, this phiz reads {json.dumps(UNITS)}")
    duration, curves = content.get("duration"), content.get("curves")
    if isinstance(duration, bool) or not isinstance(duration, int | float) or not isinstance(curves, dict):
        raise RigError('it needs "duration" in seconds and "curves" by channel')
    return duration, {name: _curve(name, keys) for name, keys in curves.items()}


def _curve(name: str, keys: Any) -> Curve:
    try:
        pairs = np.array(keys, np.float64)
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise RigError(f"{name} needs a list of keys, at least one, each [time, value] in numbers") from None
    try:
        return Curve(pairs[:, 0], pairs[:, 1])
    except RigError as error:
        raise RigError(f"{name}: {error}") from None
