"""The image: lint finds nothing, what is copied is there, what is run exists, nobody is root."""

import json
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from crypto_portfolio_analyzer.api.server import routers
from crypto_portfolio_analyzer.settings.tree import known_settings
from tests.conftest import ROOT

DOCKERFILE = ROOT / "deploy" / "Dockerfile"


def instructions():
    """Return the instructions in order, each as name and text, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


def texts(name):
    return [text for each, text in instructions() if each == name]


def ignored():
    """Return the patterns of what is not sent to the builder, and those of what is after all."""
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    return [line for line in lines if line[0] != "!"], [line[1:] for line in lines if line[0] == "!"]


def test_the_linter_finds_nothing():
    hadolint = Path(sys.executable).with_name("hadolint")
    told = subprocess.run(
        [hadolint, "--failure-threshold", "style", DOCKERFILE], capture_output=True, text=True, check=False
    )

    assert (told.returncode, told.stdout) == (0, "")


def test_every_image_is_of_a_version():
    stages = {text.split(" AS ")[1] for text in texts("FROM") if " AS " in text}
    images = [text.split(" AS ")[0] for text in texts("FROM")]

    assert all(re.search(r"(:\d+\.\d+\.\d+[\w.-]*|@sha256:[0-9a-f]{64})$", each) for each in images)
    assert "build" in stages


def test_the_builder_is_the_one_the_project_asks_for():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["required-version"]
    [version] = re.findall(r"/uv:(\d+\.\d+)\.\d+", DOCKERFILE.read_text())

    assert wanted.startswith(f">={version},")


def test_what_is_copied_is_there_and_sent_to_the_builder():
    out, after_all = ignored()
    copied = [word for text in texts("COPY") if "--from" not in text for word in text.split()[:-1]]

    assert out[0] == "*"
    assert {"pyproject.toml", "src"} <= set(copied)
    for each in copied:
        assert (ROOT / each).exists(), each
        assert any(fnmatch(each, pattern) for pattern in after_all), each
    assert not any(fnmatch("analyzer.db", pattern) or fnmatch(".env", pattern) for pattern in after_all)


def test_it_runs_a_command_that_exists_as_somebody_without_rights(cli_help):
    [entry], [command] = texts("ENTRYPOINT"), texts("CMD")
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]

    assert json.loads(entry) == list(scripts)
    assert cli_help(*json.loads(command)) == 0
    assert texts("USER") == ["10001:10001"]
    assert texts("EXPOSE") == ["8000"]
    assert texts("STOPSIGNAL") == ["SIGTERM"]


def test_its_settings_are_known():
    known = {each.variable for each in known_settings()}
    named = set(re.findall(r"(CRYPTO_ANALYZER_\w+)=", DOCKERFILE.read_text()))

    assert named
    assert named <= known


def test_its_health_is_asked_at_a_route_that_exists():
    [told] = texts("HEALTHCHECK")
    paths = set(re.findall(r"http://127\.0\.0\.1:8000(/[\w/]*)", told))

    assert paths == {"/health"}
    assert paths <= {getattr(route, "path", "") for router in routers() for route in router.routes}
