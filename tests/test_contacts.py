"""What the table of visemes says is enough for what the tongue must touch, and hardly more than enough.

What lips must touch is tested on all portraits, in test_rig_portraits.py.
"""

import numpy as np

from phiz.motion.viseme_table import visemes
from touching import BEHIND, BETWEEN, FRONT, tongue_top

SLACK = 0.03  # weight by which a number of the table may be more than the least


def changed(viseme, **weights):
    return {**visemes()[viseme].weights, **weights}


def test_the_tip_of_the_tongue_comes_between_the_teeth_as_far_as_their_faces_on_th():
    said = visemes()["th"].weights
    assert tongue_top(said, FRONT) > -np.inf
    assert tongue_top(changed("th", tongueOut=said["tongueOut"] - SLACK), FRONT) == -np.inf
    assert tongue_top(said, BETWEEN) < 0  # it stays below the upper ones


def test_the_tongue_rises_behind_the_upper_teeth_on_l_and_stays_behind_them():
    said = visemes()["l"].weights
    assert tongue_top(said, BEHIND) >= 0
    assert tongue_top(changed("l", tongueOut=said["tongueOut"] - SLACK), BEHIND) < 0
    assert tongue_top(said, FRONT) == -np.inf
