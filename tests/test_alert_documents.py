"""The documentation of alerts: every condition and every file in it can be read."""

import re
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.engine.alertfiles import read_alert_file
from tests.fakes import NOON

DOCS = Path(__file__).parents[1] / "docs"
PAGES = [
    DOCS / "how-to" / "ask-with-alerts.md",
    DOCS / "how-to" / "backtest-an-alert.md",
    DOCS / "how-to" / "keep-alerts-as-code.md",
    DOCS / "tutorials" / "your-first-alert.md",
]
WRONG = "price crosses abov 50000"
"""The tutorial's mistake, made on purpose."""


def conditions() -> list[str]:
    """Return every condition: the table's second column, and what stands behind --condition."""
    text = "\n".join(page.read_text() for page in PAGES)
    rows = re.findall(r"^\| [a-z][^|`]* \| `([^`]+)` \|$", text, re.MULTILINE)
    return sorted({*rows, *re.findall(r'--condition "([^"]+)"', text)} - {WRONG})


def test_there_are_conditions_to_read():
    assert len(conditions()) > 15


@pytest.mark.parametrize("text", conditions())
def test_every_condition_can_be_read(text: str):
    assert read_condition(text, "1m").spelling


def test_every_file_can_be_read():
    blocks = [
        block for page in PAGES for block in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)
    ]

    assert blocks
    for block in blocks:
        assert read_alert_file(block.encode(), now=NOON)
