"""Clips in files: as the schema and other programs have them, and as people edit them."""

import csv
import json
import subprocess
import sys
from fractions import Fraction

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.channels import ARKIT, CHANNELS, INDEX, POSE
from phiz.data import schema
from phiz.errors import OutputError, RigError, UsageError
from phiz.filming import Shot, Solo, shoot
from phiz.motion.animation import animate
from phiz.motion.clip import Clip, Curve
from phiz.progress import Stages
from phiz.speech.speech import Phoneme, Speech
from scene import make_rig

# As the app writes it, from a recording's first line.
LIVE_LINK_FACE = (
    "Timecode,BlendshapeCount,EyeBlinkLeft,EyeLookDownLeft,EyeLookInLeft,EyeLookOutLeft,EyeLookUpLeft,"
    "EyeSquintLeft,EyeWideLeft,EyeBlinkRight,EyeLookDownRight,EyeLookInRight,EyeLookOutRight,EyeLookUpRight,"
    "EyeSquintRight,EyeWideRight,JawForward,JawRight,JawLeft,JawOpen,MouthClose,MouthFunnel,MouthPucker,"
    "MouthRight,MouthLeft,MouthSmileLeft,MouthSmileRight,MouthFrownLeft,MouthFrownRight,MouthDimpleLeft,"
    "MouthDimpleRight,MouthStretchLeft,MouthStretchRight,MouthRollLower,MouthRollUpper,MouthShrugLower,"
    "MouthShrugUpper,MouthPressLeft,MouthPressRight,MouthLowerDownLeft,MouthLowerDownRight,MouthUpperUpLeft,"
    "MouthUpperUpRight,BrowDownLeft,BrowDownRight,BrowInnerUp,BrowOuterUpLeft,BrowOuterUpRight,CheekPuff,"
    "CheekSquintLeft,CheekSquintRight,NoseSneerLeft,NoseSneerRight,TongueOut,HeadYaw,HeadPitch,HeadRoll,"
    "LeftEyeYaw,LeftEyePitch,LeftEyeRoll,RightEyeYaw,RightEyePitch,RightEyeRoll"
)
STEP = 1e-4


@pytest.fixture(scope="module")
def spoken():
    """A clip of real length and density."""
    sounds = ["h", "ə", "l", "ˈoʊ", "w", "ˈɜː", "l", "d", "p", "ˈa", "p", "ˈi", "m", "uː", "f", "ɔ"]
    phonemes = tuple(
        Phoneme(ipa.strip("ˈ"), 0.3 + 0.1 * k, 0.4 + 0.1 * k, int("ˈ" in ipa)) for k, ipa in enumerate(sounds)
    )
    rate = 16000
    return animate(Speech(np.full(int(2.95 * rate), 0.1, np.float32), rate, phonemes), seed=3)


def test_json_is_as_the_schema_says(spoken, tmp_path):
    path = tmp_path / "clip.json"
    spoken.save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(json.loads(schema("clip")))
    validator.check_schema(validator.schema)
    validator.validate(content)
    assert content["units"]["angle"] == "radians"
    assert set(validator.schema["properties"]["curves"]["properties"]) == set(CHANNELS)
    assert max(map(len, path.read_text().splitlines())) < 130  # lines that an editor shows whole
    for wrong in (
        {"version": 2}, {"duration": -1}, {"units": {"angle": "degrees"}}, {"curves": {"jaw": [[0, 0]]}},
        {"curves": {"jawOpen": [[0, 1.2]]}}, {"curves": {"headYaw": [[0, 2]]}}, {"curves": {"jawOpen": []}},
        {"curves": {"jawOpen": [[0]]}}, {"curves": {"jawOpen": [[0, 0, 0]]}},
    ):  # fmt: skip
        assert not validator.is_valid(content | wrong), wrong
        path.write_text(json.dumps(content | wrong))
        with pytest.raises(RigError):
            Clip.load(path)
    path.write_text(json.dumps({key: content[key] for key in ("format", "version", "duration", "curves")}))
    assert Clip.load(path).evaluate(1.0).tolist() == spoken.evaluate(1.0).tolist()


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("fps", [60, 30, 24000 / 1001, 25])
def test_csv_has_the_columns_of_live_link_face_and_the_clip_in_them(spoken, tmp_path, fps):
    path = tmp_path / "clip.csv"
    spoken.save(path, fps=fps)
    header, *rows = rows_of(path)
    assert header == [*LIVE_LINK_FACE.split(","), "Photo", "Chest", "Seconds"]
    assert len(rows) == np.ceil(spoken.duration * fps)
    table = np.array([row[2:] for row in rows], float)
    times = np.arange(len(rows)) / fps
    assert np.abs(table[:, -1] - times).max() < 1e-6
    values = spoken.evaluate_many(times)
    for name in (*ARKIT, *POSE, "photo", "chest"):
        column = table[:, header.index(name[0].upper() + name[1:]) - 2]
        assert np.abs(column - values[:, INDEX[name]]).max() <= STEP / 2 + 1e-9, name
    left = values[:, INDEX["eyeLookOutLeft"]] - values[:, INDEX["eyeLookInLeft"]]
    yaw = table[:, header.index("LeftEyeYaw") - 2]
    assert np.abs(yaw).max() > 0.01
    assert np.abs(yaw - np.radians(30) * left).max() <= STEP
    assert {row[1] for row in rows} == {"61"}
    for row, time in zip(rows, times, strict=True):
        hours, minutes, seconds, frames = row[0].split(":")
        assert 0 <= float(frames) < round(fps)
        told = int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(frames) / round(fps)
        assert told == pytest.approx(time, abs=5e-5)


