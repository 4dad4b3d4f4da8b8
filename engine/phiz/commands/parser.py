"""The command line's parser: the verbs, each with its options and help."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from phiz import __version__

__all__ = ["VERBS", "build_parser"]

VERBS = (
    "talk", "sing", "demo", "rig", "speak", "animate", "align", "clip", "render", "timing", "rhubarb",
    "voices", "doctor",
)  # fmt: skip
"""In the order in which help lists them; each is a module of this folder."""

EXAMPLES = """examples:
  phiz demo                                        a first video from the portrait that ships with phiz
  phiz talk face.jpg "Hello there." -o hello.mp4   a photo and a sentence
  phiz doctor                                      what works on this machine"""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, and whose optional TEXT may follow options.

    Options are written in full: shortened, `--text` would mean `--text-file`.
    """

    def __init__(self, **settings: Any) -> None:
        settings = {"formatter_class": argparse.RawDescriptionHelpFormatter, **settings}
        super().__init__(allow_abbrev=False, **settings)

    def parse_known_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        known, rest = super().parse_known_args(args, namespace)
        # argparse fills an optional positional, with nothing, at the first positional before it.
        if rest and getattr(known, "text", "") is None and (rest[0] == "-" or not rest[0].startswith("-")):
            known.text = rest.pop(0)
        return known, rest

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        known, rest = self.parse_known_args(args, namespace)
        if rest:  # found here, but it is the verb's help that tells what there is
            _fail(f"unrecognized arguments: {' '.join(rest)}", f"{self.prog} {getattr(known, 'verb', '')}")
        return known

    def error(self, message: str) -> NoReturn:
        _fail(message, self.prog)


def _fail(message: str, command: str) -> NoReturn:
    print(f"phiz: error: {message} (see {command.strip()} --help)", file=sys.stderr)
    raise SystemExit(2)


def build_parser() -> argparse.ArgumentParser:
    """The parser of `phiz`; what it parses has the verb's name in `verb` and what does it in `run`."""
    about = "Makes a still face talk, without a neural network."
    parser = Parser(prog="phiz", description=about, epilog=EXAMPLES)
    parser.add_argument("--version", action="version", version=f"phiz {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=Parser)
    for name in VERBS:
        command = import_module(f"phiz.commands.{name}")
        sentence = f"{command.ABOUT[0].upper()}{command.ABOUT[1:]}."
        verb = verbs.add_parser(name, help=command.ABOUT, description=sentence, epilog=command.EXAMPLES)
        command.add_options(verb)
        verb.set_defaults(run=command.run)
    return parser
