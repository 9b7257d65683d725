"""Drafts live ten minutes, in memory, one per person and chat, so many and no more."""

from crypto_portfolio_analyzer.bot.drafting import LIFE, MOST, Drafts
from tests.fakes import FakeClock


async def test_a_draft_lives_ten_minutes_from_its_last_touch():
    clock = FakeClock()
    drafts = Drafts(clock)
    draft = drafts.begin("anna", "7")

    await clock.advance(LIFE - 1)
    assert drafts.of("anna", "7") is draft
    await clock.advance(LIFE - 1)
    assert drafts.of("anna", "7", draft.id) is draft
    await clock.advance(LIFE)
    assert drafts.of("anna", "7") is None
    assert len(drafts) == 0


def test_a_draft_is_its_persons_in_its_chat():
    drafts = Drafts(FakeClock())
    draft = drafts.begin("anna", "7")

    assert drafts.of("bert", "7") is None
    assert drafts.of("anna", "8") is None
    assert drafts.of("anna", "7", "other") is None
    assert drafts.of("anna", "7", draft.id) is draft


def test_a_new_draft_ends_the_one_before():
    drafts = Drafts(FakeClock())
    old, new = drafts.begin("anna", "7"), drafts.begin("anna", "7")

    drafts.end(old)

    assert drafts.of("anna", "7") is new


def test_the_oldest_goes_when_there_are_too_many():
    drafts = Drafts(FakeClock())
    for number in range(MOST + 3):
        drafts.begin(str(number), "7")

    assert len(drafts) == MOST
    assert drafts.of("2", "7") is None
    assert drafts.of("3", "7") is not None
