"""After a critical firing, what only informs about the same symbol is kept back for a while, if asked for."""

import pytest

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.engine.delivery.stages.inhibiting import inhibiting
from tests.engine.delivery.media import channel_of
from tests.engine.delivery.works import SECOND, context, ids, reasons, work
from tests.fakes import NOON

ASKED = channel_of(inhibit=True)
TOLD = {"BTC/USDT": NOON - 299 * SECOND}


def test_only_what_informs_about_the_same_symbol_is_kept_back():
    some = [work(1), work(2, symbol="ETH/USDT"), work(3, severity=Severity.WARNING)]
    sifted = inhibiting(some, context(ASKED, critical=TOLD))

    assert ids(sifted.on) == ["d2", "d3"]
    assert reasons(sifted) == ["inhibited by BTC/USDT"]


@pytest.mark.parametrize(
    "known",
    [
        context(channel_of(), critical=TOLD),
        context(channel_of(inhibit=False), critical=TOLD),
        context(ASKED, critical={"BTC/USDT": NOON - 300 * SECOND}),
        context(ASKED, critical=TOLD, for_people=False),
        context(ASKED),
    ],
)
def test_unasked_later_and_for_programs_nothing_is(known):
    assert ids(inhibiting([work(1)], known).on) == ["d1"]
