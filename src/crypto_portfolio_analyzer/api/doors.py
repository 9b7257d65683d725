"""What routes find at hand: the parts of the application they need, the gate, the hub."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, Request
from msgspec import Struct, field
from starlette.requests import HTTPConnection

import crypto_portfolio_analyzer
from crypto_portfolio_analyzer.api.alert_backtest import Backtesting
from crypto_portfolio_analyzer.api.alert_preview import Previewing
from crypto_portfolio_analyzer.api.alert_room import AlertRoom
from crypto_portfolio_analyzer.api.alert_streams import HandStreams
from crypto_portfolio_analyzer.api.alert_views import firing_view
from crypto_portfolio_analyzer.api.attempts import Attempts
from crypto_portfolio_analyzer.api.auth import Gate, signing_key
from crypto_portfolio_analyzer.api.channel_schemas import ChannelView
from crypto_portfolio_analyzer.api.channel_views import channel_view
from crypto_portfolio_analyzer.api.charting import Charting
from crypto_portfolio_analyzer.api.dialogue import Dialogue
from crypto_portfolio_analyzer.api.live import Hub
from crypto_portfolio_analyzer.api.portfolio_room import PortfolioRoom
from crypto_portfolio_analyzer.api.prices import Prices
from crypto_portfolio_analyzer.api.quotas import Quotas
from crypto_portfolio_analyzer.api.rates import Rates
from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.api.tokens import Signer
from crypto_portfolio_analyzer.api.verdict import overview
from crypto_portfolio_analyzer.api.watching import Watching
from crypto_portfolio_analyzer.app import App, Insides, Ping, insides_of
from crypto_portfolio_analyzer.app.portfolios import Portfolios
from crypto_portfolio_analyzer.channels.kinds import ChannelType
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Alert, Firing
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.engine.alerting import AlertEngine
from crypto_portfolio_analyzer.engine.delivery.delivering import DeliveryEngine
from crypto_portfolio_analyzer.metrics import (
    RATE_FALLBACKS,
    REQUESTS_LIMITED,
    WS_CLIENTS,
    WS_CLOSED,
    WS_MEMBERS,
    WS_SENT,
    Buckets,
    Metrics,
)
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.audit_log import AuditLog
from crypto_portfolio_analyzer.storage.bars import BarStore
from crypto_portfolio_analyzer.storage.coverage import CoverageStore
from crypto_portfolio_analyzer.storage.hooks import HookStore
from crypto_portfolio_analyzer.storage.idempotency import AnswerStore
from crypto_portfolio_analyzer.storage.links import LinkStore
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.manager import StreamManager
from crypto_portfolio_analyzer.streaming.market import Market


class Doors(Struct):
    """Everything behind the routes."""

    market: Market
    feeds: PriceFeedManager
    bars: BarStore
    coverage: CoverageStore
    alerts: AlertEngine
    alert_store: AlertStore
    delivery: DeliveryEngine
    channel_types: Mapping[str, ChannelType]
    links: LinkStore
    hooks: HookStore
    audit: AuditLog
    portfolios: Portfolios
    clock: Clock
    started_at: int
    simulated: bool
    version: str
    gate: Gate
    rates: Rates
    quotas: Quotas
    answers: AnswerStore
    hub: Hub
    dialogue: Dialogue
    attempts: Attempts
    watching: Watching
    previewing: Previewing
    backtesting: Backtesting
    charting: Charting
    hand_streams: HandStreams
    pings: Callable[[], Awaitable[Sequence[Ping]]]
    insides: Callable[[], Insides]
    streams: Callable[[], dict[str, dict[str, object]]]
    metrics: Callable[[str], tuple[bytes, str]]
    """The page of metrics and its media type, by what is accepted."""
    steps: Callable[[], Mapping[str, Buckets]]
    """How long each step of a firing's way takes, from the venue to the other end."""
    bot_name: Callable[[], str]
    """The name of the Telegram bot; empty while it is not known."""
    public_url: str
    """Where the server is reached from outside; empty: as it is asked."""
    editing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from looking at an alert's revision until it is changed."""
    csp_reports: int = 0

    def shown(self, channel: Channel) -> ChannelView:
        """Show a channel, its secrets masked."""
        kind = self.channel_types.get(channel.type)
        trades = kind is not None and kind.policy_ttl(channel.options) is not None
        return channel_view(channel, self.delivery.shown(channel), trades=trades)

    def canonical(self, text: str) -> str:
        """Return the market a spelling names, a lone asset in the first venue's default quote; raises InvalidSymbol."""
        return parse_symbol(text).canonical(self.feeds.primary.exchange.default_quote)


