"""The compose file: what it sets is known, what it publishes is loopback, what it makes works with real servers."""

import json
import re
import subprocess
import sys

import pytest
import yaml
from sqlalchemy import make_url

from crypto_portfolio_analyzer.api.server import routers
from crypto_portfolio_analyzer.settings import load
from crypto_portfolio_analyzer.settings.tree import known_settings
from tests.cli.commands.conftest import Programs, first_line
from tests.conftest import ROOT

FILE = ROOT / "deploy" / "compose.yaml"
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES = COMPOSE["services"]
VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


def environment():
    """Return what the program is told if nobody sets anything."""
    return {name: VARIABLE.sub(r"\2", value) for name, value in SERVICES["app"]["environment"].items()}


def test_the_services_are_those_that_are_promised():
    assert set(SERVICES) == {"keys", "app", "database", "valkey"}
    for name, service in SERVICES.items():
        assert re.search(r":\d+\.\d+(\.\d+)?([.-][\w.-]+)?$", service["image"]), name
        assert "no-new-privileges:true" in service["security_opt"], name
        if name != "keys":
            assert service["restart"] == "unless-stopped"
            assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"])


def test_every_port_is_published_on_loopback():
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]

    assert [port.rsplit(":", 1)[0] for port in published] == ["127.0.0.1:8000", "127.0.0.1:8501"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["database"]["networks"] == SERVICES["valkey"]["networks"] == ["inside"]


def test_every_variable_is_a_setting_and_secrets_are_files():
    known = {each.variable: each for each in known_settings()}
    for name, value in environment().items():
        setting = known[name.removesuffix("_FILE")] if name not in known else known[name]
        assert setting.secret is name.endswith("_FILE"), name
        assert not setting.secret or value.startswith("/keys/")


def test_without_an_edit_the_settings_are_right(tmp_path):
    told = environment()
    (tmp_path / "database_url").write_text("postgresql://a:b@database/analyzer")
    (tmp_path / "redis_url").write_text("redis://:b@valkey:6379/0")
    env = {name: value.replace("/keys", str(tmp_path)) for name, value in told.items()}
    settings = load(env={**env, "CRYPTO_ANALYZER_HOST": "0.0.0.0"})

    assert (settings.provider, settings.symbols) == ("mock", ("BTC", "ETH", "SOL"))
    assert settings.database_url == "postgresql+asyncpg://a:b@database/analyzer"
    assert settings.auth


def test_the_program_may_write_only_where_its_data_are():
    app = SERVICES["app"]

    assert app["read_only"] is True
    assert app["cap_drop"] == ["ALL"]
    assert "privileged" not in app
    assert [each for each in app["volumes"] if not each.endswith(":ro")] == ["data:/data"]
    assert {
        each.split(":")[0] for service in SERVICES.values() for each in service.get("volumes", ())
    } == set(COMPOSE["volumes"])


def test_who_needs_whom_exists_and_has_a_state_to_wait_for():
    states = {
        "keys": "service_completed_successfully",
        "database": "service_healthy",
        "valkey": "service_healthy",
    }
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            assert wanted == {"condition": states[name]}


@pytest.fixture
def keys(tmp_path):
    """Run the script that makes passwords, as often as wanted; return its files."""
    folder = tmp_path / "keys"
    folder.mkdir()
    [script] = SERVICES["keys"]["command"]
    script = script.replace("$$", "$").replace("/keys", str(folder))

    def make():
        subprocess.run([*SERVICES["keys"]["entrypoint"], script], check=True, cwd="/")
        return {each.name: each.read_text() for each in folder.iterdir()}

    return make


def test_passwords_are_made_once_and_fit_each_other(keys):
    made = keys()
    database, redis = make_url(made["database_url"]), make_url(made["redis_url"])

    assert keys() == made
    assert re.fullmatch(r"[0-9a-f]{48}", made["database_password"])
    assert database.password == made["database_password"]
    assert database.host == "database"
    assert made["valkey.conf"] == f"requirepass {redis.password}\n"
    assert redis.password != database.password


def test_the_names_in_the_addresses_are_services():
    [script] = SERVICES["keys"]["command"]

    assert set(re.findall(r"@(\w+)[:/]", script)) <= set(SERVICES)
    assert SERVICES["database"]["environment"]["POSTGRES_USER"] in script


def test_the_program_starts_as_there_and_its_health_check_passes(tmp_path, postgres_database, valkey_url):
    (tmp_path / "database_url").write_text(postgres_database)
    (tmp_path / "redis_url").write_text(valkey_url)
    told = {name: value.replace("/keys", str(tmp_path)) for name, value in environment().items()}
    programs = Programs(**told, CRYPTO_ANALYZER_DATA_DIR=str(tmp_path / "data"))
    check = SERVICES["app"]["healthcheck"]["test"]
    try:
        port = first_line(programs(*SERVICES["app"]["command"], "--port", "0", "--json"))["port"]
        code = check[-1].replace("8000", str(port))
        ready = subprocess.run([sys.executable, *check[2:-1], code], capture_output=True, check=False)
    finally:
        programs.end()

    assert check[:2] == ["CMD", "python"]
    assert ready.returncode == 0, ready.stderr
    paths = {getattr(route, "path", "") for router in routers() for route in router.routes}
    assert re.findall(r"8000(/\w+)", json.dumps(check))[0] in paths
