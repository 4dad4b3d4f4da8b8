"""Subtitles, SRT and WebVTT, by webvtt-py: sentences, words, or sentences in which each word has its time."""

import html
import io
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from phiz.errors import SpeechError
from phiz.speech.formats.draft import Draft, Item, Source
from phiz.speech.formats.pieces import sentence_texts, spoken_words
from phiz.speech.speech import Speech, Word

__all__ = [
    "read_srt", "read_vtt", "write_srt", "write_srt_karaoke", "write_srt_words", "write_vtt",
    "write_vtt_karaoke", "write_vtt_words",
]  # fmt: skip

STAMP = re.compile(r"<((?:\d+:)?\d{1,2}:\d{2}\.\d{3})>")
TAG = re.compile(r"<[^>]*>")
SRT_TAG = re.compile(r"(</?(?:b|i|u|s|font)\b[^>]*>)")  # all that players know; other < and > are text
PLACE = re.compile(r"\{\\[^}]*\}")  # {\an8}: where on the screen
MARKED = re.compile(r"<(u|b|i|font)\b[^>]*>(.*?)</\1>")  # the word that a karaoke SRT shows as being said
TIMES = re.compile(r"\s*(?:\d+:)?\d+:\d+[.,]\d+\s+-->\s+(?:\d+:)?\d+:\d+[.,]\d+")

Cue = tuple[float, float, str]  # seconds, and the text with its tags


def read_srt(source: Source) -> Draft:
    cues = read_cues(source, "srt")
    return draft_of([replace(cue, text=with_known_tags(PLACE.sub("", cue.text))) for cue in cues])


def read_vtt(source: Source) -> Draft:
    return draft_of(read_cues(source, "vtt"))


def read_cues(source: Source, kind: str) -> list[Item]:
    """The captions in a file with their tags."""
    import webvtt

    text = source.text.lstrip() if kind == "srt" else source.text
    arrows = [(where, line) for where, line in source.lines() if "-->" in line]
    for where, line in arrows:
        if not TIMES.match(line):
            raise source.bad(where, line, "START --> END as 00:00:01.000 --> 00:00:02.500")
    try:
        captions = webvtt.from_buffer(io.StringIO(text), format=kind).captions
    except webvtt.errors.MalformedFileError as error:
        found = text.strip().splitlines()[0] if text.strip() else "nothing"
        first = "WEBVTT" if kind == "vtt" else "the number 1 and a line START --> END"
        raise source.bad("line 1", found, first) from error
    except (webvtt.errors.MalformedCaptionError, ValueError) as error:
        raise SpeechError(f"{source.path}: expected subtitles, found {error}") from error
    places = dict(enumerate(where for where, _ in arrows)) if len(arrows) == len(captions) else {}
    return [
        Item(caption.raw_text, at(caption.start), at(caption.end), places.get(index, f"caption {index + 1}"))
        for index, caption in enumerate(captions)
    ]


def with_known_tags(text: str) -> str:
    """SRT's text as WebVTT's: what is no tag is escaped."""
    return "".join(part if index % 2 else escaped(part) for index, part in enumerate(SRT_TAG.split(text)))


def at(stamp: str) -> float:
    """Seconds of "01:02:03.004" or "02:03.004"."""
    *hours, minutes, rest = stamp.split(":")
    return round((int(hours[0]) if hours else 0) * 3600 + int(minutes) * 60 + float(rest), 3)


def draft_of(cues: Sequence[Item]) -> Draft:
    """Words where each has its own time, in or by the captions; else sentences."""
    if any(STAMP.search(cue.text) for cue in cues):
        return karaoke(cues)
    if is_highlighted(cues):
        return highlighted(cues)
    texts = [Item(plain(cue.text), cue.start, cue.end, cue.where) for cue in cues]
    texts = [item for item in texts if item.text]
    if all(len(item.text.split()) == 1 for item in texts):
        return Draft(words=texts)
    return Draft(sentences=texts)


def karaoke(cues: Sequence[Item]) -> Draft:
    """Captions with a time inside before each word; a line that only repeats the caption before is none."""
    words: list[Item] = []
    sentences: list[Item] = []
    shown: set[str] = set()
    for cue in cues:
        fresh = [line for line in cue.text.splitlines() if STAMP.search(line) or plain(line) not in shown]
        shown = {plain(line) for line in cue.text.splitlines()}
        text = " ".join(fresh)
        if not plain(text):
            continue
        sentences.append(Item(plain(text), cue.start, cue.end, cue.where))
        pieces = STAMP.split(text)
        starts = [cue.start, *(at(stamp) for stamp in pieces[1::2])]
        for (start, end), piece in zip(pairwise([*starts, cue.end]), pieces[::2], strict=True):
            if plain(piece):
                words.append(Item(plain(piece), start, max(start, end), cue.where))
    return Draft(words=words, sentences=sentences)


