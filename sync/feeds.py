"""What the centre has to tell, fetched page by page from where the terminal stands."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from sync.cache import FORMS, Cache
from sync.client import Client, Failure, Trouble
from sync.wire import FeedAnswer

MOST_PAGES = 2000


@dataclass(frozen=True, slots=True)
class _Page:
    """What came for the question after `after`, asked at `asked` (Unix seconds)."""

    after: int
    asked: float
    answer: FeedAnswer | Failure


def pull(client: Client, cache: Cache, feed: str, coming: Callable[[], None] = lambda: None) -> bool | Failure:
    """Bring one feed up to date; whether anything changed. Raises sqlite3.Error.

    What the pages before a failure brought is kept. A new epoch starts all feeds again. `coming` is called for each
    page that is here while others follow.
    While a page is sealed and written, the next one is on its way.
    """
    changed = False
    asked: Future[_Page] | None = None
    with ThreadPoolExecutor(1, "page") as ahead:
        for _ in range(MOST_PAGES):
            page = _page(client, cache, feed, asked)
            answer, asked = page.answer, None
            if isinstance(answer, Failure):
                return answer
            if answer.epoch != cache.epoch():
                cache.restart(answer.epoch)
                if page.after:
                    continue
            if not _sound(answer, feed, page.after):
                return Failure(Trouble.ODD, 200)
            if answer.more:
                asked = ahead.submit(_ask, client, cache, feed, answer.next)
            changed = cache.apply(answer, page.asked) or changed
            if not answer.more:
                return changed
            coming()
    return Failure(Trouble.ODD, 200)


def _page(client: Client, cache: Cache, feed: str, asked: Future[_Page] | None) -> _Page:
    """The one that was asked for already, unless the cache stands elsewhere by now: it may have been wiped."""
    after = cache.cursor(feed)
    page = asked.result() if asked else None
    return page if page and page.after == after else _ask(client, cache, feed, after)


def _ask(client: Client, cache: Cache, feed: str, after: int) -> _Page:
    asked = cache.now()
    answer = client.call("GET", f"/v1/feeds/{feed}?after={after}", FeedAnswer, rather=FORMS[feed])
    return _Page(after, asked, answer)


def _sound(answer: FeedAnswer, feed: str, after: int) -> bool:
    """A page that goes backwards, or promises more without going on, would be asked for without end."""
    if answer.feed != feed or answer.next < 0:
        return False
    if answer.reset:
        return True
    return answer.next > after or (answer.next == after and not answer.more)
