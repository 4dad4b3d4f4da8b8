"""Where tests find recordings and portraits too large, or not free enough, to live in the repository.

    from evaldata import eval_file

    def test_on_a_real_face():
        photo = eval_file("portraits/NAME.png")  # skips the test, and says why, when the file is not there

The folder is the one that the environment variable PHIZ_EVAL names, else `shared/eval` beside the repository.
Nothing in it may be copied into the repository. A machine without it must still test what matters: use the
portrait that ships with phiz (`phiz.data.demo_portrait`) or made-up data wherever that can fail too.
"""

import os
from pathlib import Path

import pytest

__all__ = ["eval_file", "eval_folder", "eval_names"]


def eval_folder() -> Path:
    """The folder of evaluation data, which need not exist."""
    named = os.environ.get("PHIZ_EVAL")
    return Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "eval"


def eval_file(relative: str) -> Path:
    """A file or folder in the evaluation data; skips the running test when it is not there."""
    path = eval_folder() / relative
    if not path.exists():
        pytest.skip(f"no evaluation data: {path} is not there (PHIZ_EVAL names the folder that holds it)")
    return path


def eval_names(relative: str) -> list[str]:
    """Names of files in a folder of the evaluation data; without it a single one, which `eval_file` skips."""
    folder = eval_folder() / relative
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else ["everything"]
