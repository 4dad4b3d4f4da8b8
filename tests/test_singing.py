"""Songs: scores and words in, a sung voice out, measured by trackers that know nothing of the score."""

import logging
from itertools import pairwise

import numpy as np
import pytest
import pyworld

from measures_of_songs import FRERE, TWINKLE, WORDS, note, part, score, song
from phiz.errors import UsageError
from phiz.motion.animation import animate
from phiz.speech.prosody import is_vowel
from phiz.speech.singing.lyrics import tokens_of_text
from phiz.speech.singing.reading import read_score
from phiz.speech.singing.score import Note, Score, single_voice
from phiz.speech.singing.song import LEAD, sing, sing_score
from phiz.speech.singing.sustaining import sustained


@pytest.fixture(scope="module")
def twinkle():
    return sing_score(song(TWINKLE), WORDS)


@pytest.fixture(scope="module")
def frere(tmp_path_factory):
    path = tmp_path_factory.mktemp("score") / "frere.musicxml"
    path.write_text(FRERE, encoding="utf-8")
    return read_score(path), sing(path, language="fr")


def middles(speech, notes):
    """The middle half of the vowel on each note, in seconds."""
    for each in notes:
        start, end = each.start + LEAD, each.end + LEAD
        vowel = next(p for p in speech.phonemes if is_vowel(p.ipa) and p.start < end and p.end > start + 1e-6)
        low, high = max(start, vowel.start), min(end, vowel.end)
        yield each, low + 0.25 * (high - low), high - 0.25 * (high - low)


def check_pitch(speech, notes):
    hz, times = pyworld.harvest(speech.samples.astype(float), speech.rate, f0_floor=150.0, f0_ceil=900.0)
    for each, low, high in middles(speech, notes):
        inside = hz[(times >= low) & (times < high)]
        assert (inside > 0.0).mean() > 0.9, f"bar {each.bar} is not voiced"
        cents = 1200 * np.median(np.log2(inside[inside > 0.0] / 440)) - 100 * (each.key - 69)
        assert abs(cents) < 15, f"bar {each.bar} is {cents:.0f} cents off"


def test_notes_are_sung_at_their_pitch(twinkle, frere):
    check_pitch(twinkle, song(TWINKLE).notes)
    check_pitch(frere[1], frere[0].notes)


def test_vowels_begin_on_the_beats(twinkle):
    """Heard too: after [t k h], the voice's band comes up within 20 ms of the beat."""
    from scipy.signal import butter, sosfiltfilt

    beats = [each.start + LEAD for each in song(TWINKLE).notes]
    vowels = [p.start for p in twinkle.phonemes if is_vowel(p.ipa)]
    assert vowels == pytest.approx(beats)
    rate = twinkle.rate
    voice = sosfiltfilt(butter(4, [150, 1500], "band", fs=rate, output="sos"), twinkle.samples.astype(float))
    window = np.hanning(int(0.012 * rate))
    level = 10 * np.log10(np.convolve(voice**2, window / window.sum(), "same") + 1e-10)
    heard = 0
    for before, vowel in pairwise(twinkle.phonemes):
        if before.ipa in ("t", "k", "h") and is_vowel(vowel.ipa):
            usual = np.median(level[int((vowel.start + 0.05) * rate) : int((vowel.start + 0.15) * rate)])
            first = int((vowel.start - 0.05) * rate)
            loud = level[first : first + int(0.15 * rate)] > usual - 8
            steady = next(k for k in range(len(loud)) if loud[k : k + int(0.03 * rate)].all())
            assert abs((first + steady) / rate - vowel.start) < 0.02
            heard += 1
    assert heard >= 3


