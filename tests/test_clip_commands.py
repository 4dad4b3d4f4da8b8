"""`phiz clip` and what `phiz animate` and `phiz render` do with clip files, as their users run them."""

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from phiz.channels import INDEX
from phiz.cli import main
from phiz.motion.clip import Clip, Curve

ACTIONS = ("info", "cut", "join", "layer", "retime", "mirror", "scale", "shift", "convert", "plot")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a clip and another that smiles to the left."""
    monkeypatch.chdir(tmp_path)
    jaw, turn = Curve([0.2, 0.5, 0.8], [0.0, 0.6, 0.0]), Curve([0.0, 0.5, 1.0], [0.0, 0.1, 0.0])
    Clip(1.0, {"jawOpen": jaw, "headYaw": turn}).save("take.json")
    Clip(0.5, {"mouthSmileLeft": Curve([0.0, 0.25, 0.5], [0.0, 0.8, 0.0])}).save("smile.json")
    return tmp_path


def at(file: str, time: float, name: str) -> float:
    return float(Clip.load(file).evaluate(time)[INDEX[name]])


def test_every_action_makes_what_it_says(folder: Path) -> None:
    take = ("clip", "{}", "take.json", "-o", "out.json", "--force", "--quiet")

    def made(action: str, *more: str) -> Clip:
        assert main([word.format(action) for word in take] + list(more)) == 0
        return Clip.load("out.json")

    assert made("cut", "--from", "0.25", "--to", "0.75").duration == 0.5
    assert at("out.json", 0.25, "jawOpen") == 0.6
    assert made("cut", "--from", "0.5").duration == 0.5
    assert made("join", "smile.json", "take.json").duration == 2.5
    assert at("out.json", 1.25, "mouthSmileLeft") == 0.8
    assert at("out.json", 2.0, "jawOpen") == 0.6
    assert made("join", "smile.json", "--crossfade", "0.1").duration == pytest.approx(1.4)
    made("layer", "smile.json", "--at", "0.5", "--weight", "0.5")
    assert (at("out.json", 0.75, "mouthSmileLeft"), at("out.json", 0.5, "jawOpen")) == (0.4, 0.6)
    made("layer", "take.json", "--mode", "replace", "--channels", "head*,jawOpen", "--at", "0.3")
    assert (at("out.json", 0.8, "jawOpen"), at("out.json", 0.8, "headYaw")) == (0.6, 0.1)
    assert made("retime", "--by", "1.5").duration == 1.5
    assert at("out.json", 0.75, "jawOpen") == 0.6
    assert made("retime", "--map", "0:0, 0.5:0.2, 1:1").duration == 1.0
    assert at("out.json", 0.2, "jawOpen") == 0.6
    assert made("mirror").curves["headYaw"].values.tolist() == [0.0, -0.1, 0.0]
    assert made("scale", "--by", "0.5", "--channels", "jaw*").curves["jawOpen"].values.max() == 0.3
    assert at("out.json", 0.5, "headYaw") == 0.1
    assert made("shift", "--by", "0.4").duration == 1.4
    assert made("shift", "--by", "-0.4").duration == pytest.approx(0.6)
    assert at("out.json", 0.1, "jawOpen") == 0.6


def test_a_table_and_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clip", "convert", "take.json", "--fps", "24000/1001", "-o", "take.csv"]) == 0
    assert len(Path("take.csv").read_text().splitlines()) == 1 + math.ceil(24000 / 1001)
    assert main(["clip", "convert", "take.csv", "-o", "all.json"]) == 0
    assert main(["clip", "convert", "take.csv", "--tolerance", "0.02", "-o", "few.json"]) == 0
    every, few = (Clip.load(name) for name in ("all.json", "few.json"))
    assert len(few.curves["jawOpen"].times) < len(every.curves["jawOpen"].times) / 2
    times = np.linspace(0, 1, 99)
    assert np.abs(few.evaluate_many(times) - every.evaluate_many(times)).max() <= 0.021
    assert "few.json: 1.00 s, 2 curves, " in capsys.readouterr().out


def test_info(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clip", "info", "take.json"]) == 0
    first, jaw, yaw = capsys.readouterr().out.splitlines()
    assert first == "take.json: 1.00 s, 2 curves, 6 keys"
    assert jaw.split()[:3] == ["jawOpen", "3", "keys,"]
    assert yaw.split()[-3:] == ["0.0000", "to", "0.1000"]
    assert main(["clip", "info", "take.json", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["duration"] == 1.0
    assert told["curves"]["jawOpen"] == {"keys": 3, "first": 0.2, "last": 0.8, "least": 0.0, "most": 0.6}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("cut take.json --from 2 -o x.json", 2, "cannot cut 2 to 1 s"),
        ("cut take.json -o take.json", 2, "--force"),
        ("cut take.json -o x.txt", 2, "does not end in .json or .csv"),
        ("cut take.json -o nowhere/x.json", 2, "no folder"),
        ("cut take.json --fps 0 -o x.csv", 2, "fps '0'"),
        ("cut absent.json -o x.json", 1, "cannot read the clip absent.json"),
        ("join take.json smile.json --crossfade 3 -o x.json", 2, "crossfade 3 s is outside 0 to 0.5 s"),
        ("layer take.json smile.json --channels jaw -o x.json", 2, "no channel is called 'jaw'"),
        ("retime take.json --by 0 -o x.json", 2, "0 must be above 0"),
        ("scale take.json --by nan -o x.json", 2, "cannot scale by nan"),
        ("convert take.json --tolerance -1 -o x.json", 2, "tolerance -1"),
        ("plot take.json -o x.png", 2, "does not end in .svg"),
        ("plot take.json --audio absent.wav -o x.svg", 1, "absent.wav"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: str, code: int, message: str
) -> None:
    assert main(["clip", *arguments.split()]) == code
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1
    assert {path.name for path in folder.iterdir()} == {"take.json", "smile.json"}


@pytest.mark.parametrize(
    "arguments", ["", "bend take.json", "join take.json -o x.json", "retime take.json --map 0-1 -o x.json"]
)
def test_wrong_usage(folder: Path, arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["clip", *arguments.split()])
    assert ended.value.code == 2


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_explains_itself(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["clip", action, "--help"])
    assert ended.value.code == 0
    assert f"  phiz clip {action} " in capsys.readouterr().out.split("examples:")[1]


def test_speech_to_table_and_plot_to_video(
    folder: Path, capsys: pytest.CaptureFixture[str], demo_rig: Path
) -> None:
    files = ("-o", "a.csv", "--wav", "a.wav", "--plot", "a.svg")
    assert main(["animate", "Hello.", "--fps", "30", *files]) == 0
    told = capsys.readouterr()
    assert (told.out.split(": ")[0], told.err) == ("a.csv, a.wav, a.svg", "")
    assert main(["animate", "Hello.", "-o", "b.json"]) == 0
    assert main(["clip", "convert", "b.json", "-o", "b.csv", "--fps", "30"]) == 0
    assert Path("a.csv").read_bytes() == Path("b.csv").read_bytes()
    words = [entry.text for entry in ET.parse("a.svg").iter("{http://www.w3.org/2000/svg}text")]
    assert {"Hello", "jaw", "blink", "gaze, degrees", "head, degrees", "1 s"} <= set(words)
    capsys.readouterr()
    small = ("--size", "96", "--fps", "10", "--backend", "cpu")
    assert main(["render", str(demo_rig), "a.csv", "-o", "a.mp4", "--audio", "a.wav", "--json", *small]) == 0
    assert json.loads(capsys.readouterr().out)["seconds"] >= Clip.load("a.csv").duration - 0.1
    assert main(["animate", "Hello.", "-o", "c.json", "--plot", "c.json"]) == 2
    assert main(["animate", "Hello.", "-o", "c.txt"]) == 2
