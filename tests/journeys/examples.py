"""The page of alert examples, read: under each heading the sentences, the entries and the command lines."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

from crypto_portfolio_analyzer.core.alerts import AlertDraft
from crypto_portfolio_analyzer.engine.alertfiles import read_alert_file
from tests.journeys.midnight import MIDNIGHT

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "alert-examples.md"
FILES = ROOT / "examples" / "alerts"
_BLOCK = re.compile(r"```(yaml|sh)\n(.*?)```", re.DOTALL)


class Example(NamedTuple):
    """One entry, the sentence above its block, and the line below it."""

    kind: str
    entry: str
    draft: AlertDraft
    sentence: str
    command: list[str]


def file_of(entries: str) -> bytes:
    """Return the file that holds entries."""
    indented = "".join(f"  {line}\n" for line in entries.splitlines())
    return f"version: 1\nalerts:\n{indented}".encode()


def examples() -> list[Example]:
    """Return every example of the page."""
    found = []
    for section in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        kind = section.partition("\n")[0].lower()
        for text in re.split(r"^### ", section, flags=re.MULTILINE)[1:]:
            found += _examples(kind, text)
    return found


def _examples(kind: str, text: str) -> list[Example]:
    blocks = dict(_BLOCK.findall(text))
    entries = [f"- {entry}" for entry in blocks["yaml"].removeprefix("- ").split("\n- ")]
    drafts = read_alert_file(file_of(blocks["yaml"]), now=MIDNIGHT)
    lines = [shlex.split(line) for line in blocks["sh"].splitlines()]
    above = text.partition("```yaml")[0].strip().splitlines()[-len(drafts) :]
    sentences = [line.removeprefix("- ") for line in above]
    return [
        Example(kind, entry.rstrip(), draft, sentence, line)
        for entry, draft, sentence, line in zip(entries, drafts, sentences, lines, strict=True)
    ]
