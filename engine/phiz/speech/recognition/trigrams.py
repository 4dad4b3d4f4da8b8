"""How likely an English word follows two others: pocketsphinx's table of 73 thousand words.

The file ("Trie Language Model", after KenLM's: Heafield 2011) is a tree that starts at the word in question:
below it are the words that come before it, and below each of these the words before that one. Its entries are
packed to the bit; the numbers in them count places in tables of values.
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["NO_WORD", "Trigrams", "log_chance", "read_trigrams"]

MAGIC = b"Trie Language Model"
NO_WORD = -1  # as a word that came before: there was none
STEP = np.float32(np.log(1.0001))  # values are logarithms to this base
TABLE, BITS = 1 << 16, 16  # values in a table, and of a number that counts them
PADDING = 8  # bytes after each packed array
UNIGRAM = np.dtype([("chance", "<f4"), ("backoff", "<f4"), ("first", "<u4")])


class Trigrams(NamedTuple):
    """chance, backoff: natural logarithms, by word. first: of each word's pairs, int64 [words + 1].

    pairs, triples: packed entries. values: [3, 65536], chance and backoff of pairs, and chance of triples.
    word_bits, next_bits: sizes of parts of an entry.
    """

    chance: NDArray[np.float32]
    backoff: NDArray[np.float32]
    first: NDArray[np.int64]
    pairs: NDArray[np.uint8]
    triples: NDArray[np.uint8]
    values: NDArray[np.float32]
    word_bits: int
    next_bits: int


def read_trigrams(path: str | Path) -> tuple[Trigrams, Sequence[str]]:
    """The table and its words. Raises OSError, ValueError and struct.error for a file that is none."""
    view, at = memoryview(Path(path).read_bytes()), len(MAGIC)
    data = np.frombuffer(view, np.uint8)
    if bytes(view[:at]) != MAGIC or data[at] != 3:
        raise ValueError(f"{path} is no table of word triples that is known here")
    words, pairs, triples = struct.unpack_from("<3I", view, at + 1)
    at += 1 + 4 * 3 + 4
    values = np.frombuffer(view, "<f4", 3 * TABLE, at).reshape(3, TABLE) * STEP
    at += values.nbytes
    unigrams = np.frombuffer(view, UNIGRAM, words + 1, at)
    at += unigrams.nbytes
    word_bits, next_bits = int(words).bit_length(), int(triples).bit_length()
    packed = []
    for count, width in ((pairs, word_bits + 2 * BITS + next_bits), (triples, word_bits + BITS)):
        size = ((count + 1) * width + 7) // 8 + PADDING
        packed.append(data[at : at + size])
        at += size
    (length,) = struct.unpack_from("<i", view, at)
    names = bytes(view[at + 4 : at + 4 + length]).decode("latin-1").split("\0")[:-1]
    table = Trigrams(
        unigrams["chance"] * STEP,
        unigrams["backoff"] * STEP,
        unigrams["first"].astype(np.int64),
        packed[0],
        packed[1],
        values,
        word_bits,
        next_bits,
    )
    return table, names


@jit
def log_chance(table: Trigrams, word: int, before: int, earlier: int) -> np.float32:
    """Natural logarithm of the chance of `word` after `earlier` and `before` (either may be `NO_WORD`)."""
    if before == NO_WORD:
        return table.chance[word]
    bits, following = table.word_bits, table.next_bits
    wide, narrow = bits + 2 * BITS + following, bits + BITS
    pair = _find(table.pairs, table.first[word], table.first[word + 1], wide, bits, before)
    backoff = np.float32(0.0)
    if earlier != NO_WORD:
        if pair >= 0:
            low = _number(table.pairs, pair * wide + bits + 2 * BITS, following)
            high = _number(table.pairs, (pair + 1) * wide + bits + 2 * BITS, following)
            triple = _find(table.triples, low, high, narrow, bits, earlier)
            if triple >= 0:
                return table.values[2, _number(table.triples, triple * narrow + bits, BITS)]
        history = _find(table.pairs, table.first[before], table.first[before + 1], wide, bits, earlier)
        if history >= 0:
            backoff = table.values[1, _number(table.pairs, history * wide + bits, BITS)]
    if pair >= 0:
        return table.values[0, _number(table.pairs, pair * wide + bits + BITS, BITS)] + backoff
    return table.chance[word] + table.backoff[before] + backoff


@jit
def _number(packed: NDArray[np.uint8], at: int, bits: int) -> int:
    """The number of `bits` bits (32 at most) that begins at bit `at`, lowest first."""
    byte = at >> 3
    value = 0
    for k in range(5):
        value |= int(packed[byte + k]) << (8 * k)
    return (value >> (at & 7)) & ((1 << bits) - 1)


@jit
def _find(packed: NDArray[np.uint8], low: int, high: int, width: int, bits: int, word: int) -> int:
    """The entry, from `low` up to `high`, that begins with `word`; -1 for none. Entries are in order."""
    while low < high:
        middle = (low + high) >> 1
        found = _number(packed, middle * width, bits)
        if found == word:
            return middle
        if found < word:
            low = middle + 1
        else:
            high = middle
    return -1
