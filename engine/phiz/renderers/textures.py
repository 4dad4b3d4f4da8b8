"""Textures made ready to be sampled: shrunk to the output's resolution, premultiplied, and looked through."""

import numpy as np
from numpy.typing import NDArray

from phiz.jit import jit

__all__ = ["alpha_ranges", "prepare_texture", "straight", "unpremultiply"]

WORTH_SHRINKING = (
    1.05  # texels per pixel; below, a texture is left as it is so that a rig at rest stays exact
)


def prepare_texture(
    texture: NDArray[np.uint8], blend: bool, density: tuple[float, float]
) -> NDArray[np.uint8]:
    """Premultiplied uint8 [h, w, 4] of a straight-alpha texture; alpha is 255 throughout unless `blend`.

    density: texels per output pixel across and down; a texture denser than the output is averaged down to it.
    Colour is weighted by alpha before it is averaged, so what lies beneath alpha 0 never shows.
    """
    height, width = texture.shape[:2]
    target = [
        max(1, round(n / d)) if d > WORTH_SHRINKING else n
        for n, d in zip((width, height), density, strict=True)
    ]
    source = np.array(texture, np.uint8, order="C")
    if not blend:
        source[..., 3] = 255
    if target != [width, height]:
        return shrink(source, target[0], target[1])
    alpha = source[..., 3:4].astype(np.uint16)
    source[..., :3] = (source[..., :3] * alpha + 127) // 255
    return source


@jit
def shrink(source: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Area average of straight-alpha `source` in `width` x `height` texels, premultiplied."""
    tall, wide = source.shape[0], source.shape[1]
    result = np.empty((height, width, 4), np.uint8)
    for j in range(height):
        top, bottom = j * tall / height, (j + 1) * tall / height
        for i in range(width):
            left, right = i * wide / width, (i + 1) * wide / width
            r = g = b = a = area = 0.0
            for y in range(int(top), min(int(np.ceil(bottom)), tall)):
                rows = min(bottom, y + 1.0) - max(top, float(y))
                for x in range(int(left), min(int(np.ceil(right)), wide)):
                    share = rows * (min(right, x + 1.0) - max(left, float(x)))
                    weight = share * source[y, x, 3]
                    r += weight * source[y, x, 0]
                    g += weight * source[y, x, 1]
                    b += weight * source[y, x, 2]
                    a += weight
                    area += share
            result[j, i, 0] = int(r / (area * 255.0) + 0.5)
            result[j, i, 1] = int(g / (area * 255.0) + 0.5)
            result[j, i, 2] = int(b / (area * 255.0) + 0.5)
            result[j, i, 3] = int(a / area + 0.5)
    return result


def alpha_ranges(texture: NDArray[np.uint8], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which alphas are found in texel boxes [n, 4] (left, top, right, bottom) and what filtering reads around
    them.

    bool [n, 4]: any above 0, any below 128, any of at least 128, any below 255.
    """
    height, width = texture.shape[:2]
    alpha = texture[..., 3]
    low, high = np.floor(boxes[:, :2]) - 1, np.floor(boxes[:, 2:]) + 3
    left, top = np.clip(low, 0, (width - 1, height - 1)).astype(np.intp).T
    right, bottom = np.clip(high, 1, (width, height)).astype(np.intp).T
    found = []
    for where in (alpha > 0, alpha < 128, alpha >= 128, alpha < 255):
        sums = np.zeros((height + 1, width + 1), np.int64)
        np.cumsum(np.cumsum(where, axis=0, dtype=np.int64), axis=1, out=sums[1:, 1:])
        found.append(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] > 0)
    return np.stack(found, axis=1)


@jit
def straight(pixel: np.uint32) -> np.uint32:
    """A packed premultiplied RGBA pixel (R lowest) with straight alpha."""
    wide = np.int64(pixel)
    alpha = wide >> 24
    if alpha == 255 or alpha == 0:
        return pixel
    result = alpha << 24
    for shift in (0, 8, 16):
        channel = (((wide >> shift) & 255) * 255 + alpha // 2) // alpha
        if channel > 255:  # a card may round a colour above its alpha
            channel = np.int64(255)
        result |= channel << shift
    return np.uint32(result)


@jit
def unpremultiply(pixels: NDArray[np.uint32]) -> None:
    """Turn packed premultiplied RGBA [n] to straight alpha, in place."""
    for i in range(len(pixels)):
        pixels[i] = straight(pixels[i])
