"""The pieces of alignment, each where its answer is known: warping, borders, edges, catches, weak vowels."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.speech.alignment import features
from phiz.speech.alignment.comparing import compared
from phiz.speech.alignment.features import HOP, cepstra, mel_power, with_changes
from phiz.speech.alignment.fusion import as_heard, partners
from phiz.speech.alignment.glottal import STOP, with_glottal_stops
from phiz.speech.alignment.phonetics import is_fricative, is_sonorant, is_vowel, unlike
from phiz.speech.alignment.reduced import with_fronted_schwas
from phiz.speech.alignment.reference import speak_reference
from phiz.speech.alignment.settling import even_cut, settle
from phiz.speech.alignment.sounding import HOP as STEP
from phiz.speech.alignment.sounding import is_clear, loudness, sounding_edges
from phiz.speech.alignment.warping import FAR, warp
from phiz.speech.speech import Phoneme
from phiz.speech.synthesis import say
from phiz.speech.voices import espeak


def paths(reference: np.ndarray, recording: np.ndarray, silence: np.ndarray, joints: np.ndarray) -> tuple:
    n, m = len(recording), len(reference)
    nobody = np.array([[-np.inf, np.inf]], np.float32)
    band = np.zeros(n, np.int32), np.full(n, m, np.int32)
    return warp(reference, recording, silence, joints, *band, np.zeros(m, np.int32), nobody)


@settings(deadline=None, max_examples=25)
@given(lengths=st.lists(st.integers(1, 6), min_size=2, max_size=12), seed=st.integers(0, 99))
def test_a_warp_finds_how_long_each_frame_lasts(lengths: list[int], seed: int) -> None:
    reference = np.random.default_rng(seed).normal(0, 1, (len(lengths), 5)).astype(np.float32)
    recording = np.repeat(reference, lengths, axis=0)
    nowhere = np.full(len(reference) + 1, FAR, np.float32)
    first, last, cost = paths(reference, recording, np.full(len(recording), 9, np.float32), nowhere)
    ends = np.cumsum(lengths)
    assert last.tolist() == (ends - 1).tolist()
    assert first.tolist() == [0, *ends[:-1].tolist()]
    assert cost == 0.0


@settings(deadline=None, max_examples=25)
@given(joint=st.integers(0, 8), pause=st.integers(1, 20))
def test_a_warp_puts_silence_at_joints_alone(joint: int, pause: int) -> None:
    reference = np.eye(8, dtype=np.float32) * 5
    recording = np.insert(reference, [joint] * pause, 0.0, axis=0)
    silence = np.where(recording.any(axis=1), 9.0, 0.0).astype(np.float32)
    joints = np.full(9, FAR, np.float32)
    joints[joint] = 1.0
    first, last, _ = paths(reference, recording, silence, joints)
    assert first.tolist() == last.tolist() == [k + pause * (k >= joint) for k in range(8)]
    closed = paths(reference, recording, silence, np.full(9, FAR, np.float32))
    assert np.sum(closed[1] - closed[0] + 1) >= len(recording)  # every frame lies on something


def test_a_warp_stays_where_others_have_heard_a_sound() -> None:
    rng = np.random.default_rng(0)
    reference, recording = rng.normal(0, 1, (40, 5)), rng.normal(0, 1, (100, 5))
    sound = np.repeat(np.arange(4, dtype=np.int32), 10)
    spans = np.array([[0, 9], [10, 59], [60, 64], [65, 99]], np.float32)
    joints, band = np.full(41, FAR, np.float32), (np.zeros(100, np.int32), np.full(100, 40, np.int32))
    given_ = reference.astype(np.float32), recording.astype(np.float32), np.full(100, 9, np.float32), joints
    first, _, _ = warp(*given_, *band, sound, spans)
    assert np.abs(first[[10, 20, 30]] - [10, 60, 65]).max() <= 2


@settings(deadline=None, max_examples=30)
@given(lengths=st.lists(st.integers(8, 30), min_size=2, max_size=8), seed=st.integers(0, 99))
def test_borders_settle_where_the_spectrum_changes(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps = np.cumsum(rng.choice([-4.0, 4.0], (len(lengths), 13)), axis=0)
    frames = np.repeat(steps, lengths, axis=0) + rng.normal(0, 0.3, (sum(lengths), 13))
    true = (np.concatenate([[0], np.cumsum(lengths)]) - 0.5) * HOP
    rough = true + np.concatenate([[0], rng.uniform(-0.015, 0.015, len(lengths) - 1), [0]])
    free = np.ones(len(true), np.bool_)
    found = settle(frames, rough, free, rough[None], np.array([0.012]), (0.025, 0.025))
    assert np.allclose(found, true, atol=1e-9)
    kept = settle(frames, rough, ~free, rough[None], np.array([0.012]), (0.025, 0.025))
    assert np.array_equal(kept, rough)
    if len(lengths) == 2:
        assert even_cut(frames, true[0], true[2]) == pytest.approx(true[1])


def test_borders_follow_opinions_where_nothing_is_heard() -> None:
    frames, edges = np.zeros((60, 13)), np.array([0.0, 0.10, 0.20])
    hints = np.array([[0.0, 0.10, 0.20], [np.nan, 0.12, np.nan]])
    free = np.ones(3, np.bool_)
    even = settle(frames, edges, free, hints, np.array([0.01, 0.01]), (0.03, 0.03))
    near = settle(frames, edges, free, hints, np.array([0.02, 0.002]), (0.03, 0.03))
    assert even[1] == pytest.approx(0.11, abs=0.003)
    assert near[1] == pytest.approx(0.12, abs=0.003)


@pytest.mark.parametrize(
    ("rate", "hertz"), [(16000, 700.0), (22050, 2500.0), (44100, 5000.0), (8000, 1200.0)]
)
def test_a_tone_is_in_its_band_and_each_band_is_as_wide_as_the_next(rate: int, hertz: float) -> None:
    times = np.arange(rate) / rate
    power = mel_power(np.sin(2 * np.pi * hertz * times).astype(np.float32), rate, min(8000.0, rate / 2))
    assert len(power) == 201
    low, high = 1127 * np.log1p(60 / 700), 1127 * np.log1p(min(8000, rate / 2) / 700)
    place = (1127 * np.log1p(hertz / 700) - low) / (high - low) * (features.BANDS + 1) - 1
    assert abs(np.argmax(power[100]) - place) <= 1
    assert np.allclose(mel_power(np.zeros(rate, np.float32), rate), 0.0)


def test_features_change_over_twenty_milliseconds_to_either_side() -> None:
    static = np.arange(30.0)[:, None]
    both = with_changes(static)
    assert both.shape == (30, 2)
    assert np.all(both[5:-5, 1] == 8)
    assert cepstra(np.ones((3, features.BANDS))) == pytest.approx(np.zeros((3, features.CEPSTRA)))


@pytest.mark.parametrize(("voice", "late"), [("espeak", 0.02), ("espeak:f3", 0.02), ("espeak:klatt4", 0.033)])
def test_espeaks_nasals_end_where_they_are_heard_to(
    voice: str, late: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its events put vowels after nasals late: the very thing that moves lips open too late."""
    truer = say("Mama may know many new men.", voice=voice, language="en")
    monkeypatch.setattr(espeak, "settle_borders", lambda phonemes, *_: phonemes)
    spoken = say("Mama may know many new men.", voice=voice, language="en")
    pairs = [
        (b.start - a.start)
        for (n, a), b in zip(pairwise(spoken.phonemes), truer.phonemes[1:], strict=True)
        if n.ipa in "mn" and is_vowel(a.ipa)
    ]
    assert len(pairs) > 5
    assert np.median(pairs) == pytest.approx(-late, abs=0.01)
    assert all(after.start >= before.end for before, after in pairwise(truer.phonemes))
    level = loudness(spoken.samples, spoken.rate)
    rises = [
        level[int((p.start + 0.015) / STEP)] - level[int((p.start - 0.015) / STEP)]
        for p in truer.phonemes[1:]
        if is_vowel(p.ipa)
    ]
    assert np.median(rises) > 3.0  # vowels are louder than nasals


