"""Routes: commands with arguments, in any case, and words, from people only."""


async def test_commands_are_heard_in_any_case_with_what_stands_behind(house):
    anna = await house.linked("Anna")

    assert (await house.said(anna, "/PRICE   btc")).text.startswith("BTC/USDT 65,000.00")
    assert (await house.said(anna, "/price@simulated_analyzer_bot BTC")).text.startswith("BTC/USDT")


async def test_long_and_odd_texts_are_answered(house):
    anna = await house.linked("Anna")

    for text in (
        "/price " + "x" * 4000,
        "/new BTC " + "(" * 4000,
        "/",
        "/ ",
        "\u202e\u200b",
        "/edit " + "9" * 4000,
    ):
        assert (await house.said(anna, text)).text
    assert not house.server.fouls
