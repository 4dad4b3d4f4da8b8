"""`phiz doctor`: what is installed, what works, what would make it faster."""

import argparse

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "what is installed, what works, what would make it faster"
EXAMPLES = """examples:
  phiz doctor"""


def add_options(_: argparse.ArgumentParser) -> None:
    """It has no options."""


def run(options: argparse.Namespace) -> int:
    """What is installed and works here."""
    from phiz.doctor import examine

    return 0 if examine(print) else 1
