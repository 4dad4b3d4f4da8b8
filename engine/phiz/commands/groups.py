"""Options that several verbs share."""

import argparse
from typing import TYPE_CHECKING

from phiz.together import ALL

__all__ = [
    "add_background",
    "add_drawing",
    "add_face",
    "add_general",
    "add_motion",
    "add_output",
    "add_recognizer",
    "add_text",
    "add_timing",
    "add_video",
    "dials_of",
    "shape_in",
]

if TYPE_CHECKING:
    from phiz.motion.dials import Dials
    from phiz.speech.shapes import Shape


def add_text(parser: argparse.ArgumentParser, *, audio: bool = True) -> None:
    parser.add_argument(
        "text",
        metavar="TEXT",
        nargs="?",
        help="what is said, plain with tags as [wink], or SSML (docs/text.md); - reads standard input",
    )
    parser.add_argument("--text-file", metavar="FILE", help="the same from a UTF-8 file")
    if audio:
        parser.add_argument("--audio", metavar="FILE", help="a recording that drives the lips")
        add_recognizer(parser)
    _add_voice(parser)


def _add_voice(parser: argparse.ArgumentParser) -> None:
    from phiz.speech.shapes import LIMITS, presets

    ranges = {name: f"{low:g} to {high:g}" for name, (low, high) in LIMITS.items()}
    voice = parser.add_argument_group("voice")
    named = "espeak (the default), espeak:f3, gtts, piper:MODEL.onnx, 'command:PROGRAM ...' (docs/voices.md)"
    voice.add_argument("--voice", metavar="NAME", help=named)
    voice.add_argument("--lang", metavar="CODE", default="en", help="en, es, fr, de, ... (default: en)")
    voice.add_argument("--preset", metavar="NAME", help=f"another's voice: {', '.join(presets())}")
    higher = f"semitones higher or, below 0, lower: {ranges['pitch']}"
    voice.add_argument("--pitch", metavar="N", type=float, default=0.0, help=higher)
    faster = f"tempo, 2 for twice as fast: {ranges['rate']}"
    voice.add_argument("--rate", metavar="X", type=float, default=1.0, help=faster)
    smaller = f"resonances, above 1 for a smaller speaker: {ranges['formant']}"
    voice.add_argument("--formant", metavar="X", type=float, default=1.0, help=smaller)


def shape_in(options: argparse.Namespace) -> "Shape":
    """The shape of the voice that the options ask for. Raises UsageError."""
    from phiz.speech.shapes import shape_of

    return shape_of(pitch=options.pitch, rate=options.rate, formant=options.formant, preset=options.preset)


def add_timing(parser: argparse.ArgumentParser, *, reads: bool = True) -> None:
    kinds = "as .json, .TextGrid, .srt, .tsv (docs/timing.md)"
    written = f"also the times of words and sounds, in the format of its ending, {kinds}"
    parser.add_argument("--timing", metavar="OUT", help=written)
    if reads:
        read = "a timing file that drives the lips: what is said when in --audio, or in silence"
        parser.add_argument("--timed-by", metavar="FILE", help=read)


def add_recognizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--recognizer", choices=("auto", "english", "universal"), default="auto",
        help="what hears the sounds: a model of English, or what all languages share (default: by --lang)",
    )  # fmt: skip


def add_output(parser: argparse.ArgumentParser, metavar: str, about: str = "the file to make") -> None:
    parser.add_argument("-o", "--output", metavar=metavar, required=True, help=about)


def add_face(parser: argparse.ArgumentParser) -> None:
    points = "JSON with the face's 68, 478, 468 or 5 landmarks (docs/landmarks.md)"
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


def add_background(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--background", metavar="WHAT", default="keep",
        help="keep (the default), blur, a colour as steelblue or #4682b4, a picture file, or transparent "
        "(then make a .webm or .mov)",
    )  # fmt: skip


DIALS = {
    "articulation": "how far mouth and jaw go for each sound: 0.5 mumbles, 1.5 exaggerates",
    "jaw": "the same for the jaw alone",
    "lips": "the same for all but the jaw",
    "anticipation": "how early the mouth begins each sound",
    "head": "turns, nods and tilts of the head",
    "blink": "how often the eyes blink",
    "gaze": "glances aside",
    "brows": "how far the brows go up on stress",
    "idle": "breath and swallowing",
}


def add_motion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="for other blinks and head motion")
    about = 'how the face is held: happy, "sad:0.5", "tender:0.4,playful" ...; tags in the text change it'
    parser.add_argument("--mood", metavar="MOOD", default="neutral", help=about)
    dials = parser.add_argument_group("motion", "0 turns it off, 1 is usual (the default), 2 is the most")
    for name, about in DIALS.items():
        dials.add_argument(f"--{name}", metavar="X", type=float, default=1.0, help=about)


def dials_of(options: argparse.Namespace) -> "Dials":
    """The dials that `add_motion` added."""
    from phiz.motion.dials import Dials

    return Dials(**{name: getattr(options, name) for name in DIALS})


def add_drawing(parser: argparse.ArgumentParser) -> None:
    choices = ("auto", "gl", "cpu")
    parser.add_argument("--backend", choices=choices, default="auto", help="what draws (default: auto)")
    parser.add_argument("--threads", metavar="N", type=int, help="default: all cores; changes no pixel")


def add_video(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--size", metavar="N|WxH",
        help="longest side in pixels, or crop to a size around the face (default: the photo's, to 1920)",
    )  # fmt: skip
    parser.add_argument("--fps", metavar="RATE", default="30", help="default: 30; also 24000/1001")
    add_drawing(parser)
    still = "leave the photo's light as it is when the head turns"
    parser.add_argument("--no-relight", dest="relight", action="store_false", help=still)
    parser.add_argument("--hashes", metavar="FILE", help="also one SHA-256 a frame, to compare runs with")


def add_general(parser: argparse.ArgumentParser, *, json: bool = True) -> None:
    parser.add_argument("--force", action="store_true", help="replace files that exist")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing but errors")
    if json:
        parser.add_argument("--json", action="store_true", help="one line of JSON about the result on stdout")
