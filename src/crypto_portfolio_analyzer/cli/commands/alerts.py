"""`alerts`: made, listed, explained, asked of the past, kept as code."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crypto_portfolio_analyzer.cli.alert_options import FIELDS, HOW, asking
from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, Session, at_server, session, settled

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.settings import Settings

command = group(
    "Alerts: make, list, explain, back-test, keep as code.",
    'alerts add --symbol BTC --condition "price crosses above 65000"',
    'alerts backtest --condition "rsi(14) < 30" --bars btc.csv',
    "alerts explain a1f3",
)
silence = group(
    "Silences: alerts that match are judged and stored, but not told.",
    "alerts silence add --symbol BTC/USDT --for 2h",
)
command.add_typer(silence, name="silence")

Which = Annotated[
    str, typer.Argument(help="Id, the beginning of one, or name.", metavar="ALERT", show_default=False)
]
File = Annotated[
    Path, typer.Argument(help="A file of alerts, YAML.", metavar="FILE.yaml", show_default=False)
]
Days = Annotated[float, typer.Option(min=0.01, max=366, help="How far back.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]


@described(
    command,
    'alerts add --symbol BTC --condition "price crosses above 65000"',
    'alerts add --symbol BTC --symbol ETH --condition "rsi(14) on 1h < 30" --trigger every_time --cooldown 15m',
)
@asking(FIELDS)
def add(context: typer.Context, *, as_json: Json = False, **options: Any) -> None:
    """Make an alert; the server that runs watches it."""
    if options["condition"] is None:
        fix = 'crypto-analyzer alerts add --symbol BTC --condition "price crosses above 65000"'
        raise Failed("no condition", fix, exit_code=MISUSED)
    from crypto_portfolio_analyzer.cli.alert_changes import added, fields

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: added(at, fields(options), output))


@described(
    command,
    'alerts edit a1f3 --condition "price > 66000"',
    "alerts edit a1f3 --cooldown 0s --trigger every_time",
)
@asking(FIELDS)
def edit(context: typer.Context, alert: Which, *, as_json: Json = False, **options: Any) -> None:
    """Change what is given of an alert; it is armed anew."""
    from crypto_portfolio_analyzer.cli.alert_changes import edited, fields

    asked = fields(options)
    if not asked:
        raise Failed("nothing to change", "crypto-analyzer alerts edit --help", exit_code=MISUSED)
    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: edited(at, alert, asked, output))


@described(command, "alerts list", "alerts list --state armed --json", name="list")
def list_(
    context: typer.Context,
    *,
    symbol: Annotated[str | None, typer.Option(help="Only those about this symbol.")] = None,
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only those with this tag.")] = None,
    as_json: Json = False,
) -> None:
    """List alerts with state, distance and last firing."""
    from crypto_portfolio_analyzer.cli.alert_answers import listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: listed(at, {"symbol": symbol, "state": state, "tag": tag}, output))


@described(command, "alerts show a1f3")
def show(context: typer.Context, alert: Which, as_json: Json = False) -> None:
    """Show everything about an alert."""
    from crypto_portfolio_analyzer.cli.alert_answers import shown

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: shown(at, alert, output))


@described(command, "alerts remove a1f3", "alerts remove a1f3 --yes")
def remove(context: typer.Context, alert: Which, *, yes: Yes = False, as_json: Json = False) -> None:
    """Remove an alert; it cannot fire any more."""
    from crypto_portfolio_analyzer.cli.alert_changes import removed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: removed(at, alert, output, yes=yes))


@described(command, "alerts pause a1f3")
def pause(context: typer.Context, alert: Which, as_json: Json = False) -> None:
    """Stop judging an alert."""
    from crypto_portfolio_analyzer.cli.alert_changes import switched

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: switched(at, alert, "pause", output))


@described(command, "alerts resume a1f3")
def resume(context: typer.Context, alert: Which, as_json: Json = False) -> None:
    """Judge an alert again, from a fresh start."""
    from crypto_portfolio_analyzer.cli.alert_changes import switched

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: switched(at, alert, "resume", output))


@described(command, "alerts test a1f3", "alerts test a1f3 --send", name="test")
def try_out(
    context: typer.Context,
    alert: Which,
    *,
    send: Annotated[bool, typer.Option("--send", help="Send a test to its channels too.")] = False,
    as_json: Json = False,
) -> None:
    """Ask an alert's condition of the market as it is now; without --send nobody is told."""
    from crypto_portfolio_analyzer.cli.alert_answers import tested

    here, settings = _here(context)
    _run(tested(settings, alert, here.output(as_json=as_json), send=send))


