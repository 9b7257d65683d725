"""The rules of the house that no other tool enforces."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "crypto_portfolio_analyzer"
CODE_FOLDERS = ("src", "tests", "tools", "benchmarks", "examples")
FILE_LINES = 400
FUNCTION_LINES = 50

# Exemptions, by name, with the reason; an entry that is no longer needed fails.
LONG_FILES: dict[str, str] = {}  # "src/…/file.py": reason
LONG_FUNCTIONS: dict[str, str] = {}  # "src/…/file.py::function": reason
COVERED_ELSEWHERE = {
    "channels/kinds.py": "conformance/test_channels.py",
    "core/notices/links.py": "storage/test_links.py",
    "core/notices/notification.py": "storage/test_delivery.py",
    "core/conditions/tree.py": "core/conditions/test_spelling.py",
    "engine/ports.py": "storage/test_alerts.py",
    "exchanges/coinbase/wire.py": "exchanges/coinbase/test_decode.py",
    "exchanges/coinbase_advanced/wire.py": "exchanges/coinbase_advanced/test_decode.py",
    "exchanges/kraken/wire.py": "exchanges/kraken/test_decode.py",
    "streaming/other_facts.py": "streaming/test_venue.py",
    "streaming/transports/picows_transport.py": "conformance/test_transports.py",
    "streaming/transports/websockets_transport.py": "conformance/test_transports.py",
}  # forms and ports have no behaviour of their own; facts that are no trades are heard through
# their feed, and every transport keeps the same promises

# Spelt so that this file does not break its own rules.
UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")
SKIPPED = re.compile(
    r"\b(pytest\.mark\.(ski[p]|skipi[f]|xfai[l])|pytest\.(ski[p]|xfai[l]|importorski[p])|unittest\.ski[p])"
)
THIS_MACHINE = re.compile(r"(?<![\w.~/-])/(wor[k]|roo[t])(?![\w-])")
THE_PERMITTED_SKIP = (
    ROOT / "tests" / "conftest.py"
)  # recorded data is absent: counted and said in the summary

TEXT_SUFFIXES = {".css", ".html", ".ini", ".js", ".md", ".py", ".sh", ".toml", ".yaml", ".yml", ""}
VENDORED = "vendor"  # others' built files, with their licence and checksum


def files() -> list[Path]:
    """List every text file of the tree that is ours."""
    top = [path for path in ROOT.iterdir() if path.is_file()]
    folders = [ROOT / name for name in (*CODE_FOLDERS, "docs", ".ci")]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(
        path
        for path in (*top, *found)
        if path.suffix in TEXT_SUFFIXES and not {VENDORED, "__pycache__"} & set(path.parts)
    )


def sources() -> list[Path]:
    """List every Python file that is ours."""
    return [path for path in files() if path.suffix == ".py"]


def relative(path: Path) -> str:
    """Name a file as the exemptions do."""
    return path.relative_to(ROOT).as_posix()


def pyproject() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines, without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def offending(pattern: re.Pattern[str]) -> list[str]:
    """List the places in the tree where a pattern occurs."""
    return [
        f"{relative(path)}:{number}: {line.strip()}"
        for path in files()
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_is_longer_than_the_wall():
    long = {relative(path) for path in sources() if len(path.read_text().splitlines()) > FILE_LINES}

    assert long == set(LONG_FILES)


def test_no_function_is_longer_than_the_wall():
    long = {
        f"{relative(path)}::{function.name}"
        for path in sources()
        for function in functions(ast.parse(path.read_text()))
        if length(function) > FUNCTION_LINES
    }

    assert long == set(LONG_FUNCTIONS)


def test_every_module_says_what_it_is():
    silent = [relative(path) for path in sources() if not ast.get_docstring(ast.parse(path.read_text()))]

    assert silent == []


def modules() -> list[str]:
    """List the modules of the package that owe a test: all but packages' own and migrations."""
    inside = [path.relative_to(PACKAGE) for path in sources() if path.is_relative_to(PACKAGE)]
    return [path.as_posix() for path in inside if path.name != "__init__.py" and "versions" not in path.parts]


def test_every_module_has_a_test_of_its_own():
    untested = []
    for module in modules():
        path = Path(module)
        mirror = path.parent / f"test_{path.stem.lstrip('_')}.py"
        covered = any(fnmatch(module, pattern) for pattern in COVERED_ELSEWHERE)
        if not covered and not (ROOT / "tests" / mirror).exists():
            untested.append(f"{module} wants tests/{mirror.as_posix()}")

    assert untested == []


def test_what_is_covered_elsewhere_exists_and_is_covered():
    for pattern, test in COVERED_ELSEWHERE.items():
        assert any(fnmatch(module, pattern) for module in modules())
        assert (ROOT / "tests" / test).exists()


def rooms_by_contract() -> dict[str, int]:
    """Return each room's storey, counted from the ground, as the import contract has it."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return {
        room.strip(" ()"): storey
        for storey, layer in enumerate(reversed(layers))
        for room in layer.split("|")
    }


def rooms_in_the_tree() -> set[str]:
    """Return the package's modules and packages at its top."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return packages | {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}


def rooms_on_the_map() -> list[str]:
    """Return the rooms of the README's map in order: `room · room/   what they are for`, details indented."""
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"^## The map\n.*?^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert block, "README.md wants a fenced block below the heading '## The map'"
    names = [re.split(r"\s{2,}", line)[0] for line in block[1].splitlines() if line[:1].strip()]
    return [room.strip(" /") for line in names for room in line.split("·")]


def test_map_shows_every_room_once():
    assert sorted(rooms_on_the_map()) == sorted(rooms_in_the_tree())


def test_map_is_in_the_order_of_the_import_contract():
    storeys = [rooms_by_contract()[room] for room in rooms_on_the_map()]

    assert storeys == sorted(storeys), "the map goes up: a room imports only what stands above it on the map"


def texts(value: object) -> Iterator[str]:
    """Yield every text in a tree of tables and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def test_no_dependency_names_a_host():
    tables = pyproject()
    project = tables["project"]
    blocks = [
        *(project["dependencies"], project["optional-dependencies"]),
        *(tables["dependency-groups"], tables["build-system"], tables["tool"]["uv"]),
    ]

    assert [text for text in texts(blocks) if "://" in text or "@" in text] == []


def test_lock_is_not_part_of_the_tree():
    assert "uv.lock" in (ROOT / ".gitignore").read_text().splitlines()
    if (ROOT / ".git").exists():
        tracked = ["git", "ls-files", "uv.lock"]
        assert subprocess.run(tracked, cwd=ROOT, capture_output=True, check=True).stdout == b""


def test_no_path_of_a_developers_machine():
    assert offending(THIS_MACHINE) == []


def test_nothing_is_left_unfinished():
    assert offending(UNFINISHED) == []


def test_no_test_is_skipped():
    places = [place for place in offending(SKIPPED) if not place.startswith(relative(THE_PERMITTED_SKIP))]

    assert places == []


@pytest.mark.parametrize(
    "index", sorted((ROOT / "docs").glob("*/README.md")), ids=lambda path: path.parent.name
)
def test_every_page_is_in_its_index(index):
    pages = {path.name for path in index.parent.glob("*.md")} - {"README.md"}

    assert pages <= set(re.findall(r"\]\(([\w.-]+\.md)\)", index.read_text()))
