"""`phiz sing`: a score and words become a sung voice, and a photo that sings with it."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from phiz.commands.groups import (
    add_background,
    add_face,
    add_general,
    add_motion,
    add_output,
    add_timing,
    add_video,
    dials_of,
)
from phiz.commands.shared import report, save, say, text_from
from phiz.errors import UsageError

if TYPE_CHECKING:
    from phiz.speech.speech import Speech

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a score and words become a sung voice, and a photo that sings with it"
EXAMPLES = """examples:
  phiz sing face.jpg --score song.mid --lyrics "Twin-kle, twin-kle, lit-tle star" -o song.mp4
  phiz sing face.jpg --score song.musicxml -o song.mp4 --wav song.wav
  phiz sing --score song.mid --track 2 --lyrics-file words.txt --transpose -12 -o song.wav
  phiz sing --score chanson.mxl --lang fr --tempo 0.9 -o chanson.wav --timing chanson.TextGrid"""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", nargs="?", help="a picture or a .glb; not for a .wav")
    song = parser.add_argument_group("song", "docs/singing.md")
    kinds = "the notes: MIDI (.mid), or MusicXML (.musicxml, .xml, .mxl) with its lyrics"
    song.add_argument("--score", metavar="FILE", required=True, help=kinds)
    words = 'the words, in place of the score\'s own: "twin-kle" parts syllables by hand, _ holds one'
    song.add_argument("--lyrics", metavar="TEXT", help=words)
    song.add_argument("--lyrics-file", metavar="FILE", help="the same from a UTF-8 file")
    song.add_argument("--track", metavar="N", type=int, help="track or part, counted from 1")
    song.add_argument("--channel", metavar="N", type=int, help="channel of a MIDI file, 1 to 16")
    song.add_argument("--verse", metavar="N", type=int, help="line of lyrics to begin with, of MusicXML")
    higher = "semitones higher or, below 0, lower"
    song.add_argument("--transpose", metavar="N", type=int, default=0, help=higher)
    song.add_argument("--tempo", metavar="X", type=float, default=1.0, help="2 for twice as fast")
    named = "espeak (the default), espeak:f3, ... as for phiz speak"
    song.add_argument("--voice", metavar="NAME", help=named)
    song.add_argument("--lang", metavar="CODE", default="en", help="en, es, fr, de, ... (default: en)")
    song.add_argument("--formant", metavar="X", type=float, default=1.0, help="above 1 for a smaller singer")
    song.add_argument("--wav", metavar="OUT.wav", help="also the sound alone")
    add_timing(parser, reads=False)
    add_output(parser, "OUT", "the file to make: .mp4, .webm or .mov, or .wav for the voice alone")
    add_face(parser)
    add_background(parser)
    add_motion(parser)
    add_video(parser)
    add_general(parser)


def run(options: argparse.Namespace) -> int:
    """A score and words become a sung voice, or a video of it."""
    from phiz.output.target import check_target, check_targets
    from phiz.output.timing_files import timing_writer
    from phiz.speech.audio import write_wav

    alone = options.output.lower().endswith(".wav")
    if alone and (options.wav or options.json or options.hashes):
        raise UsageError(f"{options.output} is the voice alone: --wav, --json and --hashes go with a video")
    if alone and options.photo is not None:
        raise UsageError(f"{options.output} is the voice alone: leave out {options.photo}, or name a video")
    if not alone and options.photo is None:
        raise UsageError("a video needs a PHOTO; without one, name a .wav as output")
    _, wav = check_targets(options.output, (), options.wav, ".wav", force=options.force)
    times = None
    if options.timing:
        times = timing_writer(options.timing, besides=options.output, force=options.force)
    if alone:
        check_target(options.output, suffixes=(".wav",), force=options.force)
        speech = _sung(options)
        save(options, options.output, lambda path: write_wav(path, speech.samples, speech.rate))
        say(options, f"{options.output}: {speech.duration:.2f} s, words: {len(speech.words)}")
        status = 0
    else:
        speech, status = _film(options)
        if wav:
            save(options, wav, lambda path: write_wav(path, speech.samples, speech.rate))
    if times:
        times(speech)
    return status


def _sung(options: argparse.Namespace) -> "Speech":
    from phiz.speech.singing.song import sing

    if options.lyrics is not None and options.lyrics_file is not None:
        raise UsageError("both --lyrics and --lyrics-file were given: give one of them")
    lyrics = options.lyrics if options.lyrics_file is None else text_from(options.lyrics_file)
    return sing(
        options.score, lyrics, track=options.track,
        channel=options.channel, verse=options.verse, voice=options.voice, language=options.lang,
        formant=options.formant, transpose=options.transpose, tempo=options.tempo,
    )  # fmt: skip


def _film(options: argparse.Namespace) -> "tuple[Speech, int]":
    from phiz import api
    from phiz.filming import Shot
    from phiz.motion.animation import animate
    from phiz.progress import Bars

    if options.face is not None and not isinstance(options.face, int):
        raise UsageError(f"--face {options.face}: one face sings; give its number")
    Shot.planned(
        options.output, size=options.size, fps=options.fps, backend=options.backend, relight=options.relight,
        threads=options.threads, hashes=options.hashes, force=options.force,
    )  # fmt: skip
    speech = _sung(options)
    rig = api.open_face(
        options.photo, landmarks=options.landmarks, landmarker=options.landmarker, face=options.face,
        background=options.background,
    )  # fmt: skip
    clip = animate(speech, seed=options.seed, dials=dials_of(options), mood=options.mood)
    with Bars(quiet=options.quiet) as bars:
        result = api.render(
            rig, clip, options.output, speech=speech, size=options.size, fps=options.fps,
            backend=options.backend, relight=options.relight, threads=options.threads, hashes=options.hashes,
            force=options.force, progress=bars,
        )  # fmt: skip
    return speech, report(options, replace(result, timing=speech.timing))
