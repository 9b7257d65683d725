"""One client: its rate, what waits for it, whether it reads."""

from collections.abc import Iterable

from crypto_portfolio_analyzer.api.clients import (
    HIGH_BYTES,
    MESSAGES_BURST,
    MOST_BYTES,
    STALL_SECONDS,
    Bucket,
    Client,
)
from crypto_portfolio_analyzer.api.identity import Identity


class FakeWire:
    """A wire whose other end reads when the test says so."""

    def __init__(self) -> None:
        self.written = 0
        self.buffered = 0
        self.closed: tuple[int, str] | None = None
        self.frames: list[bytes] = []

    @property
    def is_open(self) -> bool:
        return self.closed is None

    def write(self, frames: bytes) -> None:
        self.frames.append(frames)
        self.written += len(frames)
        self.buffered += len(frames)

    def close(self, code: int, reason: str) -> None:
        self.closed = (code, reason)


class Echo:
    """A source whose frame of symbols is their names."""

    def frames(self, symbols: Iterable[str], *, snapshot: bool) -> bytes:
        return ("S" if snapshot else "").encode() + "".join(symbols).encode()


def client() -> tuple[Client, FakeWire]:
    wire = FakeWire()
    return Client("c1", Identity(None, None), wire, 0.0), wire


def test_a_burst_is_heard_then_a_rate_is_kept() -> None:
    bucket = Bucket(20, MESSAGES_BURST, 0.0)

    at_once = sum(bucket.take(0.0) for _ in range(100))
    in_a_second = sum(bucket.take(step / 100) for step in range(101))

    assert at_once == MESSAGES_BURST
    assert in_a_second in (19, 20)


def test_a_client_that_reads_gets_the_shared_bytes() -> None:
    one, wire = client()
    one.offer(Echo(), ["A"], b"shared")

    assert wire.frames == [b"shared"]
    assert not one.is_behind


def test_a_client_behind_keeps_names_and_gets_the_newest_when_it_reads() -> None:
    one, wire = client()
    wire.buffered = HIGH_BYTES
    for _ in range(1000):
        one.offer(source := Echo(), ["A", "B"], b"old")
    waiting = one.catch_up(200)
    wire.buffered = 0
    sent = one.catch_up(200)

    assert source is not None
    assert waiting == 0
    assert sent == 2 * 1000
    assert b"old" not in wire.frames


def test_repeated_changes_of_one_source_wait_once() -> None:
    one, wire = client()
    source = Echo()
    wire.buffered = HIGH_BYTES
    for _ in range(1000):
        one.offer(source, ["A", "B"], b"old")
    wire.buffered = 0

    assert one.catch_up(200) == 2
    assert wire.frames == [b"AB"]


def test_a_snapshot_stays_one_while_it_waits() -> None:
    one, wire = client()
    source = Echo()
    wire.buffered = HIGH_BYTES
    one.offer(source, ["A"], b"", snapshot=True)
    one.offer(source, ["A"], b"")
    wire.buffered = 0
    one.catch_up(200)

    assert wire.frames == [b"SA"]


def test_catching_up_stops_when_the_client_does() -> None:
    one, wire = client()
    source = Echo()
    wire.buffered = HIGH_BYTES
    one.offer(source, [str(number) for number in range(1000)], b"")
    wire.buffered = HIGH_BYTES - 1
    one.catch_up(200)

    assert one.is_behind
    assert len(wire.frames) == 1


def test_what_waits_from_a_source_can_be_dropped() -> None:
    one, wire = client()
    source = Echo()
    wire.buffered = HIGH_BYTES
    one.offer(source, ["A"], b"")
    one.forget(source)

    assert not one.is_behind


def test_the_hard_bound_closes_instead_of_growing() -> None:
    one, wire = client()
    wire.buffered = MOST_BYTES
    one.send(b"x")

    assert wire.closed == (1013, "too slow")
    assert wire.frames == []
    assert one.gone_because == "slow"


def test_stopped_is_who_has_not_read_a_byte_for_long() -> None:
    one, wire = client()
    wire.write(b"x" * 100)

    assert not one.has_stalled(0.0)
    assert not one.has_stalled(STALL_SECONDS)
    assert one.has_stalled(STALL_SECONDS + 0.1)


def test_slow_is_not_stopped() -> None:
    one, wire = client()
    wire.write(b"x" * 100)
    one.has_stalled(0.0)
    for second in range(1, 60):
        wire.buffered -= 1
        assert not one.has_stalled(float(second))


def test_nothing_unsent_is_never_stopped() -> None:
    one, _ = client()

    assert not one.has_stalled(0.0)
    assert not one.has_stalled(1e6)
