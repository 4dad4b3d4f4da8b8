"""Voices of optional packages: gTTS itself, Google's answers being made up, and piper by its API."""

import base64
import json
import subprocess
import sys
import types
import urllib.parse
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

import phiz
from phiz.errors import SpeechError, UsageError
from phiz.ffmpeg import find_ffmpeg
from phiz.speech.audio import write_wav
from phiz.speech.synthesis import say
from phiz.speech.voices import Request, espeak, google, piper
from phiz.speech.voices.listing import listed

TEXT = "Hello there, my old friend. Do you like cheese?"


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """(domain, language, text, timeouts) of each request that gTTS sends; espeak-ng's speech answers."""
    requests = pytest.importorskip("requests")
    pytest.importorskip("gtts")
    said = []

    def send(_, request, **settings):
        query = urllib.parse.parse_qs(request.body)["f.req"][0]
        text, language, _, _ = json.loads(json.loads(query)[0][0][1])
        said.append((request.url.split("/")[2], language, text, settings["timeout"]))
        spoken = say(text, voice="espeak:f2", language={"zh-CN": "cmn", "iw": "he"}.get(language, "en"))
        write_wav(tmp_path / "answer.wav", spoken.samples, spoken.rate)
        encode = [find_ffmpeg(SpeechError), "-v", "error", "-i", tmp_path / "answer.wav", "-f", "mp3", "-"]
        sound = subprocess.run(encode, capture_output=True, check=True).stdout
        line = f'[["wrb.fr","jQ1olc","[\\"{base64.b64encode(sound).decode()}\\"]",null]]'
        return answer(requests, request, 200, line)

    monkeypatch.setattr(requests.Session, "send", send)
    return said


def answer(requests, request, status, line):
    made = requests.Response()
    made.status_code, made.request, made.reason = status, request, "Reason"
    made._content, made._content_consumed = line.encode() + b"\n", True
    return made


def test_gtts_speaks_and_is_timed(asked):
    speech = phiz.speak(TEXT, voice="gtts")
    own = phiz.speak(TEXT)
    assert (speech.timing, speech.voice, speech.language) == ("aligned", "gtts", "en-us")
    assert [word.text for word in speech.words] == [word.text for word in own.words]
    assert "".join(text for _, _, text, _ in asked).replace(" ", "") == TEXT.replace(" ", "")
    assert all(len(timeout) == 2 and max(timeout) <= 30 for *_, timeout in asked)


@pytest.mark.parametrize(
    ("language", "code", "domain"),
    [
        ("en", "en", "us"), ("en-gb", "en", "co.uk"), ("en_AU", "en", "com.au"), ("pt-br", "pt", "com.br"),
        ("pt", "pt-PT", "pt"), ("zh-CN", "zh-CN", "com"), ("cmn", "zh-CN", "com"), ("zh-TW", "zh-TW", "com"),
        ("fr-CA", "fr-CA", "ca"), ("he", "iw", "com"), ("nb", "no", "com"), ("de-AT", "de", "com"),
        ("es-419", "es", "com.mx"), ("yue", "yue", "com"), ("tl", "tl", "com"),
    ],
)  # fmt: skip
def test_gtts_is_asked_in_its_own_codes(language, code, domain):
    pytest.importorskip("gtts")
    assert google.resolve_language(language)[:2] == (code, domain)


def test_every_language_of_gtts_can_be_asked_for_by_its_listed_code():
    gtts = pytest.importorskip("gtts.lang")
    reached = {google.resolve_language(code)[0] for code in google.languages()}
    assert reached >= set(gtts.tts_langs()) - {"zh"}


def test_gtts_in_a_language_that_espeak_lacks(asked):
    assert phiz.speak("Bos días a todos", voice="gtts", language="gl").language == "pt"
    assert asked[-1][:2] == ("translate.google.com", "gl")
    khmer = phiz.speak("សួស្តី មិត្តភក្តិ", voice="gtts", language="km")
    assert (khmer.timing, khmer.language) == ("recognized", "km")
    assert khmer.phonemes


