"""Where in a recording each word of its text is, to some hundredths of a second, and what is only in one.

The first look at a recording of any length: a synthesiser's speech of the text is laid on all of it with
`coarse_path`, first on a coarser scale when it is long, then within a band around that.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.speech.alignment import features
from phiz.speech.alignment.background import evened
from phiz.speech.alignment.coarse_path import Costs, find_way
from phiz.speech.alignment.transcript import HOP, Transcript

__all__ = ["Sketch", "sketch"]

SPARE = -2 * features.CEPSTRA % 4  # zeros that make `find_way` need no copy
CHUNK = 8192  # frames looked at at once; bounds the memory
FLOOR = 1e-4  # of a band's mean power in speech: under both sounds, so that no silence is perfect
# Of all bands' mean power, likewise: a telephone's empty bands tell nothing, nor do weak ones that clipping
# or too few bits fill with noise.
FLOOR_ALL = 1e-4
QUIET = 10  # percentile of a band's frames that is background
LOUD = 40  # percentile of frames, by loudness, above which there is speech
LEVEL = 0.5  # weight of the level among the cepstra
AT_ONCE = 2.5e7  # cells, two minutes or so, that are looked at without a coarser scale first
COARSE_CELLS = 4e8  # of the coarser scale: seconds of work
LEAST_POOL = 4  # frames in one of the coarser scale
UNIT = 0.5  # seconds that a unit of the coarser scale has at least
REACH = 4.0  # seconds to either side of the coarser way
BACKGROUND = 0.05  # quantile of a frame's distances to all of the reference: what fits by chance
SAMPLED = 600  # frames of the reference that this is told from
# Of the chance distance, what speech that is not in the text has: wrong texts lie at 1.0 on the whole. The
# coarser scale is more patient, as a word of it is a frame or two.
BY_CHANCE, BY_CHANCE_COARSE = 1.1, 1.3
MUSIC = 0.5  # of the chance distance, what music alone costs in a gap: less than any word does on it
# What a gap and a unit that is passed over cost, in chance distances of a frame: so much has to fit worse.
ENTER, PASS = 2.0, 4.0


class Sketch(NamedTuple):
    """Where a recording's frames of `HOP` seconds lie.

    place: int32 [n], the transcript's frame, or -1 - k in a gap before word k. passed: bool [words], not
    heard. apart: float32 [n], distance between each frame and its place. chance: float32 [n], what would fit
    by chance. silence: float32 [n], distance from the background.
    """

    place: NDArray[np.int32]
    passed: NDArray[np.bool_]
    apart: NDArray[np.float32]
    chance: NDArray[np.float32]
    silence: NDArray[np.float32]


def sketch(power: NDArray[np.float32], transcript: Transcript, music: NDArray[np.bool_]) -> Sketch:
    """Lay a transcript on a recording.

    power: [n, bands], the recording's `rough_power`. music: [n], where there is no speech for sure.
    """
    heard, said, empty = compared(evened(power), transcript.power)
    chance, silence = by_chance(heard, said), distance(heard, empty)
    silence[music] = np.minimum(silence[music], chance[music] * MUSIC)
    n, m = len(heard), len(said)
    low, high = np.zeros(n, np.int32), np.full(n, m, np.int32)
    if n * m > AT_ONCE:
        low, high = coarse_band(heard, said, empty, transcript.starts, music)
    costs = gap_costs(chance, silence, len(transcript.words), BY_CHANCE)
    way = find_way(heard, said, transcript.starts, costs, low, high)
    on = way.place >= 0
    apart = chance.copy()
    apart[on] = distance(heard[on], said[way.place[on]])
    return Sketch(way.place, way.passed, apart, chance, silence)


def gap_costs(chance: NDArray[np.float32], silence: NDArray[np.float32], units: int, unlike: float) -> Costs:
    """unlike: of the chance distance, what other speech has."""
    unit = float(np.median(chance))
    enter = np.full(units + 1, ENTER * unit, np.float32)
    enter[[0, -1]] = 0.0
    gap = np.minimum(chance * np.float32(unlike), silence)
    return Costs(gap, enter, np.full(units, PASS * unit, np.float32))


def compared(
    heard: NDArray[np.float32], said: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Features [n, d] of the recording, [m, d] of the reference and [d] of the recording's background.

    The reference is put through what the recording went through: each band is made as loud as there, and the
    background is added (parallel model combination, Gales & Young 1996, in its simplest form).
    """
    level = heard.sum(axis=1)
    loud = heard[level >= np.percentile(level, LOUD)].mean(axis=0)
    background = np.percentile(heard, QUIET, axis=0)
    gain = np.maximum(loud - background, FLOOR * loud) / (said.mean(axis=0) + 1e-12)
    floor = FLOOR * loud + FLOOR_ALL * loud.mean() + 1e-12
    whole = np.ones_like(gain)
    return (
        shaped(heard, whole, floor),
        shaped(said, gain, background + floor),
        shaped(np.zeros((1, len(whole)), np.float32), whole, background + floor)[0],
    )


