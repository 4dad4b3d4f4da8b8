"""Voices made faster, higher, larger or another's: times stay true, nothing clicks."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phiz
from phiz.errors import UsageError
from phiz.speech import shaping
from phiz.speech.pitch import track_pitch
from phiz.speech.shapes import LIMITS, Shape, presets, shape_of
from phiz.speech.shaping import shaped
from phiz.speech.speech import Mark, Mismatch, Phoneme, Speech
from phiz.speech.synthesis import say

TEXT = "Hello there, my friend. Where would you like to go?"


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return say(TEXT, voice="espeak", language="en")


def loudness(samples, rate):
    """RMS [frames] of 10 ms."""
    step = rate // 100
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(float)
    return np.sqrt(np.mean(frames**2, axis=1))


def median_pitch(speech):
    hz = track_pitch(speech.samples, speech.rate).hz
    return float(np.median(hz[hz > 0])) if (hz > 0).any() else 0.0


def centre(speech):
    """Mean frequency of the spectrum below 5 kHz, in Hz: rises with the formants."""
    power = np.abs(np.fft.rfft(speech.samples)) ** 2
    hz = np.fft.rfftfreq(len(speech.samples), 1 / speech.rate)
    inside = (hz > 200) & (hz < 5000)
    return float((hz * power)[inside].sum() / power[inside].sum())


def tone(hz, seconds=1.0, rate=22050):
    """A voice-like tone: harmonics falling by 12 dB an octave."""
    at = np.arange(int(seconds * rate)) / rate
    parts = [np.sin(2 * np.pi * k * hz * at) / k**2 for k in range(1, int(5000 / hz))]
    return (0.3 * np.sum(parts, axis=0)).astype(np.float32)


@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_times_scale_with_the_rate_and_stay_on_the_sound(spoken, rate):
    marked = replace(spoken, marks=(Mark("here", 1.0),), mismatches=(Mismatch("extra", "", 1.0, 2.0),))
    fast = shaped(marked, Shape(rate=rate))
    assert fast.duration == pytest.approx(spoken.duration / rate, abs=1e-4)
    for before, after in zip(spoken.phonemes, fast.phonemes, strict=True):
        assert (after.start, after.end) == pytest.approx((before.start / rate, before.end / rate), abs=1e-12)
    assert fast.marks[0].time == fast.mismatches[0].start == pytest.approx(1 / rate)
    # The envelope of the sound is where the times say: compared after stretching the axis.
    was, now = loudness(spoken.samples, spoken.rate), loudness(fast.samples, fast.rate)
    stretched = np.interp(np.linspace(0, 1, len(was)), np.linspace(0, 1, len(now)), now)
    lags = range(-6, 7)
    likeness = [np.corrcoef(np.roll(stretched, lag)[10:-10], was[10:-10])[0, 1] for lag in lags]
    assert max(likeness) > 0.9
    assert abs(lags[int(np.argmax(likeness))]) <= 1


@pytest.mark.parametrize("semitones", [-5, 12])
def test_pitch_moves_by_semitones_and_formants_stay(spoken, semitones):
    high = shaped(spoken, shape_of(pitch=semitones))
    assert median_pitch(high) / median_pitch(spoken) == pytest.approx(2 ** (semitones / 12), rel=0.04)
    assert centre(high) == pytest.approx(centre(spoken), rel=0.25)
    assert high.phonemes == spoken.phonemes


def test_formants_move_and_pitch_stays(spoken):
    small, large = shaped(spoken, Shape(formant=1.3)), shaped(spoken, Shape(formant=0.75))
    assert centre(large) * 1.15 < centre(spoken) < centre(small) / 1.15
    for other in (small, large):
        assert median_pitch(other) == pytest.approx(median_pitch(spoken), rel=0.04)


@pytest.mark.parametrize("preset", sorted(presets()))
def test_presets_are_as_loud_without_clicks_and_repeat(spoken, preset):
    made = shaped(spoken, presets()[preset][0])
    assert np.isfinite(made.samples).all()
    assert np.abs(made.samples).max() < 1.0
    level = np.sqrt(np.mean(made.samples**2)) / np.sqrt(np.mean(spoken.samples**2))
    assert 0.8 < level < 1.05
    speaking = np.zeros(len(made.samples), bool)
    for phoneme in made.phonemes:
        speaking[int(phoneme.start * made.rate) : int(phoneme.end * made.rate) + made.rate // 50] = True
    assert np.abs(made.samples[~speaking]).max() < 0.02  # pauses stay silent


def test_the_same_again(spoken):
    elder = presets()["elder"][0]
    np.testing.assert_array_equal(shaped(spoken, elder).samples, shaped(spoken, elder).samples)


def test_a_robot_is_flat_and_a_whisper_has_no_voice(spoken):
    robot = shaped(spoken, presets()["robot"][0])
    hz = track_pitch(robot.samples, robot.rate).hz
    own = track_pitch(spoken.samples, spoken.rate).hz
    assert np.std(np.log2(hz[hz > 0])) * 12 < 0.5 < 1.5 < np.std(np.log2(own[own > 0])) * 12
    whisper = shaped(spoken, presets()["whisper"][0])
    voiced = track_pitch(whisper.samples, whisper.rate).voicing > 0.8
    assert voiced.mean() < 0.25 * (track_pitch(spoken.samples, spoken.rate).voicing > 0.8).mean()


@pytest.mark.parametrize("variant", ["", ":f3"])
def test_a_child_is_a_child_whoever_speaks(variant):
    child = phiz.speak(TEXT, voice="espeak" + variant, preset="child")
    assert 240 < median_pitch(child) < 300


def test_a_long_sound_is_joined_without_seams(monkeypatch):
    monkeypatch.setattr(shaping, "LONGEST", 1.5)
    rate = 22050
    sound = np.concatenate([tone(140, 5.0, rate), np.zeros(rate, np.float32)])
    long = Speech(sound, rate, (Phoneme("a", 0.0, 5.0),))
    assert len(shaping.cuts(long)) > 4
    made = shaped(long, Shape(pitch=12 * np.log2(1.2))).samples
    steady = loudness(made[rate // 2 : int(4.5 * rate)], rate)
    assert steady.min() > 0.5 * np.median(steady)
    assert steady.max() < 1.5 * np.median(steady)
    assert np.abs(np.diff(made)).max() < 2 * np.abs(np.diff(made[rate : 2 * rate])).max()
    assert median_pitch(Speech(made, rate, ())) == pytest.approx(168, rel=0.02)


@pytest.mark.parametrize("rate", [8000, 48000])
def test_any_rate_of_samples(rate):
    sound = Speech(tone(120, 1.0, rate), rate, (Phoneme("a", 0.0, 1.0),))
    made = shaped(sound, Shape(pitch=12 * np.log2(1.5), rate=2.0))
    assert made.rate == max(rate, 16000)
    assert made.duration == pytest.approx(0.5, abs=1e-3)
    assert median_pitch(made) == pytest.approx(180, rel=0.02)


def test_silence_and_hardly_anything_pass():
    for count in (1, 50, 3000):
        quiet = Speech(np.zeros(count, np.float32), 22050, ())
        assert not shaped(quiet, Shape(pitch=12.0)).samples.any()


@settings(deadline=None, max_examples=6)
@given(
    st.floats(*LIMITS["pitch"]), st.floats(*LIMITS["rate"]), st.floats(*LIMITS["formant"]),
    st.sampled_from([None, *presets()]),
)  # fmt: skip
def test_any_shape_gives_sound_in_range(pitch, rate, formant, preset):
    shape = shape_of(pitch=pitch, rate=rate, formant=formant, preset=preset)
    made = shaped(say("Go on.", voice="espeak", language="en"), shape)
    assert np.isfinite(made.samples).all()
    assert np.sqrt(np.mean(made.samples**2)) > 0.005
    assert np.abs(made.samples).max() <= 0.99
    assert made.phonemes[-1].end <= made.duration + 1e-3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"pitch": 13}, "pitch 13 is out of range: give -12 to 12 semitones"),
        ({"rate": 0.4}, "rate 0.4 is out of range: give 0.5 to 2"),
        ({"rate": float("nan")}, "rate nan is out of range"),
        ({"formant": 2}, "formant 2 is out of range: give 0.65 to 1.5"),
        ({"preset": "goblin"}, "preset 'goblin' is unknown; there are child, "),
    ],
)
def test_what_is_out_of_range_is_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        phiz.speak("Hello", **arguments)


def test_espeak_does_tempo_itself_and_times_are_exact():
    plain, quick = say(TEXT, voice="espeak", language="en"), phiz.speak(TEXT, rate=1.6, pitch=4)
    assert quick.phonemes[-1].end - quick.phonemes[0].start == pytest.approx(plain.duration / 1.6, rel=0.15)
    assert median_pitch(quick) / median_pitch(plain) == pytest.approx(2 ** (4 / 12), rel=0.05)
    vowels = [p for p in quick.phonemes if p.stress == 1]
    heard = [quick.samples[int(p.start * quick.rate) : int(p.end * quick.rate)] for p in vowels]
    level = [np.sqrt(np.mean(sound**2)) for sound in heard]
    assert len(level) >= 5
    assert min(level) > 0.02
