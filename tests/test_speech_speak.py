"""Text to timed phonemes: order, words, closures against the audio, errors."""

import threading
import time
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.errors import SpeechError, UsageError
from phiz.speech.ipa import is_closure
from phiz.speech.scripts import script_hint
from phiz.speech.speech import Speech
from phiz.speech.synthesis import LEAD, TAIL, speak

SENTENCES = {
    "en": "Peter's 25 red bags — don't cut the naïve café, my friend. Happy people keep big maps!",
    "fr": "L'été, c'est aujourd'hui « bientôt » ; où êtes-vous ?",
    "de": "Schöne Grüße aus München, zwölf Boxkämpfer jagen Viktor quer über den Deich.",
    "ru": "Съешь ещё этих мягких французских булок, да выпей чаю.",
    "cmn": "你好，今天天气怎么样？",
    "ja": "こんにちは、ありがとうございます。",
    "ko": "안녕하세요, 반갑습니다.",
    "hi": "नमस्ते दुनिया, आप कैसे हैं?",
    "ar": "مرحبا بالعالم، كيف حالك؟",
    "pt-br": "A ação não é em vão, irmãos.",
}


VOWELS = frozenset("aɐɑɒæɛeəɘɜɞɤiɪᵻɨʉᵿuʊɯoɵɔɷʌyʏøœɶɚɝ")


def is_vowel(ipa: str) -> bool:
    """True for vowels, diphthongs and syllabic consonants."""
    return unicodedata.normalize("NFD", ipa)[:1] in VOWELS or "\u0329" in ipa


def sounds_by_word(text: str, language: str = "en") -> list[tuple[str, str]]:
    speech = speak(text, language=language)
    sounds = [""] * len(speech.words)
    for phoneme in speech.phonemes:
        sounds[phoneme.word] += phoneme.ipa
    return [(word.text, sound) for word, sound in zip(speech.words, sounds, strict=True)]


def loudness(speech: Speech, start: float, end: float) -> float:
    part = speech.samples[round(start * speech.rate) : round(end * speech.rate)]
    return float(np.sqrt(np.mean(part.astype(np.float64) ** 2))) if len(part) else 0.0


def check_order(speech: Speech) -> None:
    assert speech.samples.dtype == np.float32
    assert speech.samples.ndim == 1
    assert np.abs(speech.samples).max() <= 1
    end = 0.0
    for phoneme in speech.phonemes:
        assert phoneme.start >= end
        assert phoneme.end > phoneme.start
        assert -1 <= phoneme.word < len(speech.words)
        end = phoneme.end
    assert end <= speech.duration
    for word in speech.words:
        assert word.text
        assert word.end > word.start
    for index, word in enumerate(speech.words):
        own = [phoneme for phoneme in speech.phonemes if phoneme.word == index]
        assert (own[0].start, own[-1].end) == (word.start, word.end)
    for before, after in pairwise(speech.sentences):
        assert before[1] < after[0]


@pytest.mark.parametrize("language", SENTENCES)
def test_every_language_gives_ordered_times(language: str) -> None:
    speech = speak(SENTENCES[language], language=language)
    check_order(speech)
    assert speech.timing == "exact"
    assert len(speech.sentences) >= 1
    assert not any(mark in phoneme.ipa for phoneme in speech.phonemes for mark in "ˈˌ˥˩0123456789()_ ")
    assert any(phoneme.stress == 1 for phoneme in speech.phonemes)
    assert all(phoneme.stress == 0 or is_vowel(phoneme.ipa) for phoneme in speech.phonemes)


def test_words_are_the_written_ones() -> None:
    words = [word.text for word in speak(SENTENCES["en"]).words]
    assert words[:9] == ["Peter's", "25", "red", "bags", "don't", "cut", "the", "naïve", "café"]
    assert words[-2:] == ["big", "maps"]
    french = [word.text for word in speak(SENTENCES["fr"], language="fr").words]
    assert french == ["L'été", "c'est", "aujourd'hui", "bientôt", "où", "êtes-vous"]
    chinese = "".join(word.text for word in speak(SENTENCES["cmn"], language="cmn").words)
    assert chinese == "你好今天天气怎么样"


