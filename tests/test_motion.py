"""From speech to motion: what the mouth must do, when it must be still, and what only the seed decides."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaldata import eval_file
from phiz.channels import CHANNELS, INDEX, POSE
from phiz.motion.animation import animate
from phiz.motion.breath import swallows
from phiz.motion.eyes import blink_times
from phiz.speech.speech import Phoneme, Speech

MOUTH = [name for name in CHANNELS if name.startswith(("mouth", "jaw", "tongue", "cheek"))]
OPENERS = [
    name
    for name in CHANNELS
    if name.startswith(("mouthFunnel", "mouthUpperUp", "mouthLowerDown", "mouthShrug"))
]
CLOSED = 0.004  # weight; 0.1 mm between the lips
STEP = 0.001  # seconds between the times that tests look at
RATE = 16000


def speech(phonemes, *, lead=0.3, length=0.1, tail=1.0, sentences=()):
    """Speech with `phonemes`, a string with spaces (_ is a pause of 0.5 s), each `length` seconds."""
    time, timed = lead, []
    for ipa in phonemes.split():
        if ipa == "_":
            time += 0.5
        else:
            timed.append(Phoneme(ipa.strip("ˈ"), time, time + length, int(ipa.startswith("ˈ"))))
            time += length
    samples = np.full(int((time + tail) * RATE), 0.1, np.float32)
    return Speech(samples, RATE, tuple(timed), sentences=sentences)


class Motion:
    """A clip looked at every STEP seconds."""

    def __init__(self, said, seed=0):
        self.clip = animate(said, seed=seed)
        self.times = np.arange(0, said.duration, STEP)
        self.values = self.clip.evaluate_many(self.times)

    def __getitem__(self, name):
        return self.values[:, INDEX[name]]

    def within(self, start, end):
        return (self.times >= start) & (self.times < end)

    @property
    def gap(self):
        return self["jawOpen"] - self["mouthClose"]

    def closed(self):
        shut = np.abs(self.gap) < CLOSED
        for name in OPENERS:
            shut &= self[name] < CLOSED
        return shut


@given(
    st.lists(
        st.sampled_from(
            [
                "p",
                "b",
                "m",
                "f",
                "v",
                "s",
                "ʃ",
                "tʃ",
                "t",
                "k",
                "h",
                "l",
                "ɹ",
                "w",
                "uː",
                "ɔ",
                "ˈa",
                "i",
                "ə",
                "aɪ",
                "θ",
            ]
        ),
        min_size=1,
        max_size=14,
    ),
    st.floats(0.025, 0.2),
)
@settings(deadline=None, max_examples=40)
def test_lips_meet_for_p_b_m_however_fast(phonemes, length):
    said = speech(" ".join(phonemes), length=length)
    motion = Motion(said)
    shut = motion.closed()
    for phoneme in said.phonemes:
        if phoneme.ipa in ("p", "b", "m"):
            around = motion.within(phoneme.start - 0.06, phoneme.end + 0.04)
            assert shut[around].sum() * STEP >= 0.05, phoneme
            assert shut[motion.within(phoneme.start, phoneme.end)].any(), phoneme
            assert motion["mouthPressLeft"][around].max() >= 0.2


@pytest.mark.parametrize("length", [0.05, 0.1])
def test_lower_lip_meets_the_teeth_for_f_and_v(length):
    said = speech("a f a v ɔ", length=length)
    motion = Motion(said)
    for phoneme in (said.phonemes[1], said.phonemes[3]):
        inside = motion.within(phoneme.start, phoneme.end)
        touching = (
            (motion["mouthRollLower"] > 0.45) & (motion["mouthLowerDownLeft"] < 0.01) & (motion.gap < 0.1)
        )
        assert touching[inside].any()


@pytest.mark.parametrize("sibilant", ["s", "z", "ʃ", "tʃ", "dʒ"])
def test_the_jaw_nearly_closes_for_sibilants(sibilant):
    said = speech(f"ˈa {sibilant} ˈa", length=0.09)
    motion = Motion(said)
    inside = motion.within(said.phonemes[1].start, said.phonemes[1].end)
    assert motion["jawOpen"][inside].min() <= 0.08
    assert motion["jawOpen"].max() > 0.25


def test_rounding_starts_before_the_sound_and_spreads_over_neighbours():
    said = speech("h ˈi s t uː t i", length=0.1)
    rounding = Motion(said)["mouthPucker"]
    vowel = said.phonemes[4]
    times = np.arange(len(rounding)) * STEP
    assert 0.1 <= vowel.start - times[np.argmax(rounding > 0.05)] <= 0.22
    assert rounding[int(vowel.start / STEP)] > 0.25
    assert rounding[int((vowel.end + 0.04) / STEP)] > 0.15
    assert rounding.max() > 0.38


@pytest.mark.parametrize("consonant", ["h", "k", "ɡ"])
def test_h_and_k_take_their_neighbours_lips(consonant):
    def look(phonemes):
        said = speech(phonemes)
        motion = Motion(said)
        middle = int((said.phonemes[1].start + said.phonemes[1].end) / 2 / STEP)
        return motion["mouthPucker"][middle], motion["mouthSmileLeft"][middle]

    (round_pucker, round_smile), (spread_pucker, spread_smile) = (
        look(f"u {consonant} u"),
        look(f"i {consonant} i"),
    )
    assert round_pucker > 0.4 > 0.05 > spread_pucker
    assert spread_smile > 0.12 > 0.05 > round_smile


def test_the_mouth_moves_before_the_sound():
    for first in ("a", "i", "u", "l", "s"):
        said = speech(f"{first} t a", lead=0.6)
        motion = Motion(said)
        moving = np.abs(motion.values[:, [INDEX[name] for name in MOUTH]]).max(axis=1) > 0.01
        assert 0.06 <= 0.6 - motion.times[np.argmax(moving)] <= 0.26, first  # a breath


def test_stress_and_loudness_open_the_mouth():
    def opening(said):
        return Motion(said)["jawOpen"].max()

    assert opening(speech("t ˈa t")) > opening(speech("t a t")) + 0.02
    loud = speech("t a t a t", length=0.15)
    samples = loud.samples.copy()
    samples[int(loud.phonemes[3].start * RATE) :] *= 0.2
    loud = Speech(samples, RATE, loud.phonemes)
    motion = Motion(loud)
    first, second = (motion["jawOpen"][motion.within(p.start, p.end)].max() for p in loud.phonemes[1::2])
    assert first > second + 0.02


def test_fast_speech_opens_less_and_nothing_jumps():
    slow, fast = (Motion(speech("t ˈa t ˈa t ˈa t", length=length)) for length in (0.2, 0.05))
    assert fast["jawOpen"].max() < slow["jawOpen"].max()
    for motion in (slow, fast, Motion(speech("p ˈa p ˈa m i b ˈa f uː v s ʃ ˈa p", length=0.06))):
        speeds = np.abs(np.diff(motion.values[:, [INDEX[name] for name in MOUTH]], axis=0)) / STEP
        assert speeds.max() < 25  # weights a second; the widest vowel then takes more than 15 ms
        assert speeds[:, MOUTH.index("jawOpen")].max() < 14  # 350 mm a second


def test_lips_are_still_in_silence():
    said = speech("m ˈa p _ f ˈuː ʃ", lead=0.5)
    motion = Motion(said)
    mouth = motion.values[:, [INDEX[name] for name in MOUTH]]
    pause = (said.phonemes[2].end + 0.15, said.phonemes[3].start - 0.25)
    for start, end in ((0, 0.5 - 0.25), pause, (said.phonemes[-1].end + 0.15, said.duration)):
        inside = motion.within(start, end - STEP)
        assert inside.sum() >= 95
        assert not mouth[inside].any()
    assert mouth[motion.within(0.5, said.phonemes[2].end)].any(axis=1).all()


def test_the_photo_is_worn_before_and_after_speech_and_never_in_it():
    said = speech("a t a _ t a", lead=0.5, tail=1.2)
    motion = Motion(said)
    photo = motion["photo"]
    assert photo[0] == 1.0
    assert not photo[motion.within(0.5, said.phonemes[-1].end)].any()
    assert photo[motion.within(said.phonemes[-1].end + 1.0, said.duration)].min() == 1.0
    assert (np.diff(photo[motion.within(0, 0.5)]) <= 0).all()
    assert np.abs(np.diff(photo)).max() / STEP < 8


@pytest.mark.parametrize("pauses", [2, 3, 5, 9])
def test_between_a_sound_and_the_breath_before_the_next_lips_are_still_whatever_the_photo(pauses):
    said = speech("a t uː " + "_ " * pauses + "f iː t a", lead=0.5)
    motion = Motion(said)
    still = motion.within(said.phonemes[2].end + 0.2, said.phonemes[3].start - 0.4)
    for time in swallows(said):  # the one thing that lips do in a long pause
        still &= ~motion.within(time, time + 0.7)
    assert still.sum() > 350
    lips = motion.values[:, [INDEX[name] for name in [*MOUTH, "photo"]]]
    assert np.ptp(lips[still], axis=0).max() < 0.0005  # weight; 0.01 mm


@pytest.mark.parametrize("lead", [0.0, 0.02, 0.15, 1.0])
def test_the_first_frame_is_the_photo(lead):
    values = animate(speech("p ˈa f uː", lead=lead), seed=4).evaluate(0.0)
    assert values[INDEX["photo"]] == 1.0
    assert np.count_nonzero(values) == 1


def test_the_seed_changes_everything_but_the_lips():
    said = speech("h ə l ˈoʊ _ w ɜː l d _ p ˈa p ˈi t ˈa", tail=3)
    one, again, other = animate(said, seed=1), animate(said, seed=1), animate(said, seed=2)
    assert one.curves.keys() == again.curves.keys()
    for name, curve in one.curves.items():
        assert (curve.times == again.curves[name].times).all()
        assert (curve.values == again.curves[name].values).all()
    lips = [*MOUTH, "photo"]
    for name in lips:
        assert (name in one.curves) == (name in other.curves)
        if name in one.curves:
            assert (one.curves[name].values == other.curves[name].values).all()
    for name in ("eyeBlinkLeft", *POSE):
        assert one.curves[name].values.shape != other.curves[name].values.shape or (
            one.curves[name].values != other.curves[name].values
        ).any() or (one.curves[name].times != other.curves[name].times).any()  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_blinks(seed):
    said = speech("t a t a t a t a t a t a", lead=0.5, tail=58.3, sentences=((0.5, 1.7),))
    starts = blink_times(said, seed)
    assert 12 <= len(starts) <= 30  # in a minute
    assert starts[0] >= 0.5
    assert np.diff(starts).min() >= 0.6
    assert np.diff(starts).std() > 0.4  # people are no metronomes
    motion = Motion(said, seed)
    assert (motion["eyeBlinkLeft"] == motion["eyeBlinkRight"]).all()
    assert motion["eyeBlinkLeft"].max() == 1.0
    speeds = np.diff(motion["eyeBlinkLeft"]) / STEP
    assert speeds.max() > 1.3 * -speeds.min()  # down faster than up
    brief = speech("t a t a", lead=0.5, tail=2.2)
    assert len(blink_times(brief, seed)) >= 1


def test_the_head_moves_a_little_and_ends_where_it_began():
    said = speech(" ".join(["t ˈa t a n i"] * 60), length=0.1, tail=20)
    motion = Motion(said, seed=5)
    head = np.degrees(motion.values[:, [INDEX[name] for name in POSE]])
    talking, after = head[motion.within(1, 36)], head[motion.within(39, said.duration - 1)]
    assert ((talking.std(axis=0) > 1.2) & (talking.std(axis=0) < 3.5)).all()
    assert np.abs(head).max() < 10
    assert (after.std(axis=0) < 0.7 * talking.std(axis=0)).all()
    assert not head[0].any()
    assert np.abs(head[-1]).max() < 0.02
    assert np.abs(np.diff(head, axis=0)).max() / STEP < 40  # degrees a second


def test_eyes_and_brows_stay_small_and_eyes_never_look_two_ways():
    said = speech(" ".join(["t ˈa t a n i"] * 30), length=0.1)
    motion = Motion(said, seed=2)
    looks = [name for name in CHANNELS if name.startswith("eyeLook")]
    assert 0.03 < max(motion[name].max() for name in looks) <= 0.2
    assert (np.minimum(motion["eyeLookOutLeft"], motion["eyeLookInLeft"]) < 0.01).all()
    assert (motion["eyeLookOutLeft"] == motion["eyeLookInRight"]).all()
    assert 0.2 < motion["browInnerUp"].max() < 0.75


@pytest.mark.parametrize("phonemes", ["", "a"])
def test_almost_no_speech(phonemes):
    for duration in (0.0, 0.01, 0.4):
        said = Speech(
            np.zeros(int(duration * RATE), np.float32),
            RATE,
            tuple(Phoneme(ipa, 0.0, duration) for ipa in phonemes if duration),
        )
        values = Motion(said).clip.evaluate_many([0.0, duration / 2, duration])
        assert np.isfinite(values).all()
        assert values[0, INDEX["photo"]] == 1.0


def test_real_timings():
    """Hand-timed speech at conversational speed: every p b m closes, and no closure where there is none."""
    for path in sorted(eval_file("timit").glob("*/sx*.phn"))[:8]:
        said = timit(path)
        motion = Motion(said)
        shut = motion.closed()
        labials = [phoneme for phoneme in said.phonemes if phoneme.ipa in ("p", "b", "m")]
        for phoneme in labials:
            near = motion.within(phoneme.start - 0.04, phoneme.end + 0.04)
            assert shut[near].sum() * STEP >= 0.05, (path, phoneme)
        for phoneme in said.phonemes:
            far = all(
                abs(phoneme.start - other.end) > 0.05 and abs(phoneme.end - other.start) > 0.05
                for other in labials
            )
            if phoneme.ipa in ("ɑ", "æ", "aɪ") and phoneme.end - phoneme.start > 0.08 and far:
                assert motion.gap[motion.within(phoneme.start, phoneme.end)].max() > 0.15, (path, phoneme)


TIMIT = {
    "aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "aʊ", "ax": "ə", "ax-h": "ə", "axr": "ɚ", "ay": "aɪ",
    "b": "b", "ch": "tʃ", "d": "d", "dh": "ð", "dx": "ɾ", "eh": "ɛ", "el": "l̩", "em": "m̩", "en": "n̩",
    "eng": "ŋ̩", "er": "ɝ", "ey": "eɪ", "f": "f", "g": "ɡ", "hh": "h", "hv": "ɦ", "ih": "ɪ", "ix": "ɨ",
    "iy": "i", "jh": "dʒ", "k": "k", "l": "l", "m": "m", "n": "n", "ng": "ŋ", "nx": "ɾ̃", "ow": "oʊ", "oy":
    "ɔɪ", "p": "p", "q": "ʔ", "r": "ɹ", "s": "s", "sh": "ʃ", "t": "t", "th": "θ", "uh": "ʊ", "uw": "u",
    "ux": "ʉ", "v": "v", "w": "w", "y": "j", "z": "z", "zh": "ʒ", "bcl": "b", "dcl": "d", "gcl": "ɡ", "pcl":
    "p", "tcl": "t", "kcl": "k",
}  # fmt: skip


def timit(path: Path) -> Speech:
    """A TIMIT utterance's hand-made times; a stop's closure and burst are one phoneme."""
    phonemes: list[Phoneme] = []
    for line in path.read_text().splitlines():
        start, end, name = line.split()
        if name not in TIMIT:
            continue
        ipa, begin = TIMIT[name], int(start) / RATE
        if phonemes and phonemes[-1].ipa == ipa and phonemes[-1].end == begin and name in "pbtdgk":
            begin = phonemes.pop().start
        phonemes.append(Phoneme(ipa, begin, int(end) / RATE))
    return Speech(np.full(int(end), 0.1, np.float32), RATE, tuple(phonemes))
