"""Dials: how much of each kind of motion a face makes, down to none of it."""

import numpy as np
import pytest

from phiz.channels import CHANNELS, INDEX, POSE
from phiz.errors import UsageError
from phiz.motion.animation import animate
from phiz.motion.dials import Dials
from phiz.speech.synthesis import speak
from test_motion import CLOSED, STEP, speech

MOVED_BY = {
    "head": POSE,
    "blink": ("eyeBlinkLeft", "eyeBlinkRight"),
    "gaze": tuple(name for name in CHANNELS if name.startswith("eyeLook")),
    "brows": tuple(name for name in CHANNELS if name.startswith("brow")),
}


@pytest.mark.parametrize("dial", MOVED_BY)
def test_a_dial_turns_its_motion_off_exactly_and_up(dial):
    said = speech(" ".join(["t ˈa t a n i"] * 10) + " _ _ _ _ _ _ ˈa", tail=2)  # with a pause to swallow in
    usual, off, more = (animate(said, seed=3, dials=Dials(**{dial: value})) for value in (1.0, 0.0, 1.5))
    assert not set(MOVED_BY[dial]) & off.curves.keys()
    assert set(MOVED_BY[dial]) & usual.curves.keys()
    others = usual.curves.keys() - set(MOVED_BY[dial]) - (set(MOVED_BY["gaze"]) if dial != "brows" else set())
    assert others <= off.curves.keys()
    for name in others:
        assert (usual.curves[name].values == off.curves[name].values).all()

    def travel(clip):
        values = clip.evaluate_many(np.arange(0, said.duration, 0.01))
        return sum(np.abs(np.diff(values[:, INDEX[name]])).sum() for name in MOVED_BY[dial])

    assert travel(more) > 1.15 * travel(usual)


def test_teeth_stay_close_on_sibilants_whatever_the_dials():
    said = speech("ˈa s ˈa z ˈa ʃ ˈa tʃ ˈa dʒ ˈa", length=0.08)
    clip = animate(said, dials=Dials(jaw=2.0, articulation=2.0))
    for phoneme in said.phonemes[1::2]:
        jaw = clip.evaluate_many(np.arange(phoneme.start, phoneme.end, STEP))[:, INDEX["jawOpen"]]
        assert jaw.min() < 0.08, phoneme  # 2 mm between the teeth
    assert clip.curves["jawOpen"].values.max() > 0.9


def test_two_dials_do_no_more_than_the_largest_alone():
    said = speech("w iː w uː ʃ uː t ˈa")
    both, one = animate(said, dials=Dials(articulation=2, lips=2)), animate(said, dials=Dials(articulation=2))
    assert both.curves["mouthPucker"].values.max() == one.curves["mouthPucker"].values.max() > 0.7


@pytest.mark.parametrize("dial", ["articulation", "jaw", "lips"])
def test_lips_close_whatever_the_dials(dial):
    said = speech("t ˈa p ˈi m ˈa f u ʃ ˈa")
    for value in (0.0, 0.5, 2.0):
        clip = animate(said, dials=Dials(**{dial: value}))
        values = clip.evaluate_many(np.arange(0, said.duration, STEP))
        gap = values[:, INDEX["jawOpen"]] - values[:, INDEX["mouthClose"]]
        for phoneme in (said.phonemes[2], said.phonemes[4]):
            inside = slice(int(phoneme.start / STEP), int(phoneme.end / STEP))
            assert np.abs(gap[inside]).min() < CLOSED
    calm, usual, lively = (
        animate(said, dials=Dials(**{dial: value})).evaluate_many(np.arange(0, said.duration, STEP))
        for value in (0.4, 1.0, 1.6)
    )
    column = INDEX["mouthPucker"] if dial == "lips" else INDEX["jawOpen"]
    assert calm[:, column].max() < usual[:, column].max() < lively[:, column].max()


def test_anticipation_is_how_early_the_lips_begin():
    said = speech("t i t i t uː t i")
    early, usual, late = (
        animate(said, dials=Dials(anticipation=value)).evaluate_many(np.arange(0, said.duration, STEP))
        for value in (1.6, 1.0, 0.3)
    )
    begins = [np.argmax(values[:, INDEX["mouthPucker"]] > 0.1) for values in (early, usual, late)]
    assert begins[0] < begins[1] < begins[2]


@pytest.mark.parametrize("value", [-0.1, 2.1, float("nan"), "much"])
def test_a_dial_that_is_out_of_range_is_named(value):
    with pytest.raises(UsageError, match=r"head is .*from 0"):
        Dials(head=value)


def test_a_question_ends_with_the_head_up():
    def pitch(text):
        spoken = speak(text)
        return animate(spoken, seed=2).evaluate(spoken.sentences[-1][1])[INDEX["headPitch"]]

    assert pitch("Is it you?") > pitch("Is it you.") + 0.01
