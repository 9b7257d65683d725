"""Where the page's files lie."""

from pathlib import Path

STATIC = Path(__file__).parent / "static"
SHELL = STATIC / "index.html"
DOCS = STATIC / "docs.html"
