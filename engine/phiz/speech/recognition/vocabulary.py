"""All the words of pocketsphinx's English, ready to be heard."""

import logging
import struct
from functools import cache

from phiz.speech.recognition.acoustic import EnglishModel
from phiz.speech.recognition.decoder import decode
from phiz.speech.recognition.lexicon import contexts_of, tree_of
from phiz.speech.recognition.likelihood import Mixed
from phiz.speech.recognition.pairs import english_pairs
from phiz.speech.recognition.trigrams import read_trigrams

__all__ = ["Vocabulary", "english_vocabulary"]

BEGIN, END = "<s>", "</s>"  # the words before and after all others

log = logging.getLogger("phiz")


class Vocabulary:
    """Words, how they are pronounced, and how they follow each other."""

    def __init__(self, model: EnglishModel) -> None:
        """Raises as `read_trigrams`."""
        import pocketsphinx

        self._acoustics = model.acoustics
        self._table, self._words = read_trigrams(pocketsphinx.get_model_path("en-us/en-us.lm.bin"))
        self._contexts = contexts_of(model.acoustics, english_pairs(model.acoustics.names))
        self._tree = tree_of(model.acoustics, self._words, self._table.chance, model.dictionary)
        self._ends = self._words.index(BEGIN), self._words.index(END)

    def words(self, mixed: Mixed) -> list[str]:
        """The words that are likeliest said, in order, in half a minute at most."""
        found = decode(self._acoustics, self._tree, self._contexts, self._table, *self._ends, mixed)
        return [self._words[word] for word, _, _ in found]


@cache
def english_vocabulary(model: EnglishModel) -> Vocabulary | None:
    """The vocabulary, loaded once in a process; None where its table is missing."""
    try:
        return Vocabulary(model)
    except (OSError, ValueError, struct.error) as error:
        log.debug("no English words: %s", error)
        return None
