"""A face drawn by program: an exactly mirror-symmetric portrait of which everything is known.

    face = draw_face("smiling")
    photo, landmarks = face.save(folder)          # a PNG and a JSON file for --landmarks

or, to look at all of them: `python tests/drawn_face.py FOLDER`. Lengths below are millimetres of a life-size
face seen from straight ahead, +x to the right of the picture, +y up, the origin midway between the eyes.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.interpolate import CubicSpline, PchipInterpolator

__all__ = ["EXPRESSIONS", "LOOKS", "DrawnFace", "draw_face"]

Array = NDArray[np.float64]
Mask = NDArray[np.float32]
Points = Array | Sequence[Sequence[float]]

SIZE = 640  # pixels, square
SCALE = 2.0  # pixels a millimetre
ORIGIN = (SIZE / 2, 268.0)  # pixels, where (0, 0) is
FINER = 2  # the drawing is made so much larger, then averaged
SUBPIXEL = 4  # bits of OpenCV's fixed-point coordinates

IRIS_RADIUS, PUPIL_RADIUS = 5.9, 2.4
EYE = (31.5, -0.4)  # centre of the left iris

SKIN, BLUSH, LIP, LIP_DARK = (236, 190, 163), (214, 120, 108), (188, 92, 92), (96, 38, 40)
HAIR, HAIR_LIGHT, HAIR_DARK = (84, 50, 36), (132, 84, 58), (50, 29, 23)
IRIS, IRIS_DARK, SCLERA, TOOTH = (92, 134, 140), (32, 56, 66), (244, 240, 236), (240, 233, 220)
SHIRT, WALL, WALL_DARK = (58, 84, 108), (226, 221, 208), (176, 178, 170)

# Half of each landmark group, mirrored below: (x, y) of the subject's left, the right of the picture.
JAW = ((0, -107), (18, -104), (34, -95), (47, -83), (57, -69), (64, -53), (67.5, -36), (69.5, -18), (70, 2))
BROW = ((12.5, 21), (24, 25.5), (35.5, 27.5), (47, 25), (55, 18))  # from the nose outwards
NOSE = ((0, 5), (0, -8), (0, -20), (0, -32))
NOSE_BASE = ((0, -46), (8, -44), (15, -41))
LIDS = ((17, -1.5), (26, 4.5), (37, 4.7), (46, -0.5), (37, -5.0), (26, -5.0))  # corner, over the top and back

# The mouth: corner, upper lip (middle, bow, side), lower lip (side, halfway, middle); inner corner, inner
# upper lip (middle, side), inner lower lip (middle, side); and how far the chin is dropped.
MOUTHS = {
    "closed": (
        (25, -69.4), ((0, -62.8), (6, -61.6), (16, -64.6)), ((16, -74.4), (7, -77.8), (0, -78.6)),
        (22.5, -69.4), ((0, -69.0), (8, -68.8)), ((0, -69.0), (8, -68.8)), 0.0,
    ),
    "smiling": (
        (32, -64.4), ((0, -62.4), (7, -61.4), (20, -62.6)), ((20, -74.6), (9, -80.4), (0, -81.6)),
        (29.5, -64.9), ((0, -67.0), (11, -66.2)), ((0, -75.2), (11, -73.4)), 2.0,
    ),
    "open": (
        (25, -71.4), ((0, -62.2), (6, -61.2), (16, -64.8)), ((16, -84.4), (7, -90.0), (0, -91.0)),
        (22.5, -71.6), ((0, -67.6), (8, -67.4)), ((0, -82.0), (8, -80.4)), 11.0,
    ),
}  # fmt: skip
EXPRESSIONS = tuple(MOUTHS)

# What each look multiplies red, green and blue of the colours above by, material by material.
LOOKS: dict[str, dict[str, tuple[float, float, float]]] = {
    "brown": {},
    "dark": {
        "skin": (0.60, 0.50, 0.44), "hair": (0.40, 0.44, 0.52), "iris": (0.85, 0.42, 0.26),
        "cloth": (3.4, 1.9, 0.6), "wall": (0.80, 0.90, 0.96),
    },
    "red": {
        "skin": (1.02, 1.03, 1.04), "hair": (2.0, 1.5, 1.0), "iris": (0.72, 1.1, 0.62),
        "cloth": (0.75, 1.25, 0.72), "wall": (0.90, 0.97, 1.02),
    },
    "green": {
        "skin": (0.62, 1.04, 0.60), "hair": (0.9, 0.7, 2.2), "iris": (2.3, 1.25, 0.35),
        "cloth": (1.7, 0.6, 1.3), "wall": (0.95, 0.86, 1.06),
    },
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class DrawnFace:
    """A drawing and the truth about it, in pixels.

    pixels: uint8 [640, 640, 3]. landmarks: float64 [68, 2]. irises: float64 [2, 2], centres of the right and
    left. iris_radius. lip_gap: between the inner lips in the middle of the mouth.
    """

    expression: str
    pixels: NDArray[np.uint8]
    landmarks: Array
    irises: Array
    iris_radius: float
    lip_gap: float

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Write `drawn_EXPRESSION.png` and `.json`; return both paths."""
        photo, points = (folder / f"drawn_{self.expression}{end}" for end in (".png", ".json"))
        Image.fromarray(self.pixels).save(photo, optimize=True)
        points.write_text(json.dumps(self.landmarks.tolist()))
        return photo, points


