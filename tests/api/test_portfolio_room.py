"""The room of portfolios: the own value, when it changed, the newest to who was slow."""

from decimal import Decimal

from crypto_portfolio_analyzer.api.clients import HIGH_BYTES, Client
from crypto_portfolio_analyzer.api.identity import Identity, Role
from crypto_portfolio_analyzer.api.portfolio_room import PortfolioRoom
from crypto_portfolio_analyzer.app.portfolios import Worth
from crypto_portfolio_analyzer.core.portfolio import Priced, value_of
from tests.api.test_clients import FakeWire
from tests.api.test_prices import heard
from tests.fakes import FakeClock


class Market:
    """Two owners who hold as many coins as they are asked of, at one price."""

    def __init__(self) -> None:
        self.price = 100
        self.room = PortfolioRoom(self.worth, FakeClock())

    def worth(self, owner: str) -> Worth:
        held = {"BTC": Decimal(len(owner))}
        return Worth(value_of(held, {"BTC": Priced(Decimal(self.price))}), {}, frozenset())

    def client(self, name: str) -> tuple[Client, FakeWire]:
        wire = FakeWire()
        return Client(name, Identity(name, Role.TRADER), wire, 0.0), wire


def totals(wire: FakeWire) -> list[float]:
    return [each["data"]["total_value"] for each in heard(wire) if each["type"] == "portfolio_update"]


def test_who_enters_sees_the_own_value_and_every_change_once() -> None:
    market = Market()
    (ada, her_wire), (benno, his_wire) = market.client("ada"), market.client("benno")
    market.room.enter(ada)
    market.room.enter(benno)
    quiet = market.room.tell()
    market.price = 200
    told = market.room.tell()

    assert (quiet, told) == (0, 2)
    assert (totals(her_wire), totals(his_wire)) == ([300.0, 600.0], [500.0, 1000.0])


def test_a_late_comer_hides_no_change_from_who_is_there() -> None:
    market = Market()
    (first, wire), (late, late_wire) = market.client("ada"), market.client("ada")
    market.room.enter(first)
    market.price = 200
    market.room.enter(late)

    assert (totals(wire), totals(late_wire)) == ([300.0, 600.0], [600.0])


def test_a_slow_client_gets_the_newest_only() -> None:
    market = Market()
    client, wire = market.client("ada")
    market.room.enter(client)
    heard(wire)
    wire.buffered = HIGH_BYTES
    for price in (1, 2, 3):
        market.price = price
        market.room.tell()
    wire.buffered = 0
    sent = client.catch_up(200)

    assert sent == 1
    assert totals(wire) == [9.0]


def test_who_left_is_told_nothing_more() -> None:
    market = Market()
    client, wire = market.client("ada")
    market.room.enter(client)
    market.room.leave(client)
    market.room.leave(client)
    market.price = 1
    heard(wire)

    assert market.room.tell() == 0
    assert heard(wire) == []
