"""What is done with clips does what its definition says, at any time, and leaves alone what it should."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.channels import CHANNELS, INDEX, POSE
from phiz.errors import UsageError
from phiz.motion.clip import STEPS, Clip, Curve
from phiz.motion.fitting import TOLERANCE

MOVED = ("jawOpen", "eyeBlinkLeft", "mouthSmileRight", "headYaw")
LENGTH = 2.0  # seconds of the clips here
CLOSE = TOLERANCE + 1e-4  # what the operations promise, and a step of the grid
SLOW = 0.04  # seconds at least between two keys: a blink is no faster

ticks = st.integers(0, int(LENGTH * STEPS))
properties = settings(deadline=None, max_examples=25)


@st.composite
def curves(draw, low):
    gaps = draw(st.lists(st.floats(SLOW, 0.6), min_size=1, max_size=8))
    values = draw(st.lists(st.floats(low, 1), min_size=len(gaps), max_size=len(gaps)))
    return Curve(draw(st.floats(-0.2, 0.5)) + np.cumsum(gaps), np.array(values))


@st.composite
def clips(draw):
    names = draw(st.sets(st.sampled_from(MOVED), min_size=1))
    return Clip(LENGTH, {name: draw(curves(-1.0 if name in POSE else 0.0)) for name in sorted(names)})


def grid(clip):
    """Times on the grid, all over a clip and beyond, and next to its keys."""
    whole = np.arange(-500, int(clip.duration * STEPS) + 500, 61)
    keys = [
        np.rint(curve.times * STEPS) + away for curve in clip.curves.values() for away in (-7, -1, 0, 1, 7)
    ]
    return np.unique(np.concatenate([whole, *keys])) / STEPS


def steepest(clip):
    """How much a second any value changes at most: three times the straight line (Fritsch and Carlson)."""
    return 3 * max(
        np.abs(np.diff(curve.values) / np.diff(curve.times)).max(initial=0) for curve in clip.curves.values()
    )


def assert_same(one, two):
    """The very same keys."""
    assert one.duration == pytest.approx(two.duration, abs=1e-9)
    assert {name for name, curve in one.curves.items() if curve.values.any()} == {
        name for name, curve in two.curves.items() if curve.values.any()
    }
    for name in one.curves.keys() & two.curves.keys():
        assert one.curves[name].times.tolist() == two.curves[name].times.tolist(), name
        assert one.curves[name].values.tolist() == two.curves[name].values.tolist(), name


def assert_on_the_grid(clip):
    for curve in clip.curves.values():
        for numbers in (curve.times, curve.values):
            assert (np.rint(numbers * STEPS) / STEPS == numbers).all()


def bounds():
    return np.array(
        [
            [-1.6 if name in POSE else 0.0 for name in CHANNELS],
            [1.6 if name in POSE else 1.0 for name in CHANNELS],
        ]
    )


@given(clips(), ticks, ticks)
@properties
def test_cut(clip, first, last):
    first, last = sorted((first, last + 1))
    if first == last or last / STEPS > LENGTH:
        return
    part = clip.cut(first / STEPS, last / STEPS)
    assert part.duration == pytest.approx((last - first) / STEPS)
    times = grid(part)
    inside = np.clip(times, 0, part.duration)  # beyond its ends a clip holds still
    expected = clip.evaluate_many(inside + first / STEPS)
    assert np.abs(part.evaluate_many(times) - expected).max() <= CLOSE
    assert_on_the_grid(part)


@given(clips(), ticks)
@properties
def test_what_is_cut_and_joined_is_as_before_however_often(clip, middle):
    at = min(max(middle, 1), int(LENGTH * STEPS) - 1) / STEPS
    times = grid(clip)
    times = times[(times >= 0) & (times <= LENGTH)]
    expected = clip.evaluate_many(times)
    for _ in range(4):
        clip = clip.cut(0, at).join(clip.cut(at))
        assert clip.duration == LENGTH
        assert np.abs(clip.evaluate_many(times) - expected).max() <= CLOSE


@given(clips(), clips(), st.sampled_from([0.0, 0.0001, 0.1, 0.73, LENGTH]))
@properties
def test_join(one, two, crossfade):
    both = one.join(two, crossfade=crossfade)
    begin = LENGTH - crossfade
    assert both.duration == pytest.approx(begin + LENGTH)
    times = grid(both)
    u = np.clip((times - begin) / crossfade, 0, 1) if crossfade else (times > begin - 1e-5) * 1.0
    share = (u * u * (3 - 2 * u))[:, None]
    expected = (1 - share) * one.evaluate_many(times) + share * two.evaluate_many(times - begin)
    assert np.abs(both.evaluate_many(times) - expected).max() <= CLOSE
    assert_on_the_grid(both)


@given(
    clips(), clips(), st.sampled_from(["add", "replace", "max"]), st.floats(0.05, 1), ticks,
    st.sampled_from([0.0, 0.05, 1.0]),
)  # fmt: skip
@properties
def test_layer(base, over, mode, weight, at, fade):
    at = at / STEPS - 0.5
    layered = base.layer(over, mode=mode, weight=weight, at=at, fade=fade)
    times = grid(layered)
    below, above = base.evaluate_many(times), over.evaluate_many(times - at)
    inside = (times > at - 1e-5) & (times < at + LENGTH + 1e-5)
    u = np.clip(np.minimum(times - at, at + LENGTH - times) / fade, 0, 1) if fade else np.ones(len(times))
    share = (inside * weight * u * u * (3 - 2 * u))[:, None]
    mixed = {
        "add": below + share * above,
        "replace": (1 - share) * below + share * above,
        "max": np.where(np.abs(share * above) > np.abs(below), share * above, below),
    }[mode]
    touched = [INDEX[name] for name in over.curves]
    expected = below.copy()
    expected[:, touched] = np.clip(mixed, *bounds())[:, touched]
    assert np.abs(layered.evaluate_many(times) - expected).max() <= CLOSE
    assert layered.duration == base.duration
    assert_on_the_grid(layered)
    for name in base.curves.keys() - over.curves.keys():
        assert layered.curves[name] is base.curves[name]


@given(clips(), clips(), st.sampled_from(["add", "replace", "max"]))
@properties
def test_a_layer_without_weight_is_none(base, over, mode):
    assert_same(base.layer(over, mode=mode, weight=0.0, fade=0.1), base)
    assert_same(base.layer(over, mode=mode, channels=["brow*"], at=LENGTH + 1), base)
    assert_same(base.layer(Clip(LENGTH), mode=mode), base)


@given(clips())
@properties
def test_a_layer_touches_the_channels_that_are_named(clip):
    over = Clip(LENGTH, {name: Curve([0.3], [0.7]) for name in MOVED})
    layered = clip.layer(over, mode="replace", channels=["eye*", "jawOpen"])
    assert (layered.evaluate(1.0)[[INDEX["jawOpen"], INDEX["eyeBlinkLeft"]]] == 0.7).all()
    assert layered.curves.get("headYaw") is clip.curves.get("headYaw")
    still = clip.layer(Clip(LENGTH, {}), mode="replace", channels=["jawOpen"])
    assert not still.evaluate_many(np.arange(0, LENGTH, 0.01))[:, INDEX["jawOpen"]].any()


@given(clips(), st.floats(0.3, 4))
@properties
def test_retime_keeps_every_value_and_takes_so_many_times_as_long(clip, by):
    slower = clip.retime(by)
    assert slower.duration == pytest.approx(by * LENGTH)
    for name, curve in clip.curves.items():
        assert slower.curves[name].values.tolist() == curve.values.tolist()
        assert np.abs(slower.curves[name].times - by * curve.times).max() <= 0.5001 / STEPS
    times = grid(clip)
    off = np.abs(slower.evaluate_many(times * by) - clip.evaluate_many(times))
    assert off.max() <= CLOSE + steepest(clip) / by / STEPS  # keys are at most half a step of the grid away
    assert_on_the_grid(slower)


@given(clips())
@properties
def test_retime_by_two_and_back_changes_nothing(clip):
    again = clip
    for _ in range(5):
        again = again.retime(2).retime(0.5)
    assert_same(again, clip)
    assert_same(clip.retime([(0, 0), (1, 1), (2, 2)]), clip)


@given(clips(), st.lists(st.tuples(st.floats(0.1, 1), st.floats(0.1, 1)), min_size=2, max_size=5))
@properties
def test_retime_with_a_map(clip, steps):
    old, new = np.cumsum(np.array([(0.0, 0.0), *steps]), axis=0).T
    new = np.rint(new * STEPS) / STEPS
    changed = clip.retime(list(zip(old.tolist(), new.tolist(), strict=True)))
    for name, curve in clip.curves.items():
        where = np.isin(changed.curves[name].values, curve.values)
        assert where.sum() >= len(curve.values)
    inside = grid(changed)
    inside = inside[(inside >= 0) & (inside <= new[-1])]
    expected = clip.evaluate_many(np.interp(inside, new, old))
    assert np.abs(changed.evaluate_many(inside) - expected).max() <= CLOSE + steepest(changed) / STEPS
    assert_on_the_grid(changed)


@given(clips())
@properties
def test_mirror(clip):
    mirrored = clip.mirror()
    times = grid(clip)
    values, others = clip.evaluate_many(times), mirrored.evaluate_many(times)
    for name in CHANNELS:
        other = name
        if name.endswith("Left"):
            other = name[:-4] + "Right"
        elif name.endswith("Right"):
            other = name[:-5] + "Left"
        sign = -1 if name in ("headYaw", "headRoll") else 1
        assert (others[:, INDEX[other]] == sign * values[:, INDEX[name]]).all(), name
    assert_same(mirrored.mirror(), clip)


@given(clips(), st.floats(-2, 3))
@properties
def test_scale(clip, by):
    scaled = clip.scale(by)
    times = grid(clip)
    expected = np.clip(clip.evaluate_many(times) * by, *bounds())
    assert np.abs(scaled.evaluate_many(times) - expected).max() <= CLOSE
    assert_on_the_grid(scaled)
    assert_same(clip.scale(1.0), clip)
    assert_same(clip.scale(by, ["brow*"]), clip)


def test_scaling_leaves_the_photo_alone_unless_it_is_named():
    clip = Clip(1.0, {"photo": Curve([0.0], [1.0]), "jawOpen": Curve([0.0], [0.4])})
    assert clip.scale(0.5).evaluate(0.0)[INDEX["photo"]] == 1.0
    assert clip.scale(0.5).evaluate(0.0)[INDEX["jawOpen"]] == 0.2
    assert clip.scale(0.5, ["photo"]).evaluate(0.0)[INDEX["photo"]] == 0.5


@given(clips(), ticks)
@properties
def test_shift(clip, by):
    by = by / STEPS
    later = clip.shift(by)
    assert later.duration == pytest.approx(LENGTH + by)
    times = grid(later)
    assert np.abs(later.evaluate_many(times) - clip.evaluate_many(times - by)).max() <= 1e-9
    if all(curve.times[0] >= 0 and curve.times[-1] <= LENGTH for curve in clip.curves.values()):
        assert_same(later.shift(-by), clip)
    if 0 < by < LENGTH:
        assert_same(clip.shift(-by), clip.cut(by))


@given(clips(), st.floats(0.001, 0.1))
@properties
def test_simplify(clip, tolerance):
    simple = clip.simplify(tolerance)
    times = grid(clip)
    assert np.abs(simple.evaluate_many(times) - clip.evaluate_many(times)).max() <= 1.1 * tolerance + 1e-4
    for name, curve in clip.curves.items():
        assert len(simple.curves[name].times) <= len(curve.times)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (lambda clip: clip.cut(-1), "cannot cut -1 to 2 s"),
        (lambda clip: clip.cut(1, 1), "before the end"),
        (lambda clip: clip.cut(0, 2.1), "within the clip"),
        (lambda clip: clip.join(clip.cut(0, 0.5), crossfade=0.6), "crossfade 0.6 s is outside 0 to 0.5"),
        (lambda clip: clip.join(clip, crossfade=-1), "crossfade -1"),
        (lambda clip: clip.layer(clip, mode="mix"), "'mix' is none of add, replace, max"),
        (lambda clip: clip.layer(clip, mode="replace", weight=1.5), "weight 1.5"),
        (lambda clip: clip.layer(clip, weight=math.nan), "weight nan"),
        (lambda clip: clip.layer(clip, fade=1.5), "fade 1.5 s is outside 0 to 1"),
        (lambda clip: clip.layer(clip, channels=["jawopen"]), "no channel is called 'jawopen'"),
        (lambda clip: clip.retime(0), "0 must be above 0"),
        (lambda clip: clip.retime(math.inf), "two pairs"),
        (lambda clip: clip.retime([(0, 0)]), "two pairs"),
        (lambda clip: clip.retime([(0, 0), (1, 1), (2, 1)]), "must ascend"),
        (lambda clip: clip.retime([(0, -9), (1, -8)]), "nothing would be left"),
        (lambda clip: clip.scale(math.nan), "cannot scale by nan"),
        (lambda clip: clip.scale(1, ["foo"]), "'foo'"),
        (lambda clip: clip.shift(-2), "cannot cut"),
        (lambda clip: clip.simplify(0), "tolerance 0"),
    ],
)
def test_requests_that_make_no_sense(request_, message):
    with pytest.raises(UsageError, match=message):
        request_(Clip(LENGTH, {"jawOpen": Curve([0.5, 1.0], [0.0, 0.4])}))
