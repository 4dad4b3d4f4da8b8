"""What recordings are aligned with: the way through both, windows, differences in words, the sound itself."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.errors import SpeechError
from phiz.ffmpeg import find_ffmpeg
from phiz.speech.alignment import coarse_path
from phiz.speech.alignment.coarse_path import Costs, Way, find_way
from phiz.speech.alignment.mismatch import described, missing
from phiz.speech.alignment.transcript import parts_of, read_transcript
from phiz.speech.alignment.windows import Placed, windows_of
from phiz.speech.audio import read_audio, write_wav
from phiz.speech.speech import Mismatch


def cost_of(
    way: Way, recording: np.ndarray, reference: np.ndarray, starts: np.ndarray, costs: Costs
) -> float:
    """What a way costs, added up along it, after checking that each step is allowed."""
    total, done = 0.0, -1  # done: the last reference frame that was said or passed over
    resting = False

    def passed_over(until: int) -> float:
        """Pass over all units from the one after `done` up to `until`."""
        first = int(np.searchsorted(starts, done + 1))
        assert starts[first] == done + 1
        assert all(way.passed[first:until])
        return float(costs.passed[first:until].sum())

    for t, place in enumerate(way.place.tolist()):
        if place < 0:
            unit = -1 - place
            total += passed_over(unit) + float(costs.gap[t]) + (0.0 if resting else float(costs.enter[unit]))
            resting, done = True, int(starts[unit]) - 1
            continue
        if resting:
            total += passed_over(int(np.searchsorted(starts, place)))
            assert place in starts
        else:
            assert place == 0 if t == 0 else 0 <= place - done <= 2
        total += float(np.linalg.norm(recording[t] - reference[place]))
        resting, done = False, place
    if resting:
        total, done = total + passed_over(len(costs.passed)), len(reference) - 1
    assert done == len(reference) - 1
    return total


@settings(deadline=None, max_examples=25)
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=7),
    frames=st.integers(8, 60),
    prices=st.tuples(*[st.floats(0.1, 5.0)] * 3),
    block=st.sampled_from([10, 2000, 10**8]),
    seed=st.integers(0, 99),
)
def test_the_way_costs_what_it_says(
    lengths: list[int], frames: int, prices: tuple[float, float, float], block: int, seed: int
) -> None:
    """And is the same whatever block of it is in memory."""
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    m = int(starts[-1])
    recording = rng.standard_normal((frames, 4)).astype(np.float32)
    reference = rng.standard_normal((m, 4)).astype(np.float32)
    units = len(lengths)
    costs = Costs(
        np.full(frames, prices[0], np.float32),
        np.full(units + 1, prices[1], np.float32),
        np.full(units, prices[2], np.float32),
    )
    low, high = np.zeros(frames, np.int32), np.full(frames, m, np.int32)
    kept = coarse_path.BLOCK
    try:
        coarse_path.BLOCK = block
        way = find_way(recording, reference, starts, costs, low, high)
    finally:
        coarse_path.BLOCK = kept
    whole = find_way(recording, reference, starts, costs, low, high)
    assert way.cost == whole.cost
    assert np.array_equal(way.place, whole.place)
    assert np.array_equal(way.passed, whole.passed)
    assert cost_of(way, recording, reference, starts, costs) == pytest.approx(way.cost, rel=1e-4)
    nothing_said = costs.gap.sum() + costs.enter[0] + costs.passed.sum()
    assert way.cost <= nothing_said * (1 + 1e-4)


def test_a_way_leaves_out_what_only_one_of_them_holds() -> None:
    rng = np.random.default_rng(0)
    words = [rng.standard_normal((10, 4)).astype(np.float32) * 3 for _ in range(5)]
    reference = np.concatenate(words)
    other = rng.standard_normal((15, 4)).astype(np.float32) * 3
    recording = np.concatenate([words[0], words[1], other, words[3], words[4]])
    starts = np.arange(0, 51, 10)
    costs = Costs(np.full(55, 2, np.float32), np.full(6, 3, np.float32), np.full(5, 6, np.float32))
    band = np.zeros(55, np.int32), np.full(55, 50, np.int32)
    way = find_way(recording, reference, starts, costs, *band)
    assert way.passed.tolist() == [False, False, True, False, False]
    assert (way.place[20:35] < 0).all()
    assert np.array_equal(way.place[35:], np.arange(30, 50))


@settings(deadline=None)
@given(
    lengths=st.lists(st.tuples(st.floats(0.0, 1.5), st.floats(0.05, 1.0)), min_size=1, max_size=60),
    extra=st.lists(st.tuples(st.integers(0, 60), st.floats(0.1, 6.0)), max_size=4),
    most=st.sampled_from([0.0, 3.0]),
)
def test_windows_hold_every_word_once(
    lengths: list[tuple[float, float]], extra: list[tuple[int, float]], most: float
) -> None:
    words: list[Placed] = []
    spans: list[tuple[float, float]] = []
    wanted, at = dict(extra), 0.0
    for number, (pause, length) in enumerate(lengths):
        if number in wanted:
            spans.append((at + 0.1, at + 0.1 + wanted[number]))
            at = spans[-1][1] + 0.1
        at += pause
        words.append(Placed(number, at, at + length))
        at += length
    duration = at + 0.3
    found = list(windows_of(words, duration, spans, most))
    assert [placed for window in found for placed in window.words[slice(*window.own)]] == words
    for window in found:
        own = window.words[slice(*window.own)]
        assert 0 <= window.start <= own[0].start
        assert own[-1].end <= window.end <= duration
        assert own[-1].end - own[0].start <= 25.0 + 8 * (1.5 + 6.2 + 1.0) or len(own) == 1
        for start, end in spans:
            if end - start >= most:  # cut out, but for the slack that times may be wrong
                assert min(end, window.end) - max(start, window.start) <= 0.08 + 1e-9


def test_missing_words_lie_in_the_gaps() -> None:
    heard = [Placed(1, 0.5, 0.8), Placed(4, 1.5, 1.9)]
    assert missing(heard, ["a", "b", "c", "d", "e", "f"], 3.0) == [
        Mismatch("missing", "a", 0.0, 0.5),
        Mismatch("missing", "c d", 0.8, 1.5),
        Mismatch("missing", "f", 1.9, 3.0),
    ]
    assert missing([], ["a"], 3.0) == [Mismatch("missing", "a", 0.0, 3.0)]


def test_differences_in_one_line() -> None:
    several = [Mismatch("missing", f"word{k} too", k, k + 0.1) for k in range(5)]
    assert described([]) == ""
    assert described(several) == (
        '10 words of the text are not heard ("word0 too" at 0.0 s, "word1 too" at 1.0 s, '
        '"word2 too" at 2.0 s and 2 more)'
    )
    long = Mismatch("missing", " ".join("abcdefghij"), 1.0, 2.0)
    both = described([long, Mismatch("extra", "", 3.0, 4.5)])
    assert '("a b c ... h i j" at 1.0 s); 1.5 s of speech are not in the text (at 3.0 s)' in both


def test_a_transcript_gives_any_of_its_words() -> None:
    text = "The first sentence is here. " + "And another one follows it now. " * 30
    transcript = read_transcript(text, "en")
    assert len(transcript.passages) > 2
    assert " ".join(transcript.words[:5]) == "The first sentence is here"
    assert len(transcript.starts) == len(transcript.words) + 1
    assert (np.diff(transcript.starts) > 0).all()
    assert transcript.starts[-1] == len(transcript.power)
    kept = [0, 1, 3, 60, 61, len(transcript.words) - 1]
    spoken = transcript.spoken(kept)
    assert [word.text for word in spoken.words] == [transcript.words[number] for number in kept]
    assert sorted({phoneme.word for phoneme in spoken.phonemes}) == list(range(len(kept)))
    assert spoken.phonemes[-1].end <= spoken.duration + 1e-6
    sounds = [[p.ipa for p in spoken.phonemes if p.word == index] for index in range(len(kept))]
    assert transcript.sounds(kept) == sounds


@settings(deadline=None)
@given(
    words=st.lists(st.sampled_from(["word", "end.", "why?", "so,", "好。", "x" * 700, "\n"]), max_size=200)
)
def test_parts_hold_the_whole_text(words: Sequence[str]) -> None:
    text = " ".join(words)
    parts = list(parts_of(text))
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(part.strip() and len(part) <= 1300 for part in parts)


def ffmpeg(*arguments: str | Path) -> None:
    program = find_ffmpeg(SpeechError)
    subprocess.run([program, "-y", "-v", "error", *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def tone() -> np.ndarray:
    rng = np.random.default_rng(2)
    return (0.3 * np.sin(np.arange(16000) * 0.2) * rng.uniform(0.2, 1.0, 40).repeat(400)).astype(np.float32)


@pytest.mark.parametrize(
    ("channels", "loud"),
    [("c0=c0|c1=c0", 1.0), ("c0=c0|c1=-1*c0", 1.0), ("c0=0*c0|c1=c0", 0.5), ("c0=c0|c1=-0.7*c0", 0.85)],
)
def test_no_way_of_wiring_two_channels_loses_the_sound(
    tmp_path: Path, tone: np.ndarray, channels: str, loud: float
) -> None:
    write_wav(tmp_path / "a.wav", tone, 16000)
    ffmpeg("-i", tmp_path / "a.wav", "-af", f"pan=stereo|{channels}", tmp_path / "b.wav")
    samples, rate = read_audio(tmp_path / "b.wav")
    assert rate == 16000
    assert np.abs(samples - loud * tone).max() < 1e-3


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 96000])
def test_a_highest_rate_is_kept_to(tmp_path: Path, tone: np.ndarray, rate: int) -> None:
    write_wav(tmp_path / "a.wav", tone, 16000)
    ffmpeg("-i", tmp_path / "a.wav", "-ar", str(rate), tmp_path / "b.wav")
    samples, got = read_audio(tmp_path / "b.wav", 16000)
    assert got == min(rate, 16000)
    assert len(samples) / got == pytest.approx(1.0, abs=1e-3)


def test_two_channels_are_listened_to_in_pieces(tmp_path: Path) -> None:
    """A file longer than what is read at once, with a piece that ends inside a sample."""
    count = 300_001
    left = np.linspace(-1, 1, count).astype(np.float32)
    sound = np.stack([left, left * 0.5], axis=1).astype("<f4")
    raw = tmp_path / "a.f32"
    raw.write_bytes(sound.tobytes() + b"\0\0\0")
    ffmpeg("-f", "f32le", "-ar", "16000", "-ac", "2", "-i", raw, "-c:a", "pcm_f32le", tmp_path / "a.wav")
    samples, _ = read_audio(tmp_path / "a.wav")
    assert np.abs(samples - 0.75 * left).max() < 1e-6
