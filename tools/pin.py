#!/usr/bin/env python3
"""Refresh the exact pins in pyproject.toml: resolve afresh, write every version back without a host name.

Usage: tools/pin.py (uv from the path, or from .tools/ as run.sh and test.sh set it up).
"""

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = ROOT / "pyproject.toml"
BLOCK = re.compile(r"^constraint-dependencies = \[\n.*?^\]\n", re.MULTILINE | re.DOTALL)
EXPORT = (
    *("export", "--frozen", "--quiet", "--all-extras", "--all-groups"),
    *("--no-emit-project", "--no-header", "--no-annotate", "--no-hashes"),
)


def main() -> None:
    """Replace the pins by those of a fresh resolution, and say what changed; on failure keep the old ones."""
    before = PYPROJECT.read_text()
    old = pins(before)
    PYPROJECT.write_text(with_pins(before, []))  # a pin in place would pin the resolver to itself
    try:
        uv("lock", "--upgrade", "--quiet")
        new = [line for line in uv(*EXPORT).splitlines() if line]
    except BaseException:
        PYPROJECT.write_text(before)
        raise
    PYPROJECT.write_text(with_pins(before, new))
    uv("lock", "--quiet")
    for line in sorted(set(old) - set(new)):
        print(f"- {line}")
    for line in sorted(set(new) - set(old)):
        print(f"+ {line}")
    print(f"{len(new)} pins")


def pins(text: str) -> list[str]:
    """Return the pins in the text of a pyproject.toml."""
    block = BLOCK.search(text)
    return re.findall(r'^  "(.+)",$', block[0], re.MULTILINE) if block else []


def with_pins(text: str, lines: list[str]) -> str:
    """Return the text with its block of pins replaced."""
    block = "".join(f'  "{line}",\n' for line in lines)
    changed, count = BLOCK.subn(lambda _: f"constraint-dependencies = [\n{block}]\n", text)
    if count != 1:
        message = f"expected one constraint-dependencies block, found {count}"
        raise SystemExit(message)
    return changed


def uv(*arguments: str) -> str:
    """Run uv in the repository and return what it prints."""
    own = ROOT / ".tools" / "bin" / "uv"
    command = str(own) if own.exists() else shutil.which("uv") or "uv"
    done = subprocess.run([command, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


if __name__ == "__main__":
    main()
