"""How something is said, from its sound: pitch, loudness, tempo, stress, phrases; in noise too."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phiz
from evaldata import eval_file
from phiz.speech import pitch as pitch_module
from phiz.speech import prosody as prosody_module
from phiz.speech.audio import read_audio
from phiz.speech.pitch import track_pitch
from phiz.speech.prosody import is_vowel
from phiz.speech.speech import Phoneme, Speech, Word
from phiz.speech.synthesis import say

RATE = 16_000
# Transcripts of recordings by speakers that nothing here was looked at with.
READ = {
    "dr1-fvmh0/sa1": "She had your dark suit in greasy wash water all year.",
    "dr8-mbcg0/sa2": "Don't ask me to carry an oily rag like that.",
}


def voice(hz, rate=RATE):
    """A voice-like sound whose pitch is `hz` [samples]: harmonics that fall by 6 dB an octave."""
    phase = 2 * np.pi * np.cumsum(hz) / rate
    parts = [np.where(k * hz < 0.45 * rate, np.sin(k * phase) / k, 0.0) for k in range(1, 30)]
    return (0.2 * np.sum(parts, axis=0)).astype(np.float32)


def noise(count, seed=0):
    """Pink noise of unit power."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    pink = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 1.0), count)
    return pink / np.sqrt(np.mean(pink**2))


def noisy(samples, decibels, seed=0):
    level = np.sqrt(np.mean(samples**2.0)) / 10 ** (decibels / 20)
    return np.clip(samples + level * noise(len(samples), seed), -1, 1).astype(np.float32)


def separation(high, low):
    """The chance that one of `high` is more than one of `low`."""
    return float(np.mean(np.subtract.outer(np.asarray(high), np.asarray(low)) > 0))


@settings(deadline=None, max_examples=8)
@given(st.floats(75, 450), st.sampled_from([8000, 16000, 22050, 44100, 48000]))
def test_a_tone_has_its_pitch_at_any_rate(hz, rate):
    found = track_pitch(voice(np.full(rate, hz), rate), rate)
    inside = found.hz[5:-5]
    assert (inside > 0).all()
    assert np.median(np.abs(np.log2(inside / hz))) * 1200 < 15  # cents
    assert np.median(found.voicing[5:-5]) > 0.95


@pytest.mark.parametrize("decibels", [None, 10])
def test_a_gliding_pitch_is_followed(decibels):
    at = np.arange(3 * RATE) / RATE
    hz = 180 * 2 ** (0.8 * np.sin(2 * np.pi * 0.7 * at))
    sound = voice(hz) if decibels is None else noisy(voice(hz), decibels)
    prosody = Speech(sound, RATE, (Phoneme("a", 0.0, 3.0),)).prosody
    true = np.interp(prosody.times, at, hz)
    voiced = prosody.pitch > 0
    assert voiced.mean() > 0.97
    off = np.abs(np.log2(prosody.pitch[voiced] / true[voiced]))
    assert (off > 0.2).mean() < 0.01
    assert np.median(off) * 1200 < 20
    assert np.abs(np.log2(prosody.contour[20:-20] / true[20:-20])).max() < 0.1


def test_noise_and_silence_have_no_pitch():
    for sound in (np.zeros(RATE), 0.1 * noise(2 * RATE), np.zeros(3)):
        prosody = Speech(sound.astype(np.float32), RATE, ()).prosody
        assert (prosody.pitch > 0).mean() < 0.05
        assert (prosody.stress.size, prosody.boundaries, prosody.rate.any()) == (0, (), False)
        assert np.isfinite(prosody.energy).all()


