"""An hour of speech and its text: how much memory and time `phiz align` takes, and whether its times drift.

    python bench/hour.py                 an hour, its text right
    python bench/hour.py --without-text  the same, recognised
    python bench/hour.py --minutes 10

TIMIT's utterances (the evaluation data's timit/) are joined again and again, each time in another order, with
pauses of 0.05 to 4 s between them and a little noise. Words are compared with their hand-made times in the
first, the middle and the last minute. Memory is the highest sum of all processes, looked at twice a second
(Linux only).
"""

import argparse
import re
import subprocess
import sys
import time
from bisect import bisect
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.audio import read_audio, write_wav
from phiz.speech.formats.files import read_timing_file
from phiz.speech.speech import Word
from reporting import EVAL

RATE = 16_000
SEED = 42
NOISE = 1e-4  # of full scale: no recording is digitally silent
PAUSES, SHARES = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0), (0.1, 0.25, 0.3, 0.2, 0.1, 0.05)  # seconds, and how often
NEAR = 1.0  # seconds around its true start in which a word is looked for
MINUTE = 60.0
LOOK = 0.5  # seconds between looks at the memory


class Utterance(NamedTuple):
    """samples: float32 [n] at `RATE`. words: with their hand-made times."""

    samples: NDArray[np.float32]
    words: tuple[Word, ...]
    text: str


def utterances() -> list[Utterance]:
    """All of TIMIT's that there are."""
    found = []
    for line in (EVAL / "timit" / "transcripts.tsv").read_text("utf-8").splitlines():
        name, _, text = line.split("\t")
        sound = EVAL / "timit" / f"{name}.wav"
        samples, rate = read_audio(sound)
        assert rate == RATE, sound
        rows = [row.split() for row in sound.with_suffix(".wrd").read_text("utf-8").splitlines()]
        words = tuple(Word(word, int(start) / RATE, int(end) / RATE) for start, end, word in rows)
        found.append(Utterance(samples, words, f"{text[0].upper()}{text[1:]}."))
    return found


def joined(seconds: float) -> Utterance:
    """Utterances, one after the other, for so many seconds."""
    all_of_them, chance = utterances(), np.random.default_rng(SEED)
    pieces: list[NDArray[np.float32]] = []
    words: list[Word] = []
    texts: list[str] = []
    at, order = 0, list[int]()
    while at < seconds * RATE:
        order = order or chance.permutation(len(all_of_them)).tolist()
        own = all_of_them[order.pop()]
        pause = round(float(chance.choice(PAUSES, p=SHARES)) * chance.uniform(0.8, 1.2) * RATE)
        begin = (at + pause) / RATE
        pieces += [np.zeros(pause, np.float32), own.samples]
        words += [Word(word.text, begin + word.start, begin + word.end) for word in own.words]
        texts.append(own.text)
        at += pause + len(own.samples)
    samples = np.concatenate(pieces)
    samples += NOISE * chance.standard_normal(len(samples), np.float32)
    return Utterance(samples, tuple(words), "\n".join(texts))


def measured(command: Sequence[str]) -> tuple[float, float]:
    """Seconds that a command takes, and the most memory in MB of it and what it starts."""
    begin, most = time.perf_counter(), 0.0
    process = subprocess.Popen(command)
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(LOOK)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return time.perf_counter() - begin, most


def memory(root: int) -> float:
    """MB that a process and its descendants hold."""
    held: dict[int, float] = {}
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text("utf-8")
        except OSError:  # it has ended
            continue
        numbers = dict(re.findall(r"^(PPid|VmRSS):\s+(\d+)", status, re.MULTILINE))
        parents[int(folder.name)] = int(numbers["PPid"])
        held[int(folder.name)] = int(numbers.get("VmRSS", 0)) / 1024
    return sum(size for process, size in held.items() if root in line_of(process, parents))


def line_of(process: int, parents: dict[int, int]) -> list[int]:
    """A process, its parent, and so on."""
    line = [process]
    while line[-1] in parents:
        line.append(parents[line[-1]])
    return line


def late(found: Sequence[Word], truth: Sequence[Word]) -> NDArray[np.float64]:
    """Seconds that each true word is found late; nan for one that is not found near its time."""
    names, starts = [plain(word.text) for word in found], [word.start for word in found]
    result = np.full(len(truth), np.nan)
    for index, word in enumerate(truth):
        first, last = bisect(starts, word.start - NEAR), bisect(starts, word.start + NEAR)
        off = [starts[k] - word.start for k in range(first, last) if names[k] == plain(word.text)]
        if off:
            result[index] = min(off, key=abs)
    return result


def plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def report(off: NDArray[np.float64], truth: Sequence[Word]) -> None:
    """Print how well words are timed in three minutes and in all."""
    starts = np.array([word.start for word in truth])
    middle, end = starts[-1] / 2, starts[-1]
    parts = {
        "first minute": starts < MINUTE,
        "middle minute": np.abs(starts - middle) < MINUTE / 2,
        "last minute": starts > end - MINUTE,
        "all of it": starts >= 0,
    }
    for name, part in parts.items():
        errors = np.abs(off[part])
        errors = errors[~np.isnan(errors)]
        within = ", ".join(
            f"{100 * np.mean(errors < limit):.1f} % within {1000 * limit:.0f} ms" for limit in (0.02, 0.05)
        )
        lost = int(part.sum()) - len(errors)
        median = 1000 * float(np.median(errors))
        print(f"{name:14} {part.sum():5} words, {lost} not found; {within}, median {median:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="of speech (default: 60)")
    parser.add_argument("--without-text", action="store_true", help="recognise it")
    options = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        hour = joined(60 * options.minutes)
        write_wav(folder / "hour.wav", hour.samples, RATE)
        (folder / "hour.txt").write_text(hour.text, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "phiz",
            "align",
            str(folder / "hour.wav"),
            "-o",
            str(folder / "hour.json"),
        ]
        command += [] if options.without_text else ["--text-file", str(folder / "hour.txt")]
        seconds, most = measured([*command, "--quiet"])
        length = len(hour.samples) / RATE
        print(
            f"{length:.0f} s of speech in {seconds:.0f} s, {length / seconds:.0f} x real time; {most:.0f} MB"
        )
        if not options.without_text:
            report(late(read_timing_file(folder / "hour.json").words, hour.words), hour.words)


if __name__ == "__main__":
    main()
