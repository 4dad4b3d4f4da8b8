"""Praat's TextGrid files, by praatio: tiers of words, phones and sentences."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from phiz.errors import SpeechError
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.pieces import SHORTEST_WORD, ipa_with_stress, sentence_texts, typical_length
from phiz.speech.speech import Speech

__all__ = ["draft_of_tiers", "read", "write_long", "write_short"]

# Names of tiers, in lower case, by what they hold, the likeliest first. A speaker's name may stand before.
PHONES = (
    "phones", "phone", "phonemes", "phoneme", "phonetic", "phn", "segments", "segment", "mau", "phonalign",
)  # fmt: skip
WORDS = ("words", "word", "tokens", "token", "ort", "orthography", "text", "tokensalign", "wrd")
SENTENCES = ("sentences", "sentence", "utterances", "utterance", "transcription", "ipu", "phrases", "text")
EXPONENT = re.compile(r"(?m)(^|= ?)(\d+(?:\.\d+)?e-?\d+)(?=\s*$)")
LONG_COUNT = re.compile(r"(?m)^\s*(?:intervals|points): size = (\d+)")
SHORT_COUNT = re.compile(r"\"(?:IntervalTier|TextTier)\"\s+\"(?:[^\"]|\"\")*\"\s+\S+\s+\S+\s+(\d+)")
NUMBERED = re.compile(r"^ipu_\d+\b ?")  # SPPAS counts its units in their labels
NEGATIVE = re.compile(r"(?m)^\s*(?:xmin|xmax|number|time) ?= ?-[\d.]")

Entries = Sequence[Sequence[Any]]  # (start, end, label)


def read(source: Source) -> Draft:
    """Interval tiers named as aligners name them; of nameless ones the finest are phones."""
    from praatio.utilities import textgrid_io

    if "TextGrid" not in source.text[:200]:
        raise source.bad("line 1", source.text[:40], 'File type = "ooTextFile" and Object class = "TextGrid"')
    if negative := NEGATIVE.search(source.text):
        line = source.text.count("\n", 0, negative.end()) + 1
        raise source.bad(f"line {line}", negative.group(), "times of 0 or more")
    # praatio knows no exponents, and neither the line feed that an editor forgot at the end
    text = EXPONENT.sub(lambda match: f"{match[1]}{float(match[2]):.9f}", source.text) + "\n"
    try:
        grid = textgrid_io.parseTextgridStr(text, includeEmptyIntervals=True)
        check_counts(text, grid["tiers"], source)
        intervals = [tier for tier in grid["tiers"] if "Interval" in tier["class"]]
        tiers = [(tier["name"], list(tier["entries"])) for tier in intervals]
        duration = float(grid["xmax"])
    except SpeechError:
        raise
    except Exception as error:  # praatio raises whatever its parsing runs into
        found = f"{type(error).__name__} {error}"
        raise source.bad("its text", found, "a TextGrid as Praat saves it") from error
    return draft_of_tiers(tiers, duration, source)


def check_counts(text: str, tiers: Sequence[Mapping[str, Any]], source: Source) -> None:
    """Raise SpeechError where a tier has other than as many entries as it says: the file was cut off."""
    counts = LONG_COUNT.findall(text) or SHORT_COUNT.findall(text)
    for tier, count in zip(tiers, counts, strict=True):
        if len(tier["entries"]) != int(count):
            raise source.bad(f"tier {tier['name']}", f"{len(tier['entries'])} of them", f"{count} entries")


def draft_of_tiers(tiers: Iterable[tuple[str, Entries]], duration: float | None, source: Source) -> Draft:
    """Which of the tiers (name, entries) hold the words, phones and sentences."""
    numbered = ((str(index), plain(name), entries) for index, (name, entries) in enumerate(tiers))
    filled = {key: (name, entries) for key, name, entries in numbered if labelled(entries)}
    if not filled:
        raise source.bad("its tiers", "none", "an interval tier with labels")
    phones = named(filled, PHONES)
    words = named(filled, WORDS, without=phones)
    sentences = named(filled, SENTENCES, without=[*phones, *words])
    if not phones and not words:
        ordered = sorted(filled, key=lambda key: length_of(filled[key][1]))
        rest = [key for key in ordered if key not in sentences]
        if rest and length_of(filled[rest[0]][1]) < SHORTEST_WORD:
            phones = [rest.pop(0)]
        words = rest[:1]
    return Draft(
        phones=items_of(filled, phones, source),
        words=items_of(filled, words, source),
        sentences=items_of(filled, sentences, source),
        duration=duration,
    )


def plain(name: str) -> str:
    """A tier's name without a speaker's before it: "phones" of "SPEAKER-1 - phones"."""
    return re.split(r" - |[-_/:]", name.strip().lower())[-1].strip()


def named(
    tiers: Mapping[str, tuple[str, Entries]], names: Sequence[str], without: Sequence[str] = ()
) -> list[str]:
    """The tiers of one kind: all that have the same, likeliest name (one for each speaker).

    A tier of few different labels (C and F for content and function words) gives way to one of more.
    """
    found = [
        (varied(entries) * 2 < most(tiers, names, without), names.index(name), key)
        for key, (name, entries) in tiers.items()
        if name in names and key not in without
    ]
    if not found:
        return []
    best = min(found)
    return [key for poor, place, key in found if (poor, place) == best[:2]]


def most(tiers: Mapping[str, tuple[str, Entries]], names: Sequence[str], without: Sequence[str]) -> int:
    """How many different labels the most varied tier of one kind has."""
    found = (tiers[key] for key in tiers if key not in without)
    return max((varied(entries) for name, entries in found if name in names), default=0)


def labelled(entries: Entries) -> Entries:
    """The entries that have a label."""
    return [entry for entry in entries if str(entry[-1]).strip()]


def varied(entries: Entries) -> int:
    return len({str(label) for *_, label in labelled(entries)})


def length_of(entries: Entries) -> float:
    """Seconds that half of the labels last at least."""
    return typical_length([(float(start), float(end)) for start, end, _ in labelled(entries)])


def items_of(
    tiers: Mapping[str, tuple[str, Entries]], keys: Sequence[str], source: Source
) -> tuple[Item, ...]:
    """The labels of some tiers in order of time; of several speakers' tiers, merged."""
    result: list[Item] = []
    for key in keys:
        name, entries = tiers[key]
        for number, (start, end, label) in enumerate(entries, 1):
            where = f"tier {name or int(key) + 1}, interval {number}"
            times = [source.number(time, where, "a time in seconds") for time in (start, end)]
            text = NUMBERED.sub("", str(label).strip())
            if text:
                result.append(Item(text, times[0], times[1], where))
    return tuple(sorted(result, key=lambda item: item.start) if len(keys) > 1 else result)


def write_long(speech: Speech) -> str:
    return grid_of(speech, "long_textgrid")


def write_short(speech: Speech) -> str:
    return grid_of(speech, "short_textgrid")


def grid_of(speech: Speech, form: str) -> str:
    """Tiers "sentences", "words" and "phones"; the stress stands before a vowel, as in IPA."""
    from praatio.utilities import textgrid_io

    duration = max(speech.duration, *(p.end for p in speech.phonemes), *(w.end for w in speech.words), 0.0)
    tiers = {
        "sentences": [(start, end, text or "-") for start, end, text in sentence_texts(speech)],
        "words": [(word.start, word.end, word.text) for word in speech.words if word.end > word.start],
        "phones": [(p.start, p.end, ipa_with_stress(p)) for p in speech.phonemes],
    }
    grid = {
        "xmin": 0.0,
        "xmax": duration,
        "tiers": [
            {"class": "IntervalTier", "name": name, "xmin": 0.0, "xmax": duration, "entries": entries}
            for name, entries in tiers.items()
        ],
    }
    return textgrid_io.getTextgridAsStr(grid, form, includeBlankSpaces=True)
