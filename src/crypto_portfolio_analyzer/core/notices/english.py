"""English: the sentences of messages."""

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.notices.sentences import Sentences

ENGLISH = Sentences(
    articles=("the ",),
    price="the price ",
    simulated="SIM",
    late="LATE {}",
    repeat="(repeat)",
    day="24 h {}",
    decided="decided after {}",
    within="within the bar of {}",
    causes={
        Cause.LIVE: "it came late from the venue",
        Cause.GAP_BACKFILL: "found while filling a gap in the feed",
        Cause.OUT_OF_ORDER: "the venue sent it out of order",
        Cause.RESTART: "found after a restart",
        Cause.BOUNDARY: "judged with the other market's bar before",
    },
    before="Before: {}",
    revision="“{}” rev {}",
    template_failed="Your template could not be filled in; this is the usual wording.",
    digest="{} alerts in {}",
    falling="{} of {} falling",
    rising="{} of {} rising",
    worst="worst {}",
    best="best {}",
    further="… and {} more",
    test_title="Test: this channel works",
    test_line="What is sent to “{}” arrives here.",
    simulated_line="Simulated market: no real prices.",
    gone="An alert fired; its record is gone",
    confirm_title="Is this your address?",
    confirm_line="Somebody wants market alerts sent here. If it was you, enter this code: {}",
    confirm_else="If it was not you, do nothing: no other message will come.",
    reason="You get this through your channel “{}”.",
    settings="Change or stop it",
    view="Open",
    quoted="“{}”",
)
