"""An eye taken apart: the white, the iris that turns before it, and what stays put when it does.

Three pictures laid over each other show the photo's own eye to the bit. The white goes on behind the iris.
The iris is whole, also where lids cover it. The last picture holds what belongs to neither and does not turn
with the gaze: catch-lights, the shadow of the upper lid, and the lids' own dark edges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.light import LUMINANCE
from phiz.portrait.patch import Patch

__all__ = ["IRIS_EDGE", "IRIS_RADIUS", "Iris", "find_irises", "paint_eye"]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

IRIS_RADIUS = 5.9  # millimetres (visible iris diameter 11.8, Rüfer et al. 2005)
# How the circle is looked for: steps of place and radius, in usual radii, and on how many pixels.
COARSE_TO_FINE = (
    (np.linspace(-0.6, 0.6, 9), np.linspace(-0.15, 0.7, 13), 700),
    (np.linspace(-0.1, 0.1, 5), np.linspace(-0.05, 0.05, 5), 2500),
)
# What an edge must be stronger by, in shares of the eye's contrast, to be believed at twice (or half) the
# usual radius, and a usual radius off.
UNUSUAL, OFF_CENTRE = 0.4, 0.12
SECTORS, WEAKER = 12, 25  # that an edge is looked at in; the percentile of their steps that counts
LEFT_HALF = np.isin(np.arange(SECTORS), (*range(SECTORS // 4), *range(SECTORS - SECTORS // 4, SECTORS)))
# And by what a radius that the centre lies higher than so many radii below the upper lid, of an eye awake.
COVERED, LEAST_BELOW = 1.5, 0.6
LEAST_OF_GAP = 0.25  # of the opening, that it lies below the upper lid in narrow eyes
CLEAR_OF_LIDS = 0.15  # usual radii from the lids from which they tell nothing of the iris's edge
LEAST_SHARE = 0.75  # of a circle that fits, that an iris with white within it is taken to be
LEAST_CLEAR = 0.15  # of the iris that is seen, must lie below the shadow for the shadow to be read
LEAST_PIXELS = 5.0  # of the iris's radius, to tell it from the usual one, and to see shadow and catch-lights
IRIS_EDGE = 1.25  # iris radii at which only white is left
LIMB = 1.0  # iris radii at which the iris is half see-through
SOLID = 0.88  # iris radii up to which it is not at all
CLEAR_EDGE = 25.0  # luminance between white and iris from which the photo itself says how see-through
SHADOW_REACH, SHADOW_STEP = (
    0.7,
    0.07,
)  # iris radii below the upper lid that its shadow reaches, and is read at
DEEPEST = 0.5  # of the light, that the deepest shadow leaves
LID_MARGIN = 0.08  # iris radii below the upper lid that its lashes hang into
EDGE_MARGIN = 0.04  # iris radii from any lid within which its edge darkens the eye
NO_MARGIN = 0.05  # of a pixel, that may be the lids' margin and the pixel still be eye
RINGS = 8
WHITEST = 65  # percentile of brightness less colour from which the white is filled in
BRIGHTEST_WHITE = 85  # percentile of the white's own luminance that what is filled in does not exceed
# A catch-light is brighter than the iris about it by `GLINT`, with a core by `GLINT_CORE`, in luminance, and
# of this share of the white's. A larger share of the iris than the last is a bright iris, no catch-light.
GLINT, GLINT_CORE, GLINT_WHITE, LARGEST_GLINT = 22.0, 50.0, 0.95, 0.25


@dataclass(frozen=True)
class Iris:
    """centre: picture coordinates. radius: pixels."""

    centre: tuple[float, float]
    radius: float

    def distance(self, points: Array) -> Array:
        """Distance of picture coordinates [..., 2] from the centre, in radii."""
        return np.asarray(np.hypot(*np.moveaxis(points - np.array(self.centre), -1, 0)) / self.radius)


def find_irises(patches: Sequence[Patch], outlines: Sequence[Array], scale: float) -> list[Iris]:
    """The darkest disc in each eye of a face, near its middle, and how large both are: about the same.

    outlines: the lids [n, 2] of each in picture coordinates. scale: pixels a millimetre.
    """
    usual = IRIS_RADIUS * scale
    centres = [_darkest_disc(patch, outline, usual) for patch, outline in zip(patches, outlines, strict=True)]
    if usual < LEAST_PIXELS:
        return [Iris(centre, usual) for centre in centres]
    eyes = [
        _Edges(patch, outline, centre, usual)
        for patch, outline, centre in zip(patches, outlines, centres, strict=True)
    ]
    span, radii, most = COARSE_TO_FINE[0]
    tried = [eye.best(np.zeros(2), span, 1.0 + radii, most) for eye in eyes]
    chosen = int(np.argmax(sum(scores for scores, _ in tried)))
    span, radii, most = COARSE_TO_FINE[1]
    found = []
    for eye, (_, places) in zip(eyes, tried, strict=True):
        ratios = 1.0 + COARSE_TO_FINE[0][1][chosen] + radii
        scores, fine = eye.best(places[chosen], span, ratios, most)
        finest = int(np.argmax(scores))
        x, y = eye.centre + fine[finest] * usual
        ratio = eye.shrunk(fine[finest], float(ratios[finest]))
        found.append(Iris((float(x), float(y)), ratio * usual))
    return found


def _darkest_disc(patch: Patch, outline: Array, radius: float) -> tuple[float, float]:
    """Centre, in picture coordinates, of the disc of that radius in pixels."""
    luminance = patch.colour @ LUMINANCE
    centres = patch.centres()
    low, high = outline.min(0), outline.max(0)
    middle = (low + high) / 2
    best, found = -np.inf, (float(middle[0]), float(middle[1]))
    for x in np.linspace(low[0] + 0.6 * radius, high[0] - 0.6 * radius, 25):
        for y in np.linspace(middle[1] - 0.45 * radius, middle[1] + 0.45 * radius, 9):
            distance = np.hypot(centres[..., 0] - x, centres[..., 1] - y) / radius
            disc = patch.inside * np.clip((1.0 - distance) * radius + 0.5, 0, 1)
            ring = patch.inside * np.clip((1.55 - distance) * radius + 0.5, 0, 1) - disc
            if disc.sum() < 2 or ring.sum() < 1:
                continue
            contrast = (ring * luminance).sum() / ring.sum() - (disc * luminance).sum() / disc.sum()
            score = contrast - 10 * abs(x - middle[0]) / (high[0] - low[0])
            if score > best:
                best, found = score, (float(x), float(y))
    return found


class _Edges:
    """How well circles fit an eye: over a good one's edge it gets brightest all around (after Daugman,
    1993), and its centre lies well below the upper lid. Places are about `centre`, in usual radii."""

    def __init__(self, patch: Patch, outline: Array, centre: tuple[float, float], usual: float) -> None:
        rows, columns = np.nonzero(patch.inside > 0.9)
        self.centre = np.array(centre)
        self.points = (patch.centres()[rows, columns] - self.centre) / usual
        half = len(outline) // 2
        upper, lower = outline[: half + 1], np.concatenate([outline[half:], outline[:1]])
        self.lid, self.pixel = (_dense(upper) - self.centre) / usual, 1 / usual
        other = (_dense(lower) - self.centre) / usual
        self.least_below = min(LEAST_BELOW, LEAST_OF_GAP * float(_nearest(self.lid, other).max()))
        self.clear = np.minimum(_nearest(self.points, self.lid), _nearest(self.points, other)) > CLEAR_OF_LIDS
        values = (patch.colour @ LUMINANCE)[rows, columns]
        dark, white = np.percentile(values, (5, 95))
        self.bright = (values - white) / max(float(white - dark), 1.0)

    def best(self, around: Array, span: Array, ratios: Array, most: int) -> tuple[Array, Array]:
        """For each of `ratios` of the usual radius the best score [n] and its place [n, 2], of those `span`
        apart about a place, on no more than `most` pixels or so."""
        every = max(1, len(self.points) // most)
        near, bright = self.points[::every], self.bright[::every]
        scores, places = np.full(len(ratios), -np.inf), np.tile(around, (len(ratios), 1))
        for dx in around[0] + span:
            for dy in around[1] + span:
                away = np.hypot(near[:, 0] - dx, near[:, 1] - dy)
                angle = np.arctan2(near[:, 1] - dy, near[:, 0] - dx)
                sector = ((angle / (2 * np.pi) + 0.5) * SECTORS).astype(np.intp) % SECTORS
                below = float(np.hypot(*(self.lid - (dx, dy)).T).min())
                below *= 1 if np.hypot(*(self.points - (dx, dy)).T).min() < self.pixel else -1
                for k, ratio in enumerate(ratios):
                    score = _edge(bright, away / ratio, sector) - UNUSUAL * abs(np.log2(ratio))
                    score -= COVERED * max(0.0, self.least_below - below / ratio)
                    score -= OFF_CENTRE * (dx * dx + 2 * dy * dy)
                    if score > scores[k]:
                        scores[k], places[k] = score, (dx, dy)
        return scores, places

    def shrunk(self, place: Array, ratio: float) -> float:
        """A circle's ratio of the usual radius, less where there is more white than iris near its edge."""
        away = np.hypot(*(self.points - place).T) / ratio
        away = np.where(self.clear, away, np.inf)
        iris, white = (away > 0.3) & (away < 0.7), (away > 1.1) & (away < 1.4)
        if min(iris.sum(), white.sum()) < 4:
            return ratio
        half = float(np.median(self.bright[iris]) + np.median(self.bright[white])) / 2
        for share in np.arange(1.0, LEAST_SHARE, -0.03):
            ring = np.abs(away - share + 0.05) < 0.06
            if ring.sum() >= 4 and np.median(self.bright[ring]) < half:
                return float(share) * ratio
        return LEAST_SHARE * ratio


