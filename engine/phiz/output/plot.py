"""A clip as a picture: sound, words, sounds of speech and the main curves on one time axis, as SVG."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.channels import INDEX
from phiz.files import whole
from phiz.motion.clip import Clip
from phiz.output.svg import Svg
from phiz.speech.speech import Speech

__all__ = ["draw_plot", "write_plot"]

Array = NDArray[np.float64]

LEFT, RIGHT, TOP = 118.0, 14.0, 30.0  # pixels beside and above the rows
ACROSS = 1260.0  # pixels that a row of time is wide
ONE_ROW, ROW = 8.0, 6.0  # seconds: a longer clip takes several rows, each that long
GAP, BETWEEN = 6.0, 26.0  # pixels between tracks and between rows
WORDS, SOUNDS, WAVE = 18.0, 15.0, 44.0  # pixels of height
RATE = 100  # samples of each curve a second
STEP = 2.0  # pixels between the strokes of the waveform
LETTER = 6.5  # pixels that a letter of a sound takes at least
FADED = 6.0  # pixels of a word a letter, below which it is not written
WEIGHTS, ANGLES = (0.25, 0.5, 1.0), (5.0, 10.0, 20.0, 45.0, 95.0)  # how far a track may reach
EYE_RANGE = 30.0  # degrees that an eyeLook weight of 1 turns the eye
BLUE, RED, GREEN, PINK = "#0072b2", "#d55e00", "#009e73", "#cc79a7"  # told apart by the colour-blind too
GREY, PALE, FAINT = "#888", "#ddd", "#f6f6f6"


@dataclass(frozen=True)
class Line:
    """A curve of a track. values: [n], one every 1 / RATE s."""

    label: str
    colour: str
    values: Array
    dashes: str = ""


@dataclass(frozen=True)
class Track:
    """Curves that share an axis. height: pixels. low, high: its ends."""

    name: str
    height: float
    low: float
    high: float
    lines: tuple[Line, ...]

    def place(self, values: Array, top: float) -> Array:
        """Pixels from the picture's top [n] of values [n], kept within the track."""
        share = (np.clip(values, self.low, self.high) - self.low) / (self.high - self.low)
        return top + self.height - 1 - share * (self.height - 2)


def write_plot(clip: Clip, path: str | Path, speech: Speech | None = None) -> None:
    """Write the plot of a clip as an SVG file. Raises OutputError."""
    with whole(path) as temporary:
        temporary.write_text(draw_plot(clip, speech), encoding="utf-8", newline="\n")


def draw_plot(clip: Clip, speech: Speech | None = None) -> str:
    """The plot of a clip, as SVG; with `speech` also what is heard and when each sound of it is made.

    Clips of up to 8 s take one row, longer ones a row for every 6 s, to be scrolled through.
    """
    seconds = max(clip.duration, speech.duration if speech else 0.0, 0.1)
    row = seconds if seconds <= ONE_ROW else ROW
    tracks = _tracks(clip, seconds)
    head = (WORDS + SOUNDS + WAVE + GAP) if speech else 0.0
    height = head + sum(track.height + GAP for track in tracks) + BETWEEN
    count = int(np.ceil(seconds / row - 1e-9))
    picture = Svg()
    picture.text(LEFT, 18, f"{clip.duration:.2f} s, {len(clip.curves)} curves", size=13)
    for index in range(count):
        view = View(index * row, min((index + 1) * row, seconds), ACROSS / row, TOP + index * height)
        _draw_row(picture, view, tracks, speech, height - BETWEEN)
    return picture.document(LEFT + ACROSS + RIGHT, TOP + count * height)


@dataclass(frozen=True)
class View:
    """A row of the plot: what is seen from `start` to `end` seconds, at `scale` pixels a second."""

    start: float
    end: float
    scale: float
    top: float

    def across(self, time: float) -> float:
        """Pixels from the picture's left of a time, at most at the row's ends."""
        return LEFT + (min(max(time, self.start), self.end) - self.start) * self.scale

    def shows(self, start: float, end: float) -> bool:
        return start < self.end and end > self.start


def _draw_row(picture: Svg, view: View, tracks: list[Track], speech: Speech | None, height: float) -> None:
    top = view.top
    if speech:
        top += WORDS + SOUNDS + WAVE + GAP
    tops = top + np.cumsum([0.0, *(track.height + GAP for track in tracks[:-1])])
    for track, place in zip(tracks, tops.tolist(), strict=True):
        picture.rectangle(LEFT, place, view.across(view.end) - LEFT, track.height, fill=FAINT)
    _draw_time(picture, view, view.top + height)
    if speech:
        _draw_speech(picture, view, speech, view.top + height)
    for track, place in zip(tracks, tops.tolist(), strict=True):
        _draw_track(picture, view, track, place)


def _draw_time(picture: Svg, view: View, bottom: float) -> None:
    """Lines at full and half seconds, and the full ones' numbers below."""
    halves = range(int(np.ceil(2 * view.start)), int(np.floor(2 * view.end)) + 1)
    marks = [(view.across(half / 2), view.top, view.across(half / 2), bottom) for half in halves]
    picture.lines(marks, stroke=PALE)
    for half in halves:
        picture.text(
            view.across(half / 2), bottom + 11, f"{half / 2:g} s", size=10, anchor="middle", fill=GREY
        )