@pytest.mark.parametrize("fps", [60, 24000 / 1001, 120])
def test_csv_comes_back_as_the_rows_have_it(spoken, tmp_path, fps):
    path = tmp_path / "clip.csv"
    spoken.save(path, fps=fps)
    again = Clip.load(path)
    times = np.arange(int(np.ceil(spoken.duration * fps))) / fps
    assert 0 <= again.duration - spoken.duration < 1 / fps + 1e-5
    on_grid = np.rint(np.round(times, 6) * 10_000) / 10_000  # Seconds has six places
    assert np.abs(again.evaluate_many(on_grid) - spoken.evaluate_many(times)).max() <= STEP / 2 + 1e-9
    assert set(again.curves) <= set(spoken.curves)
    keys = [
        sum(len(curve.times) for curve in clip.curves.values()) for clip in (again, again.simplify(0.003))
    ]
    assert keys[0] < 0.8 * len(times) * len(again.curves)  # nothing inside what stays the same
    assert keys[1] < 0.6 * keys[0] or fps < 30
    again.save(tmp_path / "again.csv", fps=fps)
    numbers = [
        np.array([row[2:] for row in rows_of(tmp_path / name)[1:]], float)
        for name in ("clip.csv", "again.csv")
    ]
    assert (
        np.abs(numbers[0] - numbers[1]).max() < 0.003
    )  # rows stand up to half a step of the grid off their times


def test_a_recording_of_the_app_is_read(tmp_path):
    """61 values a row, timecodes of the day at 60 frames a second, some lost, a row without a face."""
    rows = [LIVE_LINK_FACE.replace("shape", "Shape", 1)]
    for k in range(90):
        if k in (7, 8, 40):
            continue
        second, frame = divmod(58 + k, 60)
        values = ["0"] * 61
        values[17] = f"{k / 100:.9f}"
        values[52] = "-0.123456"
        timecode = f"14:03:{52 + second}:{frame:02}.207"
        rows.append(",".join([timecode, "61", *values]) if k != 50 else f"{timecode},0" + 61 * ",")
    path = tmp_path / "MySlate_1_iPhone.csv"
    path.write_text("\r\n".join(rows) + "\r\n", encoding="utf-8-sig")
    clip = Clip.load(path)
    assert set(clip.curves) == {"jawOpen", "headYaw"}
    assert clip.duration == pytest.approx(1.5, abs=1e-4)
    assert len(clip.curves["jawOpen"].times) == 86
    assert clip.evaluate(0.75)[INDEX["jawOpen"]] == pytest.approx(0.45, abs=STEP)
    assert clip.evaluate(0.75)[INDEX["headYaw"]] == -0.1235
    assert len(clip.curves["headYaw"].times) == 1


