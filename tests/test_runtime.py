"""The runtime profile: a game loads a rig and a clip and draws, with numpy, numba and moderngl alone."""

import subprocess
import sys

import numpy as np

from phiz import runtime
from phiz.motion.clip import Clip, Curve
from scene import make_rig, values

HEAVY = {"dlib", "scipy", "cv2", "tqdm", "espeakng_loader", "imageio_ffmpeg", "phiz.speech", "phiz.output"}
IMPORT = "import sys; from phiz import runtime; print(*sys.modules)"
PLAY = f"""
import sys
for name in {HEAVY}:
    sys.modules[name] = None  # as if it were not installed
from phiz import runtime
rig, clip = runtime.load_rig(sys.argv[1]), runtime.load_clip(sys.argv[2])
with runtime.open_renderer(rig, (64, 48), backend="cpu") as renderer:
    print(renderer.draw(clip.evaluate(0.5)).sum())
"""


def run(code: str, *arguments) -> str:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_importing_it_imports_little():
    loaded = run(IMPORT).split()
    assert "phiz.runtime" in loaded
    unwanted = {*HEAVY, "PIL", "numba", "moderngl"}
    assert [name for name in loaded if unwanted & {name, name.partition(".")[0]}] == []


def test_a_game_needs_nothing_else(tmp_path):
    rig, clip = tmp_path / "face.glb", tmp_path / "clip.json"
    make_rig().save(rig)
    Clip(duration=1.0, curves={"jawOpen": Curve((0.0, 1.0), (0.0, 1.0))}).save(clip)
    total = int(run(PLAY, rig, clip))
    with runtime.open_renderer(runtime.load_rig(rig), (64, 48), backend="cpu") as renderer:
        half = runtime.load_clip(clip).evaluate(0.5)
        assert np.array_equal(half > 0, values(jawOpen=1.0) > 0)
        assert renderer.draw(half).sum() == total


def test_what_it_exports():
    assert set(runtime.__all__) == {
        "CHANNELS", "Clip", "Renderer", "Rig", "load_clip", "load_rig", "open_renderer",
    }  # fmt: skip
    assert all(hasattr(runtime, name) for name in runtime.__all__)
