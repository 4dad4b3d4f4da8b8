"""Plots of clips: what is drawn stands where its time is, in one row or in several."""

import xml.etree.ElementTree as ET

import numpy as np
import pytest

from phiz.motion.animation import animate
from phiz.motion.clip import Clip, Curve
from phiz.output.plot import ACROSS, LEFT, draw_plot, write_plot
from phiz.speech.speech import Phoneme, Speech, Word

SVG = "{http://www.w3.org/2000/svg}"
RATE = 8000


def speech(seconds, count):
    """Words of two sounds each, evenly over the time, one with letters that XML minds."""
    each = seconds / count / 2
    phonemes = tuple(Phoneme("pa"[k % 2], k * each, (k + 1) * each, k % 2, k // 2) for k in range(2 * count))
    words = tuple(Word(f"<w{k}&>\x07", 2 * k * each, 2 * (k + 1) * each) for k in range(count))
    samples = np.sin(np.arange(int(seconds * RATE)) / 20).astype(np.float32)
    return Speech(samples, RATE, phonemes, words)


def drawn(text):
    return ET.fromstring(text)


def texts(picture):
    return {
        entry.text: (float(entry.get("x")), float(entry.get("y"))) for entry in picture.iter(f"{SVG}text")
    }


def test_words_and_sounds_stand_at_their_times():
    said = speech(3.0, 6)
    picture = drawn(draw_plot(animate(said), said))
    places = texts(picture)
    for index, word in enumerate(said.words):
        middle = LEFT + (word.start + word.end) / 2 / 3.0 * ACROSS
        assert places[f"<w{index}&>"][0] == pytest.approx(middle, abs=0.1)
    assert [
        name
        for name in ("words", "sounds", "waveform", "mouth", "lips", "brows", "blink")
        if name not in places
    ] == []
    assert places["2 s"][0] == pytest.approx(LEFT + 2 / 3 * ACROSS, abs=0.1)
    assert float(picture.get("width")) == pytest.approx(LEFT + ACROSS, abs=30)


def test_curves_are_drawn_where_they_are():
    clip = Clip(4.0, {"jawOpen": Curve([0.0, 1.0, 3.0, 4.0], [0.0, 0.8, 0.8, 0.0])})
    picture = drawn(draw_plot(clip))
    jaw = next(picture.iter(f"{SVG}polyline"))
    points = np.array([[float(number) for number in pair.split(",")] for pair in jaw.get("points").split()])
    assert len(points) < 60  # of 401 samples
    times = np.linspace(0, 4, 200)
    heights = np.interp(LEFT + times / 4 * ACROSS, points[:, 0], points[:, 1])
    top, bottom = points[:, 1].min(), points[:, 1].max()
    values = clip.evaluate_many(times).max(axis=1)
    assert np.abs((bottom - heights) / (bottom - top) * 0.8 - values).max() < 0.01


def test_a_long_clip_takes_rows_and_a_short_one_a_row():
    def rows(seconds):
        said = speech(seconds, int(seconds * 3))
        text = draw_plot(animate(said), said)
        picture = drawn(text)
        marks = [entry.text for entry in picture.iter(f"{SVG}text")].count("waveform")
        return marks, float(picture.get("height")), len(text)

    (one, height, _), (several, tall, size) = rows(7.5), rows(60.0)
    assert (one, several) == (1, 10)
    assert tall == pytest.approx(10 * height, rel=0.1)
    assert size < 2e6


@pytest.mark.parametrize("duration", [0.0, 0.01, 6.0, 8.0, 8.001, 12.0])
def test_any_length(duration, tmp_path):
    write_plot(Clip(duration), tmp_path / "clip.svg")
    picture = ET.parse(tmp_path / "clip.svg").getroot()
    assert len(list(picture.iter(f"{SVG}polyline"))) >= 16
    said = Speech(np.zeros(0, np.float32), RATE, ())
    assert drawn(draw_plot(Clip(duration), said)) is not None
