"""Breath and swallowing between phrases."""

import numpy as np
import pytest

from phiz.channels import INDEX
from phiz.motion.animation import animate
from phiz.motion.breath import swallows
from phiz.motion.dials import Dials
from test_motion import STEP, speech

PHRASES = speech("t ˈa t a n i t a t a _ t ˈa m i t a _ _ _ _ _ _ _ _ n a t a", lead=0.8, tail=2.0)


def channel(name, said=PHRASES, **arguments):
    clip = animate(said, **arguments)
    times = np.arange(0, said.duration, STEP)
    return clip.evaluate_many(times)[:, INDEX[name]]


@pytest.mark.parametrize("seed", range(4))
def test_the_chest_rises_before_a_phrase_and_sinks_while_it_is_spoken(seed):
    chest = channel("chest", seed=seed)
    for start, end in ((0.8, 1.8), (2.3, 2.9), (6.9, 7.3)):
        before, at, after = (chest[int(time / STEP)] for time in (start - 0.43, start, end - 0.02))
        assert at > before + 0.15
        assert at > after + 0.15
    assert chest[0] == 0
    assert chest.max() <= 1
    assert np.abs(np.diff(chest)).max() / STEP < 6  # weights a second: nobody gasps


def test_at_rest_the_chest_breathes_slowly():
    silent = speech("t a", lead=0.5, tail=16)
    chest = channel("chest", said=silent)[int(2 / STEP) :]
    tops = np.flatnonzero((chest[1:-1] > chest[:-2]) & (chest[1:-1] >= chest[2:]) & (chest[1:-1] > 0.2))
    assert 3 <= len(tops) <= 5  # about 15 a minute


def test_a_long_pause_is_swallowed_in_and_a_short_one_is_not():
    (time,) = swallows(PHRASES)
    assert 2.9 < time < 6.9
    press = channel("mouthPressLeft")
    assert press[int((time + 0.3) / STEP)] > 0.08
    assert press[int(2.05 / STEP)] < 0.01


def test_idle_off_is_none_of_it():
    clip = animate(PHRASES, dials=Dials(idle=0))
    assert "chest" not in clip.curves
    pause = np.arange(3.2, 6.5, 0.01)
    mouth = [name for name in clip.curves if name.startswith(("mouth", "jaw"))]
    assert mouth
    assert not clip.evaluate_many(pause)[:, [INDEX[name] for name in mouth]].any()
