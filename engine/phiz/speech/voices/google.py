"""The voice `gtts`: Google's, online, by the package gTTS. It is free and needs no key; it gives no times."""

import difflib
import re
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from phiz.data import table
from phiz.errors import SpeechError, UsageError
from phiz.speech.audio import read_audio
from phiz.speech.voices import Request, Sound

__all__ = ["languages", "resolve_language", "say"]

TIMEOUT = (5.0, 20.0)  # seconds to connect, and for each answer; an answer is 100 characters of text
OFFLINE = "--voice espeak speaks offline"
DOMAIN = re.compile(r"[a-z]{2,3}(\.[a-z]{2,3})?")


def say(request: Request) -> Sound:
    """Have Google speak. The variant is the end of the domain to ask, for its accent: "com.au", "ca".

    Raises SpeechError when the package is missing or the network is away, UsageError for a language that
    Google does not speak.
    """
    gtts = _package()
    code, domain, like = resolve_language(request.language)
    domain = request.variant.lower() or domain
    if not DOMAIN.fullmatch(domain):
        raise UsageError(f"voice gtts:{request.variant} is unknown: give the end of a domain, as gtts:co.uk")
    try:
        # Its own check of languages would only warn, or rename what phiz has named already.
        asked = gtts.gTTS(request.text, lang=code, tld=domain, lang_check=False, timeout=TIMEOUT)
        heard = b"".join(asked.stream())
    except (gtts.gTTSError, ValueError) as error:  # the latter when the answer is no base64 of UTF-8
        raise SpeechError(f"the voice gtts is online and {_trouble(error, domain)}; {OFFLINE}") from error
    except AssertionError:  # its way to say that nothing of the text is left to send
        shown = " ".join(request.text.split())[:40]
        raise UsageError(f"nothing in the text {shown!r} can be spoken; give a word") from None
    with tempfile.TemporaryDirectory(prefix="phiz-") as folder:
        file = Path(folder, "voice.mp3")
        file.write_bytes(heard)
        try:
            return Sound(*read_audio(file), like)
        except SpeechError as error:
            raise SpeechError(f"the voice gtts sent no sound; try again, or {OFFLINE}") from error


def _trouble(error: Any, domain: str) -> str:
    answer = getattr(error, "rsp", None)
    if isinstance(error, ValueError) or (answer is not None and answer.ok):
        return "Google answered, but sent no sound"
    if answer is None:
        return f"translate.google.{domain} is not reached"
    if answer.status_code == 429:
        return "Google has answered too often in a short time: wait an hour"
    return f"Google answered {answer.status_code} {answer.reason}"


def _package() -> Any:
    try:
        import gtts
    except ImportError as error:
        raise SpeechError(f"the voice gtts needs a package: pip install gTTS; {OFFLINE}") from error
    return gtts


@cache
def _codes() -> dict[str, str]:
    """From Google's codes to the names of the languages. Raises SpeechError."""
    _package()
    from gtts.lang import tts_langs

    names: dict[str, str] = tts_langs()
    return names


def languages() -> dict[str, str]:
    """From the codes of languages, as phiz takes them, to their names. Raises SpeechError."""
    names = _codes()
    own = {row["language"]: names[row["code"]] for row in table("gtts") if row["code"] in names}
    renamed = {row["code"] for row in table("gtts")}
    rest = {code.lower(): name for code, name in names.items() if code not in renamed}
    return dict(sorted({**rest, **own}.items()))


def resolve_language(language: str) -> tuple[str, str, str]:
    """Google's code of a language, the domain to ask, and a language that is read alike, if need be.

    "pt-br" is ("pt", "com.br", ""), "cmn" ("zh-CN", "com", ""), "gl" ("gl", "com", "pt").
    Raises UsageError for a language that Google does not speak, SpeechError without the package.
    """
    name = language.strip().lower().replace("_", "-")
    known = {code.lower(): code for code in _codes()}
    own = {row["language"]: (row["code"], row["domain"], row["like"] or "") for row in table("gtts")}
    for form in (name, name.partition("-")[0]):
        if form in own:
            return own[form]
        if form in known:
            return known[form], "com", ""
    near = difflib.get_close_matches(name, [*own, *known], n=6, cutoff=0.5)
    hint = ", ".join(near or ["en", "es", "fr", "de", "pt-br", "cmn"])
    raise UsageError(f"language {language!r} is unknown to gtts; it knows {hint} ... (see phiz voices)")
