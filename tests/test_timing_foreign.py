"""Timing files as other programs write them: each sample has the layout of that program's own output."""

import json
import logging
from pathlib import Path

import pytest

from evaldata import eval_file
from phiz.speech.formats.alphabets import alphabet_of, sound_of, xsampa_of
from phiz.speech.formats.files import read_timing_file, write_timing_file
from phiz.speech.speech import Speech

GENTLE = {
    "transcript": "Hello big world",
    "words": [
        {"alignedWord": "hello", "case": "success", "start": 0.1, "end": 0.45, "startOffset": 0,
         "endOffset": 5, "word": "Hello", "phones": [
             {"duration": 0.08, "phone": "hh_B"}, {"duration": 0.07, "phone": "ah_I"},
             {"duration": 0.1, "phone": "l_I"}, {"duration": 0.1, "phone": "ow_E"}]},
        {"case": "not-found-in-audio", "startOffset": 6, "endOffset": 9, "word": "big"},
        {"alignedWord": "<unk>", "case": "success", "start": 0.5, "end": 0.9, "startOffset": 10,
         "endOffset": 15, "word": "world", "phones": [{"duration": 0.4, "phone": "oov_S"}]},
    ],
}  # fmt: skip

WHISPERX = {
    "segments": [
        {"start": 0.5, "end": 2.0, "text": " We have 25 now.", "words": [
            {"word": "We", "start": 0.5, "end": 0.7, "score": 0.9},
            {"word": "have", "start": 0.7, "end": 1.0, "score": 0.9},
            {"word": "25"},
            {"word": "now.", "start": 1.6, "end": 2.0, "score": 0.8}]},
    ],
    "word_segments": [{"word": "We", "start": 0.5, "end": 0.7, "score": 0.9}],
    "language": "en",
}  # fmt: skip

WHISPER_CPP = {
    "result": {"language": "en"},
    "transcription": [
        {"timestamps": {"from": "00:00:00,000", "to": "00:00:01,500"}, "offsets": {"from": 0, "to": 1500},
         "text": " Good morning."},
    ],
}  # fmt: skip

MFA = {
    "start": 0, "end": 1.2,
    "tiers": {
        "words": {"type": "interval", "entries": [[0.1, 0.5, "the"], [0.5, 1.0, "cat"]]},
        "phones": {"type": "interval", "entries": [[0.1, 0.2, "DH"], [0.2, 0.5, "AH0"], [0.5, 0.6, "K"],
                                                   [0.6, 0.9, "AE1"], [0.9, 1.0, "T"]]},
    },
}  # fmt: skip

POLLY = """{"time":0,"type":"sentence","start":0,"end":23,"value":"Mary had a little lamb."}
{"time":6,"type":"word","start":0,"end":4,"value":"Mary"}
{"time":6,"type":"viseme","value":"p"}
{"time":73,"type":"viseme","value":"E"}
{"time":180,"type":"viseme","value":"r"}
{"time":292,"type":"viseme","value":"i"}
{"time":373,"type":"word","start":5,"end":8,"value":"had"}
{"time":373,"type":"viseme","value":"k"}
{"time":460,"type":"viseme","value":"a"}
{"time":521,"type":"viseme","value":"t"}
{"time":604,"type":"ssml","start":9,"end":9,"value":"animal"}
{"time":604,"type":"viseme","value":"@"}
{"time":700,"type":"viseme","value":"sil"}
"""

YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.070 align:start position:0%
\x20
hello<00:00:00.560><c> there</c>

00:00:02.070 --> 00:00:02.080 align:start position:0%
hello there
\x20

00:00:02.080 --> 00:00:04.000 align:start position:0%
hello there
my<00:00:02.480><c> old</c><00:00:02.960><c> friend</c>
"""

KARAOKE_SRT = """1
00:00:01,000 --> 00:00:01,400
<u>Hello</u> there

