"""The JSON of the aligner Gentle: words with their phones, and those that it did not hear."""

from itertools import groupby
from typing import Any

from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.json_values import dump, listed, member, parsed, seconds, text_in
from phiz.speech.recognition.arpabet import arpabet_of
from phiz.speech.speech import Mismatch, Phoneme, Speech

__all__ = ["read", "write"]

LOST = "not-found-in-audio"
UNKNOWN = "oov"  # its phone for a word that is not in its dictionary


def read(source: Source) -> Draft:
    """Words that were not found in the audio become mismatches, where the word before ended."""
    data = parsed(source)
    words: list[Item] = []
    phones: list[Item] = []
    missing: list[Mismatch] = []
    reached = 0.0
    for where, word in listed(source, data.get("words") if isinstance(data, dict) else None, "words"):
        text = text_in(source, word, where, "word", "alignedWord")
        if word.get("case") == LOST or ("start" not in word and word.get("case") != "success"):
            missing.append(Mismatch("missing", text, reached, reached))
            continue
        start = seconds(source, word, where, "start")
        reached = seconds(source, word, where, "end")
        words.append(Item(text, start, reached, where))
        time = start
        for place, phone in listed(source, word.get("phones", []), f"{where}.phones"):
            end = time + seconds(source, phone, place, "duration")
            name = text_in(source, phone, place, "phone")
            if name.split("_")[0] != UNKNOWN:
                phones.append(Item(name, time, end, place))
            time = end
    return Draft(phones=phones, words=words, mismatches=missing, text=str(member(data, "transcript") or ""))


def write(speech: Speech) -> str:
    """English sounds in ARPAbet with their places in the word (dh_B, ah_E); others as the nearest of them."""
    by_word = {
        index: list(group) for index, group in groupby(speech.phonemes, lambda p: p.word) if index >= 0
    }
    reached = 0
    items: list[tuple[float, dict[str, Any]]] = []
    for index, word in enumerate(speech.words):
        place = speech.text.find(word.text, reached)
        reached = place + len(word.text) if place >= 0 else reached
        item = {
            "alignedWord": word.text.lower(),
            "case": "success",
            "end": round(word.end, 6),
            "endOffset": reached,
            "phones": phones_of(by_word.get(index, [])),
            "start": round(word.start, 6),
            "startOffset": max(place, 0),
            "word": word.text,
        }
        items.append((word.start, item))
    items += [
        (each.start, {"case": LOST, "word": each.text})
        for each in speech.mismatches
        if each.kind == "missing"
    ]
    items.sort(key=lambda item: item[0])
    return dump({"transcript": speech.text, "words": [item for _, item in items]})


def phones_of(sounds: list[Phoneme]) -> list[dict[str, Any]]:
    """Name and length of each ARPAbet sound; those of one phoneme share its time."""
    parts: list[tuple[str, float]] = []
    for sound in sounds:
        names = arpabet_of([sound.ipa]) or (UNKNOWN,)
        parts += [(name.lower(), (sound.end - sound.start) / len(names)) for name in names]
    last = len(parts) - 1
    return [
        {"duration": round(length, 6), "phone": f"{name}_{place(index, last)}"}
        for index, (name, length) in enumerate(parts)
    ]


def place(index: int, last: int) -> str:
    """Where in its word a phone is, as Kaldi says it: single, begin, end or inside."""
    return "S" if last == 0 else "B" if index == 0 else "E" if index == last else "I"
