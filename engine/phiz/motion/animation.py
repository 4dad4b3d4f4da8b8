"""`animate`: speech in, clip out."""

from phiz.motion.beats import beats_of, brow_curves
from phiz.motion.clip import Clip
from phiz.motion.dials import Dials
from phiz.motion.eyes import blink_curves, gaze_curves
from phiz.motion.head import head_curves, head_path
from phiz.motion.lips import lip_curves, photo_curve
from phiz.speech.speech import Speech

__all__ = ["animate"]


def animate(speech: Speech, *, seed: int = 0, dials: Dials | None = None) -> Clip:
    """The motion of a face that says `speech`, as long as its sound.

    The lips follow from the speech alone; `seed` chooses blinks, glances, brows and head motion. The same
    speech, seed and dials give the same clip. At time 0 the face is as in the photo. dials: how much of each
    kind of motion; None for the usual.

    Raises SpeechError for a phoneme that holds no IPA letter.

    >>> clip = phiz.animate(phiz.speak("Hello."), seed=7, dials=phiz.Dials(head=0.5))
    """
    dials = dials or Dials()
    beats = beats_of(speech, seed)
    head = head_path(speech, beats, seed, dials.head)
    blinks = blink_curves(speech, seed, dials.blink)
    return Clip(
        speech.duration,
        {
            "photo": photo_curve(speech),
            **lip_curves(speech, dials),
            **blinks,
            **gaze_curves(speech, head, blinks, seed, dials.gaze),
            **brow_curves(speech, beats, seed, dials.brows),
            **head_curves(speech, head),
        },
    )
