"""JSON files and their parts, read with errors that name the place."""

import json
from collections.abc import Mapping
from typing import Any

from phiz.errors import SpeechError
from phiz.speech.formats.draft import Source

__all__ = ["dump", "listed", "member", "parsed", "records", "seconds", "text_in"]

Record = Mapping[str, Any]


def parsed(source: Source) -> Any:
    """The JSON value of a file. Raises SpeechError with line and column."""
    try:
        return json.loads(source.text)
    except json.JSONDecodeError as error:
        raise SpeechError(
            f"{source.path}, line {error.lineno}, column {error.colno}: expected JSON, found {error.msg}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise SpeechError(f"{source.path}: expected JSON, found {type(error).__name__} {error}") from error


def records(source: Source) -> list[tuple[str, Record]]:
    """(place, object) of each object: of a list, of a single one, or of a file with one on each line."""
    try:
        value = json.loads(source.text)
    except ValueError:
        lines = source.lines()
        if len(lines) < 2:
            return listed(source, parsed(source), "the file")
        return [(where, record(source, parsed_line(source, where, line), where)) for where, line in lines]
    except RecursionError as error:
        raise SpeechError(f"{source.path}: expected JSON, found brackets within brackets") from error
    return listed(source, value if isinstance(value, list) else [value], "item")


def parsed_line(source: Source, where: str, line: str) -> Any:
    """The JSON value of one line of a file."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise source.bad(where, line, "JSON") from error


def listed(source: Source, value: Any, name: str) -> list[tuple[str, Record]]:
    """(place, object) of each object in a list, as ("words[3]", {...})."""
    if not isinstance(value, list):
        raise source.bad(name, value, "a list")
    places = [f"{name}[{index}]" for index in range(len(value))]
    return [(where, record(source, item, where)) for where, item in zip(places, value, strict=True)]


def record(source: Source, value: Any, where: str) -> Record:
    if not isinstance(value, dict):
        raise source.bad(where, value, "an object")
    return value


def member(item: Record, *names: str) -> Any:
    """The value of the first of `names` that `item` has; None for none."""
    return next((item[name] for name in names if item.get(name) is not None), None)


def seconds(source: Source, item: Record, where: str, *names: str, per_second: float = 1.0) -> float:
    """The time in the first of `names` that `item` has, of which there are `per_second` a second."""
    value = member(item, *names)
    if value is None:
        raise source.bad(where, f"no {names[0]!r}", f"a time in {names[0]!r}")
    return source.number(value, f"{where}, {names[0]}", "a time") / per_second


def text_in(source: Source, item: Record, where: str, *names: str) -> str:
    """The text in the first of `names` that `item` has, without blanks around it."""
    value = member(item, *names)
    if not isinstance(value, str):
        raise source.bad(where, value, f"a text in {names[0]!r}")
    return value.strip()


def dump(value: Any) -> str:
    """JSON as a file holds it."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
