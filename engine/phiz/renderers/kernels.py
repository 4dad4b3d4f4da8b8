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

__all__ = ["TILE", "Atlas", "Base", "Scratch", "Work", "bin_triangles", "draw_tiles"]

TILE = 64  # pixels a side; a tile's samples stay in the second-level cache
SUBPIXEL = 256
NEAR, FAR = 1 << 16, 1 << 24  # fixed point: depth and texels carry 24 bits of fraction, 16 more than sampled
DEPTH_SCALE = 1 << 26
MARGIN = 256  # 1/256 texels that sampling may reach beyond a triangle's own, on the pixels along its edge
STEEPEST = float(1 << 14)  # texels per pixel
WIDEST = float(1 << 20)  # texels

# The rotated grid of Direct3D, OpenGL and Vulkan drivers: offsets from the pixel's centre in 1/256 pixel.
SAMPLES = ((-32, -96), (96, -32), (-96, 32), (32, 96))

# Four 8-bit channels in one 64-bit word, each with 8 bits to spare.
LANES = np.uint64(0x00FF00FF00FF00FF)
HALVES = np.uint64(0x0080008000800080)
TWOS = np.uint64(0x0002000200020002)
WORD = np.uint64(0xFFFFFFFF)
OPAQUE = np.uint64(255)
U2, U8, U24, U48 = np.uint64(2), np.uint64(8), np.uint64(24), np.uint64(48)
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
    """One frame's work. points: float64 [vertices, 3] from `place_vertices`. starts: int64 [tiles + 1], items:
    int32 [n]: a tile's triangles are items[starts[tile] : starts[tile + 1]], in drawing order.
    dirty: uint8 [tiles], 0 where the tile looks as it does at rest."""

    points: NDArray[np.float64]
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
    does. edges: int64 [3, 9]; planes: float64 [3, 3]; limits: int64 [3, 2]; of the triangle being drawn."""

    colour: NDArray[np.uint32]
    depth: NDArray[np.int32]
    split: NDArray[np.uint8]
    sample_colour: NDArray[np.uint32]
    sample_depth: NDArray[np.int32]
    edges: NDArray[np.int64]
    planes: NDArray[np.float64]
    limits: NDArray[np.int64]

    @classmethod
    def make(cls) -> "Scratch":
        n = TILE * TILE
        return cls(
            np.empty(n, np.uint32), np.empty(n, np.int32), np.empty(n, np.uint8),
            np.empty((n, 4), np.uint32), np.empty((n, 4), np.int32),
            np.empty((3, 9), np.int64), np.empty((3, 3)), np.empty((3, 2), np.int64),
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
def tile_range(points, corners, width, height):  # type: ignore[no-untyped-def]
    """First and last tile across and down that a triangle may touch; first > last when none."""
    a, b, c = corners[0], corners[1], corners[2]
    left = min(points[a, 0], points[b, 0], points[c, 0])
    right = max(points[a, 0], points[b, 0], points[c, 0])
    top = min(points[a, 1], points[b, 1], points[c, 1])
    bottom = max(points[a, 1], points[b, 1], points[c, 1])
    if right < 0 or bottom < 0 or left > width or top > height:
        return 0, -1, 0, -1
    # A pixel to spare for the snapping of vertices.
    return (
        int(max(left - 1, 0.0)) // TILE,
        int(min(right + 1, width - 1.0)) // TILE,
        int(max(top - 1, 0.0)) // TILE,
        int(min(bottom + 1, height - 1.0)) // TILE,
    )


@jit
def bin_triangles(atlas, points, rest, first, last, width, height):  # type: ignore[no-untyped-def]
    """The `Work` of a frame: which tiles differ from those at rest, and their triangles from first up to last.

    rest: points at rest, or an empty array to have every tile drawn.
    """
    across, down = (width + TILE - 1) // TILE, (height + TILE - 1) // TILE
    triangles = atlas.triangles
    dirty = np.zeros(across * down, np.uint8)
    if len(rest) == 0:
        dirty[:] = 1
    else:
        moved = np.zeros(len(points), np.uint8)
        for v in range(len(points)):
            same = points[v, 0] == rest[v, 0] and points[v, 1] == rest[v, 1] and points[v, 2] == rest[v, 2]
            moved[v] = 0 if same else 1
        for t in range(len(triangles)):
            if moved[triangles[t, 0]] or moved[triangles[t, 1]] or moved[triangles[t, 2]]:
                for place in (rest, points):
                    x0, x1, y0, y1 = tile_range(place, triangles[t], width, height)
                    for y in range(y0, y1 + 1):
                        for x in range(x0, x1 + 1):
                            dirty[y * across + x] = 1
    starts = np.zeros(across * down + 1, np.int64)
    for t in range(first, last):
        x0, x1, y0, y1 = tile_range(points, triangles[t], width, height)
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                starts[y * across + x + 1] += dirty[y * across + x]
    starts = np.cumsum(starts)
    fill = starts.copy()
    items = np.empty(starts[-1], np.int32)
    for t in range(first, last):
        x0, x1, y0, y1 = tile_range(points, triangles[t], width, height)
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                tile = y * across + x
                if dirty[tile]:
                    items[fill[tile]] = t
                    fill[tile] += 1
    return Work(points, starts, items, dirty)


@jit
def set_edges(points, a, b, c, left, top, width, height, edges):  # type: ignore[no-untyped-def]
    """Edge functions of a triangle at the tile's first pixel centre: value, steps across and down, least and
    greatest of the samples' offsets, the four offsets. False when no sample of the tile can be inside."""
    x0, y0 = int(np.floor(points[a, 0] * SUBPIXEL + 0.5)), int(np.floor(points[a, 1] * SUBPIXEL + 0.5))
    x1, y1 = int(np.floor(points[b, 0] * SUBPIXEL + 0.5)), int(np.floor(points[b, 1] * SUBPIXEL + 0.5))
    x2, y2 = int(np.floor(points[c, 0] * SUBPIXEL + 0.5)), int(np.floor(points[c, 1] * SUBPIXEL + 0.5))
    area = (x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)
    if area == 0:
        return False
    if area < 0:
        x1, y1, x2, y2 = x2, y2, x1, y1
    px, py = left * SUBPIXEL + SUBPIXEL // 2, top * SUBPIXEL + SUBPIXEL // 2
    for e in range(3):
        dx, dy = x1 - x0, y1 - y0
        edge = edges[e]
        edge[0] = dx * (py - y0) - dy * (px - x0)
        if not (dy < 0 or (dy == 0 and dx > 0)):
            edge[0] -= 1  # on the edge itself counts only for top and left edges
        edge[1], edge[2] = -dy * SUBPIXEL, dx * SUBPIXEL
        for s in range(4):
            edge[5 + s] = dx * SAMPLES[s][1] - dy * SAMPLES[s][0]
        edge[3] = min(edge[5], edge[6], edge[7], edge[8])
        edge[4] = max(edge[5], edge[6], edge[7], edge[8])
        if edge[0] + edge[4] + max(0, edge[1]) * (width - 1) + max(0, edge[2]) * (height - 1) < 0:
            return False
        x0, y0, x1, y1, x2, y2 = x1, y1, x2, y2, x0, y0
    return True


