"""Phonemes with their lengths as the voices Piper and Kokoro give them, in JSON."""

import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from phiz.data import table
from phiz.errors import SpeechError
from phiz.speech.formats.alphabets import sound_of
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.json_values import listed, member, records, seconds, text_in
from phiz.speech.ipa import is_modifier

__all__ = ["read"]

SAMPLE_RATE = 22_050  # of most Piper voices, where a file does not say
KOKORO_FRAMES = 24_000 / 600  # a second
KOKORO_LEAD = 3  # frames of the first length that the audio does not have
LENGTHS = {
    "durations": 1.0,
    "durations_s": 1.0,
    "durations_ms": 1000.0,
    "pred_dur": KOKORO_FRAMES,
}  # a second
SAMPLES = ("phoneme_id_samples", "num_samples", "duration_samples", "samples")
EDGES = ("^", "$", "_")  # begin, end and padding
STRESS = ("ˈ", "ˌ")
JOINTS = " "

Sound = tuple[str, float]  # a phoneme or part of one, and its seconds


def read(source: Source) -> Draft:
    """Chunks one after another: phonemes or their ids with lengths, or Kokoro's tokens with start and end.

    phonemes: a list, or a text of which each letter is one; phoneme_ids: by "phoneme_id_map", else by
    `phonemes/piper.csv`. Their lengths: "phoneme_id_samples" at "sample_rate", "durations" in seconds,
    "durations_ms", or Kokoro's "pred_dur" in frames of 25 ms; or "phoneme_alignments", objects with
    "phoneme" and "num_samples". Tokens: objects with "text", "phonemes", "start_ts" and "end_ts".
    """
    phones: list[Item] = []
    words: list[Item] = []
    time = 0.0
    for where, chunk in records(source):
        if "start_ts" in chunk or "tokens" in chunk:
            tokens = [(where, chunk)]
            if "tokens" in chunk:
                tokens = listed(source, chunk["tokens"], f"{where}.tokens")
            for place, token in tokens:
                words += word_of(source, token, place, time)
                phones += phones_of_token(source, token, place, time)
            time = max([time, *(item.end for item in words)]) if "tokens" in chunk else time
            continue
        for ipa, length in joined(sounds_of(source, chunk, where)):
            phones.append(Item(ipa, time, time + length, where))
            time += length
    return Draft(phones=phones, words=words, alphabet="ipa", duration=time or None)


def sounds_of(source: Source, chunk: Mapping[str, Any], where: str) -> list[Sound]:
    """Names and lengths as they stand in a chunk."""
    rate = source.number(chunk.get("sample_rate", SAMPLE_RATE), f"{where}, sample_rate", "samples a second")
    if not rate > 0:
        raise source.bad(f"{where}, sample_rate", rate, "samples a second")
    aligned = member(chunk, "phoneme_alignments", "alignments")
    if aligned is not None:
        return [
            (text_of(each), seconds(source, each, place, *SAMPLES, per_second=rate))
            for place, each in listed(source, aligned, f"{where}.phoneme_alignments")
        ]
    per_second = {**LENGTHS, **dict.fromkeys(SAMPLES, rate)}
    name = next((name for name in per_second if name in chunk), None)
    if name is None or not isinstance(chunk[name], list):
        raise source.bad(where, ", ".join(chunk), "phonemes with their lengths in 'phoneme_id_samples', "
                         "'durations', 'durations_ms' or 'pred_dur'")  # fmt: skip
    counts = [source.number(each, f"{where}, {name}", "a length") for each in chunk[name]]
    lengths = [count / per_second[name] for count in counts]
    if any(not length >= 0 for length in lengths):
        raise source.bad(f"{where}, {name}", min(lengths), "lengths of 0 or more")
    if name == "pred_dur" and lengths:
        lengths[0] = max(0.0, lengths[0] - KOKORO_LEAD / KOKORO_FRAMES)
    return list(zip(names_of(source, chunk, len(lengths), where), lengths, strict=True))


