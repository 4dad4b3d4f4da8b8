"""The English words that are likeliest said: a search through all of them at once, frame by frame.

Time-synchronous Viterbi beam search over a tree of all words (Ney & Ortmanns 1999), as pocketsphinx's first
pass, whose numbers it keeps. Each node of the tree carries the best path into each of its states; the chance
of the likeliest word below a node is counted in on the way there and exchanged for the word's own, after the
two words before it, at its end. It is here and not in pocketsphinx for its speed: it looks at the Gaussians
once, and takes half as long for the same words.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.speech.recognition.lexicon import FILLER, FIRST, INNER, ONLY, Contexts, Tree
from phiz.speech.recognition.likelihood import Mixed
from phiz.speech.recognition.model import SILENCE, STATES, Acoustics
from phiz.speech.recognition.scoring import (
    NOTHING,
    Heard,
    Listener,
    add_heard,
    listen,
    listener_of,
    nothing_heard,
)
from phiz.speech.recognition.trigrams import NO_WORD, Trigrams, log_chance

__all__ = ["decode"]

BEAM, WORD_BEAM = 80.0, 50.0  # nats behind the best path at which a path, and a word's end, is given up
MOST = 500  # nodes kept in a frame, about
LANGUAGE = 6.5  # exponent of the chance of words, as frames that overlap overstate what is heard
NEW_WORD = float(np.log(0.65))  # for each word
PAUSE, NOISE = float(np.log(0.005)), float(np.log(1e-8))  # for silence between words, and for noises
IMPOSSIBLE = -1e30
RANKS = 512  # steps in which the beam is narrowed to keep `MOST`
ENTRIES = 200  # ends of words remembered a frame, at most


class _Paths(NamedTuple):
    """score, came: [N, STATES], the best path into each state, and the word's end that it came from. enter,
    via: [N], the same for paths that come in with the next frame. active: nodes with a path; listed: bool
    [N].
    """

    score: NDArray[np.float32]
    came: NDArray[np.int32]
    enter: NDArray[np.float32]
    via: NDArray[np.int32]
    active: NDArray[np.int32]
    spare: NDArray[np.int32]
    listed: NDArray[np.bool_]


class _Ends(NamedTuple):
    """Ends of words, in order of time: the word (`NO_WORD` for a pause), its last frame, the end before it,
    its last sound, the two words that count as said last, and the score.
    """

    word: NDArray[np.int32]
    frame: NDArray[np.int32]
    origin: NDArray[np.int32]
    sound: NDArray[np.int32]
    last: NDArray[np.int32]
    earlier: NDArray[np.int32]
    score: NDArray[np.float32]


def decode(
    model: Acoustics,
    tree: Tree,
    contexts: Contexts,
    table: Trigrams,
    begin: int,
    end: int,
    mixed: Mixed,
) -> list[tuple[int, int, int]]:
    """(word, first frame, last frame excluded) of each word that is likeliest said, in order.

    mixed: the Gaussians at half a minute at most. begin, end: the words that stand for the beginning and end
    of speech.
    """
    count, nodes = mixed.frames, len(tree.kind)
    paths = _Paths(
        np.full((nodes, STATES), IMPOSSIBLE, np.float32),
        np.zeros((nodes, STATES), np.int32),
        np.full(nodes, IMPOSSIBLE, np.float32),
        np.zeros(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.empty(nodes, np.int32),
        np.zeros(nodes, np.bool_),
    )
    room = ENTRIES * (count + 1)
    numbers = [np.full(room, NO_WORD, np.int32) for _ in range(6)]
    ends = _Ends._make([*numbers, np.zeros(room, np.float32)])
    ends.sound[0], ends.last[0] = model.names.index(SILENCE), begin
    seen = listener_of(model)
    cost = np.array([PAUSE if name == SILENCE else NOISE for name in model.names], np.float32)
    used = _search(seen, tree, contexts, table, cost, paths, ends, nothing_heard(model, contexts, mixed))
    return _traced(ends, used, count, table, end)


def _traced(ends: _Ends, used: int, count: int, table: Trigrams, end: int) -> list[tuple[int, int, int]]:
    """The words of the best path whose last word ends with the sound or, if none does, as late as any."""
    late = np.flatnonzero(ends.frame[:used] == ends.frame[:used].max())
    total = [
        ends.score[entry] + LANGUAGE * log_chance(table, end, ends.last[entry], ends.earlier[entry])
        for entry in late
    ]
    entry = int(late[int(np.argmax(total))])
    words: list[tuple[int, int, int]] = []
    while entry > 0:
        origin = int(ends.origin[entry])
        if ends.word[entry] != NO_WORD:
            words.append((int(ends.word[entry]), int(ends.frame[origin]) + 1, int(ends.frame[entry]) + 1))
        entry = origin
    return words[::-1]


@jit
def _search(
    model: Listener,
    tree: Tree,
    contexts: Contexts,
    table: Trigrams,
    cost: NDArray[np.float32],
    paths: _Paths,
    ends: _Ends,
    heard: Heard,
) -> int:
    """Fill `ends` and return how many there are."""
    count, used, best_end = 0, 1, 0
    best = np.float32(0.0)
    asked = np.empty(paths.score.shape, np.int32)
    for t in range(heard.mixed.frames):
        if best_end >= 0:
            count = _begin_words(tree, cost, paths, count, best_end, ends.score[best_end], best)
        _move(model, tree, contexts.begin, paths, count, ends.sound, asked)
        active = paths.active[:count]
        listen(model, contexts, t, active, asked, heard)
        best = add_heard(active, asked, heard.senone, heard.blend, paths.score)
        lowest = _narrowed(active, paths.score, best)
        count, used, best_end = _pass_on(model.leave, tree, table, t, paths, count, ends, used, best, lowest)
    return used


@jit
def _begin_words(
    tree: Tree,
    cost: NDArray[np.float32],
    paths: _Paths,
    count: int,
    end: int,
    score: np.float32,
    best: np.float32,
) -> int:
    """Let the path of a word's end go on with any word or pause; how many nodes are active then."""
    kind, sound, hope = tree.kind, tree.sound, tree.hope
    enter, via, listed, active = paths.enter, paths.via, paths.listed, paths.active
    for node in tree.roots:
        begun = score + (cost[sound[node]] if kind[node] == FILLER else np.float32(LANGUAGE) * hope[node])
        if begun >= best - np.float32(BEAM) and begun > enter[node]:
            enter[node] = begun
            via[node] = end
            if not listed[node]:
                listed[node] = True
                active[count] = node
                count += 1
    return count


