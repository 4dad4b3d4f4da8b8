"""Laughter, whispers and shouts are heard in recordings, and ordinary speech has none of them."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaldata import eval_file
from laughing import RATE, laughter, shouted
from phiz.speech.audio import read_audio, write_wav
from phiz.speech.recognition.cepstra import resampled
from phiz.speech.recognition.listen import recognize
from phiz.speech.recording import speech_from_recording
from phiz.speech.speech import Phoneme, Speech, Word
from phiz.speech.synthesis import speak
from phiz.speech.vocal import marking
from phiz.speech.vocal.laughter import Laugh
from phiz.speech.vocal.marking import with_manners

LAUGHS = [
    ("ha ha", "espeak", 282.0, 4.4, 5),  # a man's and a woman's means
    ("ha ha", "espeak:f2", 421.0, 4.4, 6),
    ("hee hee", "espeak:f2", 480.0, 5.2, 5),
    ("ho ho", "espeak", 250.0, 4.0, 4),
    ("ha ha", "espeak:f3", 380.0, 5.8, 3),
]

FAR_AND_NEAR = (0.0, 5.0), (13.0, 5.0)  # decibels and semitones over a voice


def joined(*parts):
    """One speech of several, each a `Speech` or samples at `RATE`; and where each starts."""
    samples, phonemes, starts, time = [], [], [], 0.0
    for part in parts:
        said = isinstance(part, Speech)
        sound = 0.2 * resampled(part.samples, part.rate) if said else part
        for phoneme in part.phonemes if said else ():
            phonemes.append(replace(phoneme, start=phoneme.start + time, end=phoneme.end + time, word=-1))
        samples.append(sound)
        starts.append(time)
        time += len(sound) / RATE
    return Speech(np.concatenate(samples), RATE, tuple(phonemes)), starts


def heard(speech):
    return [(mark.name.removeprefix("tag:"), mark.time) for mark in with_manners(speech).marks]


@pytest.mark.parametrize("laugh", LAUGHS, ids=lambda laugh: f"{laugh[0]} {laugh[1]}")
def test_laughter_between_sentences_is_heard_call_by_call(laugh):
    made, starts = laughter(*laugh)
    said = speak("That is very funny, I must say. Well.", voice=laugh[1])
    both, (_, begin, end) = joined(said, made, said)
    found = with_manners(both)
    assert [mark.name for mark in found.marks].count("tag:laugh") == 1
    calls = [mark.time for mark in found.marks if mark.name == "tag:ha"]
    assert abs(len(calls) - len(starts)) <= 1
    assert all(min(abs(call - begin - start) for start in starts) < 0.06 for call in calls)
    inside = [each for each in found.phonemes if begin < (each.start + each.end) / 2 < end]
    assert [each.ipa for each in inside] == ["h", "a"] * len(calls)
    assert all(after.start >= before.end for before, after in pairwise(found.phonemes))


def test_a_recording_of_nothing_but_laughter_moves_the_mouth(tmp_path):
    made, starts = laughter(*LAUGHS[1])
    write_wav(tmp_path / "laugh.wav", np.pad(made, RATE // 2), RATE)
    found = speech_from_recording(tmp_path / "laugh.wav")
    vowels = [each for each in found.phonemes if each.ipa == "a"]
    assert abs(len(vowels) - len(starts)) <= 1
    assert found.marks[0].name == "tag:laugh"
    assert found.sentences[0][0] < found.marks[0].time < found.sentences[-1][1]


@pytest.mark.parametrize("text", [
    "Ha ha ha ha ha.", "No no no no no!", "Ta ta ta ta, pa pa pa pa, ma ma ma ma.",
    "One, two, three, four, five, six, seven.", "He has a hat. How high he has his hand!",
])  # fmt: skip
@pytest.mark.parametrize("voice", ["espeak", "espeak:f2"])
def test_words_in_an_even_rhythm_are_no_laughter(text, voice):
    assert heard(speak(text, voice=voice)) == []


@pytest.mark.parametrize("voice", ["espeak", "espeak:f2"])
def test_a_whisper_is_heard_from_start_to_end(voice):
    said = speak(
        "Tell me all you know. [whisper] I have a secret that I cannot tell. [normal] Good bye.", voice=voice
    )
    found = heard(replace(said, marks=()))
    assert [name for name, _ in found] == ["whisper", "normal"]
    assert found[0][1] == pytest.approx(said.words[5].start, abs=0.25)
    assert found[1][1] == pytest.approx(said.words[12].end, abs=0.3)


def test_a_shout_is_louder_higher_and_brighter():
    calm = speak("I am going home now, it is late, and there is nothing to do.", voice="espeak:f2")
    angry = speak("Stop it! Leave me alone!", voice="espeak:f2")

    def with_(sound):
        whole, (_, start, end) = joined(calm, Speech(sound, RATE, angry.phonemes), calm)
        return heard(whole), start, end

    found, start, end = with_(shouted(angry))
    assert [name for name, _ in found] == ["shout", "normal"]
    assert start - 0.1 < found[0][1] < start + 1.0
    assert end - 1.5 < found[1][1] < end + 0.6
    for less in ({"louder": 0.0}, {"higher": 0.0}, {"brighter": -6.0}):
        assert with_(shouted(angry, **less))[0] == []


def test_loudness_and_rate_of_a_recording_change_nothing():
    made, _ = laughter(*LAUGHS[0])
    said = speak("That is very funny, I must say. Well.")
    both, _ = joined(said, made, said)
    usual = heard(both)
    for changed in (0.02 * both.samples, 3.0 * both.samples):
        assert heard(replace(both, samples=changed.astype(np.float32))) == usual
    assert heard(both) == usual
    twice = Speech(np.repeat(both.samples, 3), 3 * RATE, both.phonemes)
    assert [name for name, _ in heard(twice)] == [name for name, _ in usual]


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(3 * RATE), np.ones(5), np.eye(1, RATE)[0]])
def test_nothing_is_heard_in_next_to_nothing(samples):
    assert heard(Speech(samples.astype(np.float32), RATE, ())) == []


times = st.lists(st.integers(1, 400), min_size=2, max_size=16, unique=True).map(sorted)


@settings(max_examples=40, deadline=None)
@given(times, times, st.booleans())
def test_sounds_stay_in_order_whatever_laughs_are_among_them(edges, calls, in_words):
    phonemes = tuple(
        Phoneme("t", a / 100, b / 100, word=0 if in_words else -1)
        for a, b in zip(edges[::2], edges[1::2], strict=False)
    )
    own = tuple((a / 100, b / 100) for a, b in zip(calls[::2], calls[1::2], strict=False))
    laughs = [Laugh(own[0][0], own[-1][1], own)] if own else []
    kept = [each for each in phonemes if not marking._laughed(each, laughs)]
    result = marking._with_calls(kept, laughs)
    assert all(each.end > each.start for each in result)
    assert all(after.start >= before.end - 1e-9 for before, after in pairwise(result))
    assert [each for each in result if each.ipa == "t"] == kept
    assert kept == list(phonemes) or not in_words


def test_with_a_text_laughter_is_extra_and_leaves_the_words(tmp_path):
    """Two sentences of a real speaker with made laughter between."""
    one, rate = read_audio(eval_file("timit/dr2-marc0/sa1.wav"))
    two, _ = read_audio(eval_file("timit/dr2-marc0/sa2.wav"))
    made, starts = laughter(*LAUGHS[0])
    made *= np.abs(one).max() / np.abs(made).max()
    write_wav(tmp_path / "both.wav", np.concatenate([one, made, two]), rate)
    text = "She had your dark suit in greasy wash water all year. "
    text += "Don't ask me to carry an oily rag like that."
    found = speech_from_recording(tmp_path / "both.wav", text)
    begin, end = len(one) / rate, (len(one) + len(made)) / rate
    assert [mark.name for mark in found.marks] == ["tag:laugh", *["tag:ha"] * len(starts)]
    assert begin < found.marks[0].time < end
    assert any(each.kind == "extra" and each.start < end and each.end > begin for each in found.mismatches)
    words: dict[str, Word] = {word.text.strip("."): word for word in found.words}
    assert words["year"].end < begin + 0.1
    assert words["Don't"].start > end - 0.1


def marks_of(name):
    samples, rate = read_audio(eval_file(name))
    return heard(Speech(samples, rate, recognize(samples, rate)))


def test_a_real_whisper():
    (first, start), (last, end) = marks_of("audio/mfa_whisper.flac")
    assert (first, last) == ("whisper", "normal")
    assert start < 0.7
    assert end > 2.5


@pytest.mark.parametrize("name", [
    "audio/sonic_sing_female_10s.wav", "audio/noise_a.wav", "audio/emotalk_happy.wav",
    "audio/dreamtalk_noisy_audio_office_snr_0.wav", "audio/dreamtalk_German1.wav",
    "talkers/mead_W040_level_3_happy_029.mp4", "talkers/grid_multi_bbaf2n.mpg", "timit/dr7-fblv0/sa1.wav",
])  # fmt: skip
def test_real_speech_song_and_noise_have_none(name):
    assert marks_of(name) == []


def test_another_speaker_with_a_higher_voice_does_not_shout():
    text = "I am going home now, it is late, and there is nothing to do. Would you like to come?"
    man, woman = speak(text, voice="espeak:m3"), speak(text, voice="espeak:f2")
    calm, lively = (shouted(woman, louder=decibels, higher=semitones) for decibels, semitones in FAR_AND_NEAR)
    parts = [Speech(sound, RATE, woman.phonemes) for sound in (calm, lively)]
    assert [name for name, _ in heard(joined(man, man, parts[1])[0])] == ["shout", "normal"]
    assert heard(joined(man, parts[0], man, *parts, parts[0])[0]) == []
