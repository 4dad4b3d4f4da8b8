"""How likely each state of the English model makes each frame of sound."""

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.speech.recognition.model import GAUSSIANS, LOG_STEP, VALUES, Acoustics

__all__ = ["log_likelihoods"]

FAINT = 6.0  # a Gaussian this far (natural logarithm) below the best of its set counts for nothing
LANES = 16  # numbers a processor compares at once
FLOOR = 1e-30  # likelihood of a state whose Gaussians all count for nothing


def log_likelihoods(
    model: Acoustics, features: NDArray[np.float32], senones: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Natural logarithms, float32 [frames, n], of each frame's density in each of n senones.

    features: as `cepstra.features` gives them, float32 [frames, 3, 13]. senones: int32 [n], no two equal.
    """
    order = np.lexsort((senones, model.owner[senones]))
    sorted_ones = senones[order]
    sounds, first = np.unique(model.owner[sorted_ones], return_index=True)
    bounds = np.append(first, len(senones)).astype(np.int64)
    weights = np.exp(np.arange(256) * -LOG_STEP).astype(np.float32)[model.weights[:, sorted_ones]]
    result = np.zeros((len(features), len(senones)), np.float32)
    _score(features, model.constant, model.linear, model.square, weights, sounds, bounds, order, result)
    return result


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
    near = np.empty(GAUSSIANS, np.int64)
    share = np.empty(GAUSSIANS, np.float32)
    lanes = np.empty(LANES, np.float32)
    faint, floor = np.float32(FAINT), np.float32(FLOOR)
    for c in range(len(sounds)):
        sound = sounds[c]
        for stream in range(constant.shape[1]):
            for t in range(len(features)):
                for k in range(GAUSSIANS):
                    total = constant[sound, stream, k]
                    for d in range(VALUES):
                        x = features[t, stream, d]
                        total += x * (linear[sound, stream, d, k] + x * square[sound, stream, d, k])
                    density[k] = total
                for j in range(LANES):
                    lanes[j] = density[j]
                for k in range(LANES, GAUSSIANS, LANES):
                    for j in range(LANES):
                        lanes[j] = max(lanes[j], density[k + j])
                best = lanes[0]
                for j in range(1, LANES):
                    best = max(best, lanes[j])
                count = 0
                for k in range(GAUSSIANS):
                    if density[k] > best - faint:
                        near[count] = k
                        share[count] = np.exp(density[k] - best)
                        count += 1
                for i in range(bounds[c], bounds[c + 1]):
                    total = floor
                    for j in range(count):
                        total += share[j] * weights[stream, i, near[j]]
                    result[t, columns[i]] += np.log(total) + best
