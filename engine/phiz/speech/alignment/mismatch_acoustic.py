"""An acoustic model's second opinion on what of a text is heard in a recording, and when."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment.coarse import BY_CHANCE
from phiz.speech.alignment.mismatch import SHORTEST_EXTRA, Findings
from phiz.speech.alignment.sounding import is_clear
from phiz.speech.alignment.transcript import Transcript
from phiz.speech.alignment.windows import Placed, Span, Window, windows_of
from phiz.speech.recognition.acoustic import RATE, EnglishModel, Phone
from phiz.speech.recognition.universal import UniversalModel

__all__ = ["UNFIT", "Model", "Opinion", "second_opinion"]

LONG = 3.0  # seconds of other speech that are not looked at again
FEW = 8  # words in a row, not heard at the first look, that are looked for again
CLEAR = 0.05  # chance distances that make a word that is not heard by the model clearly better or worse
SAMPLED = 3  # windows that tell how far behind most words are
NEVER = 1e6
UNFIT = 0.03  # a text is wrong that fits no better than backwards

Model = EnglishModel | UniversalModel


class Doubts(NamedTuple):
    """How far behind any sound those of a word may be (natural logarithm, mean of a frame).

    times, further: so much further than in most words of the recording, where it is noisy all the more.
    furthest: at most. trusting: whether words that fit well at the first look are kept.

    A text is wrong whose fit (`fit_of`) is below `UNFIT` where most words are behind by `usual`, and below so
    much more for each step further as `steep` says, within `bounds`.
    """

    times: float
    further: float
    furthest: float
    trusting: bool
    usual: float
    steep: float
    bounds: tuple[float, float]

    def of(self, behind: float) -> float:
        """How far behind a word is at which it is doubted. behind: how far most words are."""
        return min(self.times * behind + self.further, self.furthest)

    def least_fit(self, behind: float) -> float:
        """The fit of a right text, at least. behind: how far most words are."""
        low, high = self.bounds
        return min(max(UNFIT + self.steep * (behind - self.usual), low), high)


# In espeak-ng's own speech, five voices, right words are behind by 2.6 in the middle and one in a hundred by
# 7.4 in English; wrong ones by 10.1 in the middle.
ENGLISH = Doubts(1.0, 5.0, 7.5, True, usual=2.3, steep=0.1, bounds=(-1.0, 0.1))
# With the sounds of all languages, in 12 of them, five voices: by 1.4 and 4.8, wrong ones by 6.5. The middle
# word of a right text is behind by 3.1 at most, of one in another language by 3.6 at least.
ANY = Doubts(2.0, 0.5, 9.0, False, usual=3.8, steep=0.06, bounds=(0.03, 0.2))


class Opinion(NamedTuple):
    """found: what is heard. phones: of the words that the English model heard, by number in the transcript.

    behind: how far behind any sound the model finds those of most words; None where it was not asked.
    doubts: what that means, by the model.
    """

    found: Findings
    phones: dict[int, list[Phone]]
    behind: float | None = None
    doubts: Doubts = ENGLISH

    def confidence(self, count: int) -> float:
        """How sure it is, 0..1, that the words are said: the mean of all `count`; doubtful ones have 0.5."""
        doubts = [
            _behind(self.phones[word.word]) - self.behind - self.doubts.further
            if self.behind is not None and word.word in self.phones
            else (float(np.nan_to_num(self.found.unlike[word.word], nan=BY_CHANCE)) - BY_CHANCE) / CLEAR
            for word in self.found.words
        ]
        return float((1.0 / (1.0 + np.exp(np.clip(doubts, -30.0, 30.0)))).sum() / max(count, 1))


class _Look(NamedTuple):
    """A window, and the numbers of the words to look for: its own, and neighbours'."""

    window: Window
    own: list[int]
    context: list[int]


