"""Clips: curves that never overshoot, evaluate the same everywhere, and come back from files as they were."""

import json
import math
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.channels import CHANNELS, INDEX
from phiz.errors import OutputError, RigError, UsageError
from phiz.motion import hermite
from phiz.motion.clip import Clip, Curve

weights = st.floats(0, 1, allow_subnormal=False)


@st.composite
def curves(draw):
    gaps = draw(st.lists(st.floats(0.001, 2), min_size=1, max_size=12))
    values = draw(st.lists(weights, min_size=len(gaps), max_size=len(gaps)))
    return Curve(np.cumsum(gaps), np.array(values))


@given(curves())
@settings(deadline=None)
def test_a_curve_meets_its_keys_and_stays_between_neighbours(curve):
    clip = Clip(1.0, {"jawOpen": curve})
    column = INDEX["jawOpen"]
    assert (clip.evaluate_many(curve.times)[:, column] == curve.values).all()
    for i in range(len(curve.times) - 1):
        inside = clip.evaluate_many(np.linspace(curve.times[i], curve.times[i + 1], 40))[:, column]
        steps = np.diff(inside) * np.sign(curve.values[i + 1] - curve.values[i])
        low, high = sorted(curve.values[i : i + 2])
        assert low <= inside.min()
        assert inside.max() <= high
        assert (steps >= -1e-12).all()


@given(curves(), st.floats(0.01, 100))
@settings(deadline=None)
def test_flat_outside_the_keys(curve, away):
    clip = Clip(1.0, {"headYaw": curve})
    ends = clip.evaluate_many([curve.times[0] - away, curve.times[-1] + away])[:, INDEX["headYaw"]]
    assert ends.tolist() == [curve.values[0], curve.values[-1]]


@given(st.lists(weights, min_size=2, max_size=10))
@settings(deadline=None, max_examples=30)
def test_the_slope_has_no_corners(values):
    times = 0.25 * np.arange(1, len(values) + 1)
    clip = Clip(1.0, {"jawOpen": Curve(times, np.array(values))})
    step = 1e-5
    before, at, after = (
        clip.evaluate_many(times + shift)[:, INDEX["jawOpen"]] for shift in (-step, 0.0, step)
    )
    bend = 12 / 0.25**2  # how fast the slope itself may change; straight lines would turn by up to 8 at once
    assert (np.abs((after - at) - (at - before)) / step <= 2 * bend * step + 1e-9).all()


def test_channels_without_a_curve_are_zero():
    values = Clip(1.0, {"jawOpen": Curve(np.array([0.2]), np.array([0.5]))}).evaluate(0.7)
    assert values.shape == (len(CHANNELS),)
    assert values[INDEX["jawOpen"]] == 0.5
    assert np.count_nonzero(values) == 1
    assert not Clip(0.0).evaluate_many([0.0, 1.0]).any()


def test_one_time_gives_the_same_bits_as_many_and_fills_the_given_array():
    clip = some_clip()
    times = np.linspace(-0.5, 4.5, 97)
    together = clip.evaluate_many(times)
    out = np.full(len(CHANNELS), np.nan)
    for time, row in zip(times, together, strict=True):
        assert clip.evaluate(time, out) is out
        assert (out == row).all()
    assert (clip.evaluate_many(times[::-1])[::-1] == together).all()


def test_compiled_code_gives_the_same_bits_as_python():
    rng = np.random.default_rng(3)
    times, values = np.cumsum(rng.uniform(0.01, 1, 40)), rng.uniform(0, 1, 40)
    slope = hermite.slopes(times, values)
    assert (slope == hermite.slopes.py_func(times, values)).all()
    for i in range(39):
        time = times[i] + 0.37 * (times[i + 1] - times[i])
        expected = hermite.between.py_func(times, values, slope, i, time)
        assert hermite.between(times, values, slope, i, time) == expected


def test_evaluating_into_an_array_allocates_nothing():
    clip, out = some_clip(), np.zeros(len(CHANNELS))
    times = [0.013 * k for k in range(300)]
    evaluate = clip.evaluate

    def play():
        for time in times:
            evaluate(time, out)

    play()
    tracemalloc.start()
    try:
        play()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        play()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after <= before
    assert peak - before < out.nbytes  # the shape's tuple and such, no array


@given(curves())
@settings(deadline=None, max_examples=50)
def test_backwards_a_curve_is_the_same_curve(curve):
    back = Curve((10 - curve.times)[::-1], curve.values[::-1])
    times = np.linspace(curve.times[0] - 0.1, curve.times[-1] + 0.1, 200)
    assert np.abs(back.evaluate(10 - times) - curve.evaluate(times)).max() < 1e-9


@given(curves(), st.integers(0, 11), weights)
@settings(deadline=None)
def test_a_key_bends_the_curve_as_far_as_two_keys_away(curve, key, value):
    key = min(key, len(curve.times) - 1)
    values = curve.values.copy()
    values[key] = value
    times = np.linspace(curve.times[0] - 0.1, curve.times[-1] + 0.1, 500)
    first = curve.times[key - 3] if key > 2 else -np.inf
    last = curve.times[key + 3] if key + 3 < len(curve.times) else np.inf
    away = (times <= first) | (times >= last)
    assert (Curve(curve.times, values).evaluate(times)[away] == curve.evaluate(times)[away]).all()


def test_out_of_the_wrong_shape_is_refused():
    with pytest.raises(UsageError, match="out must be float64"):
        some_clip().evaluate(0.0, np.zeros(3))


