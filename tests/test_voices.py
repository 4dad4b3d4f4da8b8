"""Voices: by name, of other packages, of other programs; what they give is checked and timed."""

import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import phiz
from conftest import Run, encoders_of
from phiz.doctor import examine
from phiz.errors import SpeechError, UsageError
from phiz.speech.audio import write_wav
from phiz.speech.dialogue import Line, converse
from phiz.speech.synthesis import LEAD, say
from phiz.speech.voices import Manner, Request, program
from phiz.speech.voices.catalog import open_voice
from phiz.speech.voices.espeak import resolve_language
from phiz.speech.voices.listing import languages_of, listed

TEXT = "Hello there, my old friend. We keep big maps."
PITCHES = "pitch -13 is out of range: give -12 to 12 semitones"

CODE = """
from dataclasses import replace
import numpy as np
from phiz.speech.synthesis import say as spoken
from phiz.speech.voices import Sound

class Voice:
    def __init__(self, answer, **more):
        self.answer = answer
        vars(self).update(more)

    def say(self, request):
        return self.answer(request)

asked = []

def speech(request):
    asked.append(request)
    return spoken(request.text, voice="espeak:f3", language=request.language)

def sound(request):
    made = speech(request)
    return Sound(made.samples.astype(float), made.rate)

def fail(request):
    raise RuntimeError("no\\nlicence")

def overlapping(request):
    made = speech(request)
    first = made.phonemes[0]
    return replace(made, phonemes=(first, replace(first, start=first.start + 0.01), *made.phonemes[2:]))

exact = Voice(speech, does={"rate": (0.9, 1.1)}, variants=lambda: ("soft", "loud"))
plain = Voice(sound, languages=lambda: {"en": "English", "tlh": "Klingon"})
failing = Voice(fail)
overlaps = Voice(overlapping)
silent = Voice(lambda request: Sound(np.zeros(24000), 24000))
integers = Voice(lambda request: Sound(np.zeros(24000, int), 24000))
nothing = Voice(lambda request: None)
slow = Voice(lambda request: Sound(np.zeros(10), 10))
number = 7
"""
ENTRIES = """[phiz.voices]
test-exact = phiz_test_voices:exact
test-plain = phiz_test_voices:plain
test-failing = phiz_test_voices:failing
test-overlaps = phiz_test_voices:overlaps
test-silent = phiz_test_voices:silent
test-integers = phiz_test_voices:integers
test-nothing = phiz_test_voices:nothing
test-slow = phiz_test_voices:slow
test-number = phiz_test_voices:number
test-missing = phiz_test_nowhere:voice
espeak = phiz_test_voices:failing
"""


@pytest.fixture
def plug_ins(tmp_path, monkeypatch):
    """A package with voices, installed as pip would."""
    (tmp_path / "phiz_test_voices.py").write_text(CODE)
    info = tmp_path / "phiz_test_voices-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: phiz-test-voices\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    sys.modules.pop("phiz_test_voices", None)
    open_voice.cache_clear()


def test_a_plug_in_that_knows_its_times_is_taken_at_its_word(plug_ins):
    speech = phiz.speak(TEXT, voice="test-exact:soft")
    own = phiz.speak(TEXT, voice="espeak:f3")
    assert speech.timing == "exact"
    assert [(p.ipa, p.start) for p in speech.phonemes] == [(p.ipa, p.start) for p in own.phonemes]
    assert sys.modules["phiz_test_voices"].asked[-1] == Request(TEXT, "en", "soft")


def test_a_plug_in_without_times_gets_them(plug_ins):
    speech, own = phiz.speak(TEXT, voice="test-plain"), phiz.speak(TEXT, voice="espeak:f3")
    assert (speech.timing, speech.voice, speech.text) == ("aligned", "test-plain", TEXT)
    assert [word.text for word in speech.words] == [word.text for word in own.words]
    off = [abs(a.start - b.start) for a, b in zip(speech.words, own.words, strict=True)]
    assert np.median(off) < 0.02
    assert max(off) < 0.08


