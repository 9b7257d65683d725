"""What a server remembers of logins while it runs."""

import pytest

from crypto_portfolio_analyzer.api.identity import Identity, Role
from crypto_portfolio_analyzer.api.tickets import (
    LINK_SECONDS,
    MOST_OF_ONE,
    MOST_TICKETS,
    TICKET_SECONDS,
    LinkLogins,
    Tickets,
    TooManyTickets,
)
from tests.fakes import FakeClock

EVE = Identity("eve", Role.TRADER, session="s1")
BOB = Identity("bob", Role.TRADER, session="s2")


async def test_a_ticket_is_good_once_and_for_a_minute() -> None:
    clock = FakeClock()
    tickets = Tickets(clock)
    first, second = tickets.issue(EVE), tickets.issue(EVE)

    assert tickets.redeem(first) is EVE
    assert tickets.redeem(first) is None
    await clock.advance(TICKET_SECONDS)
    assert tickets.redeem(second) is None
    assert tickets.redeem("\ud800") is None


async def test_nobody_uses_up_the_tickets_of_others_and_memory_is_bounded() -> None:
    clock = FakeClock()
    tickets = Tickets(clock)
    for _ in range(MOST_OF_ONE):
        tickets.issue(EVE)
    with pytest.raises(TooManyTickets):
        tickets.issue(EVE)
    for number in range(MOST_TICKETS - MOST_OF_ONE):
        tickets.issue(Identity(f"user{number}", Role.READER))
    with pytest.raises(TooManyTickets):
        tickets.issue(BOB)
    await clock.advance(TICKET_SECONDS)

    assert tickets.redeem(tickets.issue(BOB)) is BOB


def test_tickets_end_with_the_rights_of_their_holder() -> None:
    tickets = Tickets(FakeClock())
    hers, his = tickets.issue(EVE), tickets.issue(BOB)
    tickets.void(lambda who: who.session == "s1")

    assert (tickets.redeem(hers), tickets.redeem(his)) == (None, BOB)


async def test_who_came_by_link_is_known_for_a_while() -> None:
    clock = FakeClock()
    links = LinkLogins(clock)
    links.add("s1")

    assert "s1" in links
    assert "s2" not in links
    assert None not in links
    await clock.advance(LINK_SECONDS)
    assert "s1" not in links
