"""What the attributes of SSML say, in numbers: breaks, prosody, emphasis, sounds."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from phiz.data import table
from phiz.errors import UsageError
from phiz.speech.ipa import feature
from phiz.speech.voices import PLAIN, Manner

__all__ = ["break_seconds", "emphasised", "ipa_of", "prosody"]

LONGEST_BREAK = 60.0  # seconds
# SSML leaves the lengths open; these are espeak-ng's pauses at a comma (weak), a full stop and a paragraph.
STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.17, "medium": 0.35, "strong": 0.6, "x-strong": 1.2}
# Words for factors, those of espeak-ng's own SSML (its file ssml.c).
RATES = {"x-slow": 0.6, "slow": 0.8, "medium": 1.0, "fast": 1.25, "x-fast": 1.6, "default": 1.0}
PITCHES = {"x-low": 0.7, "low": 0.85, "medium": 1.0, "high": 1.1, "x-high": 1.2, "default": 1.0}
VOLUMES = {
    "silent": 0.0, "x-soft": 0.3, "soft": 0.65, "medium": 1.0, "loud": 1.4, "x-loud": 2.0, "default": 1.0,
}  # fmt: skip
# Words in focus are longer, higher and louder, as in Cooper, Eady & Mueller 1985, "Acoustical aspects of
# contrastive stress in question-answer contexts", J. Acoust. Soc. Am. 77; by how much is phiz's choice.
EMPHASES = {
    "strong": Manner(0.75, 1.12, 1.41),
    "moderate": Manner(0.87, 1.06, 1.19),
    "none": PLAIN,
    "reduced": Manner(1.1, 0.97, 0.84),
}
RATE_RANGE, PITCH_RANGE, VOLUME_RANGE = (0.2, 5.0), (0.4, 2.5), (0.0, 4.0)
MARKS = " .|‖‿_-↗↘↑↓ꜛꜜ"  # between the sounds of IPA: parts of words and phrases, steps of the voice
NUMBER = r"\d+(?:\.\d*)?|\.\d+"
FACTOR = re.compile(rf"([+-]?)({NUMBER})(%|st|dB)?", re.IGNORECASE)
TIME = re.compile(rf"\+?({NUMBER})(ms|s)")

_Fault = Callable[[str], UsageError]
_Warn = Callable[[str], None]


def break_seconds(attributes: Mapping[str, str], fault: _Fault) -> float:
    """How long a <break> is. `fault` makes the error for a time or strength that is none."""
    time = attributes.get("time")
    if time is None:
        strength = attributes.get("strength", "medium").strip()
        if strength not in STRENGTHS:
            raise fault(f"break strength {strength!r} is unknown; there is {', '.join(STRENGTHS)}")
        return STRENGTHS[strength]
    found = TIME.fullmatch(time.strip())
    if not found:
        raise fault(f'break time {time!r} is no time: write time="500ms" or time="1.5s"')
    seconds = float(found[1]) / (1000 if found[2] == "ms" else 1)
    if seconds > LONGEST_BREAK:
        raise fault(f"break time {time!r} is longer than {LONGEST_BREAK:g} s: take several breaks")
    return seconds


def prosody(attributes: Mapping[str, str], warn: _Warn) -> Manner:
    """The manner that <prosody> asks for; what is not understood changes nothing but warns."""
    for name in attributes.keys() - {"rate", "pitch", "volume", "xml:lang"}:
        warn(f"<prosody {name}=...> is not supported; rate, pitch and volume are")
    return Manner(
        _factor("rate", attributes, RATES, RATE_RANGE, warn),
        _factor("pitch", attributes, PITCHES, PITCH_RANGE, warn),
        _factor("volume", attributes, VOLUMES, VOLUME_RANGE, warn),
    )


def _factor(
    name: str,
    attributes: Mapping[str, str],
    words: Mapping[str, float],
    limits: tuple[float, float],
    warn: _Warn,
) -> float:
    """One attribute of <prosody> as a factor: a word, "+10%", "80%", "+2st", "-6dB" or a bare number."""
    value = attributes.get(name, "medium").strip()
    if value in words:
        return words[value]
    found = FACTOR.fullmatch(value)
    factor = _computed(name, found[1], float(found[2]), (found[3] or "").lower()) if found else None
    if factor is None:
        known = {"rate": "80%, 1.25 or fast", "pitch": "+10%, -2st or high", "volume": "+6dB, 50 or loud"}
        warn(f"<prosody {name}={value!r}> is not understood and changes nothing; it may be {known[name]}")
        return 1.0
    held = min(max(factor, limits[0]), limits[1])
    if held != factor:
        reach = f"{limits[0]:g} to {limits[1]:g} times the usual"
        warn(f"<prosody {name}={value!r}> counts as {held:g} times the usual: it is not from {reach}")
    return held


def _computed(name: str, sign: str, number: float, unit: str) -> float | None:
    signed = -number if sign == "-" else number
    match name, unit:
        case _, "%":
            return 1 + signed / 100 if sign else number / 100
        case "pitch", "st":
            return float(2 ** (signed / 12))
        case "volume", "db":
            return float(10 ** (signed / 20))
        case "volume", "":  # SSML 1.0: 0 to 100, which is the usual volume
            return 1 + signed / 100 if sign else number / 100
        case "rate", "" if not sign:
            return number
    return None


def emphasised(attributes: Mapping[str, str], warn: _Warn) -> Manner:
    """The manner that <emphasis> asks for."""
    level = attributes.get("level", "moderate").strip()
    if level not in EMPHASES:
        warn(f"<emphasis level={level!r}> is unknown; there is {', '.join(EMPHASES)}")
        return PLAIN
    return EMPHASES[level]


def ipa_of(attributes: Mapping[str, str], fault: _Fault, warn: _Warn) -> str:
    """The IPA that <phoneme> holds, "" when its alphabet is unknown."""
    sounds, alphabet = attributes.get("ph", "").strip(), attributes.get("alphabet", "ipa").strip().lower()
    if not sounds:
        raise fault('<phoneme> has no sounds: write <phoneme alphabet="ipa" ph="təˈmeɪtoʊ">tomato</phoneme>')
    if alphabet not in ("ipa", "x-sampa", "xsampa"):
        warn(f"<phoneme alphabet={alphabet!r}> is unknown, its text is spoken; there is ipa and x-sampa")
        return ""
    ipa = sounds if alphabet == "ipa" else _from_xsampa(sounds)
    if not any(feature(letter, "kind") for letter in ipa):
        warn(f"<phoneme ph={sounds!r}> holds no sound, its text is spoken")
        return ""
    letters = dict.fromkeys(unicodedata.normalize("NFD", ipa))
    unknown = " ".join(letter for letter in letters if not (feature(letter, "kind") or is_mark(letter)))
    if unknown:
        warn(f"<phoneme ph={sounds!r}>: {unknown} is no sound of {alphabet.upper()} and is left out")
    return ipa


def is_mark(letter: str) -> bool:
    """Whether a letter of IPA parts sounds, or says something of the one beside it: stress, length, tone."""
    return letter in MARKS or unicodedata.category(letter) in ("Lm", "Mn", "Sk", "Nd")


def _from_xsampa(written: str) -> str:
    """X-SAMPA (Wells 1995) in IPA, the longest spelling first; what is unknown stays."""
    rows = {row["xsampa"]: chr(int(row["code"][2:], 16)) for row in table("xsampa")}
    longest, at, ipa = max(map(len, rows)), 0, ""
    while at < len(written):
        for length in range(longest, 0, -1):
            if written[at : at + length] in rows:
                ipa += rows[written[at : at + length]]
                at += length
                break
        else:
            ipa += written[at]
            at += 1
    return ipa
