"""Deliveries and their attempts as text, at 80 columns too."""

import csv
import io

import pytest

from crypto_portfolio_analyzer.cli import delivery_views
from crypto_portfolio_analyzer.cli.delivery_views import CSV_COLUMNS, deliveries_csv
from crypto_portfolio_analyzer.cli.output import table_lines
from tests.cli.deliveries import delivery
from tests.cli.test_alert_views import said
from tests.fakes import MINUTE, NOON


def test_deliveries_are_one_line_each_and_the_next_command_shows_the_troubled_one():
    fine = delivery(number=1842, state="delivered", reason="", next_attempt_at=None, last_status=204)
    heard = said(delivery_views.show_deliveries, [fine, delivery(title="a\x1b[2J")], NOON + MINUTE)

    first, second = heard.out.splitlines()[1:]
    assert first.split() == "1842 12:00:00 BTC/USDT btc breakout bot delivered 2 204".split()
    assert second.split()[-7:] == "503 12:00:35 the other end answered 503".split()
    assert "\x1b" not in heard.out
    assert heard.err == "Next: crypto-analyzer deliveries show 1841\n"


def test_no_deliveries_say_so():
    assert said(delivery_views.show_deliveries, [], NOON).out == "no deliveries\n"


def test_a_delivery_is_shown_with_its_attempts_and_the_instants_of_its_way():
    heard = said(delivery_views.show_delivery, delivery(), NOON + MINUTE)

    assert heard.out.splitlines() == [
        "BTC/USDT btc breakout to bot: retry_wait (the other end answered 503)",
        "  id           f0f0_c1c1",
        "  kind         firing",
        "  queued       12:00:00",
        "  next try     12:00:35",
        "  way          venue 12:00:00.000 · received +18 ms · detected +19 ms · stored +23 ms · first attempt +100 ms",
        "NO  AT         TOOK  OUTCOME  STATUS  WHY",
        " 1  12:00:00  38 ms  failed      503  the other end answered 503",
        " 2  12:00:05  38 ms  failed      503  the other end answered 503",
    ]


def test_a_dead_one_says_how_to_send_it_again_and_a_bots_answer_is_shown():
    dead = delivery(state="dead", answer="rejected\x07", unsure=True, stamps=None, attempt_log=[])
    heard = said(delivery_views.show_delivery, dead, NOON)

    assert "bot said     rejected\\x07" in heard.out
    assert "may have arrived" in heard.out
    assert heard.err == "Next: crypto-analyzer deliveries redeliver 1841\n"


def test_a_channel_that_is_gone_is_named_by_its_id():
    gone = {"id": "c1c1c1c1c1c1", "name": None, "type": None}

    assert delivery_views.channel_of(delivery(channel=gone)) == "c1c1c1c1"


@pytest.mark.parametrize("holds", [True, False])
def test_the_law_is_told_channel_by_channel(holds):
    law = {"channel_id": "c1", "told": 3, "states": {"delivered": 2, "dead": 1, "queued": 0}, "broken": []}
    told = {"holds": holds, "channels": [law if holds else law | {"broken": ["f0_c1: two claims"]}]}
    heard = said(lambda each, output: delivery_views.show_law(each, {"c1": "bot"}, output), told)

    assert heard.out.splitlines()[1].split() == "bot 3 2 delivered, 1 dead".split()
    assert ("! f0_c1: two claims" in heard.out) is not holds
    assert ("exactly one state" in heard.out) is holds


def test_at_80_columns_what_matters_least_goes_first_and_no_row_wraps():
    row = [
        "1841",
        "12:00:00",
        "BTC/USDT btc breakout",
        "my telegram",
        "retry_wait",
        "2",
        "503",
        "12:00:35 the other end",
    ]

    lines = table_lines(delivery_views.DELIVERY_COLUMNS, [row], 80)

    assert lines == [
        "  NO  QUEUED    WHAT                   CHANNEL      STATE       TRIES  LAST",
        "1841  12:00:00  BTC/USDT btc breakout  my telegram  retry_wait      2   503",
    ]
    assert all(len(line) <= 80 for line in lines)


def test_csv_holds_every_delivery_exactly_and_no_formula():
    hostile = delivery(title='=HYPERLINK("http://x","y")', reason="+1, a comma\x1b[2J")

    head, *rows = csv.reader(io.StringIO(deliveries_csv([hostile, delivery()])))

    assert tuple(head) == CSV_COLUMNS
    told = dict(zip(head, rows[0], strict=True))
    assert told["title"] == '\'=HYPERLINK("http://x","y")'
    assert told["reason"] == "'+1, a comma\\x1b[2J"
    assert dict(zip(head, rows[1], strict=True))["id"] == delivery()["id"]