def test_two_sounds_under_one_name_are_parted() -> None:
    truer = speak_reference("Dark stars near four fires.", "en")
    names = [phoneme.ipa for phoneme in truer.phonemes]
    assert names.count("ɹ") >= 4
    assert not any(len(name) > 1 and name.endswith("ɹ") for name in names)
    assert {"aɪ", "ɚ"} <= set(names)


@pytest.fixture(scope="module")
def burst() -> tuple[np.ndarray, int]:
    """A second of faint noise with a loud part from 0.30 to 0.62 s."""
    rate = 16000
    samples = np.random.default_rng(3).normal(0, 1e-3, rate)
    samples[int(0.30 * rate) : int(0.62 * rate)] *= 100
    return samples.astype(np.float32), rate


@pytest.mark.parametrize(("start", "end"), [(0.25, 0.60), (0.34, 0.70), (0.30, 0.62)])
def test_sound_starts_and_ends_where_it_is_loud(burst: tuple, start: float, end: float) -> None:
    middle = 0.45
    rough = [Phoneme("s", start, middle), Phoneme("a", middle, end)]
    found = sounding_edges(rough, loudness(*burst))
    assert found[0].start == pytest.approx(0.30, abs=0.008)
    assert found[1].end == pytest.approx(0.62, abs=0.008)
    assert found[0].end == found[1].start == middle


