"""What the centre has to tell, fetched page by page from where the terminal stands."""

from __future__ import annotations

from sync.cache import Cache
from sync.client import Client, Failure, Trouble
from sync.wire import FeedAnswer

MOST_PAGES = 2000


def pull(client: Client, cache: Cache, feed: str) -> bool | Failure:
    """Bring one feed up to date; whether anything changed. Raises sqlite3.Error.

    What the pages before a failure brought is kept. A new epoch starts all feeds again.
    """
    changed = False
    for _ in range(MOST_PAGES):
        after, asked = cache.cursor(feed), cache.now()
        answer = client.call("GET", f"/v1/feeds/{feed}?after={after}", FeedAnswer)
        if isinstance(answer, Failure):
            return answer
        if answer.epoch != cache.epoch():
            cache.restart(answer.epoch)
            if after:
                continue
        if not _sound(answer, feed, after):
            return Failure(Trouble.ODD, 200)
        changed = cache.apply(answer, asked) or changed
        if not answer.more:
            return changed
    return Failure(Trouble.ODD, 200)


def _sound(answer: FeedAnswer, feed: str, after: int) -> bool:
    """A page that goes backwards, or promises more without going on, would be asked for without end."""
    if answer.feed != feed or answer.next < 0:
        return False
    if answer.reset:
        return True
    return answer.next > after or (answer.next == after and not answer.more)
