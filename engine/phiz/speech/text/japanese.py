"""Japanese as it is read: Chinese characters become kana, where a dictionary is installed."""

import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from phiz.speech.text.document import Edit

__all__ = ["edits"]

log = logging.getLogger("phiz")

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f々〆ヶ]")
GREETING = re.compile(r"こん(?:にち|ばん)(は)")
PARTICLES = {"は": "わ", "へ": "え", "を": "お"}  # said otherwise than written
USUAL = {"日本": "ニホン", "私": "ワタシ"}  # where the dictionary's first reading is a solemn one
PARTICLE, VERB = "助詞", "動詞"  # parts of speech, as the dictionary names them
# Days of the month and people that are counted with words of their own.
COUNTED = re.compile(r"(?<!\d)(\d{1,2})([日人])(?!\w*間)")
DAYS = {
    1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "よーか",
    9: "ここのか", 10: "とーか", 14: "じゅーよっか", 20: "はつか", 24: "にじゅーよっか",
}  # fmt: skip
PEOPLE = {1: "ひとり", 2: "ふたり"}
LONG = re.compile(r"(?<=[オコソトノホモヨロゴゾドボポョ])ウ|(?<=[ウクスツヌフムユルグズブプュ])ウ")


def edits(text: str, _: str) -> list[Edit]:
    """Each word with Chinese characters as its reading in kana, particles as they are said.

    Without the dictionary only what is sure; Chinese characters are then warned of, once.
    """
    found = [Edit(*match.span(1), "わ") for match in GREETING.finditer(text)]
    for match in COUNTED.finditer(text):
        said = (DAYS if match[2] == "日" else PEOPLE).get(int(match[1]))
        if said:
            found.append(Edit(*match.span(), said))
    if HAN.search(text):
        found += _read(text)
    return found


def _read(text: str) -> Iterator[Edit]:
    reader = _reader()
    for token in reader.tokenize(text) if reader else ():
        kind, written = token.part_of_speech()[0], token.surface()
        reading = USUAL.get(written, token.reading_form())
        if kind == PARTICLE and written in PARTICLES:
            yield Edit(token.begin(), token.end(), PARTICLES[written] + " ")
        elif HAN.search(written) and reading:
            ending = reading[-1] if kind == VERB else ""  # 思う ends in its own ウ
            said = LONG.sub("ー", reading[: len(reading) - len(ending)]) + ending
            yield Edit(token.begin(), token.end(), said + " ")


@cache
def _reader() -> Any:
    """The dictionary's tokenizer, None where it is not installed."""
    try:
        import sudachidict_small
        import sudachipy
    except ImportError:
        log.warning(
            "Chinese characters in Japanese are read wrongly without a dictionary: "
            "pip install 'phiz[japanese]', or write kana"
        )
        return None
    resources = Path(str(sudachidict_small.__file__)).parent / "resources"
    return sudachipy.Dictionary(dict=str(resources / "system.dic")).tokenizer()
