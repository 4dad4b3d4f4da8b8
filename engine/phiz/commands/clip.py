"""`phiz clip`: clips are cut, joined, layered, retimed, mirrored, looked into."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from phiz.commands.groups import add_general, add_output
from phiz.commands.shared import save, say

if TYPE_CHECKING:
    from phiz.motion.clip import Clip
    from phiz.speech.speech import Speech

    Actions = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["ABOUT", "EXAMPLES", "add_options", "add_rows", "checked_rows", "described", "run"]

ABOUT = "clips are cut, joined, layered, retimed, mirrored, looked into"
EXAMPLES = """examples:
  phiz clip info take.json
  phiz clip cut take.json --from 1.2 --to 3.5 -o part.json
  phiz clip plot take.json --timing take.TextGrid --audio take.wav -o take.svg

Clips are .json or .csv files (docs/clips.md); `phiz clip cut --help` and so on explain each."""

CLIP_ENDINGS = (".json", ".csv")


def add_options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))
    for add in (_add_info, _add_cut, _add_join, _add_layer, _add_retime, _add_mirror, _add_scale, _add_shift,
                _add_convert, _add_plot):  # fmt: skip
        add(actions)


def run(options: argparse.Namespace) -> int:
    """One of the actions: one that changes clips makes a file, the others do as they say."""
    if "change" not in options:
        return int(options.act(options))
    fps = checked_rows(options)
    clip: Clip = options.change(options)
    save(options, options.output, lambda path: clip.save(path, fps=fps))
    say(options, f"{options.output}: {described(clip)}")
    return 0


def described(clip: "Clip") -> str:
    """A clip in a few words."""
    keys = sum(len(curve.times) for curve in clip.curves.values())
    return f"{clip.duration:.2f} s, {len(clip.curves)} curves, {keys} keys"


def _action(
    actions: "Actions", name: str, about: str, examples: str, *, makes: str | None = "OUT.json"
) -> argparse.ArgumentParser:
    """The parser of an action on one clip."""
    sentence = f"{about[0].upper()}{about[1:]}."
    lines = "\n".join(f"  phiz clip {name} {example}" for example in examples.splitlines())
    parser = actions.add_parser(name, help=about, description=sentence, epilog=f"examples:\n{lines}")
    parser.add_argument("clip", metavar="CLIP", help="a clip, .json or .csv")
    if makes:
        add_output(parser, makes, "the file to make: .json or .csv")
        add_rows(parser)
        add_general(parser, json=False)
    return parser


def add_rows(parser: argparse.ArgumentParser) -> None:
    """The option that says how dense a .csv is."""
    parser.add_argument("--fps", metavar="RATE", default="60", help="rows a second of a .csv (default: 60)")


def _add_channels(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--channels", metavar="NAMES", help=f"jawOpen,brow* and so on, with commas (default: {default})"
    )


def _channels(options: argparse.Namespace) -> list[str] | None:
    return options.channels.split(",") if options.channels is not None else None


def checked_rows(options: argparse.Namespace) -> float:
    """Rows a second of a .csv, after a look at the clip's ending and place."""
    from phiz.filming import parse_fps
    from phiz.output.target import check_target

    check_target(options.output, force=options.force, suffixes=CLIP_ENDINGS)
    return float(parse_fps(options.fps))


def _loaded(path: str) -> "Clip":
    from phiz.motion.clip import Clip

    return Clip.load(path)


def _add_info(actions: "Actions") -> None:
    about = "what a clip holds: its length and curves"
    parser = _action(actions, "info", about, "take.json\ntake.csv --json", makes=None)
    parser.add_argument("--json", action="store_true", help="the same as one line of JSON")
    parser.set_defaults(act=_info)