def open_doors(app: App, *, loopback: bool) -> Doors:
    """Return what routes need of `app`; `loopback` says that only this machine can reach the server."""
    settings, clock = app.settings, app.clock
    version: str = crypto_portfolio_analyzer.__version__
    watching = Watching(feeds=app.feeds, market=app.market, clock=clock, standing=settings.symbols)
    hub = _hub(app, watching, version)
    rates = _rates(settings)
    _measure(hub, rates, app.metrics)
    return Doors(
        market=app.market,
        feeds=app.feeds,
        bars=app.bars,
        coverage=app.coverage,
        alerts=app.alerts,
        alert_store=app.alert_store,
        delivery=app.delivery,
        channel_types=app.channel_types,
        links=app.links,
        hooks=app.hooks,
        audit=app.audit,
        portfolios=app.portfolios,
        clock=clock,
        started_at=app.started_at,
        simulated=app.simulated,
        version=version,
        gate=_gate(app, loopback=loopback),
        rates=rates,
        quotas=Quotas.of(settings),
        answers=AnswerStore(app.database),
        hub=hub,
        dialogue=Dialogue(hub, app.feeds),
        attempts=Attempts(clock),
        watching=watching,
        previewing=Previewing(market=app.market, feeds=app.feeds, bars=app.bars),
        backtesting=Backtesting(market=app.market, watching=watching, bars=app.bars),
        charting=Charting(
            market=app.market, feeds=app.feeds, bars=app.bars, coverage=app.coverage, clock=clock
        ),
        hand_streams=HandStreams(app.feeds),
        pings=app.pings,
        insides=lambda: insides_of(app),
        streams=lambda: _streams(app.streams, app.feeds),
        metrics=app.metrics.served,
        steps=lambda: app.alerts.committer.latencies | app.delivery.tally.latencies,
        bot_name=lambda: "",
        public_url=settings.public_url or "",
    )


def _hub(app: App, watching: Watching, version: str) -> Hub:
    """Return the rooms, and whoever joins them."""
    clock = app.clock
    return Hub(
        prices=Prices(market=app.market, feeds=app.feeds, watches=watching.lasting, bus=app.bus, clock=clock),
        alerts=AlertRoom(
            store=app.alert_store,
            listen=app.alerts.listen,
            show=lambda firing, alert: _told(firing, alert, simulated=app.simulated),
            clock=clock,
        ),
        portfolio=PortfolioRoom(app.portfolios.worth, clock),
        clock=clock,
        build=version,
        status=lambda: overview(app.feeds, clock.now(), simulated=app.simulated),
        chores=[watching.sweep],
    )


def _told(firing: Firing, alert: Alert | None, *, simulated: bool) -> dict[str, Any]:
    """Return what the room says of a firing: the resource, its price a number as everywhere on the socket.

    What becomes of it later (deliveries, who has seen it) is asked for by HTTP.
    """
    shown = firing_view(firing, alert, simulated=simulated).model_dump(
        exclude={"deliveries", "seen_at", "seen_by"}
    )
    return shown | {"price": firing.price}


def _streams(streams: StreamManager, feeds: PriceFeedManager) -> dict[str, dict[str, object]]:
    told: dict[str, dict[str, object]] = {
        view.venue: {
            "status": view.status,
            "messages_received": view.facts,
            "reconnection_count": view.reconnects,
            "latency_ms": view.latency_ms,
        }
        for view in feeds.health()
    }
    for name, metrics in streams.get_all_metrics().items():
        counts = asdict(metrics)
        last = counts["last_message_time"]
        counts["last_message_time"] = None if last is None else iso(int(last.timestamp() * 1e6) * 1000)
        told[name] = {"status": streams.get_stream_status(name), **counts}
    return told


def _gate(app: App, *, loopback: bool) -> Gate:
    signer = Signer(signing_key(app.settings.data_dir))
    return Gate(
        accounts=app.accounts, signer=signer, clock=app.clock, loopback=loopback, auth=app.settings.auth
    )


def _rates(settings: Settings) -> Rates:
    return Rates(
        per_address=settings.address_requests_per_minute,
        per_user=settings.requests_per_minute,
        redis_url=settings.redis_url,
        proxies=settings.proxies,
    )


def _measure(hub: Hub, rates: Rates, metrics: Metrics) -> None:
    metrics.read(REQUESTS_LIMITED, lambda: dict(rates.refused))
    metrics.read(RATE_FALLBACKS, lambda: rates.fallbacks)
    metrics.read(WS_CLIENTS, lambda: len(hub.clients))
    metrics.read(WS_MEMBERS, hub.counts)
    metrics.read(WS_SENT, lambda: hub.sent + hub.alerts.sent)
    metrics.read(WS_CLOSED, lambda: dict(hub.closed))


def doors_of(connection: HTTPConnection) -> Doors:
    """Return what the application of this request holds."""
    doors: Doors = connection.app.state.doors
    return doors


def _doors(request: Request) -> Doors:
    return doors_of(request)


House = Annotated[Doors, Depends(_doors)]
