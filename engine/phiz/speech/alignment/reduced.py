"""English weak vowels by what is heard: the schwa of [a]bout, or the fronted one of ros[e]s.

No dictionary tells them apart; neighbours and tempo do. The transcribers of TIMIT went by the formants: a
schwa whose second formant is nearer to the third than to the first is fronted (Zue & Seneff 1988).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.speech.speech import Phoneme

__all__ = ["with_fronted_schwas"]

SCHWAS = ("ə", "ɐ")
FRONTED = "ɪ"
PLACES = (-0.010, 0.0, 0.010)  # seconds from the middle, where formants are measured
WINDOW = 0.025  # seconds
TOP, POLES = 5500.0, 10  # Hz and poles: two for each of five formants of women's voices
LOWEST, WIDEST = 200.0, 700.0  # Hz: of a formant, and of its bandwidth


def with_fronted_schwas(
    phonemes: Sequence[Phoneme], samples: NDArray[np.float32], rate: int
) -> tuple[Phoneme, ...]:
    """`phonemes` with the unstressed schwas that are heard fronted written [ɪ]. samples: [n]."""
    return tuple(
        replace(phoneme, ipa=FRONTED)
        if phoneme.ipa in SCHWAS and phoneme.stress == 0 and is_fronted(phoneme, samples, rate)
        else phoneme
        for phoneme in phonemes
    )


def is_fronted(vowel: Phoneme, samples: NDArray[np.float32], rate: int) -> bool:
    middle = (vowel.start + vowel.end) / 2
    found = [formants(samples, rate, middle + place) for place in PLACES]
    known = [places for places in found if len(places) == 3]
    if not known:
        return False
    first, second, third = np.median(known, axis=0)
    return bool(third - second < second - first)


def formants(samples: NDArray[np.float32], rate: int, time: float) -> NDArray[np.float64]:
    """The first three formants in Hz around `time`, fewer where fewer are clear.

    Selective linear prediction of the band below `TOP`: Makhoul 1975, "Linear prediction: a tutorial review".
    """
    length = round(WINDOW * rate)
    first = round(time * rate) - length // 2
    part = np.asarray(samples[max(0, first) : first + length], np.float64)
    if len(part) < length or not part.any():
        return np.empty(0)
    top = min(TOP, rate / 2)
    power = np.abs(np.fft.rfft(part * np.hanning(length), 2 * length)) ** 2
    frequency = np.fft.rfftfreq(2 * length, 1 / rate)
    band = (
        power[frequency <= top] * frequency[frequency <= top] ** 2
    )  # 6 dB an octave, against the voice's slope
    correlation = np.fft.irfft(band + 1e-4 * band.mean())[: POLES + 1]
    matrix = correlation[np.abs(np.arange(POLES)[:, None] - np.arange(POLES))]
    poles = np.roots(np.concatenate([[1.0], -np.linalg.solve(matrix, correlation[1:])]))
    poles = poles[poles.imag > 0]
    place, width = np.angle(poles) / np.pi * top, -np.log(np.abs(poles)) * 2 * top / np.pi
    found: NDArray[np.float64] = np.sort(place[(place > LOWEST) & (width < WIDEST)])[:3]
    return found
