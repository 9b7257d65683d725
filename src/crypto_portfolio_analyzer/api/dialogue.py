"""What WebSocket clients may say, and the answers. A mistake earns an error message, never a cut."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from crypto_portfolio_analyzer.api.clients import FORGIVEN, Client
from crypto_portfolio_analyzer.api.live import AREAS, DURABLE, ROOMS, Hub
from crypto_portfolio_analyzer.api.prices import FASTEST_HZ, Form
from crypto_portfolio_analyzer.errors import InvalidSymbol, UnknownName
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

MOST_WISHES = 50
"""Symbols one client may make the feeds watch beyond those watched anyway."""
MOST_FORMS = 16
"""Different price subscriptions of one client."""
MOST_SPELLINGS = 500
"""Symbols one client may name in all its price subscriptions together."""
EVERYTHING = "*"


class Details(Struct):
    """The `data` of a message."""

    room: str | None = None
    symbols: list[str] | None = None
    batch: bool = False
    max_hz: float | None = None
    snapshot: bool = True
    after: int | None = None


class Said(Struct):
    """One message of a client; S1 puts the room at the top, S1's server expected it in `data`: both work."""

    type: str
    room: str | None = None
    after: int | None = None
    data: Details | None = None


_decode = msgspec.json.Decoder(Said).decode


