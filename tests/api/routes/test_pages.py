"""The page's addresses and the one-time link."""

import json
import re

import pytest

from crypto_portfolio_analyzer.dashboard.files import SHELL
from tests.api.house import House


@pytest.mark.parametrize(
    "path", ["/", "/system", "/chart/BTC-USDT", "/deliveries/x_y", "/channels", "/login", "/docs"]
)
async def test_pages_are_open(house: House, path: str) -> None:
    async with house.client() as client:
        answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/portfolio", "/settings", "/settings/tokens", "/setup"])
async def test_every_view_of_the_page_is_the_page(house: House, path: str) -> None:
    async with house.client() as client:
        assert (await client.get(path)).text == (await client.get("/")).text


@pytest.mark.parametrize("accepted", ["gzip, br", "identity"])
async def test_the_page_is_packed_for_who_can_unpack_it(house: House, accepted: str) -> None:
    async with house.client() as client:
        answer = await client.get("/", headers={"accept-encoding": accepted})

    assert answer.text == SHELL.read_text()
    assert answer.headers.get("content-encoding") == ("gzip" if "gzip" in accepted else None)


async def test_the_service_worker_names_files_that_are_served(house: House) -> None:
    async with house.client() as client:
        worker = await client.get("/sw.js")
        kept = json.loads(re.findall(r"^const KEPT = (.*);$", worker.text, re.MULTILINE)[0])
        answers = {path: (await client.get(path)).status_code for path in kept}

    assert "javascript" in worker.headers["content-type"]
    assert worker.headers["cache-control"] == "no-cache"
    assert {"/", "/static/js/main.js", "/static/css/tokens.css"} <= set(kept)
    assert set(answers.values()) == {200}


async def test_the_manifest_names_icons_that_are_served(house: House) -> None:
    async with house.client() as client:
        manifest = await client.get("/manifest.webmanifest")
        icons = [await client.get(icon["src"]) for icon in manifest.json()["icons"]]

    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert all(icon.headers["content-type"].startswith("image/") for icon in icons)


async def test_static_files_are_open_and_packed(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/static/js/main.js", headers={"accept-encoding": "gzip"})

    assert answer.status_code == 200
    assert "javascript" in answer.headers["content-type"]
    assert answer.headers["content-encoding"] == "gzip"


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/files.py", "/static/", "/static/js"]
)
async def test_nothing_but_static_files_is_served(house: House, path: str) -> None:
    async with house.client() as client:
        answer = await client.get(path)

    assert answer.status_code == 404


async def test_one_time_link_logs_in_once(house: House) -> None:
    link = await house.server.login_url()
    async with house.client() as client:
        first = await client.get(link)
        cookie = first.headers["set-cookie"]
        me = (await client.get("/api/auth/me")).json()
    async with house.client() as thief:
        second = await thief.get(link)

    assert first.headers["location"] == "/"
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert me["name"] == "admin"
    assert second.headers["location"] == "/login?used=1"
    assert "set-cookie" not in second.headers
