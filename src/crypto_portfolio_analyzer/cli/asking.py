"""Questions before something is lost; a script answers them with `--yes`."""

import sys

import typer

from crypto_portfolio_analyzer.cli.failures import MISUSED, Failed
from crypto_portfolio_analyzer.cli.output import Output, safe


def confirmed(output: Output, what: str, *, yes: bool) -> bool:
    """Say what would go and ask; True at once with `yes`.

    Raises:
        Failed: nobody is there to answer; names the flag to use.

    """
    if yes:
        return True
    if not sys.stdin.isatty():
        raise Failed(f"nobody is here to answer: {what}", "say it beforehand with --yes", exit_code=MISUSED)
    output.complain(safe(what))
    return typer.confirm("Go on?", default=False, err=True)
