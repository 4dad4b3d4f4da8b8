"""Audacity's label files: start, end and label of one track, parted by tabs."""

from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.pieces import ipa_with_stress, sentence_texts, sorted_out, spoken_words
from phiz.speech.speech import Speech

__all__ = ["read", "read_phones", "read_sentences", "write_phones", "write_sentences", "write_words"]

LAYOUT = "START, END and a LABEL parted by tabs, with times in seconds"
LINE = "{:.6f}\t{:.6f}\t{}\n"


def read(source: Source) -> Draft:
    """Sentences, words or phones, told by their labels; points become marks."""
    return sorted_out(items_of(source))


def read_phones(source: Source) -> Draft:
    return Draft(phones=items_of(source))


def read_sentences(source: Source) -> Draft:
    return Draft(sentences=items_of(source))


def items_of(source: Source) -> list[Item]:
    """The labels that are not empty."""
    items: list[Item] = []
    for where, line in source.lines():
        if line.startswith("\\"):  # the frequencies of the label before
            continue
        parts = line.split("\t")
        if len(parts) < 2:
            raise source.bad(where, line, LAYOUT)
        start, end = (source.number(part.strip().replace(",", "."), where, LAYOUT) for part in parts[:2])
        label = " ".join(parts[2:]).strip()
        if label:
            items.append(Item(label, start, end, where))
    return items


def write_words(speech: Speech) -> str:
    """One label a word."""
    return "".join(LINE.format(w.start, w.end, w.text) for w in spoken_words(speech, "audacity"))


def write_phones(speech: Speech) -> str:
    """One label a phoneme, in IPA."""
    return "".join(LINE.format(p.start, p.end, ipa_with_stress(p)) for p in speech.phonemes)


def write_sentences(speech: Speech) -> str:
    """One label a sentence or phrase."""
    spoken_words(speech, "audacity-sentences")
    return "".join(LINE.format(*sentence) for sentence in sentence_texts(speech))
