"""SSML: what each element does to sound, words, times and marks; one clear line for what is wrong."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.errors import SpeechError, UsageError
from phiz.speech.dialogue import Line, converse
from phiz.speech.speech import Speech, Word
from phiz.speech.synthesis import say, speak
from phiz.speech.text.ssml import read_ssml
from phiz.speech.voices.espeak_phonemes import spelled

SAMPLE = 1 / 22050  # seconds


def spoken(inside: str, language: str = "en", voice: str | None = None) -> Speech:
    return say(f"<speak>{inside}</speak>", voice=voice, language=language)


def word(speech: Speech, text: str) -> Word:
    (found,) = (each for each in speech.words if each.text == text)
    return found


def sounds(speech: Speech, text: str) -> str:
    number = [each.text for each in speech.words].index(text)
    return "".join(phoneme.ipa for phoneme in speech.phonemes if phoneme.word == number)


def length(each: Word) -> float:
    return each.end - each.start


def level(speech: Speech, each: Word) -> float:
    part = speech.samples[round(each.start * speech.rate) : round(each.end * speech.rate)]
    return float(np.sqrt(np.mean(np.square(part, dtype=np.float64))))


def pitch(speech: Speech, each: Word) -> float:
    import pyworld

    part = speech.samples[round(each.start * speech.rate) : round(each.end * speech.rate)].astype(np.float64)
    hz, _ = pyworld.harvest(part, speech.rate)
    return float(np.median(hz[hz > 0]))


@pytest.mark.parametrize(
    ("time", "seconds"),
    [("time='500ms'", 0.5), ("time='1.5s'", 1.5), ("time='.25s'", 0.25), ("strength='none'", 0.0),
     ("strength='weak'", 0.17), ("", 0.35), ("strength='x-strong'", 1.2), ("time='0s'", 0.0)],
)  # fmt: skip
def test_breaks_are_exact(time: str, seconds: float) -> None:
    speech = spoken(f"Wait <break {time}/> for it.")
    assert word(speech, "for").start - word(speech, "Wait").end == pytest.approx(seconds, abs=2 * SAMPLE)
    between = speech.samples[
        round((word(speech, "Wait").end + 0.04) * speech.rate) : round(
            (word(speech, "for").start - 0.04) * speech.rate
        )
    ]
    assert not between.any()


def test_a_break_parts_words() -> None:
    speech = speak('<speak>Wait<break/>now<break time="1s"/>, then</speak>')
    assert speech.text == "Wait now, then"
    assert [word.text for word in speech.words] == ["Wait", "now", "then"]


def test_breaks_add_up_and_stand_at_the_ends_too() -> None:
    plain = spoken("Hi there.")
    speech = spoken("<break time='1s'/>Hi <break time='1s'/><break time='500ms'/> there.<break time='2s'/>")
    assert speech.words[0].start == pytest.approx(plain.words[0].start + 1.0, abs=2 * SAMPLE)
    assert speech.words[1].start - speech.words[0].end == pytest.approx(1.5, abs=2 * SAMPLE)
    assert speech.duration - speech.words[1].end > 2.0


def test_sentences_and_paragraphs_pause() -> None:
    speech = spoken("<p><s>One</s><s>Two</s></p><p>Three</p>")
    one, two, three = speech.words
    assert two.start - one.end == pytest.approx(0.35, abs=2 * SAMPLE)
    assert three.start - two.end == pytest.approx(0.6, abs=2 * SAMPLE)
    assert len(speech.sentences) == 3
    slow = spoken("<prosody rate='50%'><s>One</s><s>Two</s></prosody>")
    assert slow.words[1].start - slow.words[0].end == pytest.approx(0.7, abs=2 * SAMPLE)


@pytest.mark.parametrize(
    ("rate", "factor"), [("50%", 0.5), ("+100%", 2.0), ("1.25", 1.25), ("slow", 0.8), ("default", 1.0)]
)
def test_rate_inside_a_sentence_is_exact(rate: str, factor: float) -> None:
    plain = spoken("I am really happy.")
    speech = spoken(f"I am <prosody rate='{rate}'>really</prosody> happy.")
    assert length(word(speech, "really")) == pytest.approx(
        length(word(plain, "really")) / factor, abs=2 * SAMPLE
    )
    assert length(word(speech, "happy")) == pytest.approx(length(word(plain, "happy")), abs=2 * SAMPLE)
    assert speech.phonemes[0] == plain.phonemes[0]
    assert [phoneme.ipa for phoneme in speech.phonemes] == [phoneme.ipa for phoneme in plain.phonemes]


@pytest.mark.parametrize(("value", "factor"), [("+50%", 1.5), ("+3st", 2**0.25), ("80%", 0.8), ("high", 1.1)])
def test_pitch_inside_a_sentence(value: str, factor: float) -> None:
    plain = spoken("I am really happy.")
    speech = spoken(f"I am <prosody pitch='{value}'>really</prosody> happy.")
    higher = pitch(speech, word(speech, "really")) / pitch(plain, word(plain, "really"))
    assert higher == pytest.approx(factor, rel=0.05)
    assert [each.start for each in speech.words] == pytest.approx(
        [each.start for each in plain.words], abs=1e-4
    )


@pytest.mark.parametrize(
    ("value", "factor"), [("-6dB", 0.5), ("+6dB", 2.0), ("50", 0.5), ("soft", 0.65), ("silent", 0.0)]
)
def test_volume_inside_a_sentence(value: str, factor: float) -> None:
    plain = spoken("I am really happy.")
    speech = spoken(f"I am <prosody volume='{value}'>really</prosody> happy.")
    assert level(speech, word(speech, "really")) == pytest.approx(
        factor * level(plain, word(plain, "really")), abs=0.006
    )
    assert level(speech, word(speech, "happy")) == pytest.approx(level(plain, word(plain, "happy")), rel=0.01)


def test_emphasis_makes_longer_higher_and_louder() -> None:
    plain, strong, weak = (
        spoken(f"I am <emphasis level='{name}'>really</emphasis> happy.")
        for name in ("none", "strong", "reduced")
    )
    said = [word(speech, "really") for speech in (weak, plain, strong)]
    assert length(said[0]) < length(said[1]) < length(said[2])
    speeches = (weak, plain, strong)
    for measure in (level, pitch):
        values = [measure(speech, each) for speech, each in zip(speeches, said, strict=True)]
        assert values == sorted(values)


def test_no_click_where_manners_and_languages_meet() -> None:
    """No step from sample to sample is higher than those that speech has anyway."""
    plain = spoken("I am really happy to say bonjour again and again.")
    speech = spoken(
        "I am <prosody rate='80%' pitch='+20%'>really</prosody> happy <emphasis>to</emphasis> say "
        "<lang xml:lang='fr'>bonjour</lang> again <break time='20ms'/> and "
        "<prosody volume='+3dB'>again</prosody>."
    )
    steps = np.abs(np.diff(speech.samples))
    assert steps.max() < 1.5 * np.abs(np.diff(plain.samples)).max()
    assert np.abs(speech.samples).max() <= 1
    for at in (0, -1):
        assert abs(speech.samples[at]) < 0.01


def test_substitutions_keep_the_written_word() -> None:
    speech = spoken("The <sub alias='World Health Organization'>WHO</sub> says.")
    assert [each.text for each in speech.words] == ["The", "WHO", "says"]
    assert sounds(speech, "WHO") == sounds(spoken("WHO"), "WHO").replace(
        sounds(spoken("WHO"), "WHO"), ""
    ) + "".join(phoneme.ipa for phoneme in spoken("The World Health Organization says.").phonemes[2:-3])
    assert speech.text == "The WHO says."


def test_languages_are_switched() -> None:
    speech = spoken("Say <lang xml:lang='fr'>bonjour tout le monde</lang> now.")
    assert [each.text for each in speech.words] == ["Say", "bonjour", "tout", "le", "monde", "now"]
    assert sounds(speech, "bonjour") == "bɔ̃ʒuʁ"
    assert len(speech.sentences) == 1
    whole = say('<speak xml:lang="de-DE">Guten Tag</speak>', voice=None, language="en")
    assert whole.language == "de"
    nested = spoken("<p xml:lang='es'>hola <lang xml:lang='fr'>oui</lang></p>")
    assert (sounds(nested, "hola"), sounds(nested, "oui")) == ("ola", "wi")


def test_voices_are_switched() -> None:
    speech = spoken("One. <voice name='espeak:f3'>Two.</voice> Three.")
    assert speech.voice == "espeak, espeak:f3"
    for name, voice in (("One", "espeak"), ("Two", "espeak:f3"), ("Three", "espeak")):
        alone, there = say(f"{name}.", voice=voice, language="en"), word(speech, name)
        at, begin = round(alone.words[0].start * speech.rate) + 100, round(there.start * speech.rate) + 100
        own = alone.samples[at : at + 2000]
        apart = [np.abs(speech.samples[begin + off : begin + off + 2000] - own).max() for off in (-1, 0, 1)]
        assert min(apart) < 1e-6
    with pytest.raises(UsageError, match="'bob'"):
        spoken("<voice name='bob'>Two</voice>")


@pytest.mark.parametrize(
    ("alphabet", "ph", "expected"),
    [
        ("ipa", "təˈmɑːtəʊ", "təmɑːɾəʊ"),
        ("x-sampa", "t@&quot;meItoU", "təmeɪɾoʊ"),
        ("ipa", "ʃvaɪ̯n", "ʃvaɪn"),
        ("ipa", "t͡ʃiːz", "tʃiːz"),
        ("ipa", "kʼa", "kæ"),
        ("ipa", "ǃa", "tæ"),
    ],
)
def test_given_sounds_are_spoken(alphabet: str, ph: str, expected: str) -> None:
    speech = spoken(f"Say <phoneme alphabet='{alphabet}' ph='{ph}'>tomato</phoneme> again, [[friend]].")
    assert [each.text for each in speech.words] == ["Say", "tomato", "again", "friend"]
    assert sounds(speech, "tomato") == expected
    assert sounds(speech, "friend") == "fɹɛnd"


def test_sounds_that_a_language_lacks_are_the_nearest_it_has() -> None:
    own = {name: name for name in ("p", "t", "k", "s", "m", "a", "i", "u", "uː")}
    assert spelled("bʊːɲẽ", own) == "p|uː|m|i|".replace("m", "m")  # the place is farther than the manner
    assert spelled("ˈqaˌǃi", own) == "'k|a|,t|i|"
    assert spelled("123 .", own) == ""


def test_marks_have_exact_times() -> None:
    speech = spoken(
        "<mark name='start'/>One <mark name='two'/>two <mark name='held'/><break time='1s'/>"
        "<mark name='after'/>three. <mark name='sentence'/>Four<mark name='end'/>"
    )
    marks = {mark.name: mark.time for mark in speech.marks}
    one, two, three, four = speech.words
    assert marks == {
        "start": one.start, "two": two.start, "held": two.end, "after": three.start, "sentence": four.start,
        "end": four.end,
    }  # fmt: skip
    unmarked = spoken("One two <break time='1s'/>three. Four")
    assert [each.start for each in unmarked.words] == [each.start for each in speech.words]
    times = [mark.time for mark in speech.marks]
    assert times == sorted(times)


def test_marks_move_with_silence_around_and_in_a_dialogue() -> None:
    text = "<speak>Hello <mark name='here'/>you</speak>"
    alone = speak(text)
    assert alone.marks[0].time == pytest.approx(alone.words[1].start)
    both = converse([Line(0, "Hi."), Line(1, text)])
    assert both.heard.marks[0].time == pytest.approx(both.heard.words[2].start)
    assert both.parts[0].marks == ()


@pytest.mark.parametrize(
    ("attributes", "text", "expected"),
    [
        ("interpret-as='characters'", "ABC", "eɪbiːsiː"),
        ("interpret-as='digits'", "12", "wʌntuː"),
        ("interpret-as='ordinal'", "3", "θɜːd"),
        ("interpret-as='date' format='dmy'", "3/4/2021", "ðəθɜːdʌveɪpɹəltwɛntitwɛntiwʌn"),
        ("interpret-as='date' format='mdy'", "3/4/2021", "mɑːɹtʃfɔːɹθtwɛntitwɛntiwʌn"),
        ("interpret-as='unheard'", "cat", "kæt"),
    ],
)
def test_say_as(attributes: str, text: str, expected: str) -> None:
    speech = spoken(f"<say-as {attributes}>{text}</say-as>")
    assert [each.text for each in speech.words] == [text]
    assert sounds(speech, text) == expected


def test_blanks_and_line_ends_of_the_markup_mean_nothing() -> None:
    laid_out = "\n<speak>\n  <p>\n    Hello\n    there,\n    my * friend.\n  </p>\n</speak>\n"
    document = read_ssml(laid_out)
    assert document.text.strip() == "Hello there, my * friend."
    tight = say("<speak><p>Hello there, my * friend.</p></speak>", voice=None, language="en")
    assert say(laid_out, voice=None, language="en").phonemes == tight.phonemes


ELEMENTS = (
    "p",
    "s",
    "emphasis",
    "prosody rate='80%'",
    "prosody volume='-3dB'",
    "lang xml:lang='fr'",
    "foo",
    "w",
)
BITS = st.recursive(
    st.sampled_from(
        ["Hello", " there, ", "Dr. ", "5 km ", "привет", "<break time='50ms'/>", "<mark name='m'/>", "😀"]
    ),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name.split()[0]}>",
        st.sampled_from(ELEMENTS),
        st.lists(inner, max_size=4),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=25)
@given(st.lists(BITS, min_size=1, max_size=5))
def test_any_nesting_gives_ordered_times(parts: list[str]) -> None:
    text = f"<speak>{''.join(parts)}</speak>"
    try:
        speech = say(text, voice=None, language="en")
    except SpeechError:  # nothing in it is said
        return
    edges = [0.0, *(edge for p in speech.phonemes for edge in (p.start, p.end)), speech.duration]
    assert all(after >= before for before, after in pairwise(edges))
    for number, each in enumerate(speech.words):
        own = [phoneme for phoneme in speech.phonemes if phoneme.word == number]
        assert own
        assert (each.start, each.end) == (own[0].start, own[-1].end)
        assert each.text in speech.text
    assert len(speech.marks) == text.count("<mark") + text.count("😀")
    assert all(0 <= mark.time <= speech.duration for mark in speech.marks)
