"""Everything phiz raises on purpose.

    PhizError                 something failed; exit code 1
    ├── UsageError            the request itself cannot be carried out as asked; exit code 2
    ├── ImageError            a picture cannot be read, or is too large or too small
    ├── FaceError             no usable face, or not the one asked for
    ├── SpeechError           nothing to speak, or the voice or recording does not work
    ├── RigError              a rig or clip file is not what it should be
    ├── BackendError          the renderer asked for cannot run here
    └── OutputError           the result cannot be written

Each message is one line that names the value, the limit and the way out.
"""

__all__ = [
    "BackendError",
    "FaceError",
    "ImageError",
    "OutputError",
    "PhizError",
    "RigError",
    "SpeechError",
    "UsageError",
]


class PhizError(Exception):
    """Root of all errors that phiz raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class UsageError(PhizError):
    exit_code = 2


class ImageError(PhizError):
    pass


class FaceError(PhizError):
    pass


class SpeechError(PhizError):
    pass


class RigError(PhizError):
    pass


class BackendError(PhizError):
    pass


class OutputError(PhizError):
    pass
