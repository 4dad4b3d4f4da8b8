"""Sounds of any language at work: what is said, known; whether it is, and when, to be found.

The English model's sounds, whatever surrounds them, and those of all languages as espeak-ng speaks them
(`world`) say together how likely each sound is. Sounds that English has not are taken for the nearest of its
own (`arpabet`): good enough to tell a word from another, too coarse to tell exactly when a sound begins.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.acoustic import EnglishModel, Phone, english_model, phones_along, placed
from phiz.speech.recognition.arpabet import arpabet_of
from phiz.speech.recognition.cepstra import RATE, features
from phiz.speech.recognition.graph import graph_of
from phiz.speech.recognition.likelihood import log_likelihoods
from phiz.speech.recognition.model import FILLERS, STATES
from phiz.speech.recognition.world import with_world

__all__ = ["UniversalModel", "universal_model"]

KEPT = 4  # windows whose scores are kept, 50 kB a second each: some are looked at twice
# Log chance of something else than a word: so much further behind have the sounds of a short word to be.
OTHER = -50.0
ANOTHER = -30.0  # the same of a word that is doubted for other reasons, too
# Sounds that quick speech leaves out or leaves a trace of: taps, soft fricatives, breath, catches, schwas.
WEAK = frozenset("ɾðɣβɰɦhʔə")


class UniversalModel:
    """The model. Use `universal_model()` to share it."""

    def __init__(self, english: EnglishModel) -> None:
        self._english = english
        self._kept: dict[bytes, NDArray[np.float32]] = {}
        self._keeping = threading.Lock()
        names = english.acoustics.names
        count = len(names)
        self._index = {name: index for index, name in enumerate(names)}
        self._spoken = np.array([name not in FILLERS for name in names])
        # As `graph_of` takes it: a sound has the same states in every context.
        self._flat = replace(
            english.acoustics,
            triphones=np.broadcast_to(np.int32(-1), (STATES + 1, count, count, count)),
            alone=np.arange(count, dtype=np.int32),
            senones=np.arange(STATES * count, dtype=np.int32).reshape(count, STATES),
        )

    def align(
        self,
        samples: NDArray[np.float32],
        words: Sequence[tuple[str, Sequence[Sequence[str]]]],
        *,
        doubt: float,
        doubtful: Collection[int] = (),
    ) -> list[Phone] | None:
        """As `EnglishModel.align`; there is no dictionary, but weak sounds may be left out.

        doubtful: indices of words for which something else is said with chance `ANOTHER`, not `OTHER`.
        """
        ways = [list(self._ways(spoken)) for _, spoken in words]
        said = [index for index, own in enumerate(ways) if own]
        if not said:
            return None
        graph = graph_of(self._flat, [ways[index] for index in said], doubts=True)
        scores = self._scores(samples)
        best = scores[:, self._spoken].max(axis=(1, 2))
        columns = self._flat.senones[graph.sequences]
        enter = np.full(len(graph.sounds), OTHER, np.float32)
        enter[[node for node, word in graph.others.items() if word >= 0 and said[word] in doubtful]] = ANOTHER
        columns[list(graph.others)] = scores.shape[1] * STATES
        scores = np.column_stack([scores.reshape(len(scores), -1), best - np.float32(doubt)])
        phones = phones_along(self._flat, graph, scores, columns, best, enter, exact=False)
        return placed(phones, said, len(samples) / RATE) or None

    def _ways(self, spoken: Sequence[Sequence[str]]) -> Iterator[tuple[int, ...]]:
        """Ways to say a word, as numbers of sounds: those given in IPA, and less their weak sounds."""
        for ipa in spoken:
            strong = [name for name in ipa if name[0] not in WEAK]
            for sounds in (ipa, strong) if 1 < len(strong) < len(ipa) else (ipa,):
                way = tuple(self._index[name] for name in arpabet_of(sounds))
                if way:
                    yield way

    def _scores(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Log likelihood [frames, C, STATES] of each sound, whatever surrounds it; the last are kept."""
        key = samples.tobytes()
        with self._keeping:
            found = self._kept.get(key)
        if found is None:
            found = self._scored(samples)
            with self._keeping:
                self._kept[key] = found
                while len(self._kept) > KEPT:
                    self._kept.pop(next(iter(self._kept)))
        return found

    def _scored(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        heard, model = features(samples), self._english.acoustics
        senones = model.senones[model.alone]
        scores = log_likelihoods(model, self._english.mixed(heard), senones.reshape(-1))
        return with_world(scores.reshape(len(heard), *senones.shape), heard, model.names)


def universal_model() -> UniversalModel | None:
    """The model, made once in a process; None where the English one is not installed."""
    english = english_model()
    return None if english is None else _made(english)


@cache
def _made(english: EnglishModel) -> UniversalModel:
    return UniversalModel(english)