2
00:00:01,400 --> 00:00:01,900
Hello <font color="#00ff00">there</font>
"""

PHO = """; made for fr1
_ 50
b 70 50 120
O~ 120 0 118 100 110
Z 80
u 90 ; a comment
R 60
_ 100
#
"""

RHUBARB = "0.00\tX\n0.05\tD\n0.27\tC\n0.31\tB\n0.43\tX\n0.47\tX\n"


def read(tmp_path: Path, name: str, content: object, **options: str) -> Speech:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_timing_file(path, **options)  # type: ignore[arg-type]


def sounds(speech: Speech) -> str:
    return " ".join(phoneme.ipa for phoneme in speech.phonemes)


def test_gentle(tmp_path: Path) -> None:
    speech = read(tmp_path, "g.json", GENTLE)
    assert [(word.text, word.start, word.end) for word in speech.words] == [
        ("Hello", 0.1, 0.45), ("world", 0.5, 0.9),
    ]  # fmt: skip
    assert sounds(speech).startswith("h ʌ l oʊ w")  # what is out of Gentle's vocabulary is said by espeak-ng
    assert [p.start for p in speech.phonemes][:4] == pytest.approx([0.1, 0.18, 0.25, 0.35])
    assert speech.phonemes[-1].end == pytest.approx(0.9)
    assert [(each.kind, each.text, each.start) for each in speech.mismatches] == [("missing", "big", 0.45)]
    write_timing_file(speech, tmp_path / "again.json", "gentle")
    words = json.loads((tmp_path / "again.json").read_text())["words"]
    assert [word["case"] for word in words] == ["success", "not-found-in-audio", "success"]
    assert [phone["phone"] for phone in words[0]["phones"]] == ["hh_B", "ah_I", "l_I", "ow_E"]


def test_whisperx_places_a_number_between_its_neighbours(tmp_path: Path) -> None:
    speech = read(tmp_path, "w.json", WHISPERX)
    assert [(word.text, word.start, word.end) for word in speech.words] == [
        ("We", 0.5, 0.7), ("have", 0.7, 1.0), ("25", 1.0, 1.6), ("now.", 1.6, 2.0),
    ]  # fmt: skip
    assert sounds(speech).startswith("w iː h")
    assert {p.word for p in speech.phonemes} == {0, 1, 2, 3}
    assert speech.sentences == ((0.5, 2.0),)
    assert speech.timing == "stretched"


def test_whisper_cpp_and_a_bare_list(tmp_path: Path) -> None:
    speech = read(tmp_path, "w.json", WHISPER_CPP)
    assert [word.text for word in speech.words] == ["Good", "morning"]
    assert speech.phonemes[-1].end == 1.5
    bare = read(tmp_path, "b.json", [{"word": " Hi", "start": 0.2, "end": 0.6}])
    assert [(word.text, word.start) for word in bare.words] == [("Hi", 0.2)]


def test_mfa_with_arpabet(tmp_path: Path) -> None:
    speech = read(tmp_path, "m.json", MFA)
    assert sounds(speech) == "ð ʌ k æ t"
    assert [p.stress for p in speech.phonemes] == [0, 0, 0, 1, 0]
    assert [p.word for p in speech.phonemes] == [0, 0, 1, 1, 1]
    assert speech.duration == pytest.approx(1.2)


def test_two_speakers_take_turns(tmp_path: Path) -> None:
    entries = {"ann": [[0.0, 0.5, "hi"]], "bob": [[0.6, 1.0, "ho"]]}
    tiers = {f"{name} - words": {"type": "interval", "entries": rows} for name, rows in entries.items()}
    speech = read(tmp_path, "m.json", {"start": 0, "end": 1, "tiers": tiers})
    assert [word.text for word in speech.words] == ["hi", "ho"]


@pytest.mark.parametrize("unit", [1, 10_000])
def test_azure_in_milliseconds_and_in_ticks(tmp_path: Path, unit: int) -> None:
    offsets = [(50, 0), (100, 12), (180, 4), (260, 14), (330, 8), (520, 0)]
    events = [{"audioOffset": time * unit, "visemeId": viseme} for time, viseme in offsets]
    lines = "".join(json.dumps(event) + "\n" for event in events)
    for content in (json.dumps(events), lines):
        speech = read(tmp_path, "a.json", content)
        assert sounds(speech) == "h ɛ l oʊ"
        assert [p.start for p in speech.phonemes] == pytest.approx([0.1, 0.18, 0.26, 0.33])
        assert speech.phonemes[-1].end == pytest.approx(0.52)


def test_polly(tmp_path: Path) -> None:
    speech = read(tmp_path, "p.marks", POLLY)
    assert sounds(speech) == "p ɛ r i k a t ə"
    assert [(word.text, word.start, word.end) for word in speech.words] == [
        ("Mary", 0.006, 0.373), ("had", 0.373, 0.7),
    ]  # fmt: skip
    assert [(mark.name, mark.time) for mark in speech.marks] == [("animal", 0.604)]
    assert speech.sentences == ((0.0, 0.7),)


def test_elevenlabs_whole_in_pieces_and_by_force(tmp_path: Path) -> None:
    letters = list("Hi you")
    starts = [0.0, 0.1, 0.3, 0.35, 0.4, 0.5]
    whole = {"alignment": {"characters": letters, "character_start_times_seconds": starts,
                           "character_end_times_seconds": [*starts[1:], 0.7]}}  # fmt: skip
    piece = {"chars": letters, "charStartTimesMs": [round(s * 1000) for s in starts],
             "charDurationsMs": [100, 200, 50, 50, 100, 200]}  # fmt: skip
    spans = zip(letters, starts, [*starts[1:], 0.7], strict=True)
    forced = {"characters": [{"text": t, "start": s, "end": e} for t, s, e in spans], "words": []}
    for content in (whole, {"alignment": piece}, forced):
        speech = read(tmp_path, "e.json", content)
        assert [word.text for word in speech.words] == ["Hi", "you"]
        assert [(w.start, w.end) for w in speech.words] == [
            pytest.approx((0, 0.3)),
            pytest.approx((0.35, 0.7)),
        ]
    twice = "\n".join(json.dumps({"alignment": {**piece, "chars": list("Hi yo ")}}) for _ in "12")
    assert [word.text for word in read(tmp_path, "t.json", twice).words] == ["Hi", "yo", "Hi", "yo"]
    assert read(tmp_path, "t.json", twice).words[2].start == pytest.approx(0.7)


def test_piper_by_names_and_by_ids(tmp_path: Path) -> None:
    names = ["^", "h", "ə", "l", "ˈ", "o", "ʊ", " ", ".", "$"]
    samples = [2205] * len(names)
    pairs = zip(names, samples, strict=True)
    aligned = {"phoneme_alignments": [{"phoneme": name, "num_samples": count} for name, count in pairs]}
    plain = {"sample_rate": 22050, "phonemes": names[1:-1], "phoneme_id_samples": samples}
    ids = {"sample_rate": 22050, "phoneme_ids": [1, 20, 59, 24, 120, 27, 100, 3, 10, 2],
           "phoneme_id_samples": samples}  # fmt: skip
    for content in (aligned, plain, ids):
        speech = read(tmp_path, "p.json", content)
        assert sounds(speech) == "h ə l o ʊ"
        assert [p.start for p in speech.phonemes] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.6])
        assert [p.stress for p in speech.phonemes] == [0, 0, 0, 1, 0]
        assert speech.duration == pytest.approx(1.0)
    two = read(tmp_path, "two.jsonl", json.dumps(plain) + "\n" + json.dumps(plain) + "\n")
    assert len(two.phonemes) == 10
    assert two.duration == pytest.approx(2.0)


def test_kokoro_by_frames_and_by_tokens(tmp_path: Path) -> None:
    frames = {"phonemes": "hˈO", "pred_dur": [13, 4, 2, 8, 20]}
    speech = read(tmp_path, "k.json", frames)
    assert [(p.ipa, p.start, p.end) for p in speech.phonemes] == [
        ("h", pytest.approx(0.25), pytest.approx(0.35)), ("oʊ", pytest.approx(0.35), pytest.approx(0.6)),
    ]  # fmt: skip
    tokens = [{"text": "Hi", "phonemes": "hˈI", "start_ts": 0.2, "end_ts": 0.6, "whitespace": ""},
              {"text": "!", "phonemes": "!", "start_ts": None, "end_ts": None, "whitespace": ""}]  # fmt: skip
    for content in (tokens, {"tokens": tokens}):
        speech = read(tmp_path, "k.json", content)
        assert sounds(speech) == "h aɪ"
        assert [(word.text, word.start, word.end) for word in speech.words] == [("Hi", 0.2, 0.6)]


def test_captions_of_video_sites(tmp_path: Path) -> None:
    speech = read(tmp_path, "y.vtt", YOUTUBE)
    assert [(word.text, word.start, word.end) for word in speech.words] == [
        ("hello", 0.16, 0.56), ("there", 0.56, 2.07),
        ("my", 2.08, 2.48), ("old", 2.48, 2.96), ("friend", 2.96, 4.0),
    ]  # fmt: skip
    assert speech.sentences == ((0.16, 2.07), (2.08, 4.0))


def test_karaoke_in_srt(tmp_path: Path) -> None:
    speech = read(tmp_path, "k.srt", KARAOKE_SRT)
    assert [(word.text, word.start, word.end) for word in speech.words] == [
        ("Hello", 1.0, 1.4), ("there", 1.4, 1.9),
    ]  # fmt: skip
    assert speech.sentences == ((1.0, 1.9),)


def test_srt_with_windows_line_ends_tags_and_two_lines(tmp_path: Path) -> None:
    text = (
        "\ufeff1\r\n00:00:01,000 --> 00:00:03,000\r\n{\\an8}<i>Hello there,</i>\r\nold <b>friend</b>\r\n\r\n"
    )
    path = tmp_path / "w.srt"
    path.write_bytes(text.encode("utf-8"))
    assert [word.text for word in read_timing_file(path).words] == ["Hello", "there", "old", "friend"]


def test_what_subtitles_say_of_the_sound_is_not_said(tmp_path: Path) -> None:
    cues = ["[MUSIC PLAYING]", ">> Well, + (yes) [laughs] ♪", "(a door slams)", "♪ la la ♪", "- No."]
    lines = [f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{text}\n" for n, text in enumerate(cues, 1)]
    speech = read(tmp_path, "n.srt", "\n".join(lines))
    assert [word.text for word in speech.words] == ["Well", "yes", "la", "la", "No"]
    assert [start for start, _ in speech.sentences] == [2.0, 4.0, 5.0]


def test_mbrola(tmp_path: Path) -> None:
    speech = read(tmp_path, "f.pho", PHO)
    assert sounds(speech) == "b ɔ̃ ʒ u ʁ"
    assert (speech.phonemes[0].start, speech.phonemes[-1].end) == (pytest.approx(0.05), pytest.approx(0.47))
    assert speech.duration == pytest.approx(0.57)


def test_rhubarb_and_papagayo(tmp_path: Path) -> None:
    speech = read(tmp_path, "output.txt", RHUBARB)  # as in Rhubarb's own example, which names it .txt
    assert [(p.ipa, p.start, p.end) for p in speech.phonemes] == [
        ("ɑ", 0.05, 0.27), ("ɛ", 0.27, 0.31), ("i", 0.31, 0.43),
    ]  # fmt: skip
    assert speech.duration == pytest.approx(0.47)
    speech = read(tmp_path, "p.dat", "MohoSwitch1\n1 rest\n13 MBP\n17 AI\n25 rest\n")
    assert [(p.ipa, p.start) for p in speech.phonemes] == [("m", 0.5), ("ɑ", 0.67)]


def test_frames_stay_the_same_frames(tmp_path: Path) -> None:
    cues = "".join(f"{frame} {'AB'[frame % 2]}\n" for frame in range(3, 99, 3))
    written = f"MohoSwitch1\n{cues}99 X\n"
    write_timing_file(read(tmp_path, "p.dat", written), tmp_path / "q.dat")
    assert (tmp_path / "q.dat").read_text(encoding="utf-8").splitlines()[2:] == written.splitlines()[1:]


def test_punctuation_of_sentences_stays(tmp_path: Path) -> None:
    cue = '00:00:00{0}400 --> 00:00:03{0}900\n"Well, Bob," she said (twice): 25% of it?\n'
    speech = read(tmp_path, "p.srt", "1\n" + cue.format(","))
    write_timing_file(speech, tmp_path / "q.vtt")
    assert (tmp_path / "q.vtt").read_text(encoding="utf-8") == "WEBVTT\n\n" + cue.format(".")
    write_timing_file(speech, tmp_path / "q.TextGrid")
    write_timing_file(read_timing_file(tmp_path / "q.TextGrid"), tmp_path / "r.vtt")
    assert (tmp_path / "r.vtt").read_text(encoding="utf-8") == "WEBVTT\n\n" + cue.format(".")


def test_names_of_sounds() -> None:
    assert alphabet_of(["HH", "AH0", "L", "OW1"]) == alphabet_of(["dh_B", "ah_E"]) == "arpabet"
    assert alphabet_of(["h", "ə", "oʊ"]) == alphabet_of(["p", "a"]) == "ipa"
    assert alphabet_of(["tS", "@", "i:"]) == "xsampa"
    assert alphabet_of(["iEO_name"]) is alphabet_of(["hello"]) is None
    assert sound_of("axr", "arpabet") == ("ɚ", 0)
    assert sound_of('"a~', "xsampa") == ("ã", 1)
    assert sound_of("ˌt͡ʃ", "ipa") == ("t͡ʃ", 2)
    for ipa in ("tʃ", "ɑ̃", "iː", "ʁ", "ɲ", "ɚ", "kʷ"):
        assert sound_of(xsampa_of(ipa), "xsampa") == (ipa, 0)


def test_what_is_in_no_alphabet_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = eval_file("aligned/F04_03_028_manual.TextGrid")
    with caplog.at_level(logging.WARNING, "phiz"):
        speech = read_timing_file(path, language="ko")
    assert "only its words are used" in caplog.text
    assert [word.text for word in speech.words] == ["yeongmineun", "deulpane", "isseo"]
