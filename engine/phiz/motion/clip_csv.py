"""Clips as CSV: rows of values at a frame rate, in the columns that Epic's Live Link Face app records.

    Timecode,BlendshapeCount,EyeBlinkLeft,...,TongueOut,HeadYaw,HeadPitch,HeadRoll,LeftEyeYaw,...,Photo,Chest,Seconds
    00:00:00:00.000,61,0.0000,...

The first 63 columns are the app's, in its order: the 52 ARKit weights 0..1, then angles in radians, with the
signs of `phiz.channels`. Timecode is hours:minutes:seconds:frames.thousandths of a frame. Three columns of
phiz's own follow: how much the photo's expression is worn, how far a breath is drawn, and the row's time in
plain seconds. What is read need not have all of them (docs/clips.md says what is made of which).
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phiz.channels import ARKIT, INDEX, POSE, SHAPES
from phiz.errors import RigError, UsageError
from phiz.files import whole
from phiz.motion.clip import DEFAULT_RATE, Clip, Curve, quantise

__all__ = ["read_csv", "write_csv"]

# Columns 3 to 54 as in the app's files: the eyes come first, and right before left for what moves sideways.
FACE = tuple(name for name in ARKIT if name.startswith("eye") and name.endswith("Left")) + tuple(
    name for name in ARKIT if name.startswith("eye") and name.endswith("Right")
)
MOUTH = (
    "jawForward", "jawRight", "jawLeft", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRight",
    "mouthLeft", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft",
    "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
)  # fmt: skip
REST = (
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip
WEIGHTS = (*FACE, *MOUTH, *REST)
EYE_ANGLES = ("leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll")
COUNT = len(WEIGHTS) + len(POSE) + len(EYE_ANGLES)  # what stands in BlendshapeCount
OWN = SHAPES[len(ARKIT) :]  # and then the seconds
EYE_RANGE = 0.5235987755982988  # radians that an eyeLook weight of 1 turns the eye: 30 degrees
TIMECODE = re.compile(r"(\d+):(\d+):(\d+):(\d+(?:\.\d+)?)")
RATES = (24, 25, 30, 48, 50, 60, 90, 100, 120, 240)  # frames in a second of timecode
USUAL = (30, 60, 120, 240)  # those that are taken where the last frame of a second is never seen
FPS_RANGE = (1, 1000)
DELIMITERS = ",;\t"


def write_csv(clip: Clip, path: str | Path, *, fps: float = DEFAULT_RATE) -> None:
    """Write a clip as `fps` rows a second, from time 0 to the first row at or after its end less one.

    Raises UsageError for a rate outside 1 to 1000, OutputError.
    """
    if not FPS_RANGE[0] <= fps <= FPS_RANGE[1]:
        raise UsageError(f"{fps:g} rows a second are outside {FPS_RANGE[0]} to {FPS_RANGE[1]}")
    times = np.arange(max(int(np.ceil(clip.duration * fps - 1e-6)), 1)) / fps
    values = clip.evaluate_many(times)
    columns = [values[:, INDEX[name]] for name in (*WEIGHTS, *POSE)]
    columns += [*_eye_angles(values), *(values[:, INDEX[name]] for name in OWN), times]
    header = ["Timecode", "BlendshapeCount", *map(_title, (*WEIGHTS, *POSE, *EYE_ANGLES, *OWN, "seconds"))]
    numbers = ",".join(["%.4f"] * (len(columns) - 1) + ["%.6f"])
    table = np.stack([*(quantise(column) for column in columns[:-1]), columns[-1]], axis=1)
    rows = [
        f"{_timecode(time, fps)},{COUNT},{numbers % tuple(row)}"
        for time, row in zip(times.tolist(), table.tolist(), strict=True)
    ]
    with whole(path) as temporary:
        temporary.write_text("\n".join([",".join(header), *rows]) + "\n", encoding="utf-8", newline="\n")


def _eye_angles(values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Yaw, pitch and roll [n] in radians of the left eye and of the right, as the look weights turn them."""
    angles = []
    for side, left, right in (("Left", "Out", "In"), ("Right", "In", "Out")):
        look = {way: values[:, INDEX[f"eyeLook{way}{side}"]] for way in (left, right, "Up", "Down")}
        angles += [EYE_RANGE * (look[left] - look[right]), EYE_RANGE * (look["Up"] - look["Down"])]
        angles.append(np.zeros(len(values)))
    return angles


def _title(name: str) -> str:
    return name[0].upper() + name[1:]


def _timecode(time: float, fps: float) -> str:
    """A time as the app writes it; at 23.976 frames a second frames are counted in 24ths of a second."""
    thousandths = round(fps) * 1000  # of a frame, in a second
    seconds, rest = divmod(round(time * thousandths), thousandths)
    frames, thousandth = divmod(rest, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}:{frames:02}.{thousandth:03}"


