"""Recordings of what a venue sent, byte for byte: our own format, and the capture formats CF1, CF2 and PP.

Ours is JSON lines (packed with gzip by whoever writes the file). The first line is
`{"format":"crypto-analyzer-recording","version":1,"exchange":"binance","url":"wss://…","software":"0.1.0"}`, every
other one is `{"k":"recv","t":1618677817061845000,"c":"1","raw":"…"}`: kind, receive time in ns UTC, connection, text.
Bytes that are no UTF-8 are kept as `"b64"` in place of `"raw"`; openings and HTTP answers carry a `"url"`.
"""

import re
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from itertools import chain, islice
from urllib.parse import urlsplit

from msgspec import UNSET, Struct, UnsetType
from msgspec.json import Decoder, Encoder

from crypto_portfolio_analyzer.core.market import Other, Reject
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Exchange
from crypto_portfolio_analyzer.errors import InvalidInput

FORMAT_NAME = "crypto-analyzer-recording"
VERSION = 1
GUESS_FRAMES = 200
"""Received frames looked at to tell a recording's exchange."""

_LATEST_SECOND = 10**11
_TIME = rb"(\d{1,11})(?:\.(\d{1,20}))?"
_CF1_RECEIVED = re.compile(_TIME + rb": (.*)", re.DOTALL)
_CF1_OPENED = re.compile(rb"(\S.*?) <-> " + _TIME)
_CF1_SENT = re.compile(rb"(\S.*?) <- " + _TIME + rb": (.*)", re.DOTALL)
_CF1_HTTP = re.compile(rb"(\S.*?) -> " + _TIME + rb": (.*)", re.DOTALL)
_CF1_NOTE = b"configuration: "


class RecordKind(StrEnum):
    """What a line of a recording is; HEADER is about the recording itself, UNREADABLE is none."""

    HEADER = "header"
    OPENED = "open"
    SENT = "send"
    RECEIVED = "recv"
    HTTP = "http"
    CLOSED = "close"
    UNREADABLE = "unreadable"


class RecordFormat(StrEnum):
    """How a recording is written."""

    OURS = "ours"
    CF1 = "cf1"
    CF2 = "cf2"
    PP = "pp"


class Record(Struct, frozen=True, gc=False):
    """One line: `at_ns` is the recorder's instant in ns UTC, `raw` the bytes as they went over the wire.

    An UNREADABLE record has the instant of the one before it and the line itself as `raw`.
    """

    kind: RecordKind
    at_ns: int
    connection: str = ""
    raw: bytes = b""
    url: str = ""


class Header(Struct, frozen=True):
    """Where a recording of ours comes from."""

    exchange: str
    url: str
    software: str
    format: str = FORMAT_NAME
    version: int = VERSION


class _Line(Struct, gc=False):
    k: RecordKind
    t: int
    c: str = ""
    raw: str | UnsetType = UNSET
    b64: str | UnsetType = UNSET
    url: str | UnsetType = UNSET


class _Cf2Line(Struct, gc=False):
    """`{"t":"recv","conn":"COINBASE.ws.2","ts":1786309548.6310668,"data":"{…}"}`; `addr` or `url` where opened."""

    t: str
    ts: Decimal = Decimal(0)
    recorded: Decimal = Decimal(0)
    conn: str = ""
    data: str = ""
    addr: str = ""
    url: str = ""


class _PpLine(Struct, gc=False):
    """`{"t_wall":1783089923.1110196,"raw":"{…}"}`."""

    t_wall: Decimal
    raw: str


_UNREADABLE = (ValueError, RecursionError)
_encoder = Encoder()
_read_header = Decoder(Header).decode
_read_line = Decoder(_Line).decode
_read_cf2 = Decoder(_Cf2Line).decode
_read_pp = Decoder(_PpLine).decode
_CF2_KINDS = {
    "header": RecordKind.HEADER,
    "http": RecordKind.HTTP,
    "connect": RecordKind.OPENED,
    "disconnect": RecordKind.CLOSED,
    "close": RecordKind.CLOSED,
    "send": RecordKind.SENT,
    "recv": RecordKind.RECEIVED,
}


