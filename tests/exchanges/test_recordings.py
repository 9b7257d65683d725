"""Recordings: read in every format, written without loss."""

import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.exchanges.recordings import (
    Record,
    RecordFormat,
    RecordKind,
    detect,
    guess_exchange,
    read,
    read_header,
    write_header,
    write_record,
)
from tests.fakes import NOON

URL = "wss://ws.example.com/ws?streams=a b"
OPENED, SENT, RECEIVED, HTTP = RecordKind.OPENED, RecordKind.SENT, RecordKind.RECEIVED, RecordKind.HTTP
HEADER, UNREADABLE = RecordKind.HEADER, RecordKind.UNREADABLE
CF1 = [
    'configuration: {"trades":["BTC-USD"]}',
    f"{URL} <-> 1618677816.8434298",
    f'{URL} <- 1618677817.020616: {{"type":"subscribe","note":" -> 1: "}}',
    '1618677817.061845: {"type":"x: y"}',
    '1618677817: {"type":"whole"}',
    "https://api.example.com/products?a=1 -> 1618677818.5: [1, 2]",
]
CF2 = [
    '{"t":"header","format":2,"exchange":"COINBASE","recorded":1786309548.026294}',
    '{"t":"http","conn":"h","ts":1786309548.026294,"url":"https://api.example.com/p","data":"[]"}',
    '{"t":"connect","conn":"w","ts":1786309548.031329,"addr":"wss://ws.example.com"}',
    '{"t":"send","conn":"w","ts":1786309548.1743748,"addr":"wss://ws.example.com","data":"{}"}',
    '{"t":"recv","conn":"w","ts":1786309548.6310668,"data":"{\\"channel\\":\\"x\\"}"}',
]
PP = ['{"t_wall": 1783089923.1110196, "raw": "{\\"message\\":\\"ok\\"}"}']


def kinds(records: list[Record]) -> list[RecordKind]:
    return [record.kind for record in records]


def test_cf1_is_read():
    records = list(read(CF1))

    assert records == [
        Record(HEADER, 0, raw=b'{"trades":["BTC-USD"]}'),
        Record(OPENED, 1_618_677_816_843_429_800, URL, url=URL),
        Record(SENT, 1_618_677_817_020_616_000, URL, b'{"type":"subscribe","note":" -> 1: "}', URL),
        Record(RECEIVED, 1_618_677_817_061_845_000, URL, b'{"type":"x: y"}'),
        Record(RECEIVED, 1_618_677_817_000_000_000, URL, b'{"type":"whole"}'),
        Record(HTTP, 1_618_677_818_500_000_000, "", b"[1, 2]", "https://api.example.com/products?a=1"),
    ]


def test_cf2_is_read():
    records = list(read(CF2))

    assert kinds(records) == [HEADER, HTTP, OPENED, SENT, RECEIVED]
    assert records[1] == Record(HTTP, 1_786_309_548_026_294_000, "h", b"[]", "https://api.example.com/p")
    assert records[4] == Record(RECEIVED, 1_786_309_548_631_066_800, "w", b'{"channel":"x"}')


def test_pp_is_read():
    assert list(read(PP)) == [Record(RECEIVED, 1_783_089_923_111_019_600, "", b'{"message":"ok"}')]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (CF1, RecordFormat.CF1),
        (CF1[3:], RecordFormat.CF1),
        (CF2, RecordFormat.CF2),
        (CF2[4:], RecordFormat.CF2),
        (PP, RecordFormat.PP),
        ([write_header("binance", URL, "0.1.0")], RecordFormat.OURS),
        ([write_record(Record(RECEIVED, NOON, "1", b"x"))], RecordFormat.OURS),
        (["garbage", "", *PP], RecordFormat.PP),
    ],
)
def test_a_format_is_told_by_its_first_lines(lines, expected):
    assert detect(lines) is expected


@pytest.mark.parametrize("lines", [[], [""], ["hello"], ['{"a":1}'], [b"\xff\xfe"], ["["]])
def test_what_is_no_recording_is_refused(lines):
    with pytest.raises(InvalidInput, match="no recording"):
        detect(lines)


def test_an_empty_file_holds_no_records():
    assert list(read([])) == []


records = st.builds(
    Record,
    st.sampled_from([OPENED, SENT, RECEIVED, HTTP, RecordKind.CLOSED]),
    st.integers(0, 2**62),
    st.text(max_size=10),
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.text(max_size=20),
)


@given(st.lists(records, max_size=8))
def test_what_was_written_is_read_back_byte_for_byte(written):
    lines = [write_header("binance", URL, "0.1.0"), *map(write_record, written)]

    first, *others = read(lines)

    assert first.kind is HEADER
    assert others == written


@given(records)
def test_a_record_is_one_line(record):
    line = write_record(record)

    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")


@pytest.mark.parametrize("convert", [bytes, lambda line: line.decode()])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_lines_may_be_text_or_bytes_with_any_end(convert, end):
    line = write_record(Record(RECEIVED, NOON, "1", b'{"a":"\xc3\xa4"}')).removesuffix(b"\n") + end

    assert list(read([convert(line)])) == [Record(RECEIVED, NOON, "1", b'{"a":"\xc3\xa4"}')]


def test_a_header_says_where_a_recording_comes_from():
    header = read_header(write_header("kraken", URL, "0.1.0"))

    assert (header.exchange, header.url, header.software, header.version) == ("kraken", URL, "0.1.0", 1)


