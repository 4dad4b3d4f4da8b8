"""Several faces in one picture: each is drawn where it moves, on the picture as it lies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from phiz.channels import CHANNELS, INDEX
from phiz.errors import UsageError
from phiz.jit import jit
from phiz.renderers import Renderer, open_renderer

if TYPE_CHECKING:
    from phiz.portrait.group import Group, Member

__all__ = ["GroupRenderer"]

View = tuple[float, float, float, float]
Rectangle = tuple[int, int, int, int]  # left, top, right and bottom, in pixels of the frame


class _Part(NamedTuple):
    """A member on the frame. left, top: of the rectangle that it is drawn in, pixels. share: uint8 [height,
    width], how far each pixel is the member's, 255 for all. rest: uint8 [height, width, 4], drawn as in the
    photo."""

    member: int
    renderer: Renderer
    left: int
    top: int
    share: NDArray[np.uint8]
    rest: NDArray[np.uint8]


class GroupRenderer:
    """Draws the frames of a `Group`, as `phiz.renderers.open_renderer` does those of a rig.

    The picture is drawn once; a frame costs the areas in which faces may move. Of these only such pixels are
    taken as differ from the face at rest. Where the areas meet nothing moves, so there is no seam.
    """

    def __init__(
        self,
        group: Group,
        size: tuple[int, int],
        *,
        view: View,
        backend: str = "auto",
        threads: int | None = None,
        relight: bool = True,
    ) -> None:
        self.size = size
        self._count, self._relight = len(group.members), relight
        self._parts: list[_Part] = []
        self._open = ExitStack()
        try:
            with open_renderer(group.scene, size, view=view, backend=backend, threads=threads) as renderer:
                self.name = renderer.name
                self._base = renderer.draw(np.zeros(len(CHANNELS)))
            for index, member in enumerate(group.members):
                rectangle = _rectangle(member, size, view)
                if rectangle is not None:
                    part = self._opened(index, member, rectangle, view, threads)
                    self._parts.append(part)
        except BaseException:
            self.close()
            raise

    def draw(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        """One frame, a new array uint8 [height, width, 4], of float64 [members, len(CHANNELS)]."""
        (frame,) = self.draw_many(values[None])
        return frame

    def draw_many(self, values: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
        """The frames of float64 [frames, members, len(CHANNELS)], in order. Raises UsageError."""
        if values.shape[1:] != (self._count, len(CHANNELS)):
            raise UsageError(
                f"frames have values of shape {values.shape}; give (frames, {self._count}, {len(CHANNELS)})"
            )
        drawn = [part.renderer.draw_many(values[:, part.member]) for part in self._parts]
        for _ in range(len(values)):
            frame = self._base.copy()
            for part, frames in zip(self._parts, drawn, strict=True):
                lay(frame, next(frames), part.rest, part.share, part.left, part.top)
            yield frame

    def close(self) -> None:
        """Free threads and graphics memory; the renderer cannot draw afterwards."""
        self._open.close()

    def __enter__(self) -> GroupRenderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opened(
        self, index: int, member: Member, rectangle: Rectangle, view: View, threads: int | None
    ) -> _Part:
        """The renderer of a member that is seen in a rectangle of the frame."""
        left, top, right, bottom = rectangle
        across, down = view[2] / self.size[0], view[3] / self.size[1]
        x, y = view[0] + left * across - member.left, view[1] + top * down - member.top
        part = (x, y, (right - left) * across, (bottom - top) * down)
        share = np.full((bottom - top, right - left), 255, np.uint8)
        if member.room:
            rows, columns = np.mgrid[: share.shape[0], : share.shape[1]] + 0.5
            places = np.stack([x + columns.ravel() * across, y + rows.ravel() * down], 1)
            share[:] = np.round(255 * member.room.inside(places)).reshape(share.shape)
        size = (right - left, bottom - top)
        renderer = open_renderer(
            member.rig, size, view=part, backend=self.name, threads=threads, relight=self._relight
        )
        self._open.enter_context(renderer)
        rest = np.zeros(len(CHANNELS))
        rest[INDEX["photo"]] = 1.0
        return _Part(index, renderer, left, top, share, renderer.draw(rest))


def _rectangle(member: Member, size: tuple[int, int], view: View) -> Rectangle | None:
    """The whole pixels of the frame that lie in a member's part of the picture; None when there are none."""
    camera = member.rig.camera
    edges = []
    for axis, (start, length) in enumerate(((member.left, camera.width), (member.top, camera.height))):
        scale = size[axis] / view[2 + axis]
        # a rounding error does not cost a pixel
        low = max(0, int(np.ceil((start - view[axis]) * scale - 1e-6)))
        high = min(size[axis], int(np.floor((start + length - view[axis]) * scale + 1e-6)))
        if low >= high:
            return None
        edges.append((low, high))
    (left, right), (top, bottom) = edges
    return left, top, right, bottom


@jit
def lay(
    frame: NDArray[np.uint8],
    part: NDArray[np.uint8],
    rest: NDArray[np.uint8],
    share: NDArray[np.uint8],
    left: int,
    top: int,
) -> None:
    """Lay `part` into `frame` where it is not as at `rest`, as far as `share` says."""
    height, width = share.shape
    for y in range(height):
        for x in range(width):
            moved = False
            for k in range(4):
                moved |= part[y, x, k] != rest[y, x, k]
            much = int(share[y, x])
            if moved and much:
                for k in range(4):
                    mixed = int(part[y, x, k]) * much + int(frame[top + y, left + x, k]) * (255 - much)
                    frame[top + y, left + x, k] = (mixed + 127) // 255
