"""Moods, gestures and emoji: layers over speech that change the face and never the sounds' closures."""

from dataclasses import replace

import numpy as np
import pytest

from measures import gap, openings
from phiz.channels import CHANNELS, INDEX, POSE
from phiz.data import table
from phiz.errors import UsageError
from phiz.motion.animation import animate
from phiz.motion.dials import Dials
from phiz.motion.gestures import EMOJI, gesture_table
from phiz.motion.moods import MOODS, lively, read_mood
from phiz.speech.speech import Mark
from test_motion import STEP, speech

MOUTH_ONLY = ("jaw", "mouthClose", "mouthUpperUp", "mouthLowerDown", "mouthFunnel", "mouthPucker", "tongue")
SAID = speech("t ˈa p ˈi m ˈa t a _ _ b ˈa n a p a", lead=0.5, sentences=((0.5, 1.3), (2.3, 2.8)))


def values(clip):
    return clip.evaluate_many(np.arange(0, SAID.duration, STEP))


@pytest.mark.parametrize("mood", [name for name in MOODS if name != "neutral"])
def test_a_mood_changes_the_face_and_leaves_the_sounds(mood):
    usual, moody = animate(SAID), animate(SAID, mood=mood)
    for name in CHANNELS:
        if name.startswith(MOUTH_ONLY):
            assert (name in usual.curves) == (name in moody.curves)
            if name in usual.curves:
                assert (usual.curves[name].values == moody.curves[name].values).all()
    apart = np.abs(values(moody) - values(usual))
    assert apart[1000:2500].mean(axis=0).max() > 0.04
    first = moody.evaluate(0.0)
    assert first[INDEX["photo"]] == 1.0
    assert np.count_nonzero(first) == 1


@pytest.mark.parametrize("mood", MOODS)
def test_lips_close_in_every_mood(mood, sitters):
    """In millimetres on the demo's face, at the strongest mood, in the middle of each p b m."""
    rig = sitters("demo").rig
    clip, edges = animate(SAID, mood=f"{mood}:1.5"), openings(rig)["mouth"]
    for phoneme in SAID.phonemes:
        if phoneme.ipa in "pbm":
            row = clip.evaluate((phoneme.start + phoneme.end) / 2)
            weights = {name: row[INDEX[name]] for name in CHANNELS if name not in POSE}
            assert gap(rig, edges, **weights) < 0.3  # 0.5 % of the distance of the eyes


def test_moods_mix_and_strength_scales():
    def smile(mood):
        return values(animate(SAID, mood=mood))[:, INDEX["mouthSmileLeft"]].mean()

    assert smile("happy:0.5") < smile("happy") < smile("happy:1.5")
    mixed = values(animate(SAID, mood="happy:0.5,sad:0.5"))
    for name in ("mouthFrownLeft", "mouthSmileLeft"):
        assert mixed[1500:2000, INDEX[name]].mean() > 0.1
    assert lively({"happy": 1.0})["head"] > 1 > lively({"sad": 1.0})["head"]
    assert read_mood(" Happy : 0.5 , calm") == {"happy": 0.5, "calm": 1.0}


@pytest.mark.parametrize(
    ("mood", "message"),
    [("hapy", "did you mean happy"), ("happy:2", "0 to 1.5"), ("happy:x", "number"), ("", "there are")],
)
def test_a_mood_that_is_none_is_named(mood, message):
    with pytest.raises(UsageError, match=message):
        animate(SAID, mood=mood)


@pytest.mark.parametrize("gesture", gesture_table())
def test_a_gesture_moves_what_it_says_when_it_says(gesture):
    marked = replace(SAID, marks=(Mark(f"tag:{gesture}", 1.6),))
    calm = Dials(blink=0)  # blinks give way to winks
    change = values(animate(marked, dials=calm)) - values(animate(SAID, dials=calm))
    moved = {name for name in CHANNELS if np.abs(change[:, INDEX[name]]).max() > 0.02}
    assert moved <= set(gesture_table()[gesture])
    assert moved
    active = np.flatnonzero(np.abs(change).max(axis=1) > 0.004) * STEP
    first = min(keys[0][0] for keys in gesture_table()[gesture].values())
    last = max(keys[-1][0] for keys in gesture_table()[gesture].values())
    assert 1.6 + first - 0.03 <= active.min() <= 1.6 + 0.2
    assert active.max() <= 1.6 + last + 0.03


