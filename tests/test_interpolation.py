"""Own interpolation gives what SciPy's gives, which takes half a second to load."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.interpolate import PchipInterpolator, RBFInterpolator

from phiz.portrait.interpolation import ThinPlate, monotone_cubic

values = st.floats(-50, 50).map(lambda value: round(value, 2))


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 8).flatmap(lambda count: hnp.arrays(float, (count, 3), elements=values)), st.data())
def test_monotone_cubic_is_scipys(given_values, data):
    steps = data.draw(
        st.lists(st.floats(0.05, 3), min_size=len(given_values) - 1, max_size=len(given_values) - 1)
    )
    knots = np.concatenate([[0], np.cumsum(steps)])
    at = np.linspace(0, knots[-1], 31)
    found = monotone_cubic(knots, given_values, at)
    np.testing.assert_allclose(found, PchipInterpolator(knots, given_values)(at), atol=1e-9)
    k = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    ends = np.stack([given_values[k], given_values[k + 1]])
    assert (found >= ends.min(0) - 1e-9).all()
    assert (found <= ends.max(0) + 1e-9).all()


@pytest.mark.parametrize("smoothing", [0.0, 2.0])
def test_thin_plate_is_scipys(smoothing):
    random = np.random.default_rng(3)
    places, depths, at = (
        random.normal(0, 60, (90, 2)),
        random.normal(0, 30, 90),
        random.normal(0, 60, (200, 2)),
    )
    theirs = RBFInterpolator(places, depths, kernel="thin_plate_spline", smoothing=smoothing)(at)
    np.testing.assert_allclose(ThinPlate(places, depths, smoothing)(at), theirs, atol=1e-7)


def test_a_plane_is_a_plane():
    random = np.random.default_rng(4)
    places, at = random.normal(0, 60, (40, 2)), random.normal(0, 200, (40, 2))
    spline = ThinPlate(places, places @ (0.3, -2.0) + 5, 7.0)
    np.testing.assert_allclose(spline(at), at @ (0.3, -2.0) + 5, atol=1e-8)