def _edge(bright: Array, away: Array, sector: NDArray[np.intp]) -> float:
    """How much brighter it gets over a circle's edge: on either side, all around, and inside out; and how
    near to white, 0, it is outside. sector: of `SECTORS`, around the centre."""
    inner, outer = (away > 0.78) & (away < 0.97), (away > 1.03) & (away < 1.22)
    step = np.zeros(SECTORS)
    counts = []
    for band, sign in ((inner, -1.0), (outer, 1.0)):
        count = np.bincount(sector[band], minlength=SECTORS)
        step += sign * np.bincount(sector[band], bright[band], SECTORS) / np.maximum(count, 1)
        counts.append(count)
    seen = np.minimum(*counts) >= 2
    sides = [step[seen & half] for half in (LEFT_HALF, ~LEFT_HALF)]
    if min(len(side) for side in sides) < 2:
        return -np.inf
    whole = float(bright[outer].mean() - bright[away < 0.97].mean())
    means = [float(side.mean()) for side in sides]
    around = float(np.percentile(step[seen], WEAKER))
    return 0.3 * sum(means) + 0.5 * around + 0.5 * whole + float(bright[outer].mean())


def paint_eye(
    patch: Patch, iris: Iris, lids: Array, upper: Array, margin: Array | float = 0.0
) -> dict[str, NDArray[np.uint8]]:
    """Textures of the patch's size, RGBA: `eye` (the white, opaque), `iris`, and `shine` (what stays put).

    Laid over each other in this order they are the photo wherever it shows between the lids.
    lids: both lids' edges [n, 2] and upper: the upper one's [m, 2], in picture coordinates. margin: float64
    [height, width], how much of each pixel is no eye but the lower lid's margin, which stays put.
    """
    away = iris.distance(patch.centres())
    below = _distance(patch, upper) / iris.radius
    sure = (patch.inside > 0.95) & (_distance(patch, lids) > 0.8 + EDGE_MARGIN * iris.radius)
    sure &= np.broadcast_to(margin, away.shape) < NO_MARGIN
    sure &= below * iris.radius > LID_MARGIN * iris.radius + 0.8
    shown = patch.touched
    large = iris.radius >= LEAST_PIXELS
    shadow = _shadow(patch, away, below, sure) if large else np.ones_like(away)
    lit = patch.colour / shadow[..., None]
    white = _white(patch, lit, sure & (away > IRIS_EDGE), shadow, iris.radius)
    blend = np.clip((away - LIMB) / (IRIS_EDGE - LIMB), 0, 1)[..., None] * shown[..., None]
    white = _whole(white + (lit - white) * blend)
    round_ = _round(lit, away, sure & (away < 0.97), iris.radius)
    glint = _glints(lit, round_, float((white @ LUMINANCE).max()), sure & (away < 0.97), away, iris.radius)
    trusted = sure & ~(glint & ((lit - round_) @ LUMINANCE > 0))
    edge = np.clip((LIMB - away) * iris.radius + 0.5, 0, 1)[..., None]
    target = _whole(white + (round_ - white) * edge)
    target = np.where(trusted[..., None], np.clip(lit, 0, 255), target)
    disc = _cut(target, white, _solid(lit, white, away, sure, iris.radius), away)
    shade = np.maximum(np.where(shown, 1 - shadow, 1 - shadow.min()), margin)
    top = _left_over(patch.colour, _laid(disc, white), shade, shown | (shade >= 1))
    opaque = np.concatenate([white, np.full((*away.shape, 1), 255.0)], axis=-1)
    return {
        key: picture.astype(np.uint8) for key, picture in (("eye", opaque), ("iris", disc), ("shine", top))
    }


