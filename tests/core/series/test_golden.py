"""The golden tables of others (LEAN's test data): equal within each table's own rounding, or the reason why not.

A case compares one column of a table with one output of a series from bar `after` on. `after` is the first bar
by default; where a table begins with another seed, it is the bar from which both have forgotten their start.
"""

import csv
import gzip
from dataclasses import dataclass

import numpy as np
import pytest
import talib

from crypto_portfolio_analyzer.core.series.catalog import SERIES, ParameterKind
from tests.core.series.samples import FIELDS, bars_of, fed

EXACT = 1e-11
SINGLE = "the table was computed in single precision"
SEED = "the table seeds its averages otherwise; from here on both have forgotten it"


@dataclass(frozen=True)
class Case:
    file: str
    column: str
    kind: str
    arguments: tuple[float, ...] = ()
    place: int = 0
    within: float = EXACT
    """Largest difference, absolute; of EXACT ones relative."""
    after: int = 0
    why: str = ""
    source: str = "close"


BANDS = "Bollinger Bands® 20 2"
DONCHIAN = "Donchian Channels 50"
ICHIMOKU = (9, 26, 52, 27)
"""LEAN draws the cloud a bar further ahead than TradingView does and our default."""

CASES = [
    Case("spy_atr_wilder.txt", "Average True Range 14", "atr", (14,), within=1e-5, after=150, why=SEED),
    Case("spy_bollinger_bands.txt", "Moving Average 20", "bollinger", (20, 2.0), 1),
    Case("spy_bollinger_bands.txt", f"{BANDS} Top", "bollinger", (20, 2.0), 0, 1e-4),
    Case("spy_bollinger_bands.txt", f"{BANDS} Bottom", "bollinger", (20, 2.0), 2, 1e-4),
    Case("spy_bollinger_bands.txt", "BandWidth", "bollinger", (20, 2.0), 3, 1.5e-4, why="of rounded bands"),
    Case("spy_bollinger_bands.txt", "%B", "bollinger", (20, 2.0), 4, 1e-4),
    Case("spy_cmf.txt", "CMF_20", "cmf", (20,), within=2e-6, why="rounded prices in the table"),
    Case("spy_dema.txt", "DEMA_5", "dema", (5,)),
    Case("spy_ema.csv", "EMA14", "ema", (14,)),
    Case("spy_hma.txt", "HMA_16", "hma", (16,), within=1e-7),
    Case("spy_kama.txt", "KAMA_5", "kama", (5,)),
    Case("spy_mfi.txt", "Money Flow Index 20", "mfi", (20,), within=1e-5),
    Case("spy_natr.txt", "NATR_5", "natr", (5,)),
    Case("spy_tema.txt", "TEMA_5", "tema", (5,)),
    Case("spy_trix.txt", "TRIX_5", "trix", (5,)),
    Case("spy_tsi.csv", "TSI_25_13", "tsi", (25, 13)),
    Case("spy_ultosc.txt", "ULTOSC_7_14_28", "ultosc", (7, 14, 28)),
    Case("spy_with_StochRSI.csv", "k", "stochrsi", (14, 14, 3, 3), within=1e-11),
    Case("spy_with_StochRSI.csv", "d", "stochrsi", (14, 14, 3, 3), 1),
    Case("spy_with_cci.txt", "Commodity Channel Index (CCI) 14", "cci", (14,), within=3e-3, why=SINGLE),
    Case("spy_with_chop.csv", "CHOP14", "chop", (14,)),
    Case("spy_with_don50.txt", f"{DONCHIAN} Top", "donchian", (50,), 0),
    Case("spy_with_don50.txt", f"{DONCHIAN} Mean", "donchian", (50,), 1),
    Case("spy_with_don50.txt", f"{DONCHIAN} Bottom", "donchian", (50,), 2),
    Case("spy_with_indicators.txt", "SMA14", "sma", (14,), within=6e-3),
    Case("spy_with_indicators.txt", "EMA14", "ema", (14,), within=6e-3),
    Case("spy_with_indicators.txt", "MACD 12 26", "macd", (12, 26, 9), within=3e-4, after=300, why=SEED),
    Case("spy_with_indicators.txt", "RSI 14 Wilder", "rsi", (14,), within=1e-5),
    Case("spy_with_keltner.csv", "Middle Band", "sma", (20,), within=1e-4, source="hlc3"),
    Case("spy_with_macd.txt", "MACD", "macd", (12, 26, 9), 0, 6e-6),
    Case("spy_with_macd.txt", "Signal", "macd", (12, 26, 9), 1, 6e-6),
    Case("spy_with_macd.txt", "Histogram", "macd", (12, 26, 9), 2, 6e-6),
    Case("spy_with_obv.txt", "OBV", "obv", within=2e3, why="seven digits of 1e9"),
    Case("spy_with_roc50.txt", "Rate of Change 50", "mom", (50,), within=2e-5, why=SINGLE),
    Case("spy_with_rocp50.txt", "Rate of Change % 50", "roc", (50,), within=2e-5, why=SINGLE),
    Case("spy_with_stoch12k3.txt", "Stochastics 12 %K 3", "stoch", (12, 3, 5), 0, 5e-4, why=SINGLE),
    Case("spy_with_stoch12k3.txt", "%D 5", "stoch", (12, 3, 5), 1, 5e-4, why=SINGLE),
    Case("spy_with_vwma.csv", "VWMA20", "vwma", (20,)),
    Case("spy_with_williamsR14.txt", "Williams %R 14", "williams_r", (14,), within=5e-4, why=SINGLE),
    Case("spy_aroon_oscillator.txt", "Aroon Oscillator 14", "aroon", (14,), 2, 1e-5),
    Case("spy_with_adx.txt.gz", "ADX 14", "adx", (14,), 0, 1e-4, 210, SEED),
    Case("spy_with_adx.txt.gz", "+DI14", "adx", (14,), 1, 1e-4, 160, SEED),
    Case("spy_with_adx.txt.gz", "-DI14", "adx", (14,), 2, 1e-4, 160, SEED),
    Case("dwac_supertrend.txt", "Super", "supertrend", (10, 3.0), 0, 5e-3, 70, SEED),
    Case("spy_with_ichimoku.csv.gz", "Tenkan", "ichimoku", ICHIMOKU, 0),
    Case("spy_with_ichimoku.csv.gz", "Kijun", "ichimoku", ICHIMOKU, 1),
    Case("spy_with_ichimoku.csv.gz", "Senkou A", "ichimoku", ICHIMOKU, 2),
    Case("spy_with_ichimoku.csv.gz", "Senkou B", "ichimoku", ICHIMOKU, 3),
    Case("spy_with_rma.csv.gz", "SMA10", "sma", (10,)),
    Case("spy_ad.txt", "AD", "talib:AD"),
    Case("spy_ad_osc.txt", "AdOsc_3_10", "talib:ADOSC", (3, 10), within=1e-3, after=300, why=SEED),
    Case("spy_ao.txt", "AO", "talib:AO", (5, 34), within=1e-11),
    Case("spy_apo.txt", "APO_5_10", "talib:APO", (5, 10, 0), within=1e-11),
    Case("spy_bop.txt", "BOP", "talib:BOP"),
    Case("spy_cmo.txt", "CMO_5", "talib:CMO", (5,)),
    Case("spy_coppock_curve.csv.gz", "CoppockCurve", "talib:COPPOCK", (10, 11, 14)),
    Case("spy_dpo.csv", "DPO", "talib:DPO", (21,), within=1e-9),
    Case("spy_heikin_ashi.txt", "HA_Open", "talib:HA", within=1e-7),
    Case("spy_heikin_ashi.txt", "HA_Close", "talib:HA", (), 3, 1e-7),
    Case("spy_ker.txt", "KER", "talib:ER", (10,), within=1e-9),
    Case("spy_mama.csv", "mama", "talib:MAMA", (0.5, 0.05), source="hl2"),
    Case("spy_mama.csv", "fama", "talib:MAMA", (0.5, 0.05), 1, source="hl2"),
    Case("spy_mass_index_25.txt", "MassIndex", "talib:MASSI", (9, 25), within=1e-7, after=150, why=SEED),
    Case("spy_max.txt", "MAX_5", "talib:MAX", (5,)),
    Case("spy_midpoint.txt", "MIDPOINT_5", "talib:MIDPOINT", (5,)),
    Case("spy_midprice.txt", "MIDPRICE_5", "talib:MIDPRICE", (5,)),
    Case("spy_min.txt", "MIN_5", "talib:MIN", (5,)),
    Case("spy_ppo.txt", "PPO_5_10", "talib:PPO", (5, 10, 0), within=1e-11),
    Case("spy_rocr.txt", "ROCR_5", "talib:ROCR", (5,)),
    Case("spy_t3.txt", "T3_5", "talib:T3", (5, 0.7)),
    Case("spy_tr.txt", "TR", "talib:TRANGE"),
    Case("spy_trima.txt", "TRIMA_5", "talib:TRIMA", (5,)),
    Case("spy_trima.txt", "TRIMA_6", "talib:TRIMA", (6,)),
    Case("spy_var.txt", "Var", "talib:VAR", (10, 1.0), within=1e-9, why="the table sums squares as they run"),
    Case("spy_with_ForceIndex.csv", "ForceIndex20", "talib:EFI", (20,)),
    Case("spy_with_vtx.csv", "plus_vtx", "talib:VORTEX", (14,)),
    Case("spy_with_zlema.csv", "ZLEMA5", "talib:ZLEMA", (5,)),
]


