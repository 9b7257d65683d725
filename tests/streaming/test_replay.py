"""Replay: what a recording holds comes out of the live path, whole, and the same every time."""

import asyncio
import csv
import gzip
import json
import random
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    Fact,
    Gap,
    GapCause,
    Quote,
    Ticker,
    Trade,
)
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.errors import InvalidInput, UnknownName
from crypto_portfolio_analyzer.exchanges.recordings import Record, RecordKind, write_header, write_record
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.market import Market
from crypto_portfolio_analyzer.streaming.replay import KINDS, ReplaySummary, guess, replay
from tests.fakes import NOON, SECOND, FakeClock, settle, trade
from tests.streaming.counting import counted, received

CAPTURES = {
    "binance/spot_2021-04-04_BTC-ETH-DOT.cf1.gz": "binance",
    "binance/spot_2021-08-14.cf1.gz": "binance",
    "binance/us_2021-10-12.cf1.gz": "binance_us",
    "binance/tr_2023-04-10.cf1.gz": "binance",
    "binance/usdm_futures_2021-07-22.cf1.gz": "binance",
    "coinbase/exchange_2021-04-17.cf1.gz": "coinbase",
    "coinbase/advanced_2026-08-09.cf2.jsonl.gz": "coinbase_advanced",
    "other/kraken.ws.50.cf1.gz": "kraken",
}
EVERY_CAPTURE = pytest.mark.parametrize("capture", CAPTURES)
HEARD = (Trade, Ticker, Quote, Bar, BookSnapshot, BookDelta, Gap)


def exact(told: dict[str, Any]) -> dict[str, object]:
    """Return a symbol's counts with numbers in place of their texts, without the count of all facts."""
    return {
        key: value if key == "trades" else Decimal(value) for key, value in told.items() if key != "facts"
    }


