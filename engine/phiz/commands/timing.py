"""`phiz timing`: a timing file becomes one of another kind."""

import argparse

from phiz.commands.groups import add_general, add_output
from phiz.commands.shared import say

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a timing file becomes one of another kind (docs/timing.md)"
EXAMPLES = """examples:
  phiz timing words.srt -o words.TextGrid
  phiz timing aligned.json --audio take1.wav -o take1.tsv --mouths A-F,X
  phiz timing take1.TextGrid --format vtt-karaoke -o take1.vtt"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("timing", metavar="FILE", help="a timing file of any kind")
    add_output(parser, "OUT", "the file to make; its ending tells the format")
    formats = "its format, where the ending leaves several, as mfa or srt-words"
    parser.add_argument("--format", metavar="NAME", help=formats)
    parser.add_argument(
        "--from", dest="source", metavar="NAME", help="the format of FILE (default: by its content)"
    )
    parser.add_argument("--audio", metavar="FILE", help="the recording that the times are of")
    language = "what the words are in, where FILE has no sounds (default: en)"
    parser.add_argument("--lang", metavar="CODE", default="en", help=language)
    mouths = "for Rhubarb's formats: the shapes that were drawn (default: A-H,X)"
    parser.add_argument("--mouths", metavar="SHAPES", help=mouths)
    parser.add_argument(
        "--frame-rate", metavar="FPS", type=float, help="for Moho's switch data (default: 24)"
    )
    blair = "for Moho's switch data: the names that OpenToonz knows"
    parser.add_argument("--preston-blair", action="store_true", default=None, help=blair)
    add_general(parser, json=False)


def run(options: argparse.Namespace) -> int:
    """A timing file becomes another."""
    from phiz.output.timing_files import timing_writer
    from phiz.speech.formats.files import read_timing_file
    from phiz.speech.formats.registry import format_to_write

    choices = {
        "mouths": options.mouths, "frame_rate": options.frame_rate, "preston_blair": options.preston_blair,
    }  # fmt: skip
    if "sound_file" in format_to_write(options.output, options.format).choices:
        choices["sound_file"] = options.audio
    write = timing_writer(
        options.output, options.format, besides=options.timing, force=options.force, **choices
    )
    speech = read_timing_file(options.timing, options.source, audio=options.audio, language=options.lang)
    write(speech)
    found = f"{speech.duration:.2f} s, {len(speech.words)} words, {len(speech.phonemes)} sounds"
    say(options, f"{options.output}: {found}")
    return 0
