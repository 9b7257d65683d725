"""Reports of the content policy."""

from tests.api.house import House


async def test_reports_are_counted_without_a_login(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/api/csp-reports", content=b'{"csp-report": {}}')

    assert answer.status_code == 204
    assert house.server.doors.csp_reports == 1
