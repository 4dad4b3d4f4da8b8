"""`animate`: speech in, clip out."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from phiz.channels import POSE
from phiz.motion.beats import beats_of, brow_curves
from phiz.motion.breath import breath_curves, swallows
from phiz.motion.clip import Clip, Curve
from phiz.motion.dials import LARGEST, Dials
from phiz.motion.eyes import blink_curves, gaze_curves
from phiz.motion.gestures import gesture_paths, mood_turns
from phiz.motion.head import LIMITS, head_curves, head_path
from phiz.motion.keys import sample_times, sparse
from phiz.motion.lips import lip_curves, photo_curve
from phiz.motion.manners import manner_paths
from phiz.motion.moods import DEGREE, lively, mood_paths, read_mood
from phiz.speech.speech import Mark, Speech

__all__ = ["NEUTRAL", "animate"]

NEUTRAL, SWALLOW = "neutral", "tag:swallow"
TOLERANCE, POSE_TOLERANCE = 0.003, 0.0004  # weight; radians
PRESS, PRESSED = "mouthPressLeft", 0.2  # what lips do on p b m, and from which weight on they are shut
PARTING = ("noseSneerLeft", "noseSneerRight")  # what would lift the upper lip off the lower one
ENDS = 0.6  # seconds in which moods and gestures leave at the end, at most a third of the clip


def animate(speech: Speech, *, seed: int = 0, dials: Dials | None = None, mood: str = NEUTRAL) -> Clip:
    """The motion of a face that says `speech`, as long as its sound.

    The lips follow from the speech alone; `seed` chooses blinks, glances, brows and head motion. The same
    speech, seed, dials and mood give the same clip. At time 0 the face is as in the photo. dials: how much of
    each kind of motion; None for the usual. mood: one of `phonemes/moods.csv`, or several with strengths, as
    "happy" or "sad:0.4,tender"; tags and emoji in the speech's text change it.

    Raises SpeechError for a phoneme that holds no IPA letter, UsageError for an unknown mood.

    >>> clip = phiz.animate(phiz.speak("Hello. [wink]"), seed=7, mood="happy", dials=phiz.Dials(head=0.5))
    """
    dials = dials or Dials()
    share = lively(read_mood(mood))
    beats = beats_of(speech, seed)
    head = head_path(speech, beats, seed, min(dials.head * share["head"], LARGEST))
    blinks = blink_curves(speech, seed, min(dials.blink * share["blink"], LARGEST))
    clip = Clip(
        speech.duration,
        {
            "photo": photo_curve(speech),
            **lip_curves(speech, dials),
            **blinks,
            **gaze_curves(speech, head, blinks, seed, dials.gaze),
            **brow_curves(speech, beats, seed, min(dials.brows * share["brows"], LARGEST)),
            **head_curves(speech, head),
            **breath_curves(speech, seed, dials.idle),
        },
    )
    return Clip(clip.duration, {**clip.curves, **dict(_expressed(clip, speech, mood, dials))})


def _swallowing(speech: Speech, times: NDArray[np.float64], dials: Dials) -> dict[str, NDArray[np.float64]]:
    """What swallowing adds to channels at `times` [n]."""
    paths = gesture_paths([Mark(SWALLOW, time) for time in swallows(speech)], times)
    return {
        channel: min(dials.idle, 1.0) * (dials.head if channel in POSE else 1.0) * path
        for channel, path in paths.items()
    }


def _expressed(clip: Clip, speech: Speech, mood: str, dials: Dials) -> Iterator[tuple[str, Curve]]:
    """The curves that moods, gestures, manners and swallowing change, with the change."""
    times = sample_times(speech.duration)
    paths = mood_paths(mood_turns(speech, mood), times)
    for more in (
        gesture_paths(speech.marks, times),
        manner_paths(speech, times),
        _swallowing(speech, times, dials),
    ):
        for channel, path in more.items():
            paths[channel] = paths.get(channel, np.zeros(len(times))) + path
    left = np.clip((speech.duration - times) / (min(ENDS, speech.duration / 3) or 1.0), 0.0, 1.0)
    press = clip.curves.get(PRESS)
    shut = np.clip(press.evaluate(times) / PRESSED, 0.0, 1.0) if press else np.zeros(len(times))
    for channel, path in paths.items():
        if channel in PARTING:
            path = (1.0 - shut) * path
        if path.any():
            before = clip.curves[channel].evaluate(times) if channel in clip.curves else np.zeros(len(times))
            yield channel, _within(channel, times, before + left * left * (3.0 - 2.0 * left) * path)


def _within(channel: str, times: NDArray[np.float64], path: NDArray[np.float64]) -> Curve:
    if channel in POSE:
        limit = LIMITS[POSE.index(channel)] * DEGREE
        return sparse(times, np.clip(path, -limit, limit), POSE_TOLERANCE)
    return sparse(times, np.clip(path, 0.0, 1.0), TOLERANCE)
