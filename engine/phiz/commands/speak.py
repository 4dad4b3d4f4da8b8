"""`phiz speak`: a text becomes sound, with the time of each phoneme."""

import argparse

from phiz.commands.groups import add_general, add_output, add_text, add_timing, shape_in
from phiz.commands.shared import save, say, text_of

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a text becomes sound, with the time of each phoneme"
EXAMPLES = """examples:
  phiz speak "Hello there." -o hello.wav --timing hello.json
  phiz speak "Hello there." -o hello.wav --timing hello.TextGrid
  phiz speak --text-file brief.txt --lang fr -o brief.wav"""


def add_options(parser: argparse.ArgumentParser) -> None:
    add_text(parser, audio=False)
    add_output(parser, "OUT.wav")
    add_timing(parser, reads=False)
    add_general(parser, json=False)


def run(options: argparse.Namespace) -> int:
    """A text becomes sound and the times of its phonemes."""
    from phiz.api import make_speech
    from phiz.output.target import check_target
    from phiz.output.timing_files import timing_writer
    from phiz.speech.audio import write_wav

    check_target(options.output, suffixes=(".wav",), force=options.force)
    times = None
    if options.timing:
        times = timing_writer(options.timing, besides=options.output, force=options.force)
    speech = make_speech(
        text_of(options), voice=options.voice, language=options.lang, shape=shape_in(options)
    )
    save(options, options.output, lambda path: write_wav(path, speech.samples, speech.rate))
    if times:
        times(speech)
    made = " and ".join(filter(None, (options.output, options.timing)))
    say(options, f"{made}: {speech.duration:.2f} s, {len(speech.phonemes)} phonemes")
    return 0
