"""Who may do what."""

import pytest

from crypto_portfolio_analyzer.api.identity import Identity, Policy, Role

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
