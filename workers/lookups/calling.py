"""One look-up from its values to its result: requests, pages, and what of the replies is given."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urljoin

from coursebox.errors import retry_after
from coursebox.exchange import Exchange
from coursebox.redaction import recorded
from rulebook.paths import MISSING, Path
from senders.delivery import Malformed
from senders.strict_json import parse
from workers.lookups.address import Address
from workers.lookups.definition import Definition, Each, NotFound, Paging, find
from workers.lookups.door import Answer, Door, NoAnswer
from workers.lookups.failures import Kind, LookUpFailed, failure, kind_of
from workers.lookups.ready import BadParameter, Ready, shown

MOST_REDIRECTS: Final = 3
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
NOTHING: Final = frozenset({204, 205})

Params = Mapping[str, object]
Record = Callable[[Exchange], None]


@dataclass(frozen=True, slots=True)
class Call:
    """One look-up under way. `other` gives the ready look-up of a name; `until` is when it has to
    be over (time.monotonic)."""

    ready: Ready[Definition]
    door: Door
    record: Record
    until: float
    other: Callable[[str], Ready[Definition]]

    def value(self, params: Params) -> object:
        """What it gives: a block, a list, any JSON value; None (or an empty list) where there is
        nothing and that is allowed. Raises LookUpFailed."""
        definition = self.definition
        try:
            address = self.ready.address(params)
        except BadParameter as error:
            raise self._failed(Kind.BAD_PARAMETER, str(error)) from None
        if definition.listed is None:
            reply = self._reply(address)
            return None if reply is MISSING else given(definition, reply)
        items = self._items(address, definition.listed)
        if definition.each is not None:
            return self._looked_up(definition.each, items)
        return [given(definition, item) for item in items]

    @property
    def definition(self) -> Definition:
        return self.ready.definition

    def _failed(self, kind: Kind, said: str = "", wait: float | None = None) -> LookUpFailed:
        safe = self.ready.secrets.scrub(said)
        return failure(self.definition.name, kind, self.ready.destination, safe, wait)

    # -- lists -----------------------------------------------------------------------------

    def _items(self, address: Address, place: Path) -> list[object]:
        paging = self.definition.paging or Paging(most_pages=1)
        items: list[object] = []
        for reply in self._pages(address, paging, items):
            found = find(place, reply)
            if found is not None and not isinstance(found, list):
                raise self._failed(Kind.NO_LIST)
            items.extend(found or ())
            if len(items) > paging.most_items:
                raise self._failed(Kind.TOO_MANY, f"more than {paging.most_items} items")
        return items

    def _pages(self, address: Address, paging: Paging, items: list[object]) -> Iterator[object]:
        """The replies, one after the other; `items` are those that came of them so far."""
        here = first = _first_page(address, paging)
        for _ in range(paging.most_pages):
            before = len(items)
            reply = self._reply(here)
            if reply is MISSING:
                if here is not first and not paging.offset:
                    raise self._failed(Kind.UNREADABLE, "a page that was announced is not there")
                return
            yield reply
            following = self._next(address, paging, reply, len(items), len(items) - before)
            if following is None:
                return
            here = following
        raise self._failed(Kind.TOO_MANY, f"more than {paging.most_pages} pages")

    def _next(
        self, address: Address, paging: Paging, reply: object, count: int, new: int
    ) -> Address | None:
        if paging.offset:
            return (
                with_query(address, paging.offset, str(count)) if new >= paging.page_size else None
            )
        place = paging.next or paging.cursor
        mark = find(place, reply) if place is not None else None
        if mark is MISSING or not mark:
            return None
        if isinstance(mark, bool) or not isinstance(mark, str | int):
            raise self._failed(Kind.UNREADABLE, "what should lead to the next page does not")
        if paging.cursor is not None:
            return with_query(address, paging.parameter, str(mark))
        return self._linked(address, str(mark))

    def _linked(self, address: Address, link: str) -> Address:
        try:
            following = Address.parse(urljoin(address.text, link))
        except ValueError:
            raise self._failed(Kind.UNREADABLE, "the address of the next page is none") from None
        if not self.ready.may_call(following):
            raise self._failed(
                Kind.REDIRECTED, f"the next page is at {following.scheme}://{following.authority}"
            )
        return following

    def _looked_up(self, each: Each, items: list[object]) -> list[object]:
        if len(items) > each.most:
            raise self._failed(Kind.TOO_MANY, f"{len(items)} items, and each allows {each.most}")
        inner = Call(self.other(each.use), self.door, self.record, self.until, self.other)
        values = [inner.value(_from_item(each.with_, item)) for item in items]
        return [value for value in values if value is not None]

    # -- one request -----------------------------------------------------------------------

    def _reply(self, address: Address) -> object:
        """The JSON value of the reply; MISSING where there is none and that is allowed."""
        answer = self._get(address)
        kind = kind_of(answer.status)
        absent = kind is Kind.NO_SUCH_RECORD or answer.status in NOTHING
        if absent and self.definition.not_found is NotFound.ABSENT:
            return MISSING
        if absent or kind is not None:
            wait = retry_after(answer.headers.get("retry-after"), datetime.now(UTC))
            raise self._failed(kind or Kind.NO_SUCH_RECORD, f"HTTP {answer.status}", wait)
        try:
            return parse(answer.body)
        except Malformed as error:
            raise self._failed(Kind.UNREADABLE, str(error)) from None

    def _get(self, address: Address) -> Answer:
        here = address
        for _ in range(MOST_REDIRECTS + 1):
            answer = self._exchange(here)
            if answer.status not in REDIRECTS:
                return answer
            here = self._redirected(here, answer)
        raise self._failed(Kind.REDIRECTED, f"more than {MOST_REDIRECTS} times")

    def _redirected(self, here: Address, answer: Answer) -> Address:
        try:
            there = Address.parse(urljoin(here.text, answer.headers.get("location", "")))
        except ValueError:
            raise self._failed(Kind.REDIRECTED, f"HTTP {answer.status}") from None
        if there.origin != here.origin:
            said = f"HTTP {answer.status} to {there.scheme}://{there.authority}"
            raise self._failed(Kind.REDIRECTED, said)
        return there

    def _exchange(self, address: Address) -> Answer:
        private = self.ready.may_be_private(address.host)
        started = time.monotonic()
        try:
            answer = self.door.get(address, self.ready.headers, self.until, private=private)
        except NoAnswer as error:
            failed = self._failed(error.kind, error.said)
            self._note(address, started, None, "", failed.message)
            raise failed from None
        self._note(address, started, answer.status, self._recorded(answer), "")
        return answer

    def _recorded(self, answer: Answer) -> str:
        try:
            return recorded(parse(answer.body), "", self.ready.secrets)
        except Malformed:
            return recorded(None, answer.body.decode(errors="replace"), self.ready.secrets)

    def _note(
        self, address: Address, started: float, status: int | None, response: str, error: str
    ) -> None:
        self.record(
            Exchange(
                call=self.definition.name,
                method="GET",
                path=shown(address, self.ready.secrets),
                status=status,
                ms=round(1000 * (time.monotonic() - started)),
                request="",
                response=response,
                error=error,
            )
        )


def given(definition: Definition, reply: object) -> object:
    """Its fields of a reply, or of an item of its list; the whole where it names no fields. What
    is not there is left out."""
    if not definition.gives:
        return reply
    found = {name: find(place, reply) for name, place in definition.gives.items()}
    return {name: value for name, value in found.items() if value is not MISSING}


def with_query(address: Address, name: str, value: str) -> Address:
    """The address with that parameter in its query, in the place of one with this name."""
    path, _, query = address.target.partition("?")
    pairs = [pair for pair in query.split("&") if pair and pair.partition("=")[0] != name]
    pairs.append(f"{quote(name, safe='')}={quote(value, safe='')}")
    scheme, host, port = address.origin
    return Address(scheme, host, port, f"{path}?{'&'.join(pairs)}")


def _first_page(address: Address, paging: Paging) -> Address:
    return with_query(address, paging.offset, "0") if paging.offset else address


def _from_item(places: Mapping[str, Path], item: object) -> dict[str, object]:
    found = {name: find(place, item) for name, place in places.items()}
    return {name: value for name, value in found.items() if value is not MISSING}
