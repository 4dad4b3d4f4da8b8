"""Depth of a person in a picture: the canonical face under the landmarks, a skull and a neck around it."""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.frame import FaceFrame, canonical_points
from phiz.portrait.interpolation import ThinPlate

__all__ = ["DepthField", "Relief", "fit_depth"]

Array = NDArray[np.float64]

SMOOTHING = 2.0  # of the thin-plate spline; the canonical depths are good to a few millimetres
# millimetres of depth a millimetre: the head can turn by 14 degrees and more before it hides itself
STEEPEST = 2.6
TURNED = (10.0, 25.0)  # degrees of yaw from and to which the share of the way from the surface above
LOWERED = (0.5, 0.1)  # to the one below falls
REACH = np.array([[-150.0, -240.0], [150.0, 130.0]])  # millimetres; depth is constant beyond
CHUNK = 256  # places that are worked on at a time, to keep memory small
RANGE = (-120.0, 45.0)  # millimetres behind and before the eyes that a head can reach


class DepthField:
    """Smooth depth in millimetres (+ towards the viewer) over face coordinates."""

    def __init__(self, places: Array, depths: Array) -> None:
        self._spline = ThinPlate(places, depths, SMOOTHING)

    def __call__(self, face: Array) -> Array:
        """Depth [n] in millimetres at face coordinates [n, 2]."""
        return np.asarray(np.clip(self._spline(np.clip(face, *REACH)), *RANGE))


def fit_depth(frame: FaceFrame, landmarks: Array) -> DepthField:
    """Depth of the canonical face turned as `frame` says, carried to where the landmarks really are.

    landmarks: float64 [68, 2] in picture coordinates.
    """
    canonical, others = canonical_points()
    turned = others @ frame.rotation.T
    depths = np.concatenate([(canonical @ frame.rotation.T)[:, 2], turned[:, 2]])
    places = np.concatenate([frame.to_face(landmarks), turned[:, :2] @ frame.roll])
    return DepthField(places, depths)


class Relief:
    """Depth that is nowhere steeper than `STEEPEST`.

    At given places it lies between the least such surface above given depths and the greatest below: halfway
    in a head seen from the front. In a turned one it is near the former: the far cheek comes up to the nose,
    rather than the nose down to it. Elsewhere it is halfway between the bounds that those places set.
    """

    def __init__(self, places: Array, depths: Array, yaw: float = 0.0) -> None:
        """places: float64 [n, 2] and depths: float64 [n], in millimetres. yaw: of the head, radians."""
        self._places, self._depths = places, depths
        above, below = self._bounds(places)
        share = np.interp(np.degrees(abs(yaw)), TURNED, LOWERED)
        self._depths = above + share * (below - above)

    def __call__(self, face: Array) -> Array:
        """Depth [m] in millimetres at face coordinates [m, 2]."""
        return np.asarray(sum(self._bounds(face)) / 2)

    def _bounds(self, face: Array) -> tuple[Array, Array]:
        """The least surface above the depths and the greatest below them, [m] each."""
        from scipy.spatial.distance import cdist

        above, below = np.empty(len(face)), np.empty(len(face))
        for first in range(0, len(face), CHUNK):
            part = slice(first, first + CHUNK)
            reach = STEEPEST * cdist(face[part], self._places)
            above[part], below[part] = (self._depths - reach).max(1), (self._depths + reach).min(1)
        return above, below