def test_clear_is_what_stands_out(burst: tuple) -> None:
    samples, rate = burst
    assert is_clear(samples, rate)
    assert not is_clear(
        samples + np.random.default_rng(1).normal(0, 0.05, len(samples)).astype(np.float32), rate
    )
    assert not is_clear(np.zeros(rate, np.float32), rate)
    padded = np.concatenate([np.zeros(3 * rate, np.float32), np.full(rate, 0.1, np.float32)])
    assert not is_clear(padded, rate)  # silence put in says nothing of the background


def test_a_catch_between_vowels_is_heard_where_it_is() -> None:
    level = np.full(500, -20.0)
    phonemes = [Phoneme("i", 0.1, 0.5, word=0), Phoneme("æ", 0.5, 0.9, word=1)]
    assert with_glottal_stops(phonemes, level) == phonemes
    level[245:260] = -45.0
    found = with_glottal_stops(phonemes, level)
    assert [p.ipa for p in found] == ["i", STOP, "æ"]
    assert found[1].start == pytest.approx(0.490, abs=0.005)
    assert found[1].end == pytest.approx(0.520, abs=0.006)
    assert found[1].word == 1
    assert found[0].end == found[1].start
    same_word = [phonemes[0], Phoneme("æ", 0.5, 0.9, word=0)]
    assert with_glottal_stops(same_word, level) == same_word
    after_stop = [Phoneme("t", 0.1, 0.5, word=0), phonemes[1]]
    assert with_glottal_stops(after_stop, level) == after_stop


def vowel(formants: tuple[float, ...], rate: int = 16000) -> np.ndarray:
    """A third of a second of a voice at 120 Hz through resonances of 80 Hz bandwidth."""
    from scipy.signal import lfilter

    sound = np.zeros(rate // 3)
    sound[:: rate // 120] = 1.0
    sound = lfilter([1.0], [1.0, -0.95], sound)
    for place in (*formants, 3500.0, 4500.0):
        radius = np.exp(-np.pi * 80 / rate)
        sound = lfilter([1.0], [1.0, -2 * radius * np.cos(2 * np.pi * place / rate), radius**2], sound)
    return (sound / np.abs(sound).max()).astype(np.float32)


@pytest.mark.parametrize(
    ("formants", "name"),
    [((450, 1750, 2500), "ɪ"), ((450, 1900, 2700), "ɪ"), ((500, 1150, 2500), "ə"), ((550, 1350, 2600), "ə")],
)
def test_a_schwa_is_fronted_when_its_formants_are(formants: tuple[float, ...], name: str) -> None:
    sounds = Phoneme("ə", 0.05, 0.15), Phoneme("ə", 0.2, 0.3, stress=1), Phoneme("s", 0.3, 0.32)
    found = with_fronted_schwas(sounds, vowel(formants), 16000)
    assert [p.ipa for p in found] == [name, "ə", "s"]


def test_partners_are_of_the_same_word_and_alike() -> None:
    spoken = [
        Phoneme(ipa, 0, 0, word=w) for ipa, w in (("k", 0), ("æ", 0), ("t", 0), ("ɹ", 1), ("ɛ", 1), ("d", 1))
    ]
    heard = [Phoneme(ipa, 0, 0, word=w) for ipa, w in (("k", 0), ("ɛ", 0), ("ɹ", 1), ("ɛ", 1), ("d", 1))]
    same = partners(spoken, heard)
    assert same.tolist() == [0, 1, -1, 2, 3, 4]
    named = as_heard(spoken, [heard[k] if k >= 0 else None for k in same])
    assert [p.ipa for p in named] == ["k", "ɛ", "t", "ɹ", "ɛ", "d"]
    assert partners(spoken, []).tolist() == [-1] * 6


def test_sounds_are_told_apart_by_how_they_are_made() -> None:
    assert unlike("t", "d") < unlike("t", "m") < unlike("t", "a")
    assert unlike("i", "ɪ") < unlike("i", "j") < unlike("i", "s")
    assert unlike("aː", "a") == unlike("ŋ", "ŋ") == 0
    assert is_fricative("ʃ") and not is_fricative("t")  # noqa: PT018
    assert is_sonorant("ŋ") and is_sonorant("l") and is_sonorant("w") and not is_sonorant("z")  # noqa: PT018


def test_the_reference_gets_the_recordings_background() -> None:
    spoken = say("Some people whisper.", voice="espeak:klatt4", language="en")
    rng = np.random.default_rng(0)
    noisy = (spoken.samples + rng.normal(0, 0.02, len(spoken.samples))).astype(np.float32)
    both = compared(noisy, spoken.rate, spoken)
    apart = np.sqrt(((both.reference - both.recording) ** 2).sum(axis=1))
    shuffled = np.sqrt(((both.reference - both.recording[::-1]) ** 2).sum(axis=1))
    assert np.median(apart) < 0.5 * np.median(shuffled)
    quiet = compared(spoken.samples, spoken.rate, spoken)
    assert np.median(quiet.silence) > np.median(both.silence)
