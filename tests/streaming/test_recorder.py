"""Recorder: what came is on disk, byte for byte, and replays to what was heard live."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.market import Arrival, Gap, Trade
from crypto_portfolio_analyzer.core.venues import Channel
from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.exchanges.recordings import Record, RecordKind
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.streaming import recorder as recording
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.recorder import Recorder, record
from crypto_portfolio_analyzer.streaming.replay import records, replay
from tests.fakes import SECOND
from tests.streaming.rig import Rig
from tests.streaming.wire import until

VENUES = pytest.mark.parametrize("venue", ["binance", "coinbase", "kraken"])
RECEIVED = RecordKind.RECEIVED


@asynccontextmanager
async def recorded(
    venue: str, path: Path, symbols: Sequence[str] = ("BTC", "ETH"), *, scale: float = 20.0
) -> AsyncIterator[Rig]:
    """Run a simulated venue and a feed on it, recorded from before the first frame until after the last."""
    clock = ScaledClock(scale)
    tape = Tape(7, [f"{base}/USD" for base in symbols], start_at=clock.now(), trades_per_second=4.0)
    async with (
        VenueServer(venue, tape, clock=clock, keep_frames=True) as server,
        asyncio.TaskGroup() as group,
    ):
        run = Rig(server, clock, symbols)
        recorder = Recorder(run.feed, path, clock, software="test")
        writing = group.create_task(recorder.run())
        await until(path.exists)
        await run.feed.start()
        try:
            run.want(Channel.TRADES, Channel.TICKER)
            await run.flowing()
            yield run
        finally:
            await run.feed.stop()
            writing.cancel()


def frames(path: Path) -> list[Record]:
    return [each for each in records(path) if each.kind is RECEIVED]


async def heard(path: Path) -> tuple[dict[str, list[Trade]], list[Gap]]:
    """Replay a recording; return the trades by symbol and the gaps."""
    bus = StreamEventBus()
    gaps: list[Gap] = []
    trades: dict[str, list[Trade]] = defaultdict(list)
    bus.attach(lambda fact: trades[fact.symbol].append(fact), (Trade,))
    bus.attach(gaps.append, (Gap,))
    await replay([path], bus=bus)
    return trades, gaps


@VENUES
async def test_every_frame_is_kept_as_it_came(tmp_path: Path, venue: str):
    path = tmp_path / "tape.jsonl.gz"
    tapped: list[tuple[str, bytes, int]] = []
    async with recorded(venue, path) as run:
        run.feed.taps.append(
            lambda kind, line, frame, at: tapped.append((line, frame, at)) if frame else None
        )
        before = run.feed.plan.frames()
        await run.flowing(20)

    kept = frames(path)
    sent = [
        payload for each in (*run.server.past, *run.server.connections.values()) for payload in each.log or ()
    ]
    assert [each.raw for each in kept] == sent[: len(kept)]
    assert len(kept) > 20
    assert [(each.connection, each.raw, each.at_ns) for each in kept[before:]] == tapped


@VENUES
async def test_a_recording_replays_to_what_was_heard(tmp_path: Path, venue: str):
    path = tmp_path / "tape.jsonl.gz"
    async with recorded(venue, path) as run:
        await run.flowing(20)
    live = run.trades

    again, gaps = await heard(path)

    assert gaps == run.gaps == []
    assert live.keys() == again.keys()
    for symbol, trades in live.items():
        assert msgspec.json.encode(trades) == msgspec.json.encode(again[symbol])


@VENUES
async def test_a_connection_cut_in_the_middle_is_replayed_too(tmp_path: Path, venue: str):
    """What was fetched by REST meanwhile is not on the tape: there the replay has a gap."""
    path = tmp_path / "tape.jsonl.gz"
    async with recorded(venue, path) as run:
        run.fault("outage=5s")
        await run.sleep(5)
        await run.flowing(10)
        assert run.gaps
    streamed = {
        symbol: {trade.trade_id: trade for trade in trades if trade.arrival is Arrival.LIVE}
        for symbol, trades in run.trades.items()
    }

    again, gaps = await heard(path)

    kinds = [each.kind for each in records(path) if each.kind in (RecordKind.OPENED, RecordKind.CLOSED)]
    assert kinds.count(RecordKind.OPENED) >= 2
    assert kinds.count(RecordKind.CLOSED) >= 1
    for symbol, trades in again.items():
        numbers = [trade.trade_id or 0 for trade in trades]
        assert numbers == sorted(set(numbers))
        replayed = {trade.trade_id: trade for trade in trades}
        assert streamed[symbol].items() <= replayed.items()
        missing = {number for gap in gaps if gap.symbol == symbol for number in ids(gap)}
        everything = {trade.trade_id for trade in run.trades[symbol]}
        assert everything - set(numbers) == missing


def ids(gap: Gap) -> range:
    assert gap.first_id is not None
    assert gap.last_id is not None
    return range(gap.first_id, gap.last_id + 1)


async def test_a_recording_names_its_exchange_and_its_software(tmp_path: Path):
    path = tmp_path / "tape.jsonl.gz"
    async with recorded("binance", path):
        pass

    header = next(records(path))

    assert header.kind is RecordKind.HEADER
    assert b'"exchange":"binance"' in header.raw
    assert b'"software":"test"' in header.raw


async def test_a_file_that_exists_is_refused_and_left_alone(tmp_path: Path):
    path = tmp_path / "tape.jsonl.gz"
    path.write_bytes(b"mine")
    async with recorded("binance", tmp_path / "other.jsonl.gz") as run:
        with pytest.raises(InvalidInput, match="exists; give another name"):
            await record(run.feed, path, run.clock, software="test", duration=1.0)

    assert path.read_bytes() == b"mine"


async def test_a_folder_that_is_missing_is_named(tmp_path: Path):
    async with recorded("binance", tmp_path / "other.jsonl.gz") as run:
        with pytest.raises(InvalidInput, match=r"nowhere.*cannot be written"):
            await record(run.feed, tmp_path / "nowhere" / "tape.gz", run.clock, software="test", duration=1.0)


async def test_a_duration_ends_the_recording(tmp_path: Path):
    path = tmp_path / "tape.jsonl.gz"
    async with recorded("binance", tmp_path / "other.jsonl.gz") as run:
        stats = await record(run.feed, path, run.clock, software="test", duration=4.0)

        assert len(run.feed.taps) == 1

    kept = frames(path)
    assert stats.frames == len(kept) > 5
    assert stats.connections == 1
    assert stats.lost == 0
    assert (kept[-1].at_ns - kept[0].at_ns) < 6 * SECOND


async def test_what_a_killed_recorder_wrote_is_readable(tmp_path: Path):
    """Each flush is a packed member of its own, so only the last one can be torn."""
    path = tmp_path / "tape.jsonl.gz"
    async with recorded("binance", path) as run:
        await run.flowing(10)
    whole = frames(path)
    path.write_bytes(path.read_bytes()[:-20])

    kept = frames(path)

    assert kept == whole[: len(kept)]
    assert len(kept) > len(whole) // 2


async def test_a_disk_that_is_too_slow_loses_frames_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(recording, "MAX_WAITING", 1_000)
    monkeypatch.setattr(recording, "FLUSH_EVERY", 1e9)
    path = tmp_path / "tape.jsonl.gz"
    async with recorded("binance", tmp_path / "other.jsonl.gz") as run:
        slow = Recorder(run.feed, path, run.clock, software="test")
        async with asyncio.TaskGroup() as group:
            writing = group.create_task(slow.run())
            await until(lambda: slow.stats.lost > 10)
            writing.cancel()

    assert slow.stats.frames == len(frames(path)) > 0
    assert slow.stats.lost > 10
