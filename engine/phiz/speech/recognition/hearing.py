"""One window of a recording to the sounds that are heard in it.

Sounds are found by a loop in which any may follow any (`loop`), in other languages than English with the help
of espeak-ng's sounds (`world`). In English they are then replaced by those of the words that are likeliest
said (`vocabulary`), but for words that do not fit what is heard.

What is no speech is left out (`judging`).
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.acoustic import EnglishModel, Phone
from phiz.speech.recognition.arpabet import arpabet_of, ipa_of, shape_of
from phiz.speech.recognition.cepstra import BORDER, FRAME, OVERLAP, RATE, features
from phiz.speech.recognition.judging import VOWELS, evidence, held, judged
from phiz.speech.recognition.likelihood import log_likelihoods
from phiz.speech.recognition.loop import best_row, chances
from phiz.speech.recognition.model import STATES
from phiz.speech.recognition.pairs import english_pairs, world_pairs
from phiz.speech.recognition.vocabulary import english_vocabulary
from phiz.speech.recognition.world import with_world

__all__ = ["VOWELS", "Heard", "hear"]

SYLLABLE = 0.15  # seconds; few syllables are shorter (Greenberg 1999: 200 ms on average)
NEVER = 200.0  # nats by which silence and noise are less likely where a note is held
WRONG = 4.0  # nats a frame by which a word's sounds are behind others: another word was said


class Heard(NamedTuple):
    """A sound: ARPAbet, start and end in seconds, and whether it is surely sung."""

    name: str
    start: float
    end: float
    sung: bool = False


def hear(model: EnglishModel, samples: NDArray[np.float32], english: bool) -> list[Heard]:
    """The sounds of speech in a window; none where it is silence or noise.

    samples: float32 [n], 16 kHz, -1..1, of half a minute at most. english: whether sounds are those of
    English words; else of any language.
    """
    acoustics, names = model.acoustics, model.acoustics.names
    heard = features(samples)
    if len(heard) <= STATES:
        return []
    senones = acoustics.senones[acoustics.alone]
    mixed = model.mixed(heard)
    scores = log_likelihoods(acoustics, mixed, senones.reshape(-1)).reshape(len(heard), *senones.shape)
    chance = _chance(model, heard, scores, english=True)
    found = evidence(samples, heard, scores, chance, names)
    likely = chance if english else _chance(model, heard, scores, english)
    row = best_row(likely, _shapes(names))
    kinds = judged(found, row, names)
    if english and "song" in kinds:  # heard again: held notes are like noise to a model of speech
        sung = scores.copy()
        silent = np.array([not ipa_of(name) for name in names])
        sung[np.ix_(held(found, row, kinds), silent)] -= NEVER
        row = best_row(_chance(model, heard, sung, english=True), _shapes(names))
        kinds = judged(found, row, names)
    edges = [BORDER * (first > 0) + first * FRAME for _, first, _ in row] + [len(samples) / RATE]
    sounds = [
        Heard(names[sound], edges[k], edges[k + 1], kinds[k] == "song")
        for k, (sound, _, _) in enumerate(row)
        if kinds[k]
    ]
    vocabulary = english_vocabulary(model) if english and "talk" in kinds else None
    if vocabulary is None:
        return sounds
    phones = model.align(samples, [(word, ()) for word in vocabulary.words(mixed)]) or []
    return _in_words(sounds, phones, scores.max(axis=2), names)


def _chance(
    model: EnglishModel, heard: NDArray[np.float32], scores: NDArray[np.float32], english: bool
) -> NDArray[np.float64]:
    """Probability [frames, C] of each sound, in English or in any language."""
    names, leave = model.acoustics.names, model.acoustics.leave
    if english:
        return chances(scores, leave, english_pairs(names), 1.0 / OVERLAP)
    return chances(with_world(scores, heard, names), leave, world_pairs(names), 1.0 / OVERLAP)


def _in_words(
    sounds: list[Heard], phones: list[Phone], scores: NDArray[np.float32], names: tuple[str, ...]
) -> list[Heard]:
    """`sounds` where no word is, or a wrong one; else those of the words, where `sounds` hold any speech;
    sung words are found wrongly.

    scores: log likelihood [frames, C] of each sound.
    """
    numbers = {name: number for number, name in enumerate(names)}
    behind = scores.max(axis=1, keepdims=True) - scores
    result: list[Heard] = []
    for word in dict.fromkeys(phone.word for phone in phones):
        own = [Heard(arpabet_of([p.ipa])[0], p.start, p.end) for p in phones if p.word == word]
        start, end = own[0].start, own[-1].end
        frames = [slice(round((p.start - BORDER) / FRAME), round((p.end - BORDER) / FRAME)) for p in own]
        lag = np.concatenate([behind[f, numbers[p.name]] for f, p in zip(frames, own, strict=True)])
        covered = sum(max(0.0, min(end, s.end) - max(start, s.start)) for s in sounds if not s.sung)
        if covered > (end - start) / 2 and lag.mean() < WRONG:
            result += own
    return sorted([*result, *_between(sounds, result)], key=lambda sound: sound.start)


def _between(sounds: list[Heard], words: list[Heard]) -> list[Heard]:
    """What of `sounds` is not within `words`: whole syllables, no slivers and puffs."""
    left: list[list[Heard]] = [[]]
    for sound in sounds:
        free = [(sound.start, sound.end)]
        for word in words:
            if word.start < sound.end and word.end > sound.start:
                free = [
                    part
                    for start, end in free
                    for part in ((start, min(end, word.start)), (max(start, word.end), end))
                ]
        for start, end in free:
            if end - start > STATES * FRAME:
                if left[-1] and start > left[-1][-1].end + FRAME:
                    left.append([])
                left[-1].append(sound._replace(start=start, end=end))
    return [
        sound
        for run in left
        if run and run[-1].end - run[0].start > SYLLABLE and any(s.name in VOWELS for s in run)
        for sound in run
    ]


@cache
def _shapes(names: tuple[str, ...]) -> NDArray[np.int64]:
    shapes = [shape_of(name) for name in names]
    return np.array([sorted(set(shapes)).index(shape) for shape in shapes], np.int64)
