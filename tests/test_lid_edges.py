"""Lids cut where lashes and skin begin."""

import numpy as np
import pytest
from numpy.typing import NDArray

from phiz.portrait.contours import eye_edge
from phiz.portrait.frame import FaceFrame
from phiz.portrait.lid_edges import LidEdges, settle_lids

Array = NDArray[np.float64]
FRAME = FaceFrame(np.array([150.0, 100.0]), 4.0, np.eye(3))  # 4 pixels a millimetre
SKIN, WHITE, LASHES = (224, 172, 145), (238, 236, 232), (40, 25, 22)
WIDE, HIGH, THICK = 14.0, 6.0, 1.0  # millimetres: half an eye, and its lashes


def drawn_eye(iris: tuple[int, int, int]) -> NDArray[np.uint8]:
    """An eye about the middle of a picture [200, 300, 3], lashes along its upper lid."""
    y, x = np.mgrid[0:200, 0:300]
    across, up = FRAME.to_face(np.stack([x + 0.5, y + 0.5], -1).reshape(-1, 2)).T
    lid = HIGH * (1 - (across / WIDE) ** 2)
    colour = np.where((np.abs(up) < lid)[:, None], WHITE, SKIN)
    colour = np.where((np.abs(up) < lid)[:, None] & (np.hypot(across, up) < 5.9)[:, None], iris, colour)
    lashes = (up >= lid) & (up < lid + THICK) & (np.abs(across) < WIDE)
    colour = np.where(lashes[:, None], LASHES, colour)
    grain = np.random.default_rng(5).normal(0, 2, (len(colour), 1))
    return np.clip(colour + grain, 0, 255).astype(np.uint8).reshape(200, 300, 3)


def landmarks(inside: float) -> Array:
    """Six landmarks [6, 2] that lie so many millimetres within the eye's lids."""
    x = np.array([-WIDE, -5.0, 5.0, WIDE, 5.0, -5.0])
    y = (HIGH * (1 - (x / WIDE) ** 2) - inside) * np.array([0, 1, 1, 0, -1, -1])
    return np.stack([x, y], axis=1)


def heights(edges: LidEdges, across: Array) -> tuple[Array, Array]:
    """Of the upper and of the lower cut at places across the eye."""
    half = len(edges.cut) // 2
    upper, lower = edges.cut[: half + 1], np.concatenate([edges.cut[:1], edges.cut[: half - 1 : -1]])
    return np.interp(across, *upper.T), np.interp(across, *lower.T)


@pytest.mark.parametrize("inside", [-0.3, 0.0, 0.3, 0.6])
@pytest.mark.parametrize("iris", [(70, 120, 190), LASHES])
def test_lids_are_cut_where_lashes_and_skin_begin(inside: float, iris: tuple[int, int, int]) -> None:
    edges = settle_lids(drawn_eye(iris), FRAME, eye_edge(landmarks(inside)))
    across = np.linspace(-10, 10, 21)
    lid = HIGH * (1 - (across / WIDE) ** 2)
    upper, lower = heights(edges, across)
    assert np.all(upper > lid - 0.4)  # no strip of eye on the upper lid,
    assert np.all(upper < lid + THICK)  # whose lashes go with it,
    assert np.all(-lower > lid - 0.4)  # nor on the lower one
    assert np.all(-lower < lid + 0.8)


def test_an_eye_of_the_colour_of_its_skin_is_left_alone() -> None:
    photo = np.broadcast_to(np.array(SKIN, np.uint8), (200, 300, 3)).copy()
    edge = eye_edge(landmarks(0.0))
    assert np.abs(settle_lids(photo, FRAME, edge).cut - edge).max() < 1e-9


def test_an_eye_in_the_mirror_is_cut_alike() -> None:
    photo = drawn_eye((70, 120, 190))
    edge, half = eye_edge(landmarks(0.7)), 14
    turned = np.concatenate([np.arange(half, -1, -1), np.arange(2 * half - 1, half, -1)])
    mirrored = settle_lids(photo[:, ::-1].copy(), FRAME, edge[turned] * (-1, 1)).cut[turned] * (-1, 1)
    assert np.abs(mirrored - settle_lids(photo, FRAME, edge).cut).max() < 0.2
