"""Forced alignment with the English acoustic model, and the names of sounds it goes by."""

import numpy as np
import pytest

from phiz.data import table
from phiz.speech.recognition.acoustic import RATE, EnglishModel, english_model, resampled
from phiz.speech.recognition.arpabet import arpabet_of, ipa_of
from phiz.speech.speech import Speech
from phiz.speech.synthesis import say

SENTENCE = "The quick brown fox jumps over Zyxqvort, and 25 lazy dogs bark."


@pytest.fixture(scope="module")
def model() -> EnglishModel:
    found = english_model()
    assert found is not None, "pocketsphinx is installed with phiz"
    return found


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return say(SENTENCE, voice="espeak", language="en")


def words_of(speech: Speech) -> list[tuple[str, list[list[str]]]]:
    """Words with espeak's own pronunciation."""
    return [
        (word.text, [[p.ipa for p in speech.phonemes if p.word == index]])
        for index, word in enumerate(speech.words)
    ]


def test_every_symbol_of_the_chart_has_an_english_spelling() -> None:
    known = {row["ipa"] for row in table("arpabet")}
    assert {row["symbol"] for row in table("ipa")} <= known


def test_english_sounds_survive_the_way_there_and_back() -> None:
    sounds = {sound for row in table("arpabet") for sound in row["arpabet"].split()}
    assert len(sounds) == 39
    assert all(arpabet_of([ipa_of(sound)]) == (sound,) for sound in sounds)


def test_what_espeak_says_is_found_where_espeak_says_it(model: EnglishModel, spoken: Speech) -> None:
    phones = model.align(resampled(spoken.samples, spoken.rate), words_of(spoken))
    assert phones
    assert {phone.word for phone in phones} == set(range(len(spoken.words)))
    off = []
    for index, word in enumerate(spoken.words):
        mine = [phone for phone in phones if phone.word == index]
        off.append(abs(mine[0].start - word.start))
        assert mine[-1].end - word.end == pytest.approx(0, abs=0.2)
    assert np.median(off) < 0.025
    assert max(off) < 0.12


def test_sounds_do_not_overlap_and_stay_inside(model: EnglishModel, spoken: Speech) -> None:
    phones = model.align(resampled(spoken.samples, spoken.rate), words_of(spoken))
    assert phones
    times = [time for phone in phones for time in (phone.start, phone.end)]
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] <= spoken.duration


def test_the_same_sound_gives_the_same_times_whatever_came_before(
    model: EnglishModel, spoken: Speech
) -> None:
    samples = resampled(spoken.samples, spoken.rate)
    first = model.align(samples, words_of(spoken))
    assert model.align(samples[: RATE * 2], [("fox", [])]) != first
    assert model.align(samples, words_of(spoken)) == first


def test_words_that_cannot_be_said_are_passed_over(model: EnglishModel, spoken: Speech) -> None:
    samples = resampled(spoken.samples, spoken.rate)
    phones = model.align(samples, [("—", []), *words_of(spoken)])
    assert phones
    assert {phone.word for phone in phones} == set(range(1, len(spoken.words) + 1))


@pytest.mark.parametrize("length", [0, 100, 3000])
def test_sound_too_short_for_its_words_is_no_error(
    model: EnglishModel, length: int, capfd: pytest.CaptureFixture[str]
) -> None:
    long = [("supercalifragilistic", [list("supɚkæl") * 9])]
    assert model.align(np.zeros(length, np.float32), long) is None
    assert model.align(np.zeros(16000, np.float32), []) is None
    assert capfd.readouterr() == ("", "")
