"""`phiz render`: a rig and a clip become a video."""

import argparse

from phiz.commands.groups import add_general, add_output, add_video
from phiz.commands.shared import report

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a rig and a clip become a video"
EXAMPLES = """examples:
  phiz render face.glb hello.json --audio hello.wav -o hello.mp4
  phiz render face.glb hello.csv --fps 60 --size 512 -o silent.mp4"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rig", metavar="FACE.glb", help="a rig that `phiz rig` saved")
    parser.add_argument("clip", metavar="CLIP", help="a clip that `phiz animate` saved, .json or .csv")
    add_output(parser, "OUT.mp4", "the file to make: .mp4, .webm or .mov")
    parser.add_argument("--audio", metavar="FILE", help="the sound; without it the video is silent")
    add_video(parser)
    add_general(parser)


def run(options: argparse.Namespace) -> int:
    """A rig and a clip become a video."""
    from phiz import api
    from phiz.progress import Bars

    with Bars(quiet=options.quiet) as bars:
        result = api.render(
            options.rig, options.clip, options.output, audio=options.audio, size=options.size,
            fps=options.fps, backend=options.backend, threads=options.threads, relight=options.relight,
            hashes=options.hashes, force=options.force, progress=bars,
        )  # fmt: skip
    return report(options, result)
