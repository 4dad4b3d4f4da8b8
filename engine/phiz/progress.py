"""Telling how far a job is: stages that time themselves, and bars for a terminal."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from tqdm import tqdm

__all__ = ["Bars", "Progress", "Stages"]

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, the steps done and the steps in all (0 in all: the stage is not counted)."""

T = TypeVar("T")
COMPILING = "compiling, first run only"


class Stages:
    """Runs the stages of a job, timing each; `seconds` holds the times by name."""

    def __init__(self, progress: Progress | None = None) -> None:
        self.progress = progress
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time the block under `name`."""
        self._report(name, 0, 0)
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - begin

    def counted(self, name: str, items: Iterable[T], total: int) -> Iterator[T]:
        """Pass items through, reporting each as a step of `name`."""
        self._report(name, 0, total)
        for done, item in enumerate(items, 1):
            yield item
            self._report(name, done, total)

    def _report(self, name: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(name, done, total)


class Bars:
    """Progress on a terminal's stderr: the stage, its steps and time left; says when Numba compiles.

    A context; the object itself is the `Progress` to hand over. Silent when stderr is no terminal.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.active = not quiet and sys.stderr.isatty()
        self._bar: tqdm[Any] | None = None
        self._name = ""
        self._listening = ExitStack()

    def __call__(self, name: str, done: int, total: int) -> None:
        if not self.active:
            return
        if name != self._name or self._bar is None or self._bar.total != (total or None):
            self._open(name, total)
        if self._bar is not None and done:
            if self._bar.postfix:
                self._bar.set_postfix_str("", refresh=False)
            self._bar.update(done - self._bar.n)

    def __enter__(self) -> Self:
        if self.active:
            self._listening.enter_context(_compilations(self._compiling))
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()
        self.close()

    def close(self) -> None:
        """Take the bar off the screen."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None

    def _compiling(self) -> None:
        if self._bar is not None and COMPILING not in (self._bar.postfix or ""):
            self._bar.set_postfix_str(COMPILING)

    def _open(self, name: str, total: int) -> None:
        from tqdm import tqdm

        self.close()
        self._name = name
        layout = "phiz: {desc} {percentage:3.0f}% |{bar}| {n_fmt}/{total_fmt}, {remaining} left{postfix}"
        self._bar = tqdm(
            total=total or None, desc=name, leave=False, file=sys.stderr, dynamic_ncols=True, unit="frame",
            bar_format=layout if total else "phiz: {desc}{postfix}",
        )  # fmt: skip


def _compilations(started: Callable[[], None]) -> AbstractContextManager[Any]:
    """Call `started` whenever Numba begins to compile a function (and does not find it in its cache)."""
    from numba.core import event

    class Listener(event.Listener):  # type: ignore[misc]
        def on_start(self, event: object) -> None:
            started()

        def on_end(self, event: object) -> None:
            pass

    return event.install_listener("numba:compile", Listener())
