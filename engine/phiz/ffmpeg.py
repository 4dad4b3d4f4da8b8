"""Where ffmpeg is: the program that phiz reads sound and writes video with."""

from collections.abc import Iterator
from contextlib import contextmanager

from phiz.errors import PhizError

__all__ = ["find_ffmpeg", "starting"]


def find_ffmpeg(trouble: type[PhizError]) -> str:
    """The program that imageio-ffmpeg brings, or that IMAGEIO_FFMPEG_EXE names; raises `trouble` for none."""
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        program: str = get_ffmpeg_exe()
    except (ImportError, RuntimeError) as error:
        raise trouble("there is no ffmpeg: run pip install --force-reinstall imageio-ffmpeg") from error
    return program


@contextmanager
def starting(program: str, trouble: type[PhizError]) -> Iterator[None]:
    """Turn an OSError of the block, which starts `program`, into one line that says so."""
    try:
        yield
    except OSError as error:
        raise trouble(
            f"cannot start ffmpeg at {program}: {error.strerror or error}; run "
            "pip install --force-reinstall imageio-ffmpeg, or let IMAGEIO_FFMPEG_EXE name a working one"
        ) from error
