"""Plain text: numbers, abbreviations, layout and scripts as they are said; words as they are written."""

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.data import table
from phiz.errors import PhizError, UsageError
from phiz.speech.scripts import language_runs
from phiz.speech.speech import Speech
from phiz.speech.synthesis import say
from phiz.speech.text.segments import segmented
from phiz.speech.text.speaking import LONGEST_TEXT, read_text


def said(text: str, language: str = "en") -> str:
    """What the voice is given, segment by segment, without superfluous blanks."""
    return " | ".join(" ".join(part.text.split()) for part in segmented(read_text(text), language))


def spoken(text: str, language: str = "en") -> Speech:
    return say(text, voice=None, language=language)


def words(text: str, language: str = "en") -> list[str]:
    return [word.text for word in spoken(text, language).words]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Smith of Elm Dr. left.", "Doctor Smith of Elm Drive left."),
        ("At 12 St. John St. near Mt. Rainier.", "At 12 Saint John Street near Mount Rainier."),
        ("We met on Elm St. He left.", "We met on Elm Street. He left."),
        ("Visit St. Paul, Prof. Brown!", "Visit Saint Paul, Professor Brown!"),
        ("Sugar, e.g. No. 5, i.e. cane", "Sugar, for example number 5, that is cane"),
        ("No. I said no.", "No. I said no."),
        ("Cats vs. dogs, w/o a leash", "Cats versus dogs, without a leash"),
        ("It was Apple Inc. The end.", "It was Apple Incorporated. The end."),
        ("the U.S. and the U.S.A. He left", "the U-S and the U-S-A. He left"),
        ("He/she and/or they, n/a, TCP/IP", "He or she and or they, n-a, TCP IP"),
        ("Lloyd J. Austin III, Type I", "Lloyd J. Austin the 3rd, Type 1"),
        ("Louis XIV and World War II", "Louis the 14th and World War 2"),
        ("chapter IV, an IV line, Malcolm X", "chapter 4, an IV line, Malcolm X"),
        ("Elizabeth I of England; Elizabeth I think", "Elizabeth the 1st of England; Elizabeth I think"),
        ("Henry VIII. Rocky IV.", "Henry the 8th. Rocky 4."),
    ],
)
def test_abbreviations_and_names(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 3/4/2021", "on March 4th, 20 21"),
        ("2021-03-04 and 12 May 1999", "March 4th, 20 21 and 12th May 19 99"),
        ("May 5, 1905, and Jan. 1", "May 5th, 19 oh 5, and January 1st"),
        ("In 1900, 2005 and 2010 and 1066", "In 19 hundred, 2005 and 20 10 and 1066"),
        ("1914-18, 1939–1945, the 1990s", "19 14 to 18, 19 39 to 19 45, the 19 90s"),
        ("1500 meters, 1800 people, 1999 dogs", "1500 meters, 18 hundred people, 1999 dogs"),
        ("at 10:30 a.m., 5:05pm, 5:00 and 17:00", "at 10 30 am, 5 oh 5 pm, 5 o'clock and 17 hundred"),
        ("At 5 p.m. we go. At 5 p.m.", "At 5 pm we go. At 5 pm."),
        ("$5.50, $1, £3 and €20.05", "5 dollars and 50 cents, 1 dollar, 3 pounds and 20 euros and 5 cents"),
        ("$5bn, ¥500 million, 20 USD", "5 billion dollars, 500 million yen, 20 US dollars"),
        ("$0.99 and 5,000 €", "99 cents and 5,000 euros"),
        ("70 kg, 1 km, 25°C, 5 km/h", "70 kilograms, 1 kilometre, 25 degrees Celsius, 5 kilometres per hour"),
        ("5'10\" tall, 2-3%, 5-10 people", "5 foot 10 tall, 2 to 3 percent, 5 to 10 people"),
        ("1/2 cup, 3/4, 2½ and 24/7", "one half cup, 3 quarters, 2 and a half and 24 7"),
        ("call 555-1234", "call 5 5 5, 1 2 3 4"),
        ("+1 (555) 123-4567", "plus 1, 5 5 5, 1 2 3, 4 5 6 7"),
        ("1-800-555-0199, 90210-1234", "1, 8 0 0, 5 5 5, 0 1 9 9, 90210 1234"),
        ("7:30-9:00 pm, 20x30 cm, 50-50", "7 30 to 9 pm, 20 by 30 centimetres, 50 50"),
        ("$5-10, $.99, 4 p.m. EST", "5 to 10 dollars, 99 cents, 4 pm EST"),
        ("-5 degrees, 5 - 3", "minus 5 degrees, 5 - 3"),
        ("Version 2.0.1 of 3,000,000 at 3.14", "Version 2.0.1 of 3,000,000 at 3.14"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert said(text) == expected


def test_the_day_comes_first_outside_america() -> None:
    assert said("3/4/2021", "en-gb") == "the 3rd of April, 20 21"
    assert said("31/12/2021") == "December 31st, 20 21"
    assert said("45/99/2021") == "45/99/2021"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://www.example.com/a-b?x=1#top now", "See example dot com slash a dash b now"),
        ("Mail bob.smith@example.co.uk.", "Mail bob dot smith at example dot co dot uk."),
        ("#BlackLivesMatter @bob_smith, #5", "hashtag Black Lives Matter at bob smith, number 5"),
        ("Visit example.org.", "Visit example dot org."),
        ("**Bold** and _soft_ `code` 2*3*4", "Bold and soft code 2*3*4"),
        ("# Title\nText", "Title ; Text"),
        ("[a link](http://x.org/y) here", "a link here"),
        ("- one\n- two\n\nEnd", "one ; two End"),
        ("what—really", "what — really"),
        ("=====\nHi", "Hi"),
        ("```sh\nrun it\n```", "run it"),
        ("𝐁𝐨𝐥𝐝 ｗｉｄｅ ﬁn ① x²", "Bold wide fin 1 x²"),
        ("A line that is much longer than sixty characters is\nwrapped Here", None),
        ("Roses are red\nViolets are blue", "Roses are red ; Violets are blue"),
        ("no break\nhere", "no break here"),
    ],
)
def test_layout(text: str, expected: str | None) -> None:
    assert said(text) == (" ".join(text.split()) if expected is None else expected)


