"""What a text sounds like, for comparing a recording with: a synthesiser's speech with exact times."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.settling import even_cut
from phiz.speech.borders import own_cepstra
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.synthesis import say

__all__ = ["speak_reference"]

VARIANT = "klatt4"  # of espeak-ng's voices: plain formants, no breath
VOWELS = "aæɐɑɒɔoʊuʉɯɪiɨyʏøœɶɛeəɘɤɵɜɞʌɚɝᵻ"
# Two sounds under one name: a vowel and [ɹ], as in st[ɑːɹ]t, or a diphthong and a vowel, as in f[aɪə].
FUSED = re.compile(rf"([{VOWELS}]+ː?)(ɹ)|([{VOWELS}][ɪʊ])([əɚ])")


def speak_reference(text: str, language: str) -> Speech:
    """`text` as espeak-ng says it, for `align`. Raises SpeechError and UsageError as `phiz.speak`."""
    spoken = say(text, voice=f"espeak:{VARIANT}", language=language)
    return replace(spoken, phonemes=parted(spoken.phonemes, own_cepstra(spoken.samples, spoken.rate)))


def parted(phonemes: Sequence[Phoneme], cepstra: NDArray[np.float64]) -> tuple[Phoneme, ...]:
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
    return tuple(result)