@pytest.mark.parametrize("name", READ)
def test_real_speech_in_noise_keeps_its_pitch(name):
    samples, rate = read_audio(eval_file(f"timit/{name}.wav"))
    clean, dirty = (Speech(s, rate, ()).prosody.pitch for s in (samples, noisy(samples, 10)))
    both = (clean > 0) & (dirty > 0)
    assert both.sum() > 0.75 * (clean > 0).sum()
    assert (np.abs(np.log2(dirty[both] / clean[both])) > 0.26).mean() < 0.03
    assert ((dirty > 0) & (clean == 0)).mean() < 0.05
    voiced = clean[clean > 0]
    assert np.percentile(voiced, 99) / np.percentile(voiced, 1) < 5  # no octaves gone wrong


@pytest.mark.parametrize("name", READ)
def test_in_clean_speech_the_pitch_is_as_fine_as_harvests(name):
    """WORLD's best tracker, which is too slow and too easily lost in noise to be used."""
    import pyworld

    samples, rate = read_audio(eval_file(f"timit/{name}.wav"))
    sound = samples.astype(np.float64)
    fine = pyworld.stonemask(sound, *pyworld.harvest(sound, rate, frame_period=10), rate)
    pitch = Speech(samples, rate, ()).prosody.pitch
    both = (pitch > 0) & (fine[: len(pitch)] > 0)
    assert both.sum() > 0.7 * (fine > 0).sum()  # Harvest hears voice in much that has none
    assert np.median(np.abs(np.log2(pitch[both] / fine[: len(pitch)][both]))) * 1200 < 1  # cents


def test_short_gaps_are_bridged_and_long_ones_are_not():
    sound = voice(np.full(2 * RATE, 150.0))
    sound[int(0.5 * RATE) : int(0.65 * RATE)] = 0
    sound[int(1.0 * RATE) : int(1.5 * RATE)] = 0
    prosody = Speech(sound, RATE, ()).prosody
    assert prosody.pitch[57] == prosody.pitch[125] == prosody.contour[125] == 0
    np.testing.assert_allclose(prosody.contour[50:66], 150, rtol=0.01)


def test_energy_counts_from_the_background():
    sound = np.concatenate([voice(np.full(RATE, 150.0)) * gain for gain in (0.001, 1.0, 0.1, 0.001)])
    energy = Speech(sound.astype(np.float32), RATE, ()).prosody.energy
    assert energy[150] - energy[250] == pytest.approx(20, abs=1)
    assert energy[50] < 3.5  # as loud as the background: 3 dB, for it counts itself
    assert energy.min() >= 0


def test_tempo_is_that_of_the_syllables():
    text = "We are going to the river tomorrow morning, and you are coming with us, my old friend."
    usual, quick = (phiz.speak(text, rate=rate) for rate in (1.0, 1.5))
    middle = [
        np.median(speech.prosody.rate[int(speech.words[2].start * 100) : int(speech.words[-3].end * 100)])
        for speech in (usual, quick)
    ]
    spoken = sum(phoneme.end - phoneme.start for phoneme in usual.phonemes)
    assert middle[0] == pytest.approx(sum(is_vowel(p.ipa) for p in usual.phonemes) / spoken, rel=0.15)
    assert middle[1] / middle[0] == pytest.approx(1.5, rel=0.12)
    assert usual.prosody.rate[0] > 0  # the lead is near enough
    silence = np.zeros(5 * usual.rate, np.float32)
    assert replace(usual, samples=np.concatenate([usual.samples, silence])).prosody.rate[-1] == 0


def test_the_louder_higher_longer_vowel_stands_out():
    """Without stress marks, so only what is heard counts."""
    spans = [(0.2 + 0.3 * k, 0.2 + 0.3 * k + (0.22 if k == 4 else 0.12)) for k in range(9)]
    hz, gain = np.full(3 * RATE, 120.0), np.full(3 * RATE, 1e-4)
    for k, (start, end) in enumerate(spans):
        part = slice(int(start * RATE), int(end * RATE))
        hz[part], gain[part] = (150.0, 1.0) if k == 4 else (120.0, 0.4)
    sound = (voice(hz) * gain).astype(np.float32)
    vowels = tuple(Phoneme("a", *span, word=k) for k, span in enumerate(spans))
    words = tuple(Word("a", *span) for span in spans)
    prosody = Speech(sound, RATE, vowels, words).prosody
    assert np.argmax(prosody.stress) == 4
    assert prosody.stress[4] > 0.8 > 0.5 > np.delete(prosody.stress, 4).max()
    np.testing.assert_array_equal(prosody.word_stress, prosody.stress)


