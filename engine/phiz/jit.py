"""Numba as phiz uses it: one decorator, compiled code cached on disk wherever a cache can be written."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

__all__ = ["jit"]

F = TypeVar("F", bound=Callable[..., Any])


def jit(function: F) -> F:
    """Compile without the interpreter lock, strict IEEE arithmetic, cached on disk when possible.

    No fastmath and no automatic threads: results are the same bits on every machine.
    """
    options: dict[str, Any] = {"nogil": True, "fastmath": False, "error_model": "numpy"}
    try:
        compiled: Any = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # no folder for the cache can be written
        compiled = numba.njit(**options)(function)
    return cast(F, compiled)
