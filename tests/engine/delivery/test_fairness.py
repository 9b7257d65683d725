"""Scarce places go round: nobody gets a second one while somebody who could use it has had fewer."""

from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.engine.delivery.fairness import OWNERS_REMEMBERED, Candidate, Turns


def share(rooms, capacity, budgets, turns=None):
    return (turns or Turns()).share(rooms, capacity, budgets)


def of_owners(wishes, owners):
    return {owner: sum(wishes.get(each, 0) for each in channels) for owner, channels in owners.items()}


def test_one_who_wants_much_does_not_displace_one_who_wants_little():
    wishes = share([Candidate("much", "anna", 1000), Candidate("little", "ben", 1)], 10, {})

    assert wishes == {"little": 1, "much": 9}


def test_channels_of_one_owner_share_its_turns():
    rooms = [Candidate("a1", "anna", 9), Candidate("a2", "anna", 9), Candidate("b", "ben", 9)]

    assert share(rooms, 8, {}) == {"a1": 2, "a2": 2, "b": 4}


def test_the_turn_goes_on_where_it_ended():
    rooms, turns = [Candidate(name, name, 1) for name in "abc"], Turns()

    assert [list(share(rooms, 1, {}, turns)) for _ in range(4)] == [["a"], ["b"], ["c"], ["a"]]


def test_the_turn_goes_round_among_the_channels_of_one_owner():
    rooms, turns = [Candidate(f"a{n}", "anna", 1, ("bot",)) for n in range(3)], Turns()
    rooms.append(Candidate("b", "ben", 1, ("bot",)))

    assert [list(share(rooms, 9, {"bot": 2}, turns)) for _ in range(4)] == [
        ["a0", "b"],
        ["a1", "b"],
        ["a2", "b"],
        ["a0", "b"],
    ]


def test_as_many_owners_are_remembered_as_there_may_be():
    turns = Turns()
    rooms = [Candidate(f"{name}{n}", name, 1) for name in ("anna", "ben") for n in range(2)]
    share(rooms, 2, {}, turns)
    share(
        [Candidate(f"c{n}", f"o{n}", 1) for n in range(OWNERS_REMEMBERED - 1)], OWNERS_REMEMBERED, {}, turns
    )

    assert sorted(share(rooms, 2, {}, turns)) == ["anna0", "ben1"]


def test_a_limit_is_shared_and_who_is_under_another_goes_on():
    rooms = [
        Candidate("t1", "anna", 9, ("bot",)),
        Candidate("t2", "ben", 9, ("bot",)),
        Candidate("h", "eve", 9),
    ]

    assert share(rooms, 100, {"bot": 3}) == {"t1": 2, "t2": 1, "h": 9}


def test_a_flood_takes_one_place_and_all_its_deliveries():
    assert share([Candidate("flood", "anna", 2, (), 700)], 5, {}) == {"flood": 700}


candidates = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 12)), min_size=1, max_size=20).map(
    lambda rows: [Candidate(f"c{n}", owner, room) for n, (owner, room) in enumerate(rows)]
)


@given(rooms=candidates, capacity=st.integers(0, 60), before=st.integers(0, 9))
def test_places_are_shared_as_evenly_as_they_can_be(rooms, capacity, before):
    turns = Turns()
    share(rooms, before, {}, turns)
    wishes = share(rooms, capacity, {}, turns)

    assert sum(wishes.values()) == min(capacity, sum(each.room for each in rooms))
    assert all(wishes.get(each.channel_id, 0) <= each.room for each in rooms)
    owners = {owner: [each.channel_id for each in rooms if each.owner == owner] for owner in "abcde"}
    wants = {owner: sum(each.room for each in rooms if each.owner == owner) for owner in "abcde"}
    got = of_owners(wishes, owners)
    unmet = [owner for owner in owners if got[owner] < wants[owner]]
    assert all(got[owner] >= max(got.values()) - 1 for owner in unmet)
