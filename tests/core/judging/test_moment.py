"""The instant of a judgement."""

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.judging.moment import Moment


def test_moment_is_live_and_sure_unless_told_otherwise():
    moment = Moment(at=1, received_at=2, detected_at=3)

    assert moment.cause is Cause.LIVE
    assert not any((moment.late, moment.approximated, moment.is_peek, moment.closed))