def test_words_are_as_written() -> None:
    text = "Dr. Smith paid $5.50 on 3/4/2021, at 10:30 a.m., for 25°C & #LateNight 👍 (see www.example.com)."
    assert words(text) == [
        "Dr.", "Smith", "paid", "$5.50", "on", "3/4/2021", "at", "10:30", "a.m.", "for", "25°C", "&",
        "#LateNight", "see", "www.example.com",
    ]  # fmt: skip
    speech = spoken(text)
    assert speech.text == text
    for index, word in enumerate(speech.words):
        own = [phoneme for phoneme in speech.phonemes if phoneme.word == index]
        assert (own[0].start, own[-1].end) == (word.start, word.end)


def test_emoji_are_marks_and_are_not_said() -> None:
    speech = spoken("Hello 😀 world 👍🏽! Bye 👨‍👩‍👧 🇫🇷 1️⃣")
    assert [word.text for word in speech.words] == ["Hello", "world", "Bye"]
    ends = [word.end for word in speech.words]
    assert [(mark.name, mark.time) for mark in speech.marks] == [
        ("emoji:U+1F600", ends[0]),
        ("emoji:U+1F44D-1F3FD", ends[1]),
        ("emoji:U+1F468-200D-1F469-200D-1F467", ends[2]),
        ("emoji:U+1F1EB-1F1F7", ends[2]),
        ("emoji:U+0031-20E3", ends[2]),
    ]
    plain = "".join(phoneme.ipa for phoneme in spoken("Hello world! Bye").phonemes)
    assert "".join(phoneme.ipa for phoneme in speech.phonemes) == plain


def test_pauses_follow_the_layout() -> None:
    speech = spoken("Title\n\nOne, two. Three\n- four\n- five")
    gaps = {
        after.text: after.start - before.end
        for before, after in zip(speech.words, speech.words[1:], strict=False)
    }
    assert 0.1 < gaps["two"] < 0.25 < gaps["Three"] < 0.5 < gaps["One"] < 0.8
    assert gaps["four"] > 0.2
    assert gaps["five"] > 0.2


@pytest.mark.parametrize(
    ("text", "language", "runs"),
    [
        ("Say привет, Tom.", "en", ["en", "ru", "en"]),
        ("Скажи hello, Том.", "ru", ["ru"]),
        ("I said 你好 to π.", "en", ["en", "cmn", "en"]),
        ("こんにちは世界", "en", ["ja"]),
        ("漢字とかな", "cmn", ["cmn", "ja"]),
        ("私はMicrosoftが好き", "ja", ["ja", "en", "ja"]),
        ("Привіт, світе", "en", ["uk"]),
        ("пробач і прощавай", "uk", ["uk"]),
        ("سلام پدر", "en", ["fa"]),
        ("مرحبا", "en", ["ar"]),
        ("שלום and नमस्ते", "en", ["he", "en", "hi"]),
        ("pаypаl with Cyrillic а", "en", ["en"]),
        ("ni3 hao3", "cmn-latn-pinyin", ["cmn-latn-pinyin"]),
        ("ភាសា", "en", ["en"]),
        ("", "en", ["en"]),
    ],
)
def test_scripts_choose_the_language(text: str, language: str, runs: list[str]) -> None:
    found = language_runs(text, language)
    assert [run for _, _, run in found] == runs
    assert "".join(text[start:end] for start, end, _ in found) == text


