"""Everyone whose rig is tested, each rig made once in a test run: the fixture `sitters` of conftest.py.

    @pytest.mark.parametrize("name", SITTERS)
    def test_something_of_every_rig(name, sitters):
        rig = sitters(name).rig

The drawn faces and the demo portrait are always there; of the evaluation data, what is there.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from drawn_face import EXPRESSIONS, draw_face
from evaldata import eval_file, eval_names
from phiz.data import demo_portrait
from phiz.portrait.build import build_rig
from phiz.portrait.find import find_portrait
from phiz.portrait.portrait import Portrait
from phiz.portrait.report import Quality, quality
from phiz.portrait.rig import Rig

__all__ = ["DRAWN", "SITTERS", "Sitter", "Sitters"]

DRAWN = tuple(f"drawn_{expression}" for expression in EXPRESSIONS)
# In the folder of portraits, but no face to make a rig of, or the demo portrait once more.
OTHERS = {"noface_cat.png", "noface_landscape_EXIF6.jpg", "photo_astronaut.png", "photo_obama_partial.jpg"}
SITTERS = (*DRAWN, "demo", *(name for name in eval_names("portraits") if name not in OTHERS))


@dataclass(frozen=True, eq=False)
class Sitter:
    """A portrait, its rig, and where the rig is kept. Not to be changed."""

    name: str
    portrait: Portrait
    rig: Rig
    folder: Path

    @cached_property
    def file(self) -> Path:
        """The rig saved as .glb."""
        path = self.folder / f"{self.name}.glb"
        self.rig.save(path)
        return path

    @cached_property
    def quality(self) -> Quality:
        return quality(self.portrait, self.rig)


class Sitters:
    """By name, everyone who was asked for so far."""

    def __init__(self, folder: Path) -> None:
        """folder: an empty one, for files."""
        self.folder = folder
        self._known: dict[str, Sitter] = {}

    def __call__(self, name: str) -> Sitter:
        """The sitter of that name; skips the running test where the picture is not there."""
        if name not in self._known:
            portrait = self._portrait(name)
            self._known[name] = Sitter(name, portrait, build_rig(portrait), self.folder)
        return self._known[name]

    def _portrait(self, name: str) -> Portrait:
        if name == "demo":
            return find_portrait(demo_portrait())
        if name in DRAWN:
            photo, landmarks = draw_face(name.removeprefix("drawn_")).save(self.folder)
            return find_portrait(photo, landmarks=landmarks)
        return find_portrait(eval_file(f"portraits/{name}"))
