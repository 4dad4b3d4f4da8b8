"""SSML that is wrong or unknown: one clear line or one warning, and nothing is loaded from outside."""

import subprocess
import sys
from pathlib import Path

import pytest

from phiz.cli import main
from phiz.errors import SpeechError, UsageError
from phiz.speech.speech import Speech
from phiz.speech.synthesis import say
from phiz.speech.text.ssml import is_ssml
from phiz.speech.voices import Request


def spoken(inside: str) -> Speech:
    return say(f"<speak>{inside}</speak>", voice=None, language="en")


def sounds(speech: Speech, text: str) -> str:
    number = [each.text for each in speech.words].index(text)
    return "".join(phoneme.ipa for phoneme in speech.phonemes if phoneme.word == number)


def test_unknown_elements_are_spoken_and_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    speech = spoken("<foo>One</foo> <foo>two</foo> <bar/> <metadata>no</metadata><w>three</w>")
    assert [each.text for each in speech.words] == ["One", "two", "three"]
    assert caplog.text.count("<foo>") == 1
    assert caplog.text.count("<bar>") == 1
    assert "<w>" not in caplog.text


def test_what_is_not_understood_changes_nothing_but_warns(caplog: pytest.LogCaptureFixture) -> None:
    speech = spoken(
        "<prosody rate='quick' pitch='120Hz' contour='x'>Hi "
        "<phoneme alphabet='foo' ph='a'>you</phoneme></prosody>"
    )
    assert speech.phonemes == spoken("Hi you").phonemes
    for named in ("'quick'", "'120Hz'", "contour", "'foo'"):
        assert named in caplog.text


def test_what_is_out_of_range_or_no_sound_is_told(caplog: pytest.LogCaptureFixture) -> None:
    speech = spoken("<prosody rate='900%' pitch='-40st'>Hi <phoneme ph='ˈba§da'>you</phoneme></prosody>")
    assert [sound for sound in sounds(speech, "you") if sound in "bd"] == ["b", "d"]
    for named in ("'900%'", "5 times", "'-40st'", "0.4 times", "§ is no sound of IPA"):
        assert named in caplog.text
    caplog.clear()
    spoken("<prosody rate='500%'>Hi <phoneme ph='ˌt͡ʃiː.ˈkʰã˥ɡ|o‿n̩ǃ'>you</phoneme></prosody>")
    assert caplog.text == ""


def test_a_voice_that_takes_no_sounds_speaks_the_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from phiz.speech.voices import espeak

    asked: list[Request] = []
    real = espeak.say
    monkeypatch.setattr(espeak, "takes_sounds", False)
    monkeypatch.setattr(espeak, "say", lambda request: asked.append(request) or real(request))
    speech = spoken("A <phoneme ph='a'>word</phoneme>.")
    assert sounds(speech, "word") == "wɜːd"
    assert asked[0].sounds == ()
    assert "takes no sounds" in caplog.text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<speak><p>Hello</speak>", "line 1, column 18: mismatched tag"),
        (
            "<speak>\n a & b</speak>",
            "line 2, column 5: not well-formed (invalid token): in text & is written &amp;",
        ),
        ("<speak>&nbsp;</speak>", "undefined entity: write the character itself"),
        ("<speak>Hello", "no element found"),
        ("<speak>a</speak><speak>b</speak>", "junk after document element"),
        ("<SPEAK>a</SPEAK>", "the root is <SPEAK>, not <speak>"),
        ("<speak>a<break time='soon'/></speak>", "'soon' is no time"),
        ("<speak>a<break time='99s'/></speak>", "longer than 60 s"),
        ("<speak>a<break strength='huge'/></speak>", "there is none, x-weak"),
        ("<speak>a<mark/></speak>", "has no name"),
        ("<speak><lang>a</lang></speak>", "names no language"),
        ("<speak><sub>a</sub></speak>", "has no alias"),
        ("<speak><phoneme>a</phoneme></speak>", "has no sounds"),
        ("<speak><speak>a</speak></speak>", "inside <speak>"),
        ("<speak>" + "<p>" * 200 + "a" + "</p>" * 200 + "</speak>", "more than 100 deep"),
        ('<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', "DOCTYPE"),
        ("<speak>a\x07b</speak>", "invalid token"),
        ("<speak>" + "<break time='60s'/>" * 61 + "a</speak>", "3,660 s, the limit is 3,600 s"),
        ("<speak><sub alias='" + "a " * 40_000 + "'>a</sub></speak>", "the limit is 60,000"),
    ],
)
def test_faults_are_one_clear_line(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        say(text, voice=None, language="en")
    message = str(caught.value)
    assert told in message
    assert "\n" not in message
    assert len(message) < 220


def test_no_entity_is_loaded_or_multiplied(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    bomb = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    for text in (
        f'<!DOCTYPE speak [<!ENTITY x SYSTEM "{secret.as_uri()}">]><speak>&x;</speak>',
        f'<!DOCTYPE speak [<!ENTITY l0 "ha">{bomb}]><speak>&l9;</speak>',
    ):
        with pytest.raises(UsageError, match="DOCTYPE"):
            say(text, voice=None, language="en")
    outside = f'<!DOCTYPE speak SYSTEM "{secret.as_uri()}"><speak>Hello</speak>'
    assert [each.text for each in say(outside, voice=None, language="en").words] == ["Hello"]


@pytest.mark.parametrize(
    "text", ["<speak></speak>", "<speak><break time='1s'/></speak>", "<speak>...</speak>"]
)
def test_nothing_to_say(text: str) -> None:
    with pytest.raises(SpeechError, match="give a word"):
        say(text, voice=None, language="en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<speak>a</speak>", True),
        ("\ufeff  <?xml version='1.0'?>\n<!-- hi --> <speak version='1.1'>a</speak>", True),
        ("<!DOCTYPE speak PUBLIC '-//W3C//DTD SYNTHESIS 1.0//EN' 'x'><speak/>", True),
        ("<speaker>a</speaker>", False),
        ("He said <speak>", False),
        ("one <break/> two", False),
    ],
)
def test_what_counts_as_ssml(text: str, expected: bool) -> None:
    assert is_ssml(text) is expected


def test_the_command_line_speaks_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = tmp_path / "hello.ssml", tmp_path / "hello.wav"
    source.write_text("<?xml version='1.0'?>\n<speak>Hello <break time='2s'/> you</speak>", encoding="utf-8")
    assert main(["speak", "--text-file", str(source), "-o", str(out)]) == 0
    assert out.stat().st_size > 2 * 22050 * 2
    source.write_text("<speak>\n<p>Hello</speak>", encoding="utf-8")
    assert main(["speak", "--text-file", str(source), "-o", str(tmp_path / "no.wav")]) == 2
    assert capsys.readouterr().err == (
        "phiz: error: SSML, line 2, column 11: mismatched tag: "
        "an element is closed before what is inside it\n"
    )
    assert not (tmp_path / "no.wav").exists()


def test_importing_phiz_parses_no_xml() -> None:
    code = "import phiz, sys; sys.exit('xml.parsers.expat' in sys.modules or 'pyexpat' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
