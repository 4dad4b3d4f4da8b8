"""Several faces talk: lines as they are written, spoken in turn, and what the listeners do meanwhile."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import phiz
from phiz.channels import INDEX
from phiz.errors import UsageError
from phiz.motion.animation import animate
from phiz.motion.attention import HEAD, Look, attend
from phiz.portrait.group import Group, Member
from phiz.speech.dialogue import PAUSE, Line, converse, read_line
from phiz.speech.synthesis import LEAD, TAIL
from phiz.together import chorus, group_clips, picture_of, script_of
from scene import make_rig

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="()"), min_size=1).filter(str.strip)


@given(st.integers(0, 99), TEXTS, st.sampled_from(["", "espeak", "espeak:f3"]), st.sampled_from(["", " "]))
def test_a_line_is_read_as_it_is_written(face: int, text: str, voice: str, gap: str) -> None:
    written = f"{gap}{face}{gap}{f'({voice})' if voice else ''}{gap}:{gap}{text}"
    assert read_line(written) == Line(face, text.strip(), voice or None)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("Hello", "whose it is"),
        ("", "whose it is"),
        ("-1: Hello", "whose it is"),
        ("one: Hello", "whose it is"),
        ("0 Hello: there", "whose it is"),
        ("0:", "no words"),
        ("0(): Hello", "no voice"),
    ],
)
def test_lines_that_are_none(written: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=f'{complaint}.*write "0: Hello"'):
        read_line(written)


def test_lines_follow_each_other() -> None:
    lines = [Line(2, "Hello there."), Line(0, "Hi!"), Line(2, "How are you?")]
    spoken = converse(lines)
    assert [face for _, _, face in spoken.turns] == [2, 0, 2]
    starts, ends = np.array([(start, end) for start, end, _ in spoken.turns]).T
    np.testing.assert_allclose(starts[1:] - ends[:-1], PAUSE)
    assert starts[0] == LEAD
    assert spoken.heard.duration == pytest.approx(ends[-1] + TAIL, abs=0.3)
    assert set(spoken.parts) == {0, 2}
    rate = spoken.heard.rate
    for start, end, face in spoken.turns:
        own, whole = spoken.parts[face], spoken.heard
        assert len(own.samples) == len(whole.samples)
        said = [
            [p for p in speech.phonemes if start - 0.01 <= p.start < end]
            for speech in (spoken.heard, own, spoken.parts[2 - face])
        ]
        assert [(p.ipa, p.start) for p in said[0]] == [(p.ipa, p.start) for p in said[1]] != []
        assert said[2] == []
        part = slice(round(start * rate), round(end * rate))
        np.testing.assert_array_equal(own.samples[part], whole.samples[part])
        assert not spoken.parts[2 - face].samples[part].any()
    assert spoken.heard.text == "Hello there.\nHi!\nHow are you?"
    for speech in (spoken.heard, *spoken.parts.values()):
        assert all(speech.words[p.word].start <= p.start for p in speech.phonemes if p.word >= 0)


def test_a_voice_stays_with_its_face() -> None:
    lines = [Line(0, "Hello.", "espeak:f3"), Line(1, "Hello."), Line(0, "Hello.")]
    spoken = converse(lines)
    rate = spoken.heard.rate

    def sound(turn: tuple[float, float, int]) -> np.ndarray:
        return spoken.heard.samples[round(turn[0] * rate) :][: round(0.2 * rate)]

    first, second, third = map(sound, spoken.turns)
    assert np.abs(first - third).max() < 1e-6 < np.abs(first - second).max()
    assert spoken.heard.voice.split(", ")[0] != spoken.heard.voice.split(", ")[1]
    usual = converse([Line(1, "Hello.")], voice="espeak:f3").heard
    np.testing.assert_array_equal(usual.samples[: len(first)], spoken.heard.samples[: len(first)])


@pytest.mark.parametrize("lines", [[], ["Hello"], [(0,)], [("zero", "Hello")], [None]])
def test_scripts_that_are_none(lines: list[object]) -> None:
    with pytest.raises(UsageError, match="0: Hello"):
        script_of(lines)  # type: ignore[arg-type]


def test_lines_in_every_spelling() -> None:
    same = [script_of([line]).heard for line in ("0: Hi.", (0, "Hi."), Line(0, "Hi."), (0, "Hi.", "espeak"))]
    for other in same[1:]:
        np.testing.assert_array_equal(same[0].samples, other.samples)


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"photo": "a.glb"}, "a.glb is a finished rig"),
        ({"photo": make_rig()}, "finished rig"),
        ({"face": "both"}, "'both' is neither"),
        ({"face": 1, "lines": True}, "lines say which face speaks"),
        ({"landmarks": "p.json"}, "of one face"),
    ],
)
def test_what_is_of_one_face_only(settings_: dict[str, object], message: str) -> None:
    given_: dict[str, object] = {"photo": "a.png", "landmarks": None, "face": "all", "lines": False}
    with pytest.raises(UsageError, match=message):
        picture_of(**{**given_, **settings_})  # type: ignore[arg-type]


YAW, PITCH = INDEX["headYaw"], INDEX["headPitch"]


@settings(deadline=None, max_examples=20)
@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0.2, 1), st.integers(0, 99), st.sampled_from([0, 1]))
def test_listeners_look_at_the_speaker(aside: float, up: float, turn: float, seed: int, axis: int) -> None:
    still = phiz.Clip(6.0, {})
    clip = attend(still, [Look(1.0, 3.0, aside, up)], seed=seed, turn=turn)
    values = clip.evaluate_many([0.0, 1.0, 2.5, 5.0])
    wanted = np.radians(turn * HEAD[axis]) * (aside, up)[axis]
    np.testing.assert_allclose(values[2, (YAW, PITCH)[axis]], wanted, atol=1e-3)
    np.testing.assert_allclose(values[[0, 1, 3]][:, [YAW, PITCH]], 0, atol=1e-3)
    eyes = values[2, INDEX["eyeLookOutLeft"]] - values[2, INDEX["eyeLookInLeft"]]
    assert abs(eyes) < 0.02 or np.sign(eyes) == np.sign(aside)
    np.testing.assert_allclose(values[[0, 1, 3]], 0, atol=3e-3)


def test_calmer_heads_keep_the_gaze_and_the_lips() -> None:
    clip = animate(phiz.speak("Hello there, how are you today?"), seed=3)
    times = np.arange(0, clip.duration, 0.05)
    before, after = clip.evaluate_many(times), attend(clip, [], turn=0.5).evaluate_many(times)
    np.testing.assert_allclose(after[:, -3:], before[:, -3:] / 2, atol=1e-3)
    moved = [name for name, k in INDEX.items() if np.abs(before[:, k] - after[:, k]).max() > 5e-3]
    assert all(name.startswith(("head", "eyeLook")) for name in moved)

    def gaze(values: np.ndarray) -> np.ndarray:
        eyes = values[:, INDEX["eyeLookOutLeft"]] - values[:, INDEX["eyeLookInLeft"]]
        return np.degrees(values[:, YAW]) + 30 * eyes

    free = np.abs(before[:, INDEX["eyeLookOutLeft"]] - before[:, INDEX["eyeLookInLeft"]]) < 0.19
    assert free.sum() > 10
    np.testing.assert_allclose(gaze(after)[free], gaze(before)[free], atol=0.3)


def trio() -> Group:
    """Three faces in a row; their eyes are where their parts begin."""
    rig = make_rig()
    return Group(rig, tuple(Member(number, rig, 300 * number, 40, None) for number in range(3)))


def test_each_says_its_own_and_the_others_listen() -> None:
    script = script_of(["0: Hello, good morning to you.", "2: The same to you, my dear friend."])
    assert script.faces == (0, 2)
    clips = group_clips(trio(), script, seed=5)
    jaws = [clip.curves["jawOpen"].values.max() if "jawOpen" in clip.curves else 0.0 for clip in clips]
    assert jaws[1] == 0 < min(jaws[0], jaws[2])
    assert {clip.duration for clip in clips} == {script.heard.duration}
    assert all("eyeBlinkLeft" in clip.curves for clip in clips)
    first, second = (end for _, end, _ in script.turns)
    calm = group_clips(trio(), replace(script, turns=()), seed=5)
    turned = np.degrees(
        [
            clip.evaluate_many([first, second])[:, YAW] - other.evaluate_many([first, second])[:, YAW]
            for clip, other in zip(clips, calm, strict=True)
        ]
    )
    # Towards the picture's right is the subject's left, which is positive; who speaks looks at the viewer.
    np.testing.assert_allclose(turned, [[0, HEAD[0]], [-HEAD[0], HEAD[0]], [-HEAD[0], 0]], atol=0.1)
    again = group_clips(trio(), script, seed=5)
    for one, other in zip(clips, again, strict=True):
        np.testing.assert_array_equal(
            one.evaluate_many([first, second]), other.evaluate_many([first, second])
        )


def test_all_say_it_together_but_do_not_blink_at_once() -> None:
    clips = group_clips(trio(), chorus(phiz.speak("Good morning, everybody!")), seed=0)
    jaws = [clip.curves["jawOpen"].values for clip in clips]
    np.testing.assert_array_equal(jaws[0], jaws[1])
    blinks = {clip.curves["eyeBlinkLeft"].times[0] for clip in clips}
    assert len(blinks) == 3
