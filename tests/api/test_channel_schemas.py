"""What is asked when channels and hooks are made."""

import pytest
from pydantic import ValidationError

from crypto_portfolio_analyzer.api.channel_schemas import ChannelFields, HookFields, PreviewRequest


def test_options_stand_beside_the_common_fields() -> None:
    asked = ChannelFields.model_validate({"type": "webhook", "name": "bot", "url": "https://example.org"})

    assert asked.root["url"] == "https://example.org"


@pytest.mark.parametrize("value", ["a\0", "\ud800", {"k": ["\0"]}])
def test_what_no_database_keeps_is_refused(value: object) -> None:
    with pytest.raises(ValidationError, match="character that no text has"):
        ChannelFields.model_validate({"type": "webhook", "name": value})
    with pytest.raises(ValidationError, match="character that no text has"):
        PreviewRequest.model_validate({"alert": {"message": value}})


@pytest.mark.parametrize(
    "fields", [{}, {"name": ""}, {"name": "x" * 101}, {"name": "x", "channels": ["a"] * 51}]
)
def test_hooks_have_a_name_and_a_bounded_list_of_channels(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        HookFields.model_validate(fields)
