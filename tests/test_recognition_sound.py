"""Recognition without text: speech moves the lips rightly, other sounds do not move them."""

import json
import os
import pickle
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaldata import eval_file
from measures_of_songs import TWINKLE, WORDS, song
from phiz.errors import UsageError
from phiz.speech.audio import read_audio
from phiz.speech.recognition.listen import WINDOW, recognize, windows
from phiz.speech.recognition.loop import best_row, chances
from phiz.speech.singing.song import sing_score
from phiz.speech.speech import Phoneme, Speech
from phiz.speech.synthesis import speak

RATE = 16000
TEXT = "Peter picked a pot of cold tea. My mother made a lemon pie! Happy people keep apples."


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return speak(TEXT)


def noise(seconds: float, colour: float = 0.0, seed: int = 0) -> NDArray[np.float32]:
    """Noise whose power falls by `colour` times 3 dB an octave: 0 white, 1 pink, 2 brown."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(round(seconds * RATE)))
    spectrum /= np.arange(1, len(spectrum) + 1) ** (colour / 2)
    sound = np.fft.irfft(spectrum)
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def tones(frequencies: list[list[float]], length: float) -> NDArray[np.float32]:
    """One chord after another, each of harmonics that die away."""
    time = np.arange(round(length * RATE)) / RATE
    chords = [
        sum(np.sin(2 * np.pi * f * k * time) / k for f in chord for k in range(1, 9)) * np.exp(-2 * time)
        for chord in frequencies
    ]
    sound = np.concatenate(chords)
    return (0.4 * sound / np.abs(sound).max()).astype(np.float32)


def knocks() -> NDArray[np.float32]:
    time = np.arange(RATE // 2) / RATE
    knock = np.exp(-60 * time) * np.sin(2 * np.pi * 120 * time) + np.exp(-200 * time) * noise(0.5)
    return np.tile(0.5 * knock, 8).astype(np.float32)


def drums(seconds: float, seed: int) -> NDArray[np.float32]:
    """Four beats of noise a second, each of another strength and length."""
    rng, time = np.random.default_rng(seed), np.arange(RATE // 4) / RATE
    beats = [
        rng.uniform(0.2, 1.0) * np.exp(-rng.uniform(20, 60) * time) * rng.standard_normal(len(time))
        for _ in range(round(4 * seconds))
    ]
    return (0.1 * np.concatenate(beats)).astype(np.float32)


def band(seed: int) -> NDArray[np.float32]:
    """Chords of a scale whose notes swell and die away, each of another timbre and length, and drums."""
    rng = np.random.default_rng(seed)
    base = 110 * 2 ** (rng.integers(0, 24) / 12)
    chords: list[NDArray[np.float64]] = []
    while sum(map(len, chords)) < 4 * RATE:
        time = np.arange(round(RATE * rng.choice([0.15, 0.25, 0.4, 0.8]))) / RATE
        chord = np.zeros(len(time))
        for step in rng.choice([0, 2, 4, 5, 7, 9, 11, 12, 14], 3):
            swell = np.exp(-rng.uniform(0, 4) * time) * np.minimum(1, time * rng.uniform(20, 200))
            pitches = base * 2 ** (step / 12) * np.arange(1, rng.integers(3, 12))
            chord += swell * sum(np.sin(2 * np.pi * f * time) * pitches[0] / f for f in pitches)
        chords.append(chord)
    sound = np.concatenate(chords)[: 4 * RATE]
    return (0.25 * sound / np.abs(sound).max() + drums(4.0, seed)).astype(np.float32)


def flute(seed: int) -> NDArray[np.float32]:
    """A melody with one voice, breathy where notes begin, with rests: nearest to singing."""
    rng = np.random.default_rng(seed)
    notes: list[NDArray[np.float64]] = []
    for step in rng.choice([0, 2, 4, 5, 7, 9, 11, 12], 14):
        time = np.arange(round(RATE * rng.choice([0.2, 0.3, 0.4, 0.6]))) / RATE
        swell = np.minimum(1, np.minimum(time, time[-1] - time) / 0.04)
        tone = sum(np.sin(2 * np.pi * 330 * 2 ** (step / 12) * k * time) / k**2 for k in range(1, 8))
        breath = 0.3 * np.exp(-40 * time) * rng.standard_normal(len(time))
        notes += [swell * tone + breath, np.zeros(round(RATE * 0.05))]
    sound = np.concatenate(notes)
    return (0.4 * sound / np.abs(sound).max()).astype(np.float32)


CHORDS = [[262.0, 330.0, 392.0], [220.0, 262.0, 330.0], [175.0, 220.0, 262.0], [196.0, 247.0, 294.0]]
NOT_SPEECH = {
    "nothing": np.zeros(0, np.float32),
    "three samples": np.ones(3, np.float32),
    "digital silence": np.zeros(3 * RATE, np.float32),
    "a click": np.eye(1, 2 * RATE, RATE, dtype=np.float32)[0],
    "white noise": noise(3),
    "pink noise": noise(3, 1),
    "brown noise": noise(3, 2),
    "breaths": noise(4, 0.5) * np.sin(np.arange(4 * RATE) / RATE * np.pi * 0.5).astype(np.float32) ** 2,
    "hum of the mains": sum(0.1 / k * np.sin(np.arange(3 * RATE) / RATE * 314.159 * k) for k in (1, 2, 3, 5)),
    "buzz": sum(0.1 / k * np.sin(np.arange(3 * RATE) / RATE * 314.159 * k) for k in range(1, 40)),
    "a tone": tones([[440.0]], 3.0),
    "chords": tones(CHORDS * 2, 0.5),
    "a tune": tones([[f] for f in (262.0, 294.0, 330.0, 349.0, 392.0, 440.0, 494.0, 523.0)], 0.4),
    "knocks": knocks(),
    "a band": band(6),
    "drums alone": drums(4.0, 5),
    "a flute": flute(3),
}


def check_order(phonemes: tuple[Phoneme, ...], duration: float) -> None:
    assert all(phoneme.ipa and phoneme.end > phoneme.start >= 0 for phoneme in phonemes)
    assert all(after.start >= before.end for before, after in pairwise(phonemes))
    assert not phonemes or phonemes[-1].end <= duration + 1e-9


def shut(phonemes: tuple[Phoneme, ...]) -> list[float]:
    """Middles of sounds made with closed lips."""
    return [(p.start + p.end) / 2 for p in phonemes if p.ipa[0] in "pbm"]


@pytest.mark.parametrize("recognizer", ["english", "universal"])
@pytest.mark.parametrize("kind", NOT_SPEECH)
def test_what_is_no_speech_moves_nothing(kind: str, recognizer: str) -> None:
    assert recognize(np.asarray(NOT_SPEECH[kind], np.float32), RATE, recognizer=recognizer) == ()


@pytest.mark.parametrize("recognizer", ["english", "universal"])
def test_loud_drums_hardly_move_anything(recognizer: str) -> None:
    bands = [band(seed) + 2 * drums(4.0, seed) for seed in (5, 6, 9)]
    heard = [phoneme for sound in bands for phoneme in recognize(sound, RATE, recognizer=recognizer)]
    assert sum(p.end - p.start for p in heard) < 0.1 * sum(map(len, bands)) / RATE


@pytest.mark.parametrize("recognizer", ["english", "universal"])
def test_speech_is_heard_where_it_is(spoken: Speech, recognizer: str) -> None:
    heard = recognize(spoken.samples, spoken.rate, recognizer=recognizer)
    check_order(heard, spoken.duration)
    assert 0.6 < len(heard) / len(spoken.phonemes) < 1.3
    inside = [p for p in heard if any(a - 0.05 < p.start and p.end < b + 0.1 for a, b in spoken.sentences)]
    assert len(inside) >= 0.95 * len(heard)
    assert sum(p.end - p.start for p in inside) > 0.8 * sum(b - a for a, b in spoken.sentences)
    said, found = shut(spoken.phonemes), shut(heard)
    # espeak-ng's bursts of [p] are much like those of [k]; real ones are told apart better
    assert sum(min(abs(time - other) for other in found) < 0.06 for time in said) >= 0.4 * len(said)
    assert sum(min(abs(time - other) for other in said) < 0.06 for time in found) >= 0.7 * len(found)


@pytest.mark.parametrize("recognizer", ["english", "universal"])
def test_speech_over_music_is_heard(spoken: Speech, recognizer: str) -> None:
    from scipy.signal import resample_poly

    sound = resample_poly(spoken.samples, RATE, spoken.rate)
    music = tones(CHORDS * 8, 0.5) + drums(16.0, 2)
    music = music[: len(sound)] * sound.std() / music.std() * 10 ** (-10 / 20)
    heard = recognize((sound + music).astype(np.float32), RATE, recognizer=recognizer)
    said = sum(end - start for start, end in spoken.sentences)
    assert 0.8 * said < sum(p.end - p.start for p in heard) < 1.3 * said


@pytest.mark.parametrize("rate", [8000, 22050, 48000])
def test_any_rate_is_heard_alike(spoken: Speech, rate: int) -> None:
    from scipy.signal import resample_poly

    sound = resample_poly(spoken.samples, rate, spoken.rate).astype(np.float32)
    heard = recognize(sound, rate)
    check_order(heard, len(sound) / rate)
    assert 0.5 < len(heard) / len(spoken.phonemes) < 1.3


def test_a_whisper_is_speech() -> None:
    speech = speak(TEXT, voice="espeak:whisper")
    assert len(recognize(speech.samples, speech.rate)) > 0.5 * len(speech.phonemes)


@pytest.mark.parametrize("text", ["Yes.", "No!", "Hello."])
def test_a_single_word_is_speech(text: str) -> None:
    speech = speak(text)
    assert len(recognize(speech.samples, speech.rate)) >= 2


@pytest.mark.parametrize(("language", "text"), [
    ("ko", "안녕하세요, 오늘 날씨가 좋네요."), ("fr", "Bonjour tout le monde, comment allez-vous ?"),
    ("sw", "Mvulana alikuwa pale jua lilipochomoza."), ("cmn", "太阳升起的时候，男孩在那里。"),
])  # fmt: skip
def test_other_languages_are_heard(language: str, text: str) -> None:
    speech = speak(text, language=language)
    heard = recognize(speech.samples, speech.rate, language=language)
    check_order(heard, speech.duration)
    assert len(heard) > 0.5 * len(speech.phonemes)
    assert heard == recognize(speech.samples, speech.rate, recognizer="universal")


@pytest.mark.parametrize("recognizer", ["english", "universal"])
@pytest.mark.parametrize(("voice", "transpose", "tempo"), [("espeak:m3", -12, 1.0), ("espeak:f3", 0, 1.3)])
def test_a_steady_singing_voice_is_heard(recognizer: str, voice: str, transpose: int, tempo: float) -> None:
    """Notes of a synthetic singer stand as still as an instrument's."""
    score = song(TWINKLE).changed(transpose=transpose, tempo=tempo)
    sung = sing_score(score, WORDS, voice=voice)
    heard = recognize(sung.samples, sung.rate, recognizer=recognizer)
    check_order(heard, sung.duration)
    assert sum(p.end - p.start for p in heard) > 0.9 * sum(end - start for start, end in sung.sentences)


