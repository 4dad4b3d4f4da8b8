"""The sung voice: what was spoken, at the times and the pitch of the song.

Speech is taken apart by WORLD (Morise, Yokomori & Ozawa 2016) into pitch, spectral envelope and noise, and
put together again with the song's pitch, each sound's frames spread over its time in the song.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.ipa import feature
from phiz.speech.pitch import track_pitch
from phiz.speech.shaping import HOP, LOUDEST, VOICED, across
from phiz.speech.singing.melody import hz_at
from phiz.speech.singing.placing import Phrase, Placed
from phiz.speech.speech import Speech
from phiz.speech.viseme_targets import visemes_of

__all__ = ["rendered"]

Array = NDArray[np.float64]

LONGEST = 10.0  # seconds made at once, where a sound that is no vowel lets it be cut; bounds the memory
CONTEXT = 0.1  # seconds around a piece, for what reaches into it
FADE = 0.010  # seconds in which one piece gives way to the next
RISE, FALL = 0.008, 0.06  # seconds in which a phrase comes, and goes where it ends on a vowel
SONORANT = ("nasal", "approximant", "lateral", "trill", "tap", "flap")  # manners whose sounds carry the tune

STEADY = 10.0  # decibels under a vowel's loudest moment at which what can be held of it ends
INTO, OUT_OF = 0.045, 0.045  # seconds into a vowel and out of it that are not drawn out
EDGE_SHARE = 0.3  # share of a vowel that those take at most
OFFGLIDE_SLOWED, OFFGLIDE_SHARE = 1.5, 0.35  # a diphthong's second part: how much slower; share of the note
BLEND = 3  # frames either side of where two sounds meet that did not in speech

GAP, GAP_LEAST = 700.0, 0.02  # Hz to either side; share of the power there that a gap keeps

LEVEL = -20.0  # decibels of full scale, of vowels
EVENED = 0.85  # share by which vowels are brought to that
EVEN_OVER = 0.1  # seconds over which their level is measured
UNDER = 5.0  # decibels that the loudest of a consonant is under them at least
MOST_GAIN = 15.0  # decibels up or down
PITCH_ENDS = (40.0, 1500.0)  # Hz that are made


class _Source(NamedTuple):
    """Part of the speech taken apart. first: its first frame. envelope (natural logarithm), noise [frames,
    bins]; voiced [frames]; level: decibels [frames]."""

    first: int
    envelope: Array
    noise: Array
    voiced: NDArray[np.bool_]
    level: Array


def rendered(
    speech: Speech, phrases: Sequence[Phrase], seconds: float, *, formant: float = 1.0
) -> NDArray[np.float32]:
    """Samples float32 [n] of a song `seconds` long, at the rate of `speech`, of which it is made.

    formant: factor of the resonances. The memory taken does not grow with the song, but for its samples.
    """
    work = _Work(speech, formant)
    rate = speech.rate
    whole = np.zeros(round(seconds * rate), np.float32)
    for phrase in phrases:
        for start, end, sounds in _pieces(phrase):
            first, made = work.sung(phrase, sounds, start, end)
            begin, until = max(round((start - FADE / 2) * rate), 0), round((end + FADE / 2) * rate)
            piece = made[max(begin - first, 0) : until - first]
            piece = piece[: max(len(whole) - begin, 0)]
            whole[begin : begin + len(piece)] += piece.astype(np.float32)
    peak = float(np.abs(whole).max(initial=0.0))
    return whole * np.float32(LOUDEST / peak) if peak > LOUDEST else whole


def _pieces(phrase: Phrase) -> Iterator[tuple[float, float, tuple[Placed, ...]]]:
    """A phrase in parts that are not too long: start, end, and the sounds in it; cut in consonants."""
    start, first = phrase.start, 0
    for index, sound in enumerate(phrase.sounds):
        later = phrase.sounds[index + 1 :]
        reach = next((each.end for each in later if not each.vowel), phrase.end)
        if not sound.vowel and later and reach - start > LONGEST and sound.end - start > LONGEST / 2:
            middle = (sound.start + sound.end) / 2
            yield start, middle, phrase.sounds[first : index + 1]
            start, first = middle, index
    yield start, phrase.end, phrase.sounds[first:]


class _Work:
    """One song's way through WORLD."""

    def __init__(self, speech: Speech, formant: float) -> None:
        self.samples = np.asarray(speech.samples, np.float64)
        self.rate, self.formant = speech.rate, formant
        self.hz = track_pitch(speech.samples, speech.rate, HOP, voiced=VOICED).hz

    def sung(self, phrase: Phrase, sounds: Sequence[Placed], start: float, end: float) -> tuple[int, Array]:
        """The part of a phrase between two times and a bit more: first sample's number, samples."""
        import pyworld

        source = self.apart(sounds)
        low = int((start - CONTEXT) / HOP)
        times = HOP * np.arange(low, int((end + CONTEXT) / HOP) + 2, dtype=np.float64)
        place, joints = _places(sounds, times, source)
        envelope = across(source.envelope.T, place).T
        noise = across(source.noise.T, place).T
        for joint in joints:
            envelope[joint - BLEND : joint + BLEND + 1] = _between(envelope, joint)
            noise[joint - BLEND : joint + BLEND + 1] = _between(noise, joint)
        voiced = source.voiced[np.rint(place).astype(np.int64)]
        hz = np.where(voiced, np.clip(hz_at(phrase, times), *PITCH_ENDS), 0.0)
        envelope = np.exp(envelope)
        if self.formant != 1.0:
            bins = np.arange(envelope.shape[1]) / self.formant
            envelope, noise = across(envelope, bins), across(noise, bins)
        noise = np.ascontiguousarray(np.clip(noise, 1e-4, 1.0 - 1e-9))
        made = pyworld.synthesize(hz, np.ascontiguousarray(envelope), noise, self.rate, 1000 * HOP)
        first = round(low * HOP * self.rate)
        at = (first + np.arange(len(made))) / self.rate
        return first, made * _gain(sounds, made, at) * _shown(phrase, start, end, at)

    def apart(self, sounds: Sequence[Placed]) -> _Source:
        """The speech around what `sounds` are made of."""
        import pyworld

        low = max(0, int((min(each.spoken.start for each in sounds) - CONTEXT) / HOP))
        high = min(len(self.hz), int((max(each.spoken.end for each in sounds) + CONTEXT) / HOP) + 1)
        begin = round(low * HOP * self.rate)
        sound = np.ascontiguousarray(self.samples[begin : round(high * HOP * self.rate) + 1])
        times = np.arange(low, high) * HOP - begin / self.rate
        hz = self.hz[low:high].copy()
        there = np.flatnonzero(hz)
        carries = np.zeros(len(hz), np.bool_)
        for each in sounds:
            if each.vowel or _is_sonorant(each.spoken.ipa):
                carries[round(each.spoken.start / HOP) - low : round(each.spoken.end / HOP) - low + 1] = True
        if len(there):  # creaks and murmurs are sung like the rest
            hz = np.where(carries & (hz == 0.0), np.interp(np.arange(len(hz)), there, hz[there]), hz)
        power = pyworld.cheaptrick(sound, hz, times, self.rate)
        noise = pyworld.d4c(sound, hz, times, self.rate, threshold=0.0, fft_size=2 * (power.shape[1] - 1))
        level = 10 * np.log10(power.mean(axis=1) + 1e-12)
        return _Source(low, np.log(_filled(power, self.rate) + 1e-16), noise, hz > 0.0, level)


