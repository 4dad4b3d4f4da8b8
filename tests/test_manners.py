"""A face whispers and shouts with its voice, and laughs call by call."""

from dataclasses import replace

import numpy as np
import pytest

from phiz.channels import INDEX
from phiz.motion.animation import animate
from phiz.motion.gestures import CALLS, gesture_table
from phiz.motion.manners import Manners, manner_table
from phiz.speech.speech import Mark
from phiz.speech.text.tags import MANNERS
from test_motion import STEP, speech

SAID = speech("t ˈa p ˈa t a m ˈa p ˈa t ˈa p a t ˈa p ˈa t a m ˈa p ˈa t ˈa p a", lead=0.5)


def marked(*marks):
    return replace(SAID, marks=tuple(Mark(f"tag:{name}", time) for name, time in marks))


def moved(said, name, **options):
    return animate(said, **options).evaluate_many(np.arange(0, said.duration, STEP))[:, INDEX[name]]


def test_the_face_has_every_manner_that_the_voice_has():
    assert manner_table().keys() == MANNERS.keys()


@pytest.mark.parametrize(("name", "least", "most"), [("whisper", 0.65, 0.85), ("shout", 1.25, 1.5)])
def test_a_manner_opens_the_mouth_less_or_wider_until_it_ends(name, least, most):
    usual = moved(SAID, "jawOpen")
    changed = moved(marked((name, 0.95), ("normal", 1.95)), "jawOpen")
    frames = int(1 / STEP)
    before, during, after = (
        slice(0, int(0.8 * frames)),
        slice(frames, int(1.9 * frames)),
        slice(int(2.2 * frames), None),
    )
    assert changed[before] == pytest.approx(usual[before], abs=0.01)
    assert changed[after] == pytest.approx(usual[after], abs=0.01)
    assert least < changed[during].max() / usual[during].max() < most


def test_brows_are_raised_in_a_shout_alone():
    rise = moved(marked(("shout", 0.95), ("normal", 1.95)), "browOuterUpLeft") - moved(
        SAID, "browOuterUpLeft"
    )
    frames = int(1 / STEP)
    assert np.abs(rise[: int(0.9 * frames)]).max() < 0.01
    assert rise[int(1.4 * frames) : int(1.9 * frames)].min() > 0.2
    assert np.abs(rise[int(2.4 * frames) :]).max() < 0.01


@pytest.mark.parametrize("name", ["whisper", "shout"])
def test_lips_still_meet(name):
    usual, changed = (moved(said, "mouthPressLeft") for said in (SAID, marked((name, 0.5))))
    for phoneme in SAID.phonemes:
        if phoneme.ipa in "pm":
            middle = round((phoneme.start + phoneme.end) / 2 / STEP)
            assert changed[middle] == pytest.approx(usual[middle], abs=0.01)


def test_a_whisper_in_a_loud_recording_is_not_mumbled():
    """Its loudness is compared with that of whispers, not with the voice before it."""
    samples = SAID.samples.copy()
    samples[round(1.9 * SAID.rate) :] *= 0.05
    faint = replace(SAID, samples=samples)
    whispered = replace(faint, marks=(Mark("tag:whisper", 1.9),))
    late = slice(round(2.15 / STEP), round(2.7 / STEP))
    assert moved(whispered, "jawOpen")[late].mean() > 1.2 * moved(faint, "jawOpen")[late].mean()


def test_manners_follow_each_other():
    manners = Manners(marked(("shout", 1.0), ("nod", 1.2), ("whisper", 1.5), ("normal", 2.0)))
    assert [manners.name(time) for time in (0.0, 1.0, 1.3, 1.6, 2.5)] == [
        "normal", "shout", "shout", "whisper", "normal",
    ]  # fmt: skip


def peaks(path):
    inner = path[1:-1]
    return STEP * (1 + np.flatnonzero((inner > path[:-2]) & (inner >= path[2:]) & (inner > 0.02)))


def test_the_head_bounces_with_each_call_that_is_heard():
    calls = [1.0, 1.25, 1.47, 1.75, 2.1]
    said = marked(("laugh", calls[0]), *(("ha", time) for time in calls))
    bounces = peaks(moved(said, "headPitch") - moved(SAID, "headPitch"))
    late = gesture_table()["ha"]["headPitch"][1][0]
    assert bounces == pytest.approx(np.array(calls) + late, abs=0.03)
    smile = moved(said, "mouthSmileLeft")[int(1.2 / STEP) : int(2.3 / STEP)]
    assert smile.min() > 0.6


def test_a_laugh_that_is_asked_for_has_calls_of_its_own():
    bounces = peaks(moved(marked(("laugh", 1.0)), "headPitch") - moved(SAID, "headPitch"))
    assert len(bounces) == CALLS
    assert 4.0 < 1 / np.diff(bounces).mean() < 5.0


def test_a_gesture_that_is_asked_for_again_is_no_stronger():
    once, twice = (
        moved(marked(*times), "headPitch") - moved(SAID, "headPitch")
        for times in ([("nod", 1.0)], [("nod", 1.0), ("nod", 1.2)])
    )
    assert twice.min() == pytest.approx(once.min(), abs=0.005)
    assert np.abs(np.diff(twice)).max() < 2 * np.abs(np.diff(once)).max()
