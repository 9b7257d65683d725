"""The page of metrics obeys promtool's rules, and as OpenMetrics the parser that obeys the standard's own cases."""

import json

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text_format

from crypto_portfolio_analyzer import metrics
from crypto_portfolio_analyzer.app import build
from crypto_portfolio_analyzer.metrics import ALL, CONTENT_TYPE, OPEN_METRICS, PREFIX, Buckets, Metrics
from crypto_portfolio_analyzer.settings import Settings
from tests.api.house import open_house
from tests.exposition import faults

ACCEPTED = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
)
"""What a Prometheus sends."""
MOST_SERIES = 1500
_HISTOGRAM = (
    "# HELP a_seconds x\n# TYPE a_seconds histogram\n"
    'a_seconds_bucket{{le="{low}"}} 2\na_seconds_bucket{{le="+Inf"}} {count}\na_seconds_sum 1\n{rest}'
)


@pytest.fixture
def busy():
    """A page with numbers everywhere that numbers can be."""
    facts: dict[tuple[str, ...], float] = {("binance", "trade"): 1.2345678901234567e16, ("nobody's", "x"): 1}
    made = Metrics(["binance", "kraken"], channel_types=["telegram"], version="1.0", started_at=1e9)
    buckets = Buckets()
    for duration in (1, 5_000_000, 10**12):
        buckets.observe(duration)
    made.read(metrics.FACTS, lambda: facts)
    made.read_latency(lambda: {"binance": buckets, "nobody's": buckets})
    made.read_latency(lambda: {"stored": buckets}, metrics.ALERT_SECONDS)
    return made


def test_the_page_has_no_faults(busy):
    assert faults(busy.render().decode()) == []


async def test_neither_has_that_of_the_whole_program(tmp_path):
    app = build(Settings(data_dir=tmp_path))
    await app.database.stop()

    page = app.metrics.render().decode()

    assert faults(page) == []
    assert sum(not line.startswith("#") for line in page.splitlines()) < MOST_SERIES


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("# HELP a x\n# TYPE a gauge\na 1", "no end"),
        ("# TYPE a gauge\na 1\n", "no HELP"),
        ("# HELP a \n# TYPE a gauge\na 1\n", "empty HELP"),
        ("a 1\n", "no TYPE"),
        ("# HELP a x\n# TYPE a counter\na 1\n", "ends in _total"),
        ("# HELP a_total x\n# TYPE a_total gauge\na_total 1\n", "only a counter"),
        ("# HELP a_count x\n# TYPE a_count gauge\na_count 1\n", "part of a histogram"),
        ("# HELP a_gauge x\n# TYPE a_gauge gauge\na_gauge 1\n", "tells its type"),
        ("# HELP a_ms x\n# TYPE a_ms gauge\na_ms 1\n", "base units"),
        ("# HELP aB x\n# TYPE aB gauge\naB 1\n", "lower case"),
        ("# HELP a:b x\n# TYPE a:b gauge\na:b 1\n", "colons"),
        ("# HELP a x\n# TYPE a gauge\na 1\na 2\n", "2 times"),
        ('# HELP a x\n# TYPE a gauge\na{b="1"} 1\na{c="1"} 2\n', "labels differ"),
        ('# HELP a x\n# TYPE a gauge\na{job="1"} 1\n', "label 'job'"),
        ("# HELP a x\n# TYPE a gauge\na NaN\n", "not a number"),
        ("# HELP a_total x\n# TYPE a_total counter\na_total -1\n", "below zero"),
        ("# HELP a x\n# TYPE a gauge\na 1 1700000000000\n", "time stamp"),
        ("# HELP a x\n# TYPE a gauge\na 1\n# HELP b x\n# TYPE b gauge\nb 1\na 2\n", "stand together"),
        (_HISTOGRAM.format(low="0.1", count=1, rest="a_seconds_count 1\n"), "not cumulative"),
        (_HISTOGRAM.format(low="0.1", count=3, rest="a_seconds_count 4\n"), "not that of +Inf"),
        (_HISTOGRAM.format(low="0.1", count=3, rest=""), "no count"),
        (_HISTOGRAM.format(low="+Inf", count=3, rest="a_seconds_count 3\n"), "do not rise"),
    ],
)
def test_the_rules_catch_what_breaks_them(page, fault):
    assert any(fault in found for found in faults(page)), faults(page)


def test_a_sound_histogram_breaks_no_rule():
    assert faults(_HISTOGRAM.format(low="0.1", count=3, rest="a_seconds_count 3\n")) == []


def test_the_judge_of_open_metrics_agrees_with_every_case_of_the_standard(recorded_data):
    lines = (recorded_data / "conformance" / "openmetrics_parsers.jsonl").read_text().splitlines()
    cases = [json.loads(line) for line in lines]

    wrong = [each["case"] for each in cases if parses(each["text"]) is not each["shouldParse"]]

    assert len(cases) == 106
    assert wrong == []


def parses(text):
    """Tell whether a text is OpenMetrics."""
    try:
        list(open_metrics(text))
    except ValueError:
        return False
    return True


def test_as_open_metrics_the_page_says_the_same(busy):
    page, media_type = busy.served(ACCEPTED)
    text, usual = busy.served("text/plain")

    assert (media_type, usual) == (OPEN_METRICS, CONTENT_TYPE)
    assert page.endswith(b"# EOF\n")
    assert numbers(open_metrics, page) == numbers(text_format, text)
    assert {PREFIX + each.name for each in ALL} <= {family.name for family in open_metrics(page.decode())}


def numbers(read, page):
    """Return every sample of ours; when a counter began and the process's own numbers move."""
    samples = [sample for family in read(page.decode()) for sample in family.samples]
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for each in samples
        if each.name.startswith(PREFIX) and not each.name.endswith("_created")
    }


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (ACCEPTED, OPEN_METRICS),
        ("*/*", CONTENT_TYPE),
        ("application/openmetrics-text; version=\\x", OPEN_METRICS),
    ],
    ids=["prometheus", "anybody", "nonsense"],
)
async def test_the_server_answers_what_is_accepted(tmp_path, accept, media_type):
    async with open_house(tmp_path) as house, house.owner() as client:
        told = await client.get("/metrics", headers={"accept": accept})

    assert told.headers["content-type"] == media_type
    assert told.headers["vary"] == "Accept"
    assert (parses(told.text) if media_type == OPEN_METRICS else faults(told.text) == []) is True
