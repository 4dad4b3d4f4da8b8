"""Memory that was freed, handed back to the system."""

import ctypes
import sys
from contextlib import suppress

__all__ = ["hand_back"]


def hand_back() -> None:
    """Return freed memory to the system, where the C library can and would rather keep it (glibc).

    Threads that worked with large arrays leave as much behind as they had; it counts as the process's own
    until the system gets it back. Takes some milliseconds.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
