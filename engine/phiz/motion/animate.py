"""`animate`: speech in, clip out."""

from phiz.motion.clip import Clip
from phiz.motion.lips import lip_curves, photo_curve
from phiz.speech.speech import Speech

__all__ = ["animate"]


def animate(speech: Speech, *, seed: int = 0) -> Clip:
    return Clip(speech.duration, {"photo": photo_curve(speech), **lip_curves(speech)})
