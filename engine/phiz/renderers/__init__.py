"""Rig and values to frames: two renderers of the same picture, `gl` (OpenGL) and `cpu` (Numba).

Open one with `open_renderer`. Nothing heavy is imported until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from phiz.cores import usable_cores
from phiz.errors import BackendError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from phiz.portrait.rig import Rig

__all__ = ["BACKENDS", "Renderer", "describe_backends", "open_renderer"]

BACKENDS = ("auto", "gl", "cpu")
LARGEST = 16384  # pixels a side


class Renderer(Protocol):
    """Draws the frames of one rig at one size.

    name: "gl" or "cpu". size: (width, height) in pixels.
    Frames are new arrays, uint8 [height, width, 4], sRGB with straight alpha: 255 wherever the rig's layers
    cover the picture, as a rig with a background does everywhere.
    """

    name: str
    size: tuple[int, int]

    def draw(self, values: NDArray[np.float64]) -> NDArray[np.uint8]:
        """One frame of float64 [len(CHANNELS)], in the order of `phiz.channels.CHANNELS`. Raises UsageError.

        The cpu renderer draws from any thread, the gl renderer only from the thread that opened it.
        """

    def draw_many(self, values: NDArray[np.float64]) -> Iterator[NDArray[np.uint8]]:
        """The frames of float64 [frames, len(CHANNELS)], in order, drawn ahead where that is faster."""

    def close(self) -> None:
        """Free threads and graphics memory; the renderer cannot draw afterwards."""

    def __enter__(self) -> Renderer: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def open_renderer(
    rig: Rig,
    size: tuple[int, int] | None = None,
    *,
    view: tuple[float, float, float, float] | None = None,
    backend: str = "auto",
    threads: int | None = None,
    relight: bool = True,
) -> Renderer:
    """A renderer of `rig`.

    size: (width, height) of the frames in pixels, 1..16384 (default: the photo's).
    view: the rectangle (x, y, width, height) of the photo, in its pixels, that fills the frame; it may reach
        beyond the photo (default: the whole photo).
    backend: "gl", "cpu", or "auto": gl where a graphics card can be used, else cpu. Where OpenGL is only
        emulated in software (Mesa's llvmpipe), auto takes cpu, which measured three times faster there and
        repeats to the byte.
    threads: for cpu, how many (default: all cores that the process may use); the picture stays the same.
    relight: whether skin that turns gets brighter or darker in the photo's light, where the rig knows it.

    Raises UsageError for an impossible request, BackendError when "gl" cannot run here, RigError for a rig
    that does not fit together.

    >>> with open_renderer(rig, (512, 512)) as renderer:
    ...     frame = renderer.draw(np.zeros(len(CHANNELS)))
    """
    camera = rig.camera
    width, height = size or (camera.width, camera.height)
    view = view or (0.0, 0.0, float(camera.width), float(camera.height))
    if not (1 <= width <= LARGEST and 1 <= height <= LARGEST):
        raise UsageError(
            f"frame size {width}x{height} is outside 1..{LARGEST} pixels a side; choose another size"
        )
    if not all(abs(number) < 1e6 for number in view) or not (view[2] > 0 and view[3] > 0):
        raise UsageError(
            f"view {view} is no rectangle in the photo; give x, y, width and height above 0 in pixels"
        )
    if threads is not None and threads < 1:
        raise UsageError(f"{threads} threads cannot draw; give 1 or more")
    if backend not in BACKENDS:
        raise UsageError(f"unknown backend {backend!r}; choose one of {', '.join(BACKENDS)}")
    size = (int(width), int(height))
    if backend != "cpu":
        from phiz.renderers.gl import GlRenderer

        try:
            return GlRenderer(rig, size, view, software=backend == "gl", relight=relight)
        except BackendError:
            if backend == "gl":
                raise
    from phiz.renderers.cpu import CpuRenderer

    return CpuRenderer(rig, size, view, threads, relight=relight)


def describe_backends() -> list[tuple[str, bool, str]]:
    """For each renderer its name, whether it works here, and what it runs on or why it does not."""
    from phiz.renderers.gl import describe_context

    cores = usable_cores()
    try:
        graphics = ("gl", True, describe_context())
    except BackendError as error:
        graphics = ("gl", False, str(error))
    return [graphics, ("cpu", True, f"Numba on {cores} core{'s' if cores != 1 else ''}")]
