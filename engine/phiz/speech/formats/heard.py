"""The sounds of words and sentences whose times are known, as they are heard in the recording."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.errors import SpeechError
from phiz.speech.alignment.aligner import align
from phiz.speech.alignment.transcript import Transcript, read_transcript
from phiz.speech.alignment.windows import Placed, Window, windows_of
from phiz.speech.formats.draft import Item
from phiz.speech.formats.spoken import in_sentences, in_words, plain
from phiz.speech.recognition.acoustic import RATE, resampled
from phiz.speech.recording import aligned
from phiz.speech.speech import Phoneme, Word

__all__ = ["heard_in_sentences", "heard_in_words"]

SLACK = 0.3  # seconds that a subtitle may come late or go early
LEAST = 0.010  # seconds of a sound within its word

Samples = NDArray[np.float32]


def heard_in_words(items: Sequence[Item], language: str, samples: Samples, rate: int) -> tuple[Phoneme, ...]:
    """Phonemes of words as `in_words` gives them, with borders within each word where the sound has them."""
    said = in_words(items, language)
    lasting = [index for index, item in enumerate(items) if item.end > item.start and plain(item.text)]
    transcript = read_transcript(" ".join(items[index].text for index in lasting), language) if said else None
    if transcript is None or [plain(word) for word in transcript.words] != [
        plain(items[index].text) for index in lasting
    ]:
        return said  # the voice parts the text into other words
    sound = resampled(samples, rate)
    words = [Placed(number, items[i].start, items[i].end) for number, i in enumerate(lasting)]
    found: dict[int, list[Phoneme]] = {}
    for window in windows_of(words, len(sound) / RATE, (), 0.0):
        for phoneme in window_phonemes(sound, window, transcript):
            found.setdefault(lasting[phoneme.word], []).append(phoneme)
    result: list[Phoneme] = []
    for index, item in enumerate(items):
        own = within(found.get(index, []), item)
        result += [replace(p, word=index) for p in own] or [p for p in said if p.word == index]
    return tuple(result)


def window_phonemes(sound: Samples, window: Window, transcript: Transcript) -> list[Phoneme]:
    """The phonemes of a window's own words, by time in the recording and word in the transcript."""
    numbers = [placed.word for placed in window.words]
    spoken = transcript.spoken(numbers)
    first = round(window.start * RATE)
    guide = (
        np.array([time for word in spoken.words for time in (word.start, word.end)]),
        np.array([time - first / RATE for placed in window.words for time in (placed.start, placed.end)]),
    )
    return [
        replace(p, start=p.start + first / RATE, end=p.end + first / RATE, word=numbers[p.word])
        for p in align(sound[first : round(window.end * RATE)], RATE, spoken, guide=guide)
        if window.own[0] <= p.word < window.own[1]
    ]


def within(phonemes: Sequence[Phoneme], item: Item) -> list[Phoneme]:
    """Phonemes that fill their word: the first begins with it, the last ends with it; [] where none fit."""
    count = len(phonemes)
    if not count or item.end - item.start < count * LEAST:
        return []
    edges = np.array([phoneme.start for phoneme in phonemes[1:]])
    room = LEAST * np.arange(1, count)  # what the sounds before take at least
    free = np.clip(edges - room, item.start, item.end - LEAST * count)
    times = [item.start, *(np.maximum.accumulate(free) + room).tolist(), item.end]
    return [
        replace(phoneme, start=start, end=end)
        for phoneme, (start, end) in zip(phonemes, pairwise(times), strict=True)
    ]


def heard_in_sentences(
    items: Sequence[Item], language: str, samples: Samples, rate: int
) -> tuple[tuple[Word, ...], tuple[Phoneme, ...]]:
    """Words and phonemes of sentences where they are heard, in and a little around each sentence's time.

    Where nothing is heard, as `in_sentences` gives them.
    """
    words: list[Word] = []
    phonemes: list[Phoneme] = []
    reached, duration = 0.0, len(samples) / rate
    ends = [item.start for item in items[1:]]
    for item, following in zip(items, [*ends, duration], strict=True):
        first = round(max(reached, item.start - SLACK) * rate)
        last = round(min(duration, max(item.end, min(item.end + SLACK, following))) * rate)
        try:
            part = aligned(samples[first:last], rate, item.text, language=language)
            own, sounds, shift = part.words, part.phonemes, first / rate
        except SpeechError:
            own, sounds, shift = (), (), 0.0
        if not sounds:
            (own, sounds), shift = in_sentences([item], language), 0.0
        phonemes += [
            replace(
                p, start=p.start + shift, end=p.end + shift, word=p.word + len(words) if p.word >= 0 else -1
            )
            for p in sounds
        ]
        words += [replace(word, start=word.start + shift, end=word.end + shift) for word in own]
        reached = max(item.end, phonemes[-1].end if phonemes else 0.0)
    return tuple(words), tuple(phonemes)
