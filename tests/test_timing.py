"""Timing files: what is written comes back as far as the format holds it; damage is refused in one line."""

import json
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phiz
from conftest import Run
from evaldata import eval_file, eval_names
from phiz.errors import SpeechError, UsageError
from phiz.speech.formats.draft import Source
from phiz.speech.formats.files import function, read_timing_file, timing_text, write_timing_file
from phiz.speech.formats.mouth_names import viseme_name
from phiz.speech.formats.pieces import sentence_texts
from phiz.speech.formats.registry import FORMATS, format_to_write
from phiz.speech.formats.sniffing import sniffed
from phiz.speech.speech import Mark, Mismatch, Phoneme, Speech, Word
from phiz.speech.timing import timing_dict

WRITTEN = [name for name, each in FORMATS.items() if each.writer]
SCHEMA = json.loads(files("phiz.assets").joinpath("timing.schema.json").read_text(encoding="utf-8"))
WORDS = {"hi": ("h", "aɪ"), "we": ("w", "iː"), "Öl": ("øː", "l"), "“so”": ("s", "oʊ"), "<m>": ("m",)}
# What needs its ending to be known: nothing in it is its alone.
PLAIN = {"ctm", "ctm-phones", "mbrola"}


@st.composite
def speeches(draw: st.DrawFn) -> Speech:
    """Words of known sounds, at times of whole milliseconds, in one or two sentences."""
    time = draw(st.integers(0, 900))
    words: list[Word] = []
    phonemes: list[Phoneme] = []
    sentences: list[tuple[float, float]] = []
    for _ in range(draw(st.integers(1, 2))):
        first = time
        for _ in range(draw(st.integers(1, 4))):
            text = draw(st.sampled_from(sorted(WORDS)))
            start = time
            for ipa in WORDS[text]:
                length = draw(st.integers(30, 400))
                stress = draw(st.integers(0, 2)) if ipa in ("aɪ", "iː", "øː", "oʊ") else 0
                phonemes.append(Phoneme(ipa, time / 1000, (time + length) / 1000, stress, len(words)))
                time += length
            words.append(Word(text, start / 1000, time / 1000))
            end = time
            time += draw(st.sampled_from((0, 0, 40)))
        sentences.append((first / 1000, end / 1000))
        time = end + draw(st.integers(200, 900))
    samples = np.zeros(time * 16, np.float32)
    text = " ".join(word.text for word in words)
    return Speech(samples, 16000, tuple(phonemes), tuple(words), tuple(sentences), text, "en-us",
                  marks=(Mark("here", phonemes[-1].end),),
                  mismatches=(Mismatch("missing", "gone", phonemes[-1].end, phonemes[-1].end),))  # fmt: skip


def back_and_forth(speech: Speech, name: str) -> Speech:
    """What is read from what is written, without a file."""
    kind = FORMATS[name]
    path = Path(f"made{kind.extensions[0]}")
    source = Source(path, timing_text(speech, kind))
    from phiz.speech.formats.assembly import assembled

    return assembled(function(kind.reader)(source), source, audio=None, language="en")


@pytest.mark.parametrize("name", WRITTEN)
@settings(deadline=None, max_examples=12)
@given(speech=speeches())
def test_what_a_format_holds_comes_back(name: str, speech: Speech) -> None:
    kind, back = FORMATS[name], back_and_forth(speech, name)
    near = {"abs": kind.resolution + 1e-9}
    if "phonemes" in kind.carries and name != "gentle":  # which has the sounds of English only
        assert [p.ipa for p in back.phonemes] == [p.ipa for p in speech.phonemes]
        assert [p.start for p in back.phonemes] == pytest.approx([p.start for p in speech.phonemes], **near)
        assert [p.end for p in back.phonemes] == pytest.approx([p.end for p in speech.phonemes], **near)
    if {"phonemes", "words"} <= set(kind.carries) and name != "gentle":
        assert [(p.stress, p.word) for p in back.phonemes] == [(p.stress, p.word) for p in speech.phonemes]
    if "words" in kind.carries:
        assert [word.text for word in back.words] == [word.text for word in speech.words]
        assert [w.start for w in back.words] == pytest.approx([w.start for w in speech.words], **near)
    if "words" in kind.carries and name != "polly":  # which says when words begin only
        assert [w.end for w in back.words] == pytest.approx([w.end for w in speech.words], **near)
    if "sentences" in kind.carries and name != "polly":
        assert np.ravel(back.sentences) == pytest.approx(np.ravel(speech.sentences), **near)
    if "marks" in kind.carries:
        assert [mark.name for mark in back.marks] == ["here"]
    if "mouths" in kind.carries:
        assert back.phonemes[-1].end == pytest.approx(speech.phonemes[-1].end, abs=kind.resolution + 0.1)


