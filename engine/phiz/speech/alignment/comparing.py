"""A recording and a synthesiser's speech made alike: equally loud, with the same background, as features."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment import features
from phiz.speech.speech import Speech

__all__ = ["Compared", "compared"]

QUIET = 10.0  # percentile of the recording's frames, by loudness, that are background
LOUD = 90.0  # percentile that is compared with the same of the reference, to make both as loud
EMPTY = 1e-8  # of the loudest frame's power: where there is less nothing was recorded, silence was put in
FLOOR = 1e-5  # of the loud frames' power in each band: under both sounds, so that no silence is perfect


class Compared(NamedTuple):
    """Features of every `features.HOP` seconds.

    reference: [m, d]. recording: [n, d]. silence: [n], how far each frame of the recording is from its own
    background. cepstra: [n, d / 2], of the recording.
    """

    reference: NDArray[np.float32]
    recording: NDArray[np.float32]
    silence: NDArray[np.float32]
    cepstra: NDArray[np.float64]


def compared(samples: NDArray[np.float32], rate: int, spoken: Speech) -> Compared:
    """Both sounds as features; the reference gets the recording's background noise.

    samples: float32 [n], not all zero. (Adding the noise to the model rather than taking it from the sound:
    parallel model combination, Gales & Young 1996.)
    """
    top = min(features.HIGHEST, rate / 2, spoken.rate / 2)
    said = features.mel_power(spoken.samples, spoken.rate, top)
    heard = features.mel_power(samples, rate, top)
    level = heard.sum(axis=1)
    there = level > EMPTY * level.max()
    said /= np.percentile(said.sum(axis=1), LOUD) + 1e-20
    heard /= np.percentile(level[there], LOUD)
    quiet = there & (level <= np.percentile(level[there], QUIET))
    background = heard[quiet].mean(axis=0)
    reference, cepstra = features.cepstra(said + (background + FLOOR)), features.cepstra(heard + FLOOR)
    centre = cepstra[sounding(cepstra[:, 0], there)].mean(axis=0)
    recording = features.with_changes(cepstra - centre)
    still = features.cepstra(np.stack([background + FLOOR, np.full(len(background), FLOOR)])) - centre
    rest = np.hstack([still, np.zeros_like(still)]).astype(np.float32)
    silence = np.sqrt(np.min([((recording - each) ** 2).sum(axis=1) for each in rest], axis=0))
    reference -= reference[sounding(reference[:, 0], np.ones(len(reference), np.bool_))].mean(axis=0)
    return Compared(features.with_changes(reference), recording, silence, cepstra)


def sounding(level: NDArray[np.float64], there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Frames that are louder than a third of the way from the background to the loud frames.

    there: the frames that count for both.
    """
    floor, top = np.percentile(level[there], QUIET), np.percentile(level[there], LOUD)
    result: NDArray[np.bool_] = level >= floor + (top - floor) / 3
    return result
