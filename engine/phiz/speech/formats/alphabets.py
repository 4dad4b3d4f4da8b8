"""The names that other programs have for sounds: IPA, ARPAbet, X-SAMPA, and what they call silence."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from phiz.data import table
from phiz.speech.ipa import clean, is_modifier

__all__ = ["alphabet_of", "is_silence", "sound_of", "without_notes", "xsampa_of"]

# What aligners, dictionaries and corpora call a stretch in which nobody speaks, in lower case.
SILENCES = frozenset([
    "sil", "sp", "spn", "h#", "#", "##", "_", "__", "-", "--", "...", "+", "*", "<sil>", "<eps>", "<unk>",
    "<p:>", "<p>", "<nib>", "<usb>", "<s>", "</s>", "<b>", "[silence]", "[noise]", "[laughter]", "[breath]",
    "++noise++", "++breath++", "♪", ">>",
])  # fmt: skip
# These too, where sounds are named; among words they are words.
SILENT_SOUNDS = frozenset([
    "silence", "pau", "pause", "epi", "noi", "noise", "ns", "nsn", "lau", "laugh", "breath", "br", "gb",
    "rest", "dummy",
])  # fmt: skip
TYPED = "/[]. :'!"  # ASCII signs in IPA as people type it
LETTERS_IN_A_SOUND = 3  # at most, as in a triphthong; more are a word
ASIDE = re.compile(r"\[[^\]]*\]|♪|>>")
NOTE = re.compile(r"[(*].*[)*]", re.DOTALL)  # what subtitles say of the sound: (laughs), *sighs*
PLACES = re.compile(r"_[BIES]$")  # begin, inside, end or single: a sound's place in its word, to Kaldi


def is_silence(label: str, *, sound: bool = False) -> bool:
    """Whether a label says that nobody speaks. sound: whether it stands where sounds are named, not words."""
    name = label.strip().lower()
    if not name or name in SILENCES or (sound and name in SILENT_SOUNDS):
        return True
    return name[0] == "[" and name[-1] == "]" and not sound  # [music]; [a] is a sound in IPA


def without_notes(text: str) -> str:
    """A sentence without what nobody says in it: [music], a whole (in brackets), ♪, >>, signs of silence.

    >>> without_notes(">> Well, + [laughs] yes. ♪")
    'Well, yes.'
    """
    if NOTE.fullmatch(text.strip()):
        return ""
    return " ".join(word for word in ASIDE.sub(" ", text).split() if not is_silence(word))


def alphabet_of(names: Iterable[str]) -> str | None:
    """What sounds of these names are written in: "ipa", "arpabet" or "xsampa"; None for none of them."""
    plain = {PLACES.sub("", name.strip()) for name in names}
    if not plain:
        return None
    bare = {name.rstrip("0123456789") for name in plain}
    same_case = all(name == name.upper() for name in bare) or all(name == name.lower() for name in bare)
    if same_case and all(name.upper() in _arpabet() for name in bare) and any(len(name) > 1 for name in bare):
        return "arpabet"
    if all(_from_ipa(name)[0] for name in plain):
        return "ipa"
    return "xsampa" if all(_from_xsampa(name)[0] for name in plain) else None


def sound_of(name: str, alphabet: str) -> tuple[str, int]:
    """IPA and stress (0 none, 1 primary, 2 secondary) of a sound's name; ("", 0) when it is none."""
    plain = PLACES.sub("", name.strip())
    if alphabet == "arpabet":
        bare = plain.rstrip("0123456789")
        stress = {"1": 1, "2": 2}.get(plain[len(bare) :][:1], 0)
        return _arpabet().get(bare.upper(), ""), stress
    return _from_xsampa(plain) if alphabet == "xsampa" else _from_ipa(plain)


def xsampa_of(ipa: str) -> str:
    """X-SAMPA of a phoneme; letters that it does not know are left out.

    >>> xsampa_of("tʃ")
    'tS'
    """
    letters = unicodedata.normalize("NFD", ipa).replace("c\u0327", "ç").replace("g", "ɡ")
    return "".join(_written().get(letter, "") for letter in letters)


@cache
def _arpabet() -> dict[str, str]:
    names = {row["arpabet"]: row["ipa"] for row in table("arpabet") if row["own"]}
    return names | {row["arpabet"]: row["ipa"] for row in table("arpabet_extras")}


@cache
def _letters() -> frozenset[str]:
    return frozenset(row["symbol"] for row in table("ipa"))


def _from_ipa(name: str) -> tuple[str, int]:
    if any(letter.isascii() and not letter.isalnum() and letter not in TYPED for letter in name):
        return "", 0
    ipa, stress = clean(unicodedata.normalize("NFC", name.strip("/[]")).replace(".", "").replace(" ", ""))
    letters = unicodedata.normalize("NFD", ipa).replace("c\u0327", "ç")
    known = [letter in _letters() for letter in letters if not is_modifier(letter) and letter != "\u0361"]
    return (ipa, stress) if all(known) and 0 < len(known) <= LETTERS_IN_A_SOUND + 1 else ("", 0)


@cache
def _xsampa() -> dict[str, str]:
    return {row["xsampa"]: chr(int(row["code"][2:], 16)) for row in table("xsampa")}


@cache
def _written() -> dict[str, str]:
    return {letter: name for name, letter in reversed(_xsampa().items())}  # of two names the first one stays


def _from_xsampa(name: str) -> tuple[str, int]:
    stress = {'"': 1, "%": 2}.get(name[:1], 0)
    rest, ipa = name[1:] if stress else name, ""
    longest = max(map(len, _xsampa()))
    while rest:
        length = next((n for n in range(min(longest, len(rest)), 0, -1) if rest[:n] in _xsampa()), 0)
        if not length:
            return "", 0
        ipa += _xsampa()[rest[:length]]
        rest = rest[length:]
    letters = sum(letter in _letters() for letter in ipa)
    return (unicodedata.normalize("NFC", ipa), stress) if 0 < letters <= LETTERS_IN_A_SOUND else ("", 0)
