"""Makes the pictures of `docs/gallery.md`: `python bench/gallery.py`.

    python bench/gallery.py --only turns visemes --to FOLDER

Only pictures that anybody may publish go in: the demo portrait (public domain) and the faces that
`tests/drawn_face.py` draws. The cpu renderer draws, so that the pictures come out the same everywhere.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import phiz
from phiz.channels import CHANNELS, INDEX
from phiz.data import demo_portrait
from phiz.motion.viseme_table import visemes
from phiz.output.sheet import contact_sheet
from phiz.portrait.group import find_group
from phiz.renderers import open_renderer
from phiz.renderers.group import GroupRenderer
from phiz.together import group_clips, script_of

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from drawn_face import draw_face  # noqa: E402

Picture = NDArray[np.uint8]
Cell = tuple[str, Picture]
Pose = Mapping[str, float]
Values = NDArray[np.float64]

QUALITY = 86  # of the JPEGs
DEMO = "demo"  # any other face is a drawing, "LOOK EXPRESSION"

# Where a part of the face is: the landmarks it is centred on, the centre's shift down and the part's width in
# distances between the eyes.
PARTS = {
    "eyes": (slice(36, 48), -0.05, 1.95),
    "mouth": (slice(48, 68), 0.03, 1.5),
    "lower": (slice(29, 68), 0.05, 1.9),
    "head": (slice(27, 36), 0.0, 3.2),
    "bust": (slice(27, 36), 0.25, 4.4),
}

SOUNDS = {  # visemes and words with them
    "rest": "a pause", "p": "[p]at [b]at [m]at", "f": "[f]ive [v]an", "th": "[th]in [th]is",
    "s": "[s]ee [z]oo", "sh": "[sh]e [ch]in", "l": "[l]et", "w": "[w]e", "ee": "b[ea]t", "ae": "b[a]t",
    "ah": "f[a]ther", "aw": "th[ough]t", "oo": "b[oo]t", "er": "n[ur]se",
}  # fmt: skip
LIDS = {"open": 0.0, "a third": 0.35, "two thirds": 0.7, "closed": 1.0}
LOOKS = {
    "looks left": ("eyeLookOutLeft", "eyeLookInRight"), "right": ("eyeLookInLeft", "eyeLookOutRight"),
    "up": ("eyeLookUpLeft", "eyeLookUpRight"), "down": ("eyeLookDownLeft", "eyeLookDownRight"),
}  # fmt: skip
TURNS = (("Yaw", -12), ("Yaw", 12), ("Pitch", -8), ("Pitch", 8), ("Roll", -8), ("Roll", 8))
BACKGROUNDS = ("keep", "blur", "steelblue", "PICTURE", "transparent")
LINES = ((0, "Do you ever blink?", "espeak:f3"), (1, "Only when nobody looks.", "espeak:f5"))
WORD, SPELT = "bamboo", ("b", "a", "m", "b", "oo")  # the film strip, and its sounds as they are written
FRAMES, FPS, BEFORE = 14, 25, 0.08  # of it, and seconds it begins before the first sound
FIVE = {  # names in a landmark file, and the landmarks each is the mean of
    "left_eye": range(36, 42), "right_eye": range(42, 48), "nose": (30,), "mouth_left": (48,),
    "mouth_right": (54,),
}  # fmt: skip


def visemes_sheet() -> Picture:
    """Mouths of speech, on a photo and on a drawing."""
    poses = {f"{name}   {word}": _viseme(name) for name, word in SOUNDS.items()}
    return _rows(_cells(who, poses, (182, 140), "mouth") for who in (DEMO, "dark smiling"))


def eyes_sheet() -> Picture:
    """Blinks, and where eyes look."""
    poses = {name: {"eyeBlinkLeft": share, "eyeBlinkRight": share} for name, share in LIDS.items()}
    poses |= {name: dict.fromkeys(shapes, 0.9) for name, shapes in LOOKS.items()}
    return _rows((_cells(who, poses, (318, 116), "eyes") for who in (DEMO, "red closed")), columns=4)


def turns_sheet() -> Picture:
    """The head turned, with the photo's light on it, and the same without."""
    poses = {f"{name.lower()} {angle:+} degrees": _turn(name, angle) for name, angle in TURNS}
    plain = _cells(DEMO, poses, (320, 330), "head", relight=False)
    lit = _cells(DEMO, poses, (320, 330), "head")
    other = _cells("dark smiling", poses, (320, 330), "head")
    plain = [(f"{label}, --no-relight", picture) for label, picture in plain]
    return _rows([[lit[0], plain[0], lit[1], plain[1]], lit[2:], other[:4]], columns=4)