def test_a_plug_in_does_what_it_can_and_phiz_the_rest(plug_ins):
    usual = say(TEXT, voice="test-exact", language="en")
    quick = say(TEXT, voice="test-exact", language="en", manner=Manner(rate=1.32, volume=0.5))
    assert sys.modules["phiz_test_voices"].asked[-1].manner == Manner(rate=1.1)
    assert quick.phonemes[-1].end == pytest.approx(usual.phonemes[-1].end / 1.2, rel=0.02)
    ratio = np.sqrt(np.mean(quick.samples**2)) / np.sqrt(np.mean(usual.samples**2))
    assert ratio == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("failing", r"the voice test-failing failed: RuntimeError: no licence$"),
        ("overlaps", "gave phonemes that overlap or lie outside its sound"),
        ("silent", "no speech is heard in what the voice test-silent made"),
        ("integers", r"gave samples int64 \[24000\]; finite floats"),
        ("nothing", "gave NoneType; needed is"),
        ("slow", "10 samples at 10 Hz; some are needed, at 8000 to 192000 Hz"),
        ("number", r"test-number \(phiz-test-voices\) cannot be used: .* has no function say"),
        ("missing", r"test-missing \(phiz-test-voices\) cannot be loaded: ModuleNotFoundError"),
    ],
)
def test_a_broken_plug_in_is_named(plug_ins, name, message):
    with pytest.raises(SpeechError, match=message):
        phiz.speak(TEXT, voice=f"test-{name}")


def test_plug_ins_are_listed_with_what_they_can(plug_ins):
    voices = {voice.name: voice for voice in listed()}
    assert voices["espeak"].works
    assert "f3" in voices["espeak"].variants
    assert (voices["test-exact"].works, voices["test-exact"].variants) == (True, ("soft", "loud"))
    assert voices["test-plain"].about == "of phiz-test-voices 1.2"
    assert not voices["test-missing"].works
    languages = languages_of(list(voices.values()))
    assert languages["tlh"] == ("Klingon", ["test-plain"])
    assert languages["en"][1][0] == "espeak"
    assert len(languages) > 130


def test_doctor_lists_them(plug_ins, monkeypatch):
    monkeypatch.setattr("phiz.doctor._check", lambda *_: True)
    lines = []
    examine(lines.append)
    part = lines[lines.index("voices:") :]
    assert part[1].startswith("  espeak: yes, offline")
    assert "  test-exact: yes, of phiz-test-voices 1.2" in part
    assert any(line.startswith("  test-missing: not here, the voice test-missing") for line in part)


@pytest.mark.parametrize(
    ("voice", "message"),
    [
        ("espek", "'espek' is unknown; did you mean espeak"),
        ("nobody", "'nobody' is unknown; there are espeak, gtts, command, piper"),
        ("", "'' is unknown"),
        ("espeak:", "lacks what follows the colon: write espeak alone, or espeak:VARIANT"),
        ("gtts: ", "lacks what follows the colon"),
        ("command", "write command:PROGRAM"),
        ("piper:", "write piper:MODEL.onnx"),
        ("espeak:f33", "voice variant 'f33' is unknown; espeak has f3"),
    ],
)
def test_a_voice_that_is_not_there(voice, message):
    with pytest.raises(UsageError, match=message):
        phiz.speak("Hello", voice=voice)


@pytest.mark.parametrize(
    ("written", "name"),
    [("de-DE", "de"), ("zh_CN", "cmn"), ("zh-TW", "cmn"), ("iw", "he"), ("ja-jp", "ja"), ("pt-PT", "pt-pt")],
)
def test_languages_with_a_country(written, name):
    assert resolve_language(written) == name


def test_several_voices_of_different_rates_talk_to_each_other(plug_ins):
    talk = converse([Line(0, "Hello there."), Line(1, "Good day to you.", "test-plain")])
    assert talk.heard.rate == 22050
    assert talk.turns[1][0] > talk.turns[0][1]
    assert talk.heard.phonemes[0].start > LEAD


# Programs


@pytest.fixture
def script(tmp_path):
    """A program that copies a recording of `TEXT` and writes down what it was told."""
    spoken = say(TEXT, voice="espeak:f3", language="en")
    write_wav(tmp_path / "said.wav", spoken.samples, spoken.rate)
    path = tmp_path / "my program.py"
    path.write_text(
        "import json, shutil, sys\n"
        f"open({str(tmp_path / 'told.json')!r}, 'w').write(json.dumps([sys.argv[1:], sys.stdin.read()]))\n"
        f"data = open({str(tmp_path / 'said.wav')!r}, 'rb').read()\n"
        "out = open(sys.argv[sys.argv.index('-o') + 1], 'wb') if '-o' in sys.argv else sys.stdout.buffer\n"
        "out.write(data)\n"
        "texts = [word for word in sys.argv if word.endswith('text.txt')]\n"
        "if texts: assert open(texts[0], encoding='utf-8').read() == sys.argv[-1]\n"
    )
    return path


