"""Mouth cues, and `phiz rhubarb`: what calls Rhubarb Lip Sync can call it instead."""

import json
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phiz as package
from conftest import Run
from evaldata import eval_file
from phiz.data import table
from phiz.errors import UsageError
from phiz.speech.audio import write_wav
from phiz.speech.formats.alphabets import is_silence, sound_of
from phiz.speech.formats.mouth_names import sound_of_name, viseme_name
from phiz.speech.formats.mouths import LOOK, MouthCue, mouth_cues
from phiz.speech.formats.rhubarb import extended_shapes, write_dat, write_tsv
from phiz.speech.speech import Phoneme, Speech

SHORTEST, LAST = (
    7,
    1,
)  # hundredths of a second that a cue lasts at least, and that what an in-between leaves does
SOUNDS = ("p", "m", "f", "s", "t", "k", "l", "h", "w", "ɹ", "iː", "ɛ", "ɑː", "ɔ", "uː", "ə", "aɪ", "aʊ", "ʌ")


def speech_of(parts: list[tuple[str, int]], tail: int = 500) -> Speech:
    """Sounds one after another, with their lengths in milliseconds; "" is silence."""
    time, phonemes = 0.0, []
    for ipa, length in parts:
        if ipa:
            phonemes.append(Phoneme(ipa, time / 1000, (time + length) / 1000))
        time += length
    return Speech(np.zeros(round((time + tail) * 16), np.float32), 16000, tuple(phonemes))


@st.composite
def speeches(draw: st.DrawFn) -> Speech:
    sound = st.tuples(st.sampled_from(SOUNDS), st.integers(20, 350))
    pause = st.tuples(st.just(""), st.integers(10, 900))
    return speech_of(
        draw(st.lists(st.one_of(sound, sound, sound, pause), max_size=25)), draw(st.integers(0, 600))
    )


def shapes(speech: Speech, extended: str = "GHX") -> str:
    return "".join(cue.shape for cue in mouth_cues(speech, extended))


@settings(deadline=None, max_examples=120)
@given(speech=speeches(), extended=st.sampled_from(("", "G", "X", "GX", "GHX")))
def test_cues_fill_the_time_and_never_repeat(speech: Speech, extended: str) -> None:
    cues = mouth_cues(speech, extended)
    length = int(speech.duration * 100 + 1e-6)
    if length == 0:
        assert cues == ()
        return
    assert cues[0].start == 0
    assert cues[-1].end == length
    assert all(before.end == after.start and before.shape != after.shape for before, after in pairwise(cues))
    assert all(cue.end > cue.start for cue in cues)
    assert {cue.shape for cue in cues} <= set("ABCDEF" + extended)


@settings(deadline=None, max_examples=120)
@given(speech=speeches())
def test_lips_shut_on_every_closure(speech: Speech) -> None:
    shut = [cue for cue in mouth_cues(speech) if cue.shape == "A"]
    for phoneme in speech.phonemes:
        if phoneme.ipa in ("p", "m") and phoneme.end - phoneme.start >= 0.04:
            near = phoneme.start - 0.06, phoneme.end + 0.03
            assert any(cue.end / 100 > near[0] and cue.start / 100 < near[1] for cue in shut), phoneme


@settings(deadline=None, max_examples=120)
@given(speech=speeches())
def test_nothing_flickers(speech: Speech) -> None:
    """In-betweens may be shorter, and may leave less of what is beside them, but nothing else."""
    cues = mouth_cues(speech)
    between = [cue.shape in "CE" and cue.end - cue.start <= 8 for cue in cues]
    for index, cue in enumerate(cues[1:-1], 1):
        beside = between[index - 1] or between[index + 1]
        assert cue.end - cue.start >= (4 if between[index] or beside else SHORTEST)


@settings(deadline=None, max_examples=40)
@given(speech=speeches())
def test_shapes_that_were_not_drawn_are_replaced_by_near_ones(speech: Speech) -> None:
    def at(cues: tuple[MouthCue, ...], time: int) -> str:
        return next(cue.shape for cue in cues if cue.start <= time < cue.end)

    every, basic = mouth_cues(speech), mouth_cues(speech, "")
    for time in range(0, int(speech.duration * 100), 7):
        shown = at(every, time)
        assert at(basic, time) == {"G": "A", "H": "C", "X": "A"}.get(shown, shown)


def test_single_sounds() -> None:
    wanted = {"m": "A", "iː": "B", "ɛ": "C", "ɑː": "D", "ɔ": "E", "uː": "F", "f": "G", "l": "H", "ɝ": "E"}
    for ipa, shape in wanted.items():
        assert shapes(speech_of([("", 500), (ipa, 300)])).strip("X")[0] == shape, ipa
    assert shapes(speech_of([], 1000)) == "X"