@jit
def _move(
    model: Listener,
    tree: Tree,
    begin: NDArray[np.int32],
    paths: _Paths,
    count: int,
    said: NDArray[np.int32],
    asked: NDArray[np.int32],
) -> None:
    """Let paths stay or go on within their nodes, and note in `asked` [N, STATES] what each state listens
    for: a senone, less than `NOTHING` a blend. said: the last sound of each end of a word.
    """
    sounds, kinds, labels = tree.sound, tree.kind, tree.label
    scores, came, enter, via = paths.score, paths.came, paths.enter, paths.via
    stay, leave, senones = model.stay, model.leave, model.senones
    for node in paths.active[:count]:
        sound, kind, label = sounds[node], kinds[node], labels[node]
        for s in range(STATES - 1, -1, -1):
            score = scores[node, s] + stay[sound, s]
            if s:
                other, origin = scores[node, s - 1] + leave[sound, s - 1], came[node, s - 1]
            else:
                other, origin = enter[node], via[node]
            if other > score:
                score = other
                came[node, s] = origin
            scores[node, s] = score
            asked[node, s] = NOTHING
            if score < np.float32(IMPOSSIBLE / 2):
                continue
            if kind in (INNER, FILLER):
                asked[node, s] = senones[label, s]
            elif kind == FIRST:
                asked[node, s] = senones[begin[sound, said[came[node, s]], label], s]
            else:
                row = sound * len(begin) + label
                if kind == ONLY:
                    row = (len(begin) + sound) * len(begin) + said[came[node, s]]
                asked[node, s] = NOTHING - 1 - (row * STATES + s)
        enter[node] = np.float32(IMPOSSIBLE)


