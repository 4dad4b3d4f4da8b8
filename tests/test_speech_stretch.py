"""Recordings: where speech is heard, text stretched over it, lips moved by the sound alone."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaldata import eval_folder
from phiz.errors import SpeechError, UsageError
from phiz.speech.activity import speech_spans
from phiz.speech.audio import write_wav
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.stretch import assign, speech_from_recording, time_phonemes, units_of
from phiz.speech.synthesis import speak

REAL = eval_folder()
real = pytest.mark.skipif(not REAL.is_dir(), reason=f"no evaluation data: {REAL} is not there")
TEXT = "Peter picked a pot of cold tea. My mother made a lemon pie! Happy people keep apples."


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return speak(TEXT)


def check_order(phonemes: tuple[Phoneme, ...], duration: float) -> None:
    assert all(phoneme.end > phoneme.start >= 0 for phoneme in phonemes)
    assert all(after.start >= before.end for before, after in pairwise(phonemes))
    assert not phonemes or phonemes[-1].end <= duration + 1e-9


def noise(seconds: float, rate: int, seed: int = 0) -> np.ndarray:
    return (0.05 * np.random.default_rng(seed).standard_normal(round(seconds * rate))).astype(np.float32)


def test_spans_are_the_phrases(spoken: Speech) -> None:
    spans = speech_spans(spoken.samples, spoken.rate)
    assert len(spans) == len(spoken.sentences) == 3
    for span, sentence in zip(spans, spoken.sentences, strict=True):
        assert span[0] == pytest.approx(sentence[0], abs=0.07)  # a first [p] is shut before it is heard
        assert span[1] == pytest.approx(sentence[1], abs=0.05)


def test_spans_in_noise(spoken: Speech) -> None:
    loud = np.sqrt(np.mean(spoken.samples**2))
    noisy = spoken.samples + noise(spoken.duration + 1, spoken.rate)[: len(spoken.samples)] / 0.05 * loud / 10
    spans = speech_spans(noisy, spoken.rate)
    heard = sum(end - start for start, end in spans)
    assert heard == pytest.approx(sum(end - start for start, end in spoken.sentences), rel=0.15)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_silence_and_noise_move_nothing(rate: int) -> None:
    hum = (0.1 * np.sin(2 * np.pi * 50 * np.arange(2 * rate) / rate)).astype(np.float32)
    rumble = np.cumsum(noise(2, rate)) * 0.1
    for sound in (np.zeros(2 * rate, np.float32), noise(2, rate), hum, rumble, np.zeros(3), np.zeros(0)):
        assert speech_spans(sound, rate) == []


def test_stretched_over_the_voices_own_sound(spoken: Speech) -> None:
    got = time_phonemes(spoken.samples, spoken.rate, spoken.phonemes)
    assert [p.ipa for p in got] == [p.ipa for p in spoken.phonemes]
    off = [abs(a.start - b.start) for a, b in zip(got, spoken.phonemes, strict=True)]
    assert np.median(off) < 0.03
    assert max(off) < 0.08


@settings(deadline=None, max_examples=15)
@given(
    tempo=st.floats(0.7, 1.5),
    pauses=st.lists(st.floats(0.3, 2.0), min_size=3, max_size=3),
    rate=st.sampled_from([16000, 22050]),
)
def test_pauses_and_tempo_are_found(tempo: float, pauses: list[float], rate: int) -> None:
    spoken = speak(TEXT)
    pieces, truth, at = [], [], 0.0
    for pause, (start, end) in zip(pauses, spoken.sentences, strict=True):
        inside = spoken.samples[round(start * spoken.rate) : round(end * spoken.rate)]
        places = np.arange(0, len(inside) / spoken.rate * tempo, 1 / rate) * spoken.rate / tempo
        pieces += [np.zeros(round(pause * rate)), np.interp(places, np.arange(len(inside)), inside)]
        at += pause
        truth += [at + (p.start - start) * tempo for p in spoken.phonemes if start <= p.start < end]
        at += (end - start) * tempo
    sound = np.concatenate([*pieces, np.zeros(rate // 2)]).astype(np.float32)
    got = time_phonemes(sound, rate, spoken.phonemes)
    check_order(got, len(sound) / rate)
    assert len(got) == len(truth)
    assert np.median(np.abs(np.array([p.start for p in got]) - truth)) < 0.05


@settings(deadline=None)
@given(
    units=st.lists(st.floats(0.05, 1.0), min_size=1, max_size=12),
    spans=st.lists(st.floats(0.1, 5.0), min_size=1, max_size=6),
)
def test_cuts_cover_everything(units: list[float], spans: list[float]) -> None:
    phonemes, at = [], 0.0
    for index, length in enumerate(units):
        phonemes.append(Phoneme("a", at, at + length, word=index))
        at += length + (0.3 if index % 3 == 2 else 0.0)
    cuts = assign(units_of(phonemes), spans)
    assert (cuts[0], cuts[-1], len(cuts)) == (0, len(units), len(spans) + 1)
    assert cuts == sorted(cuts)


def test_recording_with_text(tmp_path: Path, spoken: Speech) -> None:
    write_wav(tmp_path / "r.wav", spoken.samples, spoken.rate)
    speech = speech_from_recording(tmp_path / "r.wav", TEXT, language="en")
    check_order(speech.phonemes, speech.duration)
    assert (speech.timing, speech.text, speech.language) == ("stretched", TEXT, "en-us")
    assert [word.text for word in speech.words] == [word.text for word in spoken.words]
    for index, word in enumerate(speech.words):
        own = [phoneme for phoneme in speech.phonemes if phoneme.word == index]
        assert (own[0].start, own[-1].end) == (word.start, word.end)
    assert len(speech.sentences) == 3


def test_recording_without_speech(tmp_path: Path) -> None:
    write_wav(tmp_path / "n.wav", noise(1, 16000), 16000)
    with pytest.raises(SpeechError, match="no speech"):
        speech_from_recording(tmp_path / "n.wav", "Hello")
    assert speech_from_recording(tmp_path / "n.wav", None).phonemes == ()
    with pytest.raises(UsageError, match="language"):
        speech_from_recording(tmp_path / "n.wav", "Hello", language="zz")


def test_recording_without_text(tmp_path: Path, spoken: Speech) -> None:
    write_wav(tmp_path / "r.wav", spoken.samples, spoken.rate)
    speech = speech_from_recording(tmp_path / "r.wav", None)
    check_order(speech.phonemes, speech.duration)
    assert speech.timing == "stretched"
    assert 0.5 < len(speech.phonemes) / len(spoken.phonemes) < 1.5
    inside = sum(p.end - p.start for p in speech.phonemes)
    assert inside == pytest.approx(sum(end - start for start, end in spoken.sentences), rel=0.1)


@real
def test_real_speech_boundaries() -> None:
    """Hand-made phone times: speech starts and ends where it is heard, and sounds fall near their places."""
    starts, ends, offs = [], [], []
    for line in (REAL / "timit" / "transcripts.tsv").read_text().splitlines()[::8]:
        name, _, text = line.split("\t")
        phones = [row.split() for row in (REAL / "timit" / f"{name}.phn").read_text().splitlines()]
        speech = speech_from_recording(REAL / "timit" / f"{name}.wav", text)
        starts.append(speech.phonemes[0].start - int(phones[0][1]) / 16000)
        ends.append(speech.phonemes[-1].end - int(phones[-1][0]) / 16000)
        hiss = [int(start) / 16000 for start, _, phone in phones if phone in ("s", "z")]
        said = [p.start for p in speech.phonemes if p.ipa in ("s", "z")]
        offs += [min(abs(each - time) for each in said) for time in hiss if said]
    assert np.median(np.abs(starts)) < 0.03
    assert np.median(np.abs(ends)) < 0.06
    assert np.median(offs) < 0.08


def test_noise_with_a_text_is_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, 32000).astype(np.float32)
    noise[:8000] *= 0.001
    write_wav(tmp_path / "noise.wav", noise, 16000)
    speech_from_recording(tmp_path / "noise.wav", "Hello there")
    assert "no voice is recognised" in caplog.text
