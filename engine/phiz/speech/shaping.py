"""A voice's sound made faster, higher, larger or another's, its times kept true.

The sound is taken apart into pitch, spectral envelope and noise, and put together again (WORLD: Morise,
Yokomori & Ozawa 2016), so it can be any voice's. Times are scaled by the rate exactly.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.speech.pitch import track_pitch
from phiz.speech.shapes import Shape
from phiz.speech.speech import Speech

__all__ = ["HOP", "LOUDEST", "VOICED", "across", "shaped"]

Array = NDArray[np.float64]

HOP = 0.005  # seconds from frame to frame
VOICED = 0.15  # how periodic a voiced frame is at least: creaks are voiced too
PITCH_ENDS = (40.0, 900.0)  # Hz that are made
LEAST_RATE = 16_000  # samples a second that WORLD's measure of noise needs (it looks up to 7.9 kHz)
LONGEST = 10.0  # seconds taken apart at once; bounds the memory
CONTEXT = 0.25  # seconds around a piece, for what reaches into it
FADE = 0.010  # seconds in which one piece gives way to the next
# Hillenbrand et al. 1995: mean pitch of men and of women, and how much higher women's formants are
PEOPLE, TRACTS = (131.0, 220.0), (1.0, 1.17)
TREMOR_RATE = 5.0  # a second (vocal tremor of the old: 4 to 6, Titze 1994)
WHISPER_CORNER = 800.0  # Hz under which a whisper lacks what the voice had (Jovicic 1998)
LOUDEST = 0.985  # of full scale


def shaped(speech: Speech, shape: Shape) -> Speech:
    """`speech` with its sound changed, as loud as before, and all times divided by the shape's rate.

    A rate of samples below 16 kHz becomes 16 kHz.
    """
    samples, rate = np.asarray(speech.samples, np.float64), speech.rate
    if rate < LEAST_RATE:
        from scipy.signal import resample_poly

        samples, rate = resample_poly(samples, LEAST_RATE, rate), LEAST_RATE
        speech = replace(speech, samples=samples.astype(np.float32), rate=rate)
    work = _Work(samples, rate, shape)
    count = round(len(samples) / shape.rate)
    made = np.zeros(count)
    for first, last in pairwise(cuts(speech)):
        start, piece = work.piece(first, last)
        place(made, piece, start, fade=round(FADE * rate) if first else 0)
    return speech.moved(as_loud(made, samples).astype(np.float32), scale=1 / shape.rate)


def cuts(speech: Speech) -> list[int]:
    """Frames at which the sound is cut into pieces, first and last included: in pauses, if there are any."""
    end = int(speech.duration / HOP) + 1
    gaps = [(before.end + after.start) / 2 for before, after in pairwise(speech.phonemes)
            if after.start - before.end > 4 * FADE]  # fmt: skip
    level = np.abs(speech.samples)
    result = [0]
    while end - result[-1] > LONGEST / HOP:
        latest = result[-1] * HOP + LONGEST
        fit = [gap for gap in gaps if latest - LONGEST / 2 < gap <= latest]
        if fit:
            result.append(int(fit[-1] / HOP))
            continue
        inside = level[int((latest - LONGEST / 2) * speech.rate) : int(latest * speech.rate)]
        steps = len(inside) // int(HOP * speech.rate)
        quiet = inside[: steps * int(HOP * speech.rate)].reshape(steps, -1).mean(axis=1)
        result.append(int((latest - LONGEST / 2) / HOP) + int(np.argmin(quiet)))
    return [*result, end]


def place(made: Array, piece: Array, start: int, *, fade: int) -> None:
    """Put a piece into the whole from sample `start` on, fading from what is there over its first samples."""
    piece = piece[: len(made) - start]
    over = min(fade, len(piece))
    ramp = (np.arange(over) + 0.5) / max(over, 1)
    made[start : start + over] *= 1.0 - ramp
    made[start : start + over] += ramp * piece[:over]
    made[start + over : start + len(piece)] = piece[over:]


def as_loud(made: Array, before: Array) -> Array:
    """`made` with the loudness of `before`, lower where it would clip."""
    power = float(np.mean(made**2))
    if power <= 0.0:
        return made
    gain = float(np.sqrt(np.mean(before**2) / power))
    return made * min(gain, LOUDEST / float(np.abs(made).max()))


class _Work:
    """One sound's way through WORLD, piece by piece."""

    def __init__(self, samples: Array, rate: int, shape: Shape) -> None:
        self.samples, self.rate, self.shape = samples, rate, shape
        self.hz = track_pitch(samples.astype(np.float32), rate, HOP, voiced=VOICED, one_range=False).hz
        voiced = self.hz[self.hz > 0.0]
        self.middle = float(np.exp(np.mean(np.log(voiced)))) if len(voiced) else PEOPLE[0]
        self.formant = shape.formant
        if shape.tract:
            own = np.interp(np.log(self.middle), np.log(PEOPLE), TRACTS)
            self.formant *= shape.tract / float(own)

    def piece(self, first: int, last: int) -> tuple[int, Array]:
        """Frames [first, last) as they sound in the end and a bit more: first sample's number, samples."""
        import pyworld

        low, high = max(0, first - round(CONTEXT / HOP)), min(len(self.hz), last + round(CONTEXT / HOP))
        begin = round(low * HOP * self.rate)
        sound = np.ascontiguousarray(self.samples[begin : round(high * HOP * self.rate) + 1])
        hz = np.ascontiguousarray(self.hz[low:high])
        times = np.arange(low, high) * HOP - begin / self.rate
        envelope = pyworld.cheaptrick(sound, hz, times, self.rate)
        noise = pyworld.d4c(sound, hz, times, self.rate, fft_size=2 * (envelope.shape[1] - 1))
        envelope, noise = self.timbre(envelope, noise)
        pitch = self.pitch(hz, HOP / self.shape.rate * np.arange(low, high, dtype=np.float64))
        made = pyworld.synthesize(pitch, envelope, noise, self.rate, 1000 * HOP / self.shape.rate)
        made = self.growl(made, pitch)
        pace = HOP * self.rate / self.shape.rate  # samples from frame to frame
        start, end = round(first * pace), round(last * pace + FADE * self.rate)
        return start, made[start - round(low * pace) : end - round(low * pace)]

    def timbre(self, envelope: Array, noise: Array) -> tuple[Array, Array]:
        """Spectral envelope and share of noise [frames, bins], with the formants moved and breath added."""
        if self.formant != 1.0:
            place = np.arange(envelope.shape[1]) / self.formant
            envelope, noise = np.exp(across(np.log(envelope), place)), across(noise, place)
        breath = self.shape.breath
        if breath:
            hz = np.linspace(1.0, self.rate / 2, envelope.shape[1])
            envelope = envelope * (hz / (hz + WHISPER_CORNER)) ** (2 * breath)
            noise = np.maximum(noise, breath)
        return np.ascontiguousarray(envelope), np.ascontiguousarray(np.clip(noise, 1e-4, 1.0 - 1e-9))

    def pitch(self, hz: Array, times: Array) -> Array:
        """Hz [frames] as it is in the end, 0.0 where nothing is voiced. times: in what is made."""
        shape = self.shape
        if shape.breath >= 1.0:
            return np.zeros_like(hz)
        moved = (shape.hz or self.middle) * (np.maximum(hz, 1.0) / self.middle) ** shape.range
        moved *= 2.0 ** ((shape.pitch + shape.tremor * np.sin(2 * np.pi * TREMOR_RATE * times)) / 12)
        return np.where(hz > 0.0, np.clip(moved, *PITCH_ENDS), 0.0)

    def growl(self, made: Array, pitch: Array) -> Array:
        """`made` with every second pulse of the voice weaker."""
        if not self.shape.growl:
            return made
        at = np.arange(len(made)) / self.rate
        frames = np.arange(len(pitch)) * HOP / self.shape.rate
        phase = np.cumsum(np.interp(at, frames, pitch)) * np.pi / self.rate
        return made * (1.0 + self.shape.growl * np.cos(phase))


def across(rows: Array, place: Array) -> Array:
    """Rows [frames, bins] at fractional bins [bins]; beyond the last bin, the last."""
    low = np.minimum(place.astype(np.int64), rows.shape[1] - 2)
    share = np.minimum(place - low, 1.0)
    result: Array = rows[:, low] * (1.0 - share) + rows[:, low + 1] * share
    return result
