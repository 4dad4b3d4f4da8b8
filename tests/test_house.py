"""The house rules that a reader relies on: imports run leftwards, names are unambiguous, pieces are small."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import phiz

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "engine"
SOURCES = [ROOT / folder for folder in ("engine/phiz", "phonemes", "shaders", "tests", "bench")]

# Where a module stands on the way through the house; it imports what has a lower number or its own folder.
# portrait and speech stand side by side: neither imports the other.
PLACES = {"portrait": 1, "speech": 1, "motion": 2, "renderers": 3, "output": 4}
BASE = {"assets", "channels", "cores", "data", "errors", "ffmpeg", "files", "jit"}  # know nothing of faces
ENDS = {  # know everything
    "__main__", "api", "cli", "doctor", "commands", "filming", "progress", "runtime", "together",
}  # fmt: skip

LONGEST_FILE, LONGEST_FUNCTION = 400, 60  # lines
KERNELS = {"draw_triangles", "fill"}  # Numba compiles them; cut up, they would pass a dozen variables on
SHADOWS = {"phiz.jit": "the decorator and its only home"}  # modules named like what they export, and why


def files() -> list[Path]:
    return sorted(path for folder in SOURCES for path in folder.rglob("*.py"))


def modules() -> list[Path]:
    return [path for path in files() if ENGINE in path.parents]


def name_of(path: Path) -> str:
    parts = path.relative_to(ENGINE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Modules of phiz that are imported anywhere in a module, for type checking too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("phiz"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            if node.module == "phiz":
                yield from (home_of(alias.name) for alias in node.names)
            elif (node.module or "").startswith("phiz."):
                yield node.module or ""


def home_of(name: str) -> str:
    """The module that `from phiz import name` leads to."""
    if (ENGINE / "phiz" / name).is_dir() or (ENGINE / "phiz" / f"{name}.py").exists():
        return f"phiz.{name}"
    return "phiz.errors" if name == "__version__" else str(getattr(phiz, name).__module__)


def place_of(module: str) -> tuple[int, str]:
    """How far right a module of phiz stands, and its folder (or its own name, at the top)."""
    assert "." in module, "name the module of phiz that is meant"
    folder = module.split(".")[1]
    assert folder in {*PLACES, *BASE, *ENDS}, f"{module} has no place in the house yet: give it one here"
    return 0 if folder in BASE else PLACES.get(folder, 5), folder


@pytest.mark.parametrize("path", [pytest.param(p, id=name_of(p)) for p in modules() if name_of(p) != "phiz"])
def test_imports_run_leftwards(path: Path) -> None:
    place, folder = place_of(name_of(path))
    for imported in imports(tree_of(path)):
        other, its_folder = place_of(imported)
        side_by_side = other == place and place in (0, 5)  # single modules at the top
        allowed = its_folder == folder or other < place or side_by_side
        assert allowed, f"{name_of(path)} imports {imported}"


def test_a_module_is_not_named_like_what_it_exports() -> None:
    shadows = {
        name_of(path)
        for path in modules()
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == path.stem
    }
    assert shadows == set(SHADOWS)


def test_files_are_short() -> None:
    lengths = {str(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(ROOT).as_posix()}: {node.name}": length
        for path in files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef) and node.name not in KERNELS
        if (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_kernels_that_may_be_long_are_compiled() -> None:
    compiled = {
        node.name
        for path in modules()
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef) and "jit" in map(ast.unparse, node.decorator_list)
    }
    assert compiled >= KERNELS