@described(command, "alerts explain a1f3")
def explain(context: typer.Context, alert: Which, as_json: Json = False) -> None:
    """Say why an alert has, or has not, fired."""
    from crypto_portfolio_analyzer.cli.alert_answers import explained

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: explained(at, alert, output))


@described(command, "alerts firings", "alerts firings a1f3 --limit 10", "alerts firings --symbol BTC --json")
def firings(
    context: typer.Context,
    alert: Annotated[str | None, typer.Argument(help="Only those of this alert.", metavar="[ALERT]")] = None,
    *,
    symbol: Annotated[str | None, typer.Option(help="Only those of this symbol.")] = None,
    since: Annotated[str | None, typer.Option(help="Only those from this instant on, ISO 8601.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List what fired, newest first."""
    from crypto_portfolio_analyzer.cli.alert_answers import fired

    settings, output = settled(context, as_json=as_json)
    query = {"symbol": symbol, "since": since}
    at_server(settings, output, lambda at: fired(at, alert, query, limit, output))


@described(
    command,
    'alerts backtest --condition "rsi(14) on 1h < 30" --bars btc_1m.csv.gz',
    'alerts backtest --condition "price crosses above 65000" --symbol BTC --days 30 --json',
    'alerts backtest --condition "rsi(14) < 30" --bars btc.csv --sweep 20..40 --steps 11',
    'alerts backtest --condition "price crosses above 65000" --bars btc.csv --picture btc.svg',
)
@asking({"condition": FIELDS["condition"], "timeframe": FIELDS["timeframe"], **HOW})
def backtest(
    context: typer.Context,
    *,
    bars: Annotated[
        Path | None,
        typer.Option(help="A CSV of bars; without it those the server has.", metavar="FILE.csv[.gz]"),
    ] = None,
    symbol: Annotated[str | None, typer.Option(help="What the bars are of.")] = None,
    days: Days = 30,
    sweep: Annotated[
        str | None, typer.Option(help="Try thresholds instead of the first number.", metavar="FROM..TO")
    ] = None,
    steps: Annotated[int, typer.Option(min=2, max=41, help="How many thresholds.")] = 11,
    picture: Annotated[Path | None, typer.Option(help="Draw it into a file too.", metavar="FILE.svg")] = None,
    dark: Annotated[bool, typer.Option("--dark", help="In dark colours.")] = False,
    as_json: Json = False,
    **options: Any,
) -> None:
    """Ask a condition of the past: when it would have fired, and what the price did then.

    Without a trigger it fires each time where a price occurs, else at each close; without a cooldown at all.
    """
    condition, timeframe = options["condition"], options["timeframe"]
    if condition is None:
        fix = 'crypto-analyzer alerts backtest --condition "rsi(14) < 30" --bars FILE.csv'
        raise Failed("no condition", fix, exit_code=MISUSED)
    from crypto_portfolio_analyzer.cli.alert_past import asked_of_bars, asked_of_server, how, show
    from crypto_portfolio_analyzer.cli.alert_picture import bars_of_server, drawn, picture_file
    from crypto_portfolio_analyzer.cli.barsource import bars_of_file

    settings, output = settled(context, as_json=as_json)
    kept = None if picture is None else picture_file(picture)
    past = None if bars is None else bars_of_file(bars, symbol=symbol, timeframe=timeframe)
    asked, swept = how(options), None if sweep is None else (sweep, steps)
    if past is not None:
        told = asked_of_bars(condition, past, timeframe, asked, swept)
    else:
        told = _run(asked_of_server(settings, condition, (symbol, timeframe, days), asked, swept))
    if kept is not None:
        past = _run(bars_of_server(settings, told)) if past is None else past
        kept.write_text(drawn(told, past, settings.language, is_dark=dark))
        output.note(f"drawn into {kept}")
    if as_json:
        output.document(told)
    else:
        show(told, output, settings.language)


@described(command, "alerts validate alerts.yaml")
def validate(context: typer.Context, file: File, as_json: Json = False) -> None:
    """Check a file of alerts, whole, with every fault at its line."""
    from crypto_portfolio_analyzer.cli.alert_plans import drafts_of
    from crypto_portfolio_analyzer.settings import clock_of

    here, settings = _here(context)
    drafts = drafts_of(file, clock_of(settings).now())
    output = here.output(as_json=as_json)
    if as_json:
        output.document({"valid": True, "alerts": len(drafts)})
        return
    output.say(f"{file}: {len(drafts)} alerts, nothing wrong")
    output.note(f"Next: crypto-analyzer alerts plan {file}")


@described(command, "alerts plan alerts.yaml", "alerts plan alerts.yaml --json")
def plan(
    context: typer.Context,
    file: File,
    *,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove alerts made through other doors too.")
    ] = False,
    days: Days = 30,
    as_json: Json = False,
) -> None:
    """Show what a file would change, and how often its alerts would have fired."""
    from crypto_portfolio_analyzer.cli.alert_changes import plan_shown

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: plan_shown(at, file, days, output, prune=prune))


@described(command, "alerts apply alerts.yaml", "alerts apply alerts.yaml --yes")
def apply(
    context: typer.Context,
    file: File,
    *,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove alerts made through other doors too.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan only.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make the alerts as a file has them, all of them or none."""
    from crypto_portfolio_analyzer.cli.alert_changes import applied

    settings, output = settled(context, as_json=as_json)
    flags = {"prune": prune, "dry_run": dry_run, "yes": yes}
    at_server(settings, output, lambda at: applied(at, file, output, **flags))


@described(command, "alerts export > alerts.yaml")
def export(context: typer.Context, as_json: Json = False) -> None:
    """Print all alerts as a file that `apply` takes."""
    from crypto_portfolio_analyzer.cli.alert_changes import exported

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: exported(at, output))


@described(
    silence,
    "alerts silence add --symbol BTC/USDT --for 2h",
    "alerts silence add --tag night --for 8h",
    name="add",
)
def silence_add(
    context: typer.Context,
    *,
    symbol: Annotated[str | None, typer.Option(help="Alerts about this symbol; * for any rest.")] = None,
    name: Annotated[str | None, typer.Option(help="Alerts of this name; * for any rest.")] = None,
    tag: Annotated[str | None, typer.Option(help="Alerts with this tag.")] = None,
    severity: Annotated[str | None, typer.Option(metavar="[info|warning|critical]")] = None,
    lasting: Annotated[str, typer.Option("--for", help="How long, like 30m or 8h.")] = "1h",
    comment: Annotated[str, typer.Option(help="Why.")] = "",
    as_json: Json = False,
) -> None:
    """Silence alerts that match everything given."""
    matchers = {"symbol": symbol, "name": name, "tag": tag, "severity": severity}
    chosen = {field: value for field, value in matchers.items() if value is not None}
    if not chosen:
        fix = "crypto-analyzer alerts silence add --symbol BTC/USDT --for 2h"
        raise Failed("nothing to match alerts by", fix, exit_code=MISUSED)
    from crypto_portfolio_analyzer.cli.alert_changes import silenced

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: silenced(at, chosen, lasting, comment, output))


@described(silence, "alerts silence list", name="list")
def silence_list(context: typer.Context, as_json: Json = False) -> None:
    """List silences that have not ended."""
    from crypto_portfolio_analyzer.cli.alert_answers import silences_listed

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: silences_listed(at, output))


@described(silence, "alerts silence end ID", name="end")
def silence_end(
    context: typer.Context, silence_id: Annotated[str, typer.Argument(metavar="ID")], as_json: Json = False
) -> None:
    """End a silence now."""
    from crypto_portfolio_analyzer.cli.alert_changes import silence_ended

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: silence_ended(at, silence_id, output))


def _here(context: typer.Context) -> "tuple[Session, Settings]":
    here = session(context)
    return here, here.settings()


def _run(work: Any) -> Any:
    from crypto_portfolio_analyzer.cli.running import run

    return run(work)