def command(script, rest):
    return f"command:{sys.executable} '{script}' {rest}"


def test_a_program_speaks(script, tmp_path):
    speech = phiz.speak(TEXT, voice=command(script, "-l {lang} -o {out} {text}"), language="en-gb")
    (_, lang, _, out, text), stdin = json.loads((tmp_path / "told.json").read_text())
    assert (lang, text, stdin) == ("en-gb", TEXT, "")
    assert speech.timing == "aligned"
    assert [word.text for word in speech.words][:4] == ["Hello", "there", "my", "old"]
    assert not Path(out).exists()  # nor its folder: all that is temporary goes
    assert not Path(out).parent.exists()


@pytest.mark.parametrize("text", ["It's \"so\"; $HOME `ls` {out} %s\\", "-5 degrees", "naïve 你好", "a\nb"])
def test_what_is_said_reaches_the_program_as_it_is(script, tmp_path, text):
    told = Request(text, "en", command(script, "{textfile} -o {out} {text}").partition(":")[2])
    program.say(told)
    assert json.loads((tmp_path / "told.json").read_text())[0][-1] == text


def test_a_program_that_reads_and_writes_pipes(script, tmp_path):
    assert phiz.speak(TEXT, voice=command(script, "")).phonemes
    assert json.loads((tmp_path / "told.json").read_text()) == [[], TEXT]


@pytest.mark.parametrize(
    ("line", "error", "message"),
    [
        ("nowhere-to-be-found {text}", SpeechError, "nowhere-to-be-found does not start: it is not found"),
        ("{python} -c 'import sys; sys.exit(\"no licence\")' {out}", SpeechError, "exit code 1: no licence$"),
        ("{python} -c '' {out}", SpeechError, "wrote no sound to {out}"),
        ("{python} -c ''", SpeechError, "wrote no sound to its standard output"),
        ("{python} -c 'print(7)'", SpeechError, "wrote no sound file"),
        ("'{python}", UsageError, "No closing quotation"),
        ("{python} {voice}", UsageError, "{voice} in the voice's command is unknown"),
    ],
)
def test_a_program_that_fails_says_why(line, error, message):
    with pytest.raises(error, match=message) as caught:
        phiz.speak(TEXT, voice="command:" + line.replace("{python}", sys.executable))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.name == "nt", reason="looks into /proc")
def test_a_program_that_hangs_is_stopped_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(program, "PATIENCE", 0.5)
    monkeypatch.setattr(program, "PER_CHARACTER", 0.0)
    marker = tmp_path / "hanging"
    sleep = f"[sys.executable, '-c', 'import time; time.sleep(60)', '{marker}']"
    code = f"import subprocess, sys; subprocess.run({sleep})"
    begin = time.monotonic()
    with pytest.raises(SpeechError, match="was stopped after"):
        phiz.speak("Hello", voice=f'command:{sys.executable} -c "{code}" {{out}}')
    assert time.monotonic() - begin < 15
    time.sleep(0.2)
    assert encoders_of(tmp_path) == []


def test_the_command_line_lists_voices(phiz: Run):
    run = phiz("voices", "--lang", "portuguese", "--json")
    found = json.loads(run.stdout)
    assert {"pt", "pt-br"} <= {language["code"] for language in found["languages"]}
    assert all("Portuguese" in language["name"] for language in found["languages"])
    assert found["voices"][0]["name"] == "espeak"
    assert {"child", "robot"} <= {preset["name"] for preset in found["presets"]}
    lines = phiz("voices").stdout.splitlines()
    assert any(line.startswith("  cmn ") for line in lines)
    missing = phiz("voices", "--lang", "qqq")
    assert missing.returncode == 2
    assert "no voice here speaks 'qqq'" in missing.stderr


def test_the_command_line_shapes_a_voice(phiz: Run, tmp_path):
    run = phiz("speak", "Hello.", "--preset", "child", "--rate", "2", "--pitch", "-1", "-o", "a.wav")
    assert run.returncode == 0, run.stderr
    assert phiz("speak", "Hello.", "-o", "b.wav").returncode == 0
    assert (tmp_path / "a.wav").stat().st_size < (tmp_path / "b.wav").stat().st_size
    run = phiz("speak", "Hello.", "--pitch", "-13", "-o", "c.wav")
    assert (run.returncode, run.stderr) == (2, f"phiz: error: {PITCHES}\n")
