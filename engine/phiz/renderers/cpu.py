"""The renderer that needs no graphics card and gives the same bytes everywhere."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHANNELS
from phiz.cores import usable_cores
from phiz.portrait.rig import Rig
from phiz.renderers.mesh import Mesh, build_mesh
from phiz.renderers.pose import checked_values, joint_matrices, place, place_vertices
from phiz.renderers.setup import SETUP, TILE, Atlas, Work, bin_triangles, set_triangles
from phiz.renderers.shading import build_shading, shade_vertices
from phiz.renderers.tiles import Base, Scratch, draw_tiles

__all__ = ["CpuRenderer"]


class CpuRenderer:
    """Draws a rig with Numba on `threads` cores (default all that the process may use).

    Every pixel is a function of the rig, size, view and values alone: not of the machine, the thread count,
    nor of frames drawn before. `draw` may be called from several threads at once.
    """

    name = "cpu"

    def __init__(
        self,
        rig: Rig,
        size: tuple[int, int],
        view: tuple[float, float, float, float],
        threads: int | None = None,
        *,
        relight: bool = True,
    ) -> None:
        self.size = size
        self.threads = threads or usable_cores()
        self._joints = np.array(rig.joints, np.float64)
        self._placement = place(rig.camera, size, view)
        mesh = build_mesh(rig, self._placement)
        self._motion = mesh.motion
        self._shading = build_shading(rig) if relight else None
        self._atlas = _atlas(mesh)
        self._spare: deque[Scratch] = deque()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="phiz-draw")
        self._rest = self._setup(np.zeros(len(CHANNELS)))
        self._base = self._draw_base(mesh.still)

    def draw(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        """One frame, a new array uint8 [height, width, 4], RGBA with straight alpha.

        values: float64 [len(CHANNELS)] in the order of `phiz.channels.CHANNELS`. Raises UsageError.
        """
        work = self._work(checked_values(values))
        out = self._empty()
        others = [
            self._pool.submit(self._draw_part, work, part, self.threads, out)
            for part in range(1, self.threads)
        ]
        self._draw_part(work, 0, self.threads, out)
        for other in others:
            other.result()
        return _bytes(out)

    def draw_many(self, values: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
        """The frames of float64 [frames, len(CHANNELS)] in order, each a new array, drawn ahead of use."""
        rows = [checked_values(row) for row in np.asarray(values, np.float64)]
        ahead: deque[Future[NDArray[np.uint8]]] = deque()
        try:
            for row in rows:
                ahead.append(self._pool.submit(self._draw_alone, row))
                if len(ahead) > self.threads + 1:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for frame in ahead:
                frame.cancel()

    def close(self) -> None:
        """End the threads; the renderer cannot draw afterwards."""
        self._pool.shutdown()

    def __enter__(self) -> "CpuRenderer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _empty(self) -> NDArray[np.uint32]:
        return np.empty((self.size[1], self.size[0]), np.uint32)

    def _work(self, values: NDArray[np.float64]) -> Work:
        first = self._base.first if self._base.ready.all() else 0
        setup = self._setup(values)
        return self._bins(setup, self._rest, first, len(setup))

    def _setup(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        setup = np.empty((len(self._atlas.triangles), SETUP), np.int64)
        points = np.empty_like(self._motion.positions)
        gains = np.ones(len(points))
        joints = joint_matrices(self._joints, *values[-3:])
        place_vertices(self._motion, self._placement, joints, values, points)
        if self._shading is not None:
            shade_vertices(self._shading, joints, values, gains)
        set_triangles(self._atlas, points, gains, *self.size, setup)
        return setup

    def _bins(self, setup: NDArray[np.int64], rest: NDArray[np.int64], first: int, last: int) -> Work:
        work: Work = bin_triangles(setup, rest, first, last, *self.size)
        return work

    def _draw_part(self, work: Work, part: int, parts: int, out: NDArray[np.uint32]) -> None:
        try:
            scratch = self._spare.pop()
        except IndexError:
            scratch = Scratch.make()
        draw_tiles(self._atlas, work, self._base, scratch, part, parts, 0, out)
        self._spare.append(scratch)

    def _draw_alone(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        out = self._empty()
        self._draw_part(self._work(values), 0, 1, out)
        return _bytes(out)

    def _draw_base(self, still: int) -> Base:
        """Draw what never moves, then the whole picture at rest."""
        tiles = -(-self.size[0] // TILE) * -(-self.size[1] // TILE)
        depth, owner = np.empty((2, self.size[1], self.size[0]), np.int32)
        base = Base(0, self._empty(), depth, owner, np.zeros(tiles, np.uint8), self._empty())
        everywhere, scratch = np.empty((0, SETUP), np.int64), Scratch.make()
        background = self._bins(self._rest, everywhere, 0, still)
        draw_tiles(self._atlas, background, base, scratch, 0, 1, 1, base.rest)
        base = base._replace(first=still)
        picture = self._bins(self._rest, everywhere, 0, len(self._atlas.triangles))
        draw_tiles(self._atlas, picture, base, scratch, 0, 1, 0, base.rest)
        return base


def _bytes(pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return pixels.view(np.uint8).reshape(*pixels.shape, 4)


def _atlas(mesh: Mesh) -> Atlas:
    sizes, parts, start = [], [], 0
    for texture in mesh.textures:
        height, width = texture.shape[:2]
        padded = np.pad(texture, ((0, 1), (0, 1), (0, 0)), mode="edge")
        parts.append(padded.view(np.uint32).ravel())
        sizes.append((start, width, height))
        start += parts[-1].size
    uvs = mesh.uvs.copy()
    for k, (_, width, height) in enumerate(sizes):
        uvs[np.unique(mesh.triangles[mesh.maps == k])] *= (width, height)
    return Atlas(
        np.concatenate(parts),
        np.array(sizes, np.int64),
        uvs - 0.5,
        mesh.triangles,
        mesh.across,
        mesh.kinds,
        mesh.maps,
    )
