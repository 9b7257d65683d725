"""Every command and the pages behind it, as somebody of a language reads them at a fixed instant."""

from pathlib import Path

from tests.bot.house import BotHouse, bot_house
from tests.fakes import FakeClock

COMMANDS = (
    "/start", "/help", "/alerts", "/price BTC", "/price BTCC", "/status", "/streams", "/portfolio", "/silence 4h",
    "/silence", "/settings", "/language", "/new", "/new BTC", "/new BTC price crosses abov 65000",
    "/edit 1 price > 70000", "/pause 1", "/delete 1", "/delete Nothing", "/chart", "/chart BTC 1h", "/nonsense",
    "hello",
)  # fmt: skip


async def transcript(folder: Path, template: Path, language: str) -> str:
    """Return what is answered to every command, with its buttons."""
    clock = FakeClock()
    async with bot_house(folder, template, clock=clock) as house:
        house.lists("BTC/USDT", "BCH/USDT", "ETH/USDT")
        house.ticker("BTC/USDT", 65_000.0, open_24h=63_500.0)
        await house.alert(name="Breakout <1>", message="take half off")
        person = await house.linked("Anna & Co", language=language)
        parts = []
        for text in COMMANDS:
            parts.append(await _part(house, person, text))
            await clock.advance(2)  # or they would be more than one may ask at once
    return "\n".join(parts)


async def _part(house: BotHouse, person, text: str) -> str:
    message = await house.said(person, text)
    shown = message.versions[0]
    rows = ["  ".join(f"[{button['text']}]" for button in row) for row in shown.rows]
    return "\n".join([f"> {text}", shown.html, *rows, ""])
