"""Finding alerts of a server by what people type."""

import pytest

from crypto_portfolio_analyzer.cli.alert_calls import (
    all_alerts,
    found,
    free_name,
    pages,
    server_of,
    short_ids,
)
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.settings import load
from tests.cli.shelf import shelf


async def test_every_page_of_a_list_is_read_and_no_more_than_asked(tmp_path):
    async with shelf(tmp_path) as kept:
        made = [kept.put()["id"] for _ in range(5)]

        assert [each["id"] for each in await all_alerts(kept.client)] == made
        assert len(await pages(kept.client, "/api/alerts", "alerts", {}, most=3)) == 3


async def test_an_alert_is_found_by_id_beginning_and_name(tmp_path):
    async with shelf(tmp_path) as kept:
        wanted, other = kept.put(name="breakout"), kept.put(id="1bbbbbbb")

        for text in (wanted["id"], "1aaa", "1AAA", "breakout"):
            assert (await found(kept.client, text))["id"] == wanted["id"]
        with pytest.raises(Failed, match="2 alerts begin with '1'") as several:
            await found(kept.client, "1")
        with pytest.raises(Failed, match="no alert 'x'") as nothing:
            await found(kept.client, "x")

    assert other["id"] in kept.alerts
    assert (several.value.problem.exit_code, nothing.value.problem.exit_code) == (2, 3)


def test_without_a_server_the_command_says_how_to_start_one(tmp_path):
    with pytest.raises(Failed) as caught:
        server_of(load({"data_dir": str(tmp_path)}))

    assert (caught.value.problem.exit_code, caught.value.problem.fix) == (4, "crypto-analyzer start")


def test_ids_are_cut_as_short_as_they_can_be_told_apart():
    assert short_ids([{"id": "aaaabbbb"}, {"id": "aaaacccc"}]) == {"aaaabbbb": "aaaab", "aaaacccc": "aaaac"}
    assert short_ids([{"id": "abcdefgh"}]) == {"abcdefgh": "abcd"}
    assert short_ids([]) == {}


def test_a_taken_name_gets_a_number():
    taken = [{"name": "a"}, {"name": "a 2"}]

    assert (free_name("a", taken), free_name("b", taken)) == ("a 3", "b")