def test_silence_around_speech_stays_silent(spoken: Speech) -> None:
    pause = np.zeros(round(5 * spoken.rate), np.float32)
    rustle = noise(5)[: len(pause)] * 0.01
    heard = recognize(np.concatenate([rustle, spoken.samples, pause]), spoken.rate)
    assert heard[0].start > len(rustle) / spoken.rate
    assert heard[-1].end < len(rustle) / spoken.rate + spoken.duration


def test_long_recordings_are_heard_piece_by_piece(spoken: Speech) -> None:
    often = np.tile(spoken.samples, 6)
    once, six = recognize(spoken.samples, spoken.rate), recognize(often, spoken.rate)
    check_order(six, len(often) / spoken.rate)
    assert len(six) == pytest.approx(6 * len(once), rel=0.1)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 90), st.integers(0, 2**32 - 1))
def test_windows_cover_everything_once(seconds: int, seed: int) -> None:
    sound = np.random.default_rng(seed).standard_normal(seconds * 4000).repeat(4).astype(np.float32)
    cuts = list(windows(sound, RATE))
    assert [0, *(last for _, last in cuts)] == [*(first for first, _ in cuts), len(sound)] or not seconds
    assert all(last - first <= WINDOW * RATE for first, last in cuts)


def test_an_unknown_recognizer_is_refused() -> None:
    with pytest.raises(UsageError, match="there is auto, english, universal"):
        recognize(np.zeros(16000, np.float32), RATE, recognizer="neural")