def backgrounds_sheet() -> Picture:
    """One face before several backgrounds."""
    cells = []
    for who in (DEMO, "red smiling"):
        for name in BACKGROUNDS:
            wanted = str(_sunset()) if name == "PICTURE" else name
            pose = {"photo": 1.0, **_turn("Yaw", 6)}
            (cell,) = _cells(who, {f"--background {name}": pose}, (256, 270), "bust", background=wanted)
            cells.append(cell)
    return contact_sheet([(label, _on_squares(picture)) for label, picture in cells], columns=5)


def faces_sheet() -> Picture:
    """Two faces of one picture, each with its own lines."""
    pair = [draw_face("closed", look).pixels[:, 85:-85] for look in ("red", "dark")]
    path = _folder() / "pair.png"
    Image.fromarray(np.concatenate(pair, axis=1)).save(path)
    group, script = find_group(path, background="lightsteelblue"), script_of(LINES)
    clips = group_clips(group, script, seed=3)
    cells = []
    with GroupRenderer(group, (640, 436), view=(0, 0, 940, 640), backend="cpu") as renderer:
        for (start, end, face), (_, text, _) in zip(script.turns, LINES, strict=True):
            for time in _widest(clips[face], start, end):
                values = np.stack([clip.evaluate(time) for clip in clips])
                cells.append((f'{time:.2f} s   {face}: "{text}"', renderer.draw(values)))
    return contact_sheet(cells, columns=2)


def word_sheet() -> Picture:
    """A word as a film strip: when each sound is heard, and what the face does then."""
    speech = phiz.speak(WORD)
    clip = phiz.animate(speech, seed=1)
    sounds = list(zip(SPELT, speech.phonemes, strict=True))
    frames = {}
    for time in speech.phonemes[0].start - BEFORE + np.arange(FRAMES) / FPS:
        heard = "".join(spelt for spelt, sound in sounds if sound.start <= time < sound.end)
        frames[f"{time:.2f} s   {heard}"] = clip.evaluate(time)
    return _rows(_film(who, frames, (182, 190), "lower") for who in (DEMO, "brown closed"))


def points_sheet() -> Picture:
    """A drawing with five points in a file, and what it says then."""
    photo, points = _folder() / "drawing.png", _folder() / "drawing.json"
    places = write_drawing(_folder())
    marked = Image.open(photo).convert("RGB")
    pen = ImageDraw.Draw(marked)
    for x, y in places.values():
        pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=(255, 255, 255), outline=(0, 0, 0), width=2)
    rig = phiz.Rig.from_photo(photo, landmarks=points)
    size = (318, 318)
    with open_renderer(rig, size, view=_view(rig, "bust", size), backend="cpu") as renderer:
        poses = {name: renderer.draw(_values(_viseme(name))) for name in ("ah", "oo", "ee")}
    x, y, width, height = (round(value) for value in _view(rig, "bust", size))
    shown = np.asarray(marked.crop((x, y, x + width, y + height)).resize(size, Image.Resampling.LANCZOS))
    words = {"ah": "father", "oo": "boot", "ee": "beat"}
    return contact_sheet(
        [("five points", shown), *((f"{name}   {words[name]}", p) for name, p in poses.items())], columns=4
    )


def write_drawing(folder: Path) -> Mapping[str, list[float]]:
    """Write `drawing.png` and, in `drawing.json`, where its eyes, nose and mouth are; return that."""
    face = draw_face("closed", "green")
    few = Image.fromarray(face.pixels).quantize(256, dither=Image.Dither.FLOYDSTEINBERG)
    few.save(folder / "drawing.png", optimize=True)
    places = {name: face.landmarks[list(at)].mean(0).round().tolist() for name, at in FIVE.items()}
    (folder / "drawing.json").write_text(json.dumps(places, indent=1) + "\n")
    return places


SHEETS: Mapping[str, Callable[[], Picture]] = {
    "visemes": visemes_sheet,
    "eyes": eyes_sheet,
    "turns": turns_sheet,
    "backgrounds": backgrounds_sheet,
    "faces": faces_sheet,
    "word": word_sheet,
    "points": points_sheet,
}


@cache
def _folder() -> Path:
    """For files on the way."""
    return Path(tempfile.mkdtemp(prefix="phiz-gallery-"))


@cache
def _photo(who: str) -> Path:
    if who == DEMO:
        return demo_portrait()
    look, expression = who.split()
    folder = _folder() / look
    folder.mkdir(exist_ok=True)
    return draw_face(expression, look).save(folder)[0]


