"""Mouth shapes told from sound alone: a broad guess at the phonemes of speech whose text is not known.

Each frame of speech is put into one of few classes by its loudness, voicing, spectral balance and formants.
That finds when the mouth shuts and opens, hisses, and roughly which vowel it forms; it is no recognition.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.speech.activity import HOP, frames_of, loudness, speech_spans, window_length
from phiz.speech.speech import Phoneme

__all__ = ["phonemes_from_sound"]

# First two formants in Hz, means of men's and women's in Hillenbrand et al. 1995, table V
VOWELS = {
    "i": (390, 2540),  # h[ee]d
    "ɪ": (455, 2200),  # h[i]d
    "ɛ": (655, 1930),  # h[ea]d
    "æ": (630, 2150),  # h[a]d
    "ɑ": (850, 1440),  # h[o]d
    "ɔ": (715, 1065),  # h[aw]ed
    "ʊ": (495, 1175),  # h[oo]d
    "u": (420, 1050),  # wh[o]'d
    "ʌ": (690, 1310),  # h[u]d
    "ɜ": (500, 1480),  # h[ear]d
}
CONSONANTS = ("s", "ʃ", "h", "m", "n", "b", "d", "p", "t")
LABELS = (*VOWELS, *CONSONANTS)
S, SH, H, M, N, B, D, P, T = (LABELS.index(sound) for sound in CONSONANTS)

PITCH = (70.0, 400.0)  # Hz, of human speech
VOICED = 0.45  # of a perfectly periodic frame's autocorrelation
# A span is speech when this share of its frames is surely voiced above the band of thumps and hum. Measured:
# speech 0.8, speech in office noise at 0 dB 0.8, knocking and rumble 0.2, whisper 0.15.
LEAST_VOICED, SURELY_VOICED, ABOVE_RUMBLE = 0.3, 0.6, 500.0
HISS = 3000.0  # Hz; a fricative has most of its power above
S_CENTRE = 4800.0  # Hz; centre of a hiss, [s] above and [ʃ] below (Jongman et al. 2000: 6.1 and 4.2 kHz)
# Measured on TIMIT, medians: closures are 30 to 40 dB below the loudest frame within `AROUND`, nasals 14,
# glides and vowels under 6; nasals have 10 to 14 dB more power below 800 Hz than above, vowels 6 to 9.
SHUT, DIP, MURMUR = 22.0, 9.0, (10.0, 13.0)  # decibels; the murmur of [n] at least, and of what counts as [m]
AROUND = 0.12  # seconds
# Hz; 10 to 40 ms after lips open the spectral centre is lower than after the tongue (Stevens & Blumstein
# 1978). TIMIT, quartiles: b 580-870, d 990-2790; p 730-1520, t 1540-4300, k 1710-3520.
LABIAL_BURST = {D: (B, 950.0), T: (P, 1500.0)}
AFTER = (1, 4)  # frames after the closure
SHORTEST = 0.04  # seconds a sound lasts
LPC_BAND, LPC_ORDER = 5000.0, 10  # Hz and poles: two for each of the five formants up to 5 kHz


def phonemes_from_sound(samples: NDArray[np.float32], rate: int) -> tuple[Phoneme, ...]:
    """Guessed phonemes of a recording [n]; none in silence, in steady noise, and where nothing is voiced."""
    spectra = frames_of(samples, rate)
    voicing = voicing_of(spectra, rate)
    frequency = np.fft.rfftfreq(2 * window_length(rate), 1 / rate)
    sure = voicing_of(spectra * (frequency > ABOVE_RUMBLE), rate) > SURELY_VOICED
    labels: NDArray[np.int64] | None = None
    result: list[Phoneme] = []
    for start, end in speech_spans(samples, rate):
        first, last = round(start / HOP), round(end / HOP)
        if sure[first:last].mean() < LEAST_VOICED:
            continue
        if labels is None:
            labels = classify(spectra, voicing, rate)
        for low, high, label in runs(settled(labels[first:last])):
            ipa = LABELS[label]
            times = start + low * HOP, min(end, start + high * HOP)
            result.append(Phoneme(ipa, *times, stress=int(ipa in VOWELS)))
    return tuple(result)


def voicing_of(spectra: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Height, 0..1, of the autocorrelation's highest peak in the range of pitch (Boersma 1993)."""
    length = window_length(rate)
    window = np.hanning(length)
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * length)) ** 2)
    lags = slice(max(1, int(rate / PITCH[1])), min(int(rate / PITCH[0]), length // 2))
    height = np.empty(len(spectra))
    for first in range(0, len(spectra), 4096):
        correlation = np.fft.irfft(spectra[first : first + 4096], axis=1)
        normal = correlation[:, lags] / own[lags] * own[0] / (correlation[:, :1] + 1e-12)
        height[first : first + 4096] = normal.max(axis=1)
    return np.clip(height, 0.0, 1.0)


def classify(spectra: NDArray[np.float64], voicing: NDArray[np.float64], rate: int) -> NDArray[np.int64]:
    """Index into `LABELS` of each frame, as if all were speech."""
    frequency = np.fft.rfftfreq(2 * window_length(rate), 1 / rate)
    level = loudness(spectra, rate)
    labels = nearest_vowel(formants(spectra, rate))
    power = spectra * (frequency > 150)
    total = power.sum(axis=1) + 1e-12
    hiss = power * (frequency > 2000)
    centre = hiss @ frequency / (hiss.sum(axis=1) + 1e-12)
    hissing = power[:, frequency > HISS].sum(axis=1) / total > 0.5
    unvoiced = voicing <= VOICED
    labels[unvoiced & ~hissing] = H
    labels[hissing] = np.where(centre[hissing] > S_CENTRE, S, SH)
    reach = int(AROUND / HOP)
    around = np.lib.stride_tricks.sliding_window_view(np.pad(level, reach, mode="edge"), 2 * reach + 1)
    below = around.max(axis=1) - level
    low = power[:, frequency < 800].sum(axis=1)
    murmur = 10 * np.log10((low + 1e-12) / (total - low + 1e-12))
    humming = ~unvoiced & (below > DIP) & (murmur > MURMUR[0])
    labels[humming] = np.where(murmur[humming] > MURMUR[1], M, N)
    shut = (below > SHUT) & ~hissing
    labels[shut] = np.where(unvoiced[shut], T, D)
    mark_labials(labels, power @ frequency / total)
    return labels


def mark_labials(labels: NDArray[np.int64], centre: NDArray[np.float64]) -> None:
    """Turn closures of the tongue with a low spectral centre at release into closures of the lips."""
    for first, last, label in runs(labels):
        release = centre[last + AFTER[0] : last + AFTER[1]]
        if label in LABIAL_BURST and len(release):
            labial, highest = LABIAL_BURST[label]
            if release.mean() < highest:
                labels[first:last] = labial


def formants(spectra: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """First and second formant [frames, 2] in Hz, from linear prediction on the band below 5 kHz.

    Selective linear prediction: Makhoul 1975, "Linear prediction: a tutorial review", section V.
    """
    top = min(LPC_BAND, rate / 2)
    frequency = np.fft.rfftfreq(2 * window_length(rate), 1 / rate)
    band = spectra[:, frequency <= top] * frequency[frequency <= top] ** 2  # pre-emphasis of 6 dB an octave
    correlation = np.fft.irfft(band + band.mean(axis=1, keepdims=True) * 1e-4 + 1e-12, axis=1)
    matrix = correlation[:, np.abs(np.arange(LPC_ORDER)[:, None] - np.arange(LPC_ORDER))]
    weights = np.linalg.solve(matrix, correlation[:, 1 : LPC_ORDER + 1, None])[..., 0]
    companion = np.zeros((len(spectra), LPC_ORDER, LPC_ORDER))
    companion[:, 0] = weights
    companion[:, np.arange(1, LPC_ORDER), np.arange(LPC_ORDER - 1)] = 1.0
    poles = np.linalg.eigvals(companion)
    place = np.angle(poles) / np.pi * top
    sharp = (np.abs(poles) > 0.8) & (place > 200)
    place = np.sort(np.where(sharp, place, 9999.0), axis=1)
    return np.asarray(place[:, :2], np.float64)


def nearest_vowel(places: NDArray[np.float64]) -> NDArray[np.int64]:
    """Index into `LABELS` of the vowel whose formants are nearest on a logarithmic scale."""
    known = np.log(np.array(list(VOWELS.values()), np.float64))
    apart = np.log(places)[:, None, :] - known[None]
    nearest: NDArray[np.int64] = np.argmin((apart**2).sum(axis=2), axis=1)
    return nearest


def settled(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Labels without flicker: the commonest of five frames; runs under `SHORTEST` join the one before."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(labels, 2, mode="edge"), 5)
    votes = (around[:, :, None] == around[:, None, :]).sum(axis=2)
    nearest_wins = np.array([0.0, 0.2, 0.4, 0.2, 0.0])
    winner = np.argmax(votes + nearest_wins, axis=1)
    smooth: NDArray[np.int64] = around[np.arange(len(labels)), winner]
    least = round(SHORTEST / HOP)
    for first, last, _ in runs(smooth):
        if last - first < least and first > 0:
            smooth[first:last] = smooth[first - 1]
    return smooth


def runs(labels: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """(first, end, label) of each run of equal labels."""
    edges = [0, *(np.flatnonzero(np.diff(labels)) + 1).tolist(), len(labels)]
    return [(low, high, int(labels[low])) for low, high in pairwise(edges) if high > low]
