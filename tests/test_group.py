"""Several faces in one picture: every one moves, and nothing else does."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import phiz
import phiz.portrait.group as grouping
from phiz.channels import CHANNELS, INDEX
from phiz.cli import main
from phiz.data import demo_portrait
from phiz.errors import FaceError, UsageError
from phiz.filming import Together
from phiz.output.framing import fit_frame
from phiz.portrait.group import Group, find_group
from phiz.portrait.rig import Rig
from phiz.renderers import describe_backends
from phiz.renderers.group import GroupRenderer, lay
from scene import make_rig

POSES = {
    "rest": {"photo": 1.0},
    "talking": {"jawOpen": 0.7, "mouthFunnel": 0.3, "headYaw": 0.12, "headRoll": -0.1, "headPitch": 0.08},
    "turned": {"photo": 1.0, "headYaw": -0.2, "headRoll": 0.14, "eyeBlinkLeft": 1.0},
}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo portrait twice, in two sizes, with one shoulder before the other; heads do not touch."""
    portrait = Image.open(demo_portrait()).convert("RGB")
    large, small = (portrait.resize((side, side), Image.Resampling.LANCZOS) for side in (320, 240))
    picture = Image.new("RGB", (480, 320), (70, 80, 90))
    picture.paste(small, (240, 80))
    picture.paste(large.crop((0, 0, 280, 320)), (0, 0))
    path = tmp_path_factory.mktemp("pair") / "pair.png"
    picture.save(path)
    return path


@pytest.fixture(scope="module")
def group(pair: Path) -> Group:
    return find_group(pair)


def frames(
    group: Group, *poses: tuple[str, ...], size: tuple[int, int] | int | None = None, **settings: object
) -> list[np.ndarray]:
    """Frames in which each member takes the pose named for it."""
    framing = fit_frame(group.scene, size)
    values = np.zeros((len(poses), len(group.members), len(CHANNELS)))
    for k, names in enumerate(poses):
        for member, name in enumerate(names):
            for channel, value in POSES[name].items():
                values[k, member, INDEX[channel]] = value
    backend = {"backend": "cpu", **settings}
    with GroupRenderer(group, framing.size, view=framing.view, **backend) as renderer:  # type: ignore[arg-type]
        return list(renderer.draw_many(values))


def photo_of(path: Path, height: int, width: int) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGBA"))[:height, :width]


def test_at_rest_the_picture_is_the_photo(pair: Path, group: Group) -> None:
    (rest,) = frames(group, ("rest", "rest"))
    np.testing.assert_array_equal(rest, photo_of(pair, *rest.shape[:2]))


def test_faces_are_counted_from_the_left(group: Group) -> None:
    assert [member.number for member in group.members] == [0, 1]
    assert group.members[0].eyes[0] < group.members[1].eyes[0]
    widths = [float(np.ptp(member.rig.landmarks[:, 0])) for member in group.members]
    assert widths[1] == pytest.approx(0.75 * widths[0], rel=0.1)


@pytest.mark.parametrize("size", [None, 300, (180, 240)])
def test_a_face_moves_in_its_own_room_only(group: Group, size: tuple[int, int] | int | None) -> None:
    still = ("rest", "rest")
    moves = [("talking", "rest"), ("rest", "talking"), ("talking", "talking"), ("turned", "turned")]
    rest, first, second, both, _ = frames(group, still, *moves, size=size)
    moved = [np.any(frame != rest, axis=2) for frame in (first, second)]
    assert moved[0].mean() > 0.02 < moved[1].mean()
    assert not (moved[0] & moved[1]).any()
    np.testing.assert_array_equal(both[moved[0]], first[moved[0]])
    np.testing.assert_array_equal(both[moved[1]], second[moved[1]])
    np.testing.assert_array_equal(both[~(moved[0] | moved[1])], rest[~(moved[0] | moved[1])])


