"""Where the page's files lie, and what of them a browser keeps for the time without a server."""

import gzip
import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
SHELL = STATIC / "index.html"
DOCS = STATIC / "docs.html"
MANIFEST = STATIC / "manifest.webmanifest"
WORKER = STATIC / "worker.js"

_KEPT = ("js/**/*.js", "css/*.css", "*.svg", "icons/*.png")


def kept() -> list[Path]:
    """Return the files that the page needs wherever it is opened; charts bring their library when there is one."""
    return [SHELL, MANIFEST, *sorted(path for pattern in _KEPT for path in STATIC.glob(pattern))]


def packed_shell() -> bytes:
    """Return the page, packed with gzip."""
    return _packed(SHELL.stat().st_mtime_ns)


@lru_cache(maxsize=1)
def _packed(_changed_at: int) -> bytes:
    return gzip.compress(SHELL.read_bytes(), mtime=0)


def worker_script() -> str:
    """Return the service worker: what it is to keep, and a version that changes with any of it."""
    files = kept()
    stamps = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in [*files, WORKER]]
    version = sha256(json.dumps(stamps).encode()).hexdigest()[:16]
    paths = ["/", "/manifest.webmanifest", *(f"/static/{path.relative_to(STATIC)}" for path in files[2:])]
    return f"const VERSION = {json.dumps(version)};\nconst KEPT = {json.dumps(paths)};\n{WORKER.read_text()}"
