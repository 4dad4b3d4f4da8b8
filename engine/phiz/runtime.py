"""phiz for games: load a rig and a clip, evaluate, draw. Imports numpy, numba and moderngl, and nothing
heavier.

>>> from phiz import runtime
>>> rig, clip = runtime.load_rig("face.glb"), runtime.load_clip("hello.json")
>>> with runtime.open_renderer(rig, (512, 512)) as renderer:
...     frame = renderer.draw(clip.evaluate(0.25))
"""

from pathlib import Path

from phiz.channels import CHANNELS
from phiz.motion.clip import Clip
from phiz.portrait.rig import Rig
from phiz.renderers import Renderer, open_renderer

__all__ = ["CHANNELS", "Clip", "Renderer", "Rig", "load_clip", "load_rig", "open_renderer"]


def load_rig(path: str | Path) -> Rig:
    """Read the rig that `phiz rig` wrote to a .glb file. Raises RigError."""
    return Rig.load(path)


def load_clip(path: str | Path) -> Clip:
    """Read the clip that phiz wrote to a JSON file. Raises RigError."""
    return Clip.load(path)