def test_words_that_the_voice_says_as_one_are_parted() -> None:
    assert sounds_by_word("I am a photograph. There was one of the boys, so far.") == [
        ("I", "aɪ"), ("am", "ɐm"), ("a", "ɐ"), ("photograph", "foʊɾəɡɹæf"), ("There", "ðɛɹ"), ("was", "wʌz"),
        ("one", "wʌn"), ("of", "ʌv"), ("the", "ðə"), ("boys", "bɔɪz"), ("so", "soʊ"), ("far", "fɑːɹ"),
    ]  # fmt: skip


def test_words_after_dashes_and_before_small_letters() -> None:
    words = sounds_by_word("- The end of the house. would have been.")
    assert [word for word, _ in words] == ["The", "end", "of", "the", "house", "would", "have", "been"]
    assert dict(words)["house"] == "haʊs"


@pytest.mark.parametrize(
    ("text", "language", "mark"),
    [
        ("क्\u200dया वक्\u200dत", "hi", "\u200d"),  # joiners of half letters
        ("ශ්\u200dරී ලංකා", "si", "\u200d"),
        ("an un\u00adder\u00adstand\u00ading friend\u00ad.", "en", "\u00ad"),  # soft hyphens
        ("\u200fمرحبا\u200f بالعالم", "ar", "\u200f"),  # writing directions
    ],
)
def test_invisible_marks_inside_words_say_nothing(text: str, language: str, mark: str) -> None:
    plain, marked = sounds_by_word(text.replace(mark, ""), language), sounds_by_word(text, language)
    assert [sound for _, sound in marked] == [sound for _, sound in plain]
    assert [word.replace(mark, "") for word, _ in marked] == [word for word, _ in plain]
    assert all(word in text for word, _ in marked)


def test_invisible_marks_that_are_heard_stay() -> None:
    malayalam = "അവന്\u200d"  # ends in a bare n
    assert sounds_by_word(malayalam, "ml")[0][1] == "ɐvən"
    assert sounds_by_word("می\u200cخواهم", "fa") == [("می\u200cخواهم", "mixɑham")]
    assert [word for word, _ in sounds_by_word("one\u200btwo")] == ["one", "two"]


def test_sound_is_where_phonemes_are() -> None:
    speech = speak(SENTENCES["en"])
    for vowel in (phoneme for phoneme in speech.phonemes if is_vowel(phoneme.ipa)):
        middle = (vowel.start + vowel.end) / 2
        assert loudness(speech, middle - 0.015, middle + 0.015) > 0.01, vowel
    edges = [(0.0, 0.0), *((p.start, p.end) for p in speech.phonemes), (speech.duration, speech.duration)]
    gaps = [(before[1], after[0]) for before, after in pairwise(edges)]
    pauses = [(start, end) for start, end in gaps if end - start > 0.08]
    assert len(pauses) >= 4  # lead, dash, comma, full stop, tail
    for start, end in pauses:
        assert loudness(speech, start + 0.006, end - 0.006) < 2e-3, (start, end)


def test_closures_start_when_the_sound_stops() -> None:
    speech = speak("A cup, a pack of cake to keep. Oh put it up, pick a tape, take a cap!")
    stops = [p for p in speech.phonemes if p.ipa in ("p", "t", "k") and p.start > 0.4]
    assert len(stops) >= 15
    silent = [p for p in stops if loudness(speech, p.start + 0.004, p.start + 0.02) < 1e-3]
    assert len(silent) == len(stops)
    burst = [p for p in stops if loudness(speech, p.end - 0.03, p.end) > 3e-3]
    assert len(burst) >= len(stops) * 0.9
    assert all(0.03 < p.end - p.start < 0.25 for p in stops)


def test_no_closure_reaches_before_the_sound_before_it() -> None:
    speech = speak("Black duck, big dog, hot pot, good job.")
    for before, after in pairwise(speech.phonemes):
        if is_closure(after.ipa) and after.start == before.end:
            assert before.end - before.start >= 0.005


