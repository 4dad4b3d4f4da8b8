"""The English acoustic model at work: what is said, known; when, to be found.

Not neural: Gaussian mixtures and hidden Markov models over sounds in context, from pocketsphinx's package.
Pocketsphinx's own forced alignment was tried first: it loses its path on synthetic and noisy speech, needs
two passes, and on TIMIT has fewer boundaries within 20 ms (75.5 %; this: 77.2 %).
"""

import logging
import struct
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from sys import intern
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.arpabet import arpabet_of, ipa_of
from phiz.speech.recognition.cepstra import BORDER, FRAME, OVERLAP, RATE, features, resampled
from phiz.speech.recognition.graph import OTHER, Graph, graph_of
from phiz.speech.recognition.likelihood import Mixed, log_likelihoods, mix
from phiz.speech.recognition.model import FILLERS, Acoustics, read_model
from phiz.speech.recognition.paths import entry_times, likeliest_path

__all__ = ["RATE", "EnglishModel", "Phone", "english_model", "phones_along", "placed", "resampled"]

KEPT = 2  # windows whose Gaussians are kept, 1 MB a second each

log = logging.getLogger("phiz")


class Phone(NamedTuple):
    """One sound: IPA, start and end in seconds, and the index of its word among those given.

    ipa is "" for what is none of the words' sounds; word is then the one that it stands for, -1 for none.
    behind: how much better (natural logarithm, mean of its frames) the sound fits that fits best there.
    """

    ipa: str
    start: float
    end: float
    word: int
    behind: float = 0.0


