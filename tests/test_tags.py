"""Tags in a text: not spoken, done by voice and face where they stand."""

import numpy as np
import pytest

from phiz.errors import SpeechError, UsageError
from phiz.motion.animation import animate
from phiz.motion.gestures import gesture_table
from phiz.motion.moods import MOODS
from phiz.speech.synthesis import speak
from phiz.speech.text.tags import TAG


def test_tags_are_marks_at_the_next_word_and_are_not_spoken():
    text = "Hello! [wink] How are you? [sad:0.5] Not so  [ Look   Left ] well."
    said, plain = speak(text), speak("Hello! How are you? Not so well.")
    assert said.text == text
    assert [word.text for word in said.words] == [word.text for word in plain.words]
    starts = {word.text: word.start for word in said.words}
    wanted = [("wink", "How"), ("sad:0.5", "Not"), ("look left", "well")]
    assert [mark.name for mark in said.marks] == [TAG + name for name, _ in wanted]
    for mark, (_, word) in zip(said.marks, wanted, strict=True):
        assert mark.time == pytest.approx(starts[word], abs=0.02)


@pytest.mark.parametrize("name", [*gesture_table(), *MOODS])
def test_every_gesture_and_mood_is_a_tag(name):
    said = speak(f"Yes [{name}] no.")
    assert [mark.name for mark in said.marks] == [TAG + name]
    assert len(said.words) == 2


def test_other_brackets_are_text():
    assert len(speak("See [page four] now.").words) == 4
    assert not speak("See [page four] now [1].").marks


def test_a_misspelt_tag_is_named(caplog):
    assert len(speak("See [wnik] now, [ Smiel ] there, and [page four].").words) == 8
    assert caplog.text.count("did you mean") == 2
    assert "[wnik] is read out" in caplog.text
    assert "[wink]?" in caplog.text
    assert "[smile]?" in caplog.text


def test_a_pause_lasts_as_long_as_it_says():
    said = speak("One [pause 1.25] two [pause] three.")
    gaps = [after.start - before.end for before, after in zip(said.words[:-1], said.words[1:], strict=True)]
    assert gaps == pytest.approx([1.25, 0.5], abs=0.12)
    assert not said.marks


@pytest.mark.parametrize("pause", ["pause x", "pause -1", "pause 61", "pause nan"])
def test_a_pause_that_is_none_is_named(pause):
    with pytest.raises(UsageError, match=r"is no pause.*0 to 60"):
        speak(f"One [{pause}] two.")


def test_nothing_but_tags_is_nothing_to_say():
    with pytest.raises((SpeechError, UsageError), match="give"):
        speak("[smile]")


def part(said, first, last):
    words = said.words[first : last + 1]
    return said.samples[int(words[0].start * said.rate) : int(words[-1].end * said.rate)]


def test_whispers_are_softer_and_without_a_voice_and_shouts_louder():
    said = speak("Tell me all [whisper] tell me all [normal] tell me all [shout] tell me all.")
    plain, whispered, again, shouted = (part(said, 3 * k, 3 * k + 2) for k in range(4))

    def level(samples):
        return np.sqrt(np.mean(np.square(samples)))

    def periodicity(samples):  # of the best lag in the range of voices
        short = samples - samples.mean()
        spectrum = np.abs(np.fft.rfft(short, 2 * len(short))) ** 2
        correlation = np.fft.irfft(spectrum)
        return correlation[said.rate // 300 : said.rate // 70].max() / correlation[0]

    assert level(whispered) < 0.7 * level(plain)
    assert level(shouted) > 1.2 * level(plain)
    assert level(again) == pytest.approx(level(plain), rel=0.3)
    assert periodicity(whispered) < 0.5 * periodicity(plain)


def test_the_face_does_what_a_tag_says():
    clip = animate(speak("So [wink] it is [happy] and stays so for a good while."))
    usual = animate(speak("So it is and stays so for a good while."))
    assert clip.curves["mouthSmileRight"].values.max() > usual.curves["mouthSmileRight"].values.max() + 0.2
    assert clip.curves["cheekSquintLeft"].values.max() >= 0.5


def test_markup_takes_tags_too():
    said = speak('<speak>One <break time="300ms"/> [nod] two.</speak>')
    assert [mark.name for mark in said.marks] == ["tag:nod"]