@cache
def draw_face(expression: str = "closed", look: str = "brown") -> DrawnFace:
    """The drawn face with its mouth "closed", "smiling" (with teeth) or "open", in the colours of a look."""
    face = _landmarks(expression)
    easel = _Easel(LOOKS[look])
    for part in (_behind, _neck, _skin, _nose, _mouth, _eyes, _brows, _fringe):
        part(easel, face)
    eyes = np.array([(-EYE[0], EYE[1]), EYE])
    gap = float(face[62, 1] - face[66, 1]) * SCALE
    return DrawnFace(expression, easel.picture(), _pixels(face), _pixels(eyes), IRIS_RADIUS * SCALE, gap)


def _landmarks(expression: str) -> Array:
    corner, upper, lower, inside, inner_upper, inner_lower, drop = MOUTHS[expression]
    face = np.zeros((68, 2))
    for k, (x, y) in enumerate(JAW):
        share = np.clip((x - 57) / (0 - 57), 0, 1)
        face[8 + k], face[8 - k] = (x, y - drop * share), (-x, y - drop * share)
    pairs = {
        **{22 + k: (21 - k, place) for k, place in enumerate(BROW)},
        **{27 + k: (27 + k, place) for k, place in enumerate(NOSE)},
        **{33 + k: (33 - k, place) for k, place in enumerate(NOSE_BASE)},
        42: (39, LIDS[0]), 43: (38, LIDS[1]), 44: (37, LIDS[2]),
        45: (36, LIDS[3]), 46: (41, LIDS[4]), 47: (40, LIDS[5]),
        54: (48, corner), 51: (51, upper[0]), 52: (50, upper[1]), 53: (49, upper[2]),
        55: (59, lower[0]), 56: (58, lower[1]), 57: (57, lower[2]),
        64: (60, inside), 62: (62, inner_upper[0]), 63: (61, inner_upper[1]),
        66: (66, inner_lower[0]), 65: (67, inner_lower[1]),
    }  # fmt: skip
    for left, (right, (x, y)) in pairs.items():
        face[left], face[right] = (x, y), (-x, y)
    return face


def _pixels(points: Array) -> Array:
    return np.asarray(points, float) * (SCALE, -SCALE) + ORIGIN