def test_several_languages_in_one_text() -> None:
    speech = spoken("I said привет and 你好 to him.")
    assert [word.text for word in speech.words] == ["I", "said", "привет", "and", "你好", "to", "him"]
    sounds = {
        word.text: "".join(p.ipa for p in speech.phonemes if p.word == index)
        for index, word in enumerate(speech.words)
    }
    assert sounds["привет"] == "prʲivʲet"
    assert sounds["你好"] == "niχɑu"
    assert speech.language == "en-us"
    assert len(speech.sentences) == 1  # no pause where the language changes


def test_cherokee_and_fancy_letters_are_read() -> None:
    assert said("ᏣᎳᎩ", "chr-us-qaaa-x-west") == "tsalagi"
    assert words("ᏣᎳᎩ", "chr-us-qaaa-x-west") == ["ᏣᎳᎩ"]
    assert words("𝐇𝐞𝐥𝐥𝐨 there") == ["𝐇𝐞𝐥𝐥𝐨", "there"]


def test_japanese_is_read_where_its_dictionary_is_there() -> None:
    pytest.importorskip("sudachidict_small", reason="the extra package for Japanese is not installed")
    assert said("今日は良い天気です。", "ja").replace(" ", "") == "キョーわヨイテンキです。"
    assert said("東京へ行き、思う。", "ja").replace(" ", "") == "トーキョーえイキ、オモウ。"
    assert words("今日は、東京", "ja") == ["今日", "は", "東京"]


def test_japanese_that_needs_no_dictionary() -> None:
    assert said("こんにちは。2日に2人", "ja") == "こんにちわ。ふつかにふたり"


def test_japanese_without_its_dictionary_warns(caplog: pytest.LogCaptureFixture) -> None:
    from phiz.speech.text import japanese

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "sudachipy", None)
        japanese._reader.cache_clear()
        spoken("今日は", "ja")
        spoken("明日は", "ja")
    japanese._reader.cache_clear()
    assert caplog.text.count("phiz[japanese]") == 1


def test_long_text_is_cut_at_sentences() -> None:
    text = "The quick brown fox jumps over the lazy dog, and so on. " * 100
    parts = segmented(read_text(text), "en")
    assert len(parts) > 2
    assert all(len(part.text) <= 2000 and part.text.rstrip().endswith(".") for part in parts)
    assert sum(len(part.text.split()) for part in parts) == len(text.split())
    assert all(part.pause == pytest.approx(0.35) for part in parts[1:])


def test_too_long_a_text_is_refused_with_the_limit() -> None:
    with pytest.raises(UsageError, match="60,000"):
        read_text("word " * (LONGEST_TEXT // 5 + 1))


def test_rows_of_the_tables_say_what_their_examples_hold() -> None:
    for row in table("abbreviations"):
        first, *_ = row["said"].split("|")
        assert row["written"] in row["example"], row
        assert first in said(row["example"]), row
    for row in table("units"):
        assert row["many"] in said(
            f"I saw {row['example'].replace(row['example'].split()[0], '7')} there"
        ) or (row["many"] in said(f"I saw {row['example']} there")), row
    for row in table("currencies"):
        assert row["many"] in said(f"it cost {row['sign']}7 then"), row


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=80), st.sampled_from(["en", "fr", "ja", "cmn", "ar"]))
def test_any_text_is_covered_by_its_segments(text: str, language: str) -> None:
    """Every piece says what stands at its place, in order, and nothing is said twice."""
    try:
        parts = segmented(read_text(text), language)
    except PhizError:
        return
    at = 0
    for part in parts:
        for piece in part.pieces:
            assert at <= piece.start < piece.end <= len(text)
            at = piece.end
            if piece.verbatim:
                assert part.text[piece.first : piece.last] == text[piece.start : piece.end]
        assert part.pause >= 0


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Z", "S")), max_size=60))
def test_any_text_gives_words_of_the_text_in_order(text: str) -> None:
    try:
        speech = spoken(text)
    except PhizError:
        return
    at = 0
    for word in speech.words:
        at = text.index(word.text, at)


@pytest.mark.parametrize(
    "bit", ["1-", "[", "*a ", "-a", "a.", "www.", "1 ", "A.", "<!-- -->", "_", "a\n", "#a", "$"]
)
def test_no_text_takes_long_to_read(bit: str) -> None:
    text = bit * (20_000 // len(bit))
    begin = time.perf_counter()
    segmented(read_text(text), "en")
    assert time.perf_counter() - begin < 5  # what grows with the square takes a minute
