"""Grafana's dashboard and Prometheus' rules ask for metrics and labels that there are."""

import json
import re
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry, ProcessCollector

from crypto_portfolio_analyzer.metrics import ALL, CLOSED, PREFIX, Counter, Latency
from tests.conftest import ROOT

DEPLOY = ROOT / "deploy"
BOARD = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
RULES = [
    rule
    for group in yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
SCRAPE = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
TARGET = {"job", "instance"}
"""Labels that Prometheus adds."""


def known() -> dict[str, dict[str, tuple[str, ...]]]:
    """Return every series there is, with its labels and, where they are closed, their values."""
    series: dict[str, dict[str, tuple[str, ...]]] = {"up": {}}
    for each in ALL:
        labels = {name: dict(each.values).get(name) or CLOSED.get(name, ()) for name in each.labels}
        name = PREFIX + each.name
        if isinstance(each, Latency):
            series[f"{name}_bucket"] = labels | {"le": ()}
            series[f"{name}_sum"] = series[f"{name}_count"] = labels
        else:
            series[name + "_total" * isinstance(each, Counter)] = labels
    for family in ProcessCollector(registry=CollectorRegistry()).collect():
        series |= {sample.name: {} for sample in family.samples}
    return series


def panels() -> Iterator[dict[str, Any]]:
    yield from (each for each in BOARD["panels"] if each["type"] != "row")


def expressions() -> Iterator[str]:
    """Yield every question, Grafana's variables replaced as Grafana would."""
    asked = [target["expr"] for panel in panels() for target in panel["targets"]]
    asked += [each["expr"] for each in BOARD["annotations"]["list"]]
    yield from (each.replace("$__rate_interval", "5m").replace("$instance", ".*") for each in asked)
    yield from (rule["expr"] for rule in RULES)


def inside(expression: Any) -> Iterator[Any]:
    """Yield an expression and all its parts."""
    yield expression
    for name in ("lhs", "rhs", "expr", "vector_selector", "param"):
        part = getattr(expression, name, None)
        if part is not None and not isinstance(part, str):
            yield from inside(part)
    for part in getattr(expression, "args", None) or ():
        yield from inside(part)


@pytest.mark.parametrize("text", list(expressions()))
def test_every_question_can_be_answered(text):
    series, grouped = known(), set()
    asked: dict[str, list[Any]] = {}
    for part in inside(promql_parser.parse(text)):
        if isinstance(part, promql_parser.VectorSelector):
            asked[part.name or ""] = part.matchers.matchers
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None:
            grouped |= set(part.modifier.labels)

    assert asked
    assert set(asked) <= set(series)
    labels = set().union(*(series[name] for name in asked)) | TARGET
    assert grouped <= labels
    for name, matchers in asked.items():
        for each in matchers:
            assert each.name in {*series[name], *TARGET}
            values = series[name].get(each.name, ())
            assert not values or set(each.value.split("|")) <= set(values), (each.name, each.value)


def test_a_question_about_what_there_is_not_would_be_noticed():
    assert PREFIX + "facts" not in known()
    assert PREFIX + "facts_total" in known()


def test_counters_are_asked_for_their_growth_only():
    for text in expressions():
        for name in re.findall(r"\w+_total", text):
            assert re.search(rf"(rate|increase|changes)\({name}", text), text


def test_the_board_is_whole():
    ids = [each["id"] for each in BOARD["panels"]]
    squares = [
        (column, line)
        for each in BOARD["panels"]
        for column in range(each["gridPos"]["x"], each["gridPos"]["x"] + each["gridPos"]["w"])
        for line in range(each["gridPos"]["y"], each["gridPos"]["y"] + each["gridPos"]["h"])
    ]

    assert BOARD["uid"] == "crypto-analyzer"
    assert len(ids) == len(set(ids))
    assert len(squares) == len(set(squares)), "panels overlap"
    assert max(column for column, _ in squares) == 23
    for each in panels():
        assert each["title"]
        assert each["description"]
        assert each["targets"]
        assert {target["datasource"]["uid"] for target in each["targets"]} == {"${datasource}"}
        assert len({target["refId"] for target in each["targets"]}) == len(each["targets"])
    assert {each["name"] for each in BOARD["templating"]["list"]} == {"datasource", "instance"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_says_what_is_wrong_and_what_to_do(rule):
    assert re.fullmatch(r"CryptoAnalyzer[A-Za-z]+", rule["alert"])
    assert rule["labels"]["severity"] in ("warning", "critical")
    assert set(rule["annotations"]) == {"summary", "description"}
    assert re.fullmatch(r"\d+m", rule.get("for", "0m"))


def test_no_two_alerts_have_one_name():
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 10


def test_the_scrape_is_with_a_token_from_a_file():
    [job] = SCRAPE["scrape_configs"]

    assert job["metrics_path"] == "/metrics"
    assert set(job["authorization"]) == {"type", "credentials_file"}
    assert all((DEPLOY / "prometheus" / each).exists() for each in SCRAPE["rule_files"])
    assert f'job="{job["job_name"]}"' in RULES[0]["expr"]