class _Easel:
    """A large canvas, float32 0..255; everything is painted in millimetres and on both sides."""

    def __init__(self, look: Mapping[str, Sequence[float]]) -> None:
        self.look = look
        side = SIZE * FINER
        y, x = np.mgrid[0:side, 0:side].astype(np.float32)
        far = np.hypot(x / side - 0.5, y / side - 0.42)[..., None]
        share = np.clip(far / 0.75, 0, 1) ** 1.5
        self.canvas = self._tinted(WALL, "wall") * (1 - share) + self._tinted(WALL_DARK, "wall") * share

    def mask(self, outline: Points, blur: float = 0.0) -> Mask:
        """What an outline [n, 2] covers, 0..1, its edge softened over `blur` millimetres."""
        return self._soft([np.asarray(outline, float)], blur)

    def mirrored(self, *outlines: Points, blur: float = 0.0) -> Mask:
        """Outlines on the left and their mirror images."""
        left = [np.asarray(outline, float) for outline in outlines]
        return self._soft([*left, *(outline * (-1, 1) for outline in left)], blur)

    def _soft(self, outlines: list[Array], blur: float) -> Mask:
        mask = np.zeros(self.canvas.shape[:2], np.uint8)
        for outline in outlines:
            places = (_pixels(outline) * FINER - 0.5) * 2**SUBPIXEL
            cv2.fillPoly(mask, [np.round(places).astype(np.int32)], 255, cv2.LINE_AA, SUBPIXEL)
        if blur:
            sigma = blur * SCALE * FINER
            smaller = max(1, int(sigma / 4))  # a wide blur is as good on a smaller copy
            small = cv2.resize(mask, None, fx=1 / smaller, fy=1 / smaller, interpolation=cv2.INTER_AREA)
            small = cv2.GaussianBlur(small, (0, 0), sigma / smaller)
            mask = cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
        return mask.astype(np.float32) / 255

    def paint(self, mask: Mask, colour: Sequence[float], strength: float = 1.0, of: str = "skin") -> None:
        """Cover `mask` with a colour of the material `of`, which a look may tint; "" is never tinted."""
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if len(rows):
            part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
            share = (strength * mask[part])[..., None]
            self.canvas[part] += (self._tinted(colour, of) - self.canvas[part]) * share

    def _tinted(self, colour: Sequence[float], of: str) -> Mask:
        return np.asarray(colour, np.float32) * np.asarray(self.look.get(of, (1, 1, 1)), np.float32)

    def picture(self) -> NDArray[np.uint8]:
        """The picture at its size; its left half is the mirror image of its right half, to the bit."""
        small = cv2.resize(self.canvas, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
        pixels = np.round(np.clip(small, 0, 255)).astype(np.uint8)
        pixels[:, : SIZE // 2] = pixels[:, : SIZE // 2 - 1 : -1]
        return pixels


def _curve(points: Points, closed: bool = False, steps: int = 120) -> Array:
    """A smooth line [steps, 2] through points [n, 2]."""
    points = np.asarray(points, float)
    if closed:
        points = np.vstack([points, points[:1]])
    knots = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    spline = CubicSpline(knots, points, bc_type="periodic" if closed else "natural")
    return np.asarray(spline(np.linspace(0, knots[-1], steps)))


def _edge(points: Array) -> Array:
    """A line through landmarks [n, 2] that never overshoots them."""
    knots = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    return np.asarray(PchipInterpolator(knots, points)(np.linspace(0, knots[-1], 100)))


def _stroke(line: Array, width: Callable[[Array], Array]) -> Array:
    """The outline of a line [n, 2] with a width that varies along it (0..1)."""
    along = np.gradient(line, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], 1) / np.hypot(*along.T)[:, None]
    half = width(np.linspace(0, 1, len(line)))[:, None] / 2
    return np.vstack([line + across * half, (line - across * half)[::-1]])


def _even(width: float) -> Callable[[Array], Array]:
    return lambda t: np.full_like(t, width)


def _taper(width: float, power: float = 0.6) -> Callable[[Array], Array]:
    return lambda t: width * np.sin(np.pi * np.clip(t, 0, 1)) ** power


def _both(half: Sequence[Sequence[float]]) -> Array:
    """A closed outline from its left half, which begins and ends on the midline."""
    left = np.asarray(half, float)
    return np.vstack([left, (left * (-1, 1))[-2:0:-1]])


def _moved(points: Points, x: float, y: float) -> Array:
    return np.add(points, (x, y))


def _disc(centre: Sequence[float], x: float, y: float | None = None) -> Array:
    turn = np.linspace(0, 2 * np.pi, 80, endpoint=False)
    return np.asarray(centre) + np.stack([x * np.cos(turn), (y or x) * np.sin(turn)], 1)


def _behind(easel: _Easel, face: Array) -> None:
    """Hair behind the head."""
    half = ((0, 122), (40, 116), (72, 92), (87, 50), (91, 0), (90, -50), (86, -92), (66, -112), (40, -108))
    hair = easel.mask(_curve(_both((*half, (0, -100))), closed=True, steps=300))
    easel.paint(hair, HAIR_DARK, of="hair")
    sides = np.linspace(50, 88, 16)
    strands = [_curve(((x * 0.7, 100), (x, 40), (x + 1, -40), (x - 6, -114))) for x in sides]
    strands = [_stroke(strand, _taper(1.4)) for strand in strands]
    easel.paint(hair * easel.mirrored(*strands, blur=0.3), HAIR, 0.7, of="hair")


def _neck(easel: _Easel, face: Array) -> None:
    half = ((0, -70), (36, -70), (37, -120), (42, -146), (70, -166), (120, -182), (170, -200), (170, -260))
    neck = easel.mask(_both((*half, (0, -260))))
    easel.paint(neck, SKIN)
    side = easel.mirrored(((31, -80), (50, -80), (60, -150), (35, -138)), blur=4)
    easel.paint(neck * side, (186, 118, 100), 0.6)
    chin = face[8, 1]
    shade = _curve(_both(((0, -94), (30, -90), (44, -92), (30, chin - 15), (0, chin - 26))), closed=True)
    easel.paint(neck * easel.mask(shade, 6), (150, 88, 74), 0.62)
    collar = _curve(((0, -176), (24, -170), (44, -151)))
    cloth = np.vstack([collar, [(58, -157), (100, -171), (150, -188), (172, -204), (172, -260), (0, -260)]])
    shirt, fold = easel.mirrored(cloth), ((70, -176), (150, -196), (172, -260), (90, -260))
    easel.paint(shirt, SHIRT, of="cloth")
    easel.paint(easel.mirrored(_stroke(collar, _even(3.0))), [c * 0.8 for c in SHIRT], of="cloth")
    easel.paint(shirt * easel.mirrored(fold, blur=9), [c * 0.72 for c in SHIRT], 0.6, of="cloth")


def _outline(face: Array) -> Array:
    """The head's outline from the jaw's landmarks up over the forehead."""
    half = [*face[8:17], (69, 26), (63, 52), (48, 74), (24, 86), (0, 89)]
    return _curve(_both(half), closed=True, steps=300)


def _skin(easel: _Easel, face: Array) -> None:
    easel.paint(easel.mirrored(_disc((71, -16), 8, 18)), [c * 0.93 for c in SKIN])
    easel.paint(easel.mirrored(_disc((72, -15), 4, 12), blur=1.5), BLUSH, 0.35)
    head = easel.mask(_outline(face))
    easel.paint(head, SKIN)
    inner = easel.mask(_outline(face) * 0.86 + (0, -1), 7)
    easel.paint(head * (1 - inner), (190, 126, 104), 0.55)
    easel.paint(head * easel.mirrored(_disc((44, -40), 15, 13), blur=8), BLUSH, 0.40)
    easel.paint(head * easel.mask(_disc((0, 48), 36, 17), 12), (255, 226, 204), 0.6)
    easel.paint(head * easel.mirrored(_disc((40, -22), 13, 7), blur=6), (255, 222, 202), 0.55)
    chin = face[8, 1]
    easel.paint(head * easel.mask(_disc((0, chin + 13), 12, 7), 5), (250, 212, 190), 0.6)
    under = easel.mask(_disc((0, (chin + face[57, 1]) / 2 + 6), 13, 2.5), 2.5)
    easel.paint(head * under, (186, 118, 100), 0.5)
    easel.paint(head * easel.mirrored(_disc((31, 12), 17, 7), blur=4), (200, 138, 116), 0.45)


def _nose(easel: _Easel, face: Array) -> None:
    side = _curve(((9, 14), (7, 2), (8, -14), (12, -30), (17, -40)))
    easel.paint(easel.mirrored(_stroke(side, lambda t: 3 + 5 * t), blur=3.2), (190, 124, 102), 0.55)
    bridge = _curve(((0, 12), (0, -10), (0, -26)))
    easel.paint(easel.mask(_stroke(bridge, lambda t: 4 + 2 * t), 2), (255, 228, 208), 0.7)
    easel.paint(easel.mask(_disc((0, -33), 6, 5), 3), (255, 226, 206), 0.75)
    easel.paint(easel.mask(_disc((0, -45.5), 13, 3), 2.4), (176, 106, 90), 0.6)
    wing = _curve(((14.5, -33), (17, -38), (15.8, -42.5), (12.5, -43)))
    easel.paint(easel.mirrored(_stroke(wing, _taper(1.6)), blur=0.5), (150, 84, 70), 0.75)
    easel.paint(easel.mirrored(_disc((7.6, -43.6), 4.0, 1.5), blur=0.4), (104, 52, 44), 0.9)
    philtrum = _stroke(_curve(((3, -49), (4.4, -58))), _taper(2))
    easel.paint(easel.mirrored(philtrum, blur=1), (200, 136, 116), 0.5)


def _mouth(easel: _Easel, face: Array) -> None:
    upper, lower = _edge(face[[48, 49, 50, 51, 52, 53, 54]]), _edge(face[[48, 59, 58, 57, 56, 55, 54]])
    inner_up, inner_low = _edge(face[60:65]), _edge(face[[60, 67, 66, 65, 64]])
    lips = easel.mask(np.vstack([upper, lower[::-1]]), 0.25)
    below = easel.mask(_moved(_curve(face[[48, 59, 58, 57, 56, 55, 54]]), 0, -3.2), 2.0)
    easel.paint(below * (1 - lips), (176, 108, 92), 0.5)
    easel.paint(lips, LIP)
    easel.paint(lips * easel.mask(np.vstack([upper, inner_up[::-1]]), 0.8), [c * 0.84 for c in LIP], 0.8)
    middle = (lower[50] * 0.45 + inner_low[50] * 0.55) * (0, 1)
    easel.paint(lips * easel.mask(_disc(middle, 8, 1.5), 0.9), (240, 172, 164), 0.8)
    if face[62, 1] - face[66, 1] > 0.5:
        opening = easel.mask(np.vstack([inner_up, inner_low[::-1]]))
        easel.paint(opening, LIP_DARK, of="")
        edge = max(face[66, 1] + 1.2, face[62, 1] - 7.4)
        edges = ((face[64, 0], edge + 3.5), (12, edge), (0, edge - 0.5), (-12, edge))
        teeth = opening * easel.mask(np.vstack([_moved(inner_up, 0, 2), edges]), 0.15)
        easel.paint(teeth, TOOTH, of="")
        gaps = [np.array([(x, -60.0), (x, -70.0), (x, -90.0)]) for x in (0.0, 8.6, 15.4, 21.5)]
        gaps = [_stroke(gap, _even(0.5)) for gap in gaps]
        easel.paint(teeth * easel.mirrored(*gaps, blur=0.2), (176, 150, 136), 0.55, of="")
        sides = easel.mirrored(((15, -50), (40, -50), (40, -95), (17, -95)), blur=4)
        easel.paint(teeth * sides, LIP_DARK, 0.55, of="")
        easel.paint(opening * easel.mask(_stroke(inner_up, _even(2.4)), 0.8), LIP_DARK, 0.5, of="")
        if edge > face[66, 1] + 3:
            easel.paint(opening * easel.mask(_disc((0, face[66, 1]), 13, 5), 1.5), (176, 84, 84), 0.85, of="")
    else:
        easel.paint(easel.mask(_stroke(inner_up, _taper(1.3, 0.4)), 0.25), LIP_DARK, 0.9, of="")
    corner = face[54]
    fold = _moved(_curve(((0.0, 0.4), (2.0, -0.2), (2.8, -1.8))), *corner)
    easel.paint(easel.mirrored(_stroke(fold, _taper(1.4)), blur=0.6), (140, 76, 66), 0.7)


def _eyes(easel: _Easel, face: Array) -> None:
    upper, lower = _edge(face[[42, 43, 44, 45]]), _edge(face[[42, 47, 46, 45]])
    eye = easel.mirrored(np.vstack([upper, lower[::-1]]))
    around = np.vstack([_moved(upper, 0, 4.2), _moved(lower, 0, -2)[::-1]])
    easel.paint(easel.mirrored(around, blur=1.6), (178, 112, 96), 0.4)
    easel.paint(eye, SCLERA, of="")
    easel.paint(eye * easel.mirrored(_disc((17.6, -1.6), 3, 2.4), blur=0.7), (214, 140, 132), 0.7, of="")
    easel.paint(eye * easel.mirrored(_disc(EYE, IRIS_RADIUS), blur=0.12), IRIS_DARK, of="iris")
    easel.paint(eye * easel.mirrored(_disc(EYE, IRIS_RADIUS * 0.84), blur=0.5), IRIS, of="iris")
    below = (EYE[0], EYE[1] - 2.2)
    easel.paint(eye * easel.mirrored(_disc(below, 3.6, 2.4), blur=1.0), (150, 188, 184), 0.6, of="iris")
    easel.paint(eye * easel.mirrored(_disc(EYE, PUPIL_RADIUS), blur=0.15), (12, 12, 16), of="")
    easel.paint(eye * easel.mirrored(_stroke(upper, _even(3.2)), blur=1.0), (70, 52, 50), 0.5, of="")
    above = (EYE[0], EYE[1] + 2.3)
    easel.paint(eye * easel.mirrored(_disc(above, 1.5, 1.2), blur=0.15), (255, 255, 255), of="")
    line = np.vstack([_moved(upper, 0, 0.5), _moved(upper[-1], 2.2, 1.2)])
    lid = _stroke(line, lambda t: 0.7 + 1.5 * t)
    easel.paint(easel.mirrored(lid, blur=0.2), HAIR_DARK, 0.95, of="hair")
    lashes = []
    for t in np.linspace(0.3, 1.0, 12):
        root = upper[round(t * 99)]
        lash = _curve(((0, 0), (0.6 + 1.4 * t, 1.4), (1.2 + 3.0 * t, 2.4 + 0.4 * t)))
        lashes.append(_stroke(_moved(lash, *root), lambda s: 0.6 * (1.05 - s)))
    easel.paint(easel.mirrored(*lashes, blur=0.1), HAIR_DARK, 0.85, of="hair")
    easel.paint(easel.mirrored(_stroke(lower, _taper(0.8)), blur=0.35), (150, 88, 78), 0.75)
    crease = upper[8:] + np.stack([0 * upper[8:, 0], 3.4 + 0.4 * np.sin(np.linspace(0, 3, 92))], 1)
    easel.paint(easel.mirrored(_stroke(crease, _taper(1.1)), blur=0.4), (146, 84, 70), 0.8)


def _brows(easel: _Easel, face: Array) -> None:
    top = _curve(face[22:27])
    low = _curve(face[22:27] - np.array([(-0.5, 4.4), (0, 5.2), (0, 4.6), (0, 3), (0, 0.4)]))
    easel.paint(easel.mirrored(np.vstack([top, low[::-1], [(11.3, 17.6)]]), blur=0.8), HAIR, 0.85, of="hair")
    ends = [round(t * 119) for t in np.linspace(0.02, 0.9, 26)]
    hairs = [_curve((low[k], _moved((low[k] + top[k]) / 2, 1.5, 0.6), _moved(top[k], 3, 0))) for k in ends]
    strokes = [_stroke(hair, _taper(0.7)) for hair in hairs]
    easel.paint(easel.mirrored(*strokes, blur=0.1), HAIR_DARK, 0.5, of="hair")


def _fringe(easel: _Easel, face: Array) -> None:
    """Hair parted in the middle, in front of the forehead and beside the cheeks."""
    inner = _curve(((0, 84), (22, 70), (44, 46), (60, 14), (66, -20), (69, -60), (74, -100)))
    outer = _curve(((80, -104), (91, -60), (92, -20), (90, 20), (82, 72), (56, 108), (22, 122), (0, 120)))
    cover = easel.mirrored(np.vstack([inner, outer]))
    shadow = easel.mirrored(_stroke(inner, _even(11.0)), blur=3.5)
    easel.paint(shadow * easel.mask(_outline(face)), (150, 92, 74), 0.5)
    easel.paint(cover, HAIR, of="hair")
    strands = [inner * (1 - t) + outer[::-1] * t for t in np.linspace(0.05, 0.95, 28)]
    for first, colour, strength in ((0, HAIR_DARK, 0.55), (1, HAIR_LIGHT, 0.35), (2, HAIR_LIGHT, 0.5)):
        some = [_stroke(strand, _taper(1.5)) for strand in strands[first::3]]
        easel.paint(cover * easel.mirrored(*some, blur=0.5), colour, strength, of="hair")
    shine = _curve(((16, 100), (44, 88), (66, 60)))
    easel.paint(cover * easel.mirrored(_stroke(shine, _taper(9)), blur=4), (176, 122, 90), 0.5, of="hair")


if __name__ == "__main__":
    for wanted in EXPRESSIONS:
        print(*draw_face(wanted).save(Path(sys.argv[1])))