@settings(deadline=None, max_examples=30)
@given(speech=speeches())
def test_visemes_come_back_as_the_same_visemes(speech: Speech) -> None:
    for name in ("azure", "polly"):
        back = back_and_forth(speech, name)
        shown = [viseme_name(phoneme, name) for phoneme in speech.phonemes]
        assert [viseme_name(phoneme, name) for phoneme in back.phonemes] == shown


@pytest.mark.parametrize("name", sorted(set(WRITTEN) - PLAIN))
def test_a_kind_is_told_from_its_content(tmp_path: Path, name: str) -> None:
    speech = phiz.speak("Hello there. It is me, 25 times.")
    text = timing_text(speech, FORMATS[name])
    found = sniffed(Source(tmp_path / "named.badly", text))
    assert FORMATS[found].reader.split(":")[0] == FORMATS[name].reader.split(":")[0]
    assert FORMATS[found].extensions[0] == FORMATS[name].extensions[0]


def test_what_is_written_for_text_alone_needs_words(tmp_path: Path) -> None:
    speech = replace(phiz.speak("Hi"), words=())
    for name in ("ctm", "srt", "vtt-karaoke", "whisper", "elevenlabs", "audacity-sentences"):
        with pytest.raises(SpeechError, match=f"'{name}' holds words"):
            write_timing_file(speech, tmp_path / "out", name)


def test_own_files_fit_the_schema() -> None:
    speech = replace(
        phiz.speak("Hello there. Ça va?"),
        marks=(Mark("here", 0.5),),
        mismatches=(Mismatch("missing", "gone", 0.5, 0.5),),
    )
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(timing_dict(speech), SCHEMA)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("version", 2), ("rate", 0), ("duration", -1), ("words", [{"text": "a"}]),
        ("phonemes", [{"ipa": "a", "start": -1, "end": 1}]),
        ("phonemes", [{"ipa": "a", "start": 0, "end": 1, "stress": 3}]),
        ("phonemes", [{"ipa": "a", "start": 0, "end": 1, "word": -2}]),
        ("marks", [{"name": "a"}]), ("mismatches", [{"kind": "extra", "text": ""}]),
        ("sentences", [{"start": 0, "end": 1e9}]),
    ],
)  # fmt: skip
def test_reader_and_schema_refuse_the_same(tmp_path: Path, member: str, value: object) -> None:
    data = {**timing_dict(phiz.speak("Hi")), member: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, SCHEMA)
    (tmp_path / "t.json").write_text(json.dumps(data))
    with pytest.raises(SpeechError, match=r"t\.json"):
        read_timing_file(tmp_path / "t.json")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_text_in_utf_8_and_utf_16(tmp_path: Path, encoding: str) -> None:
    speech = phiz.speak("Ça va, naïve?", language="fr")
    for name in ("textgrid", "textgrid-short", "vtt", "audacity"):
        text = timing_text(speech, FORMATS[name])
        mark = "\ufeff" if encoding == "utf-16-be" else ""
        path = tmp_path / f"t{FORMATS[name].extensions[0]}"
        path.write_bytes((mark + text).encode(encoding))
        assert [word.text for word in read_timing_file(path).words] == [word.text for word in speech.words]


def test_other_encodings_are_named(tmp_path: Path) -> None:
    (tmp_path / "t.srt").write_bytes("1\n00:00:00,000 --> 00:00:01,000\nça\n".encode("latin-1"))
    with pytest.raises(SpeechError, match="neither UTF-8 nor UTF-16"):
        read_timing_file(tmp_path / "t.srt")


