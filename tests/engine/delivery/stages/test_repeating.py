"""What two channels would tell in the same place is told there once."""

from crypto_portfolio_analyzer.core.notices.notification import Kind
from crypto_portfolio_analyzer.engine.delivery.stages.repeating import repeating
from tests.engine.delivery.works import context, ids, other, reasons, work


def test_the_second_is_suppressed_and_names_the_first():
    second = work(2)
    told = {("lane", second.delivery.firing_id): "d1"}

    assert reasons(repeating([second], context(told=told))) == ["duplicate of d1"]


def test_the_first_may_be_tried_again():
    first = work(1)

    assert ids(repeating([first], context(told={("lane", first.delivery.firing_id): "d1"})).on) == ["d1"]


def test_other_places_programs_and_tests_are_told_all():
    second = work(2)
    elsewhere = {("other", second.delivery.firing_id): "d1"}
    here = {("lane", second.delivery.firing_id): "d1"}

    assert repeating([second], context(told=elsewhere)).ruled == []
    assert repeating([second], context(told=here, for_people=False)).ruled == []
    assert repeating([other(Kind.TEST)], context(told=here)).ruled == []
