"""The sole reader of the data folders `shaders/`, `phonemes/` and `assets/`."""

import csv
from functools import cache
from importlib.resources import files
from pathlib import Path

__all__ = ["demo_portrait", "schema", "shader", "table"]


@cache
def shader(name: str) -> str:
    """Text of `shaders/<name>.glsl`."""
    return files("phiz.shaders").joinpath(f"{name}.glsl").read_text(encoding="utf-8")


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `phonemes/<name>.csv` as dictionaries by column; lines that start with `#` are comments."""
    text = files("phiz.phonemes").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(csv.DictReader(lines, skipinitialspace=True))


def demo_portrait() -> Path:
    """Path of the portrait that ships with phiz (its credit is in `assets/CREDITS.md`)."""
    return Path(str(files("phiz.assets").joinpath("collins.png")))


@cache
def schema(name: str) -> str:
    """Text of `assets/<name>.schema.json`, a JSON Schema of files that phiz writes."""
    return files("phiz.assets").joinpath(f"{name}.schema.json").read_text(encoding="utf-8")
