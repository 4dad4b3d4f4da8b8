"""Pictures as SVG text: the few shapes that plots are made of."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from numpy.typing import NDArray

__all__ = ["Svg"]

FONT = "'DejaVu Sans','Noto Sans','Segoe UI',Helvetica,sans-serif"  # those with the IPA's letters first
NEARLY = 0.15  # pixels that a point may be off the line between its neighbours and be left out
LONGEST = 64  # points left out in a row at most


class Svg:
    """A picture that grows: lengths in pixels from the upper left corner, colours as in CSS."""

    def __init__(self) -> None:
        self.parts: list[str] = []

    def rectangle(self, x: float, y: float, width: float, height: float, *, fill: str) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'
        )

    def lines(
        self, ends: Sequence[tuple[float, float, float, float]], *, stroke: str, width: float = 1
    ) -> None:
        """Straight lines (x, y, to x, to y)."""
        path = "".join(f"M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" for x, y, to_x, to_y in ends)
        if path:
            self.parts.append(f'<path d="{path}" stroke="{stroke}" stroke-width="{width}" fill="none"/>')

    def curve(
        self, xs: NDArray[np.float64], ys: NDArray[np.float64], *, stroke: str, dashes: str = ""
    ) -> None:
        """A line through points [n], less those that nobody would miss."""
        kept = _needed(xs, ys)
        points = " ".join(
            f"{x:.1f},{y:.1f}" for x, y in zip(xs[kept].tolist(), ys[kept].tolist(), strict=True)
        )
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(
            f'<polyline points="{points}" stroke="{stroke}" stroke-width="1.5" fill="none"{dashed}/>'
        )

    def text(
        self, x: float, y: float, words: str, *, size: float = 11, anchor: str = "start", fill: str = "#222"
    ) -> None:
        """One line of text whose baseline is at y. anchor: start, middle or end is at x."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">'
            f"{escape(_printable(words))}</text>"
        )

    def document(self, width: float, height: float) -> str:
        """The whole file, on white."""
        size = f'width="{width:.0f}" height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family={quoteattr(FONT)}>'
        return (
            "\n".join([head, '<rect width="100%" height="100%" fill="#fff"/>', *self.parts, "</svg>"]) + "\n"
        )


def _printable(words: str) -> str:
    """Text without the control characters that XML cannot hold."""
    return "".join(letter for letter in words if letter.isprintable())


def _needed(xs: NDArray[np.float64], ys: NDArray[np.float64]) -> list[int]:
    """Which points [n] to draw, in order."""
    kept, last = [0], len(xs) - 1
    while kept[-1] < last:
        here, there = kept[-1], min(kept[-1] + LONGEST, last)
        while there > here + 1:
            share = (xs[here:there] - xs[here]) / (xs[there] - xs[here])
            if np.abs(ys[here] + share * (ys[there] - ys[here]) - ys[here:there]).max() <= NEARLY:
                break
            there = here + (there - here + 1) // 2
        kept.append(there)
    return kept
