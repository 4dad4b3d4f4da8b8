"""CTM, the table of NIST and Kaldi: recording, channel, start, length, word or phone, confidence."""

from phiz.errors import SpeechError
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.pieces import ipa_with_stress, sorted_out, spoken_words
from phiz.speech.speech import Speech

__all__ = ["read", "read_phones", "write_phones", "write_words"]

LAYOUT = "RECORDING CHANNEL START LENGTH WORD, with times in seconds"
LINE = "speech 1 {:.6f} {:.6f} {}\n"


def read(source: Source) -> Draft:
    """Words, or phones, of one recording, told by their names."""
    return sorted_out(items_of(source))


def read_phones(source: Source) -> Draft:
    return Draft(phones=items_of(source))


def items_of(source: Source) -> list[Item]:
    """The rows of one recording; lines that begin with ;; are comments."""
    items: list[Item] = []
    recordings: set[str] = set()
    for where, line in source.lines():
        if line.startswith(";;"):
            continue
        parts = line.split()
        if len(parts) < 5:
            raise source.bad(where, line, LAYOUT)
        recordings.add(parts[0])
        start, length = (source.number(part, where, LAYOUT) for part in parts[2:4])
        if length < 0:
            raise source.bad(where, line, "a length of 0 or more")
        items.append(Item(parts[4], start, start + length, where))
    if len(recordings) > 1:
        names = ", ".join(sorted(recordings)[:3])
        raise SpeechError(
            f"{source.path} is about {len(recordings)} recordings ({names} ...): leave one in it"
        )
    return items


def write_words(speech: Speech) -> str:
    """One line a word."""
    words = spoken_words(speech, "ctm")
    return "".join(LINE.format(w.start, w.end - w.start, "_".join(w.text.split())) for w in words)


def write_phones(speech: Speech) -> str:
    """One line a phoneme, in IPA."""
    return "".join(LINE.format(p.start, p.end - p.start, ipa_with_stress(p)) for p in speech.phonemes)
