"""What the table of visemes says is enough for what the tongue must touch, and hardly more than enough.

What lips must touch is tested on all portraits, in test_rig_portraits.py.
"""

import numpy as np

from contacts import BEHIND, BETWEEN, FRONT, tongue_top
from phiz.motion.viseme_table import visemes

SLACK = 0.03  # weight by which a number of the table may be more than the least


def changed(viseme, **weights):
    return {**visemes()[viseme].weights, **weights}


def test_the_tongue_touches_the_edges_of_the_upper_teeth_from_between_them_on_th():
    said = visemes()["th"].weights
    assert tongue_top(said, BETWEEN) >= 0
    assert tongue_top(changed("th", tongueOut=said["tongueOut"] - SLACK), BETWEEN) < 0


def test_the_tongue_rises_behind_the_upper_teeth_on_l_and_stays_behind_them():
    said = visemes()["l"].weights
    assert tongue_top(said, BEHIND) >= 0
    assert tongue_top(changed("l", tongueOut=said["tongueOut"] - SLACK), BEHIND) < 0
    assert tongue_top(said, FRONT) == -np.inf
