"""Every worked example of the documentation fires: simulated venue, real application, stored firing with evidence.

The prices are scripted so that each example has its moment; most have it at midnight, when bars of every timeframe
close. Levels, conditions and timeframes are those of the page.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import talib
import typer.main

from crypto_portfolio_analyzer.app import App
from crypto_portfolio_analyzer.cli.alert_changes import fields
from crypto_portfolio_analyzer.cli.commands.alerts import command
from crypto_portfolio_analyzer.core.alerts import Alert, AlertState, Firing, Leaf
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.summary import summarise
from crypto_portfolio_analyzer.core.conditions.tree import AtLeast, Or
from crypto_portfolio_analyzer.engine.alertfiles import read_alert_file
from crypto_portfolio_analyzer.engine.drafts import draft_of
from crypto_portfolio_analyzer.errors import InvalidCondition
from crypto_portfolio_analyzer.simulation.faults import parse_fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from crypto_portfolio_analyzer.storage.alerts import AlertStore
from crypto_portfolio_analyzer.storage.database import Database
from tests.journeys.examples import FILES, PAGE, Example, examples, file_of
from tests.journeys.midnight import (
    AHEAD,
    DAY,
    HOUR,
    MIDNIGHT,
    SECOND,
    MidnightClock,
    Script,
    running,
    scripted,
)

pytestmark = pytest.mark.xdist_group("alert examples")  # one night for all of them

SCRIPTS: dict[str, Script] = {
    "BTC": [(-40, 64_000), (-35, 65_500)],
    "ETH": [(-40, 3100), (-30, 2940)],
    "SOL": [(-40, 153), (-35, 157), (20, 157), (25, 153)],
    "XRP": [
        *((-HOUR * (76 - 6 * turn), 0.517 if turn % 2 else 0.543) for turn in range(12)),
        (-HOUR, 0.53), (-40, 0.53), (-35, 0.56),
    ],
    "DOGE": [(-40, 0.124), (-20, 0.1184)],
    "BCH": [(-HOUR, 410), (-10, 426)],
    "DOT": [(-300, 6.2), (-1, 6.3)],
    "ADA": [(-HOUR, 0.46), (-10, 0.44)],
    "AVAX": [(-5 * DAY, 30), (-DAY, 28.5), (-HOUR, 27), (-10, 27.8)],
    "LINK": [(-51 * HOUR, 14.6), (-50 * HOUR, 14.57), (-HOUR, 14.57), (-10, 17)],
    "LTC": [(-52 * HOUR, 104), (-4 * HOUR, 82), (-2 * HOUR, 79.5), (-10, 82.1)],
    "UNI": [(-2 * DAY, 8.2), (-DAY, 8.0), (-DAY / 2, 7.98), (-60, 8.3)],
    "NEAR": [
        (-80 * HOUR, 6.0), (-55 * HOUR, 5.0), (-40 * HOUR, 5.4), (-25 * HOUR, 5.0), (-HOUR, 5.35), (-10, 5.5),
    ],
    "ETC": [
        (-40 * DAY, 26), (-5 * DAY, 25.2), (-DAY, 24.6), (-2 * HOUR, 24), (-1200, 23.6), (-40, 23.4), (-20, 26),
    ],
    "FIL": [(-20 * DAY, 3.9), (-6 * HOUR, 4.6), (-40, 4.35), (-35, 4.55)],
    "TRX": [(-2 * HOUR, 0.13), (-600, 0.125), (-40, 0.119), (-35, 0.129)],
    "ALGO": [(-HOUR, 0.138), (-10, 0.145)],
    "BNB": [(-50, 585), (-45, 565), (-20, 565), (-15, 580)],
}  # fmt: skip
"""What the price of each asset does, in seconds from midnight."""

RATES = {"DOT": 0.0095}
"""Trades per second: so few that chance gives the last five minutes three times the usual volume."""

OUTAGE_AT = 105.0
END = 145.0

MOMENTS: dict[str, list[tuple[float, float]]] = {
    "btc above 65000": [(-40, -33)],
    "eth below 3000": [(-40, -28)],
    "sol crosses 155": [(-40, -33), (20, 27)],
    "xrp leaves its channel": [(-40, -33)],
    "doge falls fast": [(-40, -18)],
    "fil dip in an uptrend": [(-40, -33)],
    "trx snaps back": [(-40, -28)],
    "bnb false breakdown": [(-20, -13)],
    "eth stays below 2950": [(85, 95)],
    "btc feed silent": [(OUTAGE_AT + 28, END - 5)],
}
"""When each example fires, in seconds from midnight; all others exactly at midnight, once."""

Column = np.ndarray[tuple[int], np.dtype[np.float64]]

BY_TALIB: dict[str, tuple[str, Callable[[Column], float]]] = {
    "ada oversold": ("rsi(14) on 1h", lambda close: talib.RSI(close, 14)[-1]),
    "avax macd turns up": ("macd(12, 26, 9).macd on 1h", lambda close: talib.MACD(close)[0][-1]),
    "bch leaves its bands": ("bollinger(20, 2).upper on 1h", lambda close: talib.BBANDS(close, 20)[0][-1]),
    "link golden cross": ("sma(200) on 1h", lambda close: talib.SMA(close, 200)[-1]),
    "algo overheated": ("rsi(14) on 1h", lambda close: talib.RSI(close, 14)[-1]),
}
"""A value in the evidence, and what TA-Lib says of the hours that the venue itself knows."""


class Night(NamedTuple):
    """What the store held in the morning, by the alert's name, and what the venue knows."""

    alerts: Mapping[str, Alert]
    firings: Mapping[str, Sequence[Firing]]
    server: VenueServer


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """One night over which every example watches."""
    return asyncio.run(watched(tmp_path_factory.mktemp("night")))


