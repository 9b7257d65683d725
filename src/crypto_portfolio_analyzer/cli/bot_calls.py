"""Trading bots: the channels that trade, and the templates bots understand."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from crypto_portfolio_analyzer.cli.alert_calls import server_of
from crypto_portfolio_analyzer.cli.channel_views import show_channels
from crypto_portfolio_analyzer.cli.output import Column, Output, safe
from crypto_portfolio_analyzer.errors import PortTaken, UnknownName
from crypto_portfolio_analyzer.settings import Settings, clock_of

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.simulation.echo import Echo

TEMPLATE_COLUMNS = (Column("TEMPLATE"), Column("CHANNEL TYPE", weight=6), Column("ABOUT", weight=5))
_PATH = "/api/bots"


async def listed(settings: Settings, output: Output) -> None:
    """List the channels that trade."""
    told = await server_of(settings).get(_PATH)
    if output.as_json:
        output.document(told)
    elif told["bots"]:
        show_channels(told["bots"], output, clock_of(settings).now(), settings.language)
    else:
        output.say("no channel trades yet")
        output.note("Next: crypto-analyzer bots templates")


async def templates_listed(settings: Settings, name: str | None, output: Output) -> None:
    """List the templates; of one, its text."""
    told = await server_of(settings).get(f"{_PATH}/templates")
    names = [each["name"] for each in told["templates"]]
    if name is not None and name not in names:
        raise UnknownName("template", name, names)
    chosen = [each for each in told["templates"] if name in (None, each["name"])]
    if output.as_json:
        output.document({"templates": chosen})
    elif name is None:
        output.table(
            TEMPLATE_COLUMNS, [[each["name"], each["channel_type"], each["about"]] for each in chosen]
        )
        output.note("Next: crypto-analyzer bots templates NAME")
    else:
        _show_template(chosen[0], output)


def _show_template(template: Mapping[str, Any], output: Output) -> None:
    """Print what one kind of bot understands and asks for."""
    output.say(safe(f"{template['label']}: {template['about']}"))
    for action, word in template["actions"].items():
        output.say(safe(f"  {action:<12} {word}"))
    for each in template["options"]:
        need = "needed" if each["needed"] else "if you like"
        output.say(safe(f"  {each['name']:<22} {need}: {each['about']}"))
    for line in (template["body"] or template["message"]).splitlines():
        output.say(safe(line))
    kind = template["channel_type"]
    which = f" --option bot={template['name']}" if kind == "bot" else ""
    output.note(safe(f"Next: crypto-analyzer channels types {kind}, then channels add {kind}{which}"))


async def previewed(settings: Settings, channel: str | None, alert: dict[str, Any], output: Output) -> None:
    """Show what a bot would be sent; nothing is sent."""
    body = {"channel": channel, "alert": alert}
    told = await server_of(settings).send("POST", f"{_PATH}/preview", body)
    if output.as_json:
        output.document(told)
        return
    for line in told["body"].splitlines() or [told["headline"], *told["lines"]]:
        output.say(safe(line))
    output.note("numbers in it are examples; nothing was sent")


async def echoed(port: int, secret: str, output: Output) -> None:
    """Take orders as a strict bot would, and print what it would do, until interrupted; nothing is traded."""
    from crypto_portfolio_analyzer.simulation.echo import EchoReceiver

    echo = EchoReceiver(port=port, secret=secret, tell=lambda each: _tell(each, output))
    try:
        await echo.start()
    except OSError as error:
        raise PortTaken("127.0.0.1", port) from error
    try:
        if output.as_json:
            output.line({"url": echo.url, "port": echo.port, "verifies": bool(secret)})
        else:
            signed = (
                "signatures are verified" if secret else "signatures are not verified: give --secret-file"
            )
            output.say(f"Listening at {echo.url}/ ({signed})")
            output.note(
                "a webhook here needs CRYPTO_ANALYZER_WEBHOOKS__ALLOWED_NETWORKS=127.0.0.1; Ctrl C ends it"
            )
        output.flush()
        await asyncio.Event().wait()
    finally:
        await echo.stop()


def _tell(echo: "Echo", output: Output) -> None:
    if output.as_json:
        output.line(to_builtins(echo))
        return
    output.say(safe(echo.text))
    output.flush()
