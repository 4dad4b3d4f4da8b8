"""The package as it is installed: nothing missing from the wheel, nothing undeclared, nothing superfluous."""

import ast
import configparser
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import phiz
from phiz import data

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {"phiz": ROOT / "engine/phiz", "phiz.shaders": ROOT / "shaders", "phiz.phonemes": ROOT / "phonemes"}
SHIPPED = {".py", ".csv", ".glsl", ".json", ".md", ".png", ".typed"}
DISTRIBUTIONS = {  # what is imported, where its distribution has another name
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "dlib": "dlib-bin",
    "_dlib_pybind11": "dlib-bin",
    "face_recognition_models": "face-recognition-models",
    "espeakng_loader": "espeakng-loader",
    "imageio_ffmpeg": "imageio-ffmpeg",
    "gtts": "gTTS",
    "piper": "piper-tts",
    "sudachidict_small": "sudachidict-small",
    "pyworld": "pyworld-prebuilt",
    "webvtt": "webvtt-py",
}
FOUND_WITHOUT_IMPORT = {"face-recognition-models"}  # importing it would need pkg_resources


@pytest.fixture(scope="module")
def config():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Names of the files in a wheel built from a copy of the sources."""
    copy, out = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("wheel")
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info")
    for folder in ("engine", "shaders", "phonemes"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=skip)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy / name)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    run = subprocess.run([sys.executable, "-c", build], cwd=copy, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    (archive,) = out.glob("*.whl")
    return archive


def modules():
    """Every module of the package as (dotted name, path)."""
    for package, folder in SOURCES.items():
        for path in sorted(folder.rglob("*.py")):
            inner = path.relative_to(folder).with_suffix("").parts
            yield ".".join([package, *(part for part in inner if part != "__init__")]), path


def test_every_package_folder_is_listed(config):
    listed = config["options"]["packages"].split()
    there = {name for name, path in modules() if path.name == "__init__.py"}
    assert sorted(listed) == sorted(there)


def test_every_folder_of_modules_is_a_package():
    folders = {path.parent for _, path in modules()}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_wheel_holds_every_file(wheel):
    there = set(zipfile.ZipFile(wheel).namelist())
    expected = {
        f"{package.replace('.', '/')}/{path.relative_to(folder).as_posix()}"
        for package, folder in SOURCES.items()
        for path in folder.rglob("*")
        if path.suffix in SHIPPED and "__pycache__" not in path.parts
    }
    assert {"phiz/assets/collins.png", "phiz/py.typed", "phiz/shaders/__init__.py"} <= expected
    assert expected - there == set()


def test_the_wheel_holds_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"phiz", f"phiz-{phiz.__version__}.dist-info"}
    assert {Path(name).suffix for name in names if name.startswith("phiz/")} <= SHIPPED


def test_the_wheel_holds_the_licence_and_the_command(wheel):
    archive = zipfile.ZipFile(wheel)
    dist = f"phiz-{phiz.__version__}.dist-info"
    (licence,) = (name for name in archive.namelist() if name.startswith(dist) and name.endswith("LICENSE"))
    assert "MIT License" in archive.read(licence).decode()
    assert "phiz = phiz.cli:main" in archive.read(f"{dist}/entry_points.txt").decode()
    metadata = archive.read(f"{dist}/METADATA").decode()
    assert f"Version: {phiz.__version__}\n" in metadata


def third_party_imports():
    """Distributions that the package imports, by the modules that do."""
    found = {}
    for name, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                tops = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                tops = {(node.module or "").split(".")[0]}
            else:
                continue
            for top in tops - sys.stdlib_module_names - {"phiz"}:
                found.setdefault(DISTRIBUTIONS.get(top, top), set()).add(name)
    return found


def test_what_is_imported_is_required_and_the_other_way_round(config):
    def named(wanted):
        return set(re.findall(r"^([\w-]+)[>=]=", wanted, re.MULTILINE))

    required = named(config["options"]["install_requires"])
    extras = config["options.extras_require"]
    optional = set().union(*(named(extras[name]) for name in extras if name not in ("test", "dev")))
    imported = third_party_imports()
    assert set(imported) - required - optional == set(), "imported, but absent from setup.cfg"
    assert {name: len(imported[name]) for name in optional} == dict.fromkeys(optional, 1), "one home each"
    assert required - set(imported) - FOUND_WITHOUT_IMPORT == set(), "in setup.cfg, but never imported"


def test_only_the_espeak_voice_touches_espeak():
    # espeak-ng is GPL-3: one module, loaded when it speaks.
    assert third_party_imports().get("espeakng-loader", set()) <= {"phiz.speech.voices.espeak"}


@pytest.mark.parametrize(("name", "path"), [pytest.param(*pair, id=pair[0]) for pair in modules()])
def test_a_module_says_what_it_is_and_what_it_offers(name, path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{name} has no docstring"
    if path.name in ("__init__.py", "__main__.py") and name != "phiz":
        return
    exports = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]
    ]
    assert len(exports) == 1, f"{name} has no literal __all__"
    assert len(set(exports[0])) == len(exports[0])


def test_the_demo_portrait_is_there_with_its_credit():
    portrait = data.demo_portrait()
    assert portrait.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert portrait.name in (portrait.parent / "CREDITS.md").read_text(encoding="utf-8")
