"""Real talkers driven by their own sound: how like the real lips the made ones are, how alive the face is.

    python bench/talkers.py                      with the words where they are known
    python bench/talkers.py --without-words --only grid

For each video of the evaluation data's talkers/ the first frame becomes a rig, its own sound (and its words,
where they are known) the video; the independent tracker of that data (track.py, compare.py) then measures
both. It needs an environment of its own (mediapipe 0.10.21, onnxruntime, scipy, imageio-ffmpeg), whose Python
PHIZ_TRACKER names, and the file of silero-vad that SILERO_ONNX names.

Opening and width: correlation with the real one at the best lag within 160 ms, that lag (positive: the made
lips are late) and the ratio of the spreads. In some videos the picture leads the sound by 40 to 160 ms.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import phiz
from phiz.ffmpeg import find_ffmpeg
from phiz.speech.audio import read_audio

ROOT = Path(__file__).resolve().parents[1]
EVAL = Path(os.environ.get("PHIZ_EVAL", ROOT.parent / "shared" / "eval"))
RESULTS = ROOT / "bench" / "results" / "talkers.json"
SIZE, FPS = 512, 25
LONGEST = 15  # seconds of each video that are looked at
FIGURES = ("lip_dynamics", "lip_sync", "silent_mad", "brow", "blinks_min", "jitter")
# A GRID sentence's code: its letters in order, by what they stand for
GRID = (
    {"b": "bin", "l": "lay", "p": "place", "s": "set"},
    {"b": "blue", "g": "green", "r": "red", "w": "white"},
    {"a": "at", "b": "by", "i": "in", "w": "with"},
    {},
    dict(
        zip(
            "z123456789",
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
            strict=True,
        )
    ),
    {"a": "again", "n": "now", "p": "please", "s": "soon"},
)
WORDS = {"vidtimit_fadg0_sa1": "She had your dark suit in greasy wash water all year."}
LANGUAGES = {"sppas_demo_fr": "fr"}


def main() -> None:
    options = read_options()
    videos = sorted(path for path in (EVAL / "talkers").glob("*.mp[4g]") if chosen(path, options.only))
    tracker = os.environ.get("PHIZ_TRACKER")
    if not videos or not tracker:
        sys.exit(f"no videos in {EVAL / 'talkers'} (PHIZ_EVAL), or no PHIZ_TRACKER: {__doc__}")
    with TemporaryDirectory() as scratch:
        made = [drive(video, Path(scratch), words=not options.without_words) for video in videos]
        real, imitated = (
            track(tracker, files, Path(scratch) / name) for files, name in ((videos, "real"), (made, "made"))
        )
        compared = compare(tracker, videos, Path(scratch))
    result = {"words": not options.without_words, "compared": compared, "made": imitated, "real": real}
    for line in table(result):
        print(line)
    if not options.only:
        RESULTS.parent.mkdir(exist_ok=True)
        name = RESULTS.with_stem(f"talkers-{'sound' if options.without_words else 'words'}")
        name.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--without-words", action="store_true", help="give phiz the sound only")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="videos whose names begin so")
    return parser.parse_args()


def chosen(video: Path, only: Sequence[str] | None) -> bool:
    return not only or video.stem.startswith(tuple(only))


def words_of(name: str) -> str | None:
    """What is said in a video, where it is known."""
    if name.startswith("grid"):
        return " ".join(
            words.get(letter, letter.upper())
            for words, letter in zip(GRID, name.rsplit("_", 1)[1], strict=True)
        )
    return WORDS.get(name)


def drive(video: Path, folder: Path, *, words: bool) -> Path:
    """The video's first frame, made to say what is heard in it."""
    picture, output = folder / f"{video.stem}.png", folder / f"{video.stem}.mp4"
    command = [find_ffmpeg(OSError), "-v", "error", "-i", str(video), "-frames:v", "1", str(picture)]
    subprocess.run(command, check=True)
    apart = video.with_suffix(".wav")
    sound = apart if apart.exists() else video
    read_audio(sound)
    phiz.talk(
        picture, words_of(video.stem) if words else None, output, audio=sound, size=SIZE, fps=FPS,
        language=LANGUAGES.get(video.stem, "en"),
    )  # fmt: skip
    print(output.stem, file=sys.stderr)
    return output


def track(python: str, videos: Sequence[Path], folder: Path) -> list[dict[str, Any]]:
    command = [python, str(EVAL / "track.py"), *map(str, videos), "--out", str(folder), "--max", str(LONGEST)]
    return json_lines(command)


def compare(python: str, videos: Sequence[Path], folder: Path) -> list[dict[str, Any]]:
    pairs = [str(folder / kind / f"{video.stem}.npz") for video in videos for kind in ("real", "made")]
    return json_lines([python, str(EVAL / "compare.py"), *pairs])


def json_lines(command: Sequence[str]) -> list[dict[str, Any]]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def table(result: dict[str, Any]) -> Iterator[str]:
    for row in result["compared"]:
        parts = [f"{kind} {describe(row[kind])}" for kind in ("opening", "width") if kind in row]
        yield f"{row['real'][:28]:28} {'  '.join(parts)}"
    for group in ("grid", ""):
        rows = [row for row in result["compared"] if row["real"].startswith("grid") == bool(group)]
        for kind in ("opening", "width"):
            found = [row[kind] for row in rows if kind in row]
            if found:
                middle = {key: median(one[key] for one in found) for key in found[0]}
                yield f"{group or 'free speech':12} {kind:8} median {describe(middle)}"
    for whose in ("made", "real"):
        rows = result[whose]
        figures = [
            f"{key} {median(values):.4g}"
            for key in FIGURES
            if (values := [r[key] for r in rows if r.get(key)])
        ]
        turns = " ".join(f"{median(row['head_std'][axis] for row in rows):.2f}" for axis in range(3))
        yield f"{whose}: {', '.join(figures)}, head {turns} degrees"


def describe(one: dict[str, float]) -> str:
    return f"r {one['r']:.3f} at {one['lag_ms']:+.0f} ms, spread {one['std_ratio']:.2f}"


if __name__ == "__main__":
    main()
