"""`phiz align`: a recording, with or without its text, becomes the times of words and sounds."""

import argparse
import json
import time
from typing import TYPE_CHECKING

from phiz.commands.groups import add_general, add_output, add_recognizer
from phiz.commands.shared import say, text_of

if TYPE_CHECKING:
    from phiz.speech.speech import Speech

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ENOUGH = 16_000  # samples a second: nobody hears the result, and more would only fill the memory
ABOUT = "a recording, with or without its text, becomes the times of its words and sounds"
EXAMPLES = """examples:
  phiz align take1.wav "What it says." -o take1.TextGrid
  phiz align lecture.mp4 --text-file lecture.txt --lang de -o lecture.json
  phiz align take1.wav --format rhubarb-tsv -o take1.tsv       without the text: what the sound tells"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "audio", metavar="AUDIO", help="a recording or video, in any format that ffmpeg reads"
    )
    without = "what is said in it; - reads standard input; without a text the sounds are recognised"
    parser.add_argument("text", metavar="TEXT", nargs="?", help=without)
    parser.add_argument("--text-file", metavar="FILE", help="the same from a UTF-8 file")
    parser.add_argument("--lang", metavar="CODE", default="en", help="en, es, fr, de, ... (default: en)")
    add_recognizer(parser)
    add_output(
        parser, "OUT", "the file to make; its ending tells the format, as .json, .TextGrid, .srt, .tsv"
    )
    formats = "its format, where the ending leaves several, as mfa or srt-words (docs/timing.md)"
    parser.add_argument("--format", metavar="NAME", help=formats)
    add_general(parser)


def run(options: argparse.Namespace) -> int:
    """A recording becomes a timing file."""
    from phiz.output.timing_files import timing_writer
    from phiz.progress import Bars
    from phiz.speech.recording import speech_from_recording

    write = timing_writer(options.output, options.format, besides=options.audio, force=options.force)
    begin = time.perf_counter()
    with Bars(quiet=options.quiet) as bars:
        speech = speech_from_recording(
            options.audio, text_of(options), language=options.lang, recognizer=options.recognizer,
            highest=ENOUGH, silent=True, progress=bars,
        )  # fmt: skip
    write(speech)
    report(options, speech, time.perf_counter() - begin)
    return 0


def report(options: argparse.Namespace, speech: "Speech", seconds: float) -> None:
    """Say what was made, in a line for people or for scripts."""
    speed = speech.duration / max(seconds, 1e-6)
    if options.json:
        print(json.dumps(summary(options.output, speech, speed)))
        return
    differing = len(speech.mismatches)
    found = f"{len(speech.words)} words, {len(speech.phonemes)} sounds"
    found += (
        f", {differing} {'place' if differing == 1 else 'places'} where text and recording differ"
        * bool(differing)
    )
    say(
        options,
        f"{options.output}: {speech.duration:.2f} s, {found}, {speech.timing} {speed:.0f} times as fast",
    )


def summary(output: str, speech: "Speech", speed: float) -> dict[str, object]:
    return {
        "output": output,
        "seconds": round(speech.duration, 3),
        "timing": speech.timing,
        "language": speech.language,
        "words": len(speech.words),
        "phonemes": len(speech.phonemes),
        "confidence": round(speech.confidence, 3),
        "mismatches": [
            {"kind": each.kind, "text": each.text, "start": round(each.start, 3), "end": round(each.end, 3)}
            for each in speech.mismatches
        ],
        "speed": round(speed, 1),
    }