@settings(max_examples=25, deadline=None)
@given(st.integers(4, 60), st.integers(2, 6), st.integers(0, 2**32 - 1))
def test_chances_add_up_and_follow_what_is_likely(count: int, sounds: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.normal(0, 20, (count, sounds, 3)).astype(np.float32)
    leave = generator.uniform(0.1, 0.9, (sounds, 3)).astype(np.float32)
    follow = np.log(generator.dirichlet(np.ones(sounds), sounds))
    chance = chances(scores, leave, follow, 0.4)
    assert chance.sum(axis=1) == pytest.approx(1.0)
    scores[:, 1] += 1000
    sure = chances(scores, leave, np.log(np.full((sounds, sounds), 1 / sounds)), 0.4)
    assert sure[:, 1].min() > 0.99
    assert best_row(sure, np.arange(sounds)) == [(1, 0, count)]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("noise_a.wav", 0, 0),
        ("mfa_whisper.flac", 8, 60),
        ("dreamtalk_noisy_audio_office_snr_0.wav", 30, 90),
        ("sonic_sing_female_10s.wav", 30, 120),
        ("dreamtalk_German1.wav", 60, 140),
    ],
)
def test_real_sounds(name: str, least: int, most: int) -> None:
    samples, rate = read_audio(eval_file(f"audio/{name}"))
    heard = recognize(samples, rate, recognizer="universal")
    check_order(heard, len(samples) / rate)
    assert least <= len(heard) <= most


