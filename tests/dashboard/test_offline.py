"""The page without a server: installed, opened offline, and through a restart without losing the place."""

import asyncio
import json
from pathlib import Path

from tests.api.house import open_house
from tests.dashboard.conftest import Stage, Theatre

KEPT = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const isReady = () => registration.active?.state === "activated";
  while (!isReady()) await new Promise((go) => setTimeout(go, 50));
  const kept = [];
  for (const name of await caches.keys()) kept.push(...(await (await caches.open(name)).keys()));
  return kept.map((each) => each.url);
}"""


async def test_it_can_be_installed(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await stage.page.evaluate(KEPT)
        cdp = await stage.page.context.new_cdp_session(stage.page)
        manifest = await cdp.send("Page.getAppManifest")
        errors = await cdp.send("Page.getInstallabilityErrors")

    told = json.loads(manifest["data"])
    assert manifest["errors"] == []
    assert told["display"] == "standalone"
    # Playwright's contexts are private windows, which install nothing
    assert [each["errorId"] for each in errors["installabilityErrors"]] in ([], ["in-incognito"])


async def test_the_shell_is_kept_and_answers_of_the_api_are_not(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        kept = await stage.page.evaluate(KEPT)

    paths = {url.removeprefix(theatre.house.url) for url in kept}
    assert {"/", "/static/js/main.js", "/static/css/tokens.css", "/static/js/words.js"} <= paths
    assert not any(path.startswith(("/api", "/status", "/ws")) for path in paths)
    assert stage.complaints == []


async def test_no_other_address_becomes_a_script(theatre: Theatre) -> None:
    script = """async () => { const refused = [];
      for (const make of [() => trustedTypes.createPolicy("other", {}), () => trustedTypes.createPolicy("app", {}),
        () => navigator.serviceWorker.register("/static/worker.js")])
        try { await make(); refused.push("made") } catch (error) { refused.push(error.name) }
      return refused }"""
    async with theatre.stage() as stage:
        await stage.page.evaluate(KEPT)
        refused = await stage.page.evaluate(script)

    assert refused == ["TypeError", "TypeError", "TypeError"]


async def test_without_a_network_the_last_prices_are_shown_hatched(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".slots .row")
        await stage.page.evaluate(KEPT)
        await asyncio.sleep(0.5)
        last = await stage.prices()
        await stage.page.context.set_offline(True)
        await stage.page.reload()
        await stage.page.wait_for_selector(".link-down .slots .row")
        await stage.page.wait_for_selector("#banner:has-text('Prices of your last visit')")
        shown = await stage.prices()
        dialogs = await stage.page.locator("dialog[open]").count()
        await stage.page.goto(f"{theatre.house.url}/alerts/new?symbol=BTC-USDT")
        await stage.page.wait_for_selector("[data-p=create][aria-disabled=true]")
        reason = await stage.page.get_attribute("[data-p=create]", "title")

    assert dialogs == 0
    assert set(shown) == set(last)
    assert reason == "This needs the server, which does not answer right now."
    assert [each for each in stage.complaints if each.startswith("error: ") and "Error" in each[:20]] == []


async def test_a_restart_loses_neither_place_nor_draft(tmp_path: Path, theatre: Theatre) -> None:
    names = tuple(f"Q{number:02d}/USDT" for number in range(60))
    async with open_house(tmp_path / "one", symbols=names) as first:
        port = first.server.port
        for name in names:
            first.tick(name, 1.0)
        context = await theatre.browser.new_context(locale="en-GB", service_workers="block")
        page = await context.new_page()
        await page.goto(first.url)
        await page.wait_for_selector("text=1.0000")
        await page.evaluate("document.querySelector('.body').scrollTop = 600")
        await page.fill("[data-p=filter]", "q")
        await page.evaluate("document.querySelector('[data-p=filter]').setSelectionRange(0, 1)")
    await page.wait_for_selector("text=Connection lost. Prices as of", timeout=3000)
    async with open_house(tmp_path / "two", symbols=names, port=port) as second:
        for name in names:
            second.tick(name, 2.0)
        await page.wait_for_selector("text=2.0000", timeout=10_000)
        told = await page.evaluate(PLACE)
        lost = await page.locator("text=Connection lost").count()
        await context.close()

    assert told == ["filter", "q", 0, 1, 600]
    assert lost == 0


PLACE = """() => { const focused = document.activeElement, { scrollTop } = document.querySelector(".body");
  return [focused.dataset.p, focused.value, focused.selectionStart, focused.selectionEnd, scrollTop] }"""


async def test_a_new_version_is_offered_not_forced(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".slots .row")
        stage.house.server.doors.hub.build = "another"
        for client in list(stage.house.server.doors.hub.clients.values()):
            client.close(1012, "come again", "test")
        await stage.page.wait_for_selector("#banner:has-text('A new version runs') .button")
        assert await rows(stage) == 10


async def rows(stage: Stage) -> int:
    """Return how many symbols are shown."""
    return await stage.page.locator(".slots .row").count()
