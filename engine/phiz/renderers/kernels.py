"""The inner loops of the CPU renderer: binning triangles to tiles, and drawing a tile.

Coverage is exact: vertices sit on a grid of 1/256 pixel, edges are integer functions with the top-left rule, so
two triangles that share an edge leave neither a gap nor an overlap. Four samples a pixel, on the standard rotated
grid. Colour is taken once a pixel, at its centre, with 8-bit fractions; a pixel that one triangle covers alone is
stored once, and only pixels on edges are split into samples. Colours are packed premultiplied RGBA, R lowest.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit
from phiz.renderers.mesh import FIRM, SOFT
from phiz.renderers.textures import straight

__all__ = ["SETUP", "TILE", "Atlas", "Base", "Scratch", "Work", "bin_triangles", "draw_tiles", "set_triangles"]

TILE = 64  # pixels a side; a tile's samples stay in the second-level cache
SETUP = 37  # numbers that are kept of a triangle: see `set_triangles`, `set_edges` and `set_planes`
SUBPIXEL = 256
DEPTH_SCALE = float(1 << 26)  # depth in fixed point; it runs to 16, in 31 bits
MARGIN = 256  # 1/256 texels that sampling may reach beyond a triangle's own, on the pixels along its edge
STEEPEST = float(1 << 14)  # texels per pixel

# The rotated grid of Direct3D, OpenGL and Vulkan drivers: a sample's offset from the pixel's centre in 1/256
# pixel; the others are this one turned by 90, 180 and 270 degrees.
SAMPLE = (32, 96)

# Four 8-bit channels in one 64-bit word, each with 8 bits to spare.
LANES = np.uint64(0x00FF00FF00FF00FF)
HALVES = np.uint64(0x0080008000800080)
TWOS = np.uint64(0x0002000200020002)
WORD = np.uint64(0xFFFFFFFF)
OPAQUE = np.uint64(255)
U1, U2, U8, U24, U48 = np.uint64(1), np.uint64(2), np.uint64(8), np.uint64(24), np.uint64(48)
U128, U256 = np.uint64(128), np.uint64(256)


class Atlas(NamedTuple):
    """All textures in one array. texels: uint32 [n]; each texture has one more column and row than its size, so
    that filtering at its edge stays inside. sizes: int64 [textures, 3], start, width and height in texels.
    uvs: float64 [vertices, 2] in texels, 0 at the centre of the first. kinds, maps, triangles: as in `Mesh`."""

    texels: NDArray[np.uint32]
    sizes: NDArray[np.int64]
    uvs: NDArray[np.float64]
    triangles: NDArray[np.int64]
    kinds: NDArray[np.int64]
    maps: NDArray[np.int64]


class Work(NamedTuple):
    """One frame's work. setup: int64 [triangles, SETUP] from `set_triangles`. starts: int64 [tiles + 1], items:
    int32 [n]: a tile's triangles are items[starts[tile] : starts[tile + 1]], in drawing order.
    dirty: uint8 [tiles], 0 where the tile looks as it does at rest."""

    setup: NDArray[np.int64]
    starts: NDArray[np.int64]
    items: NDArray[np.int32]
    dirty: NDArray[np.uint8]


class Base(NamedTuple):
    """What never moves, drawn once. colour, depth: uint32 and int32 [height, width], of the still triangles that
    come first, below `first`. ready: uint8 [tiles], 1 where that tile's colour and depth hold. rest: uint32
    [height, width], the whole picture at rest, straight alpha."""

    first: int
    colour: NDArray[np.uint32]
    depth: NDArray[np.int32]
    ready: NDArray[np.uint8]
    rest: NDArray[np.uint32]


class Scratch(NamedTuple):
    """A tile in the making, one a thread. split: 1 where the pixel's four samples hold, 0 where its one colour
    does."""

    colour: NDArray[np.uint32]
    depth: NDArray[np.int32]
    split: NDArray[np.uint8]
    sample_colour: NDArray[np.uint32]
    sample_depth: NDArray[np.int32]

    @classmethod
    def make(cls) -> "Scratch":
        n = TILE * TILE
        return cls(
            np.empty(n, np.uint32), np.empty(n, np.int32), np.empty(n, np.uint8),
            np.empty((n, 4), np.uint32), np.empty((n, 4), np.int32),
        )  # fmt: skip


@jit
def spread(pixel):  # type: ignore[no-untyped-def]
    """A packed pixel as four lanes."""
    wide = np.uint64(pixel)
    return (wide | (wide << U24)) & LANES


@jit
def packed(lanes):  # type: ignore[no-untyped-def]
    """Four lanes as a packed pixel."""
    return np.uint32((lanes | (lanes >> U24)) & WORD)


@jit
def over(lanes, alpha, under):  # type: ignore[no-untyped-def]
    """Premultiplied `lanes` over the packed pixel `under`, each channel rounded exactly."""
    product = spread(under) * (OPAQUE - alpha) + HALVES
    return packed(lanes + (((product + ((product >> U8) & LANES)) >> U8) & LANES))


@jit
def bilinear(first, right, below, beyond, u, v):  # type: ignore[no-untyped-def]
    """Four lanes of four neighbouring texels; the lowest 8 bits of u and v say how far it is from the first."""
    fx, fy = np.uint64(u & 255), np.uint64(v & 255)
    both = (fx * fy + U128) >> U8
    total = spread(first) * (U256 - fx - fy + both) + spread(right) * (fx - both)
    total += spread(below) * (fy - both) + spread(beyond) * both
    return ((total + HALVES) >> U8) & LANES


@jit
def mean(first, second, third, fourth):  # type: ignore[no-untyped-def]
    """The rounded mean of four packed pixels."""
    total = TWOS + spread(first) + spread(second) + spread(third) + spread(fourth)
    return packed((total >> U2) & LANES)


@jit
def snapped(coordinate):  # type: ignore[no-untyped-def]
    return int(np.floor(coordinate * SUBPIXEL + 0.5))


@jit
def set_edges(points, a, b, c, setup, t):  # type: ignore[no-untyped-def]
    """Fill columns 4 to 21 of setup row t; False when the triangle has no area.

    For each edge: its function's value at the centre of the picture's first pixel, the steps across and down,
    what the samples add to it (first and last ±, second and third ±), and the most that any of them adds."""
    x0, y0, x1, y1 = snapped(points[a, 0]), snapped(points[a, 1]), snapped(points[b, 0]), snapped(points[b, 1])
    x2, y2 = snapped(points[c, 0]), snapped(points[c, 1])
    area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
    if area < 0:
        x1, y1, x2, y2 = x2, y2, x1, y1
    centre = SUBPIXEL // 2
    for e in range(3):
        dx, dy = x1 - x0, y1 - y0
        value = dx * (centre - y0) - dy * (centre - x0)
        if not (dy < 0 or (dy == 0 and dx > 0)):
            value -= 1  # on the edge itself counts only for top and left edges
        far, close = dx * SAMPLE[1] - dy * SAMPLE[0], -dx * SAMPLE[0] - dy * SAMPLE[1]
        at = 4 + 6 * e
        setup[t, at], setup[t, at + 1], setup[t, at + 2] = value, -dy * SUBPIXEL, dx * SUBPIXEL
        setup[t, at + 3], setup[t, at + 4], setup[t, at + 5] = far, close, max(abs(far), abs(close))
        x0, y0, x1, y1, x2, y2 = x1, y1, x2, y2, x0, y0
    return area != 0


@jit
def set_planes(points, uvs, a, b, c, width, height, setup, t):  # type: ignore[no-untyped-def]
    """Fill columns 22 to 36 of setup row t: u, v and depth over the triangle in fixed point.

    For each: value at the centre of the picture's first pixel, slopes across and down, least and greatest.
    u and v carry 24 bits of fraction, and 8 in their limits. Slopes come from the vertices before snapping, so a
    picture seen at its own size shows its very pixels."""
    ax, ay = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    bx, by = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
    det = ax * by - ay * bx
    for k in range(3):
        if k < 2:
            v0, v1, v2, scale = uvs[a, k], uvs[b, k], uvs[c, k], float(1 << 24)
        else:
            v0, v1, v2, scale = points[a, 2], points[b, 2], points[c, 2], DEPTH_SCALE
        across = down = 0.0
        if abs(det) > 1e-9:
            across = min(max(((v1 - v0) * by - (v2 - v0) * ay) / det, -STEEPEST), STEEPEST)
            down = min(max(((v2 - v0) * ax - (v1 - v0) * bx) / det, -STEEPEST), STEEPEST)
        value = v0 + across * (0.5 - points[a, 0]) + down * (0.5 - points[a, 1])
        least, most = min(v0, v1, v2), max(v0, v1, v2)
        at = 22 + 5 * k
        setup[t, at] = int(np.floor(value * scale + 0.5))
        setup[t, at + 1], setup[t, at + 2] = int(np.floor(across * scale + 0.5)), int(np.floor(down * scale + 0.5))
        if k < 2:
            setup[t, at] += 1 << 15  # so that dropping 16 bits rounds
            end = ((width if k == 0 else height) - 1) * 256
            setup[t, at + 3] = min(max(int(np.floor(least * 256.0)) - MARGIN, 0), end)
            setup[t, at + 4] = min(max(int(np.floor(most * 256.0)) + MARGIN, 0), end)
        else:
            setup[t, at + 3], setup[t, at + 4] = int(least * scale), int(most * scale)


@jit
def set_triangles(atlas, points, first, last, width, height, setup):  # type: ignore[no-untyped-def]
    """Fill `setup` int64 [triangles, SETUP] for the triangles from first up to last.

    Columns 0 to 3: the pixels across and down, from and up to, that it may touch; none when it is to be skipped.
    """
    triangles, uvs, sizes, maps = atlas.triangles, atlas.uvs, atlas.sizes, atlas.maps
    for t in range(first, last):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        for k in range(SETUP):
            setup[t, k] = 0
        # A pixel to spare for the snapping of vertices.
        left = max(int(np.floor(min(points[a, 0], points[b, 0], points[c, 0]))) - 1, 0)
        right = min(int(np.floor(max(points[a, 0], points[b, 0], points[c, 0]))) + 2, width)
        top = max(int(np.floor(min(points[a, 1], points[b, 1], points[c, 1]))) - 1, 0)
        bottom = min(int(np.floor(max(points[a, 1], points[b, 1], points[c, 1]))) + 2, height)
        if left < right and top < bottom and set_edges(points, a, b, c, setup, t):
            m = maps[t]
            set_planes(points, uvs, a, b, c, sizes[m, 1], sizes[m, 2], setup, t)
            setup[t, 0], setup[t, 1], setup[t, 2], setup[t, 3] = left, right, top, bottom


@jit
def bin_triangles(setup, rest, first, last, width, height):  # type: ignore[no-untyped-def]
    """The `Work` of a frame: which tiles differ from those at rest, and their triangles from first up to last.

    rest: setup at rest, or an empty array to have every tile drawn.
    """
    across, down = (width + TILE - 1) // TILE, (height + TILE - 1) // TILE
    dirty = np.full(across * down, 0 if len(rest) else 1, np.uint8)
    for t in range(first, last if len(rest) else first):
        for k in range(SETUP):
            if setup[t, k] != rest[t, k]:
                for place in (setup, rest):
                    for y in range(place[t, 2] // TILE, (place[t, 3] + TILE - 1) // TILE):
                        for x in range(place[t, 0] // TILE, (place[t, 1] + TILE - 1) // TILE):
                            dirty[y * across + x] = 1
                break
    starts = np.zeros(across * down + 1, np.int64)
    fill = starts
    items = np.empty(0, np.int32)
    for counting in (True, False):
        for t in range(first, last):
            for y in range(setup[t, 2] // TILE, (setup[t, 3] + TILE - 1) // TILE):
                for x in range(setup[t, 0] // TILE, (setup[t, 1] + TILE - 1) // TILE):
                    tile = y * across + x
                    if dirty[tile]:
                        if not counting:
                            items[fill[tile]] = t
                        fill[tile + counting] += 1
        if counting:
            starts = np.cumsum(starts)
            fill = starts.copy()
            items = np.empty(starts[-1], np.int32)
    return Work(setup, starts, items, dirty)


@jit
def covered(edge, far, close):  # type: ignore[no-untyped-def]
    """Bit mask of a pixel's samples that are inside one edge, of which `edge` is the value at the centre."""
    return (edge + far >= 0) | ((edge + close >= 0) << 1) | ((edge - close >= 0) << 2) | ((edge - far >= 0) << 3)