@pytest.mark.parametrize(
    ("recognizer", "classes", "recall", "precision"), [("english", 74, 80, 80), ("universal", 68, 65, 60)]
)
def test_mouth_shapes_of_real_speech(
    tmp_path: Path, recognizer: str, classes: float, recall: float, precision: float
) -> None:
    """Against hand-made times, in percent: frames with the right shape, and closed lips that are found."""
    folder = eval_file("timit/dr3-falk0")
    (tmp_path / "true").mkdir()
    (tmp_path / "true" / folder.name).symlink_to(folder)
    (tmp_path / folder.name).mkdir()
    for path in sorted(folder.glob("*.wav")):
        samples, rate = read_audio(path)
        phones = [
            {"start": p.start, "end": p.end, "ipa": p.ipa}
            for p in recognize(samples, rate, recognizer=recognizer)
        ]
        text = json.dumps({"phones": phones})
        (tmp_path / folder.name / f"{path.stem}.json").write_text(text, encoding="utf-8")
    command = [sys.executable, str(eval_file("score_alignment.py")), str(tmp_path), str(tmp_path / "true")]
    scores = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert scores["failures"] == 0
    assert scores["classes"]["all"] > classes
    assert scores["closures"]["recall"] > recall
    assert scores["closures"]["precision"] > precision


def test_the_same_sounds_every_time(spoken: Speech) -> None:
    command = [
        sys.executable,
        "-c",
        "import sys, pickle; from phiz.speech.recognition.listen import recognize;"
        "sys.stdout.buffer.write(pickle.dumps(recognize(*pickle.load(sys.stdin.buffer))))",
    ]
    given = pickle.dumps((spoken.samples, spoken.rate))
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
    alone = subprocess.run(command, input=given, capture_output=True, check=True, env=environment).stdout
    assert pickle.loads(alone) == recognize(spoken.samples, spoken.rate)
