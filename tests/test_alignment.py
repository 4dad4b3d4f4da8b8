"""Text and recording: other voices, languages, pauses and noise, and people whose times are known by hand."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaldata import eval_file
from phiz.speech.alignment.aligner import align
from phiz.speech.alignment.reference import speak_reference
from phiz.speech.audio import read_audio
from phiz.speech.recognition.acoustic import RATE, english_model, resampled
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.synthesis import say

TEXT = "My mother made a lemon pie, and many people came to taste it."
SENTENCES = {
    "en": TEXT,
    "de": "Der Nordwind und die Sonne stritten sich, wer von ihnen beiden der Stärkere wäre.",
    "ko": "바람과 햇님이 서로 힘이 더 세다고 다투고 있었습니다.",
    "hi": "उत्तरी हवा और सूरज इस बात पर झगड़ रहे थे।",
    "sw": "Upepo wa kaskazini na jua walikuwa wakibishana.",
}


@pytest.fixture(scope="module")
def reference() -> Speech:
    return speak_reference(TEXT, "en")


def starts_of(phonemes: Sequence[Phoneme], words: int) -> np.ndarray:
    """When each word begins, in seconds."""
    return np.array([next(p.start for p in phonemes if p.word == index) for index in range(words)])


def check_order(phonemes: Sequence[Phoneme], duration: float) -> None:
    assert all(phoneme.end > phoneme.start >= 0 for phoneme in phonemes)
    assert all(after.start >= before.end for before, after in pairwise(phonemes))
    assert all(after.word >= before.word for before, after in pairwise(phonemes))
    assert not phonemes or phonemes[-1].end <= duration + 0.01


@pytest.mark.parametrize("language", SENTENCES)
def test_another_voice_says_the_same(language: str) -> None:
    other = say(SENTENCES[language], voice="espeak:m3", language=language)
    spoken = speak_reference(SENTENCES[language], language)
    found = align(other.samples, other.rate, spoken)
    check_order(found, other.duration)
    late = np.abs(starts_of(found, len(other.words)) - [word.start for word in other.words])
    assert np.median(late) < 0.012
    assert np.mean(late < 0.030) > 0.8


def test_the_reference_itself(reference: Speech) -> None:
    found = [p for p in align(reference.samples, reference.rate, reference) if p.ipa != "ʔ"]
    late = np.array([a.start - b.start for a, b in zip(found, reference.phonemes, strict=True)])
    assert np.median(np.abs(late)) < 0.005
    assert np.mean(np.abs(late) < 0.020) > 0.9


def test_pauses_that_the_reference_does_not_make(reference: Speech) -> None:
    other = say(TEXT, voice="espeak:m3", language="en")
    cut = round(next(word.start for word in other.words if word.text == "lemon") * other.rate)
    hush = np.random.default_rng(1).normal(0, 1e-4, round(1.3 * other.rate)).astype(np.float32)
    samples = np.concatenate([hush, other.samples[:cut], hush, other.samples[cut:], hush])
    plain = align(other.samples, other.rate, reference)
    paused = align(samples, other.rate, reference)
    assert len(paused) == pytest.approx(len(plain), abs=2)  # a glottal stop more or less
    for start, word in zip(starts_of(paused, len(other.words)), other.words, strict=True):
        shift = 1.3 if word.start * other.rate < cut - 1 else 2.6
        assert start == pytest.approx(word.start + shift, abs=0.06)
    gaps = [after.start - before.end for before, after in pairwise(paused)]
    assert max(gaps) == pytest.approx(1.3, abs=0.1)


@pytest.mark.parametrize("level", [0.003, 1.0, 40.0])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_any_level_and_rate(reference: Speech, level: float, rate: int) -> None:
    other = say(TEXT, voice="espeak:m3", language="en")
    times = np.arange(int(other.duration * rate)) / rate
    heard = np.interp(times, np.arange(len(other.samples)) / other.rate, other.samples)
    samples = np.clip(level * heard, -1, 1).astype(np.float32)
    found = align(samples, rate, reference)
    late = starts_of(found, len(other.words)) - [word.start for word in other.words]
    assert np.median(np.abs(late)) < 0.02
    assert np.max(np.abs(late)) < 0.08


def test_a_good_guide_changes_little_and_a_wrong_one_is_believed(reference: Speech) -> None:
    other = say(TEXT, voice="espeak:m3", language="en")
    count = len(other.words)
    said = np.array([word.start for word in reference.words])
    known = np.array([word.start for word in other.words])
    free = starts_of(align(other.samples, other.rate, reference), count)
    guided = align(other.samples, other.rate, reference, guide=(said, known + 0.2))
    assert np.max(np.abs(starts_of(guided, count) - free)) < 0.02
    astray = align(other.samples, other.rate, reference, guide=(said, known + 1.5))
    assert starts_of(astray, 3)[2] > known[2] + 0.8  # the band is half a second wide
    leaping = np.where(known > known[4], known + 2.0, known)
    check_order(align(other.samples, other.rate, reference, guide=(said, leaping)), other.duration)


@settings(deadline=None, max_examples=8)
@given(seconds=st.floats(0.002, 0.6), seed=st.integers(0, 9))
def test_what_cannot_be_the_text_still_has_order(reference: Speech, seconds: float, seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.1, max(1, round(seconds * 16000))).astype(np.float32)
    check_order(align(noise, 16000, reference), seconds)


def test_nothing_to_align(reference: Speech) -> None:
    assert align(np.zeros(16000, np.float32), 16000, reference) == ()
    assert align(np.zeros(0, np.float32), 16000, reference) == ()
    assert align(reference.samples, reference.rate, replace(reference, phonemes=())) == ()


def test_twice_the_same(reference: Speech) -> None:
    other = say(TEXT, voice="espeak:f3", language="en")
    assert align(other.samples, other.rate, reference) == align(other.samples, other.rate, reference)


def scores(folder: Path, names: Sequence[str], timed: Callable[[str], Sequence[Phoneme]]) -> dict:
    """What the evaluation data's own scorer says of some of TIMIT's utterances."""
    for name in names:
        made, true = folder / "made" / f"{name}.json", folder / "true" / f"{name}.phn"
        for path in (made, true):
            path.parent.mkdir(parents=True, exist_ok=True)
        phones = [{"start": p.start, "end": p.end, "ipa": p.ipa} for p in timed(name)]
        made.write_text(json.dumps({"phones": phones}), encoding="utf-8")
        true.write_bytes(eval_file(f"timit/{name}.phn").read_bytes())
    scorer = eval_file("score_alignment.py")
    command = [sys.executable, str(scorer), str(folder / "made"), str(folder / "true")]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize("listens", [True, False], ids=["with the acoustic model", "without"])
def test_people_timed_by_hand(tmp_path: Path, listens: bool) -> None:
    lines = eval_file("timit/transcripts.tsv").read_text(encoding="utf-8").splitlines()
    texts = {name: text for name, _, text in (line.split("\t") for line in lines)}
    names = [name for name in texts if name.startswith(("dr2-marc0/sx", "dr7-fblv0/sx"))]
    model = english_model() if listens else None
    if listens and model is None:
        pytest.skip("pocketsphinx is not installed")

    def timed(name: str) -> Sequence[Phoneme]:
        samples, rate = read_audio(eval_file(f"timit/{name}.wav"))
        spoken = speak_reference(texts[name], "en")
        heard = None
        if model is not None:
            words = [
                (word.text, [[p.ipa for p in spoken.phonemes if p.word == index]])
                for index, word in enumerate(spoken.words)
            ]
            heard = model.align(resampled(samples, rate), words)
        assert rate == RATE
        return align(samples, rate, spoken, acoustic=heard or ())

    found = scores(tmp_path, names, timed)
    edges = found["boundaries"]
    assert found["failures"] == 0
    assert edges["within_20ms"] > (82 if listens else 78)
    assert edges["median_ms"] < 7
    assert edges["mean_ms"] < (13 if listens else 16)
    assert found["f1_20ms"] > (0.81 if listens else 0.78)
    assert found["classes"]["all"] > (83 if listens else 80)