def table(root, name):
    """Return the columns of a golden table as texts."""
    path = root / "golden" / "lean" / name
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8-sig")
    header, *rows = [row for row in csv.reader(text.splitlines()) if row]
    return {
        title.strip(): np.array([number(row[place]) if place < len(row) else np.nan for row in rows])
        for place, title in enumerate(header)
        if not title.strip().lower().startswith(("date", "time"))
    }


def number(text):
    try:
        return float(text)
    except ValueError:
        return np.nan


def columns_of(found):
    """Return the bars' columns; a table of closes alone makes bars without range and of volume 1."""
    lower = {title.lower(): values for title, values in found.items()}
    close = lower["close"]
    columns = {field: lower.get(field, close) for field in FIELDS}
    columns["volume"] = lower.get("volume", np.ones(len(close)))
    columns["hl2"] = (columns["high"] + columns["low"]) / 2
    columns["hlc3"] = (columns["high"] + columns["low"] + close) / 3
    return columns


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}:{case.column}")
def test_series_equals_the_golden_table(recorded_data, case):
    found = table(recorded_data, case.file)
    columns, kind = columns_of(found), SERIES[case.kind]
    names = [each.name for each in kind.parameters if each.kind is not ParameterKind.SERIES]
    assert kind.make is not None
    calculator = kind.make(dict(zip(names, case.arguments, strict=True)))

    ours = fed(calculator, bars_of(columns), columns[case.source])[case.place]

    theirs = found[case.column]
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    both[: case.after] = False
    assert both.sum() >= min(50, len(ours) - max(case.after, 20))
    limits = {"rtol": EXACT, "atol": EXACT} if case.within == EXACT else {"rtol": 0, "atol": case.within}
    np.testing.assert_allclose(ours[both], theirs[both], **limits)