def test_an_accent_by_its_domain(asked):
    phiz.speak("Good day.", voice="gtts:co.in")
    assert asked[-1][0] == "translate.google.co.in"
    with pytest.raises(UsageError, match="gtts:evil/path is unknown"):
        phiz.speak("Good day.", voice="gtts:evil/path")


@pytest.mark.parametrize(
    ("status", "line", "message"),
    [
        (None, "", "translate.google.us is not reached; --voice espeak speaks offline$"),
        (429, "", "answered too often in a short time"),
        (503, "", "Google answered 503 Reason"),
        (200, "<html>jQ1olc", "Google answered, but sent no sound"),
        (200, '"jQ1olc","[\\"!!!\\"]', "sent no sound"),
    ],
)
def test_a_network_that_is_away_is_told_with_the_way_out(monkeypatch, status, line, message):
    requests = pytest.importorskip("requests")
    pytest.importorskip("gtts")

    def send(_, request, **settings):
        if status is None:
            raise requests.exceptions.ConnectionError("no route")
        return answer(requests, request, status, line)

    monkeypatch.setattr(requests.Session, "send", send)
    with pytest.raises(SpeechError, match=message) as caught:
        phiz.speak("Hello", voice="gtts")
    assert "--voice espeak speaks offline" in str(caught.value)


def test_packages_that_are_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "gtts", None)
    google._codes.cache_clear()
    with pytest.raises(SpeechError, match="pip install gTTS; --voice espeak"):
        phiz.speak("Hello", voice="gtts")
    monkeypatch.setitem(sys.modules, "piper", None)
    (tmp_path / "a.onnx").write_bytes(b"")
    (tmp_path / "a.onnx.json").write_text("{}")
    with pytest.raises(SpeechError, match="pip install piper-tts"):
        phiz.speak("Hello", voice=f"piper:{tmp_path / 'a.onnx'}")


# Piper: its API, as of 1.8, with espeak-ng's sound behind it


@dataclass
class SynthesisConfig:
    speaker_id: int | None = None
    length_scale: float | None = None


class FakeVoice:
    """`PiperVoice` of a model that lasts 60 ms a letter, 30 ms a blank and 200 ms a stop; noise while letters
    sound."""

    alignments = True

    def __init__(self):
        self.config = SimpleNamespace(
            sample_rate=22050, espeak_voice="en-us", phoneme_type=SimpleNamespace(value="espeak"),
            length_scale=1.0, num_speakers=2, speaker_id_map={"ann": 1},
        )  # fmt: skip

    @staticmethod
    def load(model_path, include_alignments=False):
        return FakeVoice()

    def synthesize(self, text, syn_config=None, include_alignments=False):
        for sentence in text.split(". "):
            signs = ["^"]
            spoken = espeak.say(Request(sentence, "en"))
            for before, phoneme in pairwise([None, *spoken.phonemes]):
                signs += [" "] if before and before.word != phoneme.word else []
                signs += [", "[0], " "] if before and phoneme.start - before.end > 0.1 else []
                signs += ["ˈ"] if phoneme.stress == 1 else []
                signs += list(phoneme.ipa)
            aligned = []
            for sign in [*signs, ".", "$"]:
                seconds = {" ": 0.03, "ˈ": 0.01, "ː": 0.05, ",": 0.2, ".": 0.2}.get(sign, 0.06)
                count = round(seconds * syn_config.length_scale * self.config.sample_rate)
                aligned.append(SimpleNamespace(phoneme=sign, phoneme_ids=[1], num_samples=count))
            loud = np.concatenate([np.full(a.num_samples, float(a.phoneme.isalpha())) for a in aligned])
            sound = 0.2 * loud * np.random.default_rng(1).standard_normal(len(loud))
            yield SimpleNamespace(
                audio_float_array=np.clip(sound, -1, 1).astype(np.float32),
                phoneme_alignments=aligned if self.alignments and include_alignments else None,
            )


