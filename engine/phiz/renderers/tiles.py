"""Drawing a tile: the inner loops of the CPU renderer.

Coverage is exact: vertices sit on a grid of 1/256 pixel, edges are integer functions with the top-left rule,
so two triangles that share an edge leave neither a gap nor an overlap. Four samples a pixel, on the standard
rotated grid, each with its own depth. Colour is taken once a pixel, at its centre, with 8-bit fractions; a
pixel that one triangle covers alone is stored once, and only pixels on edges are split into samples. Colours
are packed premultiplied RGBA, R lowest.
"""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.renderers.mesh import FIRM, SOFT
from phiz.renderers.setup import GAIN, SAMPLE, TILE, Atlas, Work
from phiz.renderers.textures import straight

__all__ = ["Base", "Scratch", "draw_tiles"]

Ints: TypeAlias = NDArray[np.int64]
Pixels: TypeAlias = NDArray[np.uint32]

# Four 8-bit channels in one 64-bit word, each with 8 bits to spare.
LANES = np.uint64(0x00FF00FF00FF00FF)
HALVES = np.uint64(0x0080008000800080)
TWOS = np.uint64(0x0002000200020002)
WORD = np.uint64(0xFFFFFFFF)
OPAQUE = np.uint64(255)
U1, U2, U8, U24, U48 = np.uint64(1), np.uint64(2), np.uint64(8), np.uint64(24), np.uint64(48)
U12, U16, U32, U128, U256 = np.uint64(12), np.uint64(16), np.uint64(32), np.uint64(128), np.uint64(256)
# Two of the four lanes, and the bits of each after it was multiplied by a gain.
BYTE, PAIR, PAIR_WIDE = np.uint64(0xFF), np.uint64(0x000000FF000000FF), np.uint64(0x000FFFFF000FFFFF)
ROUND, ROUND_PAIR = np.uint64(GAIN // 2), np.uint64(GAIN // 2 * (1 + (1 << 32)))


class Base(NamedTuple):
    """What never moves, drawn once. colour, depth, owner: uint32, int32 and int32 [height, width], of the
    still triangles, which come first, below `first`. ready: uint8 [tiles], 1 where that tile's colour, depth
    and owner hold. rest: uint32 [height, width], the whole picture at rest, straight alpha."""

    first: int
    colour: NDArray[np.uint32]
    depth: NDArray[np.int32]
    owner: NDArray[np.int32]
    ready: NDArray[np.uint8]
    rest: NDArray[np.uint32]


class Scratch(NamedTuple):
    """A tile in the making, one a thread. split: 1 where the pixel's four samples hold, 0 where its one
    colour and depth do. owner: which triangle's depth that is, -1 for none."""

    colour: NDArray[np.uint32]
    depth: NDArray[np.int32]
    owner: NDArray[np.int32]
    split: NDArray[np.uint8]
    sample_colour: NDArray[np.uint32]
    sample_depth: NDArray[np.int32]

    @classmethod
    def make(cls) -> "Scratch":
        n = TILE * TILE
        return cls(
            np.empty(n, np.uint32), np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.uint8),
            np.empty((n, 4), np.uint32), np.empty((n, 4), np.int32),
        )  # fmt: skip


@jit
def spread(pixel: np.uint32) -> np.uint64:
    """A packed pixel as four lanes."""
    wide = np.uint64(pixel)
    return (wide | (wide << U24)) & LANES


@jit
def packed(lanes: np.uint64) -> np.uint32:
    """Four lanes as a packed pixel."""
    return np.uint32((lanes | (lanes >> U24)) & WORD)


@jit
def over(lanes: np.uint64, alpha: np.uint64, under: np.uint32) -> np.uint32:
    """Premultiplied `lanes` over the packed pixel `under`, each channel rounded exactly."""
    product = spread(under) * (OPAQUE - alpha) + HALVES
    return packed(lanes + (((product + ((product >> U8) & LANES)) >> U8) & LANES))


@jit
def bilinear(
    first: np.uint32, right: np.uint32, below: np.uint32, beyond: np.uint32, u: int, v: int
) -> np.uint64:
    """Four lanes of four neighbouring texels; the lowest 8 bits of u and v are the way from the first."""
    fx, fy = np.uint64(u & 255), np.uint64(v & 255)
    both = (fx * fy + U128) >> U8
    total = spread(first) * (U256 - fx - fy + both) + spread(right) * (fx - both)
    total += spread(below) * (fy - both) + spread(beyond) * both
    return ((total + HALVES) >> U8) & LANES


@jit
def shaded(lanes: np.uint64, alpha: np.uint64, gain: int) -> np.uint64:
    """Premultiplied `lanes` times gain / GAIN, no brighter than their alpha allows.

    The more see-through, the less they change: the seams of hair hold some of the photo's background.
    """
    solid = np.int64(alpha)
    times = np.uint64(GAIN + (((gain - GAIN) * (solid + (solid >> 7))) >> 8))
    first = (((lanes & PAIR) * times + ROUND_PAIR) >> U12) & PAIR_WIDE  # red, and 32 bits above it green
    blue = min((((lanes >> U16) & BYTE) * times + ROUND) >> U12, alpha)
    red, green = min(first & WORD, alpha), min(first >> U32, alpha)
    return red | (green << U32) | (blue << U16) | (alpha << U48)


