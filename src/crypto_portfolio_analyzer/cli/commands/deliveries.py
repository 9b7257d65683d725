"""`deliveries`: what became of every firing at every channel, and sending again."""

from typing import Annotated

import typer

from crypto_portfolio_analyzer.cli.groups import described, group
from crypto_portfolio_analyzer.cli.session import Json, at_server, settled

command = group(
    "Deliveries: what became of each firing at each channel.",
    "deliveries list --state dead",
    "deliveries show 1841",
    "deliveries redeliver --channel bot --since 2h",
)

Channel = Annotated[str | None, typer.Option(help="Only those of this channel.")]
Since = Annotated[
    str | None, typer.Option(help="Queued from then on: ISO 8601, or 2h for two hours ago.", metavar="TEXT")
]
Until = Annotated[str | None, typer.Option(help="Queued before then.", metavar="TEXT")]
States = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        help="In this state; again for more.",
        metavar="[queued|sending|retry_wait|delivered|dead|cancelled|suppressed]",
    ),
]


@described(
    command, "deliveries list", "deliveries list --channel bot --state dead --since 1d --json", name="list"
)
def list_(
    context: typer.Context,
    *,
    channel: Channel = None,
    alert: Annotated[str | None, typer.Option(help="Only those of this alert, by id.")] = None,
    firing: Annotated[str | None, typer.Option(help="Only those of this firing, by id.")] = None,
    state: States = None,
    kind: Annotated[str | None, typer.Option(metavar="[firing|test|notice|inbound]")] = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """List deliveries, newest first."""
    from crypto_portfolio_analyzer.cli.delivery_calls import Wish, listed

    wish = Wish(
        channel=channel,
        alert=alert,
        firing=firing,
        states=tuple(state or ()),
        kind=kind,
        since=since,
        until=until,
    )
    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: listed(at, wish, limit, output))


@described(command, "deliveries export --since 30d > deliveries.csv")
def export(
    context: typer.Context,
    *,
    channel: Channel = None,
    state: States = None,
    since: Since = None,
    until: Until = None,
) -> None:
    """Print deliveries as CSV, newest first, safe to open in a spreadsheet."""
    from crypto_portfolio_analyzer.cli.delivery_calls import Wish, exported

    wish = Wish(channel=channel, states=tuple(state or ()), since=since, until=until)
    settings, output = settled(context, as_json=False)
    at_server(settings, output, lambda at: exported(at, wish, output))


@described(command, "deliveries show 1841")
def show(
    context: typer.Context,
    delivery: Annotated[
        str, typer.Argument(help="Number, as the list shows it, or id.", metavar="NO", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Show one delivery: its attempts, and when each step of its way was taken."""
    from crypto_portfolio_analyzer.cli.delivery_calls import shown

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: shown(at, delivery, output))


@described(
    command,
    "deliveries redeliver 1841 1842",
    "deliveries redeliver --channel bot --since 2026-11-20T10:00 --until 2026-11-20T12:00 --yes",
    "deliveries redeliver --since 1d --dry-run",
)
def redeliver(
    context: typer.Context,
    delivery: Annotated[
        list[str] | None, typer.Argument(help="Numbers or ids.", metavar="[NO]…", show_default=False)
    ] = None,
    *,
    channel: Channel = None,
    since: Since = None,
    until: Until = None,
    state: States = None,
    anyway: Annotated[bool, typer.Option("--anyway", help="Also orders past their time to live.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Send again, under the old keys: those named, or the dead of a channel or a span."""
    from crypto_portfolio_analyzer.cli.delivery_calls import Wish, check_wish, redelivered

    wish = Wish(channel=channel, states=tuple(state or ("dead",)), since=since, until=until)
    check_wish(delivery or (), wish)
    settings, output = settled(context, as_json=as_json)
    flags = {"anyway": anyway, "dry_run": dry_run, "yes": yes}
    at_server(settings, output, lambda at: redelivered(at, delivery or (), wish, output, flags=flags))


@described(command, "deliveries law", "deliveries law --json")
def law(context: typer.Context, as_json: Json = False) -> None:
    """Check that every firing that was to be told is in exactly one state; exit 1 if not."""
    from crypto_portfolio_analyzer.cli.delivery_calls import law_told

    settings, output = settled(context, as_json=as_json)
    at_server(settings, output, lambda at: law_told(at, output))
