"""Who may do what."""

import pytest

from crypto_portfolio_analyzer.api.identity import Identity, Policy, Role, unknown_scopes

STRANGER = Identity(None, None)
NEIGHBOUR = Identity(None, None, local=True)
VIEWER = Identity("eve", Role.TRADER)
ADMIN = Identity("admin", Role.ADMIN)


@pytest.mark.parametrize(
    ("policy", "admitted"),
    [
        (Policy.OPEN, {STRANGER, NEIGHBOUR, VIEWER, ADMIN}),
        (Policy.LOCAL, {NEIGHBOUR, VIEWER, ADMIN}),
        (Policy.READ, {VIEWER, ADMIN}),
        (Policy.ADMIN, {ADMIN}),
    ],
)
def test_a_policy_admits_exactly(policy: Policy, admitted: set[Identity]) -> None:
    assert {who for who in (STRANGER, NEIGHBOUR, VIEWER, ADMIN) if who.may(policy)} == admitted


def by_token(role: Role, *scopes: str) -> Identity:
    return Identity("eve", role, local=True, token="t", token_name="bot", scopes=scopes)


@pytest.mark.parametrize(
    ("scopes", "role", "area", "reached"),
    [
        (("read",), Role.ADMIN, "alerts", {Policy.LOCAL, Policy.READ}),
        (("write",), Role.TRADER, "alerts", {Policy.LOCAL, Policy.READ, Policy.CHANGE}),
        (("write",), Role.READER, "alerts", {Policy.LOCAL, Policy.READ}),
        (("admin",), Role.ADMIN, "alerts", {*Policy} - {Policy.OPEN}),
        (("admin",), Role.TRADER, "alerts", {Policy.LOCAL, Policy.READ, Policy.CHANGE}),
        (("alerts:write",), Role.ADMIN, "alerts", {Policy.LOCAL, Policy.READ, Policy.CHANGE}),
        (("alerts:write",), Role.ADMIN, "market", set()),
        (("alerts:write",), Role.ADMIN, "", set()),
        (("alerts:admin",), Role.ADMIN, "alerts", set()),
        ((), Role.ADMIN, "alerts", set()),
        ((), Role.ADMIN, "auth", {Policy.LOCAL, Policy.READ}),
    ],
)
def test_a_token_reaches_as_far_as_scopes_and_role(
    scopes: tuple[str, ...], role: Role, area: str, reached: set[Policy]
) -> None:
    who = by_token(role, *scopes)

    assert {policy for policy in Policy if who.may(policy, area)} - {Policy.OPEN} == reached


def test_who_acts_is_told_with_the_token() -> None:
    assert by_token(Role.TRADER, "read").actor == "eve via token bot"
    assert VIEWER.actor == "eve"
    with pytest.raises(ValueError, match="nobody"):
        assert STRANGER.actor


def test_scopes_that_are_none_are_found() -> None:
    asked = ["read", "alerts:write", "alerts:admin", "moon:read", "alert:read", "", "READ", ":read"]

    assert unknown_scopes(asked) == ["alerts:admin", "moon:read", "alert:read", "", "READ", ":read"]