def test_consonants_take_after_their_neighbours() -> None:
    assert shapes(speech_of([("", 400), ("uː", 150), ("s", 90), ("uː", 150)])) == "XFX"
    assert shapes(speech_of([("", 400), ("ɑː", 150), ("k", 90), ("ɑː", 150)])) == "XDCDCX"
    early = mouth_cues(speech_of([("", 400), ("s", 120), ("uː", 200)]))
    assert (early[1].shape, early[1].start) == ("F", 40)  # the s is rounded already


def test_pauses_hold_relax_or_rest() -> None:
    def between(pause: int) -> str:
        return shapes(speech_of([("", 400), ("ɛ", 200), ("", pause), ("ɔ", 200)])).strip("X")

    assert between(80) == "CE"
    assert between(250) == "CBE"
    assert between(600) == "CXE"


def test_clenched_teeth_open_now_and_then() -> None:
    parts = [("", 400), *[("iː", 120), ("z", 90)] * 6]
    assert "C" in shapes(speech_of(parts))
    assert "C" not in shapes(speech_of(parts[:5]))


def test_tables_cover_every_viseme() -> None:
    rows = {row["viseme"]: row for row in table("mouths")}
    assert set(rows) == {row["viseme"] for row in table("visemes")}
    assert all(set(row["rhubarb"] + row["brief"]) <= set(LOOK) for row in rows.values())
    for row in table("ipa"):
        phoneme = Phoneme(row["symbol"], 0, 1)
        assert 1 <= int(viseme_name(phoneme, "azure")) <= 21
        assert sound_of(viseme_name(phoneme, "polly"), "xsampa")[0]
    for number in range(1, 22):
        sound = Phoneme(sound_of_name(str(number), "azure"), 0, 1)
        assert viseme_name(sound, "azure") == str(number)


@pytest.mark.parametrize(
    ("mouths", "extended"), [("A-H,X", "GHX"), ("A-F", ""), ("ABCDEFX", "X"), ("a-g", "G"), ("A-F, X", "X")]
)
def test_choices_of_mouths(mouths: str, extended: str) -> None:
    assert extended_shapes(mouths) == extended


@pytest.mark.parametrize("mouths", ["", "A-E", "A-J", "X", "A-", "-F", "1-9"])
def test_mouths_that_nobody_draws(mouths: str) -> None:
    with pytest.raises(UsageError, match="A-F with or without G, H and X"):
        extended_shapes(mouths)


