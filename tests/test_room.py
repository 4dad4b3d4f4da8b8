"""Where each of several heads may move."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.portrait.faces import Face
from phiz.portrait.room import SEAM, held, rooms

FACES = st.lists(
    st.builds(
        lambda x, y, side, roll: Face((x, y), side, roll, 1.0),
        st.floats(0, 400), st.floats(0, 300), st.floats(30, 120), st.floats(-0.5, 0.5),
    ),
    min_size=2, max_size=5,
    unique_by=lambda face: (round(face.centre[0] / 20), round(face.centre[1] / 20)),
)  # fmt: skip
GRID = np.stack(np.meshgrid(np.arange(-50, 450, 3.0), np.arange(-50, 350, 3.0)), -1).reshape(-1, 2)


@settings(deadline=None, max_examples=40)
@given(FACES)
def test_heads_share_the_picture(faces: list[Face]) -> None:
    found = rooms(faces)
    holds = np.array([room.hold(GRID) for room in found if room])
    inside = np.array([room.inside(GRID) for room in found if room])
    assert len(holds) == len(faces)
    assert ((holds >= 0) & (holds <= 1) & (inside >= 0) & (inside <= 1)).all()
    assert ((inside > 0).sum(0) <= 1).all()  # a place is drawn by one head
    assert (inside[holds > 0] == 1).all()  # what moves is drawn fully
    for room in found:
        assert room
        left, top, right, bottom = room.box(400, 300)
        x, y = GRID.T
        within = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
        picture = (x >= 0) & (x <= 400) & (y >= 0) & (y <= 300)
        assert not (room.inside(GRID) > 0)[~within & picture].any()
        assert 0 < room.turn <= 1


@settings(deadline=None, max_examples=20)
@given(FACES, st.floats(-99, 99), st.floats(-99, 99))
def test_a_room_moves_with_its_picture(faces: list[Face], x: float, y: float) -> None:
    for room in rooms(faces):
        assert room
        np.testing.assert_allclose(
            room.moved((x, y)).hold(GRID + np.array([x, y])), room.hold(GRID), atol=1e-9
        )


def test_heads_far_apart_are_free_and_touching_ones_are_not() -> None:
    def pair(apart: float) -> list[Face]:
        return [Face((100.0, 100.0), 60.0, 0.0, 1.0), Face((100.0 + apart, 100.0), 60.0, 0.0, 1.0)]

    far, near = rooms(pair(300)), rooms(pair(70))
    assert far[0]
    assert near[0]
    assert (far[0].turn, far[0].hold(np.array([far[0].centre]))[0]) == (1.0, 1.0)
    assert near[0].turn < 0.6
    radius = far[0].radius
    edge = far[0].centre + np.array([1.1 * radius, 0])
    assert far[0].hold(np.array([edge]))[0] == 1.0
    border = near[0].centre + np.array([35.0 - SEAM * radius, 0])
    assert near[0].hold(np.array([border]))[0] == 0.0


def test_one_face_alone_is_held_by_nothing() -> None:
    assert rooms([Face((10.0, 10.0), 60.0, 0.0, 1.0)]) == [None]
    weights = np.array([[0.2, 0.3, 0.5]])
    assert held(weights, None, np.zeros((1, 2))) is weights


@settings(deadline=None, max_examples=20)
@given(FACES)
def test_what_is_let_go_falls_to_the_still_joint(faces: list[Face]) -> None:
    weights = np.random.default_rng(0).dirichlet([1, 1, 1], len(GRID))
    for room in rooms(faces):
        assert room
        shares = held(weights, room, GRID)
        np.testing.assert_allclose(shares.sum(1), 1)
        np.testing.assert_allclose(shares[:, 1:], weights[:, 1:] * room.hold(GRID)[:, None])
