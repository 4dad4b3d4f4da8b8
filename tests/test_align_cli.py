"""`phiz align`, as its users run it."""

import json
import subprocess
from pathlib import Path

import pytest

from conftest import Run
from phiz.cli import main
from phiz.commands.parser import build_parser
from phiz.errors import SpeechError
from phiz.ffmpeg import find_ffmpeg
from phiz.speech.audio import write_wav
from phiz.speech.formats.files import read_timing_file
from phiz.speech.recognition.listen import RECOGNIZERS
from phiz.speech.synthesis import speak

TEXT = "Hello there, my old friend. The train was late again."


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording of `TEXT`."""
    path = tmp_path_factory.mktemp("take") / "take.wav"
    spoken = speak(TEXT, voice="espeak:f3")
    write_wav(path, spoken.samples, spoken.rate)
    return path


def test_a_video_and_a_text_file_become_a_timing_file(phiz: Run, take: Path, tmp_path: Path) -> None:
    video, text = tmp_path / "take.mkv", tmp_path / "text.txt"
    program = find_ffmpeg(SpeechError)
    picture = ["-f", "lavfi", "-i", "color=size=64x64:rate=5:duration=5"]
    subprocess.run(
        [program, "-v", "error", "-i", take, *picture, "-shortest", "-c:a", "libopus", video], check=True
    )
    text.write_text(TEXT, encoding="utf-8-sig")
    done = phiz("align", video, "--text-file", text, "-o", "out.TextGrid")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("out.TextGrid: ")
    assert "10 words" in done.stdout
    found = read_timing_file(tmp_path / "out.TextGrid")
    exact = speak(TEXT, voice="espeak:f3")
    for word, truth in zip(found.words, exact.words, strict=True):
        assert word.text == truth.text
        assert word.start == pytest.approx(truth.start, abs=0.08)


def test_what_differs_is_told_to_people_and_scripts(phiz: Run, take: Path, tmp_path: Path) -> None:
    text = TEXT.replace("train", "splendid train")
    done = phiz("align", take, "-", "-o", "out.ctm", "--json", text=text)
    assert done.returncode == 0
    (line,) = done.stderr.splitlines()
    assert '1 word of the text is not heard ("splendid" at' in line
    told = json.loads(done.stdout)
    assert (told["output"], told["timing"], told["language"], told["words"]) == (
        "out.ctm", "aligned", "en-us", 10,
    )  # fmt: skip
    assert 0.5 < told["confidence"] < 1.0
    ((kind, word),) = [(each["kind"], each["text"]) for each in told["mismatches"]]
    assert (kind, word) == ("missing", "splendid")
    assert "splendid" not in (tmp_path / "out.ctm").read_text()
    quiet = phiz("align", take, text, "-o", "out.ctm", "--force", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_without_a_text_the_sounds_are_recognised(phiz: Run, take: Path, tmp_path: Path) -> None:
    done = phiz("align", take, "--format", "rhubarb-tsv", "-o", "out.tsv", "--recognizer", "universal")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 words" in done.stdout
    rows = [line.split("\t") for line in (tmp_path / "out.tsv").read_text().splitlines()]
    assert len(rows) > 8
    assert {shape for _, shape in rows} <= set("ABCDEFGHX")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["nothing.wav", "Hi.", "-o", "out.json"], 1, "recording nothing.wav does not exist"),
        (["empty.wav", "Hi.", "-o", "out.json"], 1, "empty.wav cannot be read as sound"),
        (
            ["TAKE", "Guten Tag, ich kaufe ein Brot.", "--lang", "de", "-o", "out.json"],
            1,
            "does not seem to be",
        ),
        (["TAKE", "--text-file", "blank.txt", "-o", "out.json"], 2, "the text file blank.txt is empty"),
        (["TAKE", "Hi.", "--lang", "xx", "-o", "out.json"], 2, "language 'xx' is unknown"),
        (["TAKE", "Hi.", "-o", "out.xyz"], 2, "its ending '.xyz'"),
        (["TAKE", "Hi.", "-o", "out.json", "--format", "gentle", "--recognizer", "none"], 2, "--recognizer"),
        (["TAKE", "Hi.", "--text-file", "text.txt", "-o", "out.json"], 2, "both TEXT and --text-file"),
        (["TAKE", "Hi.", "-o", "TAKE"], 2, "one file"),
        (["TAKE", "Hi.", "-o", "mine.json"], 2, "--force"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    take: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.wav").touch()
    Path("blank.txt").write_text(" \n")
    Path("mine.json").write_text("mine")
    before = sorted(tmp_path.iterdir())
    try:
        ended = main(["align", *[str(take) if each == "TAKE" else each for each in arguments]])
    except SystemExit as stop:  # what the parser itself refuses
        ended = int(stop.code or 0)
    assert ended == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("phiz: error: ")
    assert complaint in line
    assert sorted(tmp_path.iterdir()) == before
    assert Path("mine.json").read_text() == "mine"


@pytest.mark.parametrize("verb", ["align", "talk", "animate"])
def test_the_recognizers_are_those_that_there_are(verb: str) -> None:
    arguments = {"align": ["a.wav"], "talk": ["a.jpg"], "animate": []}[verb]
    for name in RECOGNIZERS:
        options = build_parser().parse_args([verb, *arguments, "-o", "b", "--recognizer", name])
        assert options.recognizer == name
