"""What logins, users, tokens and the audit log look like outside."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from crypto_portfolio_analyzer.api.people_schemas import (
    SCOPES,
    CodeRequest,
    LoginRequest,
    PasswordRequest,
    Preferences,
    RefreshRequest,
    TokenRequest,
    UserChange,
    UserRequest,
)

BODIES = (CodeRequest, LoginRequest, PasswordRequest, Preferences, RefreshRequest, TokenRequest)


@pytest.mark.parametrize("body", [*BODIES, UserChange, UserRequest])
def test_fields_that_nobody_knows_are_refused(body: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as caught:
        body.model_validate({"is_admin": True})

    assert "extra_forbidden" in {fault["type"] for fault in caught.value.errors()}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (UserRequest, {"name": "Anna", "role": "trader"}),
        (UserRequest, {"name": "a" * 33, "role": "trader"}),
        (UserRequest, {"name": "anna\n", "role": "trader"}),
        (UserRequest, {"name": "anna", "role": "emperor"}),
        (UserChange, {"role": None}),
        (UserChange, {"disabled": "yes"}),
        (TokenRequest, {"name": "a\nb", "scopes": ["read"]}),
        (TokenRequest, {"name": " ", "scopes": ["read"]}),
        (TokenRequest, {"name": "a" * 65, "scopes": ["read"]}),
        (TokenRequest, {"name": "a", "scopes": []}),
        (TokenRequest, {"name": "a", "scopes": ["read"], "expires_in_days": 0}),
        (TokenRequest, {"name": "a", "scopes": ["read"], "expires_in_days": 1.5}),
        (TokenRequest, {"name": "a", "scopes": ["read"] * (len(SCOPES) + 1)}),
        (CodeRequest, {"code": "12345"}),
        (CodeRequest, {"code": "\u0661\u0662\u0663\u0664\u0665\u0666"}),
        (PasswordRequest, {"password": "x" * 257}),
        (PasswordRequest, {"password": "a long enough \0 one"}),
        (LoginRequest, {"name": "x" * 65, "password": "y"}),
        (Preferences, {"theme": "neon"}),
        (Preferences, {"letters": "yes"}),
        (Preferences, {"starred": ["BTC"] * 501}),
    ],
)
def test_limits_hold(body: type[BaseModel], fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        body.model_validate(fields)


def test_what_is_right_passes() -> None:
    token = TokenRequest.model_validate({"name": "Büro & Co. <3", "scopes": ["read"]})

    assert token.expires_in_days == 90
    assert UserRequest.model_validate({"name": "anna.b-1", "role": "reader"}).role == "reader"
    assert Preferences().model_dump() == {
        "language": None,
        "zone": None,
        "theme": "auto",
        "colours": "teal",
        "letters": True,
        "starred": [],
    }
