"""The photo taken apart into textures: the photo itself, what is painted behind the person, and the person.

Only what differs from the photo is kept beside it, each as small a rectangle as holds it.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from phiz.portrait.breath import Breath
from phiz.portrait.frame import FaceFrame
from phiz.portrait.image import on_white
from phiz.portrait.joints import joint_weights
from phiz.portrait.matting import Part, blocks
from phiz.portrait.portrait import Portrait
from phiz.portrait.room import held

__all__ = ["Piece", "cut_photo", "trimmed"]

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Cells = tuple[NDArray[np.float32], NDArray[np.bool_]]

CELL = 8  # pixels a side, of the grid on which motion is looked up
MOVING = (0.04, 0.3)  # share of the joints, or of a breath, over which the person parts from the background
DEEP = 8.0  # millimetres inside the person's outline, where breathing uncovers nothing
SKIRT = 2  # pixels beyond what is seen of a piece that keep their colour, for filters to read
COARSE = 64  # of the picture's longer side: so far beyond its triangles a trimmed piece goes on, ...
BLOCK = 8  # ... in blocks of as many pixels


@dataclass(frozen=True, eq=False)
class Piece:
    """A rectangle of the picture as a texture.

    pixels: uint8 [height, width, 4], straight alpha. left, top: its place in whole pixels of the picture.
    """

    pixels: Pixels
    left: int = 0
    top: int = 0

    @property
    def corners(self) -> Array:
        """Picture coordinates [4, 2], from the top left by the bottom left."""
        height, width = self.pixels.shape[:2]
        unit = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], np.float64)
        return unit * (width, height) + (self.left, self.top)

    def uvs(self, picture: Array) -> Array:
        """Texture coordinates [n, 2] of picture coordinates [n, 2]."""
        height, width = self.pixels.shape[:2]
        return np.asarray((picture - (self.left, self.top)) / (width, height))

    def cropped(self, mask: NDArray[np.bool_] | Pixels) -> "Piece":
        """The smallest rectangle that holds all of `mask` [height, width], at least one pixel."""
        x, y, width, height = cv2.boundingRect(np.asarray(mask, np.uint8))
        width, height = max(1, width), max(1, height)
        pixels = np.ascontiguousarray(self.pixels[y : y + height, x : x + width])
        return Piece(pixels, self.left + x, self.top + y)


def cut_photo(portrait: Portrait, frame: FaceFrame, *, layered: bool) -> dict[str, Piece]:
    """The pieces `photo`, `behind` and `person`, which laid over each other in this order are the photo.

    The person is cut out only where the head's motion reaches; elsewhere there is only the photo. `behind`
    covers the person with what is painted there. Where the person is see-through, the person's colour is
    solved from the photo and what is behind; where that colour would leave 0..255, the person is made less
    see-through until it does not.
    Unless `layered` there is the photo alone. With nothing behind the person there are `still`, what of it
    never moves, and `person`.
    """
    if portrait.background.shape[2] == 4:
        return _clear_pieces(portrait, frame, layered=layered)
    photo = np.ascontiguousarray(portrait.pixels)
    if photo[..., 3].min() < 255:
        photo = cv2.cvtColor(on_white(photo), cv2.COLOR_RGB2RGBA)
    if not layered:
        return {"photo": Piece(photo)}
    share, covered = _moving(portrait, frame)
    rows, columns = np.nonzero(share)
    if not len(rows):
        return {"photo": Piece(photo)}
    # Empty around, so that nothing is smeared outwards where the texture ends.
    margin = CELL + max(portrait.width, portrait.height) // COARSE
    left, top = max(0, int(columns.min()) * CELL - margin), max(0, int(rows.min()) * CELL - margin)
    right = min(portrait.width, (int(columns.max()) + 1) * CELL + margin)
    bottom = min(portrait.height, (int(rows.max()) + 1) * CELL + margin)
    blank = Piece(np.zeros((bottom - top, right - left, 4), np.uint8), left, top)
    behind, person = blank, replace(blank, pixels=blank.pixels.copy())
    for own in blocks(blank.pixels.shape):
        _part(portrait, photo, (share, covered), own, behind, person)
    _add_skirts(photo, behind)
    return {
        "photo": Piece(photo),
        "behind": behind.cropped(_words(behind.pixels) > 0),
        "person": person,
    }


def _part(portrait: Portrait, photo: Pixels, cells: Cells, own: Part, behind: Piece, person: Piece) -> None:
    """Fill one part of both pieces: of what is behind, where it differs from the photo, and of the person.

    cells: from `_moving`. own: which part, in pixels of the pieces.
    """
    rows, columns = own
    part = (
        slice(rows.start + person.top, rows.stop + person.top),
        slice(columns.start + person.left, columns.stop + person.left),
    )
    seen, painted, matte = photo[part][..., :3], portrait.background[part], portrait.matte[part]
    share, covered = _enlarged(cells[0], part), _spread(cells[1], part)
    if covered.any():
        painted = np.where(covered[..., None], seen, painted)
    differs = np.zeros(matte.shape, bool)
    for k in range(3):
        differs |= seen[..., k] != painted[..., k]
    if not (differs.any() or matte.any()):
        return
    whole = (matte >= 1) & (share >= 1)
    _words(person.pixels)[own] = np.where(whole, _words(photo)[part], 0)
    opaque = np.asarray(cv2.cvtColor(painted, cv2.COLOR_RGB2RGBA), np.uint8)
    _words(behind.pixels)[own] = np.where(whole & differs, _words(opaque), 0)
    mixed = (share > 0) & ((matte > 0) | differs) & ~whole
    if not mixed.any():
        return
    colour, amount = seen[mixed].astype(np.float32), share[mixed][:, None]
    back = np.rint(colour + amount * (painted[mixed] - colour))
    alpha = np.rint(matte[mixed][:, None] * amount * 255) / np.float32(255)
    room = np.where(colour > back, 255 - back, back)
    needed = (np.abs(colour - back) / np.maximum(room, 1)).max(1, keepdims=True)
    alpha = np.maximum(alpha, np.ceil(np.minimum(needed, 1) * 255) / np.float32(255))
    solved = np.clip(np.rint((colour - (1 - alpha) * back) / np.maximum(alpha, np.float32(1 / 255))), 0, 255)
    solved = np.where(alpha > 0, solved, portrait.foreground[part][mixed])
    person.pixels[own][mixed] = np.concatenate([solved, np.rint(alpha * 255)], axis=1)
    changed = np.any(back != colour, axis=1, keepdims=True)
    behind.pixels[own][mixed] = np.where(changed, np.concatenate([back, np.full_like(alpha, 255)], axis=1), 0)


def _words(pixels: Pixels) -> NDArray[np.uint32]:
    """RGBA pixels as one number each, uint32 [h, w], in the same memory."""
    return pixels.view(np.uint32)[..., 0]


def _add_skirts(photo: Pixels, behind: Piece) -> None:
    """The photo's own colours around what is painted, so that filters read nothing else there."""
    height, width = behind.pixels.shape[:2]
    seen = photo[behind.top : behind.top + height, behind.left : behind.left + width]
    painted = (behind.pixels[..., 3] > 0).astype(np.uint8)
    for reach, alpha in ((SKIRT, 255), (2 * SKIRT, 0)):
        around = _grown(painted, reach) & (_words(behind.pixels) == 0)
        behind.pixels[around, :3] = seen[around, :3]
        behind.pixels[around, 3] = alpha