def text_of(item: Mapping[str, Any]) -> str:
    return str(item.get("phoneme", ""))


def names_of(source: Source, chunk: Mapping[str, Any], count: int, where: str) -> list[str]:
    """The phonemes that `count` lengths belong to: as they are, with an edge at both ends, or by id."""
    phonemes, ids = chunk.get("phonemes"), chunk.get("phoneme_ids")
    names = [str(each) for each in phonemes] if isinstance(phonemes, str | list) else None
    if names is not None and len(names) == count:
        return kokoro(names) if "pred_dur" in chunk else names
    if names is not None and len(names) + 2 == count:
        names = kokoro(names) if "pred_dur" in chunk else names
        return [EDGES[0], *names, EDGES[1]]
    if isinstance(ids, list) and len(ids) == count:
        known = by_id(chunk.get("phoneme_id_map"))
        for each in ids:
            if each not in known:
                raise source.bad(f"{where}, phoneme_ids", each, "ids in the phoneme_id_map")
        return [known[each] for each in ids]
    found = len(names if names is not None else ids if isinstance(ids, list) else ())
    raise SpeechError(
        f"{source.path}, {where}: expected a length for each phoneme, found {found} and {count}"
    )


def by_id(given: Any) -> dict[int, str]:
    """Phonemes by id, of a map as Piper's voices carry it ({"a": [14]}), else of Piper's own."""
    if not isinstance(given, dict):
        return _piper()
    known: dict[int, str] = {}
    for name, ids in given.items():
        for each in ids if isinstance(ids, list) else [ids]:
            known[each] = name
    return known


@cache
def _piper() -> dict[int, str]:
    return {
        int(row["id"]): "".join(chr(int(code[2:], 16)) for code in row["code"].split())
        for row in table("piper")
    }


@cache
def _kokoro() -> dict[str, str]:
    return {row["kokoro"]: row["ipa"] for row in table("kokoro")}


def kokoro(letters: Sequence[str]) -> list[str]:
    """Kokoro's letters in IPA."""
    return [_kokoro().get(letter, letter) for letter in letters]


def joined(sounds: Sequence[Sound]) -> list[Sound]:
    """Sounds with the stress mark before them, the marks after them and the padding that lengthens them."""
    result: list[Sound] = []
    stress, waiting = "", 0.0
    for name, length in sounds:
        if name in STRESS:
            stress, waiting = name, waiting + length
        elif (name == EDGES[2] or is_modifier(unicodedata.normalize("NFD", name))) and result and not stress:
            before, lasted = result[-1]
            result[-1] = (before if name == EDGES[2] or not before else before + name, lasted + length)
        elif name == EDGES[2]:
            waiting += length
        else:
            known = bool(sound_of(name, "ipa")[0])
            result.append((stress + name if known else "", length + waiting))
            stress, waiting = ("" if known else stress), 0.0
    return result


def word_of(source: Source, token: Mapping[str, Any], where: str, begin: float) -> list[Item]:
    """The word of a Kokoro token; none for one without times, as punctuation is."""
    if token.get("start_ts") is None or token.get("end_ts") is None or not token.get("phonemes"):
        return []
    start, end = (seconds(source, token, where, name) + begin for name in ("start_ts", "end_ts"))
    return [Item(text_in(source, token, where, "text"), start, end, where)]


def phones_of_token(source: Source, token: Mapping[str, Any], where: str, begin: float) -> list[Item]:
    """The sounds of a Kokoro token, which share its time evenly."""
    words = word_of(source, token, where, begin)
    sounds = joined([(name, 1.0) for name in kokoro(str(token.get("phonemes") or ""))])
    spoken = [name for name, _ in sounds if name]
    result = []
    for index, name in enumerate(spoken if words else []):
        share = (words[0].end - words[0].start) / len(spoken)
        result.append(Item(name, words[0].start + share * index, words[0].start + share * (index + 1), where))
    return result
