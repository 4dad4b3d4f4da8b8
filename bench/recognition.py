"""How well recordings without a text are heard, against times made by hand.

    python bench/recognition.py                       TIMIT's speakers to tune on, and other languages
    python bench/recognition.py --speakers held       those held out; look at them seldom

Data, scores and speed as in bench/alignment.py; the text is not looked at. "classes" is the share of the time
in which the shape of the mouth is right, "closures" how many closed lips are found, and how many of those are
real. Then, for sounds made here that nobody makes with the mouth, how long the lips would move.
What ships holds no number measured on this data; ways were compared on the speakers named `tune` alone.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alignment import Times, languages, measured, shown, timit
from phiz.speech.recognition.listen import recognize
from reporting import EVAL, on_one_core, parser_of, speakers_of, write_report

RATE = 16000
SECONDS = 6.0
SCALE = (0, 2, 4, 5, 7, 9, 11, 12, 14)  # semitones


def heard_by(recognizer: str) -> Any:
    def hear(samples: NDArray[np.float32], rate: int, text: str, language: str) -> Times:
        return recognize(samples, rate, recognizer=recognizer, language=language)

    return hear


def noises() -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Sounds [SECONDS * RATE] that are no speech, four of each kind."""
    generator = np.random.default_rng(11)
    count = round(SECONDS * RATE)
    time = np.arange(count) / RATE
    for _ in range(4):
        spectrum = np.fft.rfft(generator.standard_normal(count))
        steady = np.fft.irfft(spectrum / np.arange(1, len(spectrum) + 1) ** generator.uniform(0, 1), count)
        yield "steady noise", steady
        gusts = np.interp(time, np.arange(0, SECONDS + 1, 0.2), generator.random(35) ** 2)
        yield "gusts and breaths", steady * gusts
        yield "knocks", knocks(generator, count) + 0.01 * steady / np.abs(steady).max()
        pitch = generator.uniform(40, 120)
        hum = sum(generator.random() / k * np.sin(2 * np.pi * pitch * k * time) for k in range(1, 30))
        yield "hum and engines", hum + 0.1 * steady / np.abs(steady).max()
        for name, voices in (("melody", 1), ("chords", 3)):
            yield name, music(generator, count, voices)
        yield "chords and drums", music(generator, count, 3) + drums(generator, count)


def knocks(generator: np.random.Generator, count: int) -> NDArray[np.float64]:
    sound = np.zeros(count)
    for _ in range(generator.integers(10, 40)):
        place, length = generator.integers(0, count - 4000), generator.integers(200, 4000)
        time = np.arange(length) / RATE
        hiss = generator.standard_normal(length) * np.exp(-time * generator.uniform(10, 200))
        ring = np.sin(2 * np.pi * generator.uniform(60, 2000) * time) * np.exp(
            -time * generator.uniform(10, 100)
        )
        sound[place : place + length] += generator.random() * hiss + generator.random() * ring
    return sound / np.abs(sound).max()


def drums(generator: np.random.Generator, count: int) -> NDArray[np.float64]:
    sound = np.zeros(count)
    for place in range(0, count - 3000, 4000):
        time = np.arange(3000) / RATE
        beat = generator.standard_normal(3000) * np.exp(-generator.uniform(20, 60) * time)
        sound[place : place + 3000] += generator.uniform(0.2, 1.0) * beat
    return sound / np.abs(sound).max()


def music(generator: np.random.Generator, count: int, voices: int) -> NDArray[np.float64]:
    """Random notes of a scale, with random timbres, that swell and die away."""
    sound = np.zeros(count)
    base, place = 110 * 2 ** (generator.integers(0, 24) / 12), 0
    while place < count:
        length = min(count - place, round(RATE * generator.choice([0.15, 0.25, 0.4, 0.8])))
        time = np.arange(length) / RATE
        for step in generator.choice(SCALE, voices):
            swell = np.exp(-generator.uniform(0, 4) * time) * np.minimum(1, time * generator.uniform(20, 200))
            for k in range(1, generator.integers(3, 12)):
                pitch = base * 2 ** (step / 12) * k
                if pitch < RATE / 2:
                    sound[place : place + length] += swell * np.sin(2 * np.pi * pitch * time) / k
        place += length
    return sound / np.abs(sound).max()


def moved(recognizer: str) -> dict[str, float]:
    """By kind of noise, the share of the time in which the lips would move."""
    shares: dict[str, list[float]] = {}
    for name, sound in noises():
        level = (0.4 * sound / np.abs(sound).max()).astype(np.float32)
        heard = recognize(level, RATE, recognizer=recognizer)
        shares.setdefault(name, []).append(sum(p.end - p.start for p in heard) / SECONDS)
    return {name: round(float(np.mean(own)), 3) for name, own in shares.items()}


def main() -> None:
    options = parser_of("How well sounds are recognised.", "recognition.json").parse_args()
    rows: list[dict[str, Any]] = []
    speakers = speakers_of(options.speakers)
    if EVAL.is_dir():
        print(f"TIMIT's speakers: {' '.join(options.speakers)} ({', '.join(speakers)})")
        cases = [*timit(speakers), *languages()]
        for group in dict.fromkeys(case.group for case in cases):
            own = [case for case in cases if case.group == group]
            for recognizer in ("english", "universal"):
                scores = measured(own, heard_by(recognizer))
                print(f"{group:18} {recognizer:10} {shown(scores)}", flush=True)
                rows.append({"group": group, "recognizer": recognizer, **scores})
    else:
        print(f"no evaluation data in {EVAL}; PHIZ_EVAL names its folder")
    for recognizer in ("english", "universal"):
        shares = moved(recognizer)
        print(f"lips that move with noise, {recognizer}: {shares}", flush=True)
        rows.append({"group": "noise", "recognizer": recognizer, "moved": shares})
    write_report(options.json, {"speakers": speakers, "rows": rows})


if __name__ == "__main__":
    on_one_core(main)
