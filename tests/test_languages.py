"""Every language of the built-in voice speaks a real sentence: all its sounds known, their times whole."""

import csv
import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from phiz.data import table
from phiz.motion.viseme_table import REST, visemes
from phiz.speech.scripts import UNSPACED, script_of
from phiz.speech.speech import Speech
from phiz.speech.synthesis import say
from phiz.speech.viseme_targets import visemes_of
from phiz.speech.voices import espeak
from phiz.speech.words import is_spoken

ROOT = Path(__file__).resolve().parents[1]
LINES = (ROOT / "tests/sentences.csv").read_text(encoding="utf-8").splitlines()
SENTENCES = {row["code"]: row["sentence"] for row in csv.DictReader(x for x in LINES if x[0] != "#")}
SYMBOLS = {row["symbol"] for row in table("ipa")}
MARKS = {chr(int(row["code"][2:], 16)) for row in table("diacritics")}
# Marks that change nothing to see: nasal, aspirated, tied, syllabic, apical, laminal, centralised, voiceless,
# ejective, pharyngealised, breathy.
UNSEEN = set("\u0303\u02b0\u0361\u0329\u033a\u033b\u0308\u0325\u030a\u02bc\u02e4\u02b1")
QUIET = 3e-3  # of full scale; longer gaps than a closure hold no more sound than that


def is_unspaced(text: str) -> bool:
    return any(script_of(character) in UNSPACED for character in text if character.isalpha())


def test_there_is_a_sentence_in_every_language() -> None:
    spoken = {espeak.voice_file(espeak.resolve_language(code)) for code in SENTENCES}
    assert spoken == {espeak.voice_file(code) for code in espeak.languages()}
    assert len(spoken) > 130


@pytest.mark.parametrize("code", SENTENCES)
def test_the_language_is_spoken(code: str) -> None:
    sentence = SENTENCES[code]
    speech = say(sentence, voice=None, language=code)
    assert speech.language == espeak.resolve_language(code)
    assert speech.timing == "exact"
    assert len(speech.phonemes) >= 12
    check_sounds(speech)
    check_times(speech)
    written = [word for word in sentence.split() if any(map(is_spoken, word))]
    if not is_unspaced(sentence):
        assert len(speech.words) == len(written)
    for word in speech.words:
        assert word.text in sentence


def check_sounds(speech: Speech) -> None:
    """Plain IPA, nothing of the synthesiser's own spelling, and each sound with its look."""
    for phoneme in speech.phonemes:
        letters = unicodedata.normalize("NFD", phoneme.ipa).replace("c\u0327", "ç")
        assert set(letters) <= SYMBOLS | MARKS | UNSEEN, f"{phoneme.ipa!r} of {speech.language}"
        assert letters[0] in SYMBOLS
        looks = [target.viseme for target in visemes_of(phoneme.ipa)]
        assert looks
        assert set(looks) <= set(visemes()) - {REST}
    assert any(phoneme.stress for phoneme in speech.phonemes)
    assert all(0 <= phoneme.word < len(speech.words) for phoneme in speech.phonemes)


def check_times(speech: Speech) -> None:
    """In order, inside the sound, and what they leave uncovered is silence."""
    edges = [(0.0, 0.0), *((p.start, p.end) for p in speech.phonemes), (speech.duration,) * 2]
    for (_, end), (start, last) in pairwise(edges):
        assert start >= end
        assert last > start or last == speech.duration
        assert start - end < 0.7
        if start - end > 0.08:
            gap = speech.samples[round((end + 0.006) * speech.rate) : round((start - 0.006) * speech.rate)]
            assert np.sqrt(np.mean(np.square(gap, dtype=np.float64))) < QUIET
    covered = sum(phoneme.end - phoneme.start for phoneme in speech.phonemes)
    assert covered > 0.75 * speech.duration


@pytest.mark.parametrize(
    ("code", "text", "sounds"),
    [
        ("cmn", "中国", ["ʈʂ", "uo"]),  # tones go, affricates stay whole
        ("am", "ጠጅ", ["tʼ"]),  # ejectives
        ("hi", "भारत", ["bʰ"]),  # breathy stops
        ("pl", "są", ["ɔ̃"]),  # nasal vowels
        ("cs", "řeka", ["r̝"]),
        ("ga", "Gaeilge", ["ɡ"]),
        ("ka", "წყალი", ["ts"]),
        ("ko", "나는", ["n", "ɐ"]),  # the voice reports no first word
    ],
)
def test_sounds_of_all_kinds(code: str, text: str, sounds: list[str]) -> None:
    spoken = "".join(phoneme.ipa for phoneme in say(text, voice=None, language=code).phonemes)
    assert any(sound in spoken for sound in sounds), spoken


def test_korean_has_its_first_word() -> None:
    speech = say("나는 학교에 간다.", voice=None, language="ko")
    assert [word.text for word in speech.words] == ["나는", "학교에", "간다"]


def test_a_long_burmese_clause_does_not_end_the_process() -> None:
    clause = "တူညီလွတ်လပ်သော အခွင့်အရေးများဖြင့် လည်းကောင်း မွေးဖွားလာသူများ ဖြစ်သည်"
    speech = say(" ".join([clause] * 4), voice=None, language="my")
    assert speech.duration > 8


def test_the_page_of_languages_names_them_all() -> None:
    page = (ROOT / "docs/languages.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z][\w-]*)` \| (.+?) \|", page, re.MULTILINE))
    assert rows == espeak.languages()


def test_voices_without_their_dictionary_are_not_offered() -> None:
    assert not {"fo", "kaa", "xex"} & espeak.languages().keys()