@jit
def set_planes(points, uvs, a, b, c, left, top, texture, planes, limits):  # type: ignore[no-untyped-def]
    """u, v and depth over a triangle: value at the tile's first pixel centre, slopes across and down, limits."""
    ax, ay = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    bx, by = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
    det = ax * by - ay * bx
    for k in range(3):
        if k < 2:
            v0, v1, v2 = uvs[a, k], uvs[b, k], uvs[c, k]
        else:
            v0, v1, v2 = points[a, 2], points[b, 2], points[c, 2]
        across = down = 0.0
        if abs(det) > 1e-9:
            across = min(max(((v1 - v0) * by - (v2 - v0) * ay) / det, -STEEPEST), STEEPEST)
            down = min(max(((v2 - v0) * ax - (v1 - v0) * bx) / det, -STEEPEST), STEEPEST)
        planes[k, 0] = v0 + across * (left + 0.5 - points[a, 0]) + down * (top + 0.5 - points[a, 1])
        planes[k, 1], planes[k, 2] = across, down
        least, most = min(v0, v1, v2), max(v0, v1, v2)
        if k < 2:
            end = (texture[1 + k] - 1) * 256
            limits[k, 0] = min(max(int(np.floor(least * 256.0)) - MARGIN, 0), end)
            limits[k, 1] = min(max(int(np.floor(most * 256.0)) + MARGIN, 0), end)
        else:
            limits[k, 0], limits[k, 1] = int(least * DEPTH_SCALE), int(most * DEPTH_SCALE)


@jit
def fixed(value, scale):  # type: ignore[no-untyped-def]
    return int(np.floor(min(max(value, -WIDEST), WIDEST) * scale + 0.5))


@jit
def put_samples(colours, depths, at, mask, lanes, alpha, near, kind):  # type: ignore[no-untyped-def]
    """Draw on the samples of one pixel that `mask` names and that lie no nearer than `near`."""
    for s in range(4):
        if (mask >> s) & 1 and near >= depths[at, s]:
            colours[at, s] = packed(lanes) if alpha == OPAQUE else over(lanes, alpha, colours[at, s])
            if kind != SOFT:
                depths[at, s] = near


@jit
def coverage(edges, e0, e1, e2):  # type: ignore[no-untyped-def]
    """Bit mask of the samples inside all three edges."""
    mask = 0
    for s in range(4):
        if e0 + edges[0, 5 + s] >= 0 and e1 + edges[1, 5 + s] >= 0 and e2 + edges[2, 5 + s] >= 0:
            mask |= 1 << s
    return mask