class EnglishModel:
    """The model, loaded. Use `english_model()` to share it."""

    def __init__(self) -> None:
        """Raises as `read_model`, and ImportError where pocketsphinx is not installed."""
        import pocketsphinx

        self.acoustics = read_model(pocketsphinx.get_model_path("en-us/en-us"))
        self.dictionary = _dictionary(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
        self._kept: dict[bytes, Mixed] = {}
        self._keeping = threading.Lock()
        self._index = {name: index for index, name in enumerate(self.acoustics.names)}

    def align(
        self,
        samples: NDArray[np.float32],
        words: Sequence[tuple[str, Sequence[Sequence[str]]]],
        *,
        doubt: float | None = None,
    ) -> list[Phone] | None:
        """When each sound of `words` is made; None when there are more of them than the sound has time for.

        samples: float32 [n], 16 kHz, -1..1; a minute at most, for the memory's sake (100 MB a minute).
        words: (text, pronunciations in IPA) of each; the dictionary's are added, and the model chooses.
        A word without any pronunciation is passed over. Time that no phone covers is silence.
        doubt: how far behind the words' sounds may be until something else is heard instead; None: for ever.
        """
        choices = [self.pronunciations(text, spoken) for text, spoken in words]
        said = [index for index, choice in enumerate(choices) if choice]
        if not said:
            return None
        ways = [[self._sounds(way) for way in choices[index]] for index in said]
        graph = graph_of(self.acoustics, ways, doubts=doubt is not None)
        return placed(self._timed(features(samples), graph, doubt), said, len(samples) / RATE) or None

    def pronunciations(self, text: str, spoken: Sequence[Sequence[str]] = ()) -> tuple[tuple[str, ...], ...]:
        """Ways to say a word, in ARPAbet: the dictionary's, then those given in IPA."""
        known = self.dictionary.get(text.lower().replace("’", "'"), ())
        heard = [arpabet_of(ipa) for ipa in spoken]
        return tuple(sounds for sounds in dict.fromkeys([*known, *heard]) if sounds)

    def _sounds(self, pronunciation: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(self._index[name] for name in pronunciation)

    def _timed(self, heard: NDArray[np.float32], graph: Graph, doubt: float | None) -> list[Phone]:
        """The sounds of the graph's likeliest path, in order; [] for none. Words count those of the graph."""
        model = self.acoustics
        senones = model.senones[graph.sequences]
        any_sound = self._any_sound() if doubt is not None else np.zeros(0, np.int32)
        needed, where = np.unique(np.concatenate([senones.ravel(), any_sound]), return_inverse=True)
        columns = where[: senones.size].reshape(senones.shape).astype(np.int32)
        scores = log_likelihoods(model, self.mixed(heard), needed)
        best = None
        if doubt is not None:
            best = scores[:, where[senones.size :]].max(axis=1)
            columns[list(graph.others)] = scores.shape[1]
            scores = np.column_stack([scores, best - np.float32(doubt)])
        return phones_along(model, graph, scores, columns, best)

    def mixed(self, heard: NDArray[np.float32]) -> Mixed:
        """As `mix`; the last are kept, for who listens twice."""
        key = heard.tobytes()
        with self._keeping:
            found = self._kept.get(key)
        if found is None:
            found = mix(self.acoustics, heard)
            with self._keeping:
                self._kept[key] = found
                while len(self._kept) > KEPT:
                    self._kept.pop(next(iter(self._kept)))
        return found

    def _any_sound(self) -> NDArray[np.int32]:
        """The senones of all sounds, whatever comes before and after them."""
        model = self.acoustics
        spoken = [row for row, name in enumerate(model.names) if name not in FILLERS]
        return np.unique(model.senones[model.alone[spoken]])


def placed(phones: Iterable[Phone], said: Sequence[int], seconds: float) -> list[Phone]:
    """Phones whose words count those of `said`, with words as these stand in a text, and none of them beyond
    the sound's end."""
    return [
        phone._replace(
            start=min(phone.start, seconds),
            end=min(phone.end, seconds),
            word=said[phone.word] if phone.word >= 0 else -1,
        )
        for phone in phones
    ]


def phones_along(
    model: Acoustics,
    graph: Graph,
    scores: NDArray[np.float32],
    columns: NDArray[np.int32],
    best: NDArray[np.float32] | None,
    other: float | NDArray[np.float32] = OTHER,
    *,
    exact: bool = True,
) -> list[Phone]:
    """The sounds of the graph's likeliest path, in order; [] for none. Words count those of the graph.

    scores: float32 [frames, n], log likelihoods. columns: int32 [nodes, STATES], which of them each node's
    states have. best: [frames], of the sound that fits best, where that is asked. other: log chance of what
    is none of the words, the same or [nodes]. exact: whether sounds
    begin at the mean over all ways to time them, which takes its time, or as the likeliest way has it.
    """
    leave = model.leave[graph.sounds]
    enter = graph.enter(other)
    path, first = likeliest_path(scores, columns, leave, graph.before, enter, graph.first, graph.last)
    entries = entry_times(scores, columns[path], leave[path], OVERLAP).tolist() if exact else first
    result: list[Phone] = []
    for node, (entry, end) in zip(path, pairwise([*entries, len(scores)]), strict=True):
        another, word = node in graph.others, graph.words[node]
        if another or word >= 0:
            name = "" if another else ipa_of(model.names[graph.sounds[node]])
            times = entry * FRAME + BORDER, end * FRAME + BORDER
            own = slice(int(entry), max(int(entry) + 1, int(end)))
            behind = 0.0 if best is None else best[own] - scores[own][:, columns[node]].max(axis=1)
            result.append(Phone(name, *times, graph.others.get(node, word), float(np.mean(behind))))
    return result


def _dictionary(path: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    """From word in small letters to its pronunciations in ARPAbet."""
    result: dict[str, tuple[tuple[str, ...], ...]] = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            word, *sounds = line.split()
            word = word.partition("(")[0] or word
            result[word] = (*result.get(word, ()), tuple(map(intern, sounds)))  # 40 names, not 900,000
    return result


_loading = threading.Lock()


def english_model() -> EnglishModel | None:
    """The model, loaded once in a process; None where it is not installed."""
    with _loading:
        return _loaded()


@cache
def _loaded() -> EnglishModel | None:
    try:
        return EnglishModel()
    except (ImportError, OSError, ValueError, struct.error) as error:
        log.debug("no English acoustic model: %s", error)
        return None
