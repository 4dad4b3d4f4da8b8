"""Borders between a synthesiser's sounds, set right against its own audio.

espeak-ng reports sounds after nasals 20 ms (klatt4: 35 ms), after glides 15 ms later than its audio changes.
Between borders that are right, the spectrum of each sound varies least (`alignment/settling.py`).
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment import features
from phiz.speech.alignment.phonetics import is_fricative
from phiz.speech.alignment.settling import settle
from phiz.speech.ipa import is_closure
from phiz.speech.speech import Phoneme

__all__ = ["own_cepstra", "settle_borders"]

LOUD = 90  # percentile of the frames, by power, that counts as loud
FLOOR = 1e-5  # of the loud frames' power in a band, so that silence is not infinitely quiet
# Seconds that a time of espeak-ng's may be wrong, to earlier and to later, and commonly is.
REACH, DEVIATION = (0.045, 0.020), 0.020
TOUCHING = 0.010  # seconds between two sounds that have no pause between them


def own_cepstra(samples: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Cepstra of a synthesiser's speech [n], as `features.cepstra` gives them."""
    power = features.mel_power(samples, rate)
    power += FLOOR * np.percentile(power.sum(axis=1), LOUD)
    return features.cepstra(power)


def settle_borders(
    phonemes: Sequence[Phoneme], samples: NDArray[np.float32], rate: int
) -> tuple[Phoneme, ...]:
    """Phonemes with the borders between them where their own audio, `samples` [n], has them.

    Starts of stops, and what follows a stop but hisses, stay: silence and bursts told them already.
    """
    if not phonemes:
        return ()
    cepstra = own_cepstra(samples, rate)
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
    return tuple(result)


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