def _clear_pieces(portrait: Portrait, frame: FaceFrame, *, layered: bool) -> dict[str, Piece]:
    """As `cut_photo` with nothing behind."""
    alpha = portrait.pixels[..., 3].astype(np.float32) / np.float32(255)
    moving = np.ones_like(alpha)
    if layered:
        moving = _enlarged(_moving(portrait, frame)[0], (slice(0, portrait.height), slice(0, portrait.width)))
        # Other persons in the picture stay: of the alpha only the matte is this one's.
        moving = moving * np.clip((portrait.matte + np.float32(1 / 255)) / np.maximum(alpha, 1 / 255), 0, 1)
    still = np.rint(alpha * (1 - moving) * 255) / np.float32(255)
    # Laid over what is still, the rest gives `alpha` again: person + (1 - person) * still = alpha.
    person = (alpha - still) / np.maximum(1 - still, np.float32(1 / 255))
    pieces = {}
    for name, shares in (("still", still), ("person", person)):
        visible = np.rint(shares * 255).astype(np.uint8)
        near = _grown((visible > 0).astype(np.uint8), SKIRT)
        pixels = np.dstack([portrait.pixels[..., :3], visible])
        pixels[~near] = 0
        if visible.any():
            pieces[name] = Piece(pixels).cropped(near)
    return pieces