def _distance(patch: Patch, line: Array) -> Array:
    """Pixels from each pixel's centre to a line [n, 2] in picture coordinates: float64 [height, width]."""
    return _nearest(patch.centres(), _dense(line))


def _nearest(points: Array, others: Array) -> Array:
    """Distance of each of `points` [..., 2] to the nearest of `others` [n, 2]."""
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(others).query(points)[0])


def _dense(line: Array) -> Array:
    """Points [8 * n - 7, 2] close together along a line [n, 2]."""
    steps = np.linspace(0, 1, 9)[:-1, None, None]
    between = (line[:-1] + (line[1:] - line[:-1]) * steps).reshape(-1, 2)
    return np.concatenate([between, line[-1:]])


def _shadow(patch: Patch, away: Array, below: Array, sure: Mask) -> Array:
    """What the upper lid leaves of the light, 0..1 per pixel, as far as a darker iris near it tells."""
    luminance = np.maximum(patch.colour @ LUMINANCE, 2.0)
    disc = sure & (away < 0.92)
    clear = disc & (below > SHADOW_REACH)
    if clear.sum() < max(12, LEAST_CLEAR * disc.sum()):
        return np.ones_like(away)
    usual = np.maximum(_profile(luminance[..., None], away, clear)[..., 0], 2.0)
    depths, left = [SHADOW_REACH], [1.0]
    for depth in np.arange(SHADOW_REACH - SHADOW_STEP, 0, -SHADOW_STEP):
        band = disc & (np.abs(below - depth) < SHADOW_STEP)
        if band.sum() >= 4:
            depths.append(depth)
            left.append(min(left[-1], max(float(np.median(luminance[band] / usual[band])), DEEPEST)))
    return np.asarray(np.interp(below, depths[::-1], left[::-1]))