def _filled(power: Array, rate: int) -> Array:
    """Power [frames, bins] without the deep gaps that a synthesiser leaves between formants: a high voice has
    so few harmonics that one of them may fall into each, and its pitch is hardly heard then."""
    from scipy.ndimage import convolve1d

    width = 2 * round(GAP * 2 * (power.shape[1] - 1) / rate) + 1
    kernel = np.hanning(width + 2)[1:-1]
    around: Array = convolve1d(power, kernel / kernel.sum(), axis=1, mode="nearest")
    return power + GAP_LEAST * around


def _is_sonorant(ipa: str) -> bool:
    return feature(ipa[:1], "manner") in SONORANT or feature(ipa[:1], "kind") == "glide"


def _places(sounds: Sequence[Placed], times: Array, source: _Source) -> tuple[Array, list[int]]:
    """Which (fractional) frame of the source is heard at each time [n], and where it leaps."""
    place = np.zeros(len(times))
    joints: list[int] = []
    reached = 0.0
    for index, each in enumerate(sounds):
        spoken, sung = _course(each, source)
        low, high = np.searchsorted(times, [each.start, each.end])
        low = 0 if index == 0 else low
        high = len(times) if index == len(sounds) - 1 else high
        place[low:high] = np.interp(times[low:high], sung, spoken)
        if index and abs(spoken[0] - reached) * HOP > FADE and BLEND <= low < len(times) - BLEND:
            joints.append(int(low))
        reached = spoken[-1]
    return np.clip(place - source.first, 0.0, len(source.level) - 1.0), joints


