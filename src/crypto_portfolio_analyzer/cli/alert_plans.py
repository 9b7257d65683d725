"""Alerts as code at the command line: a plan shown, applied as a whole or not at all, exported."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crypto_portfolio_analyzer.cli.alert_calls import all_alerts
from crypto_portfolio_analyzer.cli.alert_past import PATIENCE
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.cli.output import Output, safe
from crypto_portfolio_analyzer.core.alerts import AlertDraft
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES
from crypto_portfolio_analyzer.engine.alertfiles import SOURCE, read_alert_file
from crypto_portfolio_analyzer.engine.alertplans import Action, Fields, Step, comparable, plan, wanted_fields
from crypto_portfolio_analyzer.engine.yamlfiles import MOST_BYTES
from crypto_portfolio_analyzer.settings import Settings

_MARKS = {
    Action.CREATE: ("+", "good"),
    Action.CHANGE: ("~", "warn"),
    Action.REMOVE: ("-", "bad"),
    Action.UNCHANGED: ("=", "dim"),
    Action.KEEP: (" ", "dim"),
}
_SETTABLE = (
    "name", "symbols", "watchlist", "condition", "timeframe", "trigger", "cooldown_seconds", "rearm", "expires_at",
    "max_triggers", "severity", "message", "channels", "tags", "fresh", "enabled",
)  # fmt: skip

_USUAL: dict[str, Any] = {
    "timeframe": "1m", "trigger": "once", "cooldown_seconds": 60, "severity": "info", "message": "", "channels": [],
    "tags": [], "fresh": False, "enabled": True,
}  # fmt: skip


def drafts_of(path: Path, now: int) -> list[AlertDraft]:
    """Read a file of alerts; raises InvalidFields with every fault, and OSError."""
    return read_alert_file(read_bytes(path), now=now)


def read_bytes(path: Path) -> bytes:
    """Read a file of alerts, a byte more than it may have at most."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


async def planned(
    client: Client, drafts: Sequence[AlertDraft], settings: Settings, *, prune: bool
) -> list[Step]:
    """Return what the drafts would change in what the server has."""
    quote = EXCHANGES[settings.provider]().default_quote
    wanted = [wanted_fields(draft, lambda text: parse_symbol(text).canonical(quote)) for draft in drafts]
    return plan(wanted, await all_alerts(client), prune=prune)


async def told_difference(client: Client, step: Step, days: float) -> tuple[int | None, int | None]:
    """Return how often an alert would have fired before and after the change; None where it cannot be told."""
    return await _fired(client, step.stored, days), await _fired(client, step.wanted, days)


async def _fired(client: Client, fields: Fields | None, days: float) -> int | None:
    symbols = comparable(fields)["symbols"] if fields else []
    if fields is None or len(symbols) != 1 or symbols == ["*"]:
        return None
    asked = {
        "condition": fields["condition"],
        "symbol": symbols[0],
        "timeframe": fields["timeframe"],
        "days": days,
    }
    how = {"trigger": fields["trigger"], "cooldown_seconds": fields["cooldown_seconds"]}
    try:
        told = await client.send("POST", "/api/alerts/backtest", asked | how, patience=PATIENCE)
    except Failed:  # no stored bars, or none of its kind: the plan says nothing about the past
        return None
    return int(told["count"])


async def apply(client: Client, steps: Sequence[Step]) -> int:
    """Carry out a plan; return how many alerts were created, changed or removed.

    If a step is refused, those before it are taken back, so that all of it happens or nothing.

    Raises:
        Failed: the server's refusal, or what could not be taken back.

    """
    done: list[tuple[Step, str]] = []
    for step in steps:
        if step.action in (Action.UNCHANGED, Action.KEEP):
            continue
        try:
            done.append((step, await _carry_out(client, step)))
        except Failed as refusal:
            await _take_back(client, done, refusal)
            problem = refusal.problem
            raise Failed(
                f"{step.name}: {problem.what}; nothing was changed", problem.fix, exit_code=problem.exit_code,
                why=problem.why, where=problem.where,
            ) from refusal  # fmt: skip
    return len(done)