@cache
def _rig(who: str, background: str = "keep") -> phiz.Rig:
    photo = _photo(who)
    known = None if who == DEMO else photo.with_suffix(".json")  # all 68 points, as they were drawn
    return phiz.Rig.from_photo(photo, landmarks=known, background=background)


def _viseme(name: str) -> Pose:
    """The shapes of a viseme; a family of shapes moves on both sides."""
    pose = {}
    for family, weight in visemes()[name].weights.items():
        sides = (family,) if family in INDEX else (f"{family}Left", f"{family}Right")
        pose.update(dict.fromkeys(sides, weight))
    return pose


def _turn(axis: str, degrees: float) -> Pose:
    return {f"head{axis}": math.radians(degrees)}


def _values(pose: Pose) -> Values:
    values = np.zeros(len(CHANNELS))
    for name, value in pose.items():
        values[INDEX[name]] = value
    return values


def _view(rig: phiz.Rig, part: str, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The rectangle (x, y, width, height) of the photo that shows a part of the face at a size."""
    chosen, down, wide = PARTS[part]
    marks = rig.landmarks.astype(np.float64)
    apart = float(np.hypot(*(marks[42:48].mean(0) - marks[36:42].mean(0))))
    x, y = (marks[chosen].min(0) + marks[chosen].max(0)) / 2
    width, height = apart * wide, apart * wide * size[1] / size[0]
    return float(x) - width / 2, float(y) + down * apart - height / 2, width, height


def _cells(
    who: str,
    poses: Mapping[str, Pose],
    size: tuple[int, int],
    part: str,
    *,
    relight: bool = True,
    background: str = "keep",
) -> list[Cell]:
    frames = {label: _values(pose) for label, pose in poses.items()}
    return _film(who, frames, size, part, relight=relight, background=background)


def _film(
    who: str,
    frames: Mapping[str, Values],
    size: tuple[int, int],
    part: str,
    *,
    relight: bool = True,
    background: str = "keep",
) -> list[Cell]:
    """Labelled frames of a part of a face."""
    rig = _rig(who, background)
    view = _view(rig, part, size)
    with open_renderer(rig, size, view=view, backend="cpu", relight=relight) as renderer:
        return [(label, renderer.draw(values)) for label, values in frames.items()]


def _rows(groups: Iterable[Sequence[Cell]], columns: int = 7) -> Picture:
    return contact_sheet([cell for group in groups for cell in group], columns=columns)


def _widest(clip: "phiz.Clip", start: float, end: float) -> list[float]:
    """When the mouth is most open in the first and in the second half of a time."""
    times = np.linspace(start, end, 120)
    jaw = clip.evaluate_many(times)[:, INDEX["jawOpen"]]
    return [float(times[half][np.argmax(jaw[half])]) for half in (slice(0, 60), slice(60, 120))]


def _sunset() -> Path:
    """A picture to stand before: an evening over the sea."""
    path = _folder() / "sunset.png"
    y, x = np.mgrid[0:480, 0:480] / 480
    high, low, sea = (np.array(colour, float) for colour in ((54, 70, 130), (250, 170, 110), (40, 66, 96)))
    sky = high + (low - high) * np.clip(y / 0.62, 0, 1)[..., None] ** 1.4
    sun = np.clip(1 - np.hypot(x - 0.16, y - 0.5) / 0.09, 0, 0.12)[..., None] / 0.12
    sky += (np.array((255, 236, 190)) - sky) * sun
    glitter = 0.5 * np.exp(-(((x - 0.16) / 0.08) ** 2))[..., None]
    picture = np.where((y > 0.62)[..., None], sea + (low - sea) * glitter, sky)
    Image.fromarray(picture.round().clip(0, 255).astype(np.uint8)).save(path)
    return path


def _on_squares(picture: Picture) -> Picture:
    """RGBA on the checkerboard that stands for transparency; without alpha nothing changes."""
    rows, columns = np.indices(picture.shape[:2]) // 12
    board = np.where((rows + columns) % 2, 208, 248)[..., None]
    share = picture[..., 3:] / 255
    return np.round(picture[..., :3] * share + board * (1 - share)).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes the pictures of docs/gallery.md.")
    parser.add_argument("--only", nargs="+", choices=SHEETS, default=tuple(SHEETS), help="sheets to make")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "gallery", metavar="FOLDER")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    write_drawing(asked.to)
    for name in asked.only:
        path = asked.to / f"{name}.jpg"
        Image.fromarray(SHEETS[name]()).save(path, quality=QUALITY, optimize=True)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
