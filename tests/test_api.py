"""The Python interface: what it exports, how quickly it loads, what it returns and refuses."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import phiz
from phiz.api import make_speech, open_face
from phiz.filming import available_threads, frame_count, parse_fps
from phiz.speech.audio import write_wav

HEAVY = {
    "numpy", "numba", "scipy", "cv2", "dlib", "PIL", "moderngl", "tqdm", "imageio_ffmpeg", "espeakng_loader",
    "phiz.speech",
}  # fmt: skip


def test_every_exported_name_is_there() -> None:
    assert phiz.__all__ == sorted(phiz.__all__)
    for name in phiz.__all__:
        assert getattr(phiz, name) is not None
    assert set(phiz.__all__) <= set(dir(phiz))
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = phiz.nothing_like_it


def test_no_submodule_hides_an_exported_name() -> None:
    """`import phiz.x` binds x in phiz: a module named like a function would take its place."""
    modules = {path.stem for path in Path(phiz.__file__).parent.iterdir() if path.suffix in ("", ".py")}
    assert modules & set(phiz.__all__) == set()


def test_every_error_is_a_phiz_error() -> None:
    errors = [getattr(phiz, name) for name in phiz.__all__ if name.endswith("Error")]
    assert all(issubclass(error, phiz.PhizError) for error in errors)
    assert {error.exit_code for error in errors} == {1, 2}


def test_import_is_quick_and_light() -> None:
    code = "import sys; before = set(sys.modules); import phiz; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert HEAVY & set(loaded.split()) == set()
    report = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import phiz"], capture_output=True, text=True, check=True
    ).stderr
    microseconds = int(next(line for line in report.splitlines() if line.endswith(" phiz")).split("|")[1])
    assert microseconds < 300_000


@pytest.mark.parametrize(
    ("given", "exact"),
    [
        (25, Fraction(25)),
        ("30", Fraction(30)),
        ("24000/1001", Fraction(24000, 1001)),
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        (29.97, Fraction(2997, 100)),
        (12.5, Fraction(25, 2)),
    ],
)
def test_frame_rates_stay_exact(given: str | float | Fraction, exact: Fraction) -> None:
    assert parse_fps(given) == exact


@pytest.mark.parametrize("fps", ["", "fast", 0, -25, "241", "1/0", "nan", "inf", float("inf")])
def test_frame_rates_that_are_refused(fps: str | float) -> None:
    with pytest.raises(phiz.UsageError, match="fps"):
        parse_fps(fps)


@given(st.integers(1, 10**6), st.sampled_from(["24000/1001", "25", "30", "60", "120"]))
def test_frames_cover_the_sound_and_no_more(samples: int, rate: str) -> None:
    seconds, fps = samples / 22050, parse_fps(rate)
    count = frame_count(seconds, fps)
    assert count / fps >= seconds - 1e-6
    assert count == 1 or (count - 1) / fps < seconds


def test_whole_frames_are_not_exceeded_by_rounding() -> None:
    assert frame_count(0.1 + 0.2, Fraction(10)) == 3
    assert frame_count(0.0, Fraction(30)) == 1


def test_thread_counts() -> None:
    assert available_threads(3) == 3
    assert available_threads() >= 1
    for threads in (0, -1, 10**6):
        with pytest.raises(phiz.UsageError, match=f"threads {threads}"):
            available_threads(threads)


def test_step_by_step_equals_the_one_call(demo_rig: Path, tmp_path: Path) -> None:
    settings = {"size": 96, "fps": 10, "backend": "cpu"}
    calls: list[tuple[str, int, int]] = []
    result = phiz.talk(
        demo_rig, "Hi.", tmp_path / "one.mp4", seed=3, progress=lambda *call: calls.append(call), **settings
    )
    speech = phiz.speak("Hi.")
    rig = phiz.Rig.load(demo_rig)
    steps = phiz.render(rig, phiz.animate(speech, seed=3), tmp_path / "two.mp4", speech=speech, **settings)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "two.mp4").read_bytes()
    assert result.output == tmp_path / "one.mp4"
    assert (result.frames, result.fps, result.size, result.backend) == (steps.frames, 10, (96, 96), "cpu")
    assert result.seconds == result.frames / 10 >= speech.duration
    assert result.timing == "exact"
    assert set(result.stages) >= {"speech", "rig", "motion", "frames", "total"}
    assert calls[-1] == ("frames", result.frames, result.frames)


def test_another_seed_moves_otherwise(demo_rig: Path) -> None:
    speech = phiz.speak("Hello there, how are you today?")
    times = np.arange(0, speech.duration, 0.02)
    same = [phiz.animate(speech, seed=1).evaluate_many(times) for _ in range(2)]
    np.testing.assert_array_equal(*same)
    assert (phiz.animate(speech, seed=2).evaluate_many(times) != same[0]).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"backend": "metal"}, "backend"),
        ({"size": "13x13"}, "size"),
        ({"fps": 0}, "fps"),
        ({"hashes": "a.mp4"}, "two files"),
        ({"face": 1}, "finished rig"),
        ({"background": "steelblue"}, "rig PHOTO --background"),
        ({"background": "transparent"}, r"a\.mp4 cannot be transparent.*\.webm.*\.mov"),
        ({"landmarks": "points.json"}, "finished rig"),
        ({"landmarks": "points.json", "face": 1}, "both landmarks and a face number"),
    ],
)
def test_impossible_requests_are_usage_errors(
    demo_rig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(phiz.UsageError, match=message):
        phiz.talk(demo_rig, "Hi.", "a.mp4", **settings)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_two_sounds_are_one_too_many(demo_rig: Path, tmp_path: Path) -> None:
    speech = phiz.speak("Hi.")
    with pytest.raises(phiz.UsageError, match="both speech and audio"):
        phiz.render(demo_rig, phiz.Clip(0.1, {}), tmp_path / "a.mp4", speech=speech, audio="a.wav")


def test_a_clip_in_place_of_a_rig_is_told(demo_rig: Path, tmp_path: Path) -> None:
    with pytest.raises(phiz.UsageError, match=r"swapped: .*demo.* is the face"):
        phiz.render("clip.json", demo_rig, tmp_path / "out.mp4")


def test_nothing_said_about_a_face_is_ignored(demo_rig: Path) -> None:
    rig = phiz.Rig.load(demo_rig)
    assert open_face(rig) is rig
    for settings in ({"face": 0}, {"landmarks": "points.json"}):
        with pytest.raises(phiz.UsageError, match="finished"):
            open_face(rig, **settings)  # type: ignore[arg-type]


def test_what_a_recording_does_not_tell_is_noted(demo_rig: Path, tmp_path: Path) -> None:
    silent = tmp_path / "silent.wav"
    write_wav(silent, np.zeros(8000), 16000)
    result = phiz.talk(demo_rig, None, tmp_path / "a.mp4", audio=silent, size=64, fps=5, backend="cpu")
    assert result.notes == (f"no speech is heard in {silent}: the lips stay still",)


@pytest.mark.parametrize(("text", "timing"), [("Hello there.", "aligned"), (None, "recognized")])
def test_a_recording_that_fits_is_nothing_to_talk_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str | None, timing: str
) -> None:
    spoken = phiz.speak("Hello there.")
    write_wav(tmp_path / "take.wav", spoken.samples, spoken.rate)
    assert make_speech(text, audio=tmp_path / "take.wav").timing == timing
    assert caplog.messages == []


def test_a_text_that_is_not_what_is_said_is_noted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spoken = phiz.speak("Hello there, my old friend.")
    write_wav(tmp_path / "take.wav", spoken.samples, spoken.rate)
    make_speech("Hello there, my wonderful old friend.", audio=tmp_path / "take.wav")
    (said,) = caplog.messages
    assert '1 word of the text is not heard ("wonderful" at' in said
