"""The sounds of words and sentences whose times alone are known: as espeak-ng says them, fitted into each."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np

from phiz.speech.formats.draft import Item
from phiz.speech.speech import Phoneme, Speech, Word
from phiz.speech.voices import Request, espeak

__all__ = ["in_sentences", "in_words"]

AT_ONCE = 40  # words said together, so that each sounds as it does among its neighbours


def in_words(items: Sequence[Item], language: str) -> tuple[Phoneme, ...]:
    """Phonemes of words, each filling its word's time; `word` counts `items`.

    A word with nothing to say ("...") has none. language: as `phiz.speak` takes it; raises UsageError.
    """
    result: list[Phoneme] = []
    for first in range(0, len(items), AT_ONCE):
        batch = items[first : first + AT_ONCE]
        sounding = said([item.text for item in batch], language)
        for index, (item, sounds) in enumerate(zip(batch, sounding, strict=True)):
            if sounds and item.end > item.start:
                placed = fit(sounds, item.start, item.end)
                result += [replace(phoneme, word=first + index) for phoneme in placed]
    return tuple(result)


def in_sentences(items: Sequence[Item], language: str) -> tuple[tuple[Word, ...], tuple[Phoneme, ...]]:
    """Words and phonemes of sentences, at an even tempo through each, with the pauses of the voice."""
    words: list[Word] = []
    phonemes: list[Phoneme] = []
    for item in items:
        speech = espeak.say(Request(item.text, language))
        if not speech.phonemes or item.end <= item.start:
            continue
        first, last = speech.phonemes[0].start, speech.phonemes[-1].end
        tempo = (item.end - item.start) / (last - first)

        def at(time: float, first: float = first, tempo: float = tempo, item: Item = item) -> float:
            return min(item.start + (time - first) * tempo, item.end)

        for sound in speech.phonemes:
            word = sound.word + len(words) if sound.word >= 0 else -1
            phonemes.append(replace(sound, start=at(sound.start), end=at(sound.end), word=word))
        words += [Word(word.text, at(word.start), at(word.end)) for word in speech.words]
    return tuple(words), tuple(phonemes)


def said(texts: Sequence[str], language: str) -> list[tuple[Phoneme, ...]]:
    """The phonemes of each text: said together where the voice parts them just so, else each alone."""
    together = espeak.say(Request(" ".join(texts), language))
    parts = by_word(together)
    spoken = [text for text in texts if plain(text)]
    if [plain(word.text) for word in together.words] == [plain(text) for text in spoken]:
        found = iter(range(len(together.words)))
        return [parts.get(next(found), ()) if plain(text) else () for text in texts]
    return [espeak.say(Request(text, language)).phonemes for text in texts]


def by_word(speech: Speech) -> dict[int, tuple[Phoneme, ...]]:
    """The phonemes of each word of a speech."""
    return {word: tuple(group) for word, group in groupby(speech.phonemes, lambda phoneme: phoneme.word)}


def plain(text: str) -> str:
    """Letters, marks and digits of a word, to compare by."""
    return "".join(c for c in text.casefold() if unicodedata.category(c)[0] in "LMN")


def fit(phonemes: Sequence[Phoneme], start: float, end: float) -> list[Phoneme]:
    """`phonemes` one after another from `start` to `end`, all stretched alike."""
    lengths = np.array([phoneme.end - phoneme.start for phoneme in phonemes])
    edges = start + (end - start) * np.concatenate([[0.0], np.cumsum(lengths) / lengths.sum()])
    edges[-1] = end
    times = zip(phonemes, pairwise(edges.tolist()), strict=True)
    return [replace(phoneme, start=start, end=end) for phoneme, (start, end) in times]