@jit
def mean(first: np.uint32, second: np.uint32, third: np.uint32, fourth: np.uint32) -> np.uint32:
    """The rounded mean of four packed pixels."""
    total = TWOS + spread(first) + spread(second) + spread(third) + spread(fourth)
    return packed((total >> U2) & LANES)


@jit
def covered(edge: int, far: int, close: int) -> int:
    """Bit mask of a pixel's samples that are inside one edge, of which `edge` is the value at the centre."""
    return (
        (edge + far >= 0) | ((edge + close >= 0) << 1) | ((edge - close >= 0) << 2) | ((edge - far >= 0) << 3)
    )


@jit
def span(edge: int, across: int, reach: int, first: int, last: int) -> tuple[int, int]:
    """Narrow a row's pixels first up to last to those near enough to an edge's inner side."""
    if across == 0:
        return first, last if edge + reach >= 0 else first
    crossing = min(max(-float(edge + reach) / across, first - 2.0), last + 2.0)
    if across > 0:
        return max(first, int(crossing) - 1), last
    return first, min(last, int(crossing) + 2)


@jit
def sample_depth(k: int, centre: int, across: int, down: int, low: int, high: int) -> int:
    """Depth at sample k of a pixel, from the depth at its centre and the slopes, all in fixed point."""
    if k == 0 or k == 3:
        offset = (across * SAMPLE[0] + down * SAMPLE[1]) >> 8
    else:
        offset = (across * SAMPLE[1] - down * SAMPLE[0]) >> 8
    return min(max((centre + (offset if k < 2 else -offset)) >> 10, low), high)


@jit
def draw_triangles(
    atlas: Atlas,
    setup: Ints,
    items: NDArray[np.int32],
    begin: int,
    end: int,
    left: int,
    top: int,
    width: int,
    height: int,
    scratch: Scratch,
) -> None:
    """Draw the triangles items[begin:end] on the tile whose first pixel is (left, top)."""
    # Arrays are taken out of their tuples here: within the loops each use would count a reference.
    kinds, maps, sizes, texels, colour, depth = (
        atlas.kinds, atlas.maps, atlas.sizes, atlas.texels, scratch.colour, scratch.depth,
    )  # fmt: skip
    owner, split, colours, depths = scratch.owner, scratch.split, scratch.sample_colour, scratch.sample_depth
    for item in range(begin, end):
        t = items[item]
        kind, start, stride = kinds[t], sizes[maps[t], 0], sizes[maps[t], 1] + 1
        x0, x1 = max(setup[t, 0], left), min(setup[t, 1], left + width)
        a0, b0, far0, close0, reach0 = setup[t, 5], setup[t, 6], setup[t, 7], setup[t, 8], setup[t, 9]
        a1, b1, far1, close1, reach1 = setup[t, 11], setup[t, 12], setup[t, 13], setup[t, 14], setup[t, 15]
        a2, b2, far2, close2, reach2 = setup[t, 17], setup[t, 18], setup[t, 19], setup[t, 20], setup[t, 21]
        u_step, u_low, u_high = setup[t, 23], setup[t, 25], setup[t, 26]
        v_step, v_low, v_high = setup[t, 28], setup[t, 30], setup[t, 31]
        d_step, d_down, d_low, d_high = setup[t, 33], setup[t, 34], setup[t, 35], setup[t, 36]
        g_step, g_low, g_high = setup[t, 38], setup[t, 40], setup[t, 41]
        unshaded = g_low == GAIN and g_high == GAIN
        for y in range(max(setup[t, 2], top), min(setup[t, 3], top + height)):
            e0, e1, e2 = setup[t, 4] + y * b0, setup[t, 10] + y * b1, setup[t, 16] + y * b2
            first, last = span(e0, a0, reach0, x0, x1)
            first, last = span(e1, a1, reach1, first, last)
            first, last = span(e2, a2, reach2, first, last)
            u, v = setup[t, 22] + y * setup[t, 24], setup[t, 27] + y * setup[t, 29]
            d, g = setup[t, 32] + y * d_down, setup[t, 37] + y * setup[t, 39]
            for x in range(first, last):
                f0, f1, f2 = e0 + x * a0, e1 + x * a1, e2 + x * a2
                mask = 15
                if f0 < reach0 or f1 < reach1 or f2 < reach2:
                    mask = covered(f0, far0, close0) & covered(f1, far1, close1) & covered(f2, far2, close2)
                at = np.uint64((y - top) * TILE + x - left)  # unsigned: no check for an index from the end
                near = np.int32(min(max((d + x * d_step) >> 10, d_low), d_high))
                single = split[at] == 0
                if mask == 0 or (mask == 15 and single and near < depth[at]):
                    continue
                s = min(max((u + x * u_step) >> 16, u_low), u_high)
                r = min(max((v + x * v_step) >> 16, v_low), v_high)
                i = np.uint64(start + (r >> 8) * stride + (s >> 8))
                j = i + np.uint64(stride)
                texel, right, below, beyond = texels[i], texels[i + U1], texels[j], texels[j + U1]
                if (texel | right | below | beyond) == 0:
                    continue
                lanes = bilinear(texel, right, below, beyond, s, r)
                alpha = lanes >> U48
                if (kind == FIRM and alpha < U128) or (kind == SOFT and (alpha >= U128 or alpha == 0)):
                    continue
                if not unshaded:
                    lanes = shaded(lanes, alpha, min(max((g + x * g_step) >> 14, g_low), g_high))
                if single and mask == 15:
                    colour[at] = packed(lanes) if alpha == OPAQUE else over(lanes, alpha, colour[at])
                    if kind != SOFT:
                        depth[at], owner[at] = near, t
                    continue
                if single:
                    split[at] = 1
                    o = owner[at]
                    for k in range(4):
                        colours[at, k], depths[at, k] = colour[at], depth[at]
                        if o >= 0:
                            p = setup[o, 32] + x * setup[o, 33] + y * setup[o, 34]
                            depths[at, k] = sample_depth(
                                k, p, setup[o, 33], setup[o, 34], setup[o, 35], setup[o, 36]
                            )
                passed = 0
                for k in range(4):
                    here = sample_depth(k, d + x * d_step, d_step, d_down, d_low, d_high)
                    if (mask >> k) & 1 and here >= depths[at, k]:
                        passed += 1
                        colours[at, k] = (
                            packed(lanes) if alpha == OPAQUE else over(lanes, alpha, colours[at, k])
                        )
                        if kind != SOFT:
                            depths[at, k] = here
                if passed == 4 and alpha == OPAQUE:  # whole again
                    split[at], colour[at], depth[at], owner[at] = 0, packed(lanes), near, t


