"""The arithmetic of soft edges: closed-form matting, guided enlargement, and unmixing of colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "ENOUGH", "Part", "blocks", "busy_blocks", "closed_form", "enlarged", "enlarged_strips", "guided_enlarge",
    "unmix",
]  # fmt: skip

Part = tuple[slice, slice]

EPSILON = 1e-5  # regularises the colour line of each 3x3 window (Levin's epsilon, colours 0..1)
ITERATIONS, TOLERANCE = 400, 1e-4
GUIDE_EPSILON = 1e-4
PURE = 0.996  # a matte above this shows nothing of the background
RIDGE = 0.02  # weight of the expected colour against the picture's in `unmix`
BLOCK = 256  # pixels a side; so much is worked on at a time where only some of the picture needs work
STRIP = 1 << 17  # pixels worked on at a time at full size: bounds memory and stays in the cache
ENOUGH = 1 << 20  # pixels from which the noise of a picture is learned
AVERAGED = 1 << 18  # pixels at which its colours are averaged


def closed_form(
    picture: NDArray[np.float64], trimap: NDArray[np.float64], guess: NDArray[np.float64], trust: float
) -> NDArray[np.float64]:
    """Alpha float64 [h, w], 0..1, by closed-form matting (Levin, Lischinski & Weiss 2008).

    picture: float64 [h, w, 3], 0..1. trimap: float64 [h, w], 0 background, 1 person, anything between is
    to be found. guess: [h, w] what is likely there, believed with weight `trust` (the windows weigh about 1).
    Only windows that touch unknown pixels are built; solved by conjugate gradients from `guess`, without
    BLAS, so that the answer does not depend on the number of threads.
    """
    unknown = (trimap > 0) & (trimap < 1)
    if not unknown.any():
        return trimap.copy()
    laplacian, inside = _laplacian(picture, unknown)
    known = np.where(unknown, 0.0, trimap).ravel()
    right = trust * guess.ravel()[inside] - laplacian @ known
    matrix = laplacian[:, inside]
    diagonal = matrix.diagonal() + trust
    solution = _conjugate_gradients(matrix, trust, right, diagonal, guess.ravel()[inside])
    alpha = trimap.copy().ravel()
    alpha[inside] = np.clip(solution, 0, 1)
    return alpha.reshape(trimap.shape)


def _laplacian(picture: NDArray[np.float64], unknown: NDArray[np.bool_]) -> tuple[Any, NDArray[np.intp]]:
    """The matting Laplacian's rows of the unknown pixels, sparse [unknown, pixels], and their indices."""
    from scipy.sparse import csr_matrix

    height, width = unknown.shape
    near = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    near[[0, -1]] = near[:, [0, -1]] = False
    centres = np.flatnonzero(near)
    offsets = np.array([dy * width + dx for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    windows = centres[:, None] + offsets
    colours = picture.reshape(-1, 3)[windows]
    spread = colours - colours.mean(1, keepdims=True)
    covariance = np.einsum("nik,nil->nkl", spread, spread) / 9 + EPSILON / 9 * np.eye(3)
    affinity = (1 + np.einsum("nik,nkl,njl->nij", spread, _inverse(covariance), spread, optimize=True)) / 9
    values = np.eye(9) - affinity
    inside = np.flatnonzero(unknown)
    row_of = np.full(height * width, -1)
    row_of[inside] = np.arange(len(inside))
    # Windows that share a pixel span 5x5 about it, so a row has 25 places; those beyond the picture stay 0.
    entries = np.zeros((len(inside), 25))
    for pixel, place in enumerate(np.ndindex(3, 3)):
        rows = row_of[windows[:, pixel]]
        places = [5 * (2 + y - place[0]) + 2 + x - place[1] for y, x in np.ndindex(3, 3)]
        entries[rows[rows >= 0][:, None], places] += values[rows >= 0, pixel]
    around = np.array([dy * width + dx for dy in range(-2, 3) for dx in range(-2, 3)])
    columns = np.clip(inside[:, None] + around, 0, height * width - 1)
    starts = np.arange(0, entries.size + 1, 25)
    return csr_matrix((entries.ravel(), columns.ravel(), starts), (len(inside), height * width)), inside


def _inverse(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverses of symmetric 3x3 matrices [n, 3, 3] by cofactors: no LAPACK call for each."""
    a, b, c = matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 0, 2]
    d, e, f = matrices[:, 1, 1], matrices[:, 1, 2], matrices[:, 2, 2]
    rows = [d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b]
    determinant = a * rows[0] + b * rows[1] + c * rows[2]
    return np.stack([rows[i] / determinant for i in (0, 1, 2, 1, 3, 4, 2, 4, 5)], 1).reshape(-1, 3, 3)


def _conjugate_gradients(
    matrix: Any,
    trust: float,
    right: NDArray[np.float64],
    diagonal: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Solve (matrix + trust) x = right, preconditioned by the diagonal."""
    solution = start.copy()
    residual = right - matrix @ solution - trust * solution
    scaled = residual / diagonal
    direction = scaled.copy()
    energy = np.sum(residual * scaled)
    goal = TOLERANCE**2 * max(energy, 1e-12)
    for _ in range(ITERATIONS):
        if energy <= goal:
            break
        image = matrix @ direction + trust * direction
        step = energy / np.sum(direction * image)
        solution += step * direction
        residual -= step * image
        scaled = residual / diagonal
        energy, before = np.sum(residual * scaled), energy
        direction = scaled + energy / before * direction
    return solution


def guided_enlarge(
    alpha: NDArray[np.float64], small: NDArray[np.float64], picture: NDArray[np.uint8], radius: int
) -> NDArray[np.float32]:
    """Alpha of a small picture carried to the large one along its edges, float32 [H, W].

    The colour guided filter of He, Sun & Tang (2013), its coefficients found at the small size. alpha:
    [h, w]. small: the picture at that size, [h, w, 3], 0..1. picture: uint8 [H, W, 3]. radius: of the
    windows, in small pixels.
    """
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(cv2.blur(values, size, borderType=cv2.BORDER_REFLECT))

    middle, level = mean(small), mean(alpha)
    edge = (level > 1e-9) & (level < 1 - 1e-9)  # elsewhere alpha is flat, and so is its line
    joint = mean(small * alpha[:, :, None])[edge] - middle[edge] * level[edge][:, None]
    products = np.stack([small[:, :, k] * small[:, :, m] for k in range(3) for m in range(k, 3)], 2)
    squares = mean(products)[edge][:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)
    covariance = squares - middle[edge][:, :, None] * middle[edge][:, None, :]
    slope = np.zeros_like(small)
    slope[edge] = np.einsum("nkl,nl->nk", _inverse(covariance + GUIDE_EPSILON * np.eye(3)), joint)
    offset = level - (slope * middle).sum(2)
    lines = np.dstack([mean(slope), mean(offset)]).astype(np.float32)
    flat = np.asarray(
        cv2.resize(np.rint(lines[:, :, 3]), picture.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    )
    result = np.clip(flat, 0, 1, out=flat).astype(np.float32, copy=False)
    varied = lines[:, :, :3].any(2) | ((lines[:, :, 3] > 1e-6) & (lines[:, :, 3] < 1 - 1e-6))
    for part in busy_blocks(varied, picture.shape[:2]):
        line, colour = enlarged(lines, picture.shape[:2], part), picture[part]
        total = line[:, :, 3].copy()
        for k in range(3):
            total += line[:, :, k] * (colour[:, :, k] * np.float32(1 / 255))
        result[part] = np.clip(total, 0, 1)
    return result


def blocks(shape: tuple[int, ...]) -> Iterator[Part]:
    """A picture of `shape` (height, width) in squares that stay in the processor's cache."""
    for top in range(0, shape[0], BLOCK):
        for left in range(0, shape[1], BLOCK):
            yield slice(top, min(shape[0], top + BLOCK)), slice(left, min(shape[1], left + BLOCK))


def busy_blocks(busy: NDArray[np.bool_], shape: tuple[int, ...]) -> Iterator[Part]:
    """Those `blocks` of a picture where a small one is `busy`, bool [h, w], or next to it."""
    down, across = busy.shape[0] / shape[0], busy.shape[1] / shape[1]
    for rows, columns in blocks(shape):
        top, bottom = max(0, int(rows.start * down) - 1), int(np.ceil(rows.stop * down)) + 1
        left, right = max(0, int(columns.start * across) - 1), int(np.ceil(columns.stop * across)) + 1
        if busy[top:bottom, left:right].any():
            yield rows, columns


def enlarged(values: NDArray[np.float32], shape: tuple[int, ...], part: Part) -> NDArray[np.float32]:
    """A part of `values` [h, w] or [h, w, n] enlarged linearly to `shape` (height, width)."""
    rows, columns = part
    ratio_x, ratio_y = values.shape[1] / shape[1], values.shape[0] / shape[0]
    # centres of pixels: (x + 0.5) * ratio - 0.5
    start_x, start_y = (columns.start + 0.5) * ratio_x - 0.5, (rows.start + 0.5) * ratio_y - 0.5
    result = cv2.warpAffine(
        values, np.array([[ratio_x, 0, start_x], [0, ratio_y, start_y]]),
        (columns.stop - columns.start, rows.stop - rows.start),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(result, np.float32)


def enlarged_strips(
    values: NDArray[np.float32], shape: tuple[int, ...]
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """`values` [h, w, n] enlarged linearly to [H, W, n], some rows at a time."""
    height, width = shape[:2]
    step = max(1, STRIP // width)
    for top in range(0, height, step):
        rows = slice(top, min(height, top + step))
        yield rows, enlarged(values, shape, (rows, slice(0, width)))


def unmix(
    picture: NDArray[np.uint8], matte: NDArray[np.float32], background: NDArray[np.uint8], reach: float
) -> NDArray[np.uint8]:
    """The person's own colour where the background shows through, uint8 [h, w, 3].

    Of the colours that explain the picture as matte * foreground + (1 - matte) * background, the nearest to
    the mean of the person's colours about the pixel (ridge regression), so the layers laid over each other
    give the picture again wherever some of the person is seen.
    picture, background: uint8 [h, w, 3]. matte: [h, w]. reach: pixels over which the person's colours are
    averaged. Pure pixels keep their colour; pixels far from the person too.
    """
    height, width = matte.shape
    factor = min(1.0, (AVERAGED / (height * width)) ** 0.5)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    expected = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    share = np.asarray(cv2.resize(matte, size, interpolation=cv2.INTER_AREA), np.float32)
    for nearer in (1.0, 0.3):  # first as far as needed, then as near as possible
        expected = _mean_of_person(expected, share, max(1, round(nearer * reach * factor)))
    result = picture.copy()
    near = (
        cv2.dilate((share > 0).astype(np.uint8), np.ones((2 * round(reach * factor) + 1,) * 2, np.uint8)) > 0
    )
    for part in busy_blocks(near & (share < 1), (height, width)):
        mixed = matte[part] < PURE
        alpha, likely = matte[part][mixed][:, None], enlarged(expected, (height, width), part)[mixed]
        missing = picture[part][mixed] - alpha * likely - (1 - alpha) * background[part][mixed]
        fitted = likely + alpha / (alpha * alpha + np.float32(RIDGE)) * missing
        result[part][mixed] = np.clip(fitted + 0.5, 0, 255)
    return result


def _mean_of_person(
    colours: NDArray[np.float32], share: NDArray[np.float32], radius: int
) -> NDArray[np.float32]:
    """Means of the colours about each mixed pixel, by how surely they are the person's."""
    size = (2 * radius + 1, 2 * radius + 1)
    weight = share**4  # mixed pixels have little say
    total = cv2.blur(weight, size)[:, :, None]
    means = cv2.blur(colours * weight[:, :, None], size) / np.maximum(total, 1e-4)
    mixed = (share[:, :, None] < PURE) & (total > 1e-4)
    return np.asarray(np.where(mixed, means, colours), np.float32)
