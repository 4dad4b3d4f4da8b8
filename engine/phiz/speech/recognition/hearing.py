"""One window of a recording to the sounds that are heard in it.

What is no speech is told from speech by two things, measured on espeak-ng's speech (16 languages, 8 voices,
whispers and noise among them) against made noises (steady, gusts, knocks, engines, tones, chords, beats):
frames of speech fit some sound of speech clearly better than any silence or noise, and within seconds they
run through many different sounds.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.acoustic import EnglishModel
from phiz.speech.recognition.arpabet import ipa_of, shape_of
from phiz.speech.recognition.cepstra import BORDER, FRAME, OVERLAP, RATE, features
from phiz.speech.recognition.likelihood import log_likelihoods
from phiz.speech.recognition.loop import best_row, chances
from phiz.speech.recognition.model import FILLERS, STATES

__all__ = ["VOWELS", "Heard", "hear"]

# Speech has `LEAST` of: nats a frame by which its sounds beat silence, plus `VARIED` for each nat of entropy
# of the sounds within some seconds. By logistic regression 94 % of either kind are on the right side of 20.5;
# here speech is thought to be likelier than not.
VARIED, LEAST = 6.6, 18.8
CLEAREST = 12.0  # nats that count at most; one steady tone can fit a sound very well
NEAR = 2.0  # seconds to each side over which that is averaged
FEW = 6  # sounds; fewer cannot vary much
PAUSE = 0.2  # seconds; longer than any closure inside a word
VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])
RARE = -60.0  # log chance of two sounds that English does not join


class Heard(NamedTuple):
    """A sound: ARPAbet, start and end in seconds."""

    name: str
    start: float
    end: float


def hear(model: EnglishModel, samples: NDArray[np.float32], english: bool) -> list[Heard]:
    """The sounds of speech in a window; none where it is silence or noise.

    samples: float32 [n], 16 kHz, -1..1, of half a minute at most. english: whether sounds follow each other
    as in English; else any follows any.
    """
    acoustics = model.acoustics
    heard = features(samples)
    if len(heard) <= STATES:
        return []
    senones = acoustics.senones[acoustics.alone]
    scores = log_likelihoods(acoustics, heard, senones.reshape(-1)).reshape(len(heard), *senones.shape)
    follow = english_pairs(acoustics.names) if english else any_pairs(len(acoustics.names))
    chance = chances(scores, acoustics.leave, follow, 1.0 / OVERLAP)
    row = best_row(chance, _shapes(acoustics.names))
    speech = np.array([bool(ipa_of(name)) for name in acoustics.names])
    kept = _speechlike(scores, chance, row, speech)
    kept = _with_vowels(row, kept, np.array([name in VOWELS for name in acoustics.names]))
    edges = [BORDER * (first > 0) + first * FRAME for _, first, _ in row] + [len(samples) / RATE]
    return [
        Heard(acoustics.names[sound], edges[k], edges[k + 1])
        for k, (sound, _, _) in enumerate(row)
        if kept[k]
    ]


def _speechlike(
    scores: NDArray[np.float32],
    chance: NDArray[np.float64],
    row: list[tuple[int, int, int]],
    speech: NDArray[np.bool_],
) -> list[bool]:
    """Of each sound in `row`, whether it is one of speech and what surrounds it sounds like speech."""
    weight = (chance[:, speech].sum(axis=1) > 0.5).astype(np.float64)
    clear = scores[:, speech].max(axis=(1, 2)) - scores[:, ~speech].max(axis=(1, 2))
    shares = np.cumsum(np.pad(chance[:, speech] * weight[:, None], ((1, 0), (0, 0))), axis=0)
    clarity = np.cumsum(np.pad(clear * weight, (1, 0)))
    weights = np.cumsum(np.pad(weight, (1, 0)))
    starts = np.array([first for sound, first, _ in row if speech[sound]])
    kept = []
    for sound, first, last in row:
        low, high = max(0, first - round(NEAR / FRAME)), min(len(weight), last + round(NEAR / FRAME))
        total = weights[high] - weights[low]
        if not speech[sound] or total == 0:
            kept.append(False)
            continue
        share = (shares[high] - shares[low]) / (shares[high] - shares[low]).sum()
        entropy = -np.sum(share * np.log(share + 1e-12))
        count = max(2, int(np.sum((starts >= low) & (starts < high))))
        entropy *= max(1.0, np.log(FEW) / np.log(count))
        clearly = min(CLEAREST, (clarity[high] - clarity[low]) / total)
        kept.append(clearly + VARIED * entropy > LEAST)
    return kept


def _with_vowels(
    row: list[tuple[int, int, int]], kept: list[bool], vowel: NDArray[np.bool_]
) -> list[bool]:
    """`kept`, less sounds with no vowel among those that no pause parts from them: clicks and puffs."""
    result = list(kept)
    group: list[int] = []
    for k, (_, first, _) in enumerate([*row, (-1, row[-1][2] + round(PAUSE / FRAME) + 1, 0)]):
        if group and first - row[group[-1]][2] > PAUSE / FRAME:
            if not any(vowel[row[member][0]] for member in group):
                for member in group:
                    result[member] = False
            group = []
        if k < len(row) and kept[k]:
            group.append(k)
    return result


@cache
def _shapes(names: tuple[str, ...]) -> NDArray[np.int64]:
    shapes = [shape_of(name) for name in names]
    return np.array([sorted(set(shapes)).index(shape) for shape in shapes], np.int64)


def any_pairs(count: int) -> NDArray[np.float64]:
    """Log chance [count, count] that a sound follows another, equal for all."""
    return np.full((count, count), -np.log(count))


@cache
def english_pairs(names: tuple[str, ...]) -> NDArray[np.float64]:
    """Log chance [C, C] that the second sound follows the first, by pocketsphinx's table of English."""
    import pocketsphinx

    model = pocketsphinx.NGramModel.readfile(pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin"))
    natural = pocketsphinx.LogMath().log_to_ln
    known = ["SIL" if name in FILLERS else name for name in names]
    pairs = np.array([[natural(model.prob([after, before])) for after in known] for before in known])
    return np.maximum(pairs, RARE)
