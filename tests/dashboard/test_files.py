"""The page's files: complete, vendored with proof, free of what could run markup."""

import hashlib
import re
import zlib
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.dashboard.files import DOCS, SHELL, STATIC

SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
STYLES = sorted((STATIC / "css").glob("*.css"))
VENDORS = [STATIC / "vendor", Path(__file__).parent / "vendor"]
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|DOMParser|document\.write|\beval\(|new Function|setAttribute\(\"(style|on)"
)
PACKED_PAGE_BYTES = 150_000


def texts(folder: Path, pattern: str) -> str:
    return "\n".join(path.read_text() for path in sorted(folder.rglob(pattern)) if "vendor" not in path.parts)


def test_the_pages_exist() -> None:
    assert SHELL.is_file()
    assert DOCS.is_file()


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_script_parses_markup_or_runs_text(path: Path) -> None:
    assert FORBIDDEN.findall(path.read_text()) == []


@pytest.mark.parametrize("page", [SHELL, DOCS], ids=lambda path: path.name)
def test_no_page_has_inline_script_style_or_handlers(page: Path) -> None:
    text = page.read_text()

    assert re.findall(r"<style|\sstyle=|\son\w+=|javascript:", text) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//(?!www\.tradingview\.com)", text) == []


def test_every_file_that_is_named_exists() -> None:
    named = re.findall(r"/static/([\w./-]+)", texts(STATIC, "*.html") + texts(STATIC, "*.js"))

    assert [name for name in named if not (STATIC / name).is_file()] == []


def test_every_icon_that_is_named_exists() -> None:
    drawn = set(re.findall(r'id="([\w-]+)"', (STATIC / "icons.svg").read_text()))
    named = set(re.findall(r"icons\.svg#([\w-]+)", texts(STATIC, "*.html")))

    assert named <= drawn


def imported(script: Path) -> list[Path]:
    """Return the scripts that one takes from at once."""
    return [script.parent / name for name in re.findall(r"from \"(\.{1,2}/[\w./-]+)\"", script.read_text())]


def test_every_import_of_a_script_exists() -> None:
    later = [
        script.parent / name
        for script in SCRIPTS
        for name in re.findall(r"import\(\"(\.{1,2}/[\w./-]+)\"\)", script.read_text())
    ]
    named = [*later, *(path for script in SCRIPTS for path in imported(script))]

    assert later
    assert [path for path in named if not path.is_file()] == []


def test_every_token_that_is_used_is_defined() -> None:
    styles = texts(STATIC, "*.css")
    defined = set(re.findall(r"^\s*(--[\w-]+):", styles, re.MULTILINE)) | set(
        re.findall(r"[{;] (--[\w-]+):", styles)
    )

    assert set(re.findall(r"var\((--[\w-]+)", styles)) <= defined


def test_no_emoji_in_the_page() -> None:
    everything = texts(STATIC, "*.html") + texts(STATIC, "*.js") + texts(STATIC, "*.css")

    assert re.findall(r"[\U0001F000-\U0001FAFF\u2600-\u27BF]", everything) == []


@pytest.mark.parametrize("folder", VENDORS, ids=str)
def test_vendored_files_are_what_they_claim(folder: Path) -> None:
    claims = re.findall(
        r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.MULTILINE
    )
    code = {path.name for path in folder.iterdir() if path.suffix in (".js", ".mjs", ".css")}

    assert {name for name, _ in claims} == code
    for name, claimed in claims:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == claimed
    assert list(folder.glob("*LICENSE*"))


def first_view() -> set[Path]:
    """Return the scripts that the page fetches before anybody goes anywhere."""
    found, ahead = set(), [(STATIC / "js" / "main.js").resolve()]
    while ahead:
        path = ahead.pop()
        if path in found:
            continue
        found.add(path)
        ahead += [each.resolve() for each in imported(path)]
    return found


def test_the_page_without_the_chart_library_is_small() -> None:
    others = [SHELL, STATIC / "icons.svg", STATIC / "favicon.svg", *STYLES]
    files = [*first_view(), STATIC / "js" / "early.js", *others]

    assert sum(len(zlib.compress(path.read_bytes())) for path in files) <= PACKED_PAGE_BYTES


def test_views_are_fetched_when_they_are_wanted() -> None:
    folder = (STATIC / "js").resolve()
    names = {str(path.relative_to(folder)) for path in first_view()}

    assert {"main.js", "market/market.js", "words/market.js"} <= names
    assert {Path(name).parts[0] for name in names}.isdisjoint({"chart", "settings", "portfolio", "alerts"})


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_has_contrast_enough(theme: int) -> None:
    tokens = (STATIC / "css" / "tokens.css").read_text()
    pairs = {
        name: colours[theme]
        for name, *colours in re.findall(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)", tokens)
    }
    grounds = [pairs["surface"], pairs["sunk"], pairs["bg"]]
    texts_ = ["text", "text-2", "text-3", "accent", "up", "down", "warning", "critical", "ok", "simulated"]

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(one), luminance(other)), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert [name for name in texts_ for ground in grounds if contrast(pairs[name], ground) < 4.5] == []
    assert [ground for ground in grounds if contrast(pairs["control"], ground) < 3] == []
