"""Settings, set-up, portfolio, alerts and evidence: on a desk, on a phone, at 320 pixels, light, dark, in German."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.house import House, until
from tests.dashboard.conftest import DESK, PHONE, Theatre
from tests.dashboard.looks import faults, overflows, small_targets, visit

LOOKS = [(scheme, size) for scheme in ("light", "dark") for size in (DESK, PHONE)]
PLACES = {
    "/setup": ".setup-form",
    "/settings/profile": ".settings .radios",
    "/settings/security": ".lines",
    "/settings/tokens": ".lines, .card",
    "/settings/users": ".line.user",
    "/settings/silences": ".line",
    "/settings/audit": ".audit td",
    "/settings/about": ".about-facts dd",
    "/portfolio": ".holdings tbody tr",
    "/alerts": "li.alert",
    "/alerts/new?symbol=BTC-USDT": ".sweep:not([hidden])",
    "/firings": "li.firing",
}


async def filled(house: House) -> list[str]:
    """Let there be something on each page; return every place, those of one alert and one firing too."""
    async with house.owner() as client:
        alert = {
            "name": "BTC breakout",
            "symbol": "BTC",
            "condition": "price crosses above 65500",
            "tags": ["a"],
        }
        made = (await client.post("/api/alerts", json=alert)).json()
        true = {
            "name": "BTC over 65,000",
            "symbol": "BTC",
            "condition": "price > 65000",
            "severity": "warning",
        }
        await client.post("/api/alerts", json=true)
        await client.post("/api/silences", json={"matchers": {"tag": "a"}, "duration_seconds": 3600})
        for symbol in ("BTC", "ETH", "SOL-USDT"):
            await client.put(f"/api/portfolio/holdings/{symbol}", json={"quantity": "1.5"})

        async def fired() -> list[Any]:
            found: list[Any] = (await client.get("/api/firings")).json()["firings"]
            return found

        firing = (await until(fired))[0]["id"]
    return [f"/alerts/{made['id']}", f"/alerts/{made['id']}/edit", f"/firings/{firing}"]


WAITS = [".why-not .operands", ".sweep:not([hidden])", ".evidence .operands"]


@pytest.mark.parametrize(("scheme", "size"), LOOKS, ids=str)
async def test_every_page_is_accessible_and_its_targets_are_large(
    theatre: Theatre, pictures: Path, scheme: Any, size: dict[str, int]
) -> None:
    places = PLACES | dict(zip(await filled(theatre.house), WAITS, strict=True))
    problems: list[Any] = []
    async with theatre.stage(color_scheme=scheme, viewport=size, reduced_motion="reduce") as stage:
        for number, (path, sign) in enumerate(places.items()):
            await visit(stage.page, path, sign)
            await stage.page.screenshot(path=pictures / f"{number}.png")
            problems += [(path, each) for each in await faults(stage.page)]
            problems += [(path, each) for each in await small_targets(stage.page, 24 if size == DESK else 44)]

    assert problems == []
    assert stage.complaints == []


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
async def test_nothing_runs_over_at_any_width(theatre: Theatre, locale: str) -> None:
    places = PLACES | dict(zip(await filled(theatre.house), WAITS, strict=True))
    over: list[Any] = []
    async with theatre.stage(locale=locale) as stage:
        for path, sign in places.items():
            await visit(stage.page, path, sign)
            for width in (320, 390, 800, 1280):
                await stage.page.set_viewport_size({"width": width, "height": 700})
                over += [(path, width, each) for each in await overflows(stage.page)]

    assert not over, "\n".join(map(str, over))
