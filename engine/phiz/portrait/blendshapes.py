"""Blendshapes of one face: the control table spread over its mesh, from its own shut and relaxed mouth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phiz.portrait.controls import Moves, control_table
from phiz.portrait.expression import NEUTRAL_WIDTH, Expression
from phiz.portrait.frame import MILLIMETRE, FaceFrame
from phiz.portrait.interpolation import monotone_cubic
from phiz.portrait.mesh import Mesh
from phiz.portrait.rig import Camera
from phiz.portrait.solve import Spreader, bending
from phiz.portrait.untangle import Untangler

__all__ = ["UNMOVED", "FaceShapes", "build_shapes", "moving_shapes"]

Array = NDArray[np.float64]
Index = NDArray[np.intp]

UNMOVED = 2e-6  # metres; what no shape moves further does not move
# What is outside an ellipse never moves: millimetres to its side and top, and from the chin down to its end.
SUPPORT = (96.0, 76.0, 57.0)
LIP_RINGS = 3  # inner border, middle, outer border of the red
FREE_CORNER = 4  # steps from the mouth's corners within which only the inner lips are held
SIDES = {"right": 0.0, "left": 1.0}
HALFWAY = 0.27  # where along a lip, corner to corner, its upper_lip_right control sits
ROUND = 0.35  # share of an ellipse in the opening's outline: corners neither pointed nor square
CREASE_SHARE = {"upper": 0.4, "lower": 0.55}  # how far the lid's crease follows its edge
EYE_GAP = 10.5  # millimetres, the opening that lid rows of the table are written for
UPPER_SHARE = 0.4  # of closing a gap is done by the upper lip, the rest by the lower
CHIN_SHARE = 0.35  # the chin rises by this share of a gap that closes, the jaw line by that much of it:
CHIN_RISE = {8: 1.0, 7: 0.95, 9: 0.95, 6: 0.7, 10: 0.7, 5: 0.35, 11: 0.35}
KEEP_SMILE = 0.6  # share of the photo's smile that the relaxed mouth keeps
# Share of that rest of the smile which goes as lips round or the jaw drops.
ROUNDING = {"mouthPucker": 1.2, "mouthFunnel": 1.1, "jawOpen": 0.35}
# Teeth of an open mouth reach down to the lower lip: a tongue that comes out pushes it down, this much of it.
TONGUE_ROOM = 1.0
CHEEKS = {"cheek": (46, 35, 14), "cheek_low": (54, 13, 12, 35)}  # left landmarks whose mean the control is
CHEEK_MIRROR = {46: 41, 35: 31, 14: 2, 54: 48, 13: 3, 12: 4}
# Landmarks that are vertices of an opening: its name, the ring, and how far around it (1 is all the way).
ON_RINGS = {
    48: ("mouth", 2, 0.0), 54: ("mouth", 2, 0.5), 41: ("eye_right", 0, 5 / 6), 46: ("eye_left", 0, 2 / 3),
}  # fmt: skip
BROWS = {"brow_inner": (21, 20), "brow_middle": (19,), "brow_outer": (17, 18)}  # right-hand landmarks
NOSE = {"nose_wing_right": (31, 32), "nose_wing_left": (34, 35), "nose_base": (33,), "nose_tip": (30,)}


@dataclass(frozen=True, eq=False)
class FaceShapes:
    """Places of the mesh's vertices in metres.

    base: float64 [vertices, 3] with the mouth shut and relaxed. shapes: by name (ARKit and `photo`),
    displacement [vertices, 3] at weight 1. base + shapes["photo"] is the photo.
    """

    base: Array
    shapes: Mapping[str, Array]


def build_shapes(
    frame: FaceFrame,
    mesh: Mesh,
    places: Array,
    expression: Expression,
    camera: Camera,
    eyes: Sequence[Array],
    brows: Array,
) -> FaceShapes:
    """All 52 ARKit shapes and `photo` of a face; none turns a triangle over.

    `mouthClose` shuts what jawOpen opens (as in ARKit), so its extreme is the one with jawOpen = 1.

    places: float64 [vertices, 3] in metres, the photo's own. expression: what the photo's face does.
    camera: the photo's. eyes: places [3] in metres from which the head may be seen, the camera's first.
    brows: share [vertices] by which each may follow the brows.
    """
    pairs = [
        np.stack([_chain(mesh, name, 0, "upper"), _chain(mesh, name, 0, "lower")], 1)[1:-1]
        for name in mesh.rings
    ]
    untangle = Untangler(len(places), mesh.triangles, np.concatenate(pairs), camera, eyes)
    places = untangle.settle(places)  # before lips and lids are measured, or they would not meet
    solver = _Solver(frame, mesh, places, expression, brows)
    shapes = {name: solver.from_table(moves) for name, moves in control_table().items()}
    smile = shapes["mouthSmileLeft"] + shapes["mouthSmileRight"]
    relax = -(1 - KEEP_SMILE) * expression.smile * smile
    shut = relax + solver.shut_lips(places + relax)
    for name, share in ROUNDING.items():
        shapes[name] = shapes[name] - share * KEEP_SMILE * expression.smile * smile
    if expression.mouth_open:
        lower = shapes["mouthLowerDownLeft"] + shapes["mouthLowerDownRight"]
        shapes["tongueOut"] = shapes["tongueOut"] + TONGUE_ROOM * lower
    shut = untangle(places, shut, shuts=True)
    base = places + shut
    shapes = {name: untangle(base, move, shuts=name.startswith("eyeBlink")) for name, move in shapes.items()}
    close = solver.shut_lips(shapes["jawOpen"], chin=False)
    shapes["mouthClose"] = untangle(base + shapes["jawOpen"], close, shuts=True)
    shapes["photo"] = -shut
    return FaceShapes(base, shapes)


def moving_shapes(moves: Mapping[str, Array]) -> dict[str, NDArray[np.float32]]:
    """A layer's shapes: of displacements [vertices, 3] by name, those that move anything."""
    return {name: move.astype(np.float32) for name, move in moves.items() if np.abs(move).max() > UNMOVED}