class Refused(Exception):
    """A message that cannot be followed; the connection stays."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Dialogue:
    """Follows what clients say."""

    def __init__(self, hub: Hub, feeds: PriceFeedManager) -> None:
        self._hub, self._feeds = hub, feeds
        self._answers = {
            "join_room": self._join,
            "subscribe": self._join,
            "leave_room": self._leave,
            "unsubscribe": self._leave,
            "resume": self._resume,
            "ping": self._ping,
        }

    def hear(self, client: Client, text: str | bytes) -> None:
        """Follow one message, or say why not."""
        if not client.may_speak(self._hub.clock.monotonic()):
            self._slow_down(client)
            return
        try:
            said = self._read(text)
            answer = self._answers.get(said.type)
            if answer is None:
                raise Refused("unknown_type", str(UnknownName("message type", said.type, self._answers)))
            answer(client, said)
        except Refused as refused:
            self._hub.tell(client, "error", {"code": refused.code, "message": str(refused)})

    def forget(self, client: Client) -> None:
        """Let go of everything a client had asked for."""
        self._hub.farewell(client)
        self._release(client, client.wanted)

    def _read(self, text: str | bytes) -> Said:
        try:
            return _decode(text)
        except msgspec.ValidationError as error:
            raise Refused("bad_message", f"the message cannot be used: {error}") from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused("bad_json", 'not JSON; write {"type": "join_room", "room": "prices"}') from error

    def _slow_down(self, client: Client) -> None:
        if client.over_rate == 1:
            message = "too many messages; more than 20 a second are not read"
            self._hub.tell(client, "error", {"code": "rate_limited", "message": message})
        elif client.over_rate > FORGIVEN:
            client.close(1008, "too many messages", "flood")

    def _ping(self, client: Client, said: Said) -> None:
        self._hub.tell(client, "heartbeat", self._hub.heartbeat())

    def _room(self, client: Client, said: Said) -> str:
        room = said.room or (said.data.room if said.data else None)
        if room is None:
            raise Refused("no_room", f"no room named; known: {', '.join(ROOMS)}")
        if room not in ROOMS:
            raise Refused("unknown_room", str(UnknownName("room", room, ROOMS)))
        if not client.identity.may(ROOMS[room], AREAS[room]):
            raise Refused("unauthorised", f"room {room!r} needs a login; connect with a ticket or a token")
        return room

    def _join(self, client: Client, said: Said) -> None:
        room = self._room(client, said)
        details = said.data or Details()
        form = self._form(client, details) if room == "prices" else None
        answer: dict[str, Any] = {"room": room, "joined": True}
        if form is not None and form.scope is not None:
            answer["symbols"] = form.scope
        self._hub.tell(client, "status", answer)
        self._hub.enter(client, room)
        if form is not None:
            self._hub.prices.join(client, form, snapshot=details.snapshot)

    def _form(self, client: Client, details: Details) -> Form:
        hz = FASTEST_HZ if details.max_hz is None else details.max_hz
        if not hz >= 0.01:
            raise Refused("bad_message", f"max_hz must be 0.01 to {FASTEST_HZ:g}, not {hz:g}")
        every = 0.0 if hz >= FASTEST_HZ else 1 / hz
        form = Form(_scope(details.symbols), details.batch, every)
        forms = self._hub.prices.forms(client)
        if form not in forms:
            self._refuse_more(form, forms)
            self._wish(client, form.scope or ())
        return form

    def _refuse_more(self, form: Form, forms: list[Form]) -> None:
        if len(forms) >= MOST_FORMS:
            raise Refused("too_many", f"at most {MOST_FORMS} different price subscriptions; unsubscribe one")
        if sum(len(each.scope or ()) for each in (*forms, form)) > MOST_SPELLINGS:
            raise Refused(
                "too_many", f'at most {MOST_SPELLINGS} symbols by name; "*" means all that are watched'
            )

    def _wish(self, client: Client, texts: tuple[str, ...]) -> None:
        """Want symbols for a client, as far as it may; raises Refused, and then none of them."""
        left = MOST_WISHES - sum(client.wanted.values())
        fresh: dict[str, bool] = {}
        for text in texts:
            if text in client.wanted:
                continue
            fresh[text] = is_alone = self._find(text) is None
            left -= is_alone
            if is_alone and client.identity.name is None:
                raise Refused("not_watched", f"{text[:40]!r} is not watched; log in to watch more")
            if left < 0:
                raise Refused("too_many", f"at most {MOST_WISHES} symbols that nobody else watches")
        if client.identity.name is not None:
            self._want(client, fresh)

    def _want(self, client: Client, fresh: dict[str, bool]) -> None:
        for done, text in enumerate(fresh):
            try:
                self._feeds.want(text)
            except InvalidSymbol as error:
                self._release(client, list(fresh)[:done])
                raise Refused("unknown_symbol", str(error)) from error
            client.wanted[text] = fresh[text]

    def _find(self, text: str) -> object:
        try:
            return self._feeds.find(text)
        except InvalidSymbol as error:
            raise Refused("unknown_symbol", str(error)) from error

    def _leave(self, client: Client, said: Said) -> None:
        room = self._room(client, said)
        symbols = said.data.symbols if said.data else None
        if room == "prices":
            self._leave_prices(client, symbols)
        if room != "prices" or not self._hub.prices.forms(client):
            self._hub.exit(client, room)
        self._hub.tell(client, "status", {"room": room, "joined": room in client.rooms})

    def _leave_prices(self, client: Client, symbols: list[str] | None) -> None:
        gone = set(symbols or ())
        for form in self._hub.prices.forms(client):
            kept = tuple(text for text in form.scope or () if text not in gone)
            if symbols is None or EVERYTHING in gone or (form.scope and not kept):
                self._hub.prices.leave(client, form)
            elif form.scope and kept != form.scope:
                self._hub.prices.leave(client, form)
                self._hub.prices.join(client, Form(kept, form.batch, form.every), snapshot=False)
        held = {text for form in self._hub.prices.forms(client) for text in form.scope or ()}
        self._release(client, [text for text in client.wanted if text not in held])

    def _release(self, client: Client, texts: Iterable[str]) -> None:
        for text in list(texts):
            self._feeds.release(text)
            del client.wanted[text]

    def _resume(self, client: Client, said: Said) -> None:
        room = self._room(client, said)
        after = said.after if said.after is not None else (said.data.after if said.data else None)
        if room not in DURABLE:
            raise Refused(
                "not_durable", f"room {room!r} keeps no history; join it, the newest state comes at once"
            )
        if after is None or after < 0:
            raise Refused("bad_message", 'resume needs "after", the last "seq" that was seen')
        self._hub.enter(client, room)
        self._hub.alerts.resume(client, after)


def _scope(symbols: list[str] | None) -> tuple[str, ...] | None:
    """Return what a subscription is about: spellings, or None for everything that is watched."""
    return None if not symbols or EVERYTHING in symbols else tuple(dict.fromkeys(symbols))