def read_csv(path: str | Path) -> Clip:
    """Read rows of values, from phiz, the app or a person, as a clip.

    Each filled cell becomes a key, its time rounded to the grid, but for those inside stretches that stay the
    same; so a change in one row changes nothing three rows away.

    Raises RigError when the file cannot be read or is no such table.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RigError(f"cannot read the clip {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise RigError(f"{path} is no clip: it is not text in UTF-8") from None
    try:
        return _parsed(text)
    except (RigError, csv.Error) as error:
        raise RigError(f"{path} is no clip: {error}") from None


@dataclass(frozen=True)
class Table:
    """The rows of a file.

    titles: of the columns. names: the same in lower case. cells: text. lines: of each row, from 1.
    """

    titles: list[str]
    names: list[str]
    cells: list[list[str]]
    lines: list[int]
    comma: bool  # whether numbers may have a decimal comma

    def numbers(self, column: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The rows [k] in which a column is filled, and what it holds there [k]."""
        rows, values = [], []
        for row, cells in enumerate(self.cells):
            cell = cells[column].strip() if column < len(cells) else ""
            if cell:
                try:
                    values.append(float(cell.replace(",", ".") if self.comma else cell))
                except ValueError:
                    where = f"line {self.lines[row]}, {self.titles[column]}"
                    raise RigError(f"{where}: {cell!r} is no number") from None
                rows.append(row)
        return np.array(rows, np.int64), np.array(values)


def _parsed(text: str) -> Clip:
    table = _table(text)
    known = {name.lower(): name for name in INDEX}
    others = {"timecode", "blendshapecount", "seconds", *(name.lower() for name in EYE_ANGLES)}
    for title in table.titles:
        if title.lower() not in {*known, *others}:
            raise RigError(
                f"line 1: no column is called {title!r}; they are named as jawOpen and HeadYaw are"
            )
    times = _times(table)
    curves = {}
    for column, name in enumerate(table.names):
        if name in known:
            rows, values = table.numbers(column)
            if len(rows):
                try:
                    curves[known[name]] = _curve(times[rows], values)
                except RigError as error:
                    raise RigError(f"{known[name]}: {error}") from None
    steps = np.diff(times)
    last = float(np.median(steps)) if len(steps) else 1 / DEFAULT_RATE
    used = {name: curve for name, curve in curves.items() if curve.values.any()}
    return Clip(round(float(times[-1]) + last, 6), used)


def _table(text: str) -> Table:
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=delimiter)
    titles = [cell.strip() for cell in next(reader, [])]
    names = [title.lower() for title in titles]
    if "timecode" not in names and "seconds" not in names:
        raise RigError("line 1 must name the columns, one of them Timecode or Seconds")
    twice = next((title for title in titles if names.count(title.lower()) > 1), None)
    if twice is not None:
        raise RigError(f"line 1: two columns are called {twice!r}")
    counted = names.index("blendshapecount") if "blendshapecount" in names else None
    rows, lines = [], []
    for cells in reader:
        lost = counted is not None and counted < len(cells) and cells[counted].strip() == "0"
        if any(cell.strip() for cell in cells) and not lost:  # the app writes 0 when it saw no face
            if len(cells) > len(names):
                raise RigError(f"line {reader.line_num} has {len(cells)} cells for {len(names)} columns")
            rows.append(cells)
            lines.append(reader.line_num)
    if not rows:
        raise RigError("no row has values")
    return Table(titles, names, rows, lines, delimiter != ",")


def _times(table: Table) -> NDArray[np.float64]:
    """Seconds of each row: as the column Seconds says, else by timecode from the first row on."""
    if "seconds" in table.names:
        rows, times = table.numbers(table.names.index("seconds"))
        if len(rows) < len(table.cells):
            row = int(np.setdiff1d(np.arange(len(table.cells)), rows)[0])
            raise RigError(f"line {table.lines[row]} has no time in Seconds")
    else:
        times = _timecodes(table)
    back = np.flatnonzero(~(np.diff(times) > 0))
    if len(back):
        raise RigError(f"line {table.lines[int(back[0]) + 1]}: its time is not after that of the row before")
    return times


def _timecodes(table: Table) -> NDArray[np.float64]:
    column = table.names.index("timecode")
    parts = []
    for cells, line in zip(table.cells, table.lines, strict=True):
        found = TIMECODE.fullmatch(cells[column].strip())
        if not found:
            raise RigError(f"line {line}: {cells[column]!r} is no timecode; one looks like 00:00:01:29.000")
        parts.append([float(part) for part in found.groups()])
    hours, minutes, seconds, frames = np.array(parts).T
    whole_seconds = hours * 3600 + minutes * 60 + seconds
    highest = int(frames.max()) + 1
    usual = next((rate for rate in USUAL if rate >= highest), highest)
    rate = highest if highest in RATES else usual
    if whole_seconds[0] == whole_seconds[-1]:  # less than a second does not say how many frames one has
        rate = max(int(DEFAULT_RATE), rate)
    times = whole_seconds + frames / rate
    return times - times[0]


def _curve(times: NDArray[np.float64], values: NDArray[np.float64]) -> Curve:
    """A key for each sample, without those between two of the same value."""
    exact = quantise(values)
    same = exact[1:] == exact[:-1]
    kept = np.ones(len(exact), np.bool_)
    kept[1:-1] = ~(same[:-1] & same[1:])
    if len(exact) > 1 and same.all():
        kept[1:] = False
    return Curve(times[kept], exact[kept])