def test_silence_around() -> None:
    speech = speak("Hello.")
    assert LEAD <= speech.phonemes[0].start < LEAD + 0.06
    assert speech.duration - speech.phonemes[-1].end == pytest.approx(TAIL, abs=0.01)
    assert not speech.samples[: round(LEAD * speech.rate)].any()


def test_same_text_same_sound_in_any_order_and_thread() -> None:
    first = speak("Hello there, my friend.")
    speak("Bonjour", language="fr")
    results: list[Speech] = []
    threads = [
        threading.Thread(target=lambda: results.append(speak("Hello there, my friend."))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    for result in results:
        assert np.array_equal(result.samples, first.samples)
        assert result.phonemes == first.phonemes


def test_long_text() -> None:
    sentence = "The quick brown fox — naïve café — jumps over 12 lazy dogs. "
    speech = speak(sentence * 40)
    check_order(speech)
    expected = ["The", "quick", "brown", "fox", "naïve", "café", "jumps", "over", "12", "lazy", "dogs"] * 40
    assert [word.text for word in speech.words] == expected


def test_variants_sound_different() -> None:
    plain, variant = speak("Hello"), speak("Hello", voice="espeak:f3")
    assert variant.voice == "espeak:f3"
    assert not np.array_equal(plain.samples[:5000], variant.samples[:5000]) or len(plain.samples) != len(
        variant.samples
    )


def test_markup_and_commands_in_text_are_read_out() -> None:
    speech = speak("one <break/> [[h@loU]] \x01+9s two \ud800 three")
    words = [word.text for word in speech.words]
    assert words[0] == "one"
    assert "two" in words
    assert words[-1] == "three"


def test_noise_in_the_voice_is_the_same_at_any_time() -> None:
    """The library seeds its own with the time, in seconds."""
    voices = ("espeak:f2", "espeak:f3", "espeak:caleb")
    first = [speak("Hello", voice=voice).samples for voice in voices]
    time.sleep(1.1)
    for samples, voice in zip(first, voices, strict=True):
        np.testing.assert_array_equal(samples, speak("Hello", voice=voice).samples)


@pytest.mark.parametrize("text", ["", "  \n\t", "...", ",", "\x00\x01\x02", "\u200b"])
def test_nothing_to_say(text: str) -> None:
    with pytest.raises((SpeechError, UsageError), match="give"):
        speak(text)


@pytest.mark.parametrize(
    ("arguments", "named", "offered"),
    [
        ({"voice": "nobody"}, "nobody", "espeak"),
        ({"voice": "espeak:f9"}, "f9", "f5"),
        ({"language": "frx"}, "frx", "fr"),
        ({"language": "xx"}, "xx", "phiz voices"),
        ({"language": ""}, "''", "en"),
        ({"language": "en-au"}, "en-au", "en-us"),
    ],
)
def test_unknown_voice_or_language(arguments: dict[str, str], named: str, offered: str) -> None:
    with pytest.raises(UsageError) as caught:
        speak("Hello", **arguments)
    message = str(caught.value)
    assert named in message
    assert offered in message
    assert "\n" not in message


@pytest.mark.parametrize("language", ["EN", "en_US", "pt_BR", "zh", "fr-FR"])
def test_language_spelling_is_lenient(language: str) -> None:
    assert speak("Hello", language=language).phonemes


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=60))
def test_any_text_speaks_or_says_why(text: str) -> None:
    try:
        speech = speak(text)
    except (SpeechError, UsageError):
        return
    check_order(speech)
    assert speech.text == text


@pytest.mark.parametrize(
    ("text", "language", "suggested"),
    [
        ("Привет, мир", "en", "ru"),
        ("你好，很高兴认识你", "en-us", "cmn"),
        ("こんにちは世界", "en", "ja"),
        ("नमस्ते", "fr", "hi"),
        ("Hello there", "en", ""),
        ("Привет", "uk", ""),
        ("漢字とかな", "ja", ""),
        ("Hello, мир and all", "en", ""),
        ("😀 42", "en", ""),
    ],
)
def test_a_text_in_another_script_is_noticed(text: str, language: str, suggested: str) -> None:
    hint = script_hint(text, language)
    assert (f"--lang {suggested} " in hint) if suggested else hint == ""
