"""A recording's speech with what its voice does besides speaking: laughs, whispers and shouts, as marks.

The marks are those of tags in a text: "tag:laugh" where a bout begins and "tag:ha" at each call of it,
"tag:whisper" and "tag:shout" where these begin and "tag:normal" where they end.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from phiz.speech.speech import Mark, Mismatch, Phoneme, Speech
from phiz.speech.vocal.effort import Span, shouts_in, whispers_in
from phiz.speech.vocal.laughter import Laugh, laughs_in
from phiz.speech.vocal.sound import sound_of
from phiz.speech.words import phrases

__all__ = ["with_manners"]

LAUGH, CALL, WHISPER, SHOUT, NORMAL = "tag:laugh", "tag:ha", "tag:whisper", "tag:shout", "tag:normal"
BREATH, VOWEL = "h", "a"  # of a call
LONGEST_BREATH = 0.12  # seconds of [h] before a call
IN_WORDS = 0.3  # share of a laugh that words of the text may cover; more is somebody who says "ha ha"
TOGETHER = 0.05  # seconds between a manner's end and the start of the next


def with_manners(speech: Speech) -> Speech:
    """`speech` of a recording with a mark wherever its speaker laughs, whispers, shouts or stops to.

    A laugh's sounds become its calls. Where a text was laid on the recording, laughs are what it does not
    tell: speech with a mismatch, "extra".
    """
    sound = sound_of(speech.samples, speech.rate)
    laughs = [laugh for laugh in laughs_in(sound) if _in_words(laugh, speech.phonemes) <= IN_WORDS]
    spoken = [phoneme for phoneme in speech.phonemes if not _laughed(phoneme, laughs)]
    marks = [Mark(name, time) for laugh in laughs for name, time in _calls(laugh)]
    whispers, shouts = whispers_in(sound, spoken), shouts_in(sound, spoken)
    marks += _turns(sorted([(span, WHISPER) for span in whispers] + [(span, SHOUT) for span in shouts]))
    mismatches = list(speech.mismatches)
    if speech.words:
        others = [each for each in mismatches if each.kind == "extra"]
        mismatches += [
            Mismatch("extra", "", laugh.start, laugh.end)
            for laugh in laughs
            if not any(each.start < laugh.end and laugh.start < each.end for each in others)
        ]
    phonemes = _with_calls(spoken, laughs)
    return replace(
        speech,
        phonemes=tuple(phonemes),
        sentences=phrases(phonemes) if laughs else speech.sentences,
        marks=tuple(sorted([*speech.marks, *marks], key=lambda mark: mark.time)),
        mismatches=tuple(sorted(mismatches, key=lambda each: (each.start, each.end))),
    )


def _in_words(laugh: Laugh, phonemes: Sequence[Phoneme]) -> float:
    """Share of a laugh's time that words of the text cover."""
    covered = sum(
        max(0.0, min(laugh.end, phoneme.end) - max(laugh.start, phoneme.start))
        for phoneme in phonemes
        if phoneme.word >= 0
    )
    return covered / (laugh.end - laugh.start)


def _laughed(phoneme: Phoneme, laughs: Sequence[Laugh]) -> bool:
    """Whether a sound is part of a laugh, and of no word."""
    middle = (phoneme.start + phoneme.end) / 2
    return phoneme.word < 0 and any(laugh.start <= middle <= laugh.end for laugh in laughs)


def _calls(laugh: Laugh) -> Iterator[tuple[str, float]]:
    yield LAUGH, laugh.calls[0][0]
    for start, _ in laugh.calls:
        yield CALL, start


def _turns(spans: Sequence[tuple[Span, str]]) -> Iterator[Mark]:
    """The marks of manners in order, each "normal" again where no other follows at once."""
    for number, ((start, end), name) in enumerate(spans):
        yield Mark(name, start)
        if number + 1 == len(spans) or spans[number + 1][0][0] > end + TOGETHER:
            yield Mark(NORMAL, end)


def _with_calls(spoken: Sequence[Phoneme], laughs: Sequence[Laugh]) -> list[Phoneme]:
    """Phonemes in order: those spoken, and [ha] for each call of a laugh where nothing is spoken."""
    result = list(spoken)
    starts = [phoneme.start for phoneme in spoken]
    reached = 0.0
    for start, end in (call for laugh in laughs for call in laugh.calls):
        before = bisect_left(starts, end)  # of those spoken, so many begin before the call ends
        free = max(reached, spoken[before - 1].end if before else 0.0)
        if free > start:
            continue
        breath = max(free, start - LONGEST_BREATH)
        if breath < start:
            result.append(Phoneme(BREATH, breath, start))
        result.append(Phoneme(VOWEL, start, end))
        reached = end
    return sorted(result, key=lambda each: each.start)
