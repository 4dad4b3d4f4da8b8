"""What a text sounds like, for comparing a recording with: a synthesiser's speech with exact times."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment import features
from phiz.speech.alignment.phonetics import is_fricative
from phiz.speech.alignment.settling import even_cut, settle
from phiz.speech.ipa import is_closure
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.synthesis import say

__all__ = ["speak_reference", "true_times"]

VARIANT = "klatt4"  # of espeak-ng's voices: plain formants, no breath
LOUD = 90  # percentile of the frames, by power, that counts as loud
FLOOR = 1e-5  # of the loud frames' power in a band, so that silence is not infinitely quiet
# Seconds that a time of espeak-ng's may be wrong, to earlier and to later, and commonly is. It reports sounds
# after nasals and glides 35 and 15 ms after they are heard in its own audio.
REACH, DEVIATION = (0.045, 0.020), 0.020
TOUCHING = 0.010  # seconds between two sounds that have no pause between them
VOWELS = "aæɐɑɒɔoʊuʉɯɪiɨyʏøœɶɛeəɘɤɵɜɞʌɚɝᵻ"
# Two sounds under one name: a vowel and [ɹ], as in st[ɑːɹ]t, or a diphthong and a vowel, as in f[aɪə].
FUSED = re.compile(rf"([{VOWELS}]+ː?)(ɹ)|([{VOWELS}][ɪʊ])([əɚ])")


def speak_reference(text: str, language: str) -> Speech:
    """`text` as espeak-ng says it, for `align`. Raises SpeechError and UsageError as `phiz.speak`."""
    return true_times(say(text, voice=f"espeak:{VARIANT}", language=language))


def true_times(spoken: Speech) -> Speech:
    """A synthesiser's speech with the borders between its sounds where its own audio has them.

    Starts of stops, and what follows a stop but hisses, stay: silence and bursts told them already.
    """
    power = features.mel_power(spoken.samples, spoken.rate)
    power += FLOOR * np.percentile(power.sum(axis=1), LOUD)
    cepstra = features.cepstra(power)
    phonemes = parted(spoken.phonemes, cepstra)
    result: list[Phoneme] = []
    for run in runs(phonemes):
        edges = np.array([*(phoneme.start for phoneme in run), run[-1].end])
        stops = np.array([True, *(is_closure(phoneme.ipa) or phoneme.ipa == "ɾ" for phoneme in run), True])
        hiss = np.array([*(is_fricative(phoneme.ipa) for phoneme in run), False])
        free = ~((stops[:-1] & ~hiss) | stops[1:])
        settled = settle(cepstra, edges, free, edges[None], np.array([DEVIATION]), REACH)
        result += [
            replace(p, start=s, end=e) for p, (s, e) in zip(run, pairwise(settled.tolist()), strict=True)
        ]
    return replace(spoken, phonemes=tuple(result))


def parted(phonemes: Sequence[Phoneme], cepstra: NDArray[np.float64]) -> list[Phoneme]:
    """Phonemes of which those that are two sounds under one name have become two."""
    result: list[Phoneme] = []
    for phoneme in phonemes:
        match = FUSED.fullmatch(phoneme.ipa)
        if match:
            first, second = (name for name in match.groups() if name)
            cut = even_cut(cepstra, phoneme.start, phoneme.end)
            result.append(replace(phoneme, ipa=first, end=cut))
            result.append(replace(phoneme, ipa=second, start=cut, stress=0))
        else:
            result.append(phoneme)
    return result


def runs(phonemes: Sequence[Phoneme]) -> list[list[Phoneme]]:
    """Phonemes between pauses, each ending where the next one starts."""
    result: list[list[Phoneme]] = []
    for phoneme in phonemes:
        if result and phoneme.start - result[-1][-1].end <= TOUCHING:
            result[-1][-1] = replace(result[-1][-1], end=phoneme.start)
            result[-1].append(phoneme)
        else:
            result.append([phoneme])
    return result
