"""An acoustic model's second opinion on what of a text is heard in a recording, and when."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.mismatch import SHORTEST_EXTRA, Findings
from phiz.speech.alignment.transcript import Transcript
from phiz.speech.alignment.windows import Placed, Span, Window, windows_of
from phiz.speech.recognition.acoustic import RATE, EnglishModel, Phone

__all__ = ["Opinion", "second_opinion"]

LONG = 3.0  # seconds of other speech that are not looked at again
FEW = 8  # words in a row, not heard at the first look, that are looked for again


class Opinion(NamedTuple):
    """found: what is heard. phones: of the words that the model heard, by their number in the transcript."""

    found: Findings
    phones: dict[int, list[Phone]]


def second_opinion(
    model: EnglishModel,
    sound: NDArray[np.float32],
    transcript: Transcript,
    first: Findings,
    step: Callable[[int, int], None],
) -> Opinion:
    """Look again at the words and at short stretches of other speech.

    sound: float32 [n], at `RATE`. step: called with the steps done and in all.
    """
    windows = list(windows_of(first.words, len(sound) / RATE, first.extra, LONG))
    words: list[Placed] = []
    extra = [(start, end) for start, end in first.extra if end - start >= LONG]
    phones: dict[int, list[Phone]] = {}
    reached = 0  # number of the first word that no window had yet
    for done, window in enumerate(windows):
        step(done, len(windows))
        own = window.words[slice(*window.own)]
        until = len(transcript.words) if done == len(windows) - 1 else own[-1].word + 1
        again = _worth_another_look(range(reached, until), {placed.word for placed in own})
        context = [placed.word for placed in window.words if placed not in own]
        numbers = sorted([*context, *again])
        reached = until
        heard = _heard(model, sound, transcript, window, numbers)
        if heard is None:
            words += own
            extra += [
                span for span in first.extra if window.start <= span[0] < window.end and span not in extra
            ]
            continue
        mine = set(again)
        for phone in heard:
            if phone.ipa and phone.word in mine:
                phones.setdefault(phone.word, []).append(phone)
        words += [
            Placed(number, phones[number][0].start, phones[number][-1].end)
            for number in again
            if number in phones
        ]
        extra += _others(heard, window, context, own)
    return Opinion(Findings(words, _merged(extra)), phones)


def _worth_another_look(numbers: Sequence[int], heard: set[int]) -> list[int]:
    """Those of `numbers` that are heard, and those in short rows of others."""
    result: list[int] = []
    row: list[int] = []
    for number in numbers:
        if number in heard:
            result += row if len(row) <= FEW else []
            result.append(number)
            row = []
        else:
            row.append(number)
    return result + (row if len(row) <= FEW else [])


def _heard(
    model: EnglishModel,
    sound: NDArray[np.float32],
    transcript: Transcript,
    window: Window,
    numbers: Sequence[int],
) -> list[Phone] | None:
    """What the model hears of these words of the transcript, by time in the recording and number in it."""
    spoken = transcript.spoken(numbers)
    ways = [[[sound.ipa for sound in spoken.phonemes if sound.word == k]] for k in range(len(numbers))]
    words = [(word.text, way) for word, way in zip(spoken.words, ways, strict=True)]
    begin = round(window.start * RATE)
    heard = model.align(sound[begin : round(window.end * RATE)], words, doubts=True)
    if heard is None:
        return None
    shift = begin / RATE
    return [
        phone._replace(
            start=phone.start + shift,
            end=phone.end + shift,
            word=numbers[phone.word] if phone.word >= 0 else -1,
        )
        for phone in heard
    ]


def _others(
    heard: Sequence[Phone], window: Window, context: Sequence[int], own: Sequence[Placed]
) -> list[Span]:
    """What else is said between the window's own words, and not only in passing."""
    low, high = window.start, window.end
    for phone in heard:
        if phone.word in context and phone.word < own[0].word:
            low = phone.end
        if phone.word in context and phone.word > own[-1].word:
            high = min(high, phone.start)
    return [
        (phone.start, phone.end)
        for phone in heard
        if not phone.ipa
        and phone.end - phone.start >= SHORTEST_EXTRA
        and low <= phone.start
        and phone.end <= high
    ]


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Spans in order; those that touch become one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = result[-1][0], max(end, result[-1][1])
        else:
            result.append((start, end))
    return result
