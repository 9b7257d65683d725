"""REST calls keep the venue's budget and obey its refusals."""

import pytest

from crypto_portfolio_analyzer.clock import ScaledClock
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Limits, Request
from crypto_portfolio_analyzer.errors import ConnectionLost, RequestRefused
from crypto_portfolio_analyzer.simulation.faults import parse_fault
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.streaming import rest as module
from crypto_portfolio_analyzer.streaming.rest import RestClient, _seconds

TIME = Request("/api/v3/ping")


@pytest.fixture
async def venue():
    clock = ScaledClock(20.0)
    async with VenueServer("binance", Tape(7, ["BTC"], start_at=clock.now()), clock=clock) as server:
        yield server


@pytest.fixture
async def rest(venue: VenueServer):
    client = RestClient(venue.rest_url + "/", EXCHANGES["binance"].limits, venue.clock)
    yield client
    await client.close()


async def test_a_body_is_returned_and_counted(rest: RestClient, venue: VenueServer) -> None:
    assert await rest.get(TIME) == b"{}"
    assert (rest.outcomes, rest.weight, rest.last_error) == ({"done": 1}, 1, None)
    assert venue.requests == {"/api/v3/ping": 1}


@pytest.mark.parametrize("status", [429, 418])
async def test_a_venue_that_says_slow_down_is_not_asked_before_its_time(
    rest: RestClient, venue: VenueServer, status: int
) -> None:
    venue.inject(parse_fault(f"rest={status} for=1s retry=30s"))
    began = venue.clock.monotonic()
    with pytest.raises(RequestRefused) as caught:
        await rest.get(TIME)
    assert caught.value.transient
    assert caught.value.retry_after == 30
    assert rest.free_weight() == 0
    await rest.get(TIME)

    assert venue.clock.monotonic() - began >= 29
    assert rest.outcomes == {"limited": 1, "done": 1}
    assert venue.requests.total() == 2


async def test_an_error_of_the_venue_is_told_and_delays_nothing(rest: RestClient, venue: VenueServer) -> None:
    venue.inject(parse_fault("rest=503 for=10s retry=30s"))
    with pytest.raises(RequestRefused) as caught:
        await rest.get(TIME)

    assert caught.value.transient
    assert rest.free_weight() > 0
    assert rest.outcomes == {"refused": 1}
    assert rest.last_error
    assert rest.last_error.startswith("503")


async def test_a_request_that_can_never_work_is_not_transient(rest: RestClient) -> None:
    with pytest.raises(RequestRefused) as caught:
        await rest.get(Request("/api/v3/ticker/24hr", {"symbol": "NOPE"}))

    assert not caught.value.transient
    assert "Invalid symbol" in caught.value.text


async def test_a_slow_venue_is_given_up(
    rest: RestClient, venue: VenueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.1)
    venue.inject(parse_fault("slow=10s for=20s"))
    with pytest.raises(ConnectionLost):
        await rest.get(TIME)

    assert rest.outcomes == {"failed": 1}


async def test_an_outage_and_a_dead_port_are_lost_connections(rest: RestClient, venue: VenueServer) -> None:
    venue.inject(parse_fault("outage=5s"))
    with pytest.raises(ConnectionLost):
        await rest.get(TIME)
    nobody = RestClient("http://127.0.0.1:9", EXCHANGES["binance"].limits, venue.clock)
    with pytest.raises(ConnectionLost) as caught:
        await nobody.get(TIME)
    await nobody.close()

    assert caught.value.transient


async def test_the_weight_of_a_window_is_never_exceeded(venue: VenueServer) -> None:
    limits = Limits(1, 1, 1.0, 1, 1.0, None, None, 1.0, rest_weight=100, rest_window=10.0)
    client = RestClient(venue.rest_url, limits, venue.clock)
    times = []
    for _turn in range(12):
        await client.get(Request("/api/v3/ping", weight=20))
        times.append(venue.clock.monotonic())
    await client.close()

    assert client.weight == 240
    assert all(later - at >= 9.5 for at, later in zip(times, times[4:], strict=False)), "90 of 100 at a time"


async def test_a_closed_client_opens_again(rest: RestClient) -> None:
    await rest.get(TIME)
    await rest.close()
    await rest.close()

    assert await rest.get(TIME) == b"{}"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30.0), ("0.5", 0.5), ("-3", 0.0), (None, None), ("Fri, 20 Nov 2026 12:00:00 GMT", None), ("nan", 0.0),
     ("inf", 259_200.0), ("1e300", 259_200.0)],
)  # fmt: skip
def test_a_hostile_wait_cannot_silence_us_for_ever(text: str | None, seconds: float | None) -> None:
    assert _seconds(text) == seconds