async def _carry_out(client: Client, step: Step) -> str:
    """Do one step; return the id of its alert."""
    if step.action is Action.CREATE:
        made = await client.send("POST", f"/api/alerts?source={SOURCE}", sendable(step.wanted or {}))
        return str(made["id"])
    assert step.stored is not None
    path = f"/api/alerts/{step.stored['id']}"
    if step.action is Action.REMOVE:
        await client.send("DELETE", path)
    else:
        await client.send("PUT", f"{path}?source={SOURCE}", sendable(step.wanted or {}))
    return str(step.stored["id"])


async def _take_back(client: Client, done: Sequence[tuple[Step, str]], refusal: Failed) -> None:
    for step, alert_id in reversed(done):
        path = f"/api/alerts/{alert_id}"
        try:
            if step.action is Action.CREATE:
                await client.send("DELETE", path)
            elif step.action is Action.REMOVE:
                await client.send("POST", f"{path}/restore")
            else:
                stored = step.stored or {}
                await client.send("PUT", f"{path}?source={stored.get('source', SOURCE)}", sendable(stored))
        except Failed as error:
            what = f"{refusal}; and {step.name!r}, changed before, could not be taken back: {error}"
            raise Failed(what, "crypto-analyzer alerts plan, then apply again") from error


def sendable(fields: Fields) -> dict[str, Any]:
    """Return the fields that a server takes, as it told them or as a file holds them; what is usual is left out."""
    told = {name: fields[name] for name in _SETTABLE if fields.get(name) not in (None, _USUAL.get(name))}
    symbols = comparable(fields)["symbols"]
    if symbols and len(symbols) == 1:
        told = {"name": told.pop("name"), "symbol": symbols[0], **told}
    if len(symbols) <= 1:
        told.pop("symbols", None)
    rearm = {name: value for name, value in told.get("rearm", {}).items() if value is not None}
    if rearm:
        told["rearm"] = rearm
    if "cooldown_seconds" in told and float(told["cooldown_seconds"]).is_integer():
        told["cooldown_seconds"] = int(told["cooldown_seconds"])
    return told


def show_plan(
    steps: Sequence[Step], past: dict[str, tuple[int | None, int | None]], output: Output, days: float
) -> None:
    """Print a plan: a line for each alert, its changed fields below, how often it would have fired."""
    for step in steps:
        mark, colour = _MARKS[step.action]
        notes = [str(step.action)] + (["changed elsewhere since"] if step.drifted else [])
        output.say(output.paint(safe(f"{mark} {step.name}  ({', '.join(notes)})"), colour))
        for each in step.differences:
            output.say(safe(f"    {each.field}: {each.old!r} → {each.new!r}"))
        before, after = past.get(step.name, (None, None))
        if after is not None:
            was = f"{before} → " if before is not None else ""
            output.say(f"    would have fired {was}{after} times in {days:g} days")
    counts = {action: sum(step.action is action for step in steps) for action in Action}
    output.say(
        f"{counts[Action.CREATE]} to create, {counts[Action.CHANGE]} to change, {counts[Action.REMOVE]} to remove, "
        f"{counts[Action.UNCHANGED] + counts[Action.KEEP]} stay as they are"
    )


def document(steps: Sequence[Step], past: dict[str, tuple[int | None, int | None]]) -> dict[str, Any]:
    """Return a plan as JSON."""
    told = []
    for step in steps:
        before, after = past.get(step.name, (None, None))
        told.append(
            {
                "name": step.name,
                "action": str(step.action),
                "drifted": step.drifted,
                "differences": [
                    {"field": each.field, "old": each.old, "new": each.new} for each in step.differences
                ],
                "fired_before": before,
                "fired_after": after,
            }
        )
    return {
        "steps": told,
        "changes": sum(step.action not in (Action.UNCHANGED, Action.KEEP) for step in steps),
    }
