"""All words that may be heard, as a tree: words that begin alike share the way there.

A node is a sound in context. What comes before a word's first sound and after its last is not known while the
tree is made: a first sound learns its context when it is entered (`Contexts.begin`), a last one blends all
that may come.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.recognition.model import BEGIN, END, FILLERS, INSIDE, SINGLE, STATES, Acoustics

__all__ = ["FILLER", "FIRST", "INNER", "LAST", "ONLY", "Contexts", "Tree", "contexts_of", "tree_of"]

FIRST, INNER, LAST, ONLY, FILLER = range(5)  # kinds of nodes; ONLY: the one sound of a word


class Tree(NamedTuple):
    """N nodes. kind: int8 [N]. sound: int32 [N]. label: int32 [N], of an INNER or FILLER node its sequence of
    states, of a FIRST the sound after it, of a LAST the one before. hope: float32 [N], log chance of the
    likeliest word below. children, ends: int32 [N, 2], first and last (excluded) child, and place in `words`
    of the words that end here. roots: nodes without parent.
    """

    kind: NDArray[np.int8]
    sound: NDArray[np.int32]
    label: NDArray[np.int32]
    hope: NDArray[np.float32]
    children: NDArray[np.int32]
    ends: NDArray[np.int32]
    words: NDArray[np.int32]
    roots: NDArray[np.int32]


class Contexts(NamedTuple):
    """What sounds at the ends of words are made of, of C sounds.

    begin: int32 [C, C, C], sequence of a word's first sound, by sound, sound before and sound after.
    bounds: int32 [2 * C * C * STATES + 1], for a last and for an only sound, by sound, sound before and
    state, where its senones lie in `members`; their shares are in `shares`.
    """

    begin: NDArray[np.int32]
    bounds: NDArray[np.int32]
    members: NDArray[np.int32]
    shares: NDArray[np.float32]


def contexts_of(model: Acoustics, follow: NDArray[np.float64]) -> Contexts:
    """follow: log chance [C, C] that the second sound comes after the first."""
    count = len(model.names)
    begin = _sequences(model, BEGIN)
    heard = np.array([name not in FILLERS or name == FILLERS[0] for name in model.names])
    chance = np.exp(follow) * heard
    chance /= chance.sum(axis=1, keepdims=True)
    rows = np.arange(count * count * STATES)
    members, shares, sizes = [], [], []
    for place in (END, SINGLE):
        senones = model.senones[_sequences(model, place)]  # [sound, before, after, state]
        keys = rows[:, None] * len(model.owner) + np.moveaxis(senones, 2, 3).reshape(-1, count)
        weights = np.broadcast_to(chance[:, None, None, :], (count, count, STATES, count)).reshape(-1, count)
        unique, where = np.unique(keys, return_inverse=True)
        members.append(unique % len(model.owner))
        shares.append(np.bincount(where.reshape(-1), weights.reshape(-1)))
        sizes.append(np.bincount(unique // len(model.owner), minlength=len(rows)))
    bounds = np.cumsum(np.concatenate([[0], *sizes]))
    return Contexts(
        begin,
        bounds.astype(np.int32),
        np.concatenate(members).astype(np.int32),
        np.concatenate(shares).astype(np.float32),
    )


def _sequences(model: Acoustics, place: int) -> NDArray[np.int32]:
    """`Acoustics.sequence` for all sounds, sounds before and sounds after, int32 [C, C, C]."""
    anywhere = model.triphones.max(axis=0)
    known = np.where(model.triphones[place] >= 0, model.triphones[place], anywhere)
    result = np.where(known >= 0, known, model.alone[:, None, None])
    filler = np.array([name in FILLERS for name in model.names])
    return np.where(filler[:, None, None], model.alone[:, None, None], result).astype(np.int32)


def tree_of(
    model: Acoustics,
    words: Sequence[str],
    chance: NDArray[np.float32],
    dictionary: Mapping[str, Sequence[Sequence[str]]],
) -> Tree:
    """The tree of those `words` that are in the dictionary; `chance`: log chance of each word.

    Level by level: nodes are the different pairs of a node above and what tells its children apart.
    """
    index = {name: number for number, name in enumerate(model.names)}
    ways = [
        (number, [index[sound] for sound in way])
        for number, word in enumerate(words)
        for way in dictionary.get(word, ())
    ]
    word = np.array([number for number, _ in ways], np.int32)
    lengths = np.array([len(way) for _, way in ways])
    sounds = np.full((len(ways), lengths.max() + 1), -1, np.int32)
    for row, (_, way) in enumerate(ways):
        sounds[row, : len(way)] = way
    inside = _sequences(model, INSIDE)
    parts: list[tuple[NDArray[np.int64], ...]] = []
    parents = np.zeros(len(ways), np.int64)
    total = 0
    for level in range(sounds.shape[1] - 1):
        on = np.flatnonzero(lengths > level)
        here, after, before = sounds[on, level], sounds[on, level + 1], sounds[on, max(level - 1, 0)]
        last = lengths[on] == level + 1
        if level == 0:
            kind, label = np.where(last, ONLY, FIRST), np.where(last, -1, after)
        else:
            kind = np.where(last, LAST, INNER)
            label = np.where(last, before, inside[here, before, after])
        key = ((parents[on] * 8 + kind) * 64 + here) * (1 << 20) + label + 1
        _, first, where = np.unique(key, return_index=True, return_inverse=True)
        where = where.reshape(-1)
        parts.append((kind[first], here[first], label[first], parents[on][first]))
        parents[on] = total + where
        total += len(first)
    return _assembled(model, parts, parents, word, chance)


def _assembled(
    model: Acoustics,
    parts: Sequence[tuple[NDArray[np.int64], ...]],
    leaves: NDArray[np.int64],
    word: NDArray[np.int32],
    chance: NDArray[np.float32],
) -> Tree:
    """The tree of its levels, with the fillers' nodes. leaves: the node in which each of `word` ends."""
    fillers = np.array([model.names.index(name) for name in FILLERS])
    kind, sound, label, parent = (np.concatenate(part) for part in zip(*parts, strict=True))
    starts = np.cumsum([0, *(len(part[0]) for part in parts)])
    rooted = int(starts[1])
    count = len(kind) + len(fillers)
    hope = np.full(count, -np.inf, np.float32)
    np.maximum.at(hope, leaves, chance[word])
    for first, last in zip(starts[-2:0:-1], starts[:1:-1], strict=True):
        np.maximum.at(hope, parent[first:last], hope[first:last])
    hope[len(kind) :] = 0.0
    numbers = np.arange(count)
    below = parent[rooted:]
    children = np.stack([np.searchsorted(below, numbers, side) for side in ("left", "right")], axis=1)
    order = np.argsort(leaves, kind="stable")
    ended = leaves[order]
    ends = np.stack([np.searchsorted(ended, numbers, side) for side in ("left", "right")], axis=1)
    return Tree(
        np.concatenate([kind, np.full(len(fillers), FILLER)]).astype(np.int8),
        np.concatenate([sound, fillers]).astype(np.int32),
        np.concatenate([label, model.alone[fillers]]).astype(np.int32),
        hope,
        (children + rooted).astype(np.int32),
        ends.astype(np.int32),
        word[order],
        np.concatenate([np.arange(rooted), np.arange(len(kind), count)]).astype(np.int32),
    )