DAMAGED = {
    "a.ctm": ("f 1 0.5 0.1 hi\nf 1 0.1 0.1 ho\n", "line 2.*no earlier than 0.5 s"),
    "b.ctm": ("f 1 0.5 -0.1 hi\n", "line 1.*length of 0 or more"),
    "c.ctm": ("f 1 0.5\n", "line 1.*RECORDING CHANNEL"),
    "d.ctm": ("f 1 0 1 hi\ng 1 1 1 ho\n", "2 recordings"),
    "a.txt": ("0.0\t1.0\tone two\n-1.0\t2.0\tthree four\n", "line 2.*0 or more"),
    "b.txt": ("0.0\tnan\thi\n", "line 1"),
    "c.txt": ("no labels here\n", "line 1.*START, END and a LABEL"),
    "a.srt": ("1\n00:00:01,000 --> nonsense\nHi\n", "line 2.*START --> END"),
    "b.srt": ("1\n00:00:02,000 --> 00:00:01,000\nHi\n", "line 2.*no earlier"),
    "c.srt": ("1\n99:99:99,000 --> 99:99:99,900\nHi\n", "c.srt"),
    "a.vtt": ("WEBVT\n\n00:01.000 --> 00:02.000\nHi\n", "WEBVTT|START"),
    "a.json": ('{"words": [{"word": "a", "start": 0, "end": NaN}]}', r"words\[0\].*no earlier"),
    "b.json": ('{"words": [{"word": "a", "start": 0, "end": 1e30}]}', r"words\[0\].*86400"),
    "c.json": ('{"tiers": {"words": {"entries": [[0, "x", "a"]]}}}', "tier words, interval 1.*time"),
    "d.json": ('[{"audioOffset": 0, "visemeId": 22}]', r"item\[0\].*0 to 21"),
    "e.json": ('{"characters": ["a"], "character_start_times_seconds": [0]}', "character_end_times_seconds"),
    "f.json": ('{"phonemes": ["a"], "durations": [0.1, 0.2]}', "length for each phoneme"),
    "g.json": ('{"what": 1}', "JSON of no known kind.*what"),
    "h.json": ('{"words":\n [{"word": "a" "start"}]}', "line 2"),
    "i.json": ('{"mouthCues": [{"start": 0, "end": 1, "value": "Q"}]}', r"mouthCues\[0\].*A to H or X"),
    "a.marks": ('{"time":1,"type":"word","value":"a"}\n{"time":0,"type":"sneeze"}\n', "line 2.*word"),
    "a.pho": ("_ 100\n@ eighty\n", "line 2.*SOUND MILLISECONDS"),
    "b.pho": ("_ 100\n@ 80\n~~~ 70\n", "line 3.*a sound in xsampa"),
    "a.tsv": ("0.00\tX\n0.50\tA\n0.20\tB\n0.6\tX\n", "line 2.*no earlier"),
    "a.xml": ("<!DOCTYPE a [<!ENTITY b 'c'>]><rhubarbResult/>", "without a document type"),
    "b.xml": ("<rhubarbResult><mouthCues>", "XML"),
    "a.dat": ("MohoSwitch1\n1 X\nsoon A\n", "line 3.*frame"),
    "a.TextGrid": ("nothing of it", "ooTextFile"),
    "b.TextGrid": ('File type = "ooTextFile"\nObject class = "TextGrid"\nxmin = -1\n', "line 3.*0 or more"),
    "a.doc": ("whatever", "of no known kind"),
    "empty.srt": ("", "START --> END"),
    "empty.vtt": ("WEBVTT\n", "no words or sounds"),
    "empty.json": ('{"segments": []}', "no words or sounds"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    text, complaint = DAMAGED[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpeechError, match=complaint) as caught:
        read_timing_file(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(deadline=None, max_examples=60)
@given(
    name=st.sampled_from(WRITTEN),
    place=st.floats(0, 1),
    junk=st.sampled_from(["-1", "NaN", "[", '"', "", "\n", "9e9"]),
)
def test_any_damage_is_told_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: float, junk: str
) -> None:
    speech = phiz.speak("Hello.")
    text = timing_text(speech, FORMATS[name])
    at = int(place * len(text))
    path = tmp_path_factory.mktemp("damage") / f"t{FORMATS[name].extensions[0]}"
    path.write_text(text[:at] + junk + text[at + 3 :], encoding="utf-8")
    try:
        back = read_timing_file(path)
    except SpeechError:
        return
    spans = [(phoneme.start, phoneme.end) for phoneme in back.phonemes]
    assert all(start < end for start, end in spans)
    assert all(after[0] >= before[1] for before, after in pairwise(spans))


def test_a_cut_off_text_grid_is_noticed(tmp_path: Path) -> None:
    for name in ("textgrid", "textgrid-short"):
        text = timing_text(phiz.speak("Hello there."), FORMATS[name])
        lines = text.splitlines()
        path = tmp_path / f"{name}.TextGrid"
        path.write_text("\n".join(lines[: len(lines) * 2 // 3]))
        with pytest.raises(SpeechError, match=r"entries|as Praat saves it"):
            read_timing_file(path)


@pytest.mark.parametrize("name", [n for n in eval_names("aligned") if n.endswith(".TextGrid")] or ["none"])
def test_real_text_grids(name: str) -> None:
    path = eval_file(f"aligned/{name}")
    speech = read_timing_file(
        path,
        audio=path.parent / name.replace("_manual", "").replace("_auto", "").replace(".TextGrid", ".wav"),
    )
    assert 2 < speech.duration < 4
    assert 3 <= len(speech.words) <= 12
    assert all(word.end > word.start for word in speech.words)
    assert "SIL" not in [word.text for word in speech.words]
    assert len(speech.phonemes) >= 15
    assert speech.samples.any()


def test_real_english_phones_are_read_as_they_are() -> None:
    speech = read_timing_file(eval_file("aligned/msajc003.TextGrid"))
    assert " ".join(word.text for word in speech.words) == "amongst her friends she was considered beautiful"
    assert [p.ipa for p in speech.phonemes if p.word == 2] == ["f", "r", "ɛ", "n", "z"]
    assert speech.phonemes[0].start == pytest.approx(0.187498)
    assert speech.timing == "aligned"


def test_the_recording_must_be_long_enough(tmp_path: Path) -> None:
    from phiz.speech.audio import write_wav

    write_wav(tmp_path / "short.wav", np.full(8000, 0.1), 16000)
    speech = phiz.speak("Hello there, this takes a while.")
    write_timing_file(speech, tmp_path / "t.json")
    with pytest.raises(SpeechError, match=r"t\.json tells .* the recording lasts 0\.50 s"):
        read_timing_file(tmp_path / "t.json", audio=tmp_path / "short.wav")


def test_requests_that_cannot_be_met(tmp_path: Path) -> None:
    speech = phiz.speak("Hi")
    with pytest.raises(UsageError, match="unknown; there is phiz, textgrid"):
        write_timing_file(speech, tmp_path / "t.json", "vhs")
    with pytest.raises(UsageError, match=r"\.doc"):
        format_to_write("t.doc")
    with pytest.raises(UsageError, match="only read"):
        format_to_write("t.json", "neural")
    with pytest.raises(UsageError, match="has no mouths: rhubarb-tsv"):
        write_timing_file(speech, tmp_path / "t.srt", mouths="A-F")
    assert list(tmp_path.iterdir()) == []


def test_words_get_the_sounds_of_their_language(tmp_path: Path) -> None:
    path = tmp_path / "t.srt"
    path.write_text("1\n00:00:00,500 --> 00:00:01,000\nJean\n", encoding="utf-8")
    english, french = (read_timing_file(path, language=language) for language in ("en", "fr"))
    assert [p.ipa for p in english.phonemes] == ["dʒ", "iː", "n"]
    assert [p.ipa for p in french.phonemes] == ["ʒ", "ɑ̃"]
    assert (french.phonemes[0].start, french.phonemes[-1].end) == (0.5, 1.0)
    assert french.timing == "stretched"


def test_sounds_are_heard_where_there_is_a_recording(tmp_path: Path) -> None:
    """The share of hand-made sounds' starts that some sound's start is near."""
    folder = eval_file("timit/dr3-falk0")

    def shares(name: str) -> tuple[float, float]:
        rows = [line.split() for line in (folder / f"{name}.wrd").read_text().splitlines()]
        wanted = [int(line.split()[0]) / 16000 for line in (folder / f"{name}.phn").read_text().splitlines()]
        lines = [f"a 1 {int(s) / 16000} {(int(e) - int(s)) / 16000} {word}\n" for s, e, word in rows]
        (tmp_path / "w.ctm").write_text("".join(lines))
        found = []
        for audio in (None, folder / f"{name}.wav"):
            speech = read_timing_file(tmp_path / "w.ctm", audio=audio)
            starts = np.array([phoneme.start for phoneme in speech.phonemes])
            assert [word.start for word in speech.words] == [
                pytest.approx(int(s) / 16000) for s, _, _ in rows
            ]
            found.append(float(np.mean([np.abs(starts - time).min() < 0.02 for time in wanted[1:]])))
        return found[0], found[1]

    said, heard = np.mean([shares(name) for name in ("sa1", "sx6", "si658")], axis=0)
    assert heard > 0.75
    assert heard > said + 0.1


def test_sentences_are_heard_in_the_recording(tmp_path: Path) -> None:
    from phiz.speech.audio import write_wav

    truth = phiz.speak("Some people always make their own problems. Then they complain!")
    write_wav(tmp_path / "t.wav", truth.samples, truth.rate)
    early = [(max(0.0, start - 0.15), end - 0.1) for start, end in truth.sentences]  # as subtitles come
    write_timing_file(replace(truth, sentences=tuple(early)), tmp_path / "t.srt")
    speech = read_timing_file(tmp_path / "t.srt", audio=tmp_path / "t.wav")
    assert [word.text for word in speech.words] == [word.text for word in truth.words]
    errors = [abs(one.start - other.start) for one, other in zip(speech.words, truth.words, strict=True)]
    assert np.median(errors) < 0.02
    assert speech.timing == "aligned"


def test_the_command_line_turns_one_kind_into_another(here: Run, tmp_path: Path) -> None:
    (tmp_path / "t.srt").write_text("1\n00:00:00,500 --> 00:00:01,400\nMoon balloon\n")
    ran = here("timing", "t.srt", "-o", "t.dat", "--mouths", "A-F", "--frame-rate", "25", "--preston-blair")
    assert ran.returncode == 0, ran.stderr
    lines = (tmp_path / "t.dat").read_text().splitlines()
    assert lines[:2] == ["MohoSwitch1", "1 MBP"]
    assert {line.split()[1] for line in lines[1:]} <= {"MBP", "etc", "E", "AI", "O", "U"}
    ran = here("timing", "t.srt", "-o", "t.srt")
    assert ran.returncode == 2
    assert "one file" in ran.stderr
    ran = here("animate", "--timed-by", "t.srt", "-o", "clip.json", "--timing", "t.TextGrid")
    assert ran.returncode == 0, ran.stderr
    assert [w.text for w in read_timing_file(tmp_path / "t.TextGrid").words] == ["Moon", "balloon"]
    ran = here("animate", "Hello", "--timed-by", "t.srt", "-o", "clip2.json")
    assert ran.returncode == 2
    assert "both the timing file t.srt and a text" in ran.stderr


@pytest.mark.parametrize(
    ("text", "captions"),
    [
        ("Hello [wink] you! It's a do-it-yourself kit.", ["Hello you!", "It's a do-it-yourself kit."]),
        ('"Stop," she said.', ['"Stop,"', "she said."]),
        ("你好世界。 No. 5, please.", ["你好世界。", "No. 5,", "please."]),
        ('<speak>Ask <sub alias="two">2</sub>, a cat?</speak>', ["Ask 2,", "a cat?"]),
    ],
)
def test_captions_are_as_they_are_written(text: str, captions: list[str]) -> None:
    assert [cue[2] for cue in sentence_texts(phiz.speak(text))] == captions


def test_a_caption_of_words_that_the_text_does_not_hold_has_them_all() -> None:
    speech = phiz.speak("One two three.")
    assert [cue[2] for cue in sentence_texts(replace(speech, text="Two, three!"))] == ["One two three"]
