"""`phiz animate`: a text or a recording becomes a clip: how the face moves."""

import argparse

from phiz.commands.clip import add_rows, checked_rows, described
from phiz.commands.groups import (
    add_general,
    add_motion,
    add_output,
    add_text,
    add_timing,
    dials_of,
    shape_in,
)
from phiz.commands.shared import save, say, text_of

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a text or a recording becomes a clip: how the face moves"
EXAMPLES = """examples:
  phiz animate "Hello there." -o hello.json --wav hello.wav
  phiz animate --audio take1.wav --seed 7 -o take1.json --plot take1.svg
  phiz animate "For other programs." -o hello.csv --fps 30"""


def add_options(parser: argparse.ArgumentParser) -> None:
    add_text(parser)
    add_timing(parser)
    add_output(parser, "CLIP.json", "the file to make: .json or .csv (docs/clips.md)")
    parser.add_argument("--wav", metavar="OUT.wav", help="also the sound, to render the clip with")
    parser.add_argument("--plot", metavar="OUT.svg", help="also a picture of the main curves over the sound")
    add_rows(parser)
    add_motion(parser)
    add_general(parser, json=False)


def run(options: argparse.Namespace) -> int:
    """A text or a recording becomes a clip."""
    from phiz.api import make_speech
    from phiz.motion.animation import animate as animated
    from phiz.output.plot import write_plot
    from phiz.output.target import check_targets
    from phiz.output.timing_files import timing_writer
    from phiz.speech.audio import write_wav

    fps = checked_rows(options)
    _, wav = check_targets(options.output, (), options.wav, ".wav", force=options.force)
    _, plot = check_targets(options.output, (), options.plot, ".svg", force=options.force)
    times = None
    if options.timing:
        times = timing_writer(options.timing, besides=options.output, force=options.force)
    speech = make_speech(
        text_of(options), audio=options.audio, voice=options.voice, language=options.lang,
        recognizer=options.recognizer, shape=shape_in(options), timed_by=options.timed_by,
    )  # fmt: skip
    clip = animated(speech, seed=options.seed, dials=dials_of(options), mood=options.mood)
    save(options, options.output, lambda path: clip.save(path, fps=fps))
    if wav:
        save(options, wav, lambda path: write_wav(path, speech.samples, speech.rate))
    if times:
        times(speech)
    if plot:
        save(options, plot, lambda path: write_plot(clip, path, speech))
    made = ", ".join(filter(None, (options.output, options.wav, options.timing, options.plot)))
    say(options, f"{made}: {described(clip)}")
    return 0
