"""What `promtool check metrics` would find wrong with a page of metrics, and a few rules of our own.

Rules: prometheus/client_golang `testutil/promlint`, prometheus.io/docs/practices/naming and
docs/instrumenting/exposition_formats (text format 0.0.4).
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_LABEL = re.compile(r"(?!__)[a-z_][a-z0-9_]*")
_KINDS = ("counter", "gauge", "histogram", "summary")
_UNITS = re.compile(
    r"_(milli|micro|nano|kilo|mega|ms|us|ns|sec|secs|second|minutes?|hours?|days?|kb|mb|gb|bits?|byte|percent|"
    r"kilobytes|megabytes|milliseconds|microseconds|nanoseconds)(_|$)"
)
_PARTS = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("_sum", "_count", "")}
_COMMENT = re.compile(r"# (HELP|TYPE) (\S+) (.*)")


def faults(page: str) -> list[str]:
    """Return what is wrong with a page in the text format 0.0.4; raises ValueError if it cannot be read."""
    found = [] if page.endswith("\n") else ["the last line has no end"]
    found += [*_comments(page), *_order(page)]
    for family in text_string_to_metric_families(page):
        found += _naming(family)
        found += _samples(family)
    return found


def _comments(page: str) -> Iterator[str]:
    """Yield what is wrong with the lines that announce a family."""
    seen: Counter[tuple[str, str]] = Counter()
    for found in filter(None, map(_COMMENT.fullmatch, page.splitlines())):
        kind, name, text = found.groups()
        seen[kind, name] += 1
        if kind == "HELP" and not text.strip():
            yield f"{name}: empty HELP"
        if kind == "TYPE" and not seen["HELP", name]:
            yield f"{name}: no HELP before TYPE"
        if kind == "TYPE" and (text == "counter") is not name.endswith("_total"):
            yield f"{name}: a counter ends in _total, and only a counter"
    yield from (f"{name}: {count} lines of {kind}" for (kind, name), count in seen.items() if count > 1)


def _order(page: str) -> Iterator[str]:
    """Yield what is wrong with the order of lines: those of a family stand together, below its type."""
    owners = [""]
    for line in filter(None, page.splitlines()):
        comment = _COMMENT.fullmatch(line)
        name = comment[2] if comment else re.split(r"[{ ]", line, maxsplit=1)[0]
        if comment or not name.startswith(owners[-1] or name):
            owners.append(name)
        if not comment and f"# TYPE {owners[-1]} " not in page:
            yield f"{name}: no TYPE before it"
    runs = Counter(name for name, _ in groupby(owners))
    yield from (f"{name}: its lines do not stand together" for name, count in runs.items() if count > 1)


def _naming(family: Metric) -> Iterator[str]:
    name, is_whole = family.name, family.type not in _PARTS
    rules = {
        "a name is lower case, without colons": not _NAME.fullmatch(name),
        "no type": family.type == "unknown",
        "ends like a part of a histogram": is_whole and re.search(r"_(bucket|count|sum)$", name),
        "tells its type": any(re.search(rf"(^|_){kind}(_|$)", name) for kind in _KINDS),
        "is not in base units": _UNITS.search(name),
        "a histogram names its unit": family.type == "histogram"
        and not re.search(r"_(seconds|bytes|ratio)$", name),
    }
    yield from (f"{name}: {fault}" for fault, holds in rules.items() if holds)


def _samples(family: Metric) -> Iterator[str]:
    seen: Counter[tuple[str, frozenset[tuple[str, str]]]] = Counter()
    for each in family.samples:
        seen[each.name, frozenset(each.labels.items())] += 1
        yield from (
            f"{each.name}: label {label!r}"
            for label in each.labels
            if not _LABEL.fullmatch(label) or label in ("job", "instance", "quantile")
        )
        if math.isnan(each.value):
            yield f"{each.name}: not a number"
        if family.type in ("counter", "histogram") and each.value < 0:
            yield f"{each.name}: below zero"
        if each.timestamp is not None:
            yield f"{each.name}: has a time stamp"
    yield from (
        f"{name} {dict(labels)}: {count} times" for (name, labels), count in seen.items() if count > 1
    )
    shapes = {(each.name, frozenset(each.labels)) for each in family.samples}
    if len(shapes) > len({name for name, _ in shapes}):
        yield f"{family.name}: labels differ between samples"
    if family.type == "histogram":
        yield from _histogram(family)


def _histogram(family: Metric) -> Iterator[str]:
    """Yield what is missing of a histogram: rising buckets up to +Inf, and a sum and a count for each."""
    by_labels: dict[frozenset[tuple[str, str]], list[Sample]] = {}
    for each in family.samples:
        labels = frozenset((name, value) for name, value in each.labels.items() if name != "le")
        by_labels.setdefault(labels, []).append(each)
    for labels, samples in by_labels.items():
        shown = f"{family.name} {dict(labels)}"
        buckets = [each for each in samples if each.name.endswith("_bucket")]
        bounds = [float(each.labels["le"]) for each in buckets]
        counts = [each.value for each in buckets]
        rest = {each.name.removeprefix(family.name): each.value for each in samples if each not in buckets}
        if not bounds or bounds[-1] != math.inf or bounds != sorted(set(bounds)):
            yield f"{shown}: bounds do not rise to +Inf"
        if counts != sorted(counts):
            yield f"{shown}: buckets are not cumulative"
        if set(rest) != {"_sum", "_count"}:
            yield f"{shown}: no sum or no count"
        elif counts and counts[-1] != rest["_count"]:
            yield f"{shown}: the count is not that of +Inf"
