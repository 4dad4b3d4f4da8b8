"""Made laughter and shouting, where no recording is at hand: espeak-ng's own sounds, reshaped with WORLD."""

from functools import cache

import numpy as np
import pyworld
from numpy.typing import NDArray

from phiz.speech.recognition.cepstra import RATE, resampled
from phiz.speech.speech import Speech
from phiz.speech.synthesis import speak

__all__ = ["RATE", "laughter", "shouted"]

Array = NDArray[np.float64]
PERIOD = 0.005  # seconds between WORLD's frames
BREATH = -22.0  # decibels of the breath between calls, under the calls


def analysed(speech: Speech) -> tuple[Array, Array, Array]:
    sound = resampled(speech.samples, speech.rate).astype(np.float64)
    pitch, times = pyworld.harvest(sound, RATE)
    return pitch, pyworld.cheaptrick(sound, pitch, times, RATE), pyworld.d4c(sound, pitch, times, RATE)


@cache
def vowel(word: str, voice: str) -> tuple[Array, Array]:
    """Spectra and aperiodicity of the vowel after the last [h]."""
    said = speak(word, voice=voice)
    after = [b for a, b in zip(said.phonemes[:-1], said.phonemes[1:], strict=True) if a.ipa == "h"][-1]
    _, spectra, noise = analysed(said)
    part = slice(int(after.start / PERIOD) + 1, int(after.end / PERIOD))
    return spectra[part], noise[part]


def spread(rows: Array, count: int) -> Array:
    return rows[np.linspace(0, len(rows) - 1, count).round().astype(int)]


def laughter(
    word: str, voice: str, hz: float, pace: float, calls: int, seed: int = 0
) -> tuple[NDArray[np.float32], list[float]]:
    """Samples at `RATE` and the seconds at which each call's vowel begins.

    After Bachorowski et al. 2001: calls of half a period each, `pace` a second and slowing, the pitch falling
    in each by 3 and from each to the next by 1 semitone, growing fainter; breath through the same mouth.
    """
    chance = np.random.default_rng(seed)
    spectra, noise = vowel(word, voice)
    rows: list[Array] = []
    aperiodic: list[Array] = []
    pitch: list[Array] = []
    starts: list[float] = []
    for call in range(calls):
        frames = round((1 + 0.03 * call) * (1 + 0.08 * chance.uniform(-1, 1)) / pace / PERIOD)
        voiced = frames // 2
        gain = 10 ** (-1.5 * call / 10)
        rows += [spread(spectra, frames - voiced) * gain * 10 ** (BREATH / 10)]
        rows += [spread(spectra, voiced) * gain * np.sin(np.linspace(0.15, 3.0, voiced))[:, None]]
        aperiodic += [np.ones((frames - voiced, noise.shape[1])), spread(noise, voiced)]
        top = hz * 2 ** (-call / 12)
        pitch += [np.zeros(frames - voiced), np.linspace(1.1 * top, 0.92 * top, voiced)]
        starts.append(PERIOD * (sum(map(len, pitch)) - voiced))
    made = pyworld.synthesize(*(np.concatenate(part) for part in (pitch, rows, aperiodic)), RATE)
    return (0.3 * made / np.abs(made).max()).astype(np.float32), starts


def shouted(
    speech: Speech, louder: float = 14.0, higher: float = 10.0, brighter: float = 8.0
) -> NDArray[np.float32]:
    """Samples at `RATE` of the same, by decibels, semitones, and decibels above 2 against below 0.5 kHz."""
    pitch, spectra, noise = analysed(speech)
    hz = np.maximum(np.linspace(0, RATE / 2, spectra.shape[1]), 1.0)
    tilt = brighter * (np.clip(np.log2(hz / 500) / 2, 0, 1) - 0.5)
    spectra *= 10 ** ((louder + tilt) / 10)
    return np.asarray(pyworld.synthesize(pitch * 2 ** (higher / 12), spectra, noise, RATE), np.float32)
