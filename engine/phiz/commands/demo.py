"""`phiz demo`: make hello.mp4 here from the portrait that ships with phiz."""

import argparse

from phiz.commands.groups import add_background, add_general, add_motion, add_video
from phiz.commands.shared import film

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "make hello.mp4 here from the portrait that ships with phiz"
EXAMPLES = """examples:
  phiz demo
  phiz demo --backend cpu --hashes frames.txt --force"""

DEMO_TEXT = "Hello there! I am a photograph, and now I can talk. Give me any face, and any words you like."


def add_options(parser: argparse.ArgumentParser) -> None:
    default = "hello.mp4"
    parser.add_argument("-o", "--output", metavar="OUT.mp4", default=default, help=f"default: {default}")
    add_background(parser)
    add_motion(parser)
    add_video(parser)
    add_general(parser)


def run(options: argparse.Namespace) -> int:
    """The portrait that ships with phiz says its sentence."""
    from phiz.data import demo_portrait

    extra: dict[str, object] = {
        "audio": None,
        "line": None,
        "voice": None,
        "lang": "en",
        "recognizer": "auto",
    }
    extra |= {"pitch": 0.0, "rate": 1.0, "formant": 1.0, "preset": None}
    extra |= {"landmarks": None, "landmarker": "dlib", "face": None, "timing": None, "timed_by": None}
    return film(argparse.Namespace(**vars(options), **extra), demo_portrait(), DEMO_TEXT)
