"""Triangles made ready to be drawn: exact edges, planes of texture and depth, and the tiles they touch."""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["GAIN", "SAMPLE", "SETUP", "TILE", "Atlas", "Work", "bin_triangles", "set_triangles"]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

TILE = 64  # pixels a side; a tile's samples stay in the second-level cache
SETUP = 42  # numbers that are kept of a triangle: see `set_triangles`, `set_edges` and `set_planes`
SUBPIXEL = 256
GAIN = 1 << 12  # the gain that changes nothing, as drawing has it
TEXEL_SCALE = float(1 << 24)  # fixed point of texture coordinates, of which sampling drops 16 bits
GAIN_SCALE = float(1 << 26)  # fixed point of gains, of which drawing drops 14 bits
DEPTH_SCALE = float(1 << 36)  # fixed point of depth, which runs to 16; drawing drops 10 bits, so 31 are left
MARGIN = 256  # 1/256 texels that sampling may reach beyond a triangle's own, on the pixels along its edge
STEEPEST = (16384.0, 16384.0, 16.0, 16.0)  # texels across and down, depth, gain per pixel; all fit 64 bits

# The rotated grid of Direct3D, OpenGL and Vulkan drivers: a sample's offset from the pixel's centre in 1/256
# pixel; the others are this one turned by 90, 180 and 270 degrees.
SAMPLE = (32, 96)


class Atlas(NamedTuple):
    """All textures in one array. texels: uint32 [n]; each texture has one more column and row than its size,
    so that filtering at its edge stays inside. sizes: int64 [textures, 3], start, width and height in texels.
    uvs: float64 [vertices, 2] in texels, 0 at the centre of the first. triangles, across, kinds, maps: as in
    `Mesh`."""

    texels: NDArray[np.uint32]
    sizes: NDArray[np.int64]
    uvs: NDArray[np.float64]
    triangles: NDArray[np.int64]
    across: NDArray[np.int64]
    kinds: NDArray[np.int64]
    maps: NDArray[np.int64]


class Work(NamedTuple):
    """One frame's work. setup: int64 [triangles, SETUP] from `set_triangles`. starts: int64 [tiles + 1],
    items: int32 [n]: a tile's triangles are items[starts[tile] : starts[tile + 1]], in drawing order. dirty:
    uint8 [tiles], 0 where the tile looks as it does at rest."""

    setup: NDArray[np.int64]
    starts: NDArray[np.int64]
    items: NDArray[np.int32]
    dirty: NDArray[np.uint8]


@jit
def snapped(coordinate: float) -> int:
    return int(np.floor(coordinate * SUBPIXEL + 0.5))


@jit
def facing(points: Floats, triangles: Ints) -> Ints:
    """Twice the area of each triangle in squared 1/256 pixels; its sign tells front from back."""
    areas = np.empty(len(triangles), np.int64)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        x, y = snapped(points[a, 0]), snapped(points[a, 1])
        bx, by = snapped(points[b, 0]) - x, snapped(points[b, 1]) - y
        cx, cy = snapped(points[c, 0]) - x, snapped(points[c, 1]) - y
        areas[t] = bx * cy - by * cx
    return areas


@jit
def set_edges(points: Floats, atlas: Atlas, areas: Ints, setup: Ints, t: int) -> None:
    """Fill columns 4 to 21 of setup row t.

    For each edge: its function's value at the centre of the picture's first pixel, the steps across and down,
    what the samples add to it (first and last ±, second and third ±), and the most that any of them adds.
    Where a surface goes on across an edge the samples add nothing: the pixel is the triangle's that has its
    centre. Only outlines are worth four samples."""
    triangles, across = atlas.triangles, atlas.across
    x0, y0 = snapped(points[triangles[t, 0], 0]), snapped(points[triangles[t, 0], 1])
    x1, y1 = snapped(points[triangles[t, 1], 0]), snapped(points[triangles[t, 1], 1])
    x2, y2 = snapped(points[triangles[t, 2], 0]), snapped(points[triangles[t, 2], 1])
    turned = areas[t] < 0
    if turned:
        x1, y1, x2, y2 = x2, y2, x1, y1
    centre = SUBPIXEL // 2
    for e in range(3):
        other = across[t, 2 - e if turned else e]
        dx, dy = x1 - x0, y1 - y0
        value = dx * (centre - y0) - dy * (centre - x0)
        if not (dy < 0 or (dy == 0 and dx > 0)):
            value -= 1  # on the edge itself counts only for top and left edges
        far, close = dx * SAMPLE[1] - dy * SAMPLE[0], -dx * SAMPLE[0] - dy * SAMPLE[1]
        if other >= 0 and (areas[other] < 0) == turned and areas[other] != 0:
            far = close = 0
        at = 4 + 6 * e
        setup[t, at], setup[t, at + 1], setup[t, at + 2] = value, -dy * SUBPIXEL, dx * SUBPIXEL
        setup[t, at + 3], setup[t, at + 4], setup[t, at + 5] = far, close, max(abs(far), abs(close))
        x0, y0, x1, y1, x2, y2 = x1, y1, x2, y2, x0, y0


