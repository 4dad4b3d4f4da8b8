"""How likely each state of the English model makes each frame of sound."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.speech.recognition.model import GAUSSIANS, LOG_STEP, VALUES, Acoustics

__all__ = ["Mixed", "log_likelihoods", "meanings", "mix", "weigh"]

FAINT = 5.0  # a Gaussian this far (natural logarithm) below the best of its set counts for nothing
CLOSEST = 24  # Gaussians of a set that count, at most; where more would, less faint ones count for nothing
FLOOR = 1e-30  # likelihood, against the best Gaussian, of a state whose Gaussians all count for nothing
BLOCK = 16  # frames that lie side by side
LANES = 16  # numbers a processor compares at once


class Mixed(NamedTuple):
    """The Gaussians of C sounds in 3 streams at some frames, in blocks: frame t is at [t // BLOCK, :, :,
    t % BLOCK]. best: log density of the best of each set, float32 [blocks, C, 3, BLOCK]. counts: how many
    count. near, share: [blocks, C, 3, BLOCK, CLOSEST], their numbers and their densities against the best.
    """

    best: NDArray[np.float32]
    counts: NDArray[np.uint8]
    near: NDArray[np.uint8]
    share: NDArray[np.float32]
    frames: int


def mix(model: Acoustics, features: NDArray[np.float32]) -> Mixed:
    """features: as `cepstra.features` gives them, float32 [frames, 3, 13]."""
    shape = -(-len(features) // BLOCK), *model.constant.shape[:2], BLOCK
    mixed = Mixed(
        np.empty(shape, np.float32),
        np.empty(shape, np.uint8),
        np.empty((*shape, CLOSEST), np.uint8),
        np.empty((*shape, CLOSEST), np.float32),
        len(features),
    )
    _mix(features, model.constant, model.linear, model.square, *mixed[:4])
    return mixed


def log_likelihoods(model: Acoustics, mixed: Mixed, senones: NDArray[np.int32]) -> NDArray[np.float32]:
    """Natural logarithms, float32 [frames, n], of each frame's density in each of n senones, int32 [n]."""
    result = np.empty((mixed.frames, len(senones)), np.float32)
    _weigh_all(mixed, model.weights, meanings(), model.owner, senones, result)
    return result


def meanings() -> NDArray[np.float32]:
    """What the numbers in `Acoustics.weights` stand for, [256]."""
    return np.exp(np.arange(256) * -LOG_STEP).astype(np.float32)


@jit
def _mix(
    features: NDArray[np.float32],
    constant: NDArray[np.float32],
    linear: NDArray[np.float32],
    square: NDArray[np.float32],
    best: NDArray[np.float32],
    counts: NDArray[np.uint8],
    near: NDArray[np.uint8],
    share: NDArray[np.float32],
) -> None:
    """Fill what `Mixed` holds, one set of Gaussians after another: it stays near the processor that long."""
    density = np.empty(GAUSSIANS, np.float32)
    lanes = np.empty(LANES, np.float32)
    chosen = np.empty(CLOSEST, np.uint8)
    for sound in range(constant.shape[0]):
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
                top = lanes[0]
                for j in range(LANES):
                    top = max(top, lanes[j])
                count = _pick(density, lanes, top, chosen)
                for k in range(count):
                    near[t // BLOCK, sound, stream, t % BLOCK, k] = chosen[k]
                    share[t // BLOCK, sound, stream, t % BLOCK, k] = np.exp(density[chosen[k]] - top)
                best[t // BLOCK, sound, stream, t % BLOCK] = top
                counts[t // BLOCK, sound, stream, t % BLOCK] = count


@jit
def _pick(
    density: NDArray[np.float32], lanes: NDArray[np.float32], top: np.float32, chosen: NDArray[np.uint8]
) -> int:
    """Put the numbers of the Gaussians that count into `chosen`. lanes: the best of every 16th."""
    lowest = top - np.float32(FAINT)
    while True:
        count = 0
        for j in range(LANES):
            if lanes[j] > lowest:
                for k in range(j, GAUSSIANS, LANES):
                    if density[k] > lowest:
                        if count < CLOSEST:
                            chosen[count] = k
                        count += 1
        if count <= CLOSEST:
            return count
        lowest += (top - lowest) / np.float32(4.0)


@jit
def _weigh_all(
    mixed: Mixed,
    weights: NDArray[np.uint8],
    meaning: NDArray[np.float32],
    owner: NDArray[np.int64],
    senones: NDArray[np.int32],
    result: NDArray[np.float32],
) -> None:
    """Fill `result` [frames, n] for n senones."""
    score = np.empty(len(owner), np.float32)
    for t in range(len(result)):
        weigh(mixed, t, weights, meaning, owner, senones, score)
        for i in range(len(senones)):
            result[t, i] = score[senones[i]]


@jit
def weigh(
    mixed: Mixed,
    t: int,
    weights: NDArray[np.uint8],
    meaning: NDArray[np.float32],
    owner: NDArray[np.int64],
    senones: NDArray[np.int32],
    score: NDArray[np.float32],
) -> None:
    """Natural logarithms of frame `t`'s density in `senones`, into `score` [S]; for compiled code.

    weights, owner: of all S senones, as in `Acoustics`. meaning: of the weights, [256].
    """
    best, counts, near, share = mixed.best, mixed.counts, mixed.near, mixed.share
    b, u = t // BLOCK, t % BLOCK
    for senone in senones:
        sound = owner[senone]
        product, level = np.float64(1.0), np.float32(0.0)
        for stream in range(best.shape[2]):
            total = np.float32(FLOOR)
            for j in range(counts[b, sound, stream, u]):
                weight = meaning[weights[senone, stream, near[b, sound, stream, u, j]]]
                total += share[b, sound, stream, u, j] * weight
            product *= total
            level += best[b, sound, stream, u]
        score[senone] = np.float32(np.log(product)) + level
