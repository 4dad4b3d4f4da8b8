"""A part of the photo as an eye sees its differences: softened, in CIE Lab, looked up in face coordinates."""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.frame import FaceFrame

__all__ = ["LabView"]

Array = NDArray[np.float64]

MARGIN = 3  # pixels around what is looked at


class LabView:
    """Colours of the photo around some places of a face."""

    def __init__(self, photo: NDArray[np.uint8], frame: FaceFrame, around: Array, blur: float) -> None:
        """photo: uint8 [h, w, 3 or 4]. around: float64 [n, 2] in face coordinates, what is looked at lies
        between them. blur: pixels, the standard deviation of what softens it."""
        import cv2

        self.frame = frame
        picture = frame.to_picture(around)
        limit = np.array(photo.shape[1::-1])
        self.first = np.clip(np.floor(picture.min(0)).astype(int) - MARGIN, 0, limit - 1)
        last = np.clip(np.ceil(picture.max(0)).astype(int) + MARGIN, self.first + 1, limit)
        part = photo[self.first[1] : last[1], self.first[0] : last[0], :3].astype(np.float32) / 255
        lab = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2LAB)
        self.lab = cv2.GaussianBlur(lab, (0, 0), blur)

    def __call__(self, face: Array) -> Array:
        """CIE Lab [..., 3] at face coordinates [..., 2]."""
        import cv2

        places = self.frame.to_picture(face.reshape(-1, 2)) - self.first - 0.5
        x, y = places.astype(np.float32).T
        found = cv2.remap(self.lab, x[None], y[None], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(found[0], np.float64).reshape(*face.shape[:-1], 3)