def test_the_voice_is_even_and_clean(twinkle):
    samples, rate = twinkle.samples.astype(float), twinkle.rate
    assert 0.2 < np.abs(samples).max() < 0.99
    levels, bend = [], np.abs(np.diff(samples, 2))
    for _, low, high in middles(twinkle, song(TWINKLE).notes):
        inside = slice(int(low * rate), int(high * rate))
        levels.append(10 * np.log10(np.mean(samples[inside] ** 2)))
        width = int(0.012 * rate)
        part = bend[inside][: (inside.stop - inside.start) // width * width].reshape(-1, width).max(axis=1)
        assert part.max() < 3 * np.median(part), f"a click at {low:.2f} to {high:.2f} s"
    assert np.std(levels) < 1.5
    for start, end in twinkle.sentences:
        for edge in (start, end):
            assert np.abs(np.diff(samples))[int(edge * rate) - 40 : int(edge * rate) + 40].max() < 0.05


def test_long_notes_have_vibrato(twinkle):
    last = twinkle.phonemes[-1]
    first = int(last.start * twinkle.rate)
    samples = twinkle.samples[first:].astype(float)
    hz, times = pyworld.harvest(samples, twinkle.rate, f0_floor=150.0, f0_ceil=900.0)
    times += first / twinkle.rate
    inside = (times > last.start + 0.7) & (times < last.start + 1.05)
    cents = 1200 * np.log2(hz[inside] / np.median(hz[inside]))
    assert 25 < np.abs(cents).max() < 60
    early = (times > last.start + 0.1) & (times < last.start + 0.28)
    assert np.ptp(1200 * np.log2(hz[early])) < 25


def test_sounds_follow_each_other_and_belong_to_words(twinkle):
    phonemes = twinkle.phonemes
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(phonemes))
    assert all(each.end > each.start for each in phonemes)
    assert [word.text for word in twinkle.words] == WORDS.replace(",", "").split()
    assert len(twinkle.sentences) == 2  # breath at the end of the line, the score having no rest there
    (_, first), (second, _) = twinkle.sentences
    assert second - first > 0.15
    # Consonants of [twɪŋkəl] last about as long as spoken, before the beat.
    assert twinkle.phonemes[0].start == pytest.approx(LEAD - 0.2, abs=0.06)


def test_the_same_song_sounds_the_same(twinkle):
    again = sing_score(song(TWINKLE), WORDS)
    assert np.array_equal(again.samples, twinkle.samples)
    assert again.phonemes == twinkle.phonemes


def test_french_sings_what_it_does_not_speak(frere):
    _, speech = frere
    assert [word.text for word in speech.words][:4] == ["Frère", "Jacques", "Frère", "Jacques"]
    assert sum(is_vowel(p.ipa) for p in speech.phonemes) == 32
    assert [p.ipa for p in speech.phonemes if p.word == 0] == ["f", "ʁ", "ɛ", "ʁ", "ø"]


def test_a_melisma_is_one_vowel(tmp_path):
    bars = note("C4", 2, "A", "begin") + note("D4", 2) + note("E4", 2) + note("C4", 2, "men", "end")
    path = tmp_path / "amen.musicxml"
    path.write_text(score([part([bars])]), encoding="utf-8")
    speech = sing(path)
    vowels = [p for p in speech.phonemes if is_vowel(p.ipa)]
    assert len(vowels) == 2
    assert vowels[0].end - vowels[0].start > 1.3
    check_pitch(speech, read_score(path).notes)


def test_underscores_hold_and_hyphens_part(caplog):
    notes = song("C4 D4 E4 F4 G4").notes
    speech = sing_score(Score(notes), "star _ _ fi-re")
    assert [round(p.start, 6) for p in speech.phonemes if is_vowel(p.ipa)] == [LEAD, LEAD + 1.8]
    assert caplog.messages == []
    parted = tokens_of_text("Twin-kle twenty-one glo-__-ri-a", "en")
    assert [(each.text, each.spoken, each.holds) for each in parted] == [
        ("Twinkle", "Twinkle", (0, 0)), ("twenty-one", "twenty-one", (0, 0)), ("gloria", "gloria", (2, 0, 0)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("star light", "2 syllables for 5 notes: from note 3 on, in bar 1, nothing is sung"),
        ("star light star bright first star", "6 syllables for 5 notes: what comes after the last note"),
    ],
)
def test_what_does_not_go_up_is_told(words, told, caplog):
    with caplog.at_level(logging.WARNING, "phiz"):
        speech = sing_score(song("C3 D3 E3 F3 G3"), words)
    assert told in caplog.text
    assert len(speech.words) == min(5, len(words.split()))


def test_one_syllable_is_sung_on_every_note():
    speech = sing_score(song("C3 E3 G3"), "la")
    assert [p.ipa for p in speech.phonemes if is_vowel(p.ipa)] == ["æ"] * 3


