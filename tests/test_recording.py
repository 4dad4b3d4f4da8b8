"""A recording and its text: where they agree, where they do not, and what is no recording of it at all."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from evaldata import eval_file
from phiz.errors import SpeechError, UsageError
from phiz.speech.alignment import coarse, windows
from phiz.speech.audio import read_audio, write_wav
from phiz.speech.recording import aligned, speech_from_recording
from phiz.speech.speech import Speech
from phiz.speech.synthesis import say, speak

TEXT = "The kettle was boiling when they came home. Nobody had opened the windows since Monday morning."
SENTENCES = (
    "The morning train was late again.", "Nobody had expected snow in April.",
    "My uncle keeps bees behind the old barn.", "It takes about ten minutes to cook the rice.",
    "She has never seen such a large collection of maps.", "Turn left after the bridge and follow the signs.",
    "A small dog barked at the postman every day.", "They finished the project without any help.",
)  # fmt: skip


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return speak(TEXT, voice="espeak:f3")


def check(speech: Speech) -> None:
    """What holds of every speech."""
    assert all(phoneme.end > phoneme.start >= 0 for phoneme in speech.phonemes)
    assert all(after.start >= before.end for before, after in pairwise(speech.phonemes))
    assert not speech.phonemes or speech.phonemes[-1].end <= speech.duration + 1e-9
    for index, word in enumerate(speech.words):
        own = [phoneme for phoneme in speech.phonemes if phoneme.word == index]
        assert (own[0].start, own[-1].end) == (word.start, word.end)


def gaps(speech: Speech) -> list[tuple[float, float]]:
    """(start, end) of the silence between its phrases."""
    return [(before[1], after[0]) for before, after in pairwise(speech.sentences)]


def late(speech: Speech, truth: Speech) -> np.ndarray:
    """How far, in seconds, each word that both have begins from where it should; by order."""
    times = {word.text: word.start for word in truth.words}
    return np.array([abs(word.start - times[word.text]) for word in speech.words if word.text in times])


def with_noise(samples: np.ndarray, decibels: float) -> np.ndarray:
    noise = np.random.default_rng(3).standard_normal(len(samples))
    return (samples + noise * samples.std() * 10 ** (-decibels / 20)).astype(np.float32)


def test_a_text_is_laid_on_its_recording(spoken: Speech) -> None:
    speech = aligned(with_noise(spoken.samples, 30), spoken.rate, TEXT)
    check(speech)
    assert (speech.timing, speech.text, speech.language, speech.mismatches) == ("aligned", TEXT, "en-us", ())
    assert [word.text for word in speech.words] == [word.text for word in spoken.words]
    assert np.median(late(speech, spoken)) < 0.02
    assert late(speech, spoken).max() < 0.08
    assert speech.confidence > 0.8
    assert any(start > 2.5 and end < 3.1 for start, end in gaps(speech))  # the full stop


@pytest.mark.parametrize("language", ["de", "es", "cmn"])
def test_other_languages(language: str) -> None:
    texts = {
        "de": "Der Nordwind und die Sonne stritten sich, wer von ihnen der Stärkere wäre.",
        "es": "El viento del norte y el sol discutían sobre cuál de ellos era el más fuerte.",
        "cmn": "北风跟太阳在那儿争论谁的本事大。",
    }
    truth = speak(texts[language], voice="espeak:m3", language=language)
    speech = aligned(with_noise(truth.samples, 25), truth.rate, texts[language], language=language)
    check(speech)
    assert speech.mismatches == ()
    assert len(speech.words) == len(truth.words)
    starts = [word.start for word in truth.words]
    assert np.median(np.abs(np.array([word.start for word in speech.words]) - starts)) < 0.03


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda samples: np.clip(samples * 8, -0.9, 0.9), id="clipped"),
        pytest.param(lambda samples: np.rint(samples * 33) / 32768, id="quiet"),
        pytest.param(lambda samples: samples * 0.5 + 0.4, id="offset"),
        pytest.param(lambda samples: with_noise(samples, 10), id="noisy"),
        pytest.param(lambda samples: np.pad(samples, 22050 * 6), id="silence"),
    ],
)
def test_bad_recordings_are_timed_well(spoken: Speech, spoil) -> None:  # type: ignore[no-untyped-def]
    samples = np.asarray(spoil(spoken.samples), np.float32)
    before = 6.0 if len(samples) > len(spoken.samples) else 0.0
    speech = aligned(samples, spoken.rate, TEXT)
    check(speech)
    times = np.array([word.start for word in spoken.words]) + before
    found = {word.text: word.start for word in speech.words}
    assert len(found) >= len(times) - 1
    off = [
        abs(found[word.text] - t) for word, t in zip(spoken.words, times, strict=True) if word.text in found
    ]
    assert np.median(off) < 0.03
    assert np.mean(np.array(off) < 0.1) > 0.9


def test_no_word_is_missed_in_a_spoilt_recording_of_another_language() -> None:
    samples, rate = read_audio(eval_file("audio/spa_SPA_F23_SPA_T02.wav"))
    text = (
        "Tengo un problema con el suavizante de agua. El nivel de agua es demasiado y gotea continuamente. "
        "Podría enviarme a un técnico el martes por la mañana, por favor?"
    )
    samples = samples[: round(11.4 * rate)]
    truth = aligned(samples, rate, text, language="es")
    assert [word.text for word in truth.words][-3:] == ["mañana", "por", "favor"]
    for spoilt in (np.clip(samples * 4, -1, 1), np.rint(samples * 327) / 32768):
        speech = aligned(spoilt.astype(np.float32), rate, text, language="es")
        check(speech)
        assert speech.mismatches == ()
        moved = [abs(a.start - b.start) for a, b in zip(speech.words, truth.words, strict=True)]
        assert np.median(moved) < 0.02


@pytest.mark.parametrize(
    ("text", "missing", "extra"),
    [
        (TEXT.replace("boiling", "boiling furiously"), "furiously", None),
        (TEXT.replace("opened the windows ", ""), None, ("opened", "windows")),
        (TEXT.replace("kettle", "hippopotamus"), "hippopotamus", ("kettle", "kettle")),
    ],
)
def test_what_only_one_of_them_holds_is_told(
    spoken: Speech, text: str, missing: str | None, extra: tuple[str, str] | None
) -> None:
    speech = aligned(with_noise(spoken.samples, 30), spoken.rate, text)
    check(speech)
    unheard = " ".join(each.text for each in speech.mismatches if each.kind == "missing")
    assert unheard == (missing or "")
    others = [(each.start, each.end) for each in speech.mismatches if each.kind == "extra"]
    if extra is None:
        assert others == []
    else:
        span = [next(word for word in spoken.words if word.text == name) for name in extra]
        ((start, end),) = others
        assert start == pytest.approx(span[0].start, abs=0.2)
        assert end == pytest.approx(span[1].end, abs=0.2)
        moving = [phoneme for phoneme in speech.phonemes if phoneme.word == -1]
        assert len(moving) >= 2
        assert all(start - 0.05 <= phoneme.start < end for phoneme in moving)
    assert late(speech, spoken).max() < 0.1  # the rest is not smeared


def test_a_wrong_text_is_refused(spoken: Speech) -> None:
    other = "Please bring a cup of coffee and two slices of bread to the table near the garden gate."
    for language, text in (("en", other), ("fr", "Une classe entière qui a bien vu comment ça s'est passé.")):
        with pytest.raises(SpeechError, match="does not seem to be what is said in the recording"):
            aligned(spoken.samples, spoken.rate, text, language=language)


def test_where_nobody_speaks(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    noise = (0.05 * np.random.default_rng(5).standard_normal(32000)).astype(np.float32)
    for name, sound in (("noise", noise), ("silence", np.zeros(32000))):
        path = tmp_path / f"{name}.wav"
        write_wav(path, sound, 16000)
        with pytest.raises(SpeechError, match=f"no speech is heard in {path}"):
            speech_from_recording(path, "Hello there, my friend.")
        assert speech_from_recording(path).phonemes == ()
        assert f"no speech is heard in {path}" in caplog.text
    for text in ("Hello", None):
        with pytest.raises(UsageError, match="language 'zz' is unknown"):
            speech_from_recording(path, text, language="zz")
    with pytest.raises(SpeechError, match=r"nothing in the text '\.\.\. !'"):
        speech_from_recording(path, "... !")


def test_a_long_recording_does_not_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at on the coarser scale first, and in small blocks, as an hour is."""
    monkeypatch.setattr(coarse, "AT_ONCE", 1e5)
    monkeypatch.setattr(windows, "LONGEST", 12.0)
    rng = np.random.default_rng(1)
    order = [SENTENCES[k] for k in rng.permutation(np.repeat(np.arange(len(SENTENCES)), 2))]
    pieces: list[np.ndarray] = []
    truth: list[float] = []
    at = 0
    for sentence in order:
        part = say(sentence, voice="espeak:m3", language="en")
        gap = round(float(rng.choice([0.1, 0.4, 1.5])) * part.rate)
        truth += [(at + gap) / part.rate + word.start for word in part.words]
        pieces += [np.zeros(gap), part.samples]
        at += gap + len(part.samples)
    samples = with_noise(np.concatenate(pieces), 30)
    speech = aligned(samples, part.rate, " ".join(order), recognizer="universal")
    check(speech)
    assert speech.mismatches == ()
    off = np.abs(np.array([word.start for word in speech.words]) - truth)
    assert np.median(off[-30:]) < 0.02
    assert np.median(off[:30]) < 0.02
    assert off.max() < 0.15


