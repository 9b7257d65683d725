"""Schemathesis over the whole description, through a real server: no fault of ours, nothing undescribed."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from crypto_portfolio_analyzer.core.market import Instrument
from tests.api.house import House, open_house

PROGRAM = Path(sys.executable).with_name("st")
SETTINGS = Path(__file__).with_name("schemathesis.toml")
LISTED = ("BTC", "ETH", "SOL")


def furnish(house: House) -> None:
    """Let there be markets and prices."""
    house.app.market.learn(
        [Instrument("binance", f"{base}/USDT", f"{base}USDT", base, "USDT", 0.01) for base in LISTED]
    )
    for base in LISTED:
        house.ticker(f"{base}/USDT", 64_100.0, open_24h=63_000.0)


async def examine(folder: Path, phases: str, *options: str) -> dict[str, Any]:
    """Let Schemathesis hold a fresh house against its description; return its report."""
    async with open_house(folder / "house", webhooks={"allowed_networks": "127.0.0.0/8"}) as house:
        furnish(house)
        command = [
            *("--config-file", str(SETTINGS), "run", f"{house.url}/openapi.json"),
            *("--header", f"Authorization: Bearer {house.token}"),
            *("--checks", "all", "--phases", phases, "--warnings", "off", "--no-color"),
            *("--continue-on-failure", "--report", "json", "--report-json-path", str(folder / "report.json")),
        ]
        process = await asyncio.create_subprocess_exec(
            str(PROGRAM), *command, *options, cwd=folder, stdout=asyncio.subprocess.PIPE
        )
        output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()[-8000:]
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


async def test_every_operation_is_as_described(tmp_path: Path) -> None:
    report = await examine(tmp_path, "fuzzing", "--max-examples", "1", "--generation-deterministic")

    assert report["operations"]["tested"] == report["operations"]["total"] > 100
    assert (report["failures"], report["errors"]) == ([], [])


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_every_operation_is_as_described_however_it_is_asked(tmp_path: Path) -> None:
    report = await examine(
        tmp_path, "examples,coverage,fuzzing", "--max-examples", "100", "--generation-deterministic"
    )

    assert report["operations"]["tested"] == report["operations"]["total"] > 100
    assert (report["failures"], report["errors"]) == ([], [])


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_no_order_of_operations_breaks_it(tmp_path: Path) -> None:
    report = await examine(tmp_path, "stateful", "--max-examples", "100", "--seed", "7")

    assert report["test_cases"]["generated"] > 200
    assert (report["failures"], report["errors"]) == ([], [])
