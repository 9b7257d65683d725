"""A real house for the bot's tests: app, database, aiogram and a Telegram that punishes; prices are put in by hand."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from crypto_portfolio_analyzer.app import App, build
from crypto_portfolio_analyzer.bot.assembling import polling_of
from crypto_portfolio_analyzer.bot.house import Picture
from crypto_portfolio_analyzer.bot.polling import Polling
from crypto_portfolio_analyzer.channels.kinds import Rate
from crypto_portfolio_analyzer.channels.telegram import TelegramChannel
from crypto_portfolio_analyzer.clock import Clock, SystemClock
from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.core.market import Instrument, Ticker, Trade
from crypto_portfolio_analyzer.core.notices.links import TELEGRAM, Link
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.simulation.telegram import TelegramServer
from crypto_portfolio_analyzer.simulation.telegram_chats import Chat, Message, Person, Press
from crypto_portfolio_analyzer.simulation.telegram_limits import TelegramLimits
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from crypto_portfolio_analyzer.tasks import Nursery
from tests.api.house import NOWHERE

NO_LIMITS = TelegramLimits(
    per_second=1e6,
    chat_per_second=1e6,
    chat_burst=1_000_000,
    group_per_minute=1_000_000,
    edits_per_minute=1_000_000,
    group_edits_per_minute=1_000_000,
)
PATIENCE = 8.0


class NoPace:
    """A turnstile that stands open; what matters to pace is tested where there is one."""

    async def wait(self, rates: Sequence[Rate], *, urgent: bool) -> None:
        assert not urgent


class BotHouse:
    """The bot in its world, with the market in the hands of the test."""

    def __init__(self, app: App, server: TelegramServer, polling: Polling) -> None:
        self.app, self.server, self.polling = app, server, polling
        self._numbers = 0

    # --- the market ---------------------------------------------------------------------------------------

    def lists(self, *symbols: str, tick_size: float | None = 0.01) -> None:
        """Let the venue list markets."""
        made = []
        for symbol in symbols:
            base, _, quote = symbol.partition("/")
            made.append(Instrument("binance", symbol, base + quote, base, quote, tick_size))
        self.app.market.learn(made)

    def tick(self, symbol: str, price: float) -> None:
        """Let a trade happen."""
        now = self.app.clock.now()
        self._numbers += 1
        trade = Trade("binance", symbol, price, 1.0, "buy", self._numbers, now, now)
        self.app.market.entry(symbol).serve("binance")
        self.app.market.entry(symbol).trade(trade)
        self.app.bus.emit(trade)

    def ticker(self, symbol: str, price: float, **day: Any) -> None:
        """Let 24 h statistics arrive."""
        now = self.app.clock.now()
        ticker = Ticker("binance", symbol, price, now, now, **day)
        self.app.market.entry(symbol).ticker(ticker)
        self.app.bus.emit(ticker)

    # --- people -------------------------------------------------------------------------------------------

    async def linked(self, name: str, owner: str = LOCAL_ADMIN, **rest: Any) -> Person:
        """Let somebody be there who is linked, and whose chat is told of alerts."""
        person = self.server.person(name, **rest)
        link = Link(platform=TELEGRAM, person=str(person.id), owner=owner, name=name)
        await self.app.links.add(link, owner)
        if owner != LOCAL_ADMIN and owner not in {each.name for each in await self.app.accounts.users()}:
            await self.app.accounts.add_user(owner, "trader", self.app.clock.now())
        shown = name if name.isprintable() else str(person.id)
        fields = {"type": "telegram", "name": shown, "default": True, "chat_id": str(person.chat.id)}
        language = {"language": rest["language"]} if "language" in rest else {}
        await self.app.delivery.add_channel(owner, {**fields, **language}, actor=owner, trusted=True)
        return person

    async def alert(
        self, condition: str = "price crosses above 65000", owner: str = LOCAL_ADMIN, **fields: Any
    ) -> Alert:
        """Let an owner have an alert."""
        given = {"name": condition, "symbol": "BTC/USDT", "condition": condition, **fields}
        draft = draft_of(given, now=self.app.clock.now())
        return (await self.app.alerts.create(owner, [draft], actor=owner))[0]

    async def fired(self, alert: Alert, owner: str = LOCAL_ADMIN) -> Firing:
        """Let an alert of 65,000 fire; return its firing once it is stored."""
        self.tick(alert.symbols[0], 64_990.0)
        self.tick(alert.symbols[0], 65_012.4)

        async def newest() -> Firing | None:
            found = await self.app.alert_store.firings(owner, alert_id=alert.id)
            return found[0] if found else None

        async with asyncio.timeout(PATIENCE):
            while (firing := await newest()) is None:
                await asyncio.sleep(0.01)
        return firing

    async def told(self, person: Person, alert: Alert, chat: Chat | None = None) -> Message:
        """Let an alert fire; return the message that tells of it."""
        chat = chat or person.chat
        count = len(chat.told)
        await self.fired(alert, alert.owner)
        await self.server.until(lambda: len(chat.told) > count, PATIENCE)
        message = chat.told[-1]
        reference = f"{chat.id}:{message.id}"
        async with asyncio.timeout(PATIENCE):  # the message is there a moment before that is written down
            while reference not in {each.reference for each in await self._deliveries(alert.owner)}:
                await asyncio.sleep(0.01)
        return message

    async def _deliveries(self, owner: str) -> Sequence[Any]:
        return await self.app.delivery.store.deliveries(owner)

    # --- talking ------------------------------------------------------------------------------------------

    async def said(self, person: Person, text: str, chat: Chat | None = None) -> Message:
        """Let somebody write, and return what the bot wrote or changed last once it has answered."""
        before = self._state(chat or person.chat)
        person.say(text, chat)
        return await self._answer(chat or person.chat, before)

    async def pressed(
        self, person: Person, label: str, message: Message | None = None
    ) -> tuple[Press, Message]:
        """Let somebody press a button; return the press, answered, and what the bot wrote or changed last."""
        chat = message.chat if message is not None else person.chat
        before = self._state(chat)
        press = person.press(label, message)
        await self.answered(press)
        return press, await self._answer(chat, before)

    async def toast(self, person: Person, label: str, message: Message | None = None) -> str:
        """Let somebody press a button; return what the press was answered with."""
        press = person.press(label, message)
        await self.answered(press)
        return str((press.answer or {}).get("text", ""))

    async def answered(self, press: Press) -> None:
        """Wait until a press is answered, and see that it was in time."""
        async with asyncio.timeout(PATIENCE):
            await press.answered.wait()
        assert press.took is not None
        assert press.took <= 1.0
        assert len(str((press.answer or {}).get("text", ""))) <= 200

    async def quiet(self) -> None:
        """Wait until everything that was said has been handled."""
        async with asyncio.timeout(PATIENCE):
            while self.server.pending:
                await asyncio.sleep(0.002)

    def _state(self, chat: Chat) -> int:
        return sum(len(each.versions) for each in chat.told)

    async def _answer(self, chat: Chat, before: int) -> Message:
        await self.server.until(lambda: self._state(chat) > before, PATIENCE)
        await self.quiet()
        return max(chat.told, key=lambda each: each.now.at)

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds that the bot brings about."""
        await self.server.until(holds, PATIENCE)


