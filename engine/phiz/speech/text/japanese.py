"""Japanese as it is read: Chinese characters become kana, where a dictionary is installed."""

import logging
import re
from functools import cache
from typing import Any

from phiz.speech.text.document import Edit

__all__ = ["edits"]

log = logging.getLogger("phiz")

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f々]")
UNREAD = "*"  # the dictionary's mark for what it lacks


def edits(text: str, language: str) -> list[Edit]:
    """Each word with Chinese characters as its reading in kana; none without Janome, which is then warned of.

    Particles that are written は, へ, を but said わ, え, お are told from the rest by the dictionary too.
    """
    if not HAN.search(text):
        return []
    reader = _reader()
    if reader is None:
        return []
    found, at = [], 0
    for token in reader.tokenize(text):
        start = text.find(token.surface, at)
        if start < 0:
            continue
        at = start + len(token.surface)
        said = token.phonetic
        if said and said != UNREAD and not token.surface.isascii():
            found.append(Edit(start, at, said + " "))
    return found


@cache
def _reader() -> Any:
    try:
        from janome.tokenizer import Tokenizer
    except ImportError:
        log.warning(
            "Chinese characters in Japanese are not read rightly without a dictionary: "
            "pip install 'phiz[japanese]', or write kana"
        )
        return None
    return Tokenizer()
