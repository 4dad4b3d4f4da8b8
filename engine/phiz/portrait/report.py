"""How good a photo is for a talking portrait, and what would make a better one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phiz.files import whole
from phiz.portrait.frame import FaceFrame, fit_frame
from phiz.portrait.glasses import wears_glasses
from phiz.portrait.light import LUMINANCE
from phiz.portrait.portrait import Portrait
from phiz.portrait.rig import Rig

__all__ = ["Quality", "quality"]

Array = NDArray[np.float64]

SMALL_FACE = 40.0  # pixels between the eyes below which teeth and lashes are a handful of pixels
SIDEWAYS, NODDED = 20.0, 18.0  # degrees of yaw and pitch from which the far cheek or the nostrils dominate
BLURRED = 0.18  # of `sharpness`
WIDE_OPEN = 12.0  # millimetres between the lips
SMILING = 0.6
LEAST_MATTE = 0.5  # confidence from which the person is cut from the background
MEASURED = 64.0  # pixels between the eyes at which sharpness is measured, so that size does not matter
OPEN_EYE = 10.5  # millimetres between the lids of an eye wide awake


@dataclass(frozen=True)
class Quality:
    """What was found in a portrait.

    face_px: pixels between the eyes. sharpness: 0 (a smear) up; 0.2 is soft, 0.4 crisp.
    yaw, pitch, roll: of the head in the photo, degrees, with the signs of `phiz.channels.POSE`.
    mouth_gap_mm: between the inner lips. smile: 0..1.
    blink: 0 (wide open) to 1 (shut), right and left eye. eyes: likewise, "open", "closed",
        "hidden", or "unclear" (drawn with hard lines elsewhere than the landmarks are).
    occlusion: "none", "glasses", or "dark glasses" (dark, tinted or mirroring, they hide an eye): a guess, by
        which rimless glasses, hats, and hair or a hand over the face go unnoticed. matte_confidence: 0..1.
    lowered: what was done with less motion or detail because of all this.
    warnings: sentences that say what is wrong and how to get a better photo; the worst comes first.
    """

    face_px: float
    sharpness: float
    yaw: float
    pitch: float
    roll: float
    mouth_gap_mm: float
    smile: float
    blink: tuple[float, float]
    eyes: tuple[str, str]
    occlusion: str
    matte_confidence: float
    lowered: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def line(self) -> str:
        """One line for a person to read."""
        mouth = "open" if self.mouth_gap_mm > WIDE_OPEN else "parted" if self.mouth_gap_mm > 1.6 else "shut"
        parts = [
            f"face {self.face_px:.0f} px between the eyes",
            "sharp" if self.sharpness >= BLURRED else "blurred",
            f"turned {abs(self.yaw):.0f} degrees" if abs(self.yaw) >= SIDEWAYS else "frontal",
            f"mouth {mouth}",
            "smiling" if self.smile > SMILING else "",
            _eyes_in_words(self.eyes) if self.eyes != ("open", "open") else "",
            self.occlusion if self.occlusion != "none" else "",
            "person cut out" if self.matte_confidence >= LEAST_MATTE else "background not separable",
        ]
        return ", ".join(part for part in parts if part)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain numbers, strings and lists, ready for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        } | {"line": self.line}

    def save(self, path: str | Path) -> None:
        """Write `as_dict` as JSON. Raises OutputError."""
        with whole(path) as temporary:
            temporary.write_text(json.dumps(self.as_dict(), indent=2) + "\n", encoding="utf-8")


def quality(portrait: Portrait, rig: Rig) -> Quality:
    """Judge a portrait by itself and by the rig that was made from it (`rig.fit`)."""
    fit = rig.fit
    frame = fit_frame(portrait.landmarks)
    eyes = (str(fit["eye_right"]), str(fit["eye_left"]))
    openings = (float(fit["eye_right_mm"]), float(fit["eye_left_mm"]))
    blink = [1.0 - float(np.clip(opening / OPEN_EYE, 0, 1)) for opening in openings]
    measured: dict[str, Any] = {
        "face_px": round(portrait.interpupillary, 1),
        "sharpness": round(_sharpness(portrait), 3),
        "yaw": float(fit["yaw_deg"]),
        "pitch": float(fit["pitch_deg"]),
        "roll": float(fit["roll_deg"]),
        "mouth_gap_mm": float(fit["mouth_gap_mm"]),
        "smile": float(fit["smile"]),
        "blink": (round(blink[0], 2), round(blink[1], 2)),
        "eyes": eyes,
        "occlusion": _occlusion(portrait.pixels, frame, portrait.landmarks, eyes),
        "matte_confidence": round(portrait.matte_confidence, 3),
    }
    found = _judge(Quality(**measured, lowered=(), warnings=()))
    lowered = tuple(text for text, _ in found if text)
    return Quality(**measured, lowered=lowered, warnings=tuple(text for _, text in found))


def _judge(q: Quality) -> list[tuple[str, str]]:
    """What was lowered (or nothing, "") and what to tell, the worst first."""
    turned = abs(q.yaw) / SIDEWAYS >= abs(q.pitch) / NODDED
    found = [
        (
            q.face_px < SMALL_FACE,
            "",
            f"The face is small, {q.face_px:.0f} pixels between the eyes where {SMALL_FACE:.0f} or more are "
            "good: use a larger picture, or one taken from nearer.",
        ),
        (
            abs(q.yaw) > SIDEWAYS and turned,
            "",
            f"The head is turned {abs(q.yaw):.0f} degrees to the side: use a photo that faces the camera.",
        ),
        (
            abs(q.pitch) > NODDED and not turned,
            "",
            f"The head is tipped {abs(q.pitch):.0f} degrees: use a photo taken at eye level.",
        ),
        (q.sharpness < BLURRED, "", "The face is blurred: use a photo in focus that was not enlarged."),
        (
            "hidden" in q.eyes,
            "blinks and gaze",
            "Dark or mirroring glasses seem to hide the eyes, which will not blink: use a photo without.",
        ),
        (
            "hidden" not in q.eyes and "closed" in q.eyes,
            "blinks and gaze",
            "An eye is shut in the photo and stays so: use a photo with open eyes.",
        ),
        (
            "unclear" in q.eyes,
            "blinks and gaze",
            "The eyes are drawn elsewhere than they were found and will not blink: give their landmarks.",
        ),
        (
            q.mouth_gap_mm > WIDE_OPEN,
            "",
            f"The mouth is open by {q.mouth_gap_mm:.0f} mm: use a photo with the lips together or a smile.",
        ),
        (
            q.matte_confidence < LEAST_MATTE,
            "edge between head and background",
            "The person is hard to tell from the background: use a photo before a plain one.",
        ),
    ]
    return [(lowered, warning) for true, lowered, warning in found if true]


def _sharpness(portrait: Portrait) -> float:
    """Deviation of the Laplacian over that of the luminance, from brows to mouth, all faces at one size.

    The variance of the Laplacian (Pech-Pacheco et al. 2000), but light and size do not matter. A smaller face
    is enlarged first, and so counts as blurred as it will look.
    """
    import cv2

    zoom = MEASURED / portrait.interpupillary
    low = np.clip(portrait.landmarks[17:].min(0) - 0.2 * portrait.interpupillary, 0, None).astype(int)
    high = np.ceil(portrait.landmarks[17:].max(0) + 0.2 * portrait.interpupillary).astype(int)
    part = (portrait.pixels[low[1] : high[1], low[0] : high[0], :3] @ LUMINANCE).astype(np.float32)
    way = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    grey = cv2.resize(part, None, fx=zoom, fy=zoom, interpolation=way)
    return float(cv2.Laplacian(grey, cv2.CV_32F).std() / max(float(grey.std()), 1.0))


def _occlusion(photo: NDArray[np.uint8], frame: FaceFrame, landmarks: Array, eyes: tuple[str, str]) -> str:
    if "hidden" in eyes:
        return "dark glasses"
    return "glasses" if wears_glasses(photo, frame, landmarks) else "none"


def _eyes_in_words(eyes: tuple[str, str]) -> str:
    if eyes[0] == eyes[1]:
        return f"eyes {eyes[0]}"
    return ", ".join(
        f"{side} eye {s}" for side, s in zip(("right", "left"), eyes, strict=True) if s != "open"
    )