class Ear:
    """A bus that remembers what it told."""

    def __init__(self) -> None:
        self.bus = StreamEventBus()
        self.facts: list[Fact] = []
        self.bus.attach(self.facts.append, HEARD)

    def encoded(self) -> bytes:
        return b"\n".join(map(msgspec.json.encode, self.facts))

    def of(self, kind: type[Any]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


# --- real captures ---------------------------------------------------------------------------------------


@EVERY_CAPTURE
async def test_a_capture_gives_what_plain_json_counts(recorded_data: Path, capture: str):
    path = recorded_data / "ws" / capture
    frames, truth = counted(path, CAPTURES[capture])

    told = (await replay([path])).to_dict()

    assert told["frames"] == frames
    assert told["malformed"] == {}
    assert {symbol: exact(each) for symbol, each in told["symbols"].items() if each["trades"]} == truth
    assert told["facts"]["trade"] == sum(each["trades"] for each in truth.values())


@EVERY_CAPTURE
async def test_the_exchange_of_a_capture_is_told_by_itself(recorded_data: Path, capture: str):
    assert guess([recorded_data / "ws" / capture]) == CAPTURES[capture]


@EVERY_CAPTURE
async def test_every_message_of_a_capture_gives_something(recorded_data: Path, capture: str):
    decoder = EXCHANGES[CAPTURES[capture]]().decoder()
    silent = 0
    for message in received(recorded_data / "ws" / capture):
        silent += not decoder.decode(json.dumps(message).encode(), 1_700_000_000 * SECOND)

    assert silent == 0


@EVERY_CAPTURE
async def test_a_capture_gives_the_same_facts_twice(recorded_data: Path, capture: str):
    first, second = Ear(), Ear()
    path = recorded_data / "ws" / capture

    one = await replay([path], bus=first.bus)
    other = await replay([path], bus=second.bus)

    assert first.encoded() == second.encoded()
    assert one.to_dict() == other.to_dict()
    assert len(first.of(Trade)) + history(capture) == one.facts["trade"]


def history(capture: str) -> int:
    """Count the trades from before we came: Advanced Trade's first message for each product, newest first."""
    return 198 if "advanced" in capture else 0


async def test_minutes_are_closed_on_the_way(recorded_data: Path):
    ear = Ear()

    summary = await replay([recorded_data / "ws/binance/spot_2021-04-04_BTC-ETH-DOT.cf1.gz"], bus=ear.bus)

    minutes = [bar for bar in ear.of(Bar) if bar.timeframe == "1m" and bar.closed]
    assert summary.bars == len(minutes) == 3
    assert {bar.symbol for bar in minutes} == {"BTC/USDT", "ETH/USDT", "DOT/USDT"}


async def test_the_summary_has_the_shape_of_the_contract():
    told = ReplaySummary().to_dict()

    assert list(told) == ["frames", "facts", "malformed", "symbols", "gaps", "firings"]
    assert set(told["facts"]) == set(KINDS) == {"trade", "ticker", "quote", "bar", "book", "control", "other"}


async def test_a_symbol_is_told_in_seven_values(tmp_path: Path):
    told = (await replay([tape(tmp_path, [agg(1, "0.00000010", "3"), agg(2, "64999.50", "0.1")])])).to_dict()

    assert told["symbols"] == {
        "BTC/USDT": {
            "facts": 2,
            "trades": 2,
            "first": "0.00000010".rstrip("0"),
            "last": "64999.5",
            "high": "64999.5",
            "low": "0.0000001",
            "volume": "3.1",
        }
    }


async def test_the_venues_own_bars_are_built_from_its_trades(recorded_data: Path):
    rows = json.loads(gzip.decompress((recorded_data / "trades/XRP_ETH-trades.json.gz").read_bytes()))
    bars: dict[int, Bar] = {}
    bus = StreamEventBus()
    bus.attach(lambda bar: bars.__setitem__(bar.open_at, bar) if bar.timeframe == "1m" else None, (Bar,))
    entry = Market(clock=FakeClock(), bus=bus).entry("XRP/ETH")
    for told_at, number, _, side, price, amount, _ in rows:
        at = told_at * 1_000_000
        entry.trade(Trade("binance", "XRP/ETH", price, amount, side, int(number), at, at))

    with gzip.open(recorded_data / "ohlcv/1m/XRP_ETH_1m_freqtrade.csv.gz", "rt") as lines:
        told = {
            int(datetime.fromisoformat(row["date"]).timestamp()) * SECOND: row
            for row in csv.DictReader(lines)
        }
    both = sorted(bars.keys() & told.keys())

    assert len(both) == len(bars) > 2_400
    for open_at in both:
        bar, row = bars[open_at], told[open_at]
        assert [bar.open, bar.high, bar.low, bar.close] == [
            float(row[key]) for key in ("open", "high", "low", "close")
        ]
        assert bar.volume == pytest.approx(float(row["volume"]), rel=1e-12)


# --- hand-made recordings --------------------------------------------------------------------------------


def agg(number: int, price: str = "100.0", quantity: str = "1.0", *, second: float = 0.0) -> str:
    """Return an aggTrade of `second` seconds after noon."""
    at = (NOON + int(second * SECOND)) // 1_000_000
    return json.dumps(
        {
            "e": "aggTrade", "E": at, "s": "BTCUSDT", "a": number, "p": price, "q": quantity,
            "f": number, "l": number, "T": at, "m": True, "M": True,
        }
    )  # fmt: skip


def tape(
    folder: Path,
    frames: list[str],
    *,
    name: str = "tape.jsonl",
    connection: str = "a",
    every: float = 1.0,
    begin: float = 0.0,
) -> Path:
    """Write a recording of ours: a frame a second."""
    path = folder / name
    lines = [write_header("binance", "", "test"), write_record(Record(RecordKind.OPENED, NOON, connection))]
    for index, frame in enumerate(frames):
        at = NOON + int((begin + index * every) * SECOND)
        lines.append(write_record(Record(RecordKind.RECEIVED, at, connection, frame.encode())))
    path.write_bytes(b"".join(lines))
    return path


async def test_lines_that_are_none_are_counted(tmp_path: Path):
    path = tape(tmp_path, [agg(number) for number in range(10)])
    path.write_bytes(path.read_bytes() + b"nonsense\n\xff\xfe\n\n")

    summary = await replay([path])

    assert summary.malformed == {"unreadable": 2}
    assert summary.frames == 10


async def test_malformed_frames_are_counted_by_reason(tmp_path: Path):
    frames = [agg(1), "{", agg(2, price="-1"), agg(3, quantity="NaN"), "7", agg(2)]

    summary = await replay([tape(tmp_path, frames)])

    assert summary.facts["trade"] == 2
    assert summary.malformed.total() == 4
    assert summary.malformed["neg"] == 1
    assert "unreadable" not in summary.malformed


@pytest.mark.parametrize("damage", ["cut", "bent"])
async def test_a_damaged_packed_file_gives_what_it_holds(tmp_path: Path, damage: str):
    noise = random.Random(1)
    frames = [agg(number, f"{noise.uniform(1, 9):.6f}") for number in range(3_000)]
    whole = gzip.compress(tape(tmp_path, frames).read_bytes())
    path, middle = tmp_path / "damaged.jsonl.gz", len(whole) // 2
    path.write_bytes(whole[:middle] if damage == "cut" else whole[:middle] + bytes(64) + whole[middle + 64 :])

    summary = await replay([path])

    assert 500 < summary.frames < 3_000
    assert summary.malformed["unreadable"] >= 1
    rejected = summary.malformed.total() - summary.malformed["unreadable"]
    assert summary.symbols["BTC/USDT"].trades == summary.frames - rejected


async def test_several_files_are_merged_by_time(tmp_path: Path):
    ear = Ear()
    even = tape(tmp_path, [agg(number) for number in range(0, 10, 2)], name="even.jsonl", every=0.2)
    odd = tape(tmp_path, [agg(number) for number in range(1, 10, 2)], name="odd.jsonl", every=0.2, begin=0.1)

    summary = await replay([odd, even], bus=ear.bus)

    assert [each.trade_id for each in ear.of(Trade)] == list(range(10))
    assert summary.gaps == 0


async def test_a_missing_trade_is_a_gap(tmp_path: Path):
    ear = Ear()

    summary = await replay([tape(tmp_path, [agg(number) for number in (1, 2, 5, 6)])], bus=ear.bus)

    (gap,) = ear.of(Gap)
    assert (gap.first_id, gap.last_id, gap.cause) == (3, 4, GapCause.SEQUENCE)
    assert summary.gaps == 1
    assert [each.trade_id for each in ear.of(Trade)] == [1, 2, 5, 6]


async def test_a_cut_in_the_recording_is_a_gap_by_disconnection(tmp_path: Path):
    ear = Ear()
    path = tape(tmp_path, [agg(1), agg(2)])
    again = [
        Record(RecordKind.CLOSED, NOON + 2 * SECOND, "a"),
        Record(RecordKind.OPENED, NOON + 9 * SECOND, "a"),
        Record(RecordKind.RECEIVED, NOON + 10 * SECOND, "a", agg(9, second=10).encode()),
        Record(RecordKind.RECEIVED, NOON + 11 * SECOND, "a", agg(10, second=11).encode()),
    ]
    path.write_bytes(path.read_bytes() + b"".join(map(write_record, again)))

    await replay([path], bus=ear.bus)

    (gap,) = ear.of(Gap)
    assert (gap.cause, gap.first_id, gap.last_id) == (GapCause.DISCONNECT, 3, 8)


async def test_what_a_second_connection_carries_is_not_lost_with_the_first(tmp_path: Path):
    """The planned replacement of a connection: its trades come twice, then the old one closes."""
    ear = Ear()
    first = tape(tmp_path, [agg(number) for number in range(6)], name="first.jsonl", connection="1")
    closed = Record(RecordKind.CLOSED, NOON + 7 * SECOND, "1")
    first.write_bytes(first.read_bytes() + write_record(closed))
    second = tape(
        tmp_path, [agg(number) for number in range(3, 12)], name="second.jsonl", connection="2", begin=3.5
    )

    summary = await replay([first, second], bus=ear.bus)

    assert [each.trade_id for each in ear.of(Trade)] == list(range(12))
    assert summary.gaps == 0


async def test_speed_is_a_multiple_of_real_time(tmp_path: Path):
    clock, ear = FakeClock(), Ear()
    path = tape(tmp_path, [agg(number) for number in range(5)])

    playing = asyncio.get_running_loop().create_task(replay([path], speed=2.0, clock=clock, bus=ear.bus))
    heard = []
    for _ in range(5):
        await settle(20)
        heard.append(len(ear.facts))
        await clock.advance(0.5)
    await settle(20)

    assert heard == [1, 2, 3, 4, 5]
    assert (await playing).frames == 5


async def test_progress_ends_at_the_whole(tmp_path: Path):
    shares: list[float] = []

    await replay([tape(tmp_path, [agg(number) for number in range(5_000)])], progress=shares.append)

    assert shares == sorted(shares)
    assert shares[-1] == 1.0


# --- what cannot be replayed -----------------------------------------------------------------------------


async def test_an_unknown_exchange_is_named(tmp_path: Path):
    with pytest.raises(UnknownName, match="binanse"):
        await replay([tape(tmp_path, [agg(1)])], exchange="binanse")


@pytest.mark.parametrize("content", [b"", b"hello\nworld\n", b"{}\n"], ids=["empty", "words", "json"])
async def test_a_file_that_is_no_recording_is_named(tmp_path: Path, content: bytes):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    with pytest.raises(InvalidInput, match=r"notes\.txt"):
        await replay([path])


async def test_an_exchange_that_cannot_be_told_is_asked_for(recorded_data: Path):
    with pytest.raises(
        InvalidInput, match=r"exchange of okx\.ws\.1\.cf1\.gz cannot be told; name it with --exchange"
    ):
        await replay([recorded_data / "ws/other/okx.ws.1.cf1.gz"])


async def test_pumpportal_is_named_and_counted_only_when_asked(recorded_data: Path):
    path = recorded_data / "ws/pumpportal/session_2026.jsonl.gz"

    with pytest.raises(InvalidInput, match=r"PumpPortal.*--exchange"):
        await replay([path])

    told = (await replay([path], exchange="binance")).to_dict()
    assert told["frames"] == 124
    assert told["facts"]["trade"] == 0
    assert told["facts"]["other"] + told["facts"]["control"] + sum(told["malformed"].values()) >= 124


async def test_a_fact_carries_the_instant_of_the_recording(tmp_path: Path):
    ear = Ear()

    await replay([tape(tmp_path, [agg(7, "100.5", "0.25")], begin=0.5)], bus=ear.bus)

    received_at = NOON + SECOND // 2
    assert ear.facts == [trade(7, 100.5, 0.25, is_buy=False, received_at=received_at)]
