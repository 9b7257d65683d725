"""The schema of alert files: it knows every field, and the documentation holds it as it is."""

import json
from pathlib import Path

from crypto_portfolio_analyzer.engine.alertschema import alert_file_schema
from crypto_portfolio_analyzer.engine.drafts import FIELDS, SUBJECTS

DOCUMENTED = Path(__file__).parents[2] / "docs" / "reference" / "alerts.schema.json"


def test_the_documentation_holds_the_schema_as_it_is():
    assert json.loads(DOCUMENTED.read_text()) == alert_file_schema()


def test_every_field_of_an_alert_is_known():
    alert = alert_file_schema()["properties"]["alerts"]["items"]

    assert set(alert["properties"]) == set(FIELDS)
    assert [each["required"] for each in alert["oneOf"]] == [[name] for name in SUBJECTS]
