"""Why: evidence in words, its foreign parts escaped."""

from crypto_portfolio_analyzer.bot.admitting import Person
from crypto_portfolio_analyzer.bot.talking import Talk
from crypto_portfolio_analyzer.bot.telling_why import evident
from crypto_portfolio_analyzer.core.alerts import Evidence, Firing, Leaf, Operand
from tests.fakes import NOON

LEAVES = (
    Leaf("rsi(14) > 70", True, Operand("rsi(14)", 71.2, 69.0), Operand("70", 70.0)),
    Leaf("price < 1", False, Operand("price", 2.0), Operand("1", 1.0)),
    Leaf("<b> > 1", None, missing="<no> data"),
)


async def test_leaves_values_and_venue_are_told_in_the_persons_language(house):
    talk = Talk(house, Person(id="7", name="A", owner="ada", chat="7", is_group=False, language="de"))
    evidence = Evidence("<s>", LEAVES, {}, {"price": 1234.5}, "<venue>", bar_open_at=NOON)
    firing = Firing(
        id="f", alert_id="a", revision=1, symbol="BTC/USDT", key="1", price=2.0, event_at=NOON,
        received_at=NOON, detected_at=NOON, evidence=evidence,
    )  # fmt: skip

    lines = evident(talk, None, firing).split("\n")

    assert lines[0] == "<b>Warum</b> &lt;s&gt;"
    assert lines[1] == "✓ rsi(14) &gt; 70 · 71,200 gegen 70,000"
    assert lines[2] == "✗ price &lt; 1 · 2,0000 gegen 1,0000"
    assert lines[3] == "? &lt;b&gt; &gt; 1 · &lt;no&gt; data"
    assert lines[4] == "Davor: price 1.234,50"
    assert lines[6].startswith("&lt;venue&gt; · ")
