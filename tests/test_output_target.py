"""Files appear whole or not at all, and nothing that exists is lost."""

import errno
import os
from pathlib import Path

import pytest

from phiz.errors import OutputError, UsageError
from phiz.files import disk_trouble, passing, whole
from phiz.output.target import check_target, check_targets, replacing


def test_a_file_appears_under_its_name_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "ü b.json"
    with replacing(target) as temporary:
        temporary.write_text("done")
        assert not target.exists()
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".json"
    assert target.read_text() == "done"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_leaves_no_file_and_keeps_the_old_one(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")

    def fail() -> None:
        with replacing(target, force=True) as temporary:
            temporary.write_text("half")
            raise failure

    with pytest.raises(failure):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_exists_is_kept_unless_forced(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(UsageError, match="--force"), replacing(target):
        pytest.fail("the block must not run")
    with replacing(target, force=True) as temporary:
        temporary.write_text("new")
    assert target.read_text() == "new"


def test_what_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"

    def write() -> None:
        with replacing(target) as temporary:
            temporary.write_text("mine")
            target.write_text("theirs")

    with pytest.raises(UsageError, match="appeared meanwhile"):
        write()
    assert target.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_keeps_pointing_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    link = tmp_path / "link.txt"
    link.symlink_to("real.txt")
    with replacing(link, force=True) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        check_target(tmp_path, force=True)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="not a regular file"):
        check_target(pipe, force=True)


def test_endings(tmp_path: Path) -> None:
    assert check_target(tmp_path / "a.MP4", suffixes=(".mp4",)).name == "a.MP4"
    with pytest.raises(UsageError, match=r"\.mp4"):
        check_target(tmp_path / "a.avi", suffixes=(".mp4",))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"no folder {tmp_path / 'no'}"):
        check_target(tmp_path / "no" / "a.mp4")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = Path("/proc") if os.geteuid() == 0 else tmp_path
    if folder == tmp_path:
        tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match=f"{folder} is not writable"):
        check_target(folder / "a.mp4")


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert "disk is full" in str(disk_trouble(full, tmp_path / "a"))
    with pytest.raises(OutputError, match=r"a\.txt: the disk is full"), replacing(tmp_path / "a.txt"):
        raise full
    assert list(tmp_path.iterdir()) == []


def test_one_file_cannot_hold_two_results(tmp_path: Path) -> None:
    wav, json = tmp_path / "a.wav", tmp_path / "a.json"
    assert check_targets(wav, ".wav", str(json), force=False) == (wav, json)
    assert check_targets(wav, ".wav", None, force=False) == (wav, None)
    (tmp_path / "link.wav").symlink_to(wav)
    for other in (wav, f"{tmp_path}/./a.wav", tmp_path / "link.wav"):
        with pytest.raises(UsageError, match=r"a\.wav and .* one file.*two files"):
            check_targets(wav, ".wav", other, force=True)
    with pytest.raises(UsageError, match="folder"):
        check_targets(wav, ".wav", "", force=True)
    with pytest.raises(UsageError, match=r"does not end in \.png"):
        check_targets(wav, ".wav", json, ".png", force=True)


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_whole_file_replaces_or_leaves_the_old(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "a.txt"
    with whole(target) as temporary:
        temporary.write_text("old")

    def fail() -> None:
        with whole(target) as temporary, passing(target, ".f32") as sound:
            temporary.write_text("half")
            sound.write_text("half")
            assert len(list(tmp_path.iterdir())) == 3
            raise failure

    with pytest.raises(failure):
        fail()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
