"""The page in a real Chromium over 500 simulated symbols, ten trades a second each: what it costs and how it feels.

Busy shares are CPU time of the renderer's main thread, which a slow neighbour does not change; milliseconds are wall
time and are told beside the load of the machine. Software rendering; Content-Security-Policy enforced.
usage: page.py [seconds live] [seconds for the heap]
"""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from playwright.async_api import CDPSession, Page, async_playwright

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LIVE, AGING = 30.0, 120.0
WATCH = (HERE / "page_watch.js").read_text()
ROWS = 20
KEYS = ("Control+k", "b", "t", "c", "Escape", "j", "j", "ArrowDown", "End", "Home", "h", "h")
CLICKS = (
    ".head .c-change button",
    ".head .c-near button",
    "[data-list=movers]",
    "[data-list=all]",
    ".head .c-symbol button",
    "[data-p=calm]",
    "[data-p=calm]",
    ".slots .row:nth-child(3) .star",
)


class Look:
    """A page under a debugger's eyes."""

    def __init__(self, page: Page, cdp: CDPSession) -> None:
        self.page, self.cdp = page, cdp
        self.bytes: Counter[str] = Counter()
        self._kinds: dict[str, str] = {}
        cdp.on("Network.responseReceived", self._answered)
        cdp.on("Network.loadingFinished", self._loaded)

    def _answered(self, event: dict[str, Any]) -> None:
        is_data = "/api/" in event["response"]["url"] or event["response"]["url"].endswith("/status")
        self._kinds[event["requestId"]] = "data" if is_data else "page"

    def _loaded(self, event: dict[str, Any]) -> None:
        self.bytes[self._kinds.get(event["requestId"], "page")] += int(event["encodedDataLength"])

    async def metrics(self) -> dict[str, float]:
        """Return the renderer's counters; durations in seconds of its main thread's CPU."""
        told = await self.cdp.send("Performance.getMetrics")
        return {each["name"]: each["value"] for each in told["metrics"]}

    async def heap(self) -> float:
        """Return the bytes of the heap after a collection."""
        await self.cdp.send("HeapProfiler.collectGarbage")
        return float((await self.cdp.send("Runtime.getHeapUsage"))["usedSize"])