def _moving(portrait: Portrait, frame: FaceFrame) -> Cells:
    """Per cell of the picture, 0 where the person never moves, 1 where it moves enough to need a background
    of its own; and whether the person always covers it. Cells that reach beyond the picture's end are whole.
    """
    rows, columns = np.mgrid[: -(-portrait.height // CELL), : -(-portrait.width // CELL)]
    picture = (np.stack([columns.ravel(), rows.ravel()], axis=1) + 0.5) * CELL
    chin = float(frame.to_face(portrait.landmarks[8:9])[0, 1])
    weights = held(joint_weights(frame.to_face(picture), chin, layered=True), portrait.room, picture)
    turns = 1 - weights[:, 0]
    most = np.maximum(turns, Breath(portrait, frame).amount(picture))
    share = np.clip((most - MOVING[0]) / (MOVING[1] - MOVING[0]), 0, 1).reshape(rows.shape)
    bare = (portrait.matte < 1).astype(np.uint8) * np.uint8(255)
    bare = np.asarray(cv2.resize(bare, rows.shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    covered = ~_grown(bare, int(np.ceil(DEEP * frame.scale / CELL))) & (turns <= MOVING[0]).reshape(
        rows.shape
    )
    return np.where(covered, share > 0, share).astype(np.float32), covered


def _spread(cells: NDArray[np.bool_], part: Part) -> NDArray[np.bool_]:
    """A part of the picture, each pixel as its cell."""
    rows, columns = (np.arange(side.start, side.stop) // CELL for side in part)
    return np.asarray(cells[np.ix_(rows, columns)])


def _enlarged(cells: NDArray[np.float32], part: Part) -> NDArray[np.float32]:
    """A part of the picture between the centres of its cells."""
    rows, columns = part
    start = (np.array([columns.start, rows.start]) + 0.5) / CELL - 0.5
    matrix = np.array([[1 / CELL, 0, start[0]], [0, 1 / CELL, start[1]]])
    part_of = cv2.warpAffine(
        cells, matrix, (columns.stop - columns.start, rows.stop - rows.start),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(part_of, np.float32)


def trimmed(piece: Piece, corners: Array, longest: int) -> Piece:
    """The piece as far as triangles need it, whose corners are at picture coordinates [n, 3, 2].

    Around them it goes on in coarse blocks, which is enough for pictures drawn smaller than the photo; all
    else is cut away or empty. longest: the picture's longer side in pixels.
    """
    height, width = piece.pixels.shape[:2]
    near = np.zeros((height, width), np.uint8)
    fixed = np.rint((corners - (piece.left, piece.top) - 0.5) * 16).astype(np.int32)
    for triangle in fixed:
        cv2.fillConvexPoly(near, triangle, 1, shift=4)
    exact = _grown(near, SKIRT + 1)
    around = _grown(near, max(SKIRT + 1, longest // COARSE))
    pixels = np.where(exact, _words(piece.pixels), 0).view(np.uint8).reshape(piece.pixels.shape)
    coarse = around & ~exact
    rows, columns = np.nonzero(coarse)
    centre = np.minimum(np.stack([rows, columns]) // BLOCK * BLOCK + BLOCK // 2, [[height - 1], [width - 1]])
    pixels[rows, columns] = piece.pixels[centre[0], centre[1]]
    return replace(piece, pixels=pixels).cropped(around)


def _grown(mask: Pixels, pixels: int) -> NDArray[np.bool_]:
    """Everything at most so many pixels, along rows and columns, from `mask`."""
    return np.asarray(cv2.dilate(mask, np.ones((2 * pixels + 1,) * 2, np.uint8)), bool)