def is_highlighted(cues: Sequence[Item]) -> bool:
    """Whether most captions mark one part of their text, and some repeat the text of the one before."""
    found = [MARKED.findall(cue.text) for cue in cues]
    texts = [plain(cue.text) for cue in cues]
    parts = [len(one) == 1 and plain(one[0][1]) != text for one, text in zip(found, texts, strict=True)]
    return 2 * sum(parts) > len(cues) and any(one == other for one, other in pairwise(texts))


def highlighted(cues: Sequence[Item]) -> Draft:
    """Captions that repeat a sentence, each time with another word marked."""
    words: list[Item] = []
    sentences: list[Item] = []
    for cue in cues:
        found = MARKED.findall(cue.text)
        if len(found) == 1 and plain(found[0][1]):
            words.append(Item(plain(found[0][1]), cue.start, cue.end, cue.where))
        text = plain(cue.text)
        if sentences and sentences[-1].text == text:
            sentences[-1] = Item(text, sentences[-1].start, cue.end, sentences[-1].where)
        else:
            sentences.append(Item(text, cue.start, cue.end, cue.where))
    return Draft(words=words, sentences=sentences)


def plain(text: str) -> str:
    """A caption's text without tags and line breaks."""
    return " ".join(html.unescape(TAG.sub("", text)).split())


def write_srt(speech: Speech) -> str:
    return srt(sentence_cues(speech, "srt"))


def write_srt_words(speech: Speech) -> str:
    return srt([(word.start, word.end, word.text) for word in spoken_words(speech, "srt-words")])


def write_srt_karaoke(speech: Speech) -> str:
    """A caption for each word: its sentence with the word underlined, as karaoke is done in SRT."""
    cues: list[Cue] = []
    for words in words_by_sentence(speech, "srt-karaoke"):
        texts = [word.text for word in words]
        for index, word in enumerate(words):
            line = [*texts[:index], f"<u>{word.text}</u>", *texts[index + 1 :]]
            cues.append((word.start, word.end, " ".join(line)))
    return srt(cues)


def write_vtt(speech: Speech) -> str:
    return vtt([(start, end, escaped(text)) for start, end, text in sentence_cues(speech, "vtt")])


def write_vtt_words(speech: Speech) -> str:
    return vtt([(w.start, w.end, escaped(w.text)) for w in spoken_words(speech, "vtt-words")])


def write_vtt_karaoke(speech: Speech) -> str:
    """A caption for each sentence, with the time of each word inside it; one more where a pause follows."""
    cues: list[Cue] = []
    for words in words_by_sentence(speech, "vtt-karaoke"):
        text = escaped(words[0].text)
        for before, word in pairwise(words):
            if round(word.start, 3) > round(before.end, 3):
                text += f"<{stamp(before.end)}>"
            text += f" <{stamp(word.start)}>{escaped(word.text)}"
        cues.append((words[0].start, words[-1].end, text))
    return vtt(cues)


def sentence_cues(speech: Speech, name: str) -> list[Cue]:
    spoken_words(speech, name)
    return [cue for cue in sentence_texts(speech) if cue[2]]


def words_by_sentence(speech: Speech, name: str) -> list[list[Word]]:
    """The words of each sentence that has any."""
    words = spoken_words(speech, name)
    ends = [end for _, end in speech.sentences] or [words[-1].end]
    result: list[list[Word]] = [[] for _ in ends]
    for word in words:
        place = bisect_left(ends, (word.start + word.end) / 2)
        result[min(place, len(ends) - 1)].append(word)
    return [group for group in result if group]


def srt(cues: Sequence[Cue]) -> str:
    """Numbered captions, times with a comma."""
    lines = [
        f"{number}\n{stamp(start, ',')} --> {stamp(end, ',')}\n{text}\n"
        for number, (start, end, text) in enumerate(cues, 1)
    ]
    return "\n".join(lines)


def vtt(cues: Sequence[Cue]) -> str:
    return "WEBVTT\n" + "".join(f"\n{stamp(start)} --> {stamp(end)}\n{text}\n" for start, end, text in cues)


def stamp(time: float, point: str = ".") -> str:
    """Seconds as "00:01:02.003"."""
    thousandths = round(time * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d}{point}{rest % 1000:03d}"


def escaped(text: str) -> str:
    return html.escape(text, quote=False)
