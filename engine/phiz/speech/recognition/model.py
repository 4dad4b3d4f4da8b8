"""Pocketsphinx's model of American English, read from the files that its package carries.

A "phonetically tied mixture": each of 42 sounds (ARPAbet, silence and two noises) has its own 128 Gaussians
in each of 3 streams (cepstra, differences, second differences). Sounds in context (triphones) have 3 states;
what a state weighs those Gaussians with is shared among similar contexts (5126 sets of weights, "senones").
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BEGIN", "END", "FILLERS", "GAUSSIANS", "INSIDE", "LOG_STEP", "SILENCE", "SINGLE", "STATES", "VALUES",
    "Acoustics", "read_model",
]  # fmt: skip

STATES = 3  # of a sound, one after another
GAUSSIANS, VALUES = 128, 13  # of a sound in a stream, and of a stream; constants make the inner loop fast
INSIDE, BEGIN, END, SINGLE = range(4)  # where in its word a sound is
SILENCE, FILLERS = "SIL", ("SIL", "+NSN+", "+SPN+")
LOG_STEP = 1024 * np.log(1.0001)  # natural logarithm that one unit of a stored weight stands for
LEAST_VARIANCE, LEAST_TRANSITION = 1e-4, 1e-4  # floors that pocketsphinx uses
MAGIC = 0x11223344


@dataclass(frozen=True, eq=False)
class Acoustics:
    """The model's tables. C sounds, Q sequences of states, S senones, 3 streams of 13 values, 128 Gaussians.

    names: of sounds. triphones: int32 [4, C, C, C], sequence by place in the word, sound, sound before and
    sound after, -1 for none. alone: int32 [C], sequence without context. senones: int32 [Q, STATES].
    owner: int64 [S], sound whose Gaussians a senone weighs. leave: float32 [C, STATES], chance to leave a
    state at each frame. Log density of a Gaussian at x: constant + sum over x of x (linear + x square);
    constant: float32 [C, 3, 128], linear and square: [C, 3, 13, 128]. weights: uint8 [S, 3, 128]: a weight's
    logarithm is -`LOG_STEP` times that.
    """

    names: tuple[str, ...]
    triphones: NDArray[np.int32]
    alone: NDArray[np.int32]
    senones: NDArray[np.int32]
    owner: NDArray[np.int64]
    leave: NDArray[np.float32]
    constant: NDArray[np.float32]
    linear: NDArray[np.float32]
    square: NDArray[np.float32]
    weights: NDArray[np.uint8]

    def sequence(self, place: int, sound: int, before: int, after: int) -> int:
        """Row of `senones` for a sound in context; of a context never trained, the nearest that was."""
        if self.names[sound] in FILLERS:
            return int(self.alone[sound])
        found = self.triphones[place, sound, before, after]
        if found < 0:
            anywhere = self.triphones[:, sound, before, after]
            found = anywhere.max() if anywhere.max() >= 0 else self.alone[sound]
        return int(found)


def read_model(folder: str | Path) -> Acoustics:
    """The model in `folder`. Raises OSError for missing, ValueError and struct.error for other files."""
    root = Path(folder)
    names, phones, senones = _definition((root / "mdef").read_bytes())
    count = len(names)
    triphones = np.full((STATES + 1, count, count, count), -1, np.int32)
    inside = phones[count:]
    triphones[tuple(inside["place"].T)] = inside["sequence"]
    bases = np.concatenate([np.arange(count), inside["place"][:, 1]])
    owner = np.zeros(int(senones.max()) + 1, np.int64)
    owner[senones[phones["sequence"]]] = bases[:, None]

    mean = _gaussians((root / "means").read_bytes())
    variance = np.maximum(_gaussians((root / "variances").read_bytes()), LEAST_VARIANCE)
    square = -0.5 / variance
    linear = mean / variance
    constant = (square * mean**2 - 0.5 * np.log(2 * np.pi * variance)).sum(axis=-1)

    packed = (root / "sendump").read_bytes()
    size = mean.shape[1] * mean.shape[2] * len(owner)
    stored = np.frombuffer(packed, np.uint8, size, len(packed) - size)  # after a header of remarks
    return Acoustics(
        names=names,
        triphones=triphones,
        alone=phones["sequence"][:count].astype(np.int32),
        senones=senones,
        owner=owner,
        leave=_leaving((root / "transition_matrices").read_bytes())[phones["matrix"][:count]],
        constant=constant.astype(np.float32),
        linear=np.ascontiguousarray(linear.transpose(0, 1, 3, 2), np.float32),
        square=np.ascontiguousarray(square.transpose(0, 1, 3, 2), np.float32),
        weights=np.ascontiguousarray(stored.reshape(*mean.shape[1:3], len(owner)).transpose(2, 0, 1)),
    )


def _definition(data: bytes) -> tuple[tuple[str, ...], NDArray[np.void], NDArray[np.int32]]:
    """Names of sounds; for each sound and triphone its sequence, transition matrix and context; sequences."""
    if data[:4] != b"BMDF":
        raise ValueError("the model definition is not of the binary kind that pocketsphinx 5 ships")
    _, remark = struct.unpack_from("<2i", data, 4)
    count, phones, states, _, _, _, _, _, nodes, _ = struct.unpack_from("<10i", data, 12 + remark)
    if states != STATES:
        raise ValueError(f"the model has {states} states a sound; {STATES} are known here")
    start = at = 12 + remark + 40
    names: list[str] = []
    for _ in range(count):
        end = data.index(b"\0", at)
        names.append(data[at:end].decode("ascii"))
        at = end + 1
    at = start + (at - start + 3) // 4 * 4 + 8 * nodes
    kind = np.dtype([("sequence", "<i4"), ("matrix", "<i4"), ("place", "u1", 4)])
    table = np.frombuffer(data, kind, phones, at)
    at += kind.itemsize * phones
    (size,) = struct.unpack_from("<i", data, at)
    senones = np.frombuffer(data, "<u2", size, at + 4).reshape(-1, STATES).astype(np.int32)
    return tuple(names), table, senones


def _numbers(data: bytes, header: int) -> tuple[tuple[int, ...], int]:
    """The first `header` integers of a file of Sphinx's parameters, and where what follows begins."""
    at = data.index(b"endhdr\n") + len(b"endhdr\n")
    magic, *numbers = struct.unpack_from(f"<{header + 1}i", data, at)
    if magic != MAGIC:
        raise ValueError("the model's files are of another byte order")
    return tuple(numbers), at + 4 * (header + 1)


def _gaussians(data: bytes) -> NDArray[np.float64]:
    """Means or variances [sounds, streams, Gaussians, values]."""
    (sounds, streams, gaussians), _ = _numbers(data, 3)
    (*_, values, _), at = _numbers(data, 3 + streams + 1)
    if (gaussians, values) != (GAUSSIANS, VALUES):
        raise ValueError(f"the model has {gaussians} Gaussians of {values} values, a kind unknown here")
    shape = sounds, streams, gaussians, values
    return np.frombuffer(data, "<f4", int(np.prod(shape)), at).reshape(shape).astype(np.float64)


def _leaving(data: bytes) -> NDArray[np.float32]:
    """Chance to leave each state [matrices, STATES]."""
    (matrices, before, after, size), at = _numbers(data, 4)
    counts = np.frombuffer(data, "<f4", size, at).reshape(matrices, before, after).astype(np.float64)
    chance = counts / counts.sum(axis=2, keepdims=True)
    stay = np.maximum(chance[:, range(before), range(before)], LEAST_TRANSITION)
    return np.clip(1.0 - stay, LEAST_TRANSITION, 1.0 - LEAST_TRANSITION).astype(np.float32)