def write_header(exchange: str, url: str, software: str) -> bytes:
    """Return the first line of a recording of ours, with its line end."""
    return _encoder.encode(Header(exchange, url, software)) + b"\n"


def write_record(record: Record) -> bytes:
    """Return a record as a line of ours, with its line end; `read` gives back the same record."""
    line = _Line(record.kind, record.at_ns, record.connection)
    if record.url:
        line.url = record.url
    try:
        line.raw = record.raw.decode()
    except UnicodeDecodeError:
        line.b64 = b64encode(record.raw).decode()
    return _encoder.encode(line) + b"\n"


def read_header(line: str | bytes) -> Header:
    """Return the header of a recording of ours.

    Raises:
        InvalidInput: the line is none, or of a version that only newer software can read.

    """
    try:
        header = _read_header(line)
    except _UNREADABLE as error:
        raise InvalidInput(f"no header of a recording: {str(error)[:80]}") from error
    if header.format != FORMAT_NAME or header.version > VERSION:
        raise InvalidInput(
            f"a recording of version {header.version} of {header.format[:40]!r}; this software reads "
            f"{FORMAT_NAME!r} up to version {VERSION}"
        )
    return header


def detect(first_lines: Iterable[str | bytes]) -> RecordFormat:
    """Tell a recording's format by its first lines.

    Raises:
        InvalidInput: they are lines of no known format.

    """
    votes = Counter(filter(None, (_format_of(_bytes(line)) for line in islice(first_lines, 50))))
    if not votes:
        raise InvalidInput(
            "no recording: its first lines are neither ours nor of the formats CF1, CF2 and PP"
        )
    return votes.most_common(1)[0][0]


def read(lines: Iterable[str | bytes]) -> Iterator[Record]:
    """Yield a record for every line but empty ones, in order; what cannot be read is UNREADABLE.

    Raises:
        InvalidInput: the lines are of no known format, or of a newer version of ours.

    """
    source = iter(lines)
    start = [_bytes(line) for line in islice(source, 50)]
    if not start:
        return
    chosen = detect(start)
    if chosen is RecordFormat.OURS and b'"format"' in start[0]:
        read_header(start[0])
    parse = _PARSERS[chosen]()
    last = 0
    for line in chain(start, map(_bytes, source)):
        if line:
            record = parse(line, last) or Record(RecordKind.UNREADABLE, last, raw=line)
            last = record.at_ns
            yield record


def guess_exchange(records: Iterable[Record]) -> str | None:
    """Return the exchange whose decoder understands most of the frames, or at least owns the address; or None."""
    frames: list[Record] = []
    hosts: set[str] = set()
    for record in records:
        if record.kind is RecordKind.HEADER and (name := _named(record.raw)):
            return name
        if record.url:
            hosts.add(_domain(record.url))
        if record.kind is RecordKind.RECEIVED:
            frames.append(record)
        if len(frames) >= GUESS_FRAMES:
            break
    scores = [(_score(EXCHANGES[name], frames, hosts), name) for name in EXCHANGES]
    best = max(scores, key=lambda scored: scored[0], default=((0, False), ""))
    understood, is_owner = best[0]
    if frames:
        return best[1] if understood * 2 >= len(frames) else None
    return best[1] if is_owner else None


def _score(exchange: type[Exchange], frames: list[Record], hosts: set[str]) -> tuple[int, bool]:
    decoder = exchange().decoder()
    understood = 0
    for frame in frames:
        facts = decoder.decode(frame.raw, frame.at_ns)
        understood += bool(facts) and not any(isinstance(fact, Reject | Other) for fact in facts)
    return understood, _domain(exchange.ws_url) in hosts


def _domain(url: str) -> str:
    """Return `binance.us` for `wss://stream.binance.us:9443/ws`."""
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _named(line: bytes) -> str | None:
    try:
        name = _read_header(line).exchange
    except _UNREADABLE:
        return None
    return name if name in EXCHANGES else None


def _bytes(line: str | bytes) -> bytes:
    text = line.encode("utf-8", "surrogateescape") if isinstance(line, str) else line
    return text.removesuffix(b"\n").removesuffix(b"\r")