class _Solver:
    """Fixed vertices and the factored solves for one face; displacements in metres, camera axes."""

    def __init__(
        self, frame: FaceFrame, mesh: Mesh, places: Array, expression: Expression, brows: Array
    ) -> None:
        self.frame, self.mesh, self.places, self.brows = frame, mesh, places, brows
        self.width_ratio = expression.neutral_width / NEUTRAL_WIDTH
        self.energy = bending(mesh)
        self.spreaders: dict[bytes, Spreader] = {}
        side, top, below = SUPPORT
        bottom = mesh.points[mesh.landmarks[8], 1] - below
        middle, radii = np.array([0.0, (top + bottom) / 2]), np.array([side, (top - bottom) / 2])
        zone = np.hypot(*((mesh.points - middle) / radii).T)
        self.outside = np.flatnonzero(zone >= 1)
        self.lips = mesh.rings["mouth"][:LIP_RINGS]
        half = self.lips.shape[1] // 2
        from_corner = np.abs((np.arange(2 * half) + half // 2) % half - half // 2)
        self.lip_pins = np.concatenate([self.lips[0], self.lips[1:, from_corner >= FREE_CORNER].ravel()])

    def from_table(self, moves: Moves) -> Array:
        """One row group of the control table as displacements [vertices, 3]."""
        given = np.zeros_like(self.places)
        pins = [self.outside, self.lip_pins, *self._landmark_pins()]
        brows = any(name.startswith("brow") for name in moves)
        eyes = self._eye_rings(follow_brows=brows)
        given[self.lips] = self.frame.turn(self._lip_moves(moves))
        pins += list(eyes)
        for name, vertices in self._points(moves).items():
            given[vertices] = self.frame.turn(moves[name])
            pins.append(vertices)
        spread = self._spread(given, pins)
        if brows and not any(name.startswith("nose") for name in moves):
            spread *= self.brows[:, None]
        for side in SIDES:  # added to the spread: lids pull at nothing beyond the orbital rim
            vertices, lid_moves = self._lid_moves(moves, side)
            spread[vertices] += lid_moves
        return spread

    def shut_lips(self, places: Array, *, chin: bool = True) -> Array:
        """Displacements [vertices, 3] that bring the inner lips of `places` (or of displacements)
        together."""
        upper, lower = _chain(self.mesh, "mouth", 0, "upper"), _chain(self.mesh, "mouth", 0, "lower")
        gap = places[upper] - places[lower]
        given = np.zeros_like(self.places)
        for ring, share in zip(range(LIP_RINGS), (1.0, 0.95, 0.85), strict=True):
            given[_chain(self.mesh, "mouth", ring, "upper")] = -UPPER_SHARE * share * gap
            given[_chain(self.mesh, "mouth", ring, "lower")] = (1 - UPPER_SHARE) * share * gap
        if chin:
            rise = CHIN_SHARE * gap[len(gap) // 2]
            for landmark, share in CHIN_RISE.items():
                if landmark in self.mesh.landmarks:
                    given[self.mesh.landmarks[landmark]] = rise * share
        pins = [self.outside, self.lip_pins, *self._landmark_pins(), *self._eye_rings(follow_brows=False)]
        return self._spread(given, pins)

    def _spread(self, given: Array, pins: list[Index]) -> Array:
        fixed = np.unique(np.concatenate(pins))
        key = fixed.tobytes()
        if key not in self.spreaders:
            self.spreaders[key] = Spreader(self.energy, fixed)
        return self.spreaders[key](given[fixed])

    def _landmark_pins(self) -> list[Index]:
        return [np.array(list(self.mesh.landmarks.values()), np.intp)]

    def _eye_rings(self, *, follow_brows: bool) -> list[Index]:
        """Lids and what is around them; the orbital rim is left free where the brow moves."""
        count = 2 if follow_brows else 4
        return [self.mesh.rings[f"eye_{side}"][:count].ravel() for side in SIDES]

    def _lip_moves(self, moves: Moves) -> Array:
        """Millimetres [rings, 2 * segments, 3] of the lip rings."""
        half = self.lips.shape[1] // 2
        out = np.zeros((LIP_RINGS, 2 * half, 3))
        forth = np.arange(half + 1)
        for ring, border, rounding in ((0, "_inner", ROUND), (2, "_outer", 0.0)):
            upper, lower = (self._along_lip(moves, edge, border, forth / half) for edge in ("upper", "lower"))
            middle = (upper[0] + lower[0]) / 2  # both lips' own; the rest opens or shuts them
            opening = (1 - rounding) * (upper[0] - lower[0]) + rounding * (upper[1] - lower[1])
            out[ring, -forth % (2 * half)] = middle - opening / 2
            out[ring, forth] = middle + opening / 2
        out[1] = (out[0] + out[2]) / 2
        out[..., 0] *= self.width_ratio
        return out

    def _along_lip(self, moves: Moves, edge: str, border: str, fraction: Array) -> tuple[Array, Array]:
        """Millimetres [n, 3] at fractions [n] of one lip from the right corner (0) to the left (1), through
        its controls: a curve along the lip, and one around half an ellipse over it."""
        controls = {
            0.0: "mouth_corner_right", HALFWAY: f"{edge}_lip_right", 0.5: f"{edge}_lip",
            1 - HALFWAY: f"{edge}_lip_left", 1.0: "mouth_corner_left",
        }  # fmt: skip
        knots = {
            place: moves.get(name + border, moves.get(name, np.zeros(3) if "corner" in name else None))
            for place, name in controls.items()
        }
        given = {place: move for place, move in knots.items() if move is not None}
        places, values = np.array(list(given)), np.array(list(given.values()))
        around = monotone_cubic(np.arccos(1 - 2 * places), values, np.arccos(1 - 2 * fraction))
        return monotone_cubic(places, values, fraction), around

    def _lid_moves(self, moves: Moves, side: str) -> tuple[Index, Array]:
        """Vertices of an eye's rings and their displacements, in step with the eye's own opening."""
        opening = f"eye_{side}"
        upper, lower = _chain(self.mesh, opening, 0, "upper"), _chain(self.mesh, opening, 0, "lower")
        gap = self.places[upper] - self.places[lower]
        vertices, displacements = [], []
        for edge in ("upper", "lower"):
            move = moves.get(f"{edge}_lid_{side}", np.zeros(3))
            opens = move[1] > 0 if edge == "upper" else move[1] < 0
            usual = np.minimum(1, EYE_GAP * MILLIMETRE / np.maximum(np.hypot.reduce(gap, axis=1), 1e-9))
            lid = gap * (move[1] / EYE_GAP) * (usual[:, None] if opens else 1.0)
            lid = lid + self.frame.turn(np.array([move[0], 0.0, move[2]]))
            for ring, share in enumerate((1.0, 1.0, CREASE_SHARE[edge])):
                inner = slice(1, -1)  # the corners stay
                vertices.append(_chain(self.mesh, opening, ring, edge)[inner])
                displacements.append(lid[inner] * share)
        return np.concatenate(vertices), np.concatenate(displacements)

    def _points(self, moves: Moves) -> dict[str, Index]:
        """Vertices of the control points named in `moves` that are no lips, lids or parts inside the
        mouth."""
        found: dict[str, Index] = {}
        for name in moves:
            landmarks = _landmarks_of(name)
            vertices = [self.mesh.landmarks[k] for k in landmarks if k in self.mesh.landmarks]
            if name.startswith("cheek"):
                centre = self._centre(landmarks)
                vertices = [int(np.argmin(np.hypot(*(self.mesh.points - centre).T)))]
            if vertices:
                found[name] = np.array(vertices, np.intp)
        return found

    def _centre(self, landmarks: tuple[int, ...]) -> Array:
        """Mean place in face coordinates of landmarks that are vertices of their own or of a ring."""
        vertices = [
            self.mesh.rings[name][ring, round(part * self.mesh.rings[name].shape[1])]
            for name, ring, part in (ON_RINGS[k] for k in landmarks if k in ON_RINGS)
        ]
        vertices += [self.mesh.landmarks[k] for k in landmarks if k in self.mesh.landmarks]
        return np.asarray(self.mesh.points[vertices].mean(axis=0))


def _chain(mesh: Mesh, opening: str, ring: int, edge: str) -> Index:
    """Vertices along the "upper" or "lower" edge of a ring, corner to corner."""
    loop = mesh.rings[opening][ring]
    half = len(loop) // 2
    forth = np.arange(half + 1)
    return loop[forth if edge == "upper" else -forth % len(loop)]


def _landmarks_of(control: str) -> tuple[int, ...]:
    """iBUG landmark numbers of a control point; empty for lips, lids and parts inside the mouth."""
    stem, _, side = control.rpartition("_")
    if control.startswith("jaw_"):
        number = int(control.split("_")[1])
        return (number if side != "right" else 16 - number,)
    if control in NOSE:
        return NOSE[control]
    if stem in BROWS:
        return BROWS[stem] if side == "right" else tuple(43 - k for k in BROWS[stem])
    if stem in CHEEKS:
        return CHEEKS[stem] if side == "left" else tuple(CHEEK_MIRROR[k] for k in CHEEKS[stem])
    return ()