def test_a_recording_of_newer_software_is_refused():
    line = write_header("kraken", URL, "9.0").replace(b'"version":1', b'"version":2')

    with pytest.raises(InvalidInput, match="up to version 1"):
        list(read([line]))


@pytest.mark.parametrize("lines", [CF1[1:], CF2, PP, [write_record(Record(RECEIVED, NOON, "1", b"x"))]])
@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "{",
        '{"t":7}',
        '{"k":"boom","t":1}',
        '{"t":"recv","ts":1e999999999}',
        '{"t_wall":-1,"raw":""}',
        "\xff",
    ],
)
def test_an_unreadable_line_is_counted_and_no_more(lines, line):
    found = list(read([*lines, line, lines[-1]]))

    assert kinds(found) == [*kinds(list(read(lines))), UNREADABLE, kinds(list(read(lines)))[-1]]
    assert found[-2].raw == line.encode()
    assert found[-2].at_ns == found[-3].at_ns


def test_a_body_that_is_no_base64_is_unreadable():
    good = write_record(Record(RECEIVED, NOON, "1", b"\xff"))

    assert kinds(list(read([good, good.replace(b'"/w=="', b'"/w="')]))) == [RECEIVED, UNREADABLE]


@given(st.lists(st.text(max_size=40) | st.binary(max_size=40), max_size=10))
def test_no_line_raises(lines):
    found = list(read([*PP, *lines]))

    assert all(record.at_ns >= 0 for record in found)


@given(st.integers(0, 99_999_999_999), st.integers(0, 10**9 - 1))
def test_instants_lose_no_digit(seconds, fraction):
    (cf1,) = read([f"{seconds}.{fraction:09d}: x"])
    (pp,) = read([f'{{"t_wall":{seconds}.{fraction:09d},"raw":""}}'])

    assert cf1.at_ns == pp.at_ns == seconds * 10**9 + fraction


def test_the_exchange_is_told_by_the_frames():
    samples = Path(__file__).parent / "samples"
    for name in ("binance", "coinbase", "coinbase_advanced", "kraken", "mock"):
        frames = (samples / f"{name}.jsonl").read_bytes().splitlines()

        assert guess_exchange(Record(RECEIVED, NOON, "", frame) for frame in frames) == name


def test_the_exchange_is_told_by_a_header_or_an_address():
    header = list(read([write_header("kraken", URL, "0.1.0")]))

    assert guess_exchange(header) == "kraken"
    assert guess_exchange([Record(OPENED, NOON, "1", url="wss://ws-feed.pro.coinbase.com")]) == "coinbase"
    assert guess_exchange([Record(OPENED, NOON, "1", url="wss://example.com")]) is None
    assert guess_exchange([]) is None


def test_frames_that_nobody_understands_have_no_exchange():
    assert guess_exchange([Record(RECEIVED, NOON, "", b'{"message":"Successfully subscribed"}')] * 3) is None


CAPTURES = {
    "ws/coinbase/exchange_2021-04-17.cf1.gz": ("coinbase", {OPENED: 1, SENT: 3, RECEIVED: 5573}),
    "ws/coinbase/advanced_2026-08-09.cf2.jsonl.gz": (
        "coinbase_advanced",
        {HEADER: 1, HTTP: 1, OPENED: 1, SENT: 5, RECEIVED: 638},
    ),
    "ws/other/kraken.ws.50.cf1.gz": ("kraken", {OPENED: 1, SENT: 1, RECEIVED: 4321}),
    "ws/other/bitstamp.ws.1.cf1.gz": (None, {OPENED: 1, SENT: 20, RECEIVED: 747}),
    "ws/other/okx.ws.1.cf1.gz": (None, {OPENED: 1, SENT: 3, RECEIVED: 410}),
    "ws/pumpportal/session_2026.jsonl.gz": (None, {RECEIVED: 124}),
    "ws/binance/spot_2021-08-14.cf1.gz": ("binance", {OPENED: 1, RECEIVED: 1003}),
    "ws/binance/us_2021-10-12.cf1.gz": ("binance_us", {OPENED: 1, RECEIVED: 480}),
}


@pytest.mark.parametrize("path", CAPTURES)
def test_captures_are_read_line_by_line(recorded_data, path):
    exchange, counts = CAPTURES[path]
    with gzip.open(recorded_data / path) as lines:
        found = list(read(lines))

    assert Counter(kinds(found)) == counts
    assert guess_exchange(found) == exchange


@pytest.mark.parametrize("path", CAPTURES)
def test_captures_survive_our_own_format(recorded_data, path):
    with gzip.open(recorded_data / path) as lines:
        found = [record for record in read(lines) if record.kind is not HEADER]

    _, *again = read([write_header("x", URL, "0.1.0"), *map(write_record, found)])

    assert again == found


def test_the_instants_of_a_capture_are_those_of_its_text(recorded_data):
    with gzip.open(recorded_data / "ws/coinbase/advanced_2026-08-09.cf2.jsonl.gz", "rt") as lines:
        told = [json.loads(line, parse_float=Decimal) for line in lines]
    with gzip.open(recorded_data / "ws/coinbase/advanced_2026-08-09.cf2.jsonl.gz") as lines:
        found = list(read(lines))

    assert [record.at_ns for record in found[1:]] == [int(each["ts"] * 10**9) for each in told[1:]]
    assert [record.raw for record in found if record.kind is RECEIVED] == [
        each["data"].encode() for each in told if each["t"] == "recv"
    ]