@pytest.mark.parametrize(
    ("notes", "sung"),
    [
        ([(0, 1, 60), (0, 1, 64), (1, 2, 62)], [(0, 1, 64), (1, 2, 62)]),  # a chord: its top
        ([(0, 2, 64), (1, 2, 60)], [(0, 2, 64)]),  # a second voice under the first
        ([(0, 1.1, 60), (1, 2, 62)], [(0, 1, 60), (1, 2, 62)]),  # a slur upwards
        ([(0, 1.1, 62), (1, 2, 60)], [(0, 1, 62), (1, 2, 60)]),  # and downwards
        ([(0, 1, 60), (0.01, 1, 67)], [(0.01, 1, 67)]),  # a strummed chord
    ],
)
def test_the_highest_voice_is_sung(notes, sung):
    kept, dropped = single_voice([Note(start, end, key, 1) for start, end, key in notes])
    assert [(each.start, each.end, each.key) for each in kept] == sung
    assert dropped == len(notes) - len(sung)


@pytest.mark.parametrize(
    ("options", "told"),
    [({"transpose": 40}, "-36 to 36"), ({"tempo": 9.0}, "0.25 to 4"), ({"transpose": -36}, "nobody sings")],
)
def test_changes_out_of_range_are_told(options, told):
    with pytest.raises(UsageError, match=told):
        song("C2").changed(**options)


def test_tags_and_emoji_are_done_where_their_word_is_sung():
    speech = sing_score(song("C3 C3 C3 C3:2"), "[smile] Star 😉 bright, [look left] star [nod] light [wink]")
    assert [word.text for word in speech.words] == ["Star", "bright", "star", "light"]
    starts = [word.start for word in speech.words]
    wanted = ["tag:smile", "emoji:U+1F609", "tag:look left", "tag:nod", "tag:wink"]
    assert [mark.name for mark in speech.marks] == wanted
    assert [mark.time for mark in speech.marks[:-1]] == pytest.approx(starts)
    assert speech.marks[-1].time == speech.sentences[-1][1]


def test_voice_that_goes_on_is_held(twinkle):
    """Of a song whose sounds are half forgotten, all that is sung is sung again; of silence, nothing."""
    known = [each for each in twinkle.phonemes if not is_vowel(each.ipa) or each.end - each.start < 0.45]
    held = sustained(known, twinkle.samples, twinkle.rate)
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(held))
    missing = [each for each in twinkle.phonemes if each not in known]
    assert len(missing) > 3
    for vowel in missing:
        met = sum(max(0.0, min(vowel.end, p.end) - max(vowel.start, p.start)) for p in held)
        assert met > 0.85 * (vowel.end - vowel.start)
    (_, first), (second, _) = twinkle.sentences
    assert not any(p.start < second - 0.08 and p.end > first + 0.03 for p in held)
    assert sustained(twinkle.phonemes, twinkle.samples, twinkle.rate) == twinkle.phonemes


def test_a_held_vowel_stays_open_while_its_voice_trembles():
    """The loudness of an [ɑː] swings by 6 dB, 5.5 times a second: the jaw does neither follow nor freeze."""
    speech = sing_score(song("C3:4 C3"), "star light")
    seconds = np.arange(len(speech.samples)) / speech.rate
    swing = 10 ** (3 * np.sin(2 * np.pi * 5.5 * seconds) / 20)
    object.__setattr__(speech, "samples", (speech.samples * swing).astype(np.float32))
    vowel = max(speech.phonemes, key=lambda each: each.end - each.start)
    times = np.arange(vowel.start + 0.2, vowel.end - 0.4, 0.01)
    jaw = animate(speech).curves["jawOpen"].evaluate(times)
    assert jaw.min() > 0.6
    assert 0.01 < np.ptp(jaw) < 0.15
    slow = np.convolve(np.pad(jaw, 9, mode="edge"), np.ones(19) / 19, "valid")  # a wave lasts 18 samples
    assert np.abs(jaw - slow).max() < 0.01


def test_a_diphthong_turns_at_the_end_of_a_long_note():
    speech = sing_score(song("C3:4"), "high")
    (vowel,) = (each for each in speech.phonemes if is_vowel(each.ipa))
    jaw = animate(speech).curves["jawOpen"]
    assert jaw.evaluate(np.array([vowel.end - 0.5]))[0] > 0.7 * jaw.evaluate(np.array([vowel.start + 0.4]))[0]
    assert jaw.evaluate(np.array([vowel.end]))[0] < 0.5 * jaw.evaluate(np.array([vowel.start + 0.4]))[0]
