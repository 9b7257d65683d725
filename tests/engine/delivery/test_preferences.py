"""What people may ask of every channel is read, or refused with what would be right."""

import pytest

from crypto_portfolio_analyzer.engine.delivery.preferences import read_preferences
from crypto_portfolio_analyzer.errors import Fault

GOOD = {
    "language": "de",
    "zone": "Europe/Berlin",
    "theme": "dark",
    "quiet_hours": {"from": "22:00", "until": "07:00"},
    "group": "off",
    "template": "{{ticker}} is {{close}}",
    "picture": False,
    "inhibit": "on",
}


def test_what_is_right_is_kept_in_one_form():
    faults: list[Fault] = []
    read = read_preferences(GOOD | {"url": "x"}, for_people=True, faults=faults)

    assert faults == []
    hours = {"from": "22:00", "until": "07:00", "except": "critical"}
    assert read == GOOD | {"quiet_hours": hours, "picture": "off", "inhibit": True}


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("language", "fr", "language"),
        ("zone", "Mars", "zone"),
        ("zone", "../etc/passwd", "zone"),
        ("zone", 5, "zone"),
        ("theme", None, ""),
        ("theme", ["dark"], "theme"),
        ("group", "some", "group"),
        ("template", "{{nothing.known}}", "template"),
        ("template", 5, "template"),
        ("picture", "maybe", "picture"),
        ("inhibit", 3, "inhibit"),
        ("quiet_hours", "22-7", "quiet_hours"),
        ("quiet_hours", {"from": "22:00"}, "quiet_hours"),
        ("quiet_hours", {"from": "22:00", "until": "25:00"}, "quiet_hours.until"),
        ("quiet_hours", {"from": "22:00", "until": "22:00"}, "quiet_hours"),
        ("quiet_hours", {"from": "22:00", "until": "07:00", "except": "all"}, "quiet_hours.except"),
        ("quiet_hours", {"from": "22:00", "until": "07:00", "more": 1}, "quiet_hours"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(name, value, path):
    faults: list[Fault] = []
    read_preferences({name: value}, for_people=True, faults=faults)

    assert [each.path for each in faults] == ([path] if path else [])


def test_programs_may_have_a_template_in_a_language_and_a_zone_and_nothing_else():
    faults: list[Fault] = []
    read = read_preferences(GOOD | {"theme": None}, for_people=False, faults=faults)

    assert read == {name: GOOD[name] for name in ("language", "zone", "template")}
    assert {each.path for each in faults} == {"quiet_hours", "group", "picture", "inhibit"}
    assert all("people" in each.problem and each.remedy for each in faults)
