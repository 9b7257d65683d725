"""What a simulated venue is."""

import pytest

from crypto_portfolio_analyzer.errors import UnknownName
from crypto_portfolio_analyzer.simulation.limits import Violation
from crypto_portfolio_analyzer.simulation.venue import VENUES, Punish, reply
from tests.fakes import NOON


def test_the_venues_are_found_by_name():
    assert VENUES.names() == ["binance", "coinbase", "kraken"]
    with pytest.raises(UnknownName, match="did you mean 'kraken'"):
        VENUES["krakn"]


@pytest.mark.parametrize("name", ["binance", "coinbase", "kraken"])
def test_every_venue_says_that_it_is_simulated(name, tape):
    venue = VENUES[name](tape)

    assert "simulated" in venue.label
    assert venue.name == name
    assert venue.market.tape.listings
    venue.advance(NOON)


def test_a_reply_is_json():
    assert reply({"a": [1]}, 404).body == b'{"a":[1]}'
    assert reply({}, 404).status == 404


def test_a_punishment_closes_with_policy_violation_unless_said_otherwise():
    assert Punish(Violation.STREAMS, "too many streams").code == 1008
