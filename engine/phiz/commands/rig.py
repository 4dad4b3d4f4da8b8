"""`phiz rig`: a photo becomes a rig: a face that can move, as .glb."""

import argparse
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from phiz.commands.groups import add_background, add_drawing, add_face, add_general, add_output
from phiz.commands.shared import save, say
from phiz.errors import FaceError, UsageError
from phiz.together import ALL

if TYPE_CHECKING:
    from phiz.portrait.report import Quality
    from phiz.portrait.rig import Rig
    from phiz.progress import Stages

__all__ = ["ABOUT", "EXAMPLES", "add_options", "run"]

ABOUT = "a photo becomes a rig: a face that can move, as .glb"
EXAMPLES = """examples:
  phiz rig face.jpg -o face.glb --sheet poses.png
  phiz rig group.jpg --face 1 -o second.glb
  phiz rig group.jpg --face all -o face.glb        face-0.glb, face-1.glb, ..."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("photo", metavar="PHOTO", help="a picture, or a .glb rig (to make its sheet)")
    add_output(parser, "FACE.glb")
    parser.add_argument("--sheet", metavar="SHEET.png", help="also a labelled picture of what it can do")
    parser.add_argument("--report", metavar="REPORT.json", help="also how good the picture is")
    parser.add_argument(
        "--exact", action="store_true", help="lose nothing of the photo, however large FACE.glb becomes"
    )
    add_face(parser)
    add_background(parser)
    add_drawing(parser)
    add_general(parser, json=False)


def run(options: argparse.Namespace) -> int:
    """A photo becomes a rig, with a sheet that shows what it can do and a report on the photo."""
    from phiz.api import judged_face
    from phiz.filming import available_threads
    from phiz.progress import Bars, Stages

    several = options.face == ALL  # then the names are others, with numbers in them
    files = RigFiles.named(options.output, options.sheet, options.report, force=options.force or several)
    available_threads(options.threads)
    with Bars(quiet=options.quiet) as bars:
        stages = Stages(bars)
        if several:
            return _rig_all(options, files, stages)
        begin = time.perf_counter()
        with stages.stage("rig"):
            face, quality = judged_face(
                options.photo,
                landmarks=options.landmarks,
                landmarker=options.landmarker,
                face=options.face,
                background=options.background,
            )
            if options.report and not quality:
                raise UsageError(f"{options.photo} is a finished rig: a report needs the picture")
        _save_rig(options, files, face, quality, stages)
    say(options, f"{files}: made in {time.perf_counter() - begin:.1f} s")
    if quality:
        say(options, quality.line)
    return 0


def _rig_all(options: argparse.Namespace, files: "RigFiles", stages: "Stages") -> int:
    """Every face in a photo becomes a rig; those that cannot are told at the end."""
    from phiz.api import judged_faces
    from phiz.together import picture_of

    picture = picture_of(options.photo, landmarks=options.landmarks, face=ALL, lines=False)
    with stages.stage("faces"):
        faces = judged_faces(picture, landmarker=options.landmarker, background=options.background)
    numbered = [files.numbered(number, force=options.force) for number in range(len(faces))]
    left_out = []
    for number, (make, own) in enumerate(zip(faces, numbered, strict=True)):
        begin = time.perf_counter()
        try:
            with stages.stage(f"rig {number}"):
                face, quality = make()
        except FaceError as error:
            left_out.append(f"face {number} has no rig: {error}")
            continue
        _save_rig(options, own, face, quality, stages)
        say(options, f"{own}: made in {time.perf_counter() - begin:.1f} s\n{quality.line}")
    if left_out:
        raise FaceError(f"{options.photo}: {'; '.join(left_out)}")
    return 0


def _save_rig(
    options: argparse.Namespace, files: "RigFiles", face: "Rig", quality: "Quality | None", stages: "Stages"
) -> None:
    from phiz.filming import available_threads
    from phiz.output.sheet import rig_sheet

    save(options, files.rig, partial(face.save, exact=options.exact))
    if quality and files.report:
        save(options, files.report, quality.save)
    if files.sheet:
        with stages.stage("sheet"):
            rig_sheet(
                face, files.sheet, backend=options.backend, threads=available_threads(options.threads),
                force=options.force,
            )  # fmt: skip


@dataclass(frozen=True)
class RigFiles:
    """What `phiz rig` writes."""

    rig: Path
    sheet: Path | None
    report: Path | None

    @classmethod
    def named(
        cls, rig: str | Path, sheet: str | Path | None, report: str | Path | None, *, force: bool
    ) -> "RigFiles":
        """Check the names before any work starts. Raises UsageError or OutputError."""
        from phiz.output.target import check_targets

        check_targets(rig, ".glb", sheet, ".png", force=force)
        check_targets(rig, ".glb", report, ".json", force=force)
        return cls(Path(rig), Path(sheet) if sheet else None, Path(report) if report else None)

    def numbered(self, number: int, *, force: bool) -> "RigFiles":
        """The same for one of several faces: face.glb becomes face-0.glb."""

        def own(path: Path) -> Path:
            return path.with_name(f"{path.stem}-{number}{path.suffix}")

        return RigFiles.named(
            own(self.rig), self.sheet and own(self.sheet), self.report and own(self.report), force=force
        )

    def __str__(self) -> str:
        return " and ".join(str(path) for path in (self.rig, self.sheet, self.report) if path)