@jit
def draw_triangle(atlas, points, t, left, top, width, height, scratch):  # type: ignore[no-untyped-def]
    """Draw triangle t on the tile whose first pixel is (left, top)."""
    a, b, c = atlas.triangles[t, 0], atlas.triangles[t, 1], atlas.triangles[t, 2]
    edges, planes, limits, kind = scratch.edges, scratch.planes, scratch.limits, atlas.kinds[t]
    x0 = max(int(np.floor(min(points[a, 0], points[b, 0], points[c, 0]))) - 1 - left, 0)
    x1 = min(int(np.floor(max(points[a, 0], points[b, 0], points[c, 0]))) + 2 - left, width)
    y0 = max(int(np.floor(min(points[a, 1], points[b, 1], points[c, 1]))) - 1 - top, 0)
    y1 = min(int(np.floor(max(points[a, 1], points[b, 1], points[c, 1]))) + 2 - top, height)
    if x0 >= x1 or y0 >= y1 or not set_edges(points, a, b, c, left + x0, top + y0, x1 - x0, y1 - y0, edges):
        return
    texture = atlas.sizes[atlas.maps[t]]
    set_planes(points, atlas.uvs, a, b, c, left + x0, top + y0, texture, planes, limits)
    start, stride = texture[0], texture[1] + 1
    # Arrays are taken out of their tuples once: inside the loops each would be counted as a reference anew.
    texels, colour, depth, split = atlas.texels, scratch.colour, scratch.depth, scratch.split
    colours, depths = scratch.sample_colour, scratch.sample_depth
    low0, low1, low2 = edges[0, 3], edges[1, 3], edges[2, 3]
    high0, high1, high2 = edges[0, 4], edges[1, 4], edges[2, 4]
    step0, step1, step2 = edges[0, 1], edges[1, 1], edges[2, 1]
    u_step, v_step, d_step = fixed(planes[0, 1], FAR), fixed(planes[1, 1], FAR), fixed(planes[2, 1], DEPTH_SCALE)
    u_low, u_high, v_low, v_high = limits[0, 0], limits[0, 1], limits[1, 0], limits[1, 1]
    d_low, d_high = limits[2, 0], limits[2, 1]
    for y in range(y1 - y0):
        e0, e1, e2 = (edges[0, 0] + y * edges[0, 2], edges[1, 0] + y * edges[1, 2], edges[2, 0] + y * edges[2, 2])
        u = fixed(planes[0, 0] + y * planes[0, 2], FAR) + NEAR // 2
        v = fixed(planes[1, 0] + y * planes[1, 2], FAR) + NEAR // 2
        d = fixed(planes[2, 0] + y * planes[2, 2], DEPTH_SCALE)
        at = (y0 + y) * TILE + x0
        for x in range(x1 - x0):
            if e0 + high0 >= 0 and e1 + high1 >= 0 and e2 + high2 >= 0:
                full = e0 + low0 >= 0 and e1 + low1 >= 0 and e2 + low2 >= 0
                mask = 15 if full else coverage(edges, e0, e1, e2)
                near = min(max(d + x * d_step, d_low), d_high)
                single = split[at + x] == 0
                if mask != 0 and not (single and near < depth[at + x]):
                    s = min(max((u + x * u_step) >> 16, u_low), u_high)
                    r = min(max((v + x * v_step) >> 16, v_low), v_high)
                    i = start + (r >> 8) * stride + (s >> 8)
                    lanes = bilinear(texels[i], texels[i + 1], texels[i + stride], texels[i + stride + 1], s, r)
                    alpha = lanes >> U48
                    if (kind == FIRM and alpha < U128) or (kind == SOFT and (alpha >= U128 or alpha == 0)):
                        pass
                    elif full and single:
                        colour[at + x] = packed(lanes) if alpha == OPAQUE else over(lanes, alpha, colour[at + x])
                        if kind != SOFT:
                            depth[at + x] = near
                    else:
                        if single:
                            split[at + x] = 1
                            colours[at + x, :] = colour[at + x]
                            depths[at + x, :] = depth[at + x]
                        put_samples(colours, depths, at + x, mask, lanes, alpha, near, kind)
            e0 += step0
            e1 += step1
            e2 += step2


@jit
def mean(colours, at):  # type: ignore[no-untyped-def]
    """The rounded mean of a pixel's four samples."""
    total = TWOS + spread(colours[at, 0]) + spread(colours[at, 1]) + spread(colours[at, 2]) + spread(colours[at, 3])
    return packed((total >> U2) & LANES)


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
        scratch.split[:] = 0
        if base.ready[tile]:
            for y in range(h):
                scratch.colour[y * TILE : y * TILE + w] = base.colour[top + y, left : left + w]
                scratch.depth[y * TILE : y * TILE + w] = base.depth[top + y, left : left + w]
        else:
            scratch.colour[:] = 0
            scratch.depth[:] = 0
        for i in range(work.starts[tile], work.starts[tile + 1]):
            if work.items[i] >= base.first or base.ready[tile] == 0:
                draw_triangle(atlas, work.points, work.items[i], left, top, w, h, scratch)
        if record:
            base.ready[tile] = 0 if np.any(scratch.split) else 1
            for y in range(h):
                base.colour[top + y, left : left + w] = scratch.colour[y * TILE : y * TILE + w]
                base.depth[top + y, left : left + w] = scratch.depth[y * TILE : y * TILE + w]
        else:
            for y in range(h):
                for x in range(w):
                    at = y * TILE + x
                    out[top + y, left + x] = straight(mean(colours, at) if split[at] else colour[at])