@jit
def _narrowed(active: NDArray[np.int32], score: NDArray[np.float32], best: np.float32) -> np.float32:
    """The lowest score that stays in the beam, narrower where more than `MOST` nodes would."""
    beam = np.float32(BEAM)
    if len(active) > MOST:
        ranks = np.zeros(RANKS, np.int64)
        for node in active:
            behind = best - max(score[node, 0], score[node, 1], score[node, 2])
            if behind <= beam:
                ranks[min(RANKS - 1, int(behind * RANKS / beam))] += 1
        total = 0
        for rank in range(RANKS):
            total += ranks[rank]
            if total > MOST:
                return best - beam * np.float32((rank + 1) / RANKS)
    return best - beam


@jit
def _pass_on(
    leave: NDArray[np.float32],
    tree: Tree,
    table: Trigrams,
    t: int,
    paths: _Paths,
    count: int,
    ends: _Ends,
    used: int,
    best: np.float32,
    lowest: np.float32,
) -> tuple[int, int, int]:
    """Let paths leave their nodes, for children and ends of words; drop those below `lowest`.

    The number of nodes active now, of ends, and the best new end, -1 for none.
    """
    score, came, enter, via = paths.score, paths.came, paths.enter, paths.via
    active, spare, listed = paths.active, paths.spare, paths.listed
    sound, hope, children = tree.sound, tree.hope, tree.children
    kept, begun = 0, used
    for node in active[:count]:
        listed[node] = False
    for node in active[:count]:
        if max(score[node, 0], score[node, 1], score[node, 2]) < lowest:
            for s in range(STATES):
                score[node, s] = np.float32(IMPOSSIBLE)
            continue
        if not listed[node]:
            listed[node] = True
            spare[kept] = node
            kept += 1
        gone = score[node, STATES - 1] + leave[sound[node], STATES - 1]
        if gone < lowest:
            continue
        for child in range(children[node, 0], children[node, 1]):
            moved = gone + np.float32(LANGUAGE) * (hope[child] - hope[node])
            if moved >= lowest and moved > enter[child]:
                enter[child] = moved
                via[child] = came[node, STATES - 1]
                if not listed[child]:
                    listed[child] = True
                    spare[kept] = child
                    kept += 1
        if gone >= best - np.float32(WORD_BEAM):
            used = _end_words(tree, table, t, node, came[node, STATES - 1], gone, best, ends, used)
    for k in range(kept):
        active[k] = spare[k]
    return kept, used, _best(ends.score, begun, used)


@jit
def _best(score: NDArray[np.float32], first: int, last: int) -> int:
    """Where the highest score from `first` up to `last` is; -1 for none."""
    best = -1
    for k in range(first, last):
        if best < 0 or score[k] > score[best]:
            best = k
    return best


@jit
def _end_words(
    tree: Tree,
    table: Trigrams,
    t: int,
    node: int,
    came: int,
    score: np.float32,
    best: np.float32,
    ends: _Ends,
    used: int,
) -> int:
    """Remember the words that end in a node; how many ends there are then."""
    filler = tree.kind[node] == FILLER
    last, earlier = ends.last[came], ends.earlier[came]
    for k in range(0 if filler else tree.ends[node, 0], 1 if filler else tree.ends[node, 1]):
        if used == len(ends.word):
            break
        word, total = NO_WORD, score
        if not filler:
            word = tree.words[k]
            gain = log_chance(table, word, last, earlier) - tree.hope[node]
            total += np.float32(LANGUAGE) * gain + np.float32(NEW_WORD)
        if total >= best - np.float32(WORD_BEAM):
            ends.word[used] = word
            ends.frame[used] = t
            ends.origin[used] = came
            ends.sound[used] = ends.sound[0] if filler else tree.sound[node]
            ends.last[used] = last if filler else word
            ends.earlier[used] = earlier if filler else last
            ends.score[used] = total
            used += 1
    return used
