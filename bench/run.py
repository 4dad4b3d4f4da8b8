"""Benchmarks of phiz: `python bench/run.py` prints a table and writes bench/results/latest.json.

    python bench/run.py --repeats 5 --json mine.json
    python bench/run.py --only imports rig

What is timed is named in each row; every number is the median of some repeats, set-up apart. Whole runs are
timed as fresh processes with a warm Numba cache, the way a person starts them, unless the row says otherwise.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

TEXT = """
A photograph holds still. This one does not: it was given a sentence, and now it says it. The lips close for
the sounds that need them closed, the jaw follows the vowels, and the eyes blink when they feel like it.
Nothing here was learned by a network; it is geometry, a little phonetics, and arithmetic.
"""
FPS = Fraction(30)
SIZES = (512, 1080)
IMPORTS = ("import numpy", "import phiz", "import phiz.runtime")
DRAWN = 150  # frames, when only drawing is timed
PLAYED = 2000  # times, when a clip is evaluated
BACKENDS = ("gl", "cpu")
MEGAPIXELS = (0.26, 1.0, 12.0)  # of the photos that become rigs
GRAIN = 2.0  # deviation of the noise that photos made larger get, of 255, as a camera's
YARDSTICK = 512, 5  # pixels a side and rounds of the GrabCut that photo to rig is compared with
RESULTS = Path(__file__).parent / "results" / "latest.json"
MAIN = "import sys; from phiz.cli import main; sys.exit(main())"

RIG = """
import json, resource, sys, time
import phiz
photo, file, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3])
took = []
for run in range(repeats + 1):
    begin = time.perf_counter()
    rig = phiz.Rig.from_photo(photo)
    took.append(time.perf_counter() - begin)
    if not run:
        rig.save(file)
        saved = time.perf_counter() - begin - took[0]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"cold": took[0], "warm": sorted(took[1:])[repeats // 2], "save": saved, "peak": peak}))
"""

Row = dict[str, Any]


class Bench:
    """What the benchmarks share: the demo face and a clip, made when first needed."""

    def __init__(self, folder: Path, repeats: int) -> None:
        from phiz.data import demo_portrait

        self.folder, self.repeats = folder, repeats
        self.photo = demo_portrait()

    @cached_property
    def rig(self) -> Any:
        import phiz

        return phiz.Rig.from_photo(self.photo)

    @cached_property
    def rig_file(self) -> Path:
        path = self.folder / "face.glb"
        self.rig.save(path)
        return path

    @cached_property
    def speech(self) -> Any:
        import phiz

        return phiz.speak(TEXT)

    @cached_property
    def clip(self) -> Any:
        import phiz

        return phiz.animate(self.speech, seed=0)

    @property
    def frames(self) -> int:
        return int(self.clip.duration * FPS)

    def median(self, action: Callable[[], object]) -> float:
        """Median seconds of `action`."""
        return median(seconds(action) for _ in range(self.repeats))

    def poses(self) -> np.ndarray:
        """Channel values of every frame of the clip."""
        return self.clip.evaluate_many(np.arange(self.frames) / float(FPS))

    def talk(self, face: Path, size: int, cache: Path | None = None) -> tuple[float, str]:
        """Seconds of one `phiz talk` in a fresh process, and the backend it took."""
        command = [sys.executable, "-c", MAIN, "talk", str(face), TEXT, "-o", str(self.folder / "talk.mp4")]
        command += ["--force", "--quiet", "--json", "--size", str(size), "--fps", str(FPS)]
        environment = dict(os.environ) | ({"NUMBA_CACHE_DIR": str(cache)} if cache else {})
        begin = time.perf_counter()
        run = subprocess.run(
            command, check=True, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        return time.perf_counter() - begin, str(json.loads(run.stdout)["backend"])


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock seconds of one call."""
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def imports(bench: Bench) -> Iterator[Row]:
    """Start of the interpreter with one import, the bare interpreter's own start taken off."""
    statements = ("pass", *IMPORTS)
    took = {}
    for statement in statements:
        command = [sys.executable, "-c", statement]
        subprocess.run(command, check=True)  # brings the files into memory
        took[statement] = bench.median(lambda command=command: subprocess.run(command, check=True))
    for statement in IMPORTS:
        yield row(
            statement, took[statement] - took["pass"], "s", f"the bare interpreter takes {took['pass']:.3f} s"
        )


def rig(bench: Bench) -> Iterator[Row]:
    """Photos of several sizes to rigs, each in a process of its own, and a rig from its file."""
    import phiz

    standard = yardstick(bench)
    yield row(
        "yardstick for rigs",
        standard,
        "s",
        "OpenCV's GrabCut, {} pixels a side, {} rounds".format(*YARDSTICK),
    )
    for megapixels in MEGAPIXELS:
        photo, file = enlarged(bench, megapixels), bench.folder / "sized.glb"
        command = [sys.executable, "-c", RIG, str(photo), str(file), str(bench.repeats)]
        run = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        notes = [f"{run['warm'] / standard:.1f} x yardstick", f"the first in a process {run['cold']:.1f} s"]
        notes += [f"saved in {run['save']:.2f} s", f"peak memory {run['peak'] / 1e6:.0f} MB"]
        notes.append(
            f"{photo.name} {photo.stat().st_size / 1e6:.1f} MB, .glb {file.stat().st_size / 1e6:.2f} MB"
        )
        yield row(f"photo to rig, {megapixels:g} megapixels", run["warm"], "s", "; ".join(notes))
    size = bench.rig_file.stat().st_size / 1e6
    yield row(
        "rig from its file", bench.median(lambda: phiz.Rig.load(bench.rig_file)), "s", f"{size:.1f} MB .glb"
    )


def yardstick(bench: Bench) -> float:
    """Median seconds of a standard piece of image processing: how fast this machine is just now."""
    import cv2

    side, rounds = YARDSTICK
    picture = cv2.resize(cv2.imread(str(bench.photo)), (side, side), interpolation=cv2.INTER_AREA)

    def cut() -> None:
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(picture, None, (side // 5, 0, side // 2, side), *models, rounds, cv2.GC_INIT_WITH_RECT)

    return bench.median(cut)


def enlarged(bench: Bench, megapixels: float) -> Path:
    """The demo portrait at another size, with some grain where it became larger, as a JPEG."""
    from PIL import Image

    with Image.open(bench.photo) as picture:
        factor = (megapixels * 1e6 / (picture.width * picture.height)) ** 0.5
        size = round(picture.width * factor), round(picture.height * factor)
        pixels = np.asarray(picture.convert("RGB").resize(size, Image.Resampling.LANCZOS)).astype(np.float32)
    if factor > 1.1:
        pixels += np.random.RandomState(0).normal(0, GRAIN, pixels.shape[:2])[:, :, None].astype(np.float32)
    photo = bench.folder / f"{megapixels:g}-megapixels.jpg"
    Image.fromarray(np.clip(pixels + 0.5, 0, 255).astype(np.uint8)).save(photo, quality=92)
    return photo


def steps(bench: Bench) -> Iterator[Row]:
    """Text to speech, speech to clip, a clip's values; what is done with clips, and their files."""
    import phiz

    phiz.animate(bench.speech, seed=0)
    spoken = f"{bench.speech.duration:.1f} s of speech"
    yield row("text to speech", bench.median(lambda: phiz.speak(TEXT)), "s", spoken)
    yield row("speech to clip", bench.median(lambda: phiz.animate(bench.speech, seed=0)), "s", spoken)
    minute = phiz.speak(TEXT * 3)
    clip = phiz.animate(minute, seed=0)
    took = bench.median(lambda: phiz.animate(minute, seed=0)) * 60 / minute.duration
    keys = sum(len(curve.times) for curve in clip.curves.values())
    yield row("speech to clip, a minute", took, "s", f"{keys} keys in {minute.duration:.1f} s")
    yield from values(bench, clip)
    yield from clips(bench, clip)


def values(bench: Bench, clip: Any) -> Iterator[Row]:
    """All channels of a clip at one time, as a game asks, and at many."""
    times = np.linspace(0, clip.duration, PLAYED)
    one_by_one, out = times.tolist(), np.zeros(clip.evaluate(0.0).shape)

    def play() -> None:
        for time_ in one_by_one:
            clip.evaluate(time_, out)

    play()
    took = bench.median(play) / PLAYED * 1e6
    yield row(
        "evaluate, one time", took, "us", f"{len(out)} channels, {len(clip.curves)} curves, no allocation"
    )
    took = bench.median(lambda: clip.evaluate_many(times)) / PLAYED * 1e6
    yield row("evaluate, many times", took, "us", "a time")


def clips(bench: Bench, clip: Any) -> Iterator[Row]:
    """Operations on a clip of a minute, its files and its plot."""
    from phiz.output.plot import draw_plot

    half = clip.duration / 2
    actions: dict[str, Callable[[], object]] = {
        "cut": lambda: clip.cut(1.0, half),
        "join": lambda: clip.join(clip, crossfade=0.3),
        "layer": lambda: clip.layer(clip.mirror(), mode="max", weight=0.5),
        "retime": lambda: clip.retime([(0, 0), (half, half + 1), (2 * half, 2 * half)]),
        "save as JSON": lambda: clip.save(bench.folder / "clip.json"),
        "load JSON": lambda: type(clip).load(bench.folder / "clip.json"),
        "save as CSV": lambda: clip.save(bench.folder / "clip.csv"),
        "load CSV": lambda: type(clip).load(bench.folder / "clip.csv"),
        "plot": lambda: draw_plot(clip),
    }
    for name, action in actions.items():
        yield row(f"clip, {name}", bench.median(action), "s", f"{clip.duration:.1f} s")


def renderers(bench: Bench) -> Iterator[Row]:
    """Frames a second of each renderer, reading back included, encoding not."""
    poses = bench.poses()[:DRAWN]
    for size in SIZES:
        for backend in available(bench):
            with renderer(bench, size, backend) as draw:
                draw.draw(poses[0])
                took = bench.median(lambda draw=draw: [draw.draw(pose) for pose in poses])
            yield row(f"draw, {backend}, {size}", len(poses) / took, "frames/s", f"{len(poses)} frames")


def talk(bench: Bench) -> Iterator[Row]:
    """`phiz talk` as a fresh process against encoding alone."""
    spoken = f"{bench.speech.duration:.1f} s of video"
    for size in SIZES:
        encode = encode_only(bench, size)
        yield row(
            f"encode only, {size}", encode, "s", f"{spoken}, frames drawn and in YUV, same ffmpeg arguments"
        )
        for name, face in (("rig", bench.rig_file), ("photo", bench.photo)):
            _, backend = bench.talk(face, size)
            took = median(bench.talk(face, size)[0] for _ in range(bench.repeats))
            yield row(f"talk from {name}, {size}", took, "s", f"{backend}; {took / encode:.2f} x encode only")


def first_run(bench: Bench) -> Iterator[Row]:
    """`phiz talk PHOTO` with an empty Numba cache, and again."""
    with tempfile.TemporaryDirectory() as cache:
        cold, backend = bench.talk(bench.photo, 512, Path(cache))
        warm, _ = bench.talk(bench.photo, 512, Path(cache))
    yield row("talk, cold Numba cache, 512", cold, "s", f"{backend}, from the photo; one run")
    yield row("talk, warm Numba cache, 512", warm, "s", f"{backend}, from the photo; one run")


def available(bench: Bench) -> list[str]:
    """The backends that can draw here."""
    from phiz.errors import BackendError

    found = []
    for backend in BACKENDS:
        with suppress(BackendError), renderer(bench, 64, backend):
            found.append(backend)
    return found


def renderer(bench: Bench, size: int, backend: str) -> Any:
    from phiz.output.framing import fit_frame, parse_size
    from phiz.renderers import open_renderer

    framing = fit_frame(bench.rig, parse_size(size))
    return open_renderer(
        bench.rig, framing.size, view=framing.view, backend=backend, threads=os.cpu_count() or 1
    )


def encode_only(bench: Bench, size: int) -> float:
    """Median seconds that ffmpeg takes for the clip's frames, drawn and converted beforehand."""
    from phiz.output.video import encoder_command
    from phiz.output.yuv import rgba_to_yuv420

    pictures = []
    with renderer(bench, size, available(bench)[0]) as draw:
        for pose in bench.poses():
            frame = draw.draw(pose)
            height, width = frame.shape[:2]
            pictures.append(np.empty(width * height * 3 // 2, np.uint8))
            rgba_to_yuv420(frame, pictures[-1], None)
    sound = bench.folder / "sound.f32"
    bench.speech.samples.tofile(sound)
    target = bench.folder / "encode.mp4"
    command = encoder_command(target, size=(width, height), fps=FPS, sound=sound, rate=bench.speech.rate)
    return bench.median(lambda: feed(command, pictures))


def feed(command: Sequence[str], pictures: Sequence[np.ndarray]) -> None:
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for picture in pictures:
            encoder.stdin.write(picture.data)
        encoder.stdin.close()
        if encoder.wait():
            raise SystemExit("ffmpeg failed")


def row(name: str, value: float, unit: str, note: str = "") -> Row:
    return {"name": name, "value": round(value, 4), "unit": unit, "note": note}


def machine() -> Row:
    """What the numbers are measured on, and how busy it is with other work."""
    model = platform.processor()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    packages = {name: version(name) for name in ("phiz", "numpy", "numba", "moderngl", "imageio-ffmpeg")}
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    python = platform.python_version()
    return {"processor": model, "cores": cores, "load": round(load, 1), "python": python, **packages}


BENCHMARKS = {function.__name__: function for function in (imports, steps, rig, renderers, talk, first_run)}


def main() -> None:
    parser = argparse.ArgumentParser(description="Benchmarks of phiz.", allow_abbrev=False)
    parser.add_argument("--repeats", type=int, default=3, help="runs of each measurement (default: 3)")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), help="these alone")
    parser.add_argument(
        "--json", type=Path, default=RESULTS, help="where the numbers go (default: %(default)s)"
    )
    options = parser.parse_args()
    where = machine()
    print(", ".join(f"{key} {value}" for key, value in where.items()))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.repeats)
        for name in options.only:
            for entry in BENCHMARKS[name](bench):
                print(
                    f"{entry['name']:32} {entry['value']:10.3f} {entry['unit']:9} {entry['note']}", flush=True
                )
                rows.append(entry)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": where, "repeats": options.repeats, "rows": rows}
    options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"written to {options.json}")


if __name__ == "__main__":
    main()
