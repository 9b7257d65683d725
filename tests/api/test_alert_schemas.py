"""What alerts look like outside."""

import pytest
from pydantic import ValidationError

from crypto_portfolio_analyzer.api.alert_schemas import AlertFields, SilenceRequest
from crypto_portfolio_analyzer.engine.drafts import FIELDS


def test_every_field_of_an_alert_is_described() -> None:
    described = AlertFields.model_json_schema()["properties"]

    assert set(described) == set(FIELDS) - {"cooldown"}, "the duration as text is YAML's"


@pytest.mark.parametrize("text", ["\ud800", "a\x00b"])
def test_characters_no_database_keeps_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        AlertFields.model_validate({"tags": [{"deep": text}]})
    with pytest.raises(ValidationError):
        AlertFields.model_validate({text: 1})
    with pytest.raises(ValidationError):
        SilenceRequest.model_validate({"matchers": {"name": "a"}, "comment": text})
    with pytest.raises(ValidationError):
        SilenceRequest.model_validate({"matchers": {"name": text}})


def test_other_letters_pass() -> None:
    assert AlertFields.model_validate({"name": "Ausbruch 🚀 ₿"}).root == {"name": "Ausbruch 🚀 ₿"}
