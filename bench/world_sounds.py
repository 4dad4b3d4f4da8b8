"""What the sounds of all languages are like, measured on espeak-ng's speech: `python bench/world_sounds.py`.

Writes phonemes/world_sounds.csv and phonemes/world_pairs.csv, which the universal recogniser reads. espeak-ng
says one sentence (tests/sentences.csv) in each of its languages, with three voices; when it says which sound
is known exactly. The recordings are then made worse in the ways of real ones: other microphones, telephone
bands, rooms and noise, all drawn from a generator with a fixed seed. No recording of a person goes in.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.errors import PhizError
from phiz.speech.recognition.acoustic import english_model
from phiz.speech.recognition.arpabet import arpabet_of
from phiz.speech.recognition.cepstra import BORDER, FRAME, RATE, features, resampled
from phiz.speech.recognition.model import FILLERS, SILENCE, STATES
from phiz.speech.speech import Speech
from phiz.speech.synthesis import say

ROOT = Path(__file__).resolve().parents[1]
VOICES = ("", "f3", "m3", "klatt4", "f5", "m7", "f2", "m1", "klatt2", "anika", "edward", "linda")
VOICES_EACH = 3  # voices that speak each language
AROUND = 0.25  # seconds of silence before and after
MOST = 6000  # frames of a state that are looked at
LEAST = 60  # frames; states of rarer sounds are left out

Frames = dict[tuple[str, int], list[NDArray[np.float32]]]


def main() -> None:
    frames: Frames = {}
    pairs: dict[tuple[str, str], int] = {}
    generator = np.random.default_rng(0)
    for number, (code, sentence) in enumerate(sentences()):
        for turn in range(VOICES_EACH):
            variant = VOICES[(number * 5 + turn * 7) % len(VOICES)]
            try:
                speech = say(sentence, voice=f"espeak:{variant}" if variant else "espeak", language=code)
            except PhizError as error:
                print(f"{code} with {variant!r}: {error}", file=sys.stderr)
                continue
            collect(frames, speech, generator)
            if turn == 0:
                count_pairs(pairs, speech)
    write_sounds(frames)
    write_pairs(pairs)


def sentences() -> Iterator[tuple[str, str]]:
    """(language, sentence) of each language."""
    lines = (ROOT / "tests" / "sentences.csv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith("#")):
        yield row["code"], row["sentence"]


def spoiled(sound: NDArray[np.float64], generator: np.random.Generator) -> NDArray[np.float32]:
    """`sound` as a random microphone hears it in a random, noisy room."""
    spectrum = np.fft.rfft(sound)
    frequency = np.linspace(0, RATE / 2, len(spectrum))
    spectrum *= 10 ** (generator.uniform(-3, 6) * np.log2((frequency + 200) / 1000) / 20)
    if generator.random() < 0.3:
        spectrum /= 1 + (frequency / generator.uniform(3500, 6000)) ** 6
    sound = np.fft.irfft(spectrum, len(sound))
    time = np.arange(RATE // 5) / RATE
    room = np.exp(-time / generator.uniform(0.01, 0.06)) * generator.standard_normal(len(time))
    room *= generator.uniform(0, 0.08)
    room[0] = 1.0
    sound = np.convolve(sound, room)[: len(sound)]
    steepness = generator.uniform(0, 0.5)  # 0 white noise, 0.5 pink
    noise = np.fft.rfft(generator.standard_normal(len(sound))) / np.arange(1, len(spectrum) + 1) ** steepness
    noise = np.fft.irfft(noise, len(sound))
    noise *= np.sqrt(np.mean(sound**2) / np.mean(noise**2)) * 10 ** (-generator.uniform(20, 45) / 20)
    return (sound + noise).astype(np.float32)


def sounds_of(speech: Speech) -> Iterator[tuple[str, float, float]]:
    """ARPAbet sounds with their times; what espeak-ng calls one sound may be several."""
    for phoneme in speech.phonemes:
        names = arpabet_of([phoneme.ipa])
        edges = np.linspace(phoneme.start, phoneme.end, len(names) + 1).tolist()
        yield from zip(names, edges, edges[1:], strict=False)


def collect(frames: Frames, speech: Speech, generator: np.random.Generator) -> None:
    """Sort the frames of `speech` by sound and by the third of the sound that they are in."""
    margin = round(AROUND * RATE)
    sound = np.pad(resampled(speech.samples, speech.rate).astype(np.float64), margin)
    heard = features(spoiled(sound, generator)).reshape(-1, 39)
    silent = np.ones(len(heard), np.bool_)
    for name, start, end in sounds_of(speech):
        first, last = ((time + AROUND - BORDER) / FRAME for time in (start, end))
        own = np.arange(max(0, round(first)), min(len(heard), round(last)))
        thirds = np.clip((own - first) / (last - first) * STATES, 0, STATES - 1).astype(int)
        silent[own] = False
        for state in range(STATES):
            frames.setdefault((name, state), []).append(heard[own[thirds == state]])
    states = generator.integers(0, STATES, len(heard))
    for state in range(STATES):
        frames.setdefault((SILENCE, state), []).append(heard[silent & (states == state)])


def count_pairs(pairs: dict[tuple[str, str], int], speech: Speech) -> None:
    row, ended = [SILENCE], 0.0
    for name, start, end in sounds_of(speech):
        if start - ended > 0.05:
            row.append(SILENCE)
        row.append(name)
        ended = end
    for pair in zip(row, [*row[1:], SILENCE], strict=True):
        if pair != (SILENCE, SILENCE):
            pairs[pair] = pairs.get(pair, 0) + 1


def write_sounds(frames: Frames) -> None:
    model = english_model()
    assert model is not None
    rows = []
    for name in model.acoustics.names:
        for state in range(STATES):
            found = np.concatenate([np.zeros((0, 39), np.float32), *frames.get((name, state), [])])[:MOST]
            if len(found) >= LEAST and (name == SILENCE or name not in FILLERS):
                mean, spread = found.mean(axis=0, dtype=np.float64), found.std(axis=0, dtype=np.float64)
                rows.append([name, state, *(f"{value:.3g}" for value in (*mean, *spread))])
    values = [f"{kind}{number}" for kind in ("mean", "spread") for number in range(39)]
    about = """\
# What the sounds of all its languages are like as espeak-ng speaks them, under their ARPAbet names: mean and
# spread of 13 cepstra, their differences and the differences of those, at the beginning (state 0), middle and
# end of the sound. Made by bench/world_sounds.py, not by hand.
"""
    write("world_sounds.csv", about, ["sound", "state", *values], rows)


def write_pairs(pairs: dict[tuple[str, str], int]) -> None:
    about = """\
# How often one sound follows another in all its languages as espeak-ng speaks them, under ARPAbet names.
# Made by bench/world_sounds.py, not by hand.
"""
    write("world_pairs.csv", about, ["before", "after", "count"], [[*p, n] for p, n in sorted(pairs.items())])


def write(name: str, about: str, header: list[str], rows: list[list[object]]) -> None:
    with open(ROOT / "phonemes" / name, "w", encoding="utf-8", newline="") as file:
        file.write(about)
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main()
