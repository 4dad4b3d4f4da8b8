"""All ways to say a row of words: their pronunciations, each sound in its context, and pauses between."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.model import BEGIN, END, INSIDE, SILENCE, SINGLE, Acoustics

__all__ = ["OTHER", "Graph", "graph_of"]

PAUSE = float(np.log(0.005))  # log chance of a pause after a word, pocketsphinx's `silprob`
OTHER = float(np.log(0.002))  # log chance of something else than a word, or more than it: one word in 500


@dataclass(frozen=True)
class Graph:
    """N nodes in order of time, each a sound in context.

    sounds: rows of `Acoustics.names` [N]. sequences: rows of `Acoustics.senones` [N]. words: [N], -1 for
    silence. before: [N], the nodes that may come right before each. begins, ends: where speech may.
    others: nodes of any sound at all, with the word that it stands for, or -1 for more than is given.
    """

    sounds: list[int] = field(default_factory=list)
    sequences: list[int] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)
    begins: set[int] = field(default_factory=set)
    ends: set[int] = field(default_factory=set)
    others: dict[int, int] = field(default_factory=dict)

    def enter(self, other: float | NDArray[np.float32]) -> NDArray[np.float32]:
        """Log chance of entering each node, float32 [N]. other: that of `others`, or [N], of which it is."""
        chance = np.where(np.array(self.words) < 0, PAUSE, 0.0).astype(np.float32)
        nodes = list(self.others)
        chance[nodes] = np.broadcast_to(np.float32(other), len(chance))[nodes]
        return chance

    @property
    def first(self) -> NDArray[np.bool_]:
        """bool [N], from `begins`."""
        return np.isin(np.arange(len(self.sounds)), list(self.begins))

    @property
    def last(self) -> NDArray[np.bool_]:
        """bool [N], from `ends`."""
        return np.isin(np.arange(len(self.sounds)), list(self.ends))

    def add(self, sound: int, sequence: int, word: int, before: Sequence[int]) -> int:
        """The index of a new node."""
        self.sounds.append(sound)
        self.sequences.append(sequence)
        self.words.append(word)
        self.before.append(list(before))
        return len(self.sounds) - 1


class _Exit(NamedTuple):
    """A node that ends a word: its sound, and the only sound that may follow (None: any)."""

    node: int
    sound: int
    after: int | None


def graph_of(model: Acoustics, words: Sequence[Sequence[tuple[int, ...]]], *, doubts: bool = False) -> Graph:
    """All ways through a row of words; pauses may be anywhere.

    words: of each, the ways to say it, each a row of sounds; none is empty. doubts: whether something else
    may be said instead of each word, and between any two.
    """
    graph = Graph()
    silence = model.names.index(SILENCE)
    rest = model.sequence(SINGLE, silence, silence, silence)
    pause = graph.add(silence, rest, -1, ())
    graph.begins.add(pause)
    exits = [_Exit(pause, silence, None)]
    if doubts:
        exits += _add_other(graph, silence, rest, -1, exits)
        graph.begins.add(exits[-1].node)
        graph.before[pause].append(exits[-1].node)
    for word, ways in enumerate(words):
        following = {way[0] for way in words[word + 1]} if word + 1 < len(words) else set()
        after = sorted({silence, *following})
        ended: list[_Exit] = []
        begun = len(graph.sounds)
        for way in ways:
            ended += _add_word(model, graph, word, way, exits, after)
        if doubts:
            ended += _add_other(graph, silence, rest, word, exits)
        if word == 0:
            graph.begins.update(n for n in range(begun, len(graph.sounds)) if pause in graph.before[n])
        paused = [end for end in ended if end.after in (None, silence)]
        pause = graph.add(silence, rest, -1, [end.node for end in paused])
        exits = [*(end for end in ended if end.after != silence), _Exit(pause, silence, None)]
        if doubts:
            exits += _add_other(graph, silence, rest, -1, [*paused, exits[-1]])
            graph.before[pause].append(exits[-1].node)
    graph.ends.update([pause, *graph.before[pause]])
    return graph


def _add_other(graph: Graph, silence: int, rest: int, word: int, exits: Sequence[_Exit]) -> list[_Exit]:
    """A node of any sound after `exits`, in which speech leaves off as before a pause."""
    before = [end.node for end in exits if end.after in (None, silence)]
    node = graph.add(silence, rest, -1, before)
    graph.others[node] = word
    return [_Exit(node, silence, None)]


def _add_word(
    model: Acoustics,
    graph: Graph,
    word: int,
    way: tuple[int, ...],
    exits: Sequence[_Exit],
    after: Sequence[int],
) -> list[_Exit]:
    """Nodes for one way to say a word: one a sound, but several of the first and last, by neighbours."""
    sources: dict[int, list[int]] = {}
    for end in exits:
        if end.after in (None, way[0]):
            sources.setdefault(end.sound, []).append(end.node)
    if len(way) == 1:
        return [
            _Exit(
                graph.add(way[0], model.sequence(SINGLE, way[0], before, right), word, nodes), way[0], right
            )
            for (before, nodes), right in product(sources.items(), after)
        ]
    current = [
        graph.add(way[0], model.sequence(BEGIN, way[0], before, way[1]), word, nodes)
        for before, nodes in sources.items()
    ]
    for before, sound, right in zip(way, way[1:-1], way[2:], strict=False):
        current = [graph.add(sound, model.sequence(INSIDE, sound, before, right), word, current)]
    return [
        _Exit(graph.add(way[-1], model.sequence(END, way[-1], way[-2], right), word, current), way[-1], right)
        for right in after
    ]
