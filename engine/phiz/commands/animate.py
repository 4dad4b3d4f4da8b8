"""`phiz animate`: a text or a recording becomes a clip: how the face moves."""

import argparse

from phiz.commands.groups import add_general, add_motion, add_output, add_text, add_timing, dials_of
from phiz.commands.shared import save, say, text_of

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a text or a recording becomes a clip: how the face moves"
EXAMPLES = """examples:
  phiz animate "Hello there." -o hello.json --wav hello.wav
  phiz animate --audio take1.wav --seed 7 -o take1.json"""


def add_options(parser: argparse.ArgumentParser) -> None:
    add_text(parser)
    add_timing(parser)
    add_output(parser, "CLIP.json")
    parser.add_argument("--wav", metavar="OUT.wav", help="also the sound, to render the clip with")
    add_motion(parser)
    add_general(parser, json=False)


def run(options: argparse.Namespace) -> int:
    """A text or a recording becomes a clip."""
    from phiz.api import make_speech, timing_target
    from phiz.motion.animation import animate as animated
    from phiz.output.target import check_targets
    from phiz.speech.audio import write_wav

    _, wav = check_targets(options.output, ".json", options.wav, ".wav", force=options.force)
    times = None
    if options.timing:
        times = timing_target(options.timing, output=options.output, force=options.force)
    speech = make_speech(
        text_of(options), audio=options.audio, voice=options.voice, language=options.lang,
        timed_by=options.timed_by,
    )  # fmt: skip
    clip = animated(speech, seed=options.seed, dials=dials_of(options))
    save(options, options.output, clip.save)
    if wav:
        save(options, wav, lambda path: write_wav(path, speech.samples, speech.rate))
    if times:
        times(speech)
    made = " and ".join(filter(None, (options.output, options.wav, options.timing)))
    say(options, f"{made}: {clip.duration:.2f} s, {len(clip.curves)} curves")
    return 0
