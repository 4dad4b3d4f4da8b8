"""How likely each state of the English model makes each frame of sound."""

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.speech.recognition.model import GAUSSIANS, LOG_STEP, VALUES, Acoustics

__all__ = ["FAINT", "FLOOR", "log_likelihoods", "meanings", "mix"]

FAINT = 4.0  # a Gaussian this far (natural logarithm) below the best of its set counts for nothing
FLOOR = 1e-30  # likelihood, against the best Gaussian, of a state whose Gaussians all count for nothing
LANES = 16  # numbers a processor compares at once


def log_likelihoods(
    model: Acoustics, features: NDArray[np.float32], senones: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Natural logarithms, float32 [frames, n], of each frame's density in each of n senones.

    features: as `cepstra.features` gives them, float32 [frames, 3, 13]. senones: int32 [n].
    """
    order = np.argsort(model.owner[senones], kind="stable")
    sounds, first = np.unique(model.owner[senones][order], return_index=True)
    bounds = np.append(first, len(senones)).astype(np.int64)
    weights = meanings()[model.weights[senones[order]]]
    result = np.zeros((len(features), len(senones)), np.float32)
    _score(features, model.constant, model.linear, model.square, weights, sounds, bounds, order, result)
    return result


def meanings() -> NDArray[np.float32]:
    """What the numbers in `Acoustics.weights` stand for, [256]."""
    return np.exp(np.arange(256) * -LOG_STEP).astype(np.float32)


@jit
def _score(
    features: NDArray[np.float32],
    constant: NDArray[np.float32],
    linear: NDArray[np.float32],
    square: NDArray[np.float32],
    weights: NDArray[np.float32],
    sounds: NDArray[np.int64],
    bounds: NDArray[np.int64],
    columns: NDArray[np.int64],
    result: NDArray[np.float32],
) -> None:
    """Add each stream's log likelihood to `result`. bounds: where in `weights` each of `sounds` begins."""
    density = np.empty(GAUSSIANS, np.float32)
    near = np.empty(GAUSSIANS, np.uint8)
    share = np.empty(GAUSSIANS, np.float32)
    for c in range(len(sounds)):
        sound = sounds[c]
        for stream in range(constant.shape[1]):
            still, slope, curve = constant[sound, stream], linear[sound, stream], square[sound, stream]
            for t in range(len(features)):
                best, count = mix(features[t, stream], still, slope, curve, density, near, share)
                for i in range(bounds[c], bounds[c + 1]):
                    total = np.float32(FLOOR)
                    for j in range(count):
                        total += share[j] * weights[i, stream, near[j]]
                    result[t, columns[i]] += np.log(total) + best


@jit
def mix(
    values: NDArray[np.float32],
    constant: NDArray[np.float32],
    linear: NDArray[np.float32],
    square: NDArray[np.float32],
    density: NDArray[np.float32],
    near: NDArray[np.uint8],
    share: NDArray[np.float32],
) -> tuple[np.float32, int]:
    """Log density of the best Gaussian of a set at `values` [13], and how many count.

    constant [128], linear, square [13, 128]: as in `Acoustics`. density: [128], scratch. Of those that count,
    near and share get their numbers and their densities against the best.
    """
    for k in range(GAUSSIANS):
        total = constant[k]
        for d in range(VALUES):
            total += values[d] * (linear[d, k] + values[d] * square[d, k])
        density[k] = total
    best = density[0]
    for first in range(0, GAUSSIANS, LANES):
        top = density[first]
        for k in range(LANES):
            top = max(top, density[first + k])
        best = max(best, top)
    count = 0
    for k in range(GAUSSIANS):
        if density[k] > best - np.float32(FAINT):
            near[count] = k
            share[count] = np.exp(density[k] - best)
            count += 1
    return best, count