def test_noise_and_music_that_come_and_go_take_no_words() -> None:
    """Speech, music alone, speech over music 10 dB below it, and speech: each word is where it is said."""
    parts = [say(sentence, voice="espeak:m3", language="en") for sentence in SENTENCES]
    rate = parts[0].rate
    rng = np.random.default_rng(4)
    time = np.arange(rate // 4) / rate
    notes = [
        sum(np.sin(2 * np.pi * 110 * 2 ** (step / 12) * k * time) / k for step in steps for k in range(1, 9))
        for steps in rng.choice([0, 2, 4, 5, 7, 9, 11, 12, 14], (200, 3))
    ]
    music = np.concatenate(notes) * np.tile(np.exp(-3 * time), 200)
    music /= music.std()
    starts: list[float] = []
    sounds: list[np.ndarray] = []
    for k in range(24):
        if k == 8:
            sounds.append(music[: 40 * rate] * 0.05)
        part = parts[k % 8]
        before = sum(map(len, sounds)) / rate
        starts += [before + 0.3 + word.start for word in part.words]
        sound = np.pad(part.samples, round(0.3 * rate))
        if 8 <= k < 16:
            at = int(rng.integers(len(music) - len(sound)))
            sound = sound + music[at : at + len(sound)] * part.samples.std() * 0.3
        sounds.append(sound)
    speech = aligned(with_noise(np.concatenate(sounds), 50), rate, " ".join(SENTENCES * 3))
    check(speech)
    found = np.array([word.start for word in speech.words])
    off = np.array([np.abs(found - start).min() for start in starts])
    assert abs(len(found) - len(starts)) <= 0.1 * len(starts)
    assert np.mean(off < 0.1) > 0.9
    begin = sum(map(len, sounds[:8])) / rate
    assert not any(begin + 1 < start < begin + 39 for start in found)


MEASURE = """
import re, sys
from phiz.speech.recording import speech_from_recording
speech = speech_from_recording(*sys.argv[1:], recognizer="universal", highest=16000, silent=True)
peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]
print(peak, *(word.start for word in speech.words))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="how much memory a process took is read from /proc")
def test_memory_does_not_grow_with_a_long_recording(tmp_path: Path) -> None:
    """A quarter of an hour, most of it a pause; its samples are 58 MB as numbers of 4 bytes."""
    part = speak(" ".join(SENTENCES[:4]), voice="espeak:m3")
    pause = 1e-4 * np.random.default_rng(6).standard_normal(900 * part.rate, np.float32)
    write_wav(tmp_path / "long.wav", np.concatenate([part.samples, pause, part.samples]), part.rate)
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "long.wav"), " ".join([*SENTENCES[:4]] * 2)]
    peak, *found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert int(peak) < 300_000  # kilobytes; 265,000, and each copy that is twice as exact adds 115,000
    later = (len(part.samples) + len(pause)) / part.rate
    truth = [later + word.start for word in part.words]
    assert len(found) == 2 * len(truth)
    assert np.abs(np.array(found[len(truth) :], float) - truth).max() < 0.1


def test_a_recording_may_be_kept_silent(tmp_path: Path, spoken: Speech) -> None:
    write_wav(tmp_path / "take.wav", spoken.samples, spoken.rate)
    whole = speech_from_recording(tmp_path / "take.wav", TEXT)
    silent = speech_from_recording(tmp_path / "take.wav", TEXT, silent=True)
    assert silent.phonemes == whole.phonemes
    assert silent.duration == whole.duration
    alone = speech_from_recording(tmp_path / "take.wav", silent=True)
    assert alone.phonemes == speech_from_recording(tmp_path / "take.wav").phonemes
    assert not alone.samples.any()
    assert not silent.samples.any()
    assert whole.samples.any()


def test_a_person_on_video() -> None:
    """GRID's own word times, which another aligner made and people checked."""
    video = eval_file("talkers/grid_s1_srih3a.mpg")
    rows = [line.split() for line in video.with_suffix(".align").read_text().splitlines()]
    times = [int(start) / 25000 for start, _, word in rows if word != "sil"]
    speech = aligned(*read_audio(video), "set red in H three again")
    assert [word.text for word in speech.words] == ["set", "red", "in", "H", "three", "again"]
    assert np.median(np.abs(np.array([word.start for word in speech.words[1:]]) - times[1:])) < 0.06


def test_people_who_say_something_else() -> None:
    """Four people; a long word too many, one missing and one exchanged are told, right words are not."""
    folder = eval_file("timit")
    lines = (folder / "transcripts.tsv").read_text().splitlines()[3::20]
    wrong = told = 0
    for line in lines:
        name, _, text = line.split("\t")
        samples, rate = read_audio(folder / f"{name}.wav")
        wrong += len(aligned(samples, rate, text).mismatches)
        words = text.split()
        longest = max(range(len(words)), key=lambda k: len(words[k]))
        for changed in (
            [*words[:2], "rhinoceros", *words[2:]],
            words[:longest] + words[longest + 1 :],
            [*words[:longest], "umbrella", *words[longest + 1 :]],
        ):
            found = aligned(samples, rate, " ".join(changed)).mismatches
            told += bool(found)
            wrong += max(0, len(found) - 2)
    assert told >= 11
    assert wrong <= 1


def test_people_who_say_something_else_in_another_language() -> None:
    """A Spanish woman: right words are not told; words too many, missing and exchanged mostly are."""
    samples, rate = read_audio(eval_file("audio/spa_SPA_F23_SPA_T02.wav"), 16000)
    samples = samples[: round(7.7 * rate)]
    text = "Tengo un problema con el suavizante de agua. El nivel de agua es demasiado y gotea continuamente."
    assert aligned(samples, rate, text, language="es").mismatches == ()
    for changed, kind in (
        (text.replace("problema", "problema zapato"), "missing"),
        (text.replace("problema", "zapato"), "missing"),
        (text.replace(" suavizante", ""), "extra"),
    ):
        found = aligned(samples, rate, changed, language="es").mismatches
        assert kind in {each.kind for each in found}
        assert {each.text for each in found} <= {"zapato", ""}


def test_a_text_in_another_language_is_refused() -> None:
    """Those that fit best as whole sounds go, which the single sounds tell from right ones."""
    text = (
        "Tengo un problema con el suavizante de agua. El nivel de agua es demasiado y gotea continuamente. "
        "El perro negro duerme debajo de la mesa grande. Mañana vamos a visitar a mis abuelos en el pueblo."
    )
    for name in ("audio/dreamtalk_German1.wav", "audio/dreamtalk_korean1.wav"):
        samples, rate = read_audio(eval_file(name), 16000)
        with pytest.raises(SpeechError, match="'es' was taken"):
            aligned(samples, rate, text, language="es")