@jit
def set_planes(
    points: Floats, gains: Floats, uvs: Floats, a: int, b: int, c: int, width: int, height: int, setup: Ints,
    t: int,
) -> None:  # fmt: skip
    """Fill columns 22 to 41 of setup row t: u, v, depth and gain over the triangle in fixed point.

    For each: value at the centre of the picture's first pixel, slopes across and down, least and greatest.
    Limits are without the bits that drawing drops. Slopes come from the vertices before snapping, so a
    picture seen at its own size shows its very pixels."""
    ax, ay = points[b, 0] - points[a, 0], points[b, 1] - points[a, 1]
    bx, by = points[c, 0] - points[a, 0], points[c, 1] - points[a, 1]
    det = ax * by - ay * bx
    for k in range(4):
        if k < 2:
            v0, v1, v2, scale = uvs[a, k], uvs[b, k], uvs[c, k], TEXEL_SCALE
        elif k == 2:
            v0, v1, v2, scale = points[a, 2], points[b, 2], points[c, 2], DEPTH_SCALE
        else:
            v0, v1, v2, scale = gains[a], gains[b], gains[c], GAIN_SCALE
        across = down = 0.0
        if abs(det) > 1e-9:
            across = min(max(((v1 - v0) * by - (v2 - v0) * ay) / det, -STEEPEST[k]), STEEPEST[k])
            down = min(max(((v2 - v0) * ax - (v1 - v0) * bx) / det, -STEEPEST[k]), STEEPEST[k])
        value = v0 + across * (0.5 - points[a, 0]) + down * (0.5 - points[a, 1])
        least, most = min(v0, v1, v2), max(v0, v1, v2)
        at = 22 + 5 * k
        setup[t, at] = int(np.floor(value * scale + 0.5))
        setup[t, at + 1] = int(np.floor(across * scale + 0.5))
        setup[t, at + 2] = int(np.floor(down * scale + 0.5))
        if k < 2:
            setup[t, at] += 1 << 15  # so that dropping 16 bits rounds
            end = ((width if k == 0 else height) - 1) * 256
            setup[t, at + 3] = min(max(int(np.floor(least * 256.0)) - MARGIN, 0), end)
            setup[t, at + 4] = min(max(int(np.floor(most * 256.0)) + MARGIN, 0), end)
        else:
            dropped = 10 if k == 2 else 14
            setup[t, at + 3] = int(np.floor(least * scale)) >> dropped
            setup[t, at + 4] = int(np.floor(most * scale)) >> dropped


@jit
def reached(first: float, second: float, third: float, size: int) -> tuple[int, int]:
    """Which of `size` pixels, from and up to, have a sample between the least and the greatest coordinate."""
    low, high = snapped(min(first, second, third)), snapped(max(first, second, third))
    near, far = SUBPIXEL // 2 - SAMPLE[1], SUBPIXEL // 2 + SAMPLE[1]
    return max((low - far + SUBPIXEL - 1) // SUBPIXEL, 0), min((high - near) // SUBPIXEL + 1, size)


@jit
def set_triangles(atlas: Atlas, points: Floats, gains: Floats, width: int, height: int, setup: Ints) -> None:
    """Fill `setup` int64 [triangles, SETUP].

    points: from `place_vertices`. gains: float64 [vertices], what colours are multiplied by.

    Columns 0 to 3: the pixels across and down, from and up to, that it may touch; none when it is to be
    skipped.
    """
    triangles, uvs, sizes, maps = atlas.triangles, atlas.uvs, atlas.sizes, atlas.maps
    areas = facing(points, triangles)
    for t in range(len(triangles)):
        a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
        for k in range(SETUP):
            setup[t, k] = 0
        left, right = reached(points[a, 0], points[b, 0], points[c, 0], width)
        top, bottom = reached(points[a, 1], points[b, 1], points[c, 1], height)
        if left < right and top < bottom and areas[t] != 0:
            m = maps[t]
            set_edges(points, atlas, areas, setup, t)
            set_planes(points, gains, uvs, a, b, c, sizes[m, 1], sizes[m, 2], setup, t)
            setup[t, 0], setup[t, 1], setup[t, 2], setup[t, 3] = left, right, top, bottom


@jit
def bin_triangles(setup: Ints, rest: Ints, first: int, last: int, width: int, height: int) -> Work:
    """The `Work` of a frame: which tiles differ from those at rest, and their triangles from first up to
    last.

    rest: setup at rest, or an empty array to have every tile drawn.
    """
    across, down = (width + TILE - 1) // TILE, (height + TILE - 1) // TILE
    dirty = np.zeros(across * down, np.uint8)
    if len(rest) == 0:
        dirty[:] = 1
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
            for tile in range(across * down):
                starts[tile + 1] += starts[tile]
            fill = starts.copy()
            items = np.empty(starts[-1], np.int32)
    return Work(setup, starts, items, dirty)