def test_nothing_jumps_where_rooms_end(group: Group) -> None:
    """Neighbours that are alike in the photo stay alike across the edge of what moved."""
    rest, turned = (
        frame[..., :3].astype(int) for frame in frames(group, ("rest", "rest"), ("turned", "turned"))
    )
    for member in group.members:
        assert member.room
        rows, columns = np.mgrid[: rest.shape[0], : rest.shape[1]]
        places = np.stack([columns.ravel(), rows.ravel()], 1) + 0.5 - (member.left, member.top)
        rim = (member.room.hold(places) > 0) & (member.room.hold(places) < 0.02)
        change = np.abs(turned - rest).max(2).ravel()[rim]
        assert rim.any()
        assert np.percentile(change, 99) <= 6


def test_any_number_of_threads_gives_the_same_bytes(group: Group) -> None:
    poses = [("talking", "turned"), ("turned", "talking"), ("rest", "turned")]
    one, three = (frames(group, *poses, threads=threads) for threads in (1, 3))
    np.testing.assert_array_equal(one, three)


def test_both_renderers_agree(group: Group) -> None:
    if not {name: works for name, works, _ in describe_backends()}["gl"]:
        pytest.skip("no OpenGL here")
    poses = [("rest", "rest"), ("talking", "turned")]
    pictures = [frames(group, *poses, backend=backend) for backend in ("cpu", "gl")]
    for cpu, gl in zip(*pictures, strict=True):
        assert (np.abs(cpu.astype(int) - gl).max(2) > 3).mean() < 0.002


def test_the_wrong_number_of_values(group: Group) -> None:
    with (
        GroupRenderer(group, (64, 64), view=(0, 0, 64, 64), backend="cpu") as renderer,
        pytest.raises(UsageError, match=r"\(frames, 2, "),
    ):
        renderer.draw(np.zeros((1, len(CHANNELS))))


def test_laying_keeps_what_is_equal() -> None:
    random = np.random.default_rng(0)
    frame, part = (random.integers(0, 256, (20, 30, 4), np.uint8) for _ in range(2))
    share = random.integers(0, 256, (20, 30), np.uint8)
    rest = part.copy()
    rest[5, 7] ^= 1
    share[5, 7] = 255
    out = frame.copy()
    lay(out, part, rest, share, 0, 0)
    changed = np.argwhere((out != frame).any(2))
    assert changed.tolist() == [[5, 7]]
    np.testing.assert_array_equal(out[5, 7], part[5, 7])