def _info(options: argparse.Namespace) -> int:
    clip = _loaded(options.clip)
    curves = {
        name: {
            "keys": len(curve.times),
            "first": float(curve.times[0]),
            "last": float(curve.times[-1]),
            "least": float(curve.values.min()),
            "most": float(curve.values.max()),
        }
        for name, curve in clip.curves.items()
    }
    if options.json:
        print(json.dumps({"clip": options.clip, "duration": clip.duration, "curves": curves}))
        return 0
    print(f"{options.clip}: {described(clip)}")
    for name, told in curves.items():
        span = f"{told['first']:.2f} to {told['last']:.2f} s"
        print(
            f"  {name:20} {told['keys']:5} keys, {span:18} values {told['least']:.4f} to {told['most']:.4f}"
        )
    return 0


def _add_cut(actions: "Actions") -> None:
    about = "keep what happens between two times"
    examples = "take.json --from 1.2 --to 3.5 -o part.json\ntake.json --from 2 -o rest.json"
    parser = _action(actions, "cut", about, examples)
    parser.add_argument("--from", dest="start", metavar="SECONDS", type=float, default=0.0, help="default: 0")
    parser.add_argument("--to", dest="end", metavar="SECONDS", type=float, help="default: the clip's end")
    parser.set_defaults(change=_cut)


def _cut(options: argparse.Namespace) -> "Clip":
    return _loaded(options.clip).cut(options.start, options.end)


def _add_join(actions: "Actions") -> None:
    about = "put clips one after the other"
    examples = "one.json two.json three.json -o all.json\none.json two.json --crossfade 0.3 -o all.json"
    parser = _action(actions, "join", about, examples)
    parser.add_argument("others", metavar="CLIP", nargs="+", help="what comes after it")
    parser.add_argument(
        "--crossfade", metavar="SECONDS", type=float, default=0.0,
        help="how long one turns into the next, while both move (default: 0)",
    )  # fmt: skip
    parser.set_defaults(change=_join)


def _join(options: argparse.Namespace) -> "Clip":
    first, *others = (_loaded(path) for path in (options.clip, *options.others))
    return first.join(*others, crossfade=options.crossfade)


def _add_layer(actions: "Actions") -> None:
    about = "lay a clip over another"
    examples = (
        "take.json smile.json --at 1.5 --weight 0.6 --fade 0.2 -o smiling.json\n"
        "take.json nod.json --mode replace --channels 'head*' -o nodding.json"
    )
    parser = _action(actions, "layer", about, examples)
    parser.add_argument("over", metavar="OVER", help="the clip to lay over it; the result is as long as CLIP")
    parser.add_argument(
        "--mode", choices=("add", "replace", "max"), default="add",
        help="add to what CLIP does (the default), replace it, or take whichever is larger",
    )  # fmt: skip
    parser.add_argument("--weight", metavar="N", type=float, default=1.0, help="how much of it (default: 1)")
    parser.add_argument(
        "--at", metavar="SECONDS", type=float, default=0.0, help="where it begins (default: 0)"
    )
    fade = "how long it takes to come and to go (default: 0)"
    parser.add_argument("--fade", metavar="SECONDS", type=float, default=0.0, help=fade)
    _add_channels(parser, "all that OVER moves")
    parser.set_defaults(change=_layer)


def _layer(options: argparse.Namespace) -> "Clip":
    base, over = _loaded(options.clip), _loaded(options.over)
    return base.layer(
        over, mode=options.mode, weight=options.weight, at=options.at, fade=options.fade,
        channels=_channels(options),
    )  # fmt: skip


def _add_retime(actions: "Actions") -> None:
    about = "the same motion slower, faster, or at a pace that changes"
    examples = 'take.json --by 1.5 -o slower.json\ntake.json --map "0:0, 1.2:1.5, 2:2" -o fitted.json'
    parser = _action(actions, "retime", about, examples)
    pace = parser.add_mutually_exclusive_group(required=True)
    pace.add_argument(
        "--by", metavar="N", type=float, help="how many times as long it takes: 2 is half as fast"
    )
    pace.add_argument("--map", metavar="PAIRS", type=_pairs, help="old:new times in seconds, with commas")
    parser.set_defaults(change=_retime)


