"""The command line's verbs, options and help."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from phiz import __version__
from phiz.together import ALL

__all__ = ["build_parser"]

EXAMPLES = {
    "phiz": """examples:
  phiz demo                                        a first video from the portrait that ships with phiz
  phiz talk face.jpg "Hello there." -o hello.mp4   a photo and a sentence
  phiz doctor                                      what works on this machine""",
    "talk": """examples:
  phiz talk face.jpg "Hello there." -o hello.mp4
  phiz talk face.jpg --text-file speech.txt --lang es --fps 24000/1001 -o es.mp4
  phiz talk face.jpg --audio take1.wav -o take1.mp4
  echo "From a pipe." | phiz talk face.jpg - -o pipe.mp4
  phiz talk face.glb "The same face again." --size 1080x1920 -o tall.mp4
  phiz talk face.jpg "Anywhere." --background transparent -o cut-out.webm
  phiz talk two.jpg --line "0: Hello." --line "1(espeak:f3): Hi!" -o two.mp4
  phiz talk group.jpg "Good morning!" --face all -o all.mp4""",
    "demo": """examples:
  phiz demo
  phiz demo --backend cpu --hashes frames.txt --force""",
    "rig": """examples:
  phiz rig face.jpg -o face.glb --sheet poses.png
  phiz rig group.jpg --face 1 -o second.glb
  phiz rig group.jpg --face all -o face.glb        face-0.glb, face-1.glb, ...""",
    "speak": """examples:
  phiz speak "Hello there." -o hello.wav --timing hello.json
  phiz speak --text-file brief.txt --lang fr -o brief.wav""",
    "animate": """examples:
  phiz animate "Hello there." -o hello.json --wav hello.wav
  phiz animate --audio take1.wav --seed 7 -o take1.json""",
    "render": """examples:
  phiz render face.glb hello.json --audio hello.wav -o hello.mp4
  phiz render face.glb hello.json --fps 60 --size 512 -o silent.mp4""",
    "doctor": """examples:
  phiz doctor""",
}


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

    def error(self, message: str) -> NoReturn:
        print(f"phiz: error: {message} (see {self.prog} --help)", file=sys.stderr)
        raise SystemExit(2)


def build_parser() -> argparse.ArgumentParser:
    """The parser of `phiz`; the verb is in `verb` of what it parses."""
    about = "Makes a still face talk, without a neural network."
    parser = Parser(prog="phiz", description=about, epilog=EXAMPLES["phiz"])
    parser.add_argument("--version", action="version", version=f"phiz {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=Parser)
    for name, (about, add_options) in VERBS.items():
        add_options(
            verbs.add_parser(
                name, help=about, description=f"{about[0].upper()}{about[1:]}.", epilog=EXAMPLES[name]
            )
        )
    return parser


def _talk(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", help="a picture, or a rig saved as .glb")
    _add_text(parser)
    whose = 'what one of several faces says, as "0: Hello" or "1(espeak:f3): Hi"; repeat it for the next'
    parser.add_argument("--line", metavar="LINE", action="append", help=whose)
    _add_output(parser, "OUT.mp4", "the file to make: .mp4, .webm or .mov")
    _add_face(parser)
    _add_background(parser)
    _add_seed(parser)
    _add_video(parser)
    _add_general(parser)


def _demo(parser: argparse.ArgumentParser) -> None:
    default = "hello.mp4"
    parser.add_argument("-o", "--output", metavar="OUT.mp4", default=default, help=f"default: {default}")
    _add_background(parser)
    _add_seed(parser)
    _add_video(parser)
    _add_general(parser)


def _rig(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", help="a picture, or a .glb rig (to make its sheet)")
    _add_output(parser, "FACE.glb")
    parser.add_argument("--sheet", metavar="SHEET.png", help="also a labelled picture of what it can do")
    parser.add_argument("--report", metavar="REPORT.json", help="also how good the picture is")
    parser.add_argument(
        "--exact", action="store_true", help="lose nothing of the photo, however large FACE.glb becomes"
    )
    _add_face(parser)
    _add_background(parser)
    _add_drawing(parser)
    _add_general(parser, json=False)


def _speak(parser: argparse.ArgumentParser) -> None:
    _add_text(parser, audio=False)
    _add_output(parser, "OUT.wav")
    parser.add_argument("--timing", metavar="OUT.json", help="also the words and phonemes with their times")
    _add_general(parser, json=False)


def _animate(parser: argparse.ArgumentParser) -> None:
    _add_text(parser)
    _add_output(parser, "CLIP.json")
    parser.add_argument("--wav", metavar="OUT.wav", help="also the sound, to render the clip with")
    _add_seed(parser)
    _add_general(parser, json=False)


def _render(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rig", metavar="FACE.glb", help="a rig that `phiz rig` saved")
    parser.add_argument("clip", metavar="CLIP.json", help="a clip that `phiz animate` saved")
    _add_output(parser, "OUT.mp4", "the file to make: .mp4, .webm or .mov")
    parser.add_argument("--audio", metavar="FILE", help="the sound; without it the video is silent")
    _add_video(parser)
    _add_general(parser)


def _doctor(_: argparse.ArgumentParser) -> None:
    """It has no options."""


VERBS = {
    "talk": ("a photo and a text or a recording become a video", _talk),
    "demo": ("make hello.mp4 here from the portrait that ships with phiz", _demo),
    "rig": ("a photo becomes a rig: a face that can move, as .glb", _rig),
    "speak": ("a text becomes sound, with the time of each phoneme", _speak),
    "animate": ("a text or a recording becomes a clip: how the face moves", _animate),
    "render": ("a rig and a clip become a video", _render),
    "doctor": ("what is installed, what works, what would make it faster", _doctor),
}
"""What each verb does, in a line, and what adds its options to a parser."""


def _add_text(parser: argparse.ArgumentParser, *, audio: bool = True) -> None:
    parser.add_argument("text", metavar="TEXT", nargs="?", help="what is said; - reads standard input")
    parser.add_argument("--text-file", metavar="FILE", help="the same from a UTF-8 file")
    if audio:
        parser.add_argument("--audio", metavar="FILE", help="a recording that drives the lips")
    parser.add_argument("--voice", metavar="NAME", help="espeak (the default), or a variant: espeak:f3")
    parser.add_argument("--lang", metavar="CODE", default="en", help="en, es, fr, de, ... (default: en)")


def _add_output(parser: argparse.ArgumentParser, metavar: str, about: str = "the file to make") -> None:
    parser.add_argument("-o", "--output", metavar=metavar, required=True, help=about)


def _add_face(parser: argparse.ArgumentParser) -> None:
    points = "JSON with the face's 68, 478 or 5 landmarks (docs/landmarks.md)"
    parser.add_argument("--landmarks", metavar="FILE", help=points)
    finders = "what finds the face: dlib (the default), mediapipe, or a plug-in's name"
    parser.add_argument("--landmarker", metavar="NAME", default="dlib", help=finders)
    which = "which of several, counted from 0 at the left, or all of them (default: the largest)"
    parser.add_argument("--face", metavar="N|all", type=_face, help=which)


def _face(text: str) -> int | str:
    """The number of a face, or all."""
    try:
        return text if text == ALL else int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number, as 0, nor {ALL}") from None


def _add_background(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--background", metavar="WHAT", default="keep",
        help="keep (the default), blur, a colour as steelblue or #4682b4, a picture file, or transparent "
        "(then make a .webm or .mov)",
    )  # fmt: skip


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="for other blinks and head motion")


def _add_drawing(parser: argparse.ArgumentParser) -> None:
    choices = ("auto", "gl", "cpu")
    parser.add_argument("--backend", choices=choices, default="auto", help="what draws (default: auto)")
    parser.add_argument("--threads", metavar="N", type=int, help="default: all cores; changes no pixel")


def _add_video(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--size", metavar="N|WxH",
        help="longest side in pixels, or crop to a size around the face (default: the photo's, to 1920)",
    )  # fmt: skip
    parser.add_argument("--fps", metavar="RATE", default="30", help="default: 30; also 24000/1001")
    _add_drawing(parser)
    still = "leave the photo's light as it is when the head turns"
    parser.add_argument("--no-relight", dest="relight", action="store_false", help=still)
    parser.add_argument("--hashes", metavar="FILE", help="also one SHA-256 a frame, to compare runs with")


def _add_general(parser: argparse.ArgumentParser, *, json: bool = True) -> None:
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.add_argument("--quiet", action="store_true", help="say nothing but errors")
    if json:
        parser.add_argument("--json", action="store_true", help="one line of JSON about the result on stdout")
