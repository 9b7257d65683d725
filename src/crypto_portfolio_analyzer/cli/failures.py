"""What went wrong, said once: what, where, why, the command that mends it, and the exit code."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import takewhile
from pathlib import Path

import typer

from crypto_portfolio_analyzer import errors
from crypto_portfolio_analyzer.cli.groups import PROGRAM
from crypto_portfolio_analyzer.cli.output import safe

DONE, FAILED, MISUSED, NOT_FOUND, UNREACHABLE, TIMED_OUT, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130


MOST_FAULTS = 50
"""So many fields that cannot be used are listed, then counted."""
_KINDS: tuple[tuple[type[BaseException], int], ...] = (
    (errors.InvalidInput, MISUSED),
    (errors.NotFound, NOT_FOUND),
    (errors.ConnectionLost, UNREACHABLE),
    (errors.RequestRefused, UNREACHABLE),
    (errors.StorageUnavailable, UNREACHABLE),
    (errors.AnalyzerError, FAILED),
    (TimeoutError, TIMED_OUT),
)
"""What an error means at the command line: the first kind that fits."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure as people read it; `fix` is a command to paste, or what to do."""

    what: str
    fix: str
    exit_code: int
    where: tuple[str, ...] = ()
    why: str | None = None

    def lines(self) -> list[str]:
        """Return the lines to print."""
        shown = [f"error: {safe(self.what)}", *(f"  {safe(line)}" for line in self.where)]
        if self.why:
            shown.append(f"  why  {safe(self.why)}")
        return [*shown, f"  fix  {safe(self.fix)}"]


class Failed(errors.AnalyzerError):
    """A command could not do its work and knows why."""

    def __init__(
        self,
        what: str,
        fix: str,
        *,
        exit_code: int = FAILED,
        why: str | None = None,
        where: Sequence[str] = (),
    ) -> None:
        super().__init__(what)
        self.problem = Problem(what, fix, exit_code, tuple(where), why)


class Interrupted(BaseException):
    """The user, or the machine, wants the command to end."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


def problems(error: BaseException, argv: Sequence[str]) -> list[Problem]:
    """Return what to tell about an error; `argv` are the arguments, to show them corrected.

    Several only for settings, which are all reported at once. An empty list means a bug: nobody raised it on
    purpose.
    """
    if isinstance(error, BaseExceptionGroup):
        return [problem for each in error.exceptions for problem in problems(each, argv)][:1]
    if isinstance(error, Failed):
        return [error.problem]
    if isinstance(error, errors.ConfigError):
        faults = error.faults if isinstance(error, errors.ConfigFaults) else (error,)
        return [Problem(f"{fault.key} {fault.problem}", fault.remedy, MISUSED) for fault in faults]
    if isinstance(error, errors.UnknownName):
        return [_unknown(error, argv)]
    if isinstance(error, typer.TyperException):
        return [_misused(error, argv)]
    return _by_kind(error, argv)


def _by_kind(error: BaseException, argv: Sequence[str]) -> list[Problem]:
    text = " ".join(str(error).split("\n"))
    if isinstance(error, errors.InvalidCondition):
        what, fix = "the condition cannot be read", error.fix or help_for(argv)
        return [Problem(what, fix, MISUSED, tuple(str(error).split("\n")))]
    if isinstance(error, errors.InvalidFields):
        return [_fields(error)]
    if isinstance(error, errors.InvalidSymbol):
        return [Problem(f"unknown symbol {error.text[:40]!r}", error.remedy, MISUSED)]
    if isinstance(error, errors.PortTaken):
        fix = f"choose another with --port, say --port {error.port + 1}"
        return [Problem(text.partition(";")[0], fix, UNREACHABLE)]
    for kind, exit_code in _KINDS:
        if isinstance(error, kind):
            what, _, remedy = text.rpartition("; ")  # our messages end with what would be right
            usual = help_for(argv) if exit_code in (MISUSED, NOT_FOUND) else f"{PROGRAM} doctor"
            return [Problem(what or remedy or "it took too long", remedy if what else usual, exit_code)]
    if isinstance(error, OSError) and error.filename:
        return [_file(error)]
    return []


def _fields(error: errors.InvalidFields) -> Problem:
    """Show every field that cannot be used, each with what would be right."""
    lines = []
    for fault in error.faults[:MOST_FAULTS]:
        first, *others = f"{fault.path}: {fault.problem}".split("\n")
        lines += [first, *(f"  {line}" for line in others)]
        lines += [f"  {fault.remedy}"] if fault.remedy else []
    count = len(error.faults)
    lines += [f"and {count - MOST_FAULTS} more"] if count > MOST_FAULTS else []
    what = "a field cannot be used" if count == 1 else f"{count} fields cannot be used"
    return Problem(what, "put them right and try again", MISUSED, tuple(lines))


def _file(error: OSError) -> Problem:
    name = str(error.filename)
    if isinstance(error, FileNotFoundError):
        return Problem(f"there is no file {name!r}", _near_file(Path(name)), NOT_FOUND)
    return Problem(f"cannot use the file {name!r}", "check its path and rights", FAILED, why=error.strerror)


def _near_file(path: Path) -> str:
    try:
        near = get_close_matches(path.name, [each.name for each in path.parent.iterdir()], n=1)
    except OSError:
        near = []
    return str(path.with_name(near[0])) if near else "check its path"


def _unknown(error: errors.UnknownName, argv: Sequence[str]) -> Problem:
    what = f"unknown {error.kind} {error.name[:40]!r}"
    near = error.nearest
    if near is None:
        listed = f"; known: {', '.join(error.known[:12])}" if error.known else ""
        return Problem(what + listed, help_for(argv), MISUSED)
    return Problem(f"{what}; did you mean {near!r}?", corrected(argv, error.name, near), MISUSED)


def _misused(error: typer.TyperException, argv: Sequence[str]) -> Problem:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else PROGRAM
    if hasattr(error, "possibilities"):  # only an unknown option carries them
        option: str = getattr(error, "option_name", "")
        params = context.command.params if context is not None else ()
        known = [name for param in params for name in (*param.opts, *param.secondary_opts) if name[:1] == "-"]
        near = get_close_matches(option, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        fix = corrected(argv, option, near[0]) if near else f"{path} --help"
        return Problem(f"unknown option {option[:40]!r}; {hint}", fix, MISUSED)
    message = error.format_message().strip().rstrip(".")
    return Problem(message[:1].lower() + message[1:], f"{path} --help", MISUSED)


def help_for(argv: Sequence[str]) -> str:
    """Return the command that explains the one that was typed."""
    words = list(takewhile(str.isalpha, argv))[:2]
    return " ".join([PROGRAM, *words, "--help"])


def corrected(argv: Sequence[str], wrong: str, right: str) -> str:
    """Return the command line with one word, or part of a comma-separated one, put right."""
    words = []
    for word in argv:
        name, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
        parts = [right if part == wrong else part for part in value.split(",")]
        words.append((right if name == wrong else name) + equals + ",".join(parts))
    return shlex.join([PROGRAM, *words])
