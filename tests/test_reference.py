"""The generated pages of the reference are what they are generated from."""

from pathlib import Path

import pytest

from crypto_portfolio_analyzer.settings import known_settings
from tools import reference

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"


@pytest.fixture(scope="module")
def pages():
    return reference.pages()


@pytest.mark.parametrize("name", ["cli.md", "settings.md", "metrics.md", "templates.md"])
def test_page_is_up_to_date(name, pages):
    assert (FOLDER / name).read_text() == pages[name], "run tools/reference.py"


def test_every_setting_has_a_heading(pages):
    shown = [known.key for known in known_settings() if not known.hidden]

    plain = [key for key in shown if not key.startswith("exchanges.")]
    assert all(f"\n## {key}\n" in pages["settings.md"] for key in plain)
    assert "`pumpportal`" in pages["settings.md"]


def test_pages_hold_no_path_of_this_machine(pages):
    assert not any(str(Path.home()) in text for text in pages.values())