def shaped(
    power: NDArray[np.float32], gain: NDArray[np.float32], added: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Cepstra, their change over two frames and zeros, [n, d]. power: [n, bands] times `gain` + `added`."""
    static = np.empty((len(power), features.CEPSTRA), np.float32)
    for first in range(0, len(power), CHUNK):
        part = power[first : first + CHUNK] * gain + added
        static[first : first + CHUNK] = features.cepstra(part.astype(np.float64))
    static[:, 0] *= np.float32(LEVEL)
    result = np.zeros((len(power), 2 * features.CEPSTRA + SPARE), np.float32)
    result[:, : features.CEPSTRA] = static
    change = result[:, features.CEPSTRA : 2 * features.CEPSTRA]
    change[:-1] += static[1:]
    change[-1:] += static[-1:]
    change[1:] -= static[:-1]
    change[:1] -= static[:1]
    return result


def distance(these: NDArray[np.float32], those: NDArray[np.float32]) -> NDArray[np.float32]:
    """Euclidean distances [n] of features [n, d] and [n, d] or [d]."""
    apart: NDArray[np.float32] = np.sqrt(((these - those) ** 2).sum(axis=1))
    return apart


def by_chance(heard: NDArray[np.float32], said: NDArray[np.float32]) -> NDArray[np.float32]:
    """How near [n] each frame of the recording comes to some of the reference, whatever is said."""
    some = said[np.linspace(0, len(said) - 1, min(len(said), SAMPLED)).astype(np.int64)]
    result = np.empty(len(heard), np.float32)
    for first in range(0, len(heard), 1024):
        part = heard[first : first + 1024]
        squared = (part**2).sum(axis=1)[:, None] + (some**2).sum(axis=1) - 2 * (part @ some.T)
        nearest = np.quantile(np.maximum(squared, 0.0), BACKGROUND, axis=1)
        result[first : first + 1024] = np.sqrt(nearest)
    return result


def coarse_band(
    heard: NDArray[np.float32],
    said: NDArray[np.float32],
    empty: NDArray[np.float32],
    starts: NDArray[np.int64],
    music: NDArray[np.bool_],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Which reference frames each frame may lie on, as `find_way` takes it, from a coarser scale."""
    n, m = len(heard), len(said)
    pool = max(LEAST_POOL, int(np.ceil(np.sqrt(n * m / COARSE_CELLS))))
    few, those = pooled(heard, pool), pooled(said, pool)
    units = units_of(starts, pool)
    chance, silence = by_chance(few, those), distance(few, empty)
    still = music[::pool]
    silence[still] = np.minimum(silence[still], chance[still] * MUSIC)
    costs = gap_costs(chance, silence, len(units) - 1, BY_CHANCE_COARSE)
    all_low, all_high = np.zeros(len(few), np.int32), np.full(len(few), len(those), np.int32)
    place = find_way(few, those, units, costs, all_low, all_high).place
    centre = np.where(place >= 0, place, units[np.maximum(-1 - place, 0)])
    centre = np.maximum.accumulate(centre)
    reach = int(np.ceil(REACH / HOP))
    at = np.minimum(np.arange(n) // pool, len(few) - 1)
    low = np.clip(centre[at] * pool - reach, 0, m - 1)
    high = np.clip((centre[at] + 1) * pool + reach, 1, m)
    low[0], high[-1] = 0, m
    return low.astype(np.int32), high.astype(np.int32)


def pooled(values: NDArray[np.float32], pool: int) -> NDArray[np.float32]:
    """Means of `pool` rows each; the last group may be smaller."""
    edges = np.arange(0, len(values), pool)
    counts = np.diff(np.append(edges, len(values)))
    return np.asarray(np.add.reduceat(values, edges, axis=0) / counts[:, None], np.float32)


def units_of(starts: NDArray[np.int64], pool: int) -> NDArray[np.int64]:
    """First coarse frames [units + 1] of groups of words that last at least `UNIT` seconds."""
    least = max(1, round(UNIT / HOP / pool))
    total = -(-int(starts[-1]) // pool)
    result = [0]
    for start in (starts[1:-1] // pool).tolist():
        if start - result[-1] >= least and total - start >= least:
            result.append(start)
    return np.array([*result, total], np.int64)