def _course(each: Placed, source: _Source) -> tuple[Array, Array]:
    """Frames of the source and seconds of the song that belong together, for one sound."""
    start, end = each.spoken.start / HOP, each.spoken.end / HOP
    length = each.end - each.start
    if not each.vowel:
        return np.array([start, end]), np.array([each.start, each.end])
    start, end = _held(start, end, source)
    lasts = (end - start) * HOP
    if length <= lasts:
        return np.array([start, end]), np.array([each.start, each.end])
    into = min(INTO, EDGE_SHARE * lasts)
    parts = visemes_of(each.spoken.ipa)
    held = next((part.end for part in parts if part.vowel), 1.0)
    off = min(OUT_OF, EDGE_SHARE * lasts) if held == 1.0 else (1.0 - held) * lasts
    slowed = off if held == 1.0 else min(OFFGLIDE_SLOWED * off, OFFGLIDE_SHARE * length)
    spoken = np.array([start, start + into / HOP, end - off / HOP, end])
    return spoken, np.array([each.start, each.start + into, each.end - max(slowed, 0.0), each.end])


def _held(start: float, end: float, source: _Source) -> tuple[float, float]:
    """The frames of a vowel without what is quiet at its ends."""
    first, last = round(start) - source.first, round(end) - source.first
    level = source.level[max(first, 0) : last + 1]
    if len(level) < 4:
        return start, end
    loud = level > level.max() - STEADY
    best = int(np.argmax(level))
    low, high = best, best
    while low > 0 and loud[low - 1]:
        low -= 1
    while high < len(level) - 1 and loud[high + 1]:
        high += 1
    return (max(start, float(first + low + source.first)), min(end, float(first + high + source.first)))


def _between(rows: Array, joint: int) -> Array:
    """Rows that go straight from before a joint to after it."""
    share = np.linspace(0.0, 1.0, 2 * BLEND + 1)[:, None]
    result: Array = (1.0 - share) * rows[joint - BLEND] + share * rows[joint + BLEND]
    return result


def _gain(sounds: Sequence[Placed], made: Array, at: Array) -> Array:
    """Factors [n] at seconds `at` that make vowels about as loud as each other, and take consonants along, as
    far as those do not stand out."""
    block = max(int(HOP / (at[1] - at[0])), 1)
    count = len(made) // block
    power = (made[: count * block].reshape(count, block) ** 2).mean(axis=1)
    times = at[: count * block : block] + HOP / 2
    knots, gains = [at[0]], [0.0]
    kernel = np.hanning(round(EVEN_OVER / HOP) + 2)[1:-1]
    for each in sounds:
        first, last = np.searchsorted(times, [each.start, each.end])
        if not each.vowel or last - first < 2:
            continue
        own = np.pad(power[first:last], len(kernel) // 2, mode="edge")
        own = np.convolve(own, kernel / kernel.sum(), mode="valid")
        level = 10 * np.log10(own[: last - first] + 1e-12)
        knots += times[first:last].tolist()
        gains += np.clip(EVENED * (LEVEL - level), -MOST_GAIN, MOST_GAIN).tolist()
    gains[0] = gains[min(1, len(gains) - 1)]
    gain = np.interp(times, knots, gains)
    for each in sounds:
        first, last = np.searchsorted(times, [each.start, each.end])
        if not each.vowel and last > first:
            level = 10 * np.log10((power[first:last] * 10 ** (gain[first:last] / 10)).max() + 1e-12)
            gain[first:last] -= max(level - (LEVEL - UNDER), 0.0) * np.hanning(last - first + 2)[1:-1]
    result: Array = 10.0 ** (np.interp(at, times, gain) / 20)
    return result


def _shown(phrase: Phrase, start: float, end: float, at: Array) -> Array:
    """How much [n] of a piece is heard at seconds `at`: it fades where the phrase begins and ends, and where
    the next piece takes over."""
    last = phrase.sounds[-1]
    fall = FALL if last.vowel else RISE
    comes = (at - start) / RISE if start == phrase.start else (at - start) / FADE + 0.5
    goes = (phrase.end - at) / fall if end == phrase.end else (end - at) / FADE + 0.5
    share = np.clip(np.minimum(comes, goes), 0.0, 1.0)
    if end == phrase.end:
        ease: Array = np.where(goes < 1.0, share * share * (3.0 - 2.0 * share), share)
        return ease
    return share
