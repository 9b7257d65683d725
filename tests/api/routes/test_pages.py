"""The page's addresses and the one-time link."""

import pytest

from tests.api.house import House


@pytest.mark.parametrize(
    "path", ["/", "/system", "/chart/BTC-USDT", "/deliveries/x_y", "/channels", "/login", "/docs"]
)
async def test_pages_are_open(house: House, path: str) -> None:
    async with house.client() as client:
        answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


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