def _profile(values: Array, away: Array, known: Mask) -> Array:
    """Medians of `values` [h, w, k] about the iris's centre, at every pixel."""
    edges = np.linspace(0, 1, RINGS + 1)
    middles, table = [], []
    for near, far in pairwise(edges):
        band = known & (away >= near - 0.04) & (away < far + 0.04)
        if band.sum() > 2:
            middles.append((near + far) / 2)
            table.append(np.median(values[band], axis=0))
    if not table:
        return np.broadcast_to(np.median(values.reshape(-1, values.shape[-1]), axis=0), values.shape)
    rows = np.array(table)
    return np.stack([np.interp(away, middles, rows[:, k]) for k in range(rows.shape[1])], axis=-1)


def _round(lit: Array, away: Array, known: Mask, radius: float) -> Array:
    """The iris whole: its rings, and what the known part has beside them carried on a little."""
    from scipy.ndimage import gaussian_filter

    if not known.any():
        return lit
    rings = _profile(lit, away, known)
    rest = np.clip(lit - rings, -40, 40) * known[..., None]
    total = gaussian_filter(known * 1.0, 0.2 * radius)[..., None] + 0.25
    soft = np.stack([gaussian_filter(rest[..., k], 0.2 * radius) for k in range(3)], axis=-1)
    return np.clip(rings + soft / total, 0, 255)


def _glints(lit: Array, whole: Array, white: float, seen: Mask, away: Array, radius: float) -> Mask:
    """Catch-lights: patches on the iris nearly as bright as the white, with what they spill over."""
    from scipy.ndimage import binary_dilation, label

    over = (lit - whole) @ LUMINANCE
    bright = (lit @ LUMINANCE > GLINT_WHITE * white) & (over > GLINT_CORE) & (away < 0.85)
    parts, count = label(seen & (over > GLINT))
    found = np.zeros_like(seen)
    for number in range(1, count + 1):
        part = parts == number
        if (bright & part).any() and part.sum() < LARGEST_GLINT * np.pi * radius**2:
            found |= part
    return np.asarray(binary_dilation(found, iterations=max(1, round(0.06 * radius))))