@asynccontextmanager
async def bot_house(
    folder: Path,
    template: Path,
    *,
    clock: Clock | None = None,
    limits: TelegramLimits = NO_LIMITS,
    allowed: Sequence[str] = (),
    picture: Picture | None = None,
    provider: str = "binance",
) -> AsyncIterator[BotHouse]:
    """Build an app, a Telegram, and the bot between them; the feeds of Binance never start."""
    clock = clock or SystemClock()
    async with TelegramServer(limits=limits) as server:
        app = _app(folder, clock, server, allowed)
        channel = app.channel_types["telegram"]
        assert isinstance(channel, TelegramChannel)
        shutil.copy(template, folder / "analyzer.db")
        await app.database.start()
        await app.bus.start()
        app.feeds.add_provider(provider, is_primary=True)
        app.feeds.want("BTC/USDT")
        if provider != "binance":
            await app.feeds.start()
        await app.alerts.start()
        await app.delivery.start()
        nursery = Nursery()
        await nursery.start()
        polling = await polling_of(app, channel, nursery, picture, NoPace())
        nursery.spawn(polling.run())
        try:
            yield BotHouse(app, server, polling)
        finally:
            await nursery.stop()
            await app.delivery.stop()
            await app.alerts.stop()
            await app.feeds.stop()
            for feed in app.feeds.feeds.values():
                await feed.rest.close()
            await app.bus.stop()
            await app.database.stop()


def _app(folder: Path, clock: Clock, server: TelegramServer, allowed: Sequence[str]) -> App:
    values: dict[str, Any] = {
        "data_dir": folder,
        "database_url": f"sqlite+aiosqlite:///{folder}/analyzer.db",
        "symbols": ("BTC/USDT",),
        "exchanges": dict.fromkeys(("binance", "coinbase", "kraken"), NOWHERE),
        "channels": {
            "telegram": {"api_url": server.url, "bot_token": server.token, "allowed_users": tuple(allowed)}
        },
    }
    return build(Settings(**values), clock=clock)
