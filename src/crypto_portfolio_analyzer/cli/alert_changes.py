"""Changing alerts of a server: one, or a whole file of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crypto_portfolio_analyzer.cli import alert_plans
from crypto_portfolio_analyzer.cli.alert_calls import all_alerts, found, free_name, server_of
from crypto_portfolio_analyzer.cli.asking import confirmed
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.output import Output, safe
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.engine.alertfiles import written
from crypto_portfolio_analyzer.engine.alertplans import Action
from crypto_portfolio_analyzer.engine.drafts import NAME_LENGTH, duration_of
from crypto_portfolio_analyzer.settings import Settings, clock_of

SOURCE = "cli"
_PLAIN = (
    "condition",
    "name",
    "timeframe",
    "trigger",
    "cooldown",
    "max_triggers",
    "severity",
    "message",
    "fresh",
)


def fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `POST /api/alerts` that the options of a command mean; what was not given is absent."""
    told = {name: options[name] for name in _PLAIN}
    told |= {"expires_at": options["expires"], "channels": options["channel"], "tags": options["tag"]}
    told |= {
        "watchlist": options["watchlist"],
        "rearm": rearm(options["rearm_percent"], options["rearm_level"]),
    }
    symbols = options["symbol"]
    if symbols:
        told |= {"symbol": symbols[0]} if len(symbols) == 1 else {"symbols": symbols}
    return {name: value for name, value in told.items() if value is not None}


def rearm(percent: float | None, level: float | None) -> dict[str, float] | None:
    """Return the rule to arm again that two options mean."""
    told = {"percent": percent, "level": level}
    return {name: value for name, value in told.items() if value is not None} or None


async def added(settings: Settings, asked: dict[str, Any], output: Output) -> None:
    """Make an alert at the server that runs on our data."""
    read_condition(
        asked["condition"], asked.get("timeframe", "1m")
    )  # what is wrong with it, before who listens
    await added_at(server_of(settings), settings, asked, output)


async def added_at(client: Client, settings: Settings, asked: dict[str, Any], output: Output) -> None:
    """Make an alert, under a name made of its condition if it has none; raises InvalidCondition and Failed."""
    read_condition(asked["condition"], asked.get("timeframe", "1m"))
    if "name" not in asked:
        subject = asked.get("symbol") or asked.get("watchlist") or "several"
        wanted = f"{subject} {asked['condition']}"[: NAME_LENGTH - 5]
        asked["name"] = free_name(wanted, await all_alerts(client))
    _made(await client.send("POST", f"/api/alerts?source={SOURCE}", asked), settings, output)


async def edited(settings: Settings, text: str, asked: dict[str, Any], output: Output) -> None:
    """Change some fields of an alert."""
    client = server_of(settings)
    alert = await found(client, text)
    read_condition(asked.get("condition", alert["condition"]), asked.get("timeframe", alert["timeframe"]))
    _made(await client.send("PATCH", f"/api/alerts/{alert['id']}?source={SOURCE}", asked), settings, output)


def _made(alert: dict[str, Any], settings: Settings, output: Output) -> None:
    if output.as_json:
        output.document(alert)
        return
    output.say(safe(f"{alert['id'][:8]}  {alert['state']}  {alert['sentence'][settings.language]}"))
    output.note(f"Next: crypto-analyzer alerts explain {alert['id'][:8]}")


async def removed(settings: Settings, text: str, output: Output, *, yes: bool) -> None:
    """Remove an alert, once somebody has said so."""
    client = server_of(settings)
    alert = await found(client, text)
    if not confirmed(output, f"removes {alert['name']}: {alert['condition']}", yes=yes):
        return
    told = await client.send("DELETE", f"/api/alerts/{alert['id']}")
    if output.as_json:
        output.document(told)
    else:
        output.say(safe(f"{alert['name']} is removed"))


async def switched(settings: Settings, text: str, verb: str, output: Output) -> None:
    """Pause or resume an alert."""
    client = server_of(settings)
    alert = await found(client, text)
    told = await client.send("POST", f"/api/alerts/{alert['id']}/{verb}")
    if output.as_json:
        output.document(told)
    else:
        output.say(safe(f"{alert['name']} is {'paused' if verb == 'pause' else 'judged again'}"))


async def silenced(
    settings: Settings, matchers: dict[str, str], lasting: str, comment: str, output: Output
) -> None:
    """Silence alerts that match."""
    body = {"matchers": matchers, "duration_seconds": duration_of(lasting) / 1e9, "comment": comment}
    told = await server_of(settings).send("POST", "/api/silences", body)
    if output.as_json:
        output.document(told)
    else:
        output.say(safe(f"{told['id']}  silent until {told['ends_at']}"))


async def silence_ended(settings: Settings, silence_id: str, output: Output) -> None:
    """End a silence."""
    await server_of(settings).send("DELETE", f"/api/silences/{silence_id}")
    if output.as_json:
        output.document({"id": silence_id, "ended": True})
    else:
        output.say(f"{safe(silence_id)} has ended")


async def plan_shown(settings: Settings, file: Path, days: float, output: Output, *, prune: bool) -> None:
    """Show what a file would change, with what its alerts would have done in the past."""
    client, drafts = server_of(settings), alert_plans.drafts_of(file, clock_of(settings).now())
    steps = await alert_plans.planned(client, drafts, settings, prune=prune)
    changing = [step for step in steps if step.action in (Action.CREATE, Action.CHANGE)]
    past = {step.name: await alert_plans.told_difference(client, step, days) for step in changing}
    if output.as_json:
        output.document(alert_plans.document(steps, past))
        return
    alert_plans.show_plan(steps, past, output, days)
    output.note(f"Next: crypto-analyzer alerts apply {file}")


async def applied(
    settings: Settings, file: Path, output: Output, *, prune: bool, dry_run: bool, yes: bool
) -> None:
    """Make the alerts as a file has them; removing any asks first."""
    client, drafts = server_of(settings), alert_plans.drafts_of(file, clock_of(settings).now())
    steps = await alert_plans.planned(client, drafts, settings, prune=prune)
    gone = [step.name for step in steps if step.action is Action.REMOVE]
    if gone and not dry_run and not confirmed(output, f"removes {', '.join(gone)}", yes=yes):
        return
    changed = 0 if dry_run else await alert_plans.apply(client, steps)
    if output.as_json:
        output.document({"applied": changed, "dry_run": dry_run, **alert_plans.document(steps, {})})
        return
    alert_plans.show_plan(steps, {}, output, 0)
    output.say("nothing was changed: a dry run" if dry_run else f"{changed} alerts changed")
    output.note("Next: crypto-analyzer alerts list")


async def exported(settings: Settings, output: Output) -> None:
    """Print all alerts as a file."""
    alerts = await all_alerts(server_of(settings))
    told = [alert_plans.sendable(each) for each in alerts]
    if output.as_json:
        output.document({"version": 1, "alerts": told})
    else:
        output.say(written(told).rstrip("\n"))