def second_opinion(
    model: Model,
    sound: NDArray[np.floating[Any]],
    transcript: Transcript,
    first: Findings,
    step: Callable[[int, int], None],
) -> Opinion:
    """Look again at the words and at short stretches of other speech.

    sound: [n], at `RATE`. step: called with the steps done and in all.
    """
    doubts = ANY if isinstance(model, UniversalModel) else ENGLISH
    looks = list(_looks(first, transcript, len(sound) / RATE))
    some = sorted({round(at) for at in np.linspace(0, len(looks) - 1, SAMPLED)}) if looks else []
    typical = [_heard(model, sound, transcript, looks[number], NEVER) for number in some]
    behind = _typical([phones for phones in typical if phones])
    doubt = doubts.of(behind)
    sure = first.sure if doubts.trusting else frozenset()
    words: list[Placed] = []
    extra = [(start, end) for start, end in first.extra if end - start >= LONG]
    phones: dict[int, list[Phone]] = {}
    for done, look in enumerate(looks):
        step(done, len(looks))
        heard = _heard(model, sound, transcript, look, doubt)
        for phone in heard:
            if phone.ipa and phone.word in look.own:
                phones.setdefault(phone.word, []).append(phone)
        words += _kept(look, heard, sure)
        extra += _others(look, heard, sure)
    found = first._replace(words=words, extra=_merged(extra))
    return Opinion(found, phones if doubts is ENGLISH else {}, behind, doubts)


def _looks(first: Findings, transcript: Transcript, duration: float) -> Iterator[_Look]:
    reached = 0  # number of the first word that no window had yet
    windows = list(windows_of(first.words, duration, first.extra, LONG))
    for window in windows:
        own = [placed.word for placed in window.words[slice(*window.own)]]
        until = len(transcript.words) if window is windows[-1] else own[-1] + 1
        context = [placed.word for placed in window.words if placed.word not in own]
        yield _Look(window, _worth_another_look(range(reached, until), set(own)), context)
        reached = until


def _typical(heard: Sequence[Sequence[Phone]]) -> float:
    """How far behind the sounds of a word are in the middle."""
    behind: list[float] = []
    for phones in heard:
        for _, group in groupby(phones, lambda phone: phone.word):
            behind.append(_behind(list(group)))
    return max(0.0, float(np.median(behind))) if behind else 0.0


def _behind(phones: Sequence[Phone]) -> float:
    """How far behind the sounds of a word are."""
    lengths = [max(phone.end - phone.start, 1e-3) for phone in phones]
    return float(np.average([phone.behind for phone in phones], weights=lengths))


def _kept(look: _Look, heard: Sequence[Phone], sure: Collection[int]) -> list[Placed]:
    """The window's own words that the model heard, has no opinion on, or doubts though they were sure."""
    before = {placed.word: placed for placed in look.window.words}
    doubted = {phone.word for phone in heard if not phone.ipa}.difference(sure)
    result: list[Placed] = []
    reached = 0.0
    for number in look.own:
        own = [phone for phone in heard if phone.ipa and phone.word == number]
        if own:
            start, end = own[0].start, own[-1].end
        elif number in before and number not in doubted:
            _, start, end = before[number]
        else:
            continue
        start = max(reached, start)  # words of the first look may reach into their neighbours
        reached = max(start, end)
        result.append(Placed(number, start, reached))
    return result


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
    model: Model, sound: NDArray[np.floating[Any]], transcript: Transcript, look: _Look, doubt: float
) -> list[Phone]:
    """What the model hears of these words of the transcript, by time in the recording and number in it.

    Nothing where noise or music comes near the speech: it has no opinion there.
    """
    numbers = sorted([*look.own, *look.context])
    sounds = transcript.sounds(numbers)
    words = [(transcript.words[number], [own]) for number, own in zip(numbers, sounds, strict=True)]
    begin = round(look.window.start * RATE)
    part = sound[begin : round(look.window.end * RATE)].astype(np.float32)
    if not is_clear(part, RATE):
        return []
    if isinstance(model, UniversalModel):
        found = {placed.word for placed in look.window.words}
        unheard = {index for index, number in enumerate(numbers) if number not in found}
        heard = model.align(part, words, doubt=doubt, doubtful=unheard) or []
    else:
        heard = model.align(part, words, doubt=doubt) or []
    shift = begin / RATE
    return [
        phone._replace(
            start=phone.start + shift,
            end=phone.end + shift,
            word=numbers[phone.word] if phone.word >= 0 else -1,
        )
        for phone in heard
    ]


def _others(look: _Look, heard: Sequence[Phone], sure: Collection[int]) -> list[Span]:
    """What else is said between the window's own words, and not only in passing."""
    low, high = look.window.start, look.window.end
    for phone in heard:
        if phone.word in look.context and phone.word < look.own[0]:
            low = phone.end
        if phone.word in look.context and phone.word > look.own[-1]:
            high = min(high, phone.start)
    return [
        (phone.start, phone.end)
        for phone in heard
        if not phone.ipa and phone.word not in sure
        if phone.end - phone.start >= SHORTEST_EXTRA and low <= phone.start and phone.end <= high
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