@jit
def open_tile(base: Base, left: int, top: int, width: int, height: int, ready: int, scratch: Scratch) -> None:
    """Start a tile from what never moves, or from nothing."""
    colour, depth, owner, split = scratch.colour, scratch.depth, scratch.owner, scratch.split
    for y in range(height):
        for x in range(width):
            at = y * TILE + x
            colour[at] = base.colour[top + y, left + x] if ready else 0
            depth[at] = base.depth[top + y, left + x] if ready else 0
            owner[at] = base.owner[top + y, left + x] if ready else -1
            split[at] = 0


@jit
def close_tile(scratch: Scratch, left: int, top: int, width: int, height: int, out: Pixels) -> None:
    """Write a drawn tile: samples averaged, alpha straight."""
    colour, split, colours = scratch.colour, scratch.split, scratch.sample_colour
    for y in range(height):
        for x in range(width):
            at = np.uint64(y * TILE + x)
            pixel = colour[at]
            if split[at]:
                pixel = mean(colours[at, 0], colours[at, 1], colours[at, 2], colours[at, 3])
            out[top + y, left + x] = straight(pixel)


@jit
def keep_tile(scratch: Scratch, left: int, top: int, width: int, height: int, base: Base) -> int:
    """Keep a drawn tile as what never moves; 1 when all its pixels are whole."""
    whole = 1
    for y in range(height):
        for x in range(width):
            at = y * TILE + x
            base.colour[top + y, left + x] = scratch.colour[at]
            base.depth[top + y, left + x] = scratch.depth[at]
            base.owner[top + y, left + x] = scratch.owner[at]
            if scratch.split[at]:
                whole = 0
    return whole


@jit
def draw_tiles(
    atlas: Atlas, work: Work, base: Base, scratch: Scratch, part: int, parts: int, record: int, out: Pixels
) -> None:
    """Draw every `parts`-th tile from `part` on into `out`, uint32 [height, width], straight alpha.

    record: 1 keeps what is drawn in `base` instead.
    """
    height, width = out.shape
    across = (width + TILE - 1) // TILE
    for tile in range(part, len(work.dirty), parts):
        left, top = tile % across * TILE, tile // across * TILE
        w, h = min(TILE, width - left), min(TILE, height - top)
        if work.dirty[tile] == 0:
            for y in range(top, top + h):
                for x in range(left, left + w):
                    out[y, x] = base.rest[y, x]
            continue
        first, last = work.starts[tile], work.starts[tile + 1]
        if base.ready[tile]:
            while first < last and work.items[first] < base.first:
                first += 1
        open_tile(base, left, top, w, h, base.ready[tile], scratch)
        draw_triangles(atlas, work.setup, work.items, first, last, left, top, w, h, scratch)
        if record:
            base.ready[tile] = keep_tile(scratch, left, top, w, h, base)
        else:
            close_tile(scratch, left, top, w, h, out)