async def watched(folder: Path) -> Night:
    """Let all examples watch the night, then read what is stored."""
    clock = MidnightClock()
    async with running(scripted(SCRIPTS, RATES), clock, folder) as (app, server):
        drafts = [each.draft for each in examples()]
        alerts = await app.alerts.create(LOCAL_ADMIN, drafts, actor=LOCAL_ADMIN)
        await warm(app, alerts)
        clock.hurry(20)
        await clock.sleep(AHEAD + OUTAGE_AT - clock.monotonic())
        server.inject(parse_fault("at=0s outage=10m"))
        await clock.sleep(AHEAD + END - clock.monotonic())
    database = Database(f"sqlite:///{folder}/analyzer.db")
    await database.start()
    stored = await AlertStore(database).firings(LOCAL_ADMIN, after_seq=0, limit=1000)
    await database.stop()
    ids = {alert.name: alert.id for alert in alerts}
    return Night(
        {alert.name: alert for alert in alerts},
        {name: [each for each in stored if each.alert_id == id_] for name, id_ in ids.items()},
        server,
    )


async def warm(app: App, alerts: Sequence[Alert]) -> None:
    """Wait until every alert has the history it needs."""
    async with asyncio.timeout(40):
        while True:
            standings = await app.alerts.standings(LOCAL_ADMIN, [each.id for each in alerts])
            if all(each.state is not AlertState.WARMING for found in standings.values() for each in found):
                return
            await asyncio.sleep(0.05)


of_page = pytest.mark.parametrize("example", examples(), ids=lambda each: each.draft.name)


@of_page
def test_it_fires_at_its_moments_and_at_no_other(example: Example, night: Night):
    told = [(each.event_at - MIDNIGHT) / SECOND for each in night.firings[example.draft.name]]
    moments = MOMENTS.get(example.draft.name, [(0, 0)])

    assert len(told) == len(moments)
    assert all(first <= at <= last for at, (first, last) in zip(told, moments, strict=True))


@of_page
def test_its_evidence_holds_every_value(example: Example, night: Night):
    question = read_condition(example.draft.condition, example.draft.timeframe).question

    for firing in night.firings[example.draft.name]:
        evidence = firing.evidence
        assert firing.symbol == example.draft.symbols[0]
        assert firing.price > 0
        assert evidence.venue == "binance"
        assert firing.event_at <= firing.detected_at <= firing.stored_at
        assert evidence.values
        assert all(value is not None for value in evidence.values.values())
        holding = [leaf.holds for leaf in evidence.leaves]
        assert any(holding)
        assert all(holding) or isinstance(question, Or | AtLeast) or has_memory(evidence.leaves, holding)


def has_memory(leaves: Sequence[Leaf], holding: Sequence[bool | None]) -> bool:
    """Tell whether what does not hold now was asked of a moment before: `then` and `within`."""
    return [leaf.text for leaf, holds in zip(leaves, holding, strict=True) if not holds] in (
        ["rsi(14) < 30"],
        ["price crosses below 570"],
    )


@of_page
def test_a_firing_of_a_trade_is_of_one_that_happened(example: Example, night: Night):
    for firing in night.firings[example.draft.name]:
        number = firing.evidence.trade_id
        if number is not None:
            trade = night.server.truth(firing.symbol, number, number)[0]
            assert (float(trade.price), trade.at // 10**6) == (firing.price, firing.event_at // 10**6)


@pytest.mark.parametrize("name", BY_TALIB)
def test_an_indicator_is_what_talib_says_of_the_same_hours(name: str, night: Night):
    spelling, compute = BY_TALIB[name]
    firing = night.firings[name][0]

    close = hours(night.server, firing.symbol)

    assert firing.evidence.values[spelling] == pytest.approx(compute(close), rel=1e-9)


def hours(server: VenueServer, symbol: str) -> Column:
    """Return the closes of the hours before midnight, of the whole script."""
    market = server.dialect.market
    number = market.tape.number[symbol]
    scale = 10.0 ** market.tape.listings[number].price_decimals
    bars = market.bars(number, MIDNIGHT - 50 * DAY * SECOND, MIDNIGHT, minutes=60, now=MIDNIGHT)
    return np.array([bar.close / scale for bar in bars])


@of_page
def test_its_sentence_is_what_the_program_says(example: Example):
    condition = read_condition(example.draft.condition, example.draft.timeframe)

    assert example.sentence == summarise(condition, example.draft.symbols[0])
    assert condition.cautions == ()


@of_page
def test_its_command_line_makes_the_same_alert(example: Example):
    program, group, verb, *arguments = example.command
    with typer.main.get_group(command).commands[verb].make_context(verb, arguments) as context:
        options = context.params

    asked = draft_of(fields(options), now=MIDNIGHT, source="yaml")

    assert (program, group, verb) == ("crypto-analyzer", "alerts", "add")
    assert asked == example.draft


@pytest.mark.parametrize("kind", sorted({each.kind for each in examples()}))
def test_the_files_to_copy_are_the_page_s_entries(kind: str):
    own = "\n".join(each.entry for each in examples() if each.kind == kind)

    written = (FILES / f"{kind}.yaml").read_bytes()

    assert written == file_of(own)
    assert read_alert_file(written, now=MIDNIGHT)


def test_every_file_to_copy_is_on_the_page():
    assert {path.stem for path in FILES.iterdir()} == {each.kind for each in examples()}


@pytest.mark.parametrize("text", ["sentiment(24h) < -0.4", "portfolio.drawdown > 10%"])
def test_what_has_no_facts_yet_is_refused(text: str):
    assert text in PAGE.read_text()
    with pytest.raises(InvalidCondition, match="unknown word"):
        read_condition(text)