def share(values: list[float], part: float) -> float:
    """Return a percentile; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


def tell(what: str, value: str, budget: str, *, holds: bool) -> None:
    """Print one line."""
    print(f"{what:<34} {value:>22}   budget {budget:<12} {'holds' if holds else 'BROKEN'}", flush=True)


async def begin(look: Look, address: str) -> None:
    """Open the page by its link, then once more as somebody who comes back without a cache."""
    await look.page.goto(address)
    await look.page.wait_for_selector("#pill-dot.ok, #pill-dot.warning")
    await look.page.evaluate("sessionStorage.setItem('setup-skipped', '1')")
    await look.page.evaluate(
        "navigator.serviceWorker.getRegistrations().then((all) => Promise.all(all.map((one) => one.unregister())))"
    )
    await look.cdp.send("Network.clearBrowserCache")
    look.bytes.clear()
    await look.page.goto(address.partition("/login")[0])
    await look.page.evaluate("window.watched.useful")
    await asyncio.sleep(2)
    seen = await look.page.evaluate("window.watched.told()")
    tell(
        f"useful paint ({ROWS} live rows)",
        f"{seen['usefulAt']:.0f} ms",
        "1000 ms",
        holds=seen["usefulAt"] <= 1000,
    )
    tell("largest contentful paint", f"{seen['lcp']:.0f} ms", "1500 ms", holds=seen["lcp"] <= 1500)
    weight, data = look.bytes["page"] / 1000, look.bytes["data"] / 1000
    tell("page as it was sent, + data", f"{weight:.0f} kB, + {data:.0f} kB", "150 kB", holds=weight <= 150)


async def live(look: Look, seconds: float) -> None:
    """Let it run and count what the main thread does."""
    await look.page.evaluate("window.watched.clear()")
    before = await look.metrics()
    await asyncio.sleep(seconds)
    after = await look.metrics()
    seen = await look.page.evaluate("window.watched.told()")
    busy = (after["TaskDuration"] - before["TaskDuration"]) / seconds
    script = (after["ScriptDuration"] - before["ScriptDuration"]) / seconds
    longest = share(seen["frames"], 1.0) if seen["frames"] else 0.0
    over, all_of_them = sum(each > 100 for each in seen["frames"]), len(seen["frames"])
    tell("main thread busy", f"{busy:.1%} (script {script:.1%})", "15%", holds=busy <= 0.15)
    longs = f"{over}, {all_of_them} ({longest:.0f} ms)"
    tell("frames > 100 ms, > 50 ms", longs, "0, 2", holds=not over and all_of_them <= 2)
    tell("layout shift", f"{seen['shift']:.5f}", "0.001", holds=seen["shift"] <= 0.001)
    late = share(seen["delays"], 0.95)
    tell("message to text, p95", f"{late:.0f} ms of {len(seen['delays'])}", "250 ms", holds=late <= 250)
    print(f"{'nodes, listeners':<34} {after['Nodes']:.0f}, {after['JSEventListeners']:.0f}")


async def scroll(look: Look) -> None:
    """Scroll through every row for three seconds."""
    seen = await look.page.evaluate("window.watched.scroll(3000)")
    fps = seen["frames"] / (seen["took"] / 1000)
    tell(
        "scrolling",
        f"{fps:.0f} fps, {seen['blank']} blank",
        "55 fps, 0",
        holds=fps >= 55 and not seen["blank"],
    )


async def interact(look: Look) -> None:
    """Press and click while it is live."""
    await look.page.evaluate("window.watched.clear()")
    for _ in range(3):
        for key in KEYS:
            await look.page.keyboard.press(key)
            await asyncio.sleep(0.12)
        for place in CLICKS:
            await look.page.click(place)
            await asyncio.sleep(0.12)
    seen = await look.page.evaluate("window.watched.told()")
    slow = share(seen["events"], 0.98)
    tell("interaction to paint, p98", f"{slow:.0f} ms of {len(seen['events'])}", "100 ms", holds=slow <= 100)


async def age(look: Look, seconds: float) -> None:
    """Let it live on and weigh the heap."""
    before, counted = await look.heap(), await look.metrics()
    await asyncio.sleep(seconds)
    after, recounted = await look.heap(), await look.metrics()
    grown = (after - before) / 1e6
    tell(f"heap grows in {seconds:.0f} s", f"{grown:+.2f} of {after / 1e6:.1f} MB", "5 MB", holds=grown <= 5)
    nodes = recounted["Nodes"]
    more = recounted["JSEventListeners"] - counted["JSEventListeners"]
    tell("nodes, more listeners", f"{nodes:.0f}, {more:+.0f}", "1500, 0", holds=nodes <= 1500 and more <= 0)


async def measure(address: str, seconds: float, aging: float) -> None:
    """Look at the page in every way."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
        page = await browser.new_page(viewport={"width": 1280, "height": 800})
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
        for domain in ("Network", "HeapProfiler", "Runtime"):
            await cdp.send(f"{domain}.enable")
        await page.add_init_script(WATCH)
        look = Look(page, cdp)
        print(f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        await begin(look, address)
        await live(look, seconds)
        await scroll(look)
        await interact(look)
        await age(look, aging)
        print(f"load of the machine {os.getloadavg()[0]:.1f}")
        await browser.close()


def main() -> None:
    """Serve a house and look at it."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else LIVE
    aging = float(sys.argv[2]) if len(sys.argv) > 2 else AGING
    command = [sys.executable, str(HERE / "page_house.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as house:
        assert house.stdout is not None
        asyncio.run(measure(house.stdout.readline().strip(), seconds, aging))
        house.terminate()


if __name__ == "__main__":
    main()
