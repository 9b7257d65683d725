"""What the tests of the deployment share."""

import pytest

from crypto_portfolio_analyzer.cli.main import run


@pytest.fixture
def cli_help(capsys):
    """Ask a command for its help; the exit code tells whether there is one."""

    def ask(*words):
        exit_code = run([*words, "--help"])
        capsys.readouterr()
        return exit_code

    return ask