@pytest.mark.parametrize(
    "text",
    [
        "seconds;jawOpen;HEADYAW\n0;0;\n\n0,5;0,25;0,1\n1;0;\n",
        "JawOpen\tHeadYaw\tSeconds\n0\t\t0\n0.25\t0.1\t0.5\n0\t\t1\n",
        "Timecode,jawOpen,headYaw\n00:00:01:00,0,\n00:00:01:30,0.25,0.1\n00:00:02:00,0,\n",
    ],
)
def test_tables_made_by_hand(tmp_path, text):
    path = tmp_path / "by hand.CSV"
    path.write_text(text)
    clip = Clip.load(path)
    assert clip.duration == 1.5
    assert clip.curves["jawOpen"].times.tolist() == [0, 0.5, 1]
    assert clip.curves["jawOpen"].values.tolist() == [0, 0.25, 0]
    assert clip.curves["headYaw"].times.tolist() == [0.5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 must name the columns"),
        ("jawOpen\n0\n", "Timecode or Seconds"),
        ("Seconds,jawOpen\n", "no row has values"),
        ("Seconds,jaw\n0,0\n", "no column is called 'jaw'"),
        ("Seconds,jawOpen,JawOpen\n0,0,0\n", "two columns are called 'jawOpen'"),
        ("Seconds,jawOpen\n0,0\n1,x\n", "line 3, jawOpen: 'x' is no number"),
        ("Seconds,jawOpen\n0,0\n1,0,0\n", "line 3 has 3 cells for 2 columns"),
        ("Seconds,jawOpen\n0,0\n,1\n", "line 3 has no time"),
        ("Seconds,jawOpen\n0,0\n1,0\n1,1\n", "line 4: its time is not after"),
        ("Seconds,jawOpen\n0,0\nnan,0\n", "line 3: its time is not after"),
        ("Timecode,jawOpen\n1.5,0\n", "line 2: '1.5' is no timecode"),
        ("Seconds,jawOpen\n0,0\n1,1.2\n", "jawOpen must stay between"),
        ("Seconds,jawOpen\n0,0\n1,inf\n", "jawOpen: a curve's times and values must be finite"),
        ("Seconds,headYaw\n0,30\n", "headYaw must stay between"),
    ],
)
def test_a_bad_table_ends_in_one_line_that_says_where(tmp_path, text, message):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(RigError, match=message) as caught:
        Clip.load(path)
    assert "bad.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tables_that_cannot_be_read_or_written(tmp_path, spoken):
    with pytest.raises(RigError, match="cannot read"):
        Clip.load(tmp_path / "absent.csv")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)))
    with pytest.raises(RigError, match="UTF-8"):
        Clip.load(tmp_path / "binary.csv")
    with pytest.raises(OutputError, match="no folder"):
        spoken.save(tmp_path / "no folder" / "clip.csv")
    with pytest.raises(UsageError, match="rows a second"):
        spoken.save(tmp_path / "clip.csv", fps=0.5)


@given(st.floats(1, 240), st.floats(2.1, 5))
@settings(deadline=None, max_examples=20)
def test_tables_of_any_rate_and_length(tmp_path_factory, fps, duration):
    path = tmp_path_factory.mktemp("tables") / "clip.csv"
    Clip(duration, {"jawOpen": Curve([0.0, 1.0], [0.2, 1.0])}).save(path, fps=fps)
    again = Clip.load(path)
    assert duration - 1e-4 <= again.duration <= duration + 1 / fps + 1e-4
    assert again.evaluate(0.0)[INDEX["jawOpen"]] == 0.2


def frames(clip, folder, fps=30):
    """A digest of each frame of the clip, drawn small by the renderer that repeats to the byte."""
    shot = Shot.planned(
        folder / "video.mp4", size="64", fps=fps, backend="cpu", relight=True, threads=1,
        hashes=folder / "hashes.txt", force=True,
    )  # fmt: skip
    shoot(Solo(make_rig(), clip), None, shot, Stages(None))
    return (folder / "hashes.txt").read_text().split()


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_an_edit_by_hand_changes_the_frames_around_it_and_no_others(spoken, tmp_path, suffix):
    """A person opens the jaw wider for a moment; the file is changed as text, as an editor would."""
    path = tmp_path / f"clip{suffix}"
    spoken.save(path)
    before = frames(Clip.load(path), tmp_path)
    if suffix == ".json":
        curve = spoken.curves["jawOpen"]
        key = int(np.argmax(curve.values))
        text = path.read_text()
        start = text.index('"jawOpen"')
        old, new = f"[{curve.times[key]}, {curve.values[key]}]", f"[{curve.times[key]}, 0.95]"
        assert old in text[start:]
        path.write_text(text[:start] + text[start:].replace(old, new, 1))
        first, last = curve.times[key - 3], curve.times[key + 3]
    else:
        lines = path.read_text().splitlines()
        jaw = lines[0].split(",").index("JawOpen")
        for row in range(61, 73):  # a fifth of a second, the header being line 0
            cells = lines[row].split(",")
            cells[jaw] = "0.95"
            lines[row] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n")
        first, last = (60 - 3) / 60, (71 + 3) / 60
    after = frames(Clip.load(path), tmp_path)
    assert len(before) == len(after) == 89
    changed = [k / 30 for k in range(len(before)) if before[k] != after[k]]
    assert changed
    assert first <= changed[0] <= changed[-1] <= last
    assert len(changed) >= (4 if suffix == ".csv" else 1)


def test_a_game_reads_tables_too(spoken, tmp_path):
    spoken.save(tmp_path / "clip.csv", fps=Fraction(30))
    code = (
        "import sys; from phiz import runtime; print(runtime.load_clip(sys.argv[1]).duration); "
        "print([name for name in ('numba', 'scipy', 'cv2', 'PIL', 'jsonschema') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "clip.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == [str(Clip.load(tmp_path / "clip.csv").duration), "[]"]
