"""From which weights on mouths touch where they must, printed: `python bench/contacts.py`.

phonemes/visemes.csv takes these for p, f, th and l. The faces are those of the tests (tests/sitters.py); the
tongue is measured on the made teeth and tongue as they are drawn up (tests/touching.py).
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from phiz.motion.viseme_table import visemes
from phiz.portrait.rig import Rig

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from measures import gap, openings
from sitters import SITTERS, Sitters
from touching import BEHIND, BETWEEN, FRONT, both_sides, lip_over_teeth, tongue_top

STEP = 0.01  # of weights


def main() -> None:
    for viseme, enough, what in (
        ("th", partial(is_at, FRONT), "comes as far forward as the upper teeth's faces"),
        ("th", partial(reaches, BETWEEN), "touches their edges from between the teeth"),
        ("l", partial(reaches, BEHIND), "comes as high as their edges behind them"),
        ("l", partial(is_at, FRONT), "comes out from behind them"),
    ):
        print(f"{viseme}: the tongue {what} from tongueOut {least_weight(viseme, 'tongueOut', enough):.2f}")
    with TemporaryDirectory() as folder:
        sitters = Sitters(Path(folder))
        for name in SITTERS:
            print(f"{name}: {lips_of(sitters(name).rig)}", flush=True)


def lips_of(rig: Rig) -> str:
    """What is found out about p and f on a face."""
    bare = {**visemes()["p"].weights, "mouthPress": 0.0, "mouthRollLower": 0.0}
    shut = gap(rig, openings(rig)["mouth"], **both_sides(bare))
    found = f"on p lips are {shut:.3f} mm apart without mouthPress and mouthRollLower"
    if lip_over_teeth(rig, bare) is None:
        return found
    least = least_weight("f", "mouthClose", partial(covers, rig))
    return f"{found}; on f the lip covers the teeth's edges from mouthClose {least:.2f}"


def reaches(place: tuple[float, float], weights: Mapping[str, float]) -> bool:
    return tongue_top(weights, place) >= 0


def is_at(place: tuple[float, float], weights: Mapping[str, float]) -> bool:
    return tongue_top(weights, place) > -np.inf


def covers(rig: Rig, weights: Mapping[str, float]) -> bool:
    over = lip_over_teeth(rig, weights)
    return over is not None and bool(over.min() >= 0)


def least_weight(viseme: str, channel: str, enough: Callable[[Mapping[str, float]], bool]) -> float:
    """The first weight of a channel at which the rest of the viseme is `enough`."""
    tried = np.arange(0, 1 + STEP / 2, STEP)
    return next(
        (float(weight) for weight in tried if enough({**visemes()[viseme].weights, channel: float(weight)})),
        np.nan,
    )


if __name__ == "__main__":
    main()
