"""What benches of speech share: which speakers they look at, one core, and the file of their numbers."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from run import machine

__all__ = ["EVAL", "on_one_core", "parser_of", "speakers_of", "write_report"]

ROOT = Path(__file__).resolve().parents[1]
EVAL = Path(os.environ.get("PHIZ_EVAL", ROOT.parent / "shared" / "eval"))
THREADS = "OPENBLAS_NUM_THREADS"
SPEAKERS = {
    "tune": ("dr2-marc0", "dr3-falk0", "dr6-mbma1", "dr7-fblv0"),
    "held": ("dr1-fvmh0", "dr4-maeb0", "dr5-ftlg0", "dr8-mbcg0"),
}


def parser_of(description: str, results: str) -> argparse.ArgumentParser:
    """A parser with `--speakers` and `--json`; results: the file's usual name in bench/results."""
    parser = argparse.ArgumentParser(description=description, allow_abbrev=False)
    parser.add_argument(
        "--speakers", nargs="+", default=["tune"], help="tune, held, or names of TIMIT's speakers"
    )
    path = ROOT / "bench" / "results" / results
    parser.add_argument("--json", type=Path, default=path, help="where the numbers go (default: %(default)s)")
    return parser


def speakers_of(given: Sequence[str]) -> list[str]:
    """Names of TIMIT's speakers, those of sets one by one."""
    return [name for each in given for name in SPEAKERS.get(each, (each,))]


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write the numbers, and what machine they are of."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine(), **report}, indent=1) + "\n", encoding="utf-8")
    print(f"written to {path}")


def on_one_core(main: Callable[[], None]) -> None:
    """Run `main` with one thread for matrices; starts Python anew, as numpy must know before it is loaded."""
    if os.environ.get(THREADS) != "1":
        os.environ[THREADS] = "1"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    main()
