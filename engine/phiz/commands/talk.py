"""`phiz talk`: a photo and a text or a recording become a video."""

import argparse

from phiz.commands.groups import (
    add_background,
    add_face,
    add_general,
    add_motion,
    add_output,
    add_text,
    add_timing,
    add_video,
)
from phiz.commands.shared import film, text_of

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a photo and a text or a recording become a video"
EXAMPLES = """examples:
  phiz talk face.jpg "Hello there." -o hello.mp4
  phiz talk face.jpg --text-file speech.txt --lang es --fps 24000/1001 -o es.mp4
  phiz talk face.jpg --audio take1.wav -o take1.mp4
  phiz talk face.jpg --audio take1.wav --timed-by take1.TextGrid -o take1.mp4
  echo "From a pipe." | phiz talk face.jpg - -o pipe.mp4
  phiz talk face.glb "The same face again." --size 1080x1920 -o tall.mp4
  phiz talk face.jpg "Anywhere." --background transparent -o cut-out.webm
  phiz talk two.jpg --line "0: Hello." --line "1(espeak:f3): Hi!" -o two.mp4
  phiz talk group.jpg "Good morning!" --face all -o all.mp4"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", help="a picture, or a rig saved as .glb")
    add_text(parser)
    whose = 'what one of several faces says, as "0: Hello" or "1(espeak:f3): Hi"; repeat it for the next'
    parser.add_argument("--line", metavar="LINE", action="append", help=whose)
    add_timing(parser)
    add_output(parser, "OUT.mp4", "the file to make: .mp4, .webm or .mov")
    add_face(parser)
    add_background(parser)
    add_motion(parser)
    add_video(parser)
    add_general(parser)


def run(options: argparse.Namespace) -> int:
    """A photo and a text or a recording become a video."""
    return film(options, options.photo, text_of(options))
