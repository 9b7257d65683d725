"""What a server answers about alerts: lists, states, explanations, firings."""

from collections.abc import Mapping
from typing import Any

from crypto_portfolio_analyzer.cli.alert_calls import all_alerts, found, pages, server_of
from crypto_portfolio_analyzer.cli.alert_views import (
    leaf_line,
    show_alert,
    show_alerts,
    show_explanations,
    show_firings,
    show_silences,
)
from crypto_portfolio_analyzer.cli.channel_calls import try_channels
from crypto_portfolio_analyzer.cli.delivery_views import channel_of
from crypto_portfolio_analyzer.cli.output import Output, safe
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.settings import Settings, clock_of

_HOLDS = {True: "true", False: "not true", None: "unknown"}


async def listed(settings: Settings, only: Mapping[str, str | None], output: Output) -> None:
    """List alerts, of those `only` the ones with this symbol, state and tag."""
    alerts = [each for each in await all_alerts(server_of(settings)) if _fits(each, only, settings)]
    if output.as_json:
        output.document({"alerts": alerts})
    else:
        show_alerts(alerts, output, clock_of(settings).now(), settings.language)


def _fits(alert: Mapping[str, Any], only: Mapping[str, str | None], settings: Settings) -> bool:
    if only.get("state") not in (None, alert["state"]):
        return False
    if only.get("tag") is not None and only["tag"] not in alert["tags"]:
        return False
    symbol = only.get("symbol")
    if symbol is None:
        return True
    canonical = parse_symbol(symbol).canonical(EXCHANGES[settings.provider]().default_quote)
    return canonical in alert["symbols"]


async def shown(settings: Settings, text: str, output: Output) -> None:
    """Show one alert."""
    alert = await found(server_of(settings), text)
    if output.as_json:
        output.document(alert)
    else:
        show_alert(alert, output, clock_of(settings).now(), settings.language)
        output.note(f"Next: crypto-analyzer alerts explain {alert['id'][:8]}")


async def explained(settings: Settings, text: str, output: Output) -> None:
    """Explain one alert."""
    client = server_of(settings)
    alert = await found(client, text)
    told = await client.get(f"/api/alerts/{alert['id']}/explain")
    if output.as_json:
        output.document(told)
        return
    show_explanations(told, output)
    output.note(f"Next: crypto-analyzer alerts firings {alert['id'][:8]}")


async def tested(settings: Settings, text: str, output: Output, *, send: bool) -> None:
    """Ask an alert's condition of the market as it is now, for its first symbol; with `send` try its channels too."""
    client = server_of(settings)
    alert = await found(client, text)
    asked = {"condition": alert["condition"], "timeframe": alert["timeframe"]}
    symbol = next((each for each in alert["symbols"] if each != "*"), None)
    told = await client.send("POST", "/api/alerts/validate", asked | ({"symbol": symbol} if symbol else {}))
    sent = await try_channels(client, alert["channels"]) if send else []
    if output.as_json:
        output.document({"alert_id": alert["id"], "symbol": symbol, "sent": sent, **told})
        return
    unknown = f": {told['unknown']}" if told.get("unknown") else ""
    output.say(safe(f"{alert['name']} is {_HOLDS[told['holds_now']]} now{unknown}"))
    for leaf in told["leaves"]:
        output.say(safe(f"  {leaf_line(leaf)}"))
    for each in sent:
        why = f" ({each['reason']})" if each["reason"] else ""
        output.say(safe(f"  {channel_of(each)}: {each['state']}{why}"))
    if not sent:
        why = "no channel is told of it" if send else "nobody was told"
        look = "channels list" if send else f"alerts test {alert['id'][:8]} --send"
        output.note(f"{why}. Next: crypto-analyzer {look}")


async def fired(
    settings: Settings, text: str | None, query: Mapping[str, str | None], limit: int, output: Output
) -> None:
    """List firings, newest first, of one alert or of all."""
    client = server_of(settings)
    chosen: dict[str, str | int] = {name: value for name, value in query.items() if value is not None}
    if text is not None:
        chosen["alert_id"] = (await found(client, text))["id"]
    firings = await pages(client, "/api/firings", "firings", chosen, most=limit)
    if output.as_json:
        output.document({"firings": firings})
    else:
        show_firings(firings, output, clock_of(settings).now(), settings.language)


async def silences_listed(settings: Settings, output: Output) -> None:
    """List silences that have not ended."""
    told = await server_of(settings).get("/api/silences")
    if output.as_json:
        output.document(told)
    else:
        show_silences(told["silences"], output, clock_of(settings).now(), settings.language)