@pytest.mark.parametrize("gesture", gesture_table())
def test_lips_close_in_every_gesture(gesture, sitters):
    """In millimetres on the demo's face, at the gesture's strongest, in the middle of each p b m."""
    rig = sitters("demo").rig
    edges = openings(rig)["mouth"]
    for phoneme in SAID.phonemes:
        if phoneme.ipa in "pbm":
            middle = (phoneme.start + phoneme.end) / 2
            marks = tuple(Mark(f"tag:{gesture}", middle - later) for later in (0.25, 0.15))
            row = animate(replace(SAID, marks=marks)).evaluate(middle)
            weights = {name: row[INDEX[name]] for name in CHANNELS if name not in POSE}
            assert gap(rig, edges, **weights) < 0.3


def test_a_gesture_has_a_strength():
    def smile(tag):
        marked = values(animate(replace(SAID, marks=(Mark(tag, 1.6),))))
        return (marked - values(animate(SAID)))[2000, INDEX["mouthSmileLeft"]]

    assert smile("tag:smile:0.5") == pytest.approx(smile("tag:smile") / 2, abs=0.01)
    assert smile("tag:laugh:0.5") == pytest.approx(smile("tag:laugh") / 2, abs=0.01)
    with pytest.raises(UsageError, match=r"smile:x.*0 to 1.5"):
        smile("tag:smile:x")


@pytest.mark.parametrize("seed", range(12))
def test_no_blink_makes_a_wink_look_like_one(seed):
    longer = speech(" ".join(["t ˈa"] * 40), lead=0.5)
    clip = animate(replace(longer, marks=(Mark("tag:wink", 3.0),)), seed=seed)
    right = clip.evaluate_many(np.arange(2.7, 3.6, STEP))[:, INDEX["eyeBlinkRight"]]
    assert right.max() == 0.0
    assert clip.curves["eyeBlinkRight"].values.max() > 0.9


def test_a_wink_shuts_one_eye():
    clip = animate(replace(SAID, marks=(Mark("tag:wink", 1.7),)), seed=11)
    now = clip.evaluate(1.8)
    assert now[INDEX["eyeBlinkLeft"]] > 0.95
    assert now[INDEX["eyeBlinkRight"]] == animate(SAID, seed=11).evaluate(1.8)[INDEX["eyeBlinkRight"]]


def test_a_tag_turns_the_mood_and_an_emoji_only_for_a_while():
    tagged = values(animate(replace(SAID, marks=(Mark("tag:sad", 0.6),))))[:, INDEX["mouthFrownLeft"]]
    assert tagged[300] < 0.001
    assert tagged[2600] > 0.2
    longer = speech(" ".join(["t ˈa"] * 40), lead=0.5)
    emoji = animate(replace(longer, marks=(Mark(f"{EMOJI}1F622", 0.8),)))
    frown = [emoji.evaluate(time)[INDEX["mouthFrownLeft"]] for time in (0.5, 2.0, 6.0)]
    assert frown[1] > 0.2 > 0.01 > max(frown[0], frown[2])


@pytest.mark.parametrize("row", table("emoji"), ids=lambda row: row["code"])
def test_every_emoji_of_the_table_moves_the_face(row):
    usual, marked = animate(SAID), animate(replace(SAID, marks=(Mark(EMOJI + row["code"], 1.6),)))
    assert np.abs(values(marked) - values(usual)).max() > 0.04


@pytest.mark.parametrize("name", ["bookmark", "tag:unheard of", "emoji:U+1F9CA", "emoji:U+"])
def test_other_marks_mean_nothing_to_a_face(name):
    usual, marked = animate(SAID), animate(replace(SAID, marks=(Mark(name, 1.0),)))
    assert usual.curves.keys() == marked.curves.keys()
    assert all((usual.curves[key].values == marked.curves[key].values).all() for key in usual.curves)
