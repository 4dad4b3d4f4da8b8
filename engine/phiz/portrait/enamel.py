"""Made teeth: rows of crowns and gums painted as textures, in millimetres along the dental arch."""

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.light import Light

__all__ = ["ARCH_LENGTH", "LOWER_HEIGHT", "UPPER_HEIGHT", "paint_row"]

Array = NDArray[np.float64]

# Widths and visible lengths in millimetres from the midline (Wheeler's Dental Anatomy; Magne et al. 2003).
UPPER_WIDTHS = (8.5, 6.6, 7.6, 7.0, 6.8, 9.5)
UPPER_LENGTHS = (10.4, 9.2, 10.2, 8.6, 8.0, 7.4)
LOWER_WIDTHS = (5.2, 5.8, 6.8, 7.0, 7.1, 10.5)
LOWER_LENGTHS = (8.6, 8.8, 9.4, 8.4, 7.8, 7.2)
ARCH_LENGTH = 46.0  # of each half
UPPER_HEIGHT = 19.0  # texture height: crowns and gum
LOWER_HEIGHT = 15.0
DOTS = 7  # texels a millimetre
# Millimetres along the arch over which each row ends; the rest shows in the corners of a turned mouth only.
ENDS = {"upper": (28.0, 38.0), "lower": (18.0, 28.0)}
MOST_BLUR = 0.9  # millimetres; single teeth can just be told
GUM = np.array([0.80, 0.46, 0.45])  # against the tooth's luminance


def paint_row(light: Light, *, upper: bool, blur: float = 0.0) -> NDArray[np.uint8]:
    """A row of teeth, uint8 [height, width, 4]: the biting edge at the bottom (upper row) or at the top
    (lower).

    blur: of the photo, the standard deviation of a Gaussian in millimetres; what is made is no sharper.
    """
    widths, lengths = (UPPER_WIDTHS, UPPER_LENGTHS) if upper else (LOWER_WIDTHS, LOWER_LENGTHS)
    height = UPPER_HEIGHT if upper else LOWER_HEIGHT
    x = (np.arange(int(2 * ARCH_LENGTH * DOTS)) + 0.5) / DOTS - ARCH_LENGTH
    y = (np.arange(int(height * DOTS)) + 0.5) / DOTS  # from the biting edge
    side = np.abs(x)
    edges = np.concatenate([[0.0], np.cumsum(widths)])
    tooth = np.clip(np.searchsorted(edges, side, side="right") - 1, 0, len(widths) - 1)
    across = (side - edges[tooth]) / np.array(widths)[tooth] * 2 - 1  # -1..1 over one tooth
    width, length = np.array(widths)[tooth], np.array(lengths)[tooth]
    lift = (length.max() - length) * 0.35  # shorter teeth end before the longest ones
    edge = lift + width * 0.16 * np.abs(across) ** 5  # rounded corners of the biting edge
    from_edge = y[:, None] - edge[None, :]
    gum_line = length[None, :] + lift * 0.5 - 1.4 * np.abs(across[None, :]) ** 2.2
    body = 1.0 - 0.10 * np.abs(across) ** 2  # each crown is a barrel
    groove = 1 - 0.42 * np.exp(-(((1 - np.abs(across)) * width / 0.55) ** 2))
    along = 1 - 0.12 * np.clip(1 - from_edge / 2.2, 0, 1) + 0.03 * np.clip(from_edge / length, 0, 1)
    shade = (body * groove)[None, :] * along * (1 - 0.68 * (side / ARCH_LENGTH)[None, :] ** 1.15)
    crown = light.tooth * shade[..., None] * np.where(np.arange(3) == 2, 0.985, 1.0)
    luminance = float(light.tooth @ (0.2126, 0.7152, 0.0722))
    gum_shade = (1 - 0.6 * (side / ARCH_LENGTH)) * (0.96 - 0.1 * np.cos(across * np.pi))
    gum = GUM * luminance * gum_shade[None, :, None] * np.ones((len(y), 1, 1))
    blend = np.clip((y[:, None] - gum_line) / 0.5 + 0.5, 0, 1)[..., None]
    shadow = 1 - 0.25 * np.exp(-((y[:, None] - gum_line) ** 2) / 0.5)
    colour = (crown * (1 - blend) + gum * blend) * shadow[..., None]
    if not upper:
        colour *= 0.86
    start, end = ENDS["upper" if upper else "lower"]
    alpha = np.clip(from_edge * DOTS / 1.6 + 0.5, 0, 1) * np.clip((end - side) / (end - start), 0, 1)
    colour, alpha = _blurred(np.clip(colour, 0, 255), alpha, min(blur, MOST_BLUR) * DOTS)
    row = np.concatenate([colour, 255 * alpha[..., None]], axis=-1)
    row = row[::-1] if upper else row
    return np.ascontiguousarray(np.round(row).astype(np.uint8))


def _blurred(colour: Array, alpha: Array, dots: float) -> tuple[Array, Array]:
    """Colour [h, w, 3] and alpha [h, w] blurred by `dots` texels; beyond the biting edge the row's own colour
    goes on."""
    from scipy.ndimage import gaussian_filter

    if dots < 0.5:
        return colour, alpha
    wide = np.pad(alpha, ((round(3 * dots), 0), (0, 0)))  # nothing is before the biting edge
    soft = gaussian_filter(wide, dots, mode="nearest")[-len(alpha) :]
    parts = [gaussian_filter(part, dots, mode="nearest") for part in np.moveaxis(colour, -1, 0)]
    return np.stack(parts, axis=-1), soft
