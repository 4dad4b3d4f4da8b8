"""Pieces of the photo that show through an opening, carried on under its edges."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Patch", "cut_patch", "fill_outwards", "polygon_mask"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Patch:
    """A rectangle of the photo.

    colour: float64 [height, width, 3], 0..255. inside: float64 [height, width], how much of each pixel lies
    in the opening. corner: picture coordinates of the rectangle's top left corner.
    """

    colour: Array
    inside: Array
    corner: Array

    @property
    def touched(self) -> NDArray[np.bool_]:
        """Pixels that a renderer may see through the opening: in it, or next to it."""
        from scipy.ndimage import binary_dilation

        return np.asarray(binary_dilation(self.inside > 0, iterations=1))

    @property
    def opaque(self) -> NDArray[np.uint8]:
        """The rectangle as a texture, RGBA."""
        return np.dstack([self.colour, np.full(self.inside.shape, 255)]).astype(np.uint8)

    @property
    def size(self) -> Array:
        """Width and height in pixels."""
        return np.array(self.inside.shape[::-1], np.float64)

    def within(self, outline: Array) -> "Patch":
        """The rectangle with an opening of that outline [n, 2], in picture coordinates."""
        height, width = self.inside.shape
        return Patch(self.colour, polygon_mask(outline - self.corner, width, height), self.corner)

    def turned(self, quarters: int) -> "Patch":
        """The rectangle turned anticlockwise by so many right angles; its corner stays where it was."""
        return Patch(np.rot90(self.colour, quarters), np.rot90(self.inside, quarters), self.corner)

    def uvs(self, picture: Array) -> Array:
        """Texture coordinates [n, 2] of picture coordinates [n, 2]."""
        return np.asarray((picture - self.corner) / self.size)

    def centres(self) -> Array:
        """Picture coordinates [height, width, 2] of the pixels' centres."""
        rows, columns = np.indices(self.inside.shape)
        return np.stack([columns, rows], axis=-1) + 0.5 + self.corner


def cut_patch(photo: NDArray[np.uint8], outline: Array, margin: float) -> Patch:
    """The rectangle around `outline` [n, 2] (picture coordinates), `margin` pixels wider, clipped to the
    photo."""
    limit = np.array([photo.shape[1], photo.shape[0]])
    low = np.clip(np.floor(outline.min(0) - margin).astype(int), 0, limit - 2)
    high = np.clip(np.ceil(outline.max(0) + margin).astype(int), low + 2, limit)
    colour = photo[low[1] : high[1], low[0] : high[0], :3].astype(np.float64)
    inside = polygon_mask(outline - low, colour.shape[1], colour.shape[0])
    return Patch(colour, inside, low.astype(np.float64))


def polygon_mask(outline: Array, width: int, height: int) -> Array:
    """Share of each pixel, float64 [height, width], that lies inside the polygon [n, 2]."""
    from PIL import Image, ImageDraw

    factor = 8
    large = Image.new("L", (width * factor, height * factor), 0)
    ImageDraw.Draw(large).polygon([(float(x) * factor, float(y) * factor) for x, y in outline], fill=255)
    return np.asarray(np.asarray(large.reduce(factor), np.float64) / 255)


def fill_outwards(colour: Array, known: NDArray[np.bool_], blur: float) -> Array:
    """Colours [h, w, 3] with everything not `known` taken from the nearest known pixel and softened by
    `blur` pixels."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    if known.all() or not known.any():
        return colour
    rows, columns = distance_transform_edt(~known, return_distances=False, return_indices=True)
    nearest = colour[rows, columns]
    soft = np.stack([gaussian_filter(nearest[..., k], blur, mode="nearest") for k in range(3)], axis=-1)
    return np.where(known[..., None], colour, soft)