def test_stress_is_where_the_dictionary_and_the_voice_put_it():
    speech = phiz.speak("The photograph of a photographer.")
    values = [(p.ipa, p.stress, s) for p, s in zip(speech.phonemes, speech.prosody.stress, strict=True)]
    assert all(value == 0 for ipa, _, value in values if not is_vowel(ipa))
    assert min(value for _, mark, value in values if mark == 1) > 0.7
    assert max(value for ipa, mark, value in values if is_vowel(ipa) and mark == 0) < 0.5
    words = dict(zip([word.text for word in speech.words], speech.prosody.word_stress, strict=True))
    assert words["photographer"] > words["of"]


def test_what_real_speakers_stress_is_heard():
    """The sound alone, marks taken away, tells stressed syllables from others."""
    from phiz.speech.recording import aligned

    stressed, others = [], []
    for name, text in READ.items():
        speech = aligned(*read_audio(eval_file(f"timit/{name}.wav")), text, language="en")
        bare = replace(speech, phonemes=tuple(replace(p, stress=0) for p in speech.phonemes))
        for phoneme, value in zip(speech.phonemes, bare.prosody.stress, strict=True):
            if is_vowel(phoneme.ipa):
                (stressed if phoneme.stress == 1 else others).append(value)
    assert separation(stressed, others) > 0.72


def test_questions_rise_and_statements_fall():
    asked, told = (phiz.speak(f"You are going home{end}").prosody.boundaries[-1] for end in "?.")
    assert asked.rise > 3
    assert told.rise < -2


def test_boundaries_are_pauses_and_long_ones_are_stronger():
    speech = phiz.speak("When I came home, it was dark. Nobody was there.")
    boundaries = speech.prosody.boundaries
    assert [b.time for b in boundaries] == pytest.approx([end for _, end in speech.sentences])
    assert len(boundaries) == 3
    assert boundaries[0].strength < boundaries[1].strength <= boundaries[2].strength
    assert all(0 <= b.strength <= 1 for b in boundaries)


def test_prosody_is_told_once_and_anew_for_another_speech():
    speech = say("Hello there.", voice="espeak", language="en")
    assert speech.prosody is speech.prosody
    moved = speech.moved(np.concatenate([np.zeros(speech.rate, np.float32), speech.samples]), shift=1.0)
    assert moved.prosody is not speech.prosody
    np.testing.assert_allclose(moved.prosody.stress, speech.prosody.stress, atol=0.1)
    frames = len(speech.prosody.pitch)
    for name in ("contour", "voicing", "energy", "rate"):
        assert len(getattr(speech.prosody, name)) == frames
    assert frames == int(speech.duration * 100) + 1 == len(speech.prosody.times)


def test_pieces_of_long_sound_join_without_a_trace(monkeypatch):
    speech = phiz.speak("One two three four five six seven eight nine ten. " * 2)
    whole = prosody_module.prosody_of(speech)
    monkeypatch.setattr(prosody_module, "CHUNK", 2)
    monkeypatch.setattr(pitch_module, "CHUNK", 100)
    parts = prosody_module.prosody_of(speech)
    for name in ("pitch", "contour", "voicing", "rate"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
    np.testing.assert_allclose(whole.energy, parts.energy, atol=0.5)  # a frame may start a sample later


def test_hours_would_take_minutes():
    """Thirty times as fast as real time at the least, on one core."""
    from time import process_time

    speech = phiz.speak("It was a dark and stormy night, and nobody knew where the captain had gone. " * 4)
    prosody_module.prosody_of(speech)
    begin = process_time()
    prosody_module.prosody_of(speech)
    assert speech.duration / (process_time() - begin) > 30
