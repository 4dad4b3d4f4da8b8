"""One window of a recording to the sounds that are heard in it.

Sounds are found by a loop in which any may follow any (`loop`), in other languages than English with the help
of espeak-ng's sounds (`world`). In English they are then replaced by those of the words that are likeliest
said (`vocabulary`), but for words that do not fit what is heard.

What is no speech is told from speech by three things, measured on espeak-ng's speech (16 languages, 8 voices,
whispers and noise among them) against made noises (steady, gusts, knocks, engines, tones, chords, beats):
frames of speech fit some sound of speech clearly better than any silence or noise, within seconds they run
through many different sounds, and no tone stands still. And voices swell, knocks do not.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.acoustic import EnglishModel, Phone
from phiz.speech.recognition.arpabet import arpabet_of, ipa_of, shape_of
from phiz.speech.recognition.cepstra import BORDER, FRAME, OVERLAP, RATE, features
from phiz.speech.recognition.likelihood import log_likelihoods
from phiz.speech.recognition.loop import best_row, chances
from phiz.speech.recognition.model import STATES
from phiz.speech.recognition.pairs import english_pairs, world_pairs
from phiz.speech.recognition.texture import steadiness, sudden_peaks
from phiz.speech.recognition.vocabulary import english_vocabulary
from phiz.speech.recognition.world import world_scores

__all__ = ["VOWELS", "Heard", "hear"]

# Speech has `LEAST` of: nats a frame by which its sounds beat silence, plus `VARIED` for each nat of entropy
# of the sounds within some seconds. By logistic regression 94 % of either kind are on the right side of 20.5;
# here speech is thought to be likelier than not.
VARIED, LEAST = 6.6, 18.8
TALKING, HELD = 0.35, 20.0  # steadiness of speech at most, and what more of it takes away; singers may pass
CLEAREST = 12.0  # nats that count at most; one steady tone can fit a sound very well
NEAR = 2.0  # seconds to each side over which that is averaged
FEW = 6  # sounds; fewer cannot vary much
PAUSE = 0.2  # seconds; longer than any closure inside a word
WORLD = 0.25  # how much the sounds of all languages have to say beside the English model's, of 1
SYLLABLE = 0.15  # seconds; few syllables are shorter (Greenberg 1999: 200 ms on average)
WRONG = 4.0  # nats a frame by which a word's sounds are behind others: another word was said
VOWELS = frozenset(["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"])

Row = list[tuple[int, int, int]]  # (sound, first frame, last frame excluded), in order


class Heard(NamedTuple):
    """A sound: ARPAbet, start and end in seconds."""

    name: str
    start: float
    end: float


def hear(model: EnglishModel, samples: NDArray[np.float32], english: bool) -> list[Heard]:
    """The sounds of speech in a window; none where it is silence or noise.

    samples: float32 [n], 16 kHz, -1..1, of half a minute at most. english: whether sounds are those of
    English words; else of any language.
    """
    names = model.acoustics.names
    heard = features(samples)
    if len(heard) <= STATES:
        return []
    senones = model.acoustics.senones[model.acoustics.alone]
    mixed = model.mixed(heard)
    scores = log_likelihoods(model.acoustics, mixed, senones.reshape(-1)).reshape(len(heard), *senones.shape)
    leave = model.acoustics.leave
    chance = chances(scores, leave, english_pairs(names), 1.0 / OVERLAP)
    likely = chance
    if not english:
        both = scores + WORLD * (world_scores(heard, names) - scores)
        likely = chances(both.astype(np.float32), leave, world_pairs(names), 1.0 / OVERLAP)
    row = best_row(likely, _shapes(names))
    held = steadiness(samples, len(heard))
    kept = _speechlike(scores, chance, held, row, names)
    kept = _with_vowels(row, _less_knocks(row, kept, samples), names)
    edges = [BORDER * (first > 0) + first * FRAME for _, first, _ in row] + [len(samples) / RATE]
    sounds = [Heard(names[sound], edges[k], edges[k + 1]) for k, (sound, _, _) in enumerate(row) if kept[k]]
    vocabulary = english_vocabulary(model) if english and sounds else None
    if vocabulary is None:
        return sounds
    phones = model.align(samples, [(word, ()) for word in vocabulary.words(mixed)]) or []
    return _in_words(sounds, phones, scores.max(axis=2), names)


def _in_words(
    sounds: list[Heard], phones: list[Phone], scores: NDArray[np.float32], names: tuple[str, ...]
) -> list[Heard]:
    """`sounds` where no word is, or a wrong one; else those of the words, where `sounds` hold any speech.

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
        covered = sum(max(0.0, min(end, s.end) - max(start, s.start)) for s in sounds)
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
                left[-1].append(Heard(sound.name, start, end))
    return [
        sound
        for run in left
        if run and run[-1].end - run[0].start > SYLLABLE and any(s.name in VOWELS for s in run)
        for sound in run
    ]


def _speechlike(
    scores: NDArray[np.float32],
    chance: NDArray[np.float64],
    held: NDArray[np.float64],
    row: Row,
    names: tuple[str, ...],
) -> list[bool]:
    """Of each sound in `row`, whether it is one of speech and what surrounds it sounds like speech."""
    speech = np.array([bool(ipa_of(name)) for name in names])
    weight = (chance[:, speech].sum(axis=1) > 0.5).astype(np.float64)
    clear = scores[:, speech].max(axis=(1, 2)) - scores[:, ~speech].max(axis=(1, 2))
    shares = np.cumsum(np.pad(chance[:, speech] * weight[:, None], ((1, 0), (0, 0))), axis=0)
    clarity = np.cumsum(np.pad(clear * weight, (1, 0)))
    steady = np.cumsum(np.pad(held * weight, (1, 0)))
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
        music = max(0.0, (steady[high] - steady[low]) / total - TALKING)
        kept.append(clearly + VARIED * entropy - HELD * music > LEAST)
    return kept


def _less_knocks(row: Row, kept: list[bool], samples: NDArray[np.float32]) -> list[bool]:
    """`kept`, less sounds around which most peaks of loudness come suddenly."""
    times, sudden = sudden_peaks(samples)
    count = np.cumsum(np.pad(sudden.astype(np.int64), (1, 0)))
    result = list(kept)
    for k, (_, first, last) in enumerate(row):
        low, high = np.searchsorted(times, [first * FRAME - NEAR, last * FRAME + NEAR])
        if high > low and count[high] - count[low] > (high - low) / 2:
            result[k] = False
    return result


def _with_vowels(row: Row, kept: list[bool], names: tuple[str, ...]) -> list[bool]:
    """`kept`, less what pauses part from the rest and is no syllable: clicks and puffs."""
    result = list(kept)
    group: list[int] = []
    for k, (_, first, _) in enumerate([*row, (-1, row[-1][2] + round(PAUSE / FRAME) + 1, 0)]):
        if group and first - row[group[-1]][2] > PAUSE / FRAME:
            length = (row[group[-1]][2] - row[group[0]][1]) * FRAME
            if length < SYLLABLE or not any(names[row[member][0]] in VOWELS for member in group):
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