@jit
def span(edge, across, reach, first, last):  # type: ignore[no-untyped-def]
    """Narrow a row's pixels first up to last to those near enough to an edge's inner side."""
    if across == 0:
        return first, last if edge + reach >= 0 else first
    crossing = -float(edge + reach) / across
    if across > 0:
        return max(first, int(min(max(crossing, -2.0), last + 2.0)) - 1), last
    return first, min(last, int(min(max(crossing, -2.0), last + 2.0)) + 2)


@jit
def draw_triangles(atlas, setup, items, left, top, width, height, scratch):  # type: ignore[no-untyped-def]
    """Draw triangles on the tile whose first pixel is (left, top)."""
    # Arrays are taken out of their tuples here: within the loops each use would count a reference.
    kinds, maps, sizes, texels, colour, depth = (
        atlas.kinds, atlas.maps, atlas.sizes, atlas.texels, scratch.colour, scratch.depth,
    )  # fmt: skip
    split, colours, depths = scratch.split, scratch.sample_colour, scratch.sample_depth
    for item in range(len(items)):
        t = items[item]
        kind, start, stride = kinds[t], sizes[maps[t], 0], sizes[maps[t], 1] + 1
        x0, x1 = max(setup[t, 0], left), min(setup[t, 1], left + width)
        a0, b0, far0, close0, reach0 = setup[t, 5], setup[t, 6], setup[t, 7], setup[t, 8], setup[t, 9]
        a1, b1, far1, close1, reach1 = setup[t, 11], setup[t, 12], setup[t, 13], setup[t, 14], setup[t, 15]
        a2, b2, far2, close2, reach2 = setup[t, 17], setup[t, 18], setup[t, 19], setup[t, 20], setup[t, 21]
        u_step, u_low, u_high = setup[t, 23], setup[t, 25], setup[t, 26]
        v_step, v_low, v_high = setup[t, 28], setup[t, 30], setup[t, 31]
        d_step, d_low, d_high = setup[t, 33], setup[t, 35], setup[t, 36]
        for y in range(max(setup[t, 2], top), min(setup[t, 3], top + height)):
            e0 = setup[t, 4] + y * b0 + x0 * a0
            e1 = setup[t, 10] + y * b1 + x0 * a1
            e2 = setup[t, 16] + y * b2 + x0 * a2
            first, last = span(e0, a0, reach0, 0, x1 - x0)
            first, last = span(e1, a1, reach1, first, last)
            first, last = span(e2, a2, reach2, first, last)
            u = setup[t, 22] + y * setup[t, 24] + x0 * u_step
            v = setup[t, 27] + y * setup[t, 29] + x0 * v_step
            d = setup[t, 32] + y * setup[t, 34] + x0 * d_step
            row = (y - top) * TILE + x0 - left
            for x in range(first, last):
                f0, f1, f2 = e0 + x * a0, e1 + x * a1, e2 + x * a2
                mask = 15
                if f0 < reach0 or f1 < reach1 or f2 < reach2:
                    mask = covered(f0, far0, close0) & covered(f1, far1, close1) & covered(f2, far2, close2)
                at = np.uint64(row + x)  # unsigned: no check for an index from the end
                near = np.int32(min(max(d + x * d_step, d_low), d_high))
                single = split[at] == 0
                if mask == 0 or (single and near < depth[at]):
                    continue
                s = min(max((u + x * u_step) >> 16, u_low), u_high)
                r = min(max((v + x * v_step) >> 16, v_low), v_high)
                i = np.uint64(start + (r >> 8) * stride + (s >> 8))
                j = i + np.uint64(stride)
                lanes = bilinear(texels[i], texels[i + U1], texels[j], texels[j + U1], s, r)
                alpha = lanes >> U48
                if (kind == FIRM and alpha < U128) or (kind == SOFT and (alpha >= U128 or alpha == 0)):
                    continue
                if single and mask == 15:
                    colour[at] = packed(lanes) if alpha == OPAQUE else over(lanes, alpha, colour[at])
                    if kind != SOFT:
                        depth[at] = near
                    continue
                if single:
                    split[at] = 1
                    for k in range(4):
                        colours[at, k], depths[at, k] = colour[at], depth[at]
                for k in range(4):
                    if (mask >> k) & 1 and near >= depths[at, k]:
                        colours[at, k] = packed(lanes) if alpha == OPAQUE else over(lanes, alpha, colours[at, k])
                        if kind != SOFT:
                            depths[at, k] = near


