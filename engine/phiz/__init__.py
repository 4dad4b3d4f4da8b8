"""phiz makes a still face talk without a neural network.

    import phiz

    phiz.talk("face.jpg", "Hello there.", "hello.mp4")

or step by step:

    rig = phiz.Rig.from_photo("face.jpg")
    speech = phiz.speak("Hello there.")
    clip = phiz.animate(speech, seed=0)
    phiz.render(rig, clip, "hello.mp4", speech=speech)

Names are loaded when they are first used, so that `import phiz` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from phiz.api import render, talk
    from phiz.errors import (
        BackendError,
        FaceError,
        ImageError,
        OutputError,
        PhizError,
        RigError,
        SpeechError,
        UsageError,
    )
    from phiz.filming import Result
    from phiz.motion.animation import animate
    from phiz.motion.clip import Clip, Curve
    from phiz.motion.dials import Dials
    from phiz.portrait.landmarkers import Landmarker
    from phiz.portrait.rig import Rig
    from phiz.speech.formats.files import read_timing_file, write_timing_file
    from phiz.speech.shapes import Shape, shape_of
    from phiz.speech.singing.song import sing
    from phiz.speech.speech import Speech
    from phiz.speech.synthesis import speak

__all__ = [
    "BackendError",
    "Clip",
    "Curve",
    "Dials",
    "FaceError",
    "ImageError",
    "Landmarker",
    "OutputError",
    "PhizError",
    "Result",
    "Rig",
    "RigError",
    "Shape",
    "Speech",
    "SpeechError",
    "UsageError",
    "__version__",
    "animate",
    "read_timing_file",
    "render",
    "shape_of",
    "sing",
    "speak",
    "talk",
    "write_timing_file",
]

_HOMES = {
    "phiz.api": ("render", "talk"),
    "phiz.errors": (
        "BackendError", "FaceError", "ImageError", "OutputError", "PhizError", "RigError", "SpeechError",
        "UsageError",
    ),
    "phiz.filming": ("Result",),
    "phiz.motion.animation": ("animate",),
    "phiz.motion.clip": ("Clip", "Curve"),
    "phiz.motion.dials": ("Dials",),
    "phiz.portrait.landmarkers": ("Landmarker",),
    "phiz.portrait.rig": ("Rig",),
    "phiz.speech.shapes": ("Shape", "shape_of"),
    "phiz.speech.singing.song": ("sing",),
    "phiz.speech.synthesis": ("speak",),
    "phiz.speech.formats.files": ("read_timing_file", "write_timing_file"),
    "phiz.speech.speech": ("Speech",),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
