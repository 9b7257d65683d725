"""The text people write faults in."""

import pytest

from crypto_portfolio_analyzer.errors import InvalidInput, UnknownName
from crypto_portfolio_analyzer.simulation.faults import Fault, FaultKind, parse_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("at=30s close=1006", Fault(FaultKind.CLOSE, value=1006, at=30)),
        ("close", Fault(FaultKind.CLOSE, value=1006)),
        (
            "at=1m mute=btcusdt@aggTrade for=45s",
            Fault(FaultKind.MUTE, name="btcusdt@aggTrade", at=60, lasts=45),
        ),
        ("silence=deaf", Fault(FaultKind.SILENCE, name="deaf")),
        ("shutdown at=5", Fault(FaultKind.SHUTDOWN, value=10, at=5)),
        ("outage=10m venue=kraken", Fault(FaultKind.OUTAGE, lasts=600, venue="kraken")),
        ("rest=418 for=2m retry=60s", Fault(FaultKind.REST, value=418, lasts=120, retry_after=60)),
        ("slow=250ms", Fault(FaultKind.SLOW, value=0.25)),
        ("garbage=1000", Fault(FaultKind.GARBAGE, value=1000)),
        ("duplicate=5%", Fault(FaultKind.DUPLICATE, share=0.05)),
        ("reorder=2s share=20%", Fault(FaultKind.REORDER, value=2, share=0.2)),
        ("skip=3 every=10s times=6", Fault(FaultKind.SKIP, value=3, every=10, times=6)),
        ("skew=-90s", Fault(FaultKind.SKEW, value=-90)),
    ],
)
def test_faults_are_read_as_written(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("at=30s", "names no kind"),
        ("close=12", "a code from 1000 to 4999"),
        ("rest=200", "a code from 400 to 599"),
        ("close slow", "names two kinds, close and slow"),
        ("at=soon close", "'at=soon'"),
        ("silence=perhaps", "silence=pongs or silence=deaf"),
        ("mute", "needs the name of a stream or symbol"),
        ("garbage=lots", "'garbage=lots'"),
    ],
)
def test_what_cannot_be_read_is_named(text, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        parse_fault(text)


def test_unknown_words_and_venues_come_with_the_nearest_known_one():
    with pytest.raises(UnknownName, match="did you mean 'close'"):
        parse_fault("at=30s clos=1006")
    with pytest.raises(UnknownName, match="did you mean 'binance'"):
        parse_fault("close venue=binanse")


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.MUTE])
def test_every_kind_has_a_default(kind):
    assert parse_fault(kind.value).kind is kind