def test_tables_of_other_definitions_are_what_we_say_they_are(recorded_data):
    """Four tables go by a name of ours and mean something else; here is what."""
    found = table(recorded_data, "spy_with_keltner.csv")
    columns = columns_of(found)
    high, low, close = columns["high"], columns["low"], columns["close"]
    ranges = talib.TRANGE(high, low, close)
    ranges[0] = high[0] - low[0]
    keltner = talib.SMA(columns["hlc3"], 20) + 1.5 * talib.SMA(
        ranges, 20
    )  # ours: an EMA of closes, Wilder's ATR
    near(keltner, found["Keltner Channels 20 Top"], 1e-4)

    found = table(recorded_data, "spy_atr.txt")
    columns = columns_of(found)
    ranges = talib.TRANGE(columns["high"], columns["low"], columns["close"])
    near(talib.SMA(ranges, 14), found["Average True Range 14"], 1e-5)  # ours: Wilder's average

    found = table(recorded_data, "spy_with_vwap.txt")
    columns = columns_of(found)
    price = sum(columns[field] for field in ("open", "high", "low", "close")) / 4  # ours: the typical price
    volume = columns["volume"]
    near(talib.SUM(price * volume, 50) / talib.SUM(volume, 50), found["Moving VWAP 50"], 1e-4)

    found = table(recorded_data, "spy_with_rma.csv.gz")
    relative = found["SMA15"] - found["SMA10"] + found["SMA5"]  # "relative" moving average; ours: Wilder's
    near(relative, found["RMA5"], 2e-3)


def near(ours, theirs, within):
    both = ~np.isnan(ours) & ~np.isnan(theirs)
    assert both.sum() > 100
    np.testing.assert_allclose(ours[both], theirs[both], rtol=0, atol=within)
