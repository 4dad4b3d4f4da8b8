"""The README: its commands are understood, its Python names exist, its links lead somewhere."""

import ast
import re
import shlex
from pathlib import Path

import pytest

import phiz
from phiz.commands.parser import build_parser

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands():
    """Every `phiz ...` in the shell examples, as arguments."""
    for block in blocks("sh"):
        for line in block.splitlines():
            for part in line.split("&&"):
                words = shlex.split(part, comments=True)
                if words[:1] == ["phiz"]:
                    yield words[1:]


def test_the_two_commands_come_first():
    first, second = blocks("sh")[:2]
    assert first.strip() == "python3 -m pip install . && phiz demo"
    assert second.strip() == "python3 -m pip install '.[test]' && python3 -m pytest"


@pytest.mark.parametrize("arguments", list(commands()), ids=" ".join)
def test_a_command_is_understood(arguments):
    assert build_parser().parse_args(arguments).verb == arguments[0]


def test_every_verb_has_an_example():
    verbs = re.findall(r"^    (\w+) ", build_parser().format_help(), re.MULTILINE)
    assert verbs
    assert set(verbs) <= {arguments[0] for arguments in commands()}


@pytest.mark.parametrize("block", blocks("python"))
def test_python_examples_use_what_exists(block):
    names = {
        node.attr
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "phiz"
    }
    assert names <= {*phiz.__all__, "runtime"}


@pytest.mark.parametrize("page", ["README.md", "docs/design.md", "docs/licenses.md", "CHANGELOG.md"])
def test_links_to_files_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert missing == []
