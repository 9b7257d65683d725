"""Simulated venues: one tape, several venues, faults where they belong."""

import pytest
from aiohttp import ClientSession

from crypto_portfolio_analyzer.cli.simulated import SimulatedVenues, exports, simulated_names
from crypto_portfolio_analyzer.errors import PortTaken, UnknownName
from crypto_portfolio_analyzer.simulation.faults import parse_fault


async def test_settings_point_every_exchange_to_its_simulator():
    async with SimulatedVenues(["binance", "kraken"]) as venues:
        flags = venues.flags()

        async with (
            ClientSession() as session,
            session.get(flags["exchanges.binance.rest_url"] + "/api/v3/time") as told,
        ):
            assert told.status == 200

    assert set(flags) == {
        f"exchanges.{name}.{kind}" for name in ("binance", "kraken") for kind in ("ws_url", "rest_url")
    }


async def test_a_fault_that_names_a_venue_stays_there():
    faults = [parse_fault("at=1h outage=5s venue=kraken")]

    venues = SimulatedVenues(["binance", "kraken"], faults=faults)

    assert [len(server._script) for server in venues.servers] == [0, 1]


async def test_if_one_port_is_taken_the_others_are_let_go():
    async with SimulatedVenues(["binance"]) as first:
        port = first.servers[0].port
        with pytest.raises(PortTaken):
            async with SimulatedVenues(["kraken", "coinbase"], port=port - 1):
                pass
        async with SimulatedVenues(["kraken"], port=port - 1) as again:
            assert again.servers[0].port == port - 1


def test_names_are_checked_and_kept_once():
    assert simulated_names("kraken, binance,kraken") == ["kraken", "binance"]
    assert simulated_names("") == ["binance", "coinbase", "kraken"]
    with pytest.raises(UnknownName, match="did you mean 'kraken'"):
        simulated_names("krakn")


def test_exports_are_lines_for_a_shell():
    assert exports({"exchanges.kraken.ws_url": "ws://h:1"}) == [
        "export CRYPTO_ANALYZER_EXCHANGES__KRAKEN__WS_URL=ws://h:1"
    ]