def _pairs(text: str) -> list[tuple[float, float]]:
    try:
        pairs = [part.split(":") for part in text.split(",")]
        return [(float(old), float(new)) for old, new in pairs]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time map; one looks like 0:0,1.2:1.5,2:2") from None


def _retime(options: argparse.Namespace) -> "Clip":
    return _loaded(options.clip).retime(options.by if options.map is None else options.map)


def _add_mirror(actions: "Actions") -> None:
    about = "exchange left and right"
    _action(actions, "mirror", about, "wink.json -o other-eye.json").set_defaults(change=_mirror)


def _mirror(options: argparse.Namespace) -> "Clip":
    return _loaded(options.clip).mirror()


def _add_scale(actions: "Actions") -> None:
    about = "make movements larger or smaller"
    examples = "take.json --by 0.5 --channels 'head*' -o calm.json\ntake.json --by 1.3 -o lively.json"
    parser = _action(actions, "scale", about, examples)
    parser.add_argument("--by", metavar="N", type=float, required=True, help="0.5 halves, 0 stills")
    _add_channels(parser, "all but photo")
    parser.set_defaults(change=_scale)


def _scale(options: argparse.Namespace) -> "Clip":
    return _loaded(options.clip).scale(options.by, _channels(options))


def _add_shift(actions: "Actions") -> None:
    about = "begin later, or earlier"
    examples = "take.json --by 0.5 -o later.json\ntake.json --by -0.2 -o earlier.json"
    parser = _action(actions, "shift", about, examples)
    help_ = "what comes first is held until then; below 0 the first seconds are cut off"
    parser.add_argument("--by", metavar="SECONDS", type=float, required=True, help=help_)
    parser.set_defaults(change=_shift)


def _shift(options: argparse.Namespace) -> "Clip":
    return _loaded(options.clip).shift(options.by)


def _add_convert(actions: "Actions") -> None:
    about = "from .csv to .json and back, with fewer keys if wanted"
    examples = "take.csv --tolerance 0.003 -o take.json\ntake.json --fps 30 -o take.csv"
    parser = _action(actions, "convert", about, examples)
    parser.add_argument(
        "--tolerance", metavar="N", type=float,
        help="leave out keys as long as no value changes by more (default: keep all)",
    )  # fmt: skip
    parser.set_defaults(change=_convert)


def _convert(options: argparse.Namespace) -> "Clip":
    clip = _loaded(options.clip)
    return clip if options.tolerance is None else clip.simplify(options.tolerance)


def _add_plot(actions: "Actions") -> None:
    about = "draw the main curves, with sound and words if given"
    examples = "take.json -o take.svg\ntake.json --audio take.wav --timing take.TextGrid -o take.svg"
    parser = _action(actions, "plot", about, examples, makes=None)
    add_output(parser, "OUT.svg")
    parser.add_argument("--audio", metavar="FILE", help="the sound, for its waveform")
    parser.add_argument(
        "--timing", metavar="FILE", help="when its words and sounds are: a file as of `phiz speak`"
    )
    add_general(parser, json=False)
    parser.set_defaults(act=_plot)


def _plot(options: argparse.Namespace) -> int:
    from phiz.output.plot import write_plot
    from phiz.output.target import check_target

    check_target(options.output, force=options.force, suffixes=(".svg",))
    clip, speech = _loaded(options.clip), _heard(options)
    save(options, options.output, lambda path: write_plot(clip, path, speech))
    say(options, f"{options.output}: {described(clip)}")
    return 0


def _heard(options: argparse.Namespace) -> "Speech | None":
    """What is to be drawn above the curves."""
    if options.timing is not None:
        from phiz.speech.formats.files import read_timing_file

        return read_timing_file(options.timing, audio=options.audio)
    if options.audio is None:
        return None
    from phiz.speech.audio import read_audio
    from phiz.speech.speech import Speech

    samples, rate = read_audio(Path(options.audio))
    return Speech(samples, rate, ())
