"""Scores from files: MIDI and MusicXML as programs write them, and files that are no scores."""

import io
import zipfile

import pytest

from measures_of_songs import FRERE, note, part, score
from phiz.cli import main
from phiz.errors import UsageError
from phiz.speech.singing.reading import read_score
from phiz.speech.singing.song import sing

CONTAINER = '<container><rootfiles><rootfile full-path="{}"/></rootfiles></container>'


@pytest.fixture
def written(tmp_path):
    """Writes a file and gives its path."""

    def write(content, name="song.musicxml"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def zipped(members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def starts(found):
    return [round(each.start, 6) for each in found.notes]


def keys(found):
    return [each.key for each in found.notes]


def test_repeats_are_played(written):
    found = read_score(written(FRERE))
    assert len(found.notes) == 32
    assert keys(found)[:8] == [60, 62, 64, 60] * 2
    assert starts(found)[:5] == [0.0, 0.6, 1.2, 1.8, 2.4]
    assert [each.bar for each in found.notes][8:14] == [2] * 6
    assert found.notes[0].syllable.text == "Frè"


def test_endings_and_verses(written):
    lyric = '<lyric number="{}"><syllabic>single</syllabic><text>{}</text></lyric>'
    both = note("C4", 8, more=lyric.format(1, "day") + lyric.format(2, "night"))
    first = '<barline location="left"><ending number="1" type="start"/></barline>' + note("D4", 8, "one")
    first += '<barline><ending number="1" type="stop"/><repeat direction="backward"/></barline>'
    second = '<barline location="left"><ending number="2" type="start"/></barline>' + note("E4", 8, "two")
    second += '<barline><ending number="2" type="discontinue"/></barline>'
    path = written(score([part([both, first, second, note("F4", 8, "end")])]))
    assert [each.syllable.text for each in read_score(path).notes] == ["day", "one", "night", "two", "end"]
    assert read_score(path, verse=2).notes[0].syllable.text == "night"
    with pytest.raises(UsageError, match="2 verses of lyrics, no verse 3"):
        read_score(path, verse=3)


def test_ties_chords_rests_and_tempo(written):
    tie = '<tie type="start"/>', '<tie type="stop"/>'
    low = note("C4", 2).replace("<note>", "<note><chord/>")
    slow = '<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>'
    slow += "<per-minute>20</per-minute></metronome></direction-type></direction>"
    bars = [
        note("", 4) + note("G4", 2, "oh", more=tie[0]) + low + note("G4", 2, more=tie[1]),
        note("A4", 2, "my") + slow + note("B4", 2, "my") + note("A4", 4, "my"),
    ]
    found = read_score(written(score([part(bars)])))
    assert keys(found) == [67, 69, 71, 69]
    assert starts(found) == [1.2, 2.4, 3.0, 5.0]  # 30 quarters a minute from the third note on
    assert found.notes[0].end == pytest.approx(2.4)
    assert "the highest one is sung" in found.remarks[0]


def test_a_transposing_part_sounds_as_written_for_it(written):
    horn = "<attributes><transpose><chromatic>-7</chromatic></transpose></attributes>"
    assert keys(read_score(written(score([part([horn + note("C5", 8, "oh")])])))) == [65]


def test_the_part_with_lyrics_is_sung(written):
    path = written(score([part([note("C3", 8)]), part([note("C5", 8, "oh")])]))
    found = read_score(path)
    assert keys(found) == [72]
    assert "part 2 (Voice 1)" in found.remarks[0]
    assert keys(read_score(path, track=1)) == [48]
    with pytest.raises(UsageError, match=r"no notes in part 3; it has 1 \(Voice 0\); 2 \(Voice 1\)"):
        read_score(path, track=3)
    with pytest.raises(UsageError, match="no channels"):
        read_score(path, channel=1)


def test_a_zipped_score(written):
    members = {"META-INF/container.xml": CONTAINER.format("a/song.xml"), "a/song.xml": FRERE}
    assert len(read_score(written(zipped(members), "song.mxl")).notes) == 32
    with pytest.raises(UsageError, match="damaged"):
        read_score(written(zipped(members)[:-30], "cut.mxl"))
    del members["a/song.xml"]
    with pytest.raises(UsageError, match="damaged"):
        read_score(written(zipped(members), "empty.mxl"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is no score"),
        (b"MThd\0\0", "damaged"),
        (b"Twinkle, twinkle", "is no score"),
        ("<html><body/></html>", "its root is <html>"),
        (FRERE[:700], "no MusicXML"),
        (score([part([note("", 8)])]), "no notes to sing"),
        (FRERE.replace("<step>C</step>", "<step>H</step>"), "'H', where one of C D E F G A B belongs"),
        (FRERE.replace("<duration>2</duration>", "<duration>1e99</duration>"), "out of range"),
        (FRERE.replace("<octave>4</octave>", "<octave>x</octave>"), "'x', where a number belongs"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><score-partwise>&b;</score-partwise>', "declares XML entities"),
        ("<score-timewise/>", "score-partwise"),
    ],
)
def test_what_is_no_score_is_told_in_a_line(written, content, told):
    with pytest.raises(UsageError, match=told) as caught:
        read_score(written(content))
    assert "\n" not in str(caught.value)


def test_a_score_without_words_asks_for_them(written):
    with pytest.raises(UsageError, match="no lyrics: give them with --lyrics"):
        sing(written(score([part([note("C4", 8)])])))


def test_the_command_line(written, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    written(FRERE)
    common = ["sing", "--score", "song.musicxml", "--lang", "fr"]
    changed = ["--tempo", "2", "--transpose", "-12"]
    assert main([*common, "-o", "song.wav", "--timing", "song.srt", *changed]) == 0
    assert "words: 20" in capsys.readouterr().out
    assert (tmp_path / "song.wav").stat().st_size > 22_050 * 2 * 9.6
    assert "Frère Jacques" in (tmp_path / "song.srt").read_text(encoding="utf-8").replace("\n", " ")
    (tmp_path / "words.txt").write_text("la\n", encoding="utf-8")
    assert main([*common, "-o", "la.wav", "--lyrics-file", "words.txt", "--quiet"]) == 0
    for wrong, told in [
        (["-o", "song.mp4"], "a video needs a PHOTO"),
        (["face.jpg", "-o", "new.wav"], "leave out face.jpg"),
        (["-o", "new.wav", "--lyrics", "la", "--lyrics-file", "words.txt"], "both --lyrics and"),
        (["-o", "song.wav"], "exists"),
        (["-o", "new.wav", "--score", "none.mid"], "cannot read the score none.mid"),
        (["face.jpg", "-o", "new.mp4", "--face", "all"], "one face sings"),
    ]:
        assert main([*common, *wrong]) == 2
        assert told in capsys.readouterr().err
    assert not (tmp_path / "new.wav").exists()


def test_midi_is_read(tmp_path):
    mido = pytest.importorskip("mido", reason="mido reads MIDI files, and is not installed")
    file = mido.MidiFile(ticks_per_beat=480)
    chords, tune, words = (file.add_track(name) for name in ("Piano", "Tune", "Words"))
    for tempo, wait in [(500_000, 0), (250_000, 960)]:
        chords.append(mido.MetaMessage("set_tempo", tempo=tempo, time=wait))
    chords += [mido.Message("note_on", note=48, velocity=60), mido.Message("note_off", note=48, time=3840)]
    for key, length in [(60, 480), (62, 480), (64, 960), (65, 960)]:
        tune += [mido.Message("note_on", note=key, velocity=60, channel=3)]
        tune += [mido.Message("note_on", note=key, velocity=0, time=length, channel=3)]
    for text, wait in [("@LEnglish", 0), ("Rös", 0), ("lein ", 480), ("rot", 480)]:
        words.append(mido.MetaMessage("lyrics", text=text.encode().decode("latin-1"), time=wait))
    path = tmp_path / "song.mid"
    file.save(path)
    found = read_score(path)
    assert [(each.start, each.end, each.key, each.bar) for each in found.notes] == [
        (0.0, 0.5, 60, 1), (0.5, 1.0, 62, 1), (1.0, 1.5, 64, 1), (1.5, 2.0, 65, 2),
    ]  # fmt: skip
    assert [(s.text, s.begins, s.ends) if (s := each.syllable) else None for each in found.notes] == [
        ("Rös", True, False), ("lein", False, True), ("rot", True, True), None,
    ]  # fmt: skip
    assert "track 2 (Tune), channel 4 is sung" in found.remarks[0]
    assert [word.text for word in sing(path, language="de").words] == ["Röslein", "rot"]
    other = read_score(path, track=1)
    assert (len(other.notes), other.lost) == (1, 2)
    with pytest.raises(UsageError, match="no notes in track 9; it has track 1"):
        read_score(path, track=9)
    with pytest.raises(UsageError, match="no verses"):
        read_score(path, verse=2)
    data = path.read_bytes()
    for length in (10, 30, 60, len(data) - 5):
        path.write_bytes(data[:length])
        with pytest.raises(UsageError, match=r"damaged|no notes"):
            read_score(path)
    drums = mido.MidiFile()
    drums.add_track().append(mido.Message("note_on", note=40, channel=9))
    held = io.BytesIO()
    drums.save(file=held)
    path.write_bytes(held.getvalue())
    with pytest.raises(UsageError, match="no notes to sing"):
        read_score(path)