def test_closures_in_real_speech_are_found() -> None:
    folder = eval_file("timit/dr2-marc0")
    found = count = 0
    for path in sorted(folder.glob("*.phn")):
        rows = [line.split() for line in path.read_text().splitlines()]
        phonemes = []
        for start, end, name in rows:
            ipa, _ = sound_of(name, "arpabet")
            if ipa and not is_silence(name, sound=True):
                phonemes.append(Phoneme(ipa, int(start) / 16000, int(end) / 16000))
        cues = mouth_cues(Speech(np.zeros(int(rows[-1][1]), np.float32), 16000, tuple(phonemes)))
        for phoneme in phonemes:
            if phoneme.ipa in ("p", "b", "m") and phoneme.end - phoneme.start > 0.03:
                count += 1
                found += any(
                    cue.shape == "A" and cue.end / 100 > phoneme.start and cue.start / 100 < phoneme.end
                    for cue in cues
                )
    assert count > 15
    assert found == count


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording with its dialog beside it, in a folder whose name is not ASCII."""
    folder = tmp_path_factory.mktemp("tön")
    speech = package.speak("My mom found a big blue van.")
    write_wav(folder / "take 1.wav", speech.samples, speech.rate)
    (folder / "take 1.txt").write_text("My mom found a big blue van.", encoding="utf-8")
    return folder / "take 1.wav"


def test_tsv_on_standard_output(phiz: Run, spoken: Path) -> None:
    ran = phiz("rhubarb", spoken)
    assert ran.returncode == 0
    lines = ran.stdout.splitlines()
    assert all(re.fullmatch(r"\d+\.\d\d\t[A-HX]", line) for line in lines)
    assert lines[0].startswith("0.00\t")
    assert lines[-1].endswith("\tX")
    times = [float(line.split("\t")[0]) for line in lines]
    assert times == sorted(times)
    first, *_, last = [line.rstrip() for line in ran.stderr.splitlines()]
    assert (first, last) == (f"Generating lip sync data for {spoken}.", "Done.")


def test_xml_and_json_with_dialog(here: Run, spoken: Path, tmp_path: Path) -> None:
    dialog = spoken.with_suffix(".txt")
    (tmp_path / "out.xml").write_text("old")
    ran = here("rhubarb", "-f", "xml", "-d", dialog, "-o", "out.xml", "-q", spoken)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    text = (tmp_path / "out.xml").read_text(encoding="utf-8")
    assert text.startswith(
        '<?xml version="1.0" encoding="utf-8"?>\n<rhubarbResult>\n  <metadata>\n    <soundFile>'
    )
    root = ElementTree.fromstring(text)
    cues = [(c.get("start"), c.get("end"), c.text) for c in root.iter("mouthCue")]
    assert root.findtext("metadata/soundFile") == str(spoken)
    ran = here("rhubarb", "--exportFormat", "json", "--dialogFile", dialog, spoken)
    data = json.loads(ran.stdout)
    assert ran.stdout.isascii()
    assert list(data) == ["metadata", "mouthCues"]
    assert data["metadata"]["soundFile"] == str(spoken)
    assert f"{data['metadata']['duration']:.2f}" == root.findtext("metadata/duration") == cues[-1][1]
    assert [(f"{c['start']:.2f}", f"{c['end']:.2f}", c["value"]) for c in data["mouthCues"]] == cues
    assert [before[1] for before in cues[:-1]] == [after[0] for after in cues[1:]]
    assert re.search(r'\n    \{ "start": 0\.00, "end": \d\.\d\d, "value": "X" \},\n', ran.stdout)
    said = "".join(shape for _, _, shape in cues if shape)
    assert len(re.findall("A", said)) >= 4  # m, m-m, b, b
    assert said.count("G") == 2  # f, v


def test_moho_and_toonz(here: Run, spoken: Path) -> None:
    arguments = (
        "rhubarb",
        "-f",
        "dat",
        "--datFrameRate",
        "30",
        "--datUsePrestonBlair",
        "--extendedShapes",
        "GX",
    )
    ran = here(*arguments, spoken)
    first, *lines = ran.stdout.splitlines()
    assert first == "MohoSwitch1"
    frames = [int(line.split()[0]) for line in lines]
    assert frames[0] == 1
    assert all(before < after for before, after in pairwise(frames))
    assert {line.split()[1] for line in lines} <= {"MBP", "etc", "E", "AI", "O", "U", "FV", "rest"}
    assert lines[-1].split()[1] == "rest"


def test_frames_of_switch_data() -> None:
    speech = speech_of([("", 500), ("ɑː", 500)], 0)
    assert write_tsv(speech) == "0.00\tX\n0.50\tD\n1.00\tX\n"
    assert write_dat(speech) == "MohoSwitch1\n1 X\n13 D\n25 X\n"
    assert write_dat(speech, frame_rate=10, mouths="A-F") == "MohoSwitch1\n1 A\n6 D\n11 A\n"


def test_events_for_programs(here: Run, spoken: Path, tmp_path: Path) -> None:
    ran = here("rhubarb", "--machineReadable", "--logFile", "log.txt", "--logLevel", "trace", spoken)
    events = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [event["type"] for event in events if event["type"] != "progress"] == ["start", "success"]
    assert events[0]["file"] == str(spoken)
    assert events[0]["log"] == {"level": "Info", "message": f"Application startup. Input file: {spoken}."}
    values = [event["value"] for event in events if event["type"] == "progress"]
    assert values[0] == 0
    assert values[-1] == 1
    assert values == sorted(values)
    log = (tmp_path / "log.txt").read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(
        r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] 1 \[Info\] Application terminating normally\.", log[-1]
    )
    ran = here("rhubarb", "--machineReadable", "absent.wav")
    events = [json.loads(line) for line in ran.stderr.splitlines()]
    assert ran.returncode == 1
    assert events[-1]["type"] == "failure"
    assert events[-1]["reason"].startswith("Error processing file absent.wav.\n")
    assert events[-1]["log"]["level"] == "Fatal"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--nonsense", "a.wav"), "Invalid command-line arguments"),
        ((), "Invalid command-line arguments"),
        (("-f", "csv", "a.wav"), "Invalid command-line arguments"),
        (("--threads", "0", "a.wav"), "Thread count must be 1 or higher"),
        (("--extendedShapes", "GQ", "a.wav"), "'Q' is not a mouth shape"),
        (("-f", "dat", "--datFrameRate", "9", "a.wav"), "10 to 100"),
        (("absent.wav",), "Error processing file absent.wav"),
        (("-d", "absent.txt", "absent.wav"), "Could not read the dialog file absent.txt"),
        (("--logFile", "no/folder/log.txt", "a.wav"), "cannot write the log"),
    ],
)
def test_failures_end_with_1(here: Run, arguments: tuple[str, ...], complaint: str) -> None:
    ran = here("rhubarb", *arguments)
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert "[Fatal] Application terminating with error: " in ran.stderr
    assert complaint in ran.stderr


def test_version_and_names_in_any_case(here: Run, spoken: Path) -> None:
    ran = here("rhubarb", "--version")
    assert (ran.returncode, ran.stdout) == (0, "Rhubarb Lip Sync version 1.14.0\n")
    ran = here(
        "rhubarb",
        "-r",
        "PocketSphinx",
        "-f",
        "TSV",
        "--consoleLevel",
        "Warning",
        "--extendedShapes",
        "",
        spoken,
    )
    assert ran.returncode == 0
    assert set(ran.stdout) <= set("0123456789.\t\nABCDEF")
