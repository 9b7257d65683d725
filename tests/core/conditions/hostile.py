"""Texts that want to break the reader, and a maker of more of them."""

import random

CORPUS = [
    "",
    " ",
    "\x00",
    "\n\n",
    "__import__('os').system('x')",
    "price.__class__.__mro__ > 1",
    "().__class__.__bases__[0].__subclasses__()",
    "lambda: price > 1",
    "price ** 9 ** 9 ** 9 > 1",
    "exec(price) > 1",
    "(" * 512,
    ")" * 512,
    "(" * 256 + ")" * 256,
    "[" * 512,
    '"' * 511,
    "-" * 511 + "1",
    "not " * 127 + "x",
    "1" * 512,
    "1e" + "9" * 500,
    "1." + "9" * 500 + " < price",
    "price > 1e999999999999",
    "price > 0x10",
    "price > 1__0",
    "price > 1_",
    "price > .5.5",
    "price > 1..",
    "price inside ..",
    "price inside 1...5",
    "price > ٣",
    "price > 五",
    "p\u0440ice > 1",
    "price\u200b > 1",
    "price > 1\ud800",
    "😀 > 1",
    "max(" * 128,
    "a." * 256,
    "a[1]" * 128,
    "price" + " live" * 100,
    "price" + " on 1h" * 80,
    "close[1]" + "[1]" * 160 + " > 1",
    "price > 1 " + "for 5m " * 70,
    "price > 1 " + "then price > 1 within 1m " * 19,
    "1 of (" * 80,
    "+".join(["1"] * 256),
    "abs(pricd)>1 or " * 31 + "price >1",
    "price>1 or " * 46,
    "and and and",
    "or",
    "of of of (",
    "price rises rises by by 5 in in 5m",
    "price moving up",
    "price > 1 within",
    "talib()",
    'talib("")',
    'talib("RSI", talib("RSI"))',
    'talib("MAVP", 3) > 1',
    "candle()",
    "candle(1)",
    'candle("' + "x" * 480 + '")',
    '"".price > 1',
    '"a/b/c/d".price > 1',
    '"' + "A" * 300 + '".price > 1',
    "sma(sma(sma(sma(sma(sma(sma(close,2),2),2),2),2),2),2) > 1",
    "min(1, 2) > max(3, 4)",
    "price / (1 - 1) > 1",
    "1e30 * 1e30 * 1e30 > price",
    "price > 1; drop table alerts",
    "price > 1 -- comment",
    "price > 1 # comment",
    "${jndi:ldap://x}",
    "{{price}} > 1",
    "%s%s%n > 1",
]

_VALUES = [
    "price", "bid", "close", "high[1]", "rsi(14)", "ema(50) on 15m", "sma(volume, 20) on 5m", "volume", "macd.signal",
    "bollinger(20, 2).upper", "highest(high, 20)", "avg(price, 5m)", "atr", "feed.age", '"ETH/USDT".price',
    "change_percent_24h", "volume_ratio(20)", "close live", 'talib("ROC", 10)', "abs(close - open)", "supertrend",
]  # fmt: skip
_NUMBERS = ["1", "50", "0.5", "50k", "5%", "1e-8", "30s", "-3", "1_000"]
_WORDS = [
    "and", "or", "not", "of", "for", "within", "then", "on", "live", "in", "by", "bars", "crosses", "above", "below",
    "enters", "exits", "inside", "outside", "rises", "falls", "moves", "(", ")", ",", "..", ".", "[", "]", "+", "-",
    "*", "/", ">", "<", "==", "1h", "15m", "3 bars", '"', "pric", "%", "ß", "candle(", "1..2",
]  # fmt: skip


def generated(chance: random.Random) -> str:
    """Return a text that is right, nearly right, or not at all."""
    kind = chance.random()
    if kind < 0.2:
        return " ".join(chance.choices(_VALUES + _NUMBERS + _WORDS, k=chance.randint(1, 30)))
    text = _question(chance, chance.randint(0, 3))
    return text if kind < 0.5 else _damaged(chance, text)


def _question(chance: random.Random, depth: int) -> str:
    if depth:
        one, other = _question(chance, depth - 1), _question(chance, depth - 1)
        return chance.choice(
            [
                f"{one} and {other}",
                f"{one} or {other}",
                f"not {one}",
                f"({one}) for 3 bars",
                f"({one}) within 10m",
                f"({one} then {other} within 30m)",
                f"1 of ({one}, {other})",
                f"({one}) on 1h",
            ]
        )
    value, limit = chance.choice(_VALUES), chance.choice(_VALUES + _NUMBERS * 2)
    return chance.choice(
        [
            f"{value} {chance.choice(['>', '<=', '=='])} {limit}",
            f"{value} crosses above {limit}",
            f"{value} exits 1..{limit}",
            f"{value} rises by {chance.choice(_NUMBERS)} in {chance.choice(['5m', '3 bars'])}",
            f'candle("{chance.choice(["hammer", "doji", "x"])}")',
        ]
    )


def _damaged(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(text) + 1)
        match chance.randrange(4):
            case 0:
                text = text[:place] + text[place + chance.randint(1, 5) :]
            case 1:
                text = text[:place] + chance.choice(_WORDS + _NUMBERS) + text[place:]
            case 2:
                text = (
                    text[:place]
                    + chr(chance.choice([0, 34, 39, 44, 46, 0xA0, 0x2028, 0x1F600]))
                    + text[place:]
                )
            case _:
                text = text[:place] + text[place:][: chance.randint(1, 40)] * 2
    return text
