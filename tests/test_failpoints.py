"""Tests of failpoints.py."""

import asyncio
import os
import sys

import pytest

from crypto_portfolio_analyzer.failpoints import VARIABLE

WAY = """
from crypto_portfolio_analyzer.failpoints import reach
for step in range(3):
    reach("here")
    print(step, flush=True)
    reach("there")
"""


async def way(asked):
    """Walk past the places in a process of its own; return its end and the steps it got done."""
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    environment |= {} if asked is None else {VARIABLE: asked}
    walking = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WAY, env=environment, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await walking.communicate()
    return walking.returncode, out.split()


@pytest.mark.parametrize("asked", [None, "", "elsewhere", "here:4"])
async def test_life_goes_on_where_nobody_asked_for_an_end(asked):
    assert await way(asked) == (0, [b"0", b"1", b"2"])


@pytest.mark.parametrize(
    ("asked", "steps"), [("here", []), ("there", [b"0"]), ("here:3", [b"0", b"1"]), ("there:1", [b"0"])]
)
async def test_process_dies_where_it_was_asked_to(asked, steps):
    assert await way(asked) == (-9, steps)