def _format_of(line: bytes) -> RecordFormat | None:
    if not line.startswith(b"{"):
        patterns = (_CF1_RECEIVED, _CF1_OPENED, _CF1_SENT, _CF1_HTTP)
        is_cf1 = line.startswith(_CF1_NOTE) or any(pattern.fullmatch(line) for pattern in patterns)
        return RecordFormat.CF1 if is_cf1 else None
    for found, parser in (
        (RecordFormat.OURS, _read_line),
        (RecordFormat.OURS, _read_header),
        (RecordFormat.PP, _read_pp),
    ):
        try:
            parser(line)
        except _UNREADABLE:
            continue
        return found
    return RecordFormat.CF2 if _cf2(line, 0) else None


def _instant(whole: bytes, fraction: bytes | None) -> int:
    """Return decimal seconds as ns, digit by digit: a float would be off by a hundred."""
    return int(whole) * 10**9 + int((fraction or b"")[:9].ljust(9, b"0"))


def _instant_of(seconds: Decimal) -> int:
    if not 0 <= seconds < _LATEST_SECOND:
        raise ValueError(f"no instant: {seconds:.30}")
    return int(seconds * 10**9)


def _ours(line: bytes, last: int) -> Record | None:
    try:
        told = _read_line(line)
        raw = b64decode(told.b64, validate=True) if told.b64 is not UNSET else (told.raw or "").encode()
    except _UNREADABLE:
        return _header(line, last)
    return Record(told.k, told.t, told.c, raw, told.url or "")


def _header(line: bytes, last: int) -> Record | None:
    try:
        header = _read_header(line)
    except _UNREADABLE:
        return None
    return Record(RecordKind.HEADER, last, raw=line, url=header.url)


class _Cf1:
    """Received lines carry no address: they belong to the connection opened or written to last."""

    def __init__(self) -> None:
        self._connection = ""

    def __call__(self, line: bytes, last: int) -> Record | None:
        if received := _CF1_RECEIVED.fullmatch(line):
            at = _instant(received[1], received[2])
            return Record(RecordKind.RECEIVED, at, self._connection, received[3])
        if line.startswith(_CF1_NOTE):
            return Record(RecordKind.HEADER, last, raw=line.removeprefix(_CF1_NOTE))
        if opened := _CF1_OPENED.fullmatch(line):
            self._connection = _text(opened[1])
            at = _instant(opened[2], opened[3])
            return Record(RecordKind.OPENED, at, self._connection, url=self._connection)
        if sent := _CF1_SENT.fullmatch(line):
            self._connection = _text(sent[1])
            at = _instant(sent[2], sent[3])
            return Record(RecordKind.SENT, at, self._connection, sent[4], self._connection)
        if answer := _CF1_HTTP.fullmatch(line):
            return Record(RecordKind.HTTP, _instant(answer[2], answer[3]), "", answer[4], _text(answer[1]))
        return None


def _cf2(line: bytes, last: int) -> Record | None:
    try:
        told = _read_cf2(line)
        at = _instant_of(told.ts or told.recorded)
    except _UNREADABLE:
        return None
    kind = _CF2_KINDS.get(told.t)
    if kind is None:
        return None
    raw = line if kind is RecordKind.HEADER else told.data.encode()
    return Record(kind, at or last, told.conn, raw, told.url or told.addr)


def _pp(line: bytes, _last: int) -> Record | None:
    try:
        told = _read_pp(line)
        return Record(RecordKind.RECEIVED, _instant_of(told.t_wall), "", told.raw.encode())
    except _UNREADABLE:
        return None


def _text(address: bytes) -> str:
    return address.decode("utf-8", "replace")


Parser = Callable[[bytes, int], Record | None]
"""Reads a line, given the instant (ns) of the one before; None if it cannot."""

_PARSERS: dict[RecordFormat, Callable[[], Parser]] = {
    RecordFormat.OURS: lambda: _ours,
    RecordFormat.CF1: _Cf1,
    RecordFormat.CF2: lambda: _cf2,
    RecordFormat.PP: lambda: _pp,
}