@jit
def draw_tiles(atlas, work, base, scratch, part, parts, record, out):  # type: ignore[no-untyped-def]
    """Draw every `parts`-th tile from `part` on into `out`, uint32 [height, width], straight alpha.

    record: 1 fills `base.colour`, `base.depth` and `base.ready` instead, from the work's triangles alone.
    """
    height, width = out.shape
    across = (width + TILE - 1) // TILE
    colour, split, colours = scratch.colour, scratch.split, scratch.sample_colour
    for tile in range(part, len(work.dirty), parts):
        left, top = tile % across * TILE, tile // across * TILE
        w, h = min(TILE, width - left), min(TILE, height - top)
        if work.dirty[tile] == 0:
            for y in range(top, top + h):
                out[y, left : left + w] = base.rest[y, left : left + w]
            continue
        first, last = work.starts[tile], work.starts[tile + 1]
        split[:] = 0
        if base.ready[tile]:
            while first < last and work.items[first] < base.first:
                first += 1
            for y in range(h):
                colour[y * TILE : y * TILE + w] = base.colour[top + y, left : left + w]
                scratch.depth[y * TILE : y * TILE + w] = base.depth[top + y, left : left + w]
        else:
            colour[:] = 0
            scratch.depth[:] = 0
        draw_triangles(atlas, work.setup, work.items[first:last], left, top, w, h, scratch)
        if record:
            base.ready[tile] = 0 if np.any(split) else 1
            for y in range(h):
                base.colour[top + y, left : left + w] = colour[y * TILE : y * TILE + w]
                base.depth[top + y, left : left + w] = scratch.depth[y * TILE : y * TILE + w]
            continue
        for y in range(h):
            for x in range(w):
                at = np.uint64(y * TILE + x)
                pixel = colour[at]
                if split[at]:
                    pixel = mean(colours[at, 0], colours[at, 1], colours[at, 2], colours[at, 3])
                out[top + y, left + x] = straight(pixel)