def _draw_track(picture: Svg, view: View, track: Track, top: float) -> None:
    picture.text(8, top + 11, track.name, size=12)
    for number, line in enumerate(track.lines):
        picture.text(16, top + 23 + 11 * number, line.label, size=10, fill=line.colour)
    zero = float(track.place(np.zeros(1), top)[0])
    picture.lines([(LEFT, zero, view.across(view.end), zero)], stroke=PALE)
    for value in (track.low, track.high):
        place = float(track.place(np.array([value]), top)[0])
        picture.text(
            LEFT - 4, place + (8 if value == track.high else 0), f"{value:g}", size=8, anchor="end", fill=GREY
        )
    first, last = int(np.ceil(view.start * RATE)), int(np.floor(view.end * RATE))
    places = LEFT + (np.arange(first, last + 1) / RATE - view.start) * view.scale
    for line in track.lines:
        heights = track.place(line.values[first : last + 1], top)
        picture.curve(places, heights, stroke=line.colour, dashes=line.dashes)


def _draw_speech(picture: Svg, view: View, speech: Speech, bottom: float) -> None:
    """Words, sounds with their borders drawn down through the row, and the waveform."""
    words = [word for word in speech.words if view.shows(word.start, word.end)]
    spans = [(view.across(word.start), view.across(word.end)) for word in words]
    for left, right in spans:
        picture.rectangle(left, view.top, right - left - 1, WORDS - 2, fill="#e6eef5")
    for word, (left, right) in zip(words, spans, strict=True):
        if right - left > FADED * min(len(word.text), 3):
            picture.text((left + right) / 2, view.top + 12, word.text, anchor="middle")
    borders = []
    for phoneme in speech.phonemes:
        if view.shows(phoneme.start, phoneme.end):
            left, right = view.across(phoneme.start), view.across(phoneme.end)
            borders += [(edge, view.top + WORDS, edge, bottom) for edge in (left, right)]
            if right - left > LETTER * len(phoneme.ipa):
                colour = RED if phoneme.stress == 1 else "#222"
                place = view.top + WORDS + 10
                picture.text((left + right) / 2, place, phoneme.ipa, anchor="middle", fill=colour)
    picture.lines(sorted(set(borders)), stroke="#e4e4e4", width=0.6)
    picture.text(8, view.top + 12, "words", size=12)
    picture.text(8, view.top + WORDS + 10, "sounds", size=12)
    picture.text(8, view.top + WORDS + SOUNDS + WAVE / 2 + 4, "waveform", size=12)
    picture.lines(_strokes(view, speech), stroke="#666")


def _strokes(view: View, speech: Speech) -> list[tuple[float, float, float, float]]:
    """The waveform: one upright stroke for every STEP pixels, from the least sample to the greatest."""
    samples, rate = speech.samples, speech.rate
    loudest = float(np.abs(samples).max()) if len(samples) else 0.0
    middle = view.top + WORDS + SOUNDS + WAVE / 2
    strokes = []
    for place in np.arange(LEFT, view.across(view.end), STEP).tolist():
        first, last = (
            int((view.start + (edge - LEFT) / view.scale) * rate) for edge in (place, place + STEP)
        )
        piece = samples[first:last]
        if len(piece) and loudest:
            high, low = (float(edge) / loudest * WAVE / 2 for edge in (piece.max(), piece.min()))
            strokes.append((place, middle - max(high, 0.4), place, middle - min(low, -0.4)))
    return strokes


def _tracks(clip: Clip, seconds: float) -> list[Track]:
    values = clip.evaluate_many(np.arange(int(np.ceil(seconds * RATE)) + 1) / RATE)
    of = partial(_channel, values)
    apart = of("jawOpen") - of("mouthClose") + of("mouthUpperUp") + of("mouthLowerDown")
    aside = (of("eyeLookOutLeft") - of("eyeLookInLeft")) * EYE_RANGE
    above = (of("eyeLookUpLeft") - of("eyeLookDownLeft")) * EYE_RANGE
    mouth = Line("jaw", BLUE, of("jawOpen")), Line("lips apart", RED, np.maximum(apart, 0.0))
    lips = (
        Line("wide", BLUE, of("mouthSmile") + of("mouthStretch")),
        Line("round", RED, of("mouthPucker") + of("mouthFunnel")),
        Line("pressed", GREEN, of("mouthPress")),
    )
    brows = (
        Line("inner up", BLUE, of("browInnerUp")),
        Line("outer up", RED, of("browOuterUp")),
        Line("down", GREEN, of("browDown")),
    )
    blinks = Line("left", BLUE, of("eyeBlinkLeft")), Line("right", RED, of("eyeBlinkRight"), "3 3")
    head = (
        Line("yaw", BLUE, np.degrees(of("headYaw"))),
        Line("pitch", RED, np.degrees(of("headPitch"))),
        Line("roll", GREEN, np.degrees(of("headRoll"))),
    )
    return [
        _track("mouth", 64, WEIGHTS, *mouth, Line("photo", GREY, of("photo"), "2 3")),
        _track("lips", 64, WEIGHTS, *lips),
        _track("brows", 52, WEIGHTS, *brows),
        _track("blink", 46, WEIGHTS, *blinks),
        _track("gaze, degrees", 46, ANGLES, Line("aside", BLUE, aside), Line("up", RED, above)),
        _track("head, degrees", 64, ANGLES, *head),
    ]


def _channel(values: Array, name: str) -> Array:
    """A channel's values [n]; of a pair, the mean of left and right."""
    if name in INDEX:
        return values[:, INDEX[name]]
    return (values[:, INDEX[f"{name}Left"]] + values[:, INDEX[f"{name}Right"]]) / 2


def _track(name: str, height: float, tops: tuple[float, ...], *lines: Line) -> Track:
    """A track up to the first of some round numbers that all its values are below; down to 0, or as far."""
    most = max(float(np.abs(line.values).max()) for line in lines)
    high = next((top for top in tops if most <= top), tops[-1])
    return Track(name, height, 0.0 if tops is WEIGHTS else -high, high, lines)
