"""`phiz doctor`: what is installed, what works here, and what would make it faster."""

import platform
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from importlib import metadata
from pathlib import Path

from phiz import __version__
from phiz.cores import usable_cores

__all__ = ["examine"]

PACKAGES = (
    "numpy", "scipy", "numba", "moderngl", "pillow", "opencv-python-headless", "dlib-bin",
    "face-recognition-models", "espeakng-loader", "imageio-ffmpeg", "tqdm",
)  # fmt: skip
FEW_CORES = 4
SIDE = 64  # pixels, of the picture that is drawn as a test


def examine(say: Callable[[str], object]) -> bool:
    """Report line by line through `say`; True when everything that phiz needs works here."""
    say(f"phiz {__version__}, Python {platform.python_version()}, {platform.platform()}")
    missing = _installed(say)
    backends = {} if missing else _backends(say)
    _landmarkers(say)
    _voices(say)
    say("self-test:")
    checks = {"find a face": _find_face, "speak": _speak, "draw": _draw, "encode": _encode}
    works = [_check(say, name, check) for name, check in checks.items()]
    _advise(say, backends)
    well = not missing and all(works)
    say("all is well" if well else "something is missing: see the lines with NO above")
    return well


def _installed(say: Callable[[str], object]) -> list[str]:
    """Report the packages' versions; the names of those that are not there."""
    missing = []
    say("installed:")
    for name in PACKAGES:
        try:
            say(f"  {name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
            say(f"  {name}: NO; python -m pip install {name}")
    return missing


def _backends(say: Callable[[str], object]) -> dict[str, str]:
    """Report the renderers; what the ones that work run on."""
    from phiz.renderers import describe_backends

    say("renderers:")
    working = {}
    try:
        described = describe_backends()
    except Exception as error:  # such as a Numba that this NumPy is too new for
        say(f"  NO; {type(error).__name__}: {error}")
        return {}
    for name, works, detail in described:
        say(f"  {name}: {'yes' if works else 'not here'}, {detail}")
        if works:
            working[name] = detail
    return working


def _landmarkers(say: Callable[[str], object]) -> None:
    """Report what can find faces here."""
    try:
        from phiz.portrait.landmarkers import describe_landmarkers
    except ImportError:  # a package is missing, and was reported
        return
    say("landmarkers:")
    for name, works, detail in describe_landmarkers():
        say(f"  {name}: {'yes' if works else 'not here'}, {detail}")


def _voices(say: Callable[[str], object]) -> None:
    """Report what can speak here."""
    from phiz.speech.voices.listing import listed

    say("voices:")
    for voice in listed():
        say(f"  {voice.name}: {'yes' if voice.works else 'not here'}, {voice.about}")


def _check(say: Callable[[str], object], name: str, check: Callable[[], str]) -> bool:
    begin = time.perf_counter()
    try:
        detail = check()
    except Exception as error:  # whatever is wrong with this machine is the report
        say(f"  {name}: NO; {type(error).__name__}: {error}")
        return False
    say(f"  {name}: yes, {detail} in {time.perf_counter() - begin:.2f} s")
    return True


def _draw() -> str:
    """Draw one red square, and look at it."""
    import numpy as np

    from phiz.channels import CHANNELS
    from phiz.portrait.rig import Camera, Layer, Rig
    from phiz.renderers import open_renderer

    camera = Camera(SIDE, SIDE, (0.0, 0.0, 1.0), 200.0)
    corners = camera.lift(np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]]), 0.0).astype(np.float32)
    uvs = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    triangles = np.array([[0, 2, 1], [0, 3, 2]], np.uint32)
    weights = np.tile(np.array([1, 0, 0], np.float32), (4, 1))
    layer = Layer("square", corners, uvs, triangles, "red", weights)
    red = np.full((2, 2, 4), (255, 0, 0, 255), np.uint8)
    landmarks = np.full((68, 2), SIDE / 2, np.float32)
    rig = Rig((layer,), {"red": red}, np.zeros((3, 3), np.float32), camera, landmarks)
    with open_renderer(rig, (SIDE, SIDE)) as renderer:
        frame = renderer.draw(np.zeros(len(CHANNELS)))
        if not (frame == (255, 0, 0, 255)).all():
            raise RuntimeError(f"the {renderer.name} renderer drew a wrong picture; try --backend cpu")
        return f"with {renderer.name}"


def _speak() -> str:
    from phiz.speech.synthesis import speak

    speech = speak("Hello.")
    return f"{len(speech.phonemes)} phonemes, {speech.duration:.1f} s of sound"


def _find_face() -> str:
    from phiz.data import demo_portrait
    from phiz.portrait.image import read_scaled_image
    from phiz.portrait.landmarkers import locate

    picture = read_scaled_image(demo_portrait())[0][:, :, :3].copy()
    return f"{len(locate(picture)[0])} landmarks"


def _encode() -> str:
    import numpy as np

    from phiz.output.video import write_video

    frame = np.zeros((SIDE, SIDE, 4), np.uint8)
    silence = np.zeros(22050, np.float32)
    with tempfile.TemporaryDirectory(prefix="phiz-") as folder:
        path = Path(folder, "test.mp4")
        write_video([frame] * 2, path, size=(SIDE, SIDE), fps=Fraction(2), sound=(silence, 22050))
        return f"{path.stat().st_size} bytes of MP4"


def _advise(say: Callable[[str], object], backends: dict[str, str]) -> None:
    say("faster:")
    cores = usable_cores()
    if "(hardware)" not in backends.get("gl", ""):
        say("  a graphics card with its driver (OpenGL 3.3, on Linux with EGL) would draw faster")
    if cores < FEW_CORES:
        say(f"  drawing and encoding share {cores} core(s); {FEW_CORES} or more would run them side by side")
    say("  a rig saved once (phiz rig PHOTO -o FACE.glb) spares finding the face in every later video")
    say("  the first run after installing compiles code; later runs load it from a cache")
