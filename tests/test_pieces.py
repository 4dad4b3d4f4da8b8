"""The photo taken apart: laid over each other the pieces are the photo, and none is larger than needed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phiz.portrait.frame import canonical_points, fit_frame
from phiz.portrait.pieces import Piece, cut_photo, trimmed
from phiz.portrait.portrait import Portrait

WIDTH, HEIGHT = 330, 410  # no multiples of a cell or a block


def make_portrait(seed, *, room=None, alpha=255, clear=False):
    """Noise for a picture, and a matte with hard, soft and empty parts."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    pixels[..., 3] = alpha
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    matte = np.clip((120 - np.hypot(x - 165, y - 190)) / 25, 0, 1)
    matte = np.where(y > 260, np.clip((140 - np.abs(x - 165)) / 9, 0, 1), matte).astype(np.float32)
    behind = random.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    background = np.where((matte > 0)[..., None], behind, pixels[..., :3])
    foreground = pixels[..., :3].copy()
    if clear:
        pixels[..., 3] = np.round(matte * 255)
        background = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    landmarks = canonical_points()[0][:, :2] * (0.95, -0.95) + (
        165.0,
        165.0,
    )  # a head 60 pixels between the eyes
    return Portrait(pixels, landmarks, matte, foreground, background, 1.0, room=room)


def laid(pieces, size=(HEIGHT, WIDTH)):
    """The pieces over each other in straight alpha: colour [h, w, 3] and alpha [h, w], 0..255."""
    colour, alpha = np.zeros((*size, 3)), np.zeros(size)
    for piece in pieces:
        height, width = piece.pixels.shape[:2]
        part = slice(piece.top, piece.top + height), slice(piece.left, piece.left + width)
        share = piece.pixels[..., 3] / 255
        total = share + (1 - share) * alpha[part] / 255
        mixed = (
            piece.pixels[..., :3] * share[..., None]
            + colour[part] * ((1 - share) * alpha[part] / 255)[..., None]
        )
        colour[part] = mixed / np.maximum(total, 1e-9)[..., None]
        alpha[part] = total * 255
    return colour, alpha


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 10**6))
def test_the_pieces_together_are_the_photo(seed):
    portrait = make_portrait(seed)
    pieces = cut_photo(portrait, fit_frame(portrait.landmarks), layered=True)
    colour, alpha = laid(pieces[name] for name in ("photo", "behind", "person"))
    assert (alpha == 255).all()
    assert np.abs(colour - portrait.pixels[..., :3]).max() < 1.0
    behind, _ = laid(pieces[name] for name in ("photo", "behind"))
    covered = laid([pieces["person"]])[1] == 255
    head = covered & (np.hypot(*(np.mgrid[:HEIGHT, :WIDTH] - np.array([190, 165])[:, None, None])) < 70)
    np.testing.assert_array_equal(behind[head], portrait.background[head])


def test_what_never_moves_is_in_the_photo_alone():
    portrait = make_portrait(1)
    pieces = cut_photo(portrait, fit_frame(portrait.landmarks), layered=True)
    for name in ("behind", "person"):
        assert (laid([pieces[name]])[1][-20:] == 0).all()
        assert pieces[name].pixels.shape[0] < HEIGHT
    assert pieces["photo"].pixels is portrait.pixels


def test_an_untrusted_matte_cuts_nothing():
    portrait = make_portrait(2, alpha=128)
    (piece,) = cut_photo(portrait, fit_frame(portrait.landmarks), layered=False).values()
    assert (piece.pixels[..., 3] == 255).all()


@pytest.mark.parametrize("layered", [True, False])
def test_with_nothing_behind_the_alpha_is_kept(layered):
    portrait = make_portrait(3, clear=True)
    pieces = cut_photo(portrait, fit_frame(portrait.landmarks), layered=layered)
    assert "photo" not in pieces
    colour, alpha = laid(pieces.values())
    assert np.abs(alpha - portrait.pixels[..., 3]).max() < 1.0
    seen = portrait.pixels[..., 3] > 0
    assert np.abs(colour - portrait.pixels[..., :3])[seen].max() < 1.0


def test_a_trimmed_piece_has_what_its_triangles_show():
    random = np.random.default_rng(6)
    piece = Piece(random.integers(1, 256, (300, 200, 4), dtype=np.uint8), 40, 50)
    corners = np.array([[[60.0, 70.0], [60.0, 120.0], [110.0, 100.0]]])
    small = trimmed(piece, corners, 320)
    x, y = np.meshgrid(np.arange(62, 80) + 0.5, np.arange(95, 105) + 0.5)
    inside = np.stack([x.ravel(), y.ravel()], 1)
    for part in (piece, small):
        places = (part.uvs(inside) * part.pixels.shape[1::-1] - 0.5).round().astype(int)
        seen = part.pixels[places[:, 1], places[:, 0]]
        np.testing.assert_array_equal(
            seen, piece.pixels[y.ravel().astype(int) - 50, x.ravel().astype(int) - 40]
        )
    assert small.pixels.size < piece.pixels.size / 6
    np.testing.assert_allclose(small.corners[0], (small.left, small.top))
    np.testing.assert_allclose(small.uvs(small.corners), [[0, 0], [0, 1], [1, 1], [1, 0]])