def test_where_the_matte_is_not_trusted_the_picture_warps(
    pair: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = grouping.cut_out
    monkeypatch.setattr(grouping, "cut_out", lambda *given: (found(*given)[0], 0.2))
    group = find_group(pair)
    assert [member.rig.fit["layers"] for member in group.members] == ["falloff", "falloff"]
    rest, first, second = frames(group, ("rest", "rest"), ("talking", "rest"), ("rest", "talking"))
    np.testing.assert_array_equal(rest, photo_of(pair, *rest.shape[:2]))
    moved = [np.any(frame != rest, axis=2) for frame in (first, second)]
    assert not (moved[0] & moved[1]).any()


@pytest.mark.parametrize("background", ["#2050c0", "transparent"])
def test_another_background_is_behind_both(pair: Path, background: str) -> None:
    group = find_group(pair, background=background)
    rest, turned = frames(group, ("rest", "rest"), ("turned", "turned"))
    corner = (32, 80, 192, 255) if background != "transparent" else (0, 0, 0, 0)
    for frame in (rest, turned):
        if background == "transparent":
            assert frame[:8, :8, 3].max() == 0
        else:
            assert np.abs(frame[:8, :8].astype(int) - corner).max() <= 1
        for member in group.members:
            x, y = np.round(member.eyes).astype(int)
            assert frame[y - 3 : y + 3, x - 3 : x + 3, 3].min() == 255
    photo = photo_of(pair, *rest.shape[:2]).astype(int)
    for member in group.members:
        x, y = np.round(member.eyes).astype(int)
        part = (slice(y - 8, y + 8), slice(x - 8, x + 8))
        assert np.abs(rest[part].astype(int) - photo[part]).max() <= 1


def test_a_face_that_cannot_be_followed(
    pair: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    check = grouping.check_landmarks

    def fails_on_the_right(points: np.ndarray, width: int, height: int) -> None:
        if points[:, 0].mean() > width / 2:
            raise FaceError("the head is turned too far to the side")
        check(points, width, height)

    monkeypatch.setattr(grouping, "check_landmarks", fails_on_the_right)
    group = find_group(pair)
    assert [member.number for member in group.members] == [0]
    assert "face 1 stays still: the head is turned too far" in caplog.text
    with pytest.raises(FaceError, match="face 1: the head is turned too far"):
        find_group(pair, wanted=[1])
    monkeypatch.setattr(
        grouping, "check_landmarks", lambda *_: fails_on_the_right(np.full((68, 2), 1e9), 1, 1)
    )
    with pytest.raises(FaceError, match="face 1: the head is turned too far"):
        find_group(pair)


def test_the_size_that_is_asked_for_shows_every_face(group: Group) -> None:
    framing = fit_frame(group.scene, (320, 180))
    x, y, width, height = framing.view
    for member in group.members:
        assert x < member.eyes[0] < x + width
        assert y < member.eyes[1] < y + height
    still = Together(group, [phiz.Clip(0.5, {}), phiz.Clip(1.5, {})])
    assert still.seconds == 1.5
    assert still.values(np.zeros(4)).shape == (4, 2, len(CHANNELS))


def test_lines_make_a_video(
    pair: Path,
    group: Group,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = ["--size", "160", "--fps", "8", "--backend", "cpu", "--quiet"]
    lines = ["--line", "0: Hello.", "--line", "1(espeak:f3): Hi!"]
    files = ["-o", str(tmp_path / "a.mp4"), "--hashes", str(tmp_path / "a.txt")]
    assert main(["talk", str(pair), *lines, *files, *options, "--threads", "1"]) == 0
    with pytest.raises(UsageError, match=r"no face 2.*faces 0\.\.1"):
        phiz.talk(pair, lines=["2: Hello."], output=tmp_path / "c.mp4")
    assert not (tmp_path / "c.mp4").exists()
    monkeypatch.setattr(grouping, "find_group", lambda *_, **__: group)  # made before, from the same picture
    result = phiz.talk(
        pair, lines=[(0, "Hello."), "1(espeak:f3): Hi!"], output=tmp_path / "b.mp4", size=160, fps=8,
        backend="cpu", hashes=tmp_path / "b.txt",
    )  # fmt: skip
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    digests = (tmp_path / "b.txt").read_text().splitlines()
    assert (tmp_path / "a.txt").read_text().splitlines() == digests
    assert len(digests) == result.frames == round(result.seconds * 8)
    assert result.timing == "exact"
    assert capsys.readouterr().out == ""


def test_each_face_gets_a_rig(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["rig", str(pair), "--face", "all", "-o", "face.glb", "--report", "r.json"]
    Path("face-1.glb").write_bytes(b"mine")
    assert main(asked) == 2
    assert "face-1.glb exists" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["face-1.glb"]
    assert main([*asked, "--force"]) == 0
    made = ["face-0.glb", "face-1.glb", "r-0.json", "r-1.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == made
    assert "face-0.glb and r-0.json: made in" in capsys.readouterr().out
    alone = Rig.from_photo(pair, face=1)
    alone.save("alone.glb")
    assert Path("alone.glb").read_bytes() == Path("face-1.glb").read_bytes()


def test_a_face_without_a_rig_does_not_keep_the_others_from_theirs(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def make() -> tuple[Rig, object]:
        raise FaceError("it is turned too far")

    class Judged:
        line, warnings = "fine", ()

    monkeypatch.setattr("phiz.api.judged_faces", lambda *_, **__: [make, lambda: (make_rig(), Judged())])
    monkeypatch.chdir(tmp_path)
    assert main(["rig", str(pair), "--face", "all", "-o", "face.glb"]) == 1
    said = capsys.readouterr()
    assert "pair.png: face 0 has no rig: it is turned too far" in said.err
    assert said.out.startswith("face-1.glb: made in")
    assert [path.name for path in tmp_path.iterdir()] == ["face-1.glb"]
