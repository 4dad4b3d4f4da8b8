"""Sound files and timing files."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.errors import OutputError, SpeechError
from phiz.speech.audio import read_audio, write_wav
from phiz.speech.formats.files import read_timing_file, write_timing_file
from phiz.speech.synthesis import speak
from phiz.speech.timing import timing_dict


def tone(rate: int, seconds: float, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)


def ffmpeg(*arguments: str) -> None:
    import imageio_ffmpeg

    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *arguments], check=True)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 48000])
def test_wav_comes_back(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "a töne file.wav"
    samples = tone(rate, 0.5)
    write_wav(path, samples, rate)
    back, back_rate = read_audio(path)
    assert back_rate == rate
    assert back.dtype == np.float32
    assert back.shape == samples.shape
    assert np.abs(back - samples).max() < 1e-4


def test_wav_clips_and_is_16_bit(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    write_wav(path, np.array([2.0, -2.0, 0.0, 1.0]), 8000)
    assert path.stat().st_size == 44 + 4 * 2
    assert read_audio(path)[0].tolist() == pytest.approx([1, -1, 0, 1], abs=1e-4)


@pytest.mark.parametrize("suffix", ["flac", "m4a", "ogg", "mp3", "mkv"])
def test_other_containers(tmp_path: Path, suffix: str) -> None:
    write_wav(tmp_path / "in.wav", tone(44100, 1.0), 44100)
    ffmpeg("-i", str(tmp_path / "in.wav"), str(tmp_path / f"out.{suffix}"))
    samples, rate = read_audio(tmp_path / f"out.{suffix}")
    assert rate in (44100, 48000)
    assert len(samples) / rate == pytest.approx(1.0, abs=0.06)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), abs=0.03)


@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".flac"])
def test_a_damaged_recording_is_read_as_far_as_it_goes_and_told(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    write_wav(tmp_path / "tone.wav", tone(44100, 3.0), 44100)
    ffmpeg("-i", str(tmp_path / "tone.wav"), str(tmp_path / f"t{suffix}"))
    read_audio(tmp_path / f"t{suffix}")
    assert caplog.text == ""
    whole = (tmp_path / f"t{suffix}").read_bytes()
    middle = len(whole) // 2
    (tmp_path / f"t{suffix}").write_bytes(whole[:middle] + bytes(300) + whole[middle + 300 :])
    samples, rate = read_audio(tmp_path / f"t{suffix}")
    assert len(samples) > 1.5 * rate
    assert f"t{suffix} seems to be damaged; what can be read of it is taken" in caplog.text


def test_stereo_becomes_mono_and_high_rates_become_48k(tmp_path: Path) -> None:
    source = "aevalsrc=0.4*sin(2*PI*300*t)|0.2*sin(2*PI*300*t):s=96000:d=0.5"
    ffmpeg("-f", "lavfi", "-i", source, str(tmp_path / "wide.wav"))
    samples, rate = read_audio(tmp_path / "wide.wav")
    assert rate == 48000
    assert len(samples) == pytest.approx(24000, abs=100)
    assert samples.max() == pytest.approx(0.3, abs=0.01)


def test_late_sound_track_keeps_its_place(tmp_path: Path) -> None:
    write_wav(tmp_path / "in.wav", tone(16000, 0.5), 16000)
    ffmpeg("-itsoffset", "1.0", "-i", str(tmp_path / "in.wav"), "-f", "lavfi", "-i", "color=s=16x16:d=1.5",
           "-c:a", "flac", "-map", "0:a", "-map", "1:v", str(tmp_path / "late.mkv"))  # fmt: skip
    samples, rate = read_audio(tmp_path / "late.mkv")
    assert np.flatnonzero(np.abs(samples) > 0.1)[0] / rate == pytest.approx(1.0, abs=0.01)


def test_what_is_no_sound(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("this is no sound")
    (tmp_path / "nothing.wav").write_bytes(b"")
    write_wav(tmp_path / "short.wav", np.zeros(0, np.float32), 8000)
    ffmpeg("-f", "lavfi", "-i", "color=s=16x16:d=0.2", str(tmp_path / "mute.mp4"))
    cases = {"absent.wav": "does not exist", "text.wav": "cannot be read", "nothing.wav": "cannot be read",
             "short.wav": "short.wav", "mute.mp4": "no sound track", ".": "not a file"}  # fmt: skip
    for name, complaint in cases.items():
        with pytest.raises(SpeechError, match=complaint) as caught:
            read_audio(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_unwritable(tmp_path: Path) -> None:
    speech = speak("Hi")
    with pytest.raises(OutputError, match="absent"):
        write_wav(tmp_path / "absent" / "a.wav", speech.samples, speech.rate)
    with pytest.raises(OutputError, match="absent"):
        write_timing_file(speech, tmp_path / "absent" / "a.json")


def test_timing_comes_back(tmp_path: Path) -> None:
    speech = speak("Hello there. Ça va, naïve?")
    write_timing_file(speech, tmp_path / "t.json")
    back = read_timing_file(tmp_path / "t.json", "phiz")
    assert [p.ipa for p in back.phonemes] == [p.ipa for p in speech.phonemes]
    assert [(p.stress, p.word) for p in back.phonemes] == [(p.stress, p.word) for p in speech.phonemes]
    assert [p.start for p in back.phonemes] == pytest.approx([p.start for p in speech.phonemes], abs=1e-6)
    assert [word.text for word in back.words] == [word.text for word in speech.words]
    assert len(back.sentences) == len(speech.sentences)
    assert (back.text, back.language, back.voice, back.timing) == (speech.text, "en-us", "espeak", "exact")
    assert (back.rate, len(back.samples)) == (speech.rate, len(speech.samples))
    assert not back.samples.any()
    write_timing_file(back, tmp_path / "u.json")
    assert (tmp_path / "u.json").read_bytes() == (tmp_path / "t.json").read_bytes()


def test_text_that_is_no_unicode_is_written_and_read(tmp_path: Path) -> None:
    speech = replace(speak("Hello"), text="Hello \udcff")
    write_timing_file(speech, tmp_path / "t.json")
    assert read_timing_file(tmp_path / "t.json", "phiz").text == "Hello \udcff"


@pytest.mark.parametrize("content", [None, "no program"])
def test_an_ffmpeg_that_cannot_start_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    write_wav(tmp_path / "a.wav", tone(8000, 0.1), 8000)
    program = tmp_path / "ffmpeg"
    if content is not None:
        program.write_text(content)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    with pytest.raises(SpeechError, match=f"cannot start ffmpeg at {program}"):
        read_audio(tmp_path / "a.wav")


def test_a_missing_ffmpeg_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    write_wav(tmp_path / "a.wav", tone(8000, 0.1), 8000)
    monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", absent)
    with pytest.raises(SpeechError, match="there is no ffmpeg"):
        read_audio(tmp_path / "a.wav")


def damage(data: dict, member: str, value: object) -> dict:  # type: ignore[type-arg]
    return {**data, member: value}


@pytest.mark.parametrize(
    ("member", "value", "complaint"),
    [
        ("format", "other", "no timing file"),
        ("version", 99, "99"),
        ("version", None, "version"),
        ("duration", -1, "damaged"),
        ("duration", 1e30, "damaged"),
        ("rate", 0, "damaged"),
        ("words", [{"text": "a"}], "damaged"),
        ("phonemes", 5, "damaged"),
        ("phonemes", [{"ipa": "a", "start": 1, "end": 0}], "damaged"),
        ("phonemes", [{"ipa": "a", "start": 0, "end": float("nan")}], "damaged"),
        ("phonemes", [{"ipa": "a", "start": 0, "end": 1}, {"ipa": "b", "start": 0.5, "end": 2}], "overlap"),
        ("phonemes", [{"ipa": "a", "start": 0, "end": 1, "word": 77}], "word"),
    ],
)
def test_damaged_timing(tmp_path: Path, member: str, value: object, complaint: str) -> None:
    data = damage(timing_dict(speak("Hello")), member, value)
    (tmp_path / "t.json").write_text(json.dumps(data))
    with pytest.raises(SpeechError, match=complaint):
        read_timing_file(tmp_path / "t.json", "phiz")


@settings(deadline=None, max_examples=50)
@given(junk=st.one_of(st.binary(max_size=40), st.text(max_size=40).map(str.encode)))
def test_junk_is_no_timing(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    path = tmp_path_factory.mktemp("junk") / "t.json"
    path.write_bytes(junk)
    with pytest.raises(SpeechError):
        read_timing_file(path, "phiz")


def test_surround_sound_neither_clips_nor_vanishes(tmp_path: Path) -> None:
    channels = "|".join(["0.9*sin(2*PI*300*t)"] * 6)
    ffmpeg("-f", "lavfi", "-i", f"aevalsrc={channels}:s=48000:d=0.5:c=5.1", str(tmp_path / "six.wav"))
    samples, _ = read_audio(tmp_path / "six.wav")
    assert samples.max() == pytest.approx(0.9, abs=0.02)