def _white(patch: Patch, lit: Array, known: Mask, shadow: Array, spread: float) -> Array:
    """The white of the eye carried on everywhere: its brighter, greyer pixels, smoothed, nearest foremost."""
    from scipy.ndimage import gaussian_filter

    if not known.any():
        known = patch.inside >= patch.inside.max()
    grey = lit @ LUMINANCE - 0.5 * np.ptp(lit, axis=2)
    weight = (known & (grey >= np.percentile(grey[known], WHITEST))) * shadow**4
    mean = (lit * weight[..., None]).sum((0, 1)) / weight.sum()
    total, soft = 1e-6, 1e-6 * mean
    for sigma, share in ((0.3 * spread, 1.0), (1.2 * spread, 0.02)):
        total = total + share * gaussian_filter(weight, sigma, mode="constant")[..., None]
        parts = [gaussian_filter(lit[..., k] * weight, sigma, mode="constant") for k in range(3)]
        soft = soft + share * np.stack(parts, axis=-1)
    filled = soft / total
    most = np.percentile((patch.colour @ LUMINANCE)[known], BRIGHTEST_WHITE)
    return np.asarray(filled * np.minimum(1, most / np.maximum(filled @ LUMINANCE, 1))[..., None])


def _whole(values: Array) -> Array:
    return np.clip(np.round(values), 0, 255)


def _solid(lit: Array, white: Array, away: Array, sure: Mask, radius: float) -> Array:
    """Alpha of the iris, 0..1 per pixel: a disc, whose edge is as soft as the photo's."""
    disc = np.clip((LIMB - away) * radius + 0.5, 0, 1)
    ring = sure & (away > SOLID - 0.15) & (away < SOLID)
    if not ring.any():
        return disc
    bright, dark = white @ LUMINANCE, float(np.median((lit @ LUMINANCE)[ring]))
    matte = np.clip((bright - lit @ LUMINANCE) / np.maximum(bright - dark, 1), 0, 1)
    matte *= np.clip((IRIS_EDGE - away) / (IRIS_EDGE - LIMB), 0, 1)
    edge = sure & (away > SOLID) & (away < IRIS_EDGE) & (bright - dark > CLEAR_EDGE)
    return np.asarray(np.where(edge, matte, disc))


def _cut(target: Array, under: Array, solid: Array, away: Array) -> Array:
    """RGBA that laid over `under` is `target`: at least as solid as told, more where that cannot be else."""
    room = np.where(target > under, 255 - under, under)
    needed = (np.abs(target - under) / np.maximum(room, 1)).max(2)
    needed = np.minimum(needed, 1) * np.clip((IRIS_EDGE - away) / (IRIS_EDGE - LIMB), 0, 1)
    alpha = np.ceil(np.maximum(solid, needed) * 255)[..., None] / 255
    colour = (target - (1 - alpha) * under) / np.maximum(alpha, 1 / 255)
    return np.concatenate([_whole(colour) * (alpha > 0), np.round(alpha * 255)], axis=-1)


def _laid(top: Array, under: Array) -> Array:
    """`top`, RGBA with straight alpha, over an opaque picture, with a renderer's rounding."""
    alpha = top[..., 3:]
    return np.asarray((top[..., :3] * alpha + 127) // 255 + np.floor(under * (255 - alpha) / 255 + 0.5))


def _left_over(photo: Array, under: Array, shade: Array, shown: Mask) -> Array:
    """RGBA that laid over `under` is the photo, to the bit, where it is `shown`; black elsewhere.

    shade: alpha that it has at least.
    """
    room = np.where(photo > under, 255 - under, under)
    needed = np.ceil(255 * (np.abs(photo - under) / np.maximum(room, 1)).max(2))
    least = np.round(shade * 255)
    alpha = np.clip(np.where(shown, np.maximum(least, needed), least), 0, 255)
    premultiplied = np.zeros_like(photo)
    for _ in range(255):
        premultiplied = photo - np.floor(under * (255 - alpha[..., None]) / 255 + 0.5)
        wrong = shown & ((premultiplied < 0) | (premultiplied > alpha[..., None])).any(2)
        if not wrong.any():
            break
        alpha = np.minimum(alpha + wrong, 255)
    colour = np.where(shown[..., None], premultiplied, 0) * 255 / np.maximum(alpha[..., None], 1)
    return np.concatenate([_whole(colour), alpha[..., None]], axis=-1)