@pytest.fixture
def model(tmp_path, monkeypatch):
    """The name of a model whose API is piper's."""
    module = types.ModuleType("piper")
    module.PiperVoice, module.SynthesisConfig = FakeVoice, SynthesisConfig
    module.__spec__ = ModuleSpec("piper", None)
    runtime = types.ModuleType("onnxruntime")
    runtime.set_seed = lambda seed: None
    monkeypatch.setitem(sys.modules, "piper", module)
    monkeypatch.setitem(sys.modules, "onnxruntime", runtime)
    (tmp_path / "en_US-fake-low.onnx").write_bytes(b"")
    (tmp_path / "en_US-fake-low.onnx.json").write_text("{}")
    return tmp_path / "en_US-fake-low.onnx"


def test_piper_times_are_exact(model):
    speech, own = phiz.speak(TEXT, voice=f"piper:{model}"), phiz.speak(TEXT)
    assert (speech.timing, speech.language) == ("exact", "en-us")
    assert [p.ipa for p in speech.phonemes] == [p.ipa for p in own.phonemes]
    assert [word.text for word in speech.words] == [word.text for word in own.words]
    assert [p.stress for p in speech.phonemes] == [p.stress for p in own.phonemes]
    inside = np.zeros(len(speech.samples), bool)
    for phoneme in speech.phonemes:
        inside[round(phoneme.start * speech.rate) : round(phoneme.end * speech.rate)] = True
    assert (np.abs(speech.samples[~inside]) < 0.01).mean() > 0.999  # all that sounds belongs to a phoneme
    pauses = [b.start - a.end for a, b in pairwise(speech.phonemes) if b.start - a.end > 0.1]
    assert len(pauses) == 2  # comma and full stop
    assert all(abs(b.start - a.end) < 1e-6 or b.start - a.end > 0.1 for a, b in pairwise(speech.phonemes))


def test_piper_does_its_own_tempo(model):
    usual, quick = (phiz.speak(TEXT, voice=f"piper:{model}", rate=rate) for rate in (1.0, 2.0))
    lengths = [speech.phonemes[-1].end - speech.phonemes[0].start for speech in (usual, quick)]
    assert lengths[1] == pytest.approx(lengths[0] / 2, rel=0.01)


def test_piper_by_name_speaker_and_what_is_not_there(model, monkeypatch):
    monkeypatch.chdir(model.parent)
    assert piper.models() == {"en_US-fake-low": model.relative_to(model.parent)}
    assert phiz.speak("Hello", voice="piper:en_US-fake-low#ann").voice == "piper:en_US-fake-low#ann"
    for variant, message in (
        ("en_US-fake-low#bob", "has no speaker 'bob': it has 2 \\(ann\\)"),
        ("en_US-fake-high", "is not found; there are en_US-fake-low"),
        ("nowhere.onnx", "is not found"),
    ):
        with pytest.raises(UsageError, match=message):
            phiz.speak("Hello", voice=f"piper:{variant}")
    (found,) = (voice for voice in listed() if voice.name == "piper")
    assert (found.variants, found.languages) == (("en_US-fake-low",), {"en-us": ""})


def test_piper_without_alignments_is_laid_on_the_text(model, monkeypatch):
    spoken = say(TEXT, voice="espeak:f3", language="en")
    chunk = SimpleNamespace(audio_float_array=spoken.samples, phoneme_alignments=None)
    monkeypatch.setattr(FakeVoice, "synthesize", lambda self, text, config=None: [chunk])  # as of 1.3
    speech = phiz.speak(TEXT, voice=f"piper:{model}")
    assert speech.timing == "aligned"
    off = [abs(a.start - b.start - 0.35) for a, b in zip(speech.words, spoken.words, strict=True)]
    assert np.median(off) < 0.02


def test_a_piper_model_that_fails_is_told(model, monkeypatch):
    def load(path, include_alignments=False):
        raise RuntimeError("protobuf\nparsing failed")

    monkeypatch.setattr(FakeVoice, "load", staticmethod(load))
    with pytest.raises(SpeechError, match=r"low\.onnx does not load: RuntimeError: protobuf parsing failed"):
        phiz.speak("Hello", voice=f"piper:{model}")
