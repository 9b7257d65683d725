"""An example of a firing, to show or to send what an alert would say. Its numbers are made up."""

from collections.abc import Mapping

from crypto_portfolio_analyzer.core.alerts import Alert, Evidence, Firing, Severity
from crypto_portfolio_analyzer.core.notices.notification import Channel, Delivery, Work
from crypto_portfolio_analyzer.errors import Fault, InvalidFields

PRICE = 65_012.4
MOST_TEXT, MOST_TAGS = 4000, 100
"""Characters of one text, and tags, that are taken over: who asks to see an example may give anything."""
SAYS_SO = {
    "en": "This is an example: its numbers are made up.",
    "de": "Dies ist ein Beispiel: Die Zahlen sind erfunden.",
}


def example(channel: Channel, fields: Mapping[str, object], now: int) -> Work:
    """Return a firing of an alert with these fields; what is not given is made up."""
    symbol = _text(fields, "symbol", "BTC/USDT")
    alert = Alert(
        id="example",
        number=0,
        owner=channel.owner,
        name=_text(fields, "name", "Example"),
        symbols=(symbol,),
        condition=_text(fields, "condition", "price crosses above 65000"),
        timeframe=_text(fields, "timeframe", "1m"),
        severity=_severity(fields),
        message=_text(fields, "message", ""),
        tags=_texts(fields.get("tags")),
    )
    evidence = Evidence(
        sentence=alert.condition,
        leaves=(),
        values={"price": PRICE},
        before={"price": PRICE - 25.3},
        venue="binance",
    )
    firing = Firing(
        id="example00000000000000000",
        alert_id=alert.id,
        revision=1,
        symbol=symbol,
        key="1",
        price=PRICE,
        event_at=now - 23_000_000,
        received_at=now - 20_000_000,
        detected_at=now,
        stored_at=now,
        evidence=evidence,
    )
    delivery = Delivery(
        id=f"{firing.id}_{channel.id}",
        number=0,
        owner=channel.owner,
        channel_id=channel.id,
        firing_id=firing.id,
        created_at=now,
    )
    return Work(delivery=delivery, firing=firing, alert=alert)


def _text(fields: Mapping[str, object], name: str, default: str) -> str:
    value = fields.get(name)
    return value[:MOST_TEXT] if isinstance(value, str) and value.strip() else default


def _texts(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list | tuple) else ()
    return tuple(each[:MOST_TEXT] for each in given[:MOST_TAGS] if isinstance(each, str))


def _severity(fields: Mapping[str, object]) -> Severity:
    value = str(fields.get("severity") or Severity.INFO)
    if value not in list(Severity):
        raise InvalidFields([Fault("severity", f"{value[:40]!r} is unknown", "info, warning or critical")])
    return Severity(value)