@given(
    st.lists(
        st.tuples(st.floats(0, 50), weights), min_size=1, max_size=20, unique_by=lambda key: round(key[0], 3)
    )
)
@settings(deadline=None)
def test_a_saved_clip_comes_back_exactly(tmp_path_factory, keys):
    times, values = np.array(sorted(keys)).T
    if (np.diff(np.rint(times * 1e4)) <= 0).any():
        return
    clip = Clip(math.pi, {"mouthPucker": Curve(times, values), "headRoll": Curve(times, -values)})
    path = tmp_path_factory.mktemp("clips") / "Grüße 1.json"
    clip.save(path)
    again = Clip.load(path)
    assert again.duration == clip.duration
    assert list(again.curves) == ["mouthPucker", "headRoll"]
    for name, curve in clip.curves.items():
        assert (again.curves[name].times == curve.times).all()
        assert (again.curves[name].values == curve.values).all()
    again.save(path.with_suffix(".2"))
    assert path.read_bytes() == path.with_suffix(".2").read_bytes()


GOOD = {"format": "phiz-clip", "version": 1, "duration": 1.0}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "format"),
        ('{"format": "other"}', "format"),
        (GOOD | {"version": 2, "curves": {}}, "version is 2"),
        (GOOD, "curves"),
        (GOOD | {"curves": []}, "curves"),
        (GOOD | {"duration": "1", "curves": {}}, "duration"),
        (GOOD | {"duration": -1, "curves": {}}, "duration"),
        (GOOD | {"duration": 10**400, "curves": {}}, "duration"),
        (GOOD | {"duration": math.inf, "curves": {}}, "duration"),
        (GOOD | {"curves": {"jawopen": [[0, 0]]}}, "jawopen"),
        (GOOD | {"curves": {"jawOpen": 3}}, "jawOpen"),
        (GOOD | {"curves": {"jawOpen": {"times": [0], "values": [0]}}}, "jawOpen"),
        (GOOD | {"curves": {"jawOpen": [[0, "a"]]}}, "jawOpen"),
        (GOOD | {"curves": {"jawOpen": [[0, 0], [[1], 1]]}}, "jawOpen"),
        (GOOD | {"curves": {"jawOpen": []}}, "at least one"),
        (GOOD | {"curves": {"jawOpen": [[0, 0], [1]]}}, "time, value"),
        (GOOD | {"curves": {"jawOpen": [[0, 0, 1]]}}, "time, value"),
        (GOOD | {"curves": {"jawOpen": [[1, 0], [0, 0]]}}, "ascend"),
        (GOOD | {"curves": {"jawOpen": [[1, 0], [1.00001, 0]]}}, "ascend"),
        (GOOD | {"curves": {"jawOpen": [[0, 0], [math.nan, 0]]}}, "finite"),
        (GOOD | {"curves": {"jawOpen": [[0, 1.5]]}}, "between 0.0 and 1.0"),
        (GOOD | {"curves": {"headYaw": [[0, 30]]}}, "headYaw"),
        (GOOD | {"units": {"time": "seconds", "angle": "degrees"}, "curves": {}}, "units"),
        ('{"format": "phiz-clip", "curves": {}, "curves": {}}', "curves.*twice"),
        ('{"format": "phiz-clip",\n"version" 1}', "line 2"),
    ],
)
def test_a_bad_file_ends_in_one_line_that_names_it(tmp_path, content, message):
    path = tmp_path / "bad.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(RigError, match=message) as caught:
        Clip.load(path)
    assert "bad.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read_or_written(tmp_path):
    with pytest.raises(RigError, match="cannot read the clip"):
        Clip.load(tmp_path / "absent.json")
    (tmp_path / "binary.json").write_bytes(bytes(range(256)))
    with pytest.raises(RigError, match="not JSON"):
        Clip.load(tmp_path / "binary.json")
    with pytest.raises(OutputError, match="no folder"):
        some_clip().save(tmp_path / "no folder" / "clip.json")


@pytest.mark.parametrize("failure", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_save_keeps_the_old_file_and_leaves_no_other(tmp_path, monkeypatch, failure):
    path = tmp_path / "clip.json"
    path.write_text("old")

    def interrupted(*_):
        raise failure

    monkeypatch.setattr("os.replace", interrupted)
    monkeypatch.setattr("pathlib.Path.replace", interrupted)
    with pytest.raises(failure):
        some_clip().save(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_clip_is_read_with_numpy_alone():
    code = (
        "import sys, phiz.motion.clip; "
        "print([name for name in ('numba', 'scipy', 'cv2', 'PIL', 'dlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@given(st.lists(weights, min_size=2, max_size=150), st.floats(0.001, 0.1))
@settings(deadline=None, max_examples=50)
def test_reduced_samples_stay_within_tolerance(values, tolerance):
    times = np.arange(len(values)) / 100
    kept = hermite.reduce_samples(times, np.array(values), np.zeros(len(values), np.bool_), tolerance)
    curve = Curve(times[kept], np.array(values)[kept])
    again = Clip(1.0, {"jawOpen": curve}).evaluate_many(times)[:, INDEX["jawOpen"]]
    assert np.abs(again - values).max() <= tolerance + 1e-4


def some_clip():
    return Clip(
        4.0,
        {
            "jawOpen": Curve(np.array([0.5, 1.0, 1.25, 3.0]), np.array([0.0, 0.4, 0.1, 0.9])),
            "headPitch": Curve(np.array([0.0, 2.0]), np.array([-0.1, 0.1])),
        },
    )
