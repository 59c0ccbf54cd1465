"""Home, a category, the search: finding the service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import ceil

from kiosk import text
from kiosk.domain import search
from kiosk.domain.catalogue import Category, Item, allowed_for
from kiosk.domain.requests import Request, finished
from kiosk.flows.walkup import ahead
from ui.present import enrol, keyboard, requests
from ui.present.frame import greeting
from ui.present.scene import Scene, View, breadth, button, clipped, full

MOST_TILES = 4
MOST_RESULTS = 6
TILE_PIXELS, TITLE_PIXELS, SUB_PIXELS = 286, 44, 30
BOLD = 1.07


def home(scene: Scene) -> View:
    """Search, what the person uses most, their latest request, all drawers."""
    return {
        "greeting": greeting(scene),
        "day": text.date(scene.language, scene.world.now.timestamp()),
        "notice": full(scene),
        "search": button("open_search", scene.t("home.search")),
        "sample": scene.t("home.sample"),
        "often_title": scene.t("home.often"),
        "often": tiles(scene, _often(scene)),
        "requests_title": scene.t("home.requests"),
        "requests": button("open_requests", scene.t("home.all_requests"), icon="forward"),
        "request": _latest(scene),
        "all_title": scene.t("home.all"),
        "categories": [*(_drawer(scene, one) for one in _drawers(scene)), *enrol.drawer(scene)],
    }


def category(scene: Scene) -> View:
    """Every item of one drawer that this person may ask for."""
    drawers = scene.world.catalogue.categories
    drawer = next((one for one in drawers if one.id == scene.state.category), None)
    items = _items(scene, drawer) if drawer else []
    return {
        "title": drawer.title.of(scene.language) if drawer else "",
        "hint": scene.t("category.hint", count=len(items)),
        "tiles": tiles(scene, items),
    }


def search_page(scene: Scene) -> View:
    """What is typed, what it finds, and the letters."""
    pad = scene.state.query
    query = pad.text + pad.letters
    found = _found(scene, query) if query.strip() else tuple(_often(scene))
    nothing = scene.t("search.nothing") if query and not found else ""
    return {
        "title": scene.t("search.title"),
        "text": clipped(query, 40),
        "empty": scene.t("search.empty"),
        "hint": nothing or scene.t("search.hint"),
        "tiles": tiles(scene, found[:MOST_RESULTS]),
        "rows": keyboard.search_rows(scene),
    }


def tiles(scene: Scene, items: Sequence[Item]) -> list[View]:
    """Cards of one height: as many lines as the longest words need, and letters in which no word is broken."""
    made = [tile(scene, item) for item in items]
    room = TILE_PIXELS / (1.35 if scene.state.look.large else 1.0)
    words = [word for one in made for word in one["title"].split() if word.isascii()]
    size = min([TITLE_PIXELS, *(int(room / (breadth(word) * BOLD)) for word in words)])
    shape = {
        "size": size,
        "lines": max([1, *(min(3, ceil(breadth(one["title"]) * size / room)) for one in made)]),
        "sub_lines": 2 if any(breadth(one["sub"]) * SUB_PIXELS > room for one in made) else 1,
    }
    return [{**one, **shape} for one in made]


def tile(scene: Scene, item: Item) -> View:
    """One service as a card to press."""
    sub, tone = _sub(scene, item)
    return {
        "act": "open_item",
        "payload": item.id,
        "title": clipped(item.title.of(scene.language), 40),
        "sub": sub,
        "tone": tone,
        "glyph": item.icon[:1],
    }


def _sub(scene: Scene, item: Item) -> tuple[str, str]:
    visit, station = scene.state.visit, scene.state.station
    if not station.keeps:
        return scene.t("tile.full"), "stop"
    if visit and any(draft.item == item.id for draft in visit.drafts):
        return scene.t("tile.draft"), "wait"
    if ahead.offered(scene.state, item) and station.prints_on(item.outlets):
        return scene.t("tile.ahead"), "go"
    if item.printable and not station.online:
        return scene.t("tile.prepare"), "wait"
    if item.printable and not station.prints_on(item.outlets):
        return scene.t("tile.no_printer"), "wait"
    if item.printable and station.detour(item.outlets):
        return scene.t("tile.no_a4"), "wait"
    if item.factors > 1:
        return scene.t("tile.two_factors"), "muted"
    if item.printable:
        return scene.t("tile.at_once"), "muted"
    time = text.duration(scene.language, item.minutes)
    return scene.t("tile.steps", steps=len(item.steps), time=time), "muted"


def _allowed(scene: Scene) -> list[Item]:
    visit = scene.state.visit
    items = scene.world.catalogue.items.values()
    return [item for item in items if visit and allowed_for(item, visit.person.role)]


def _often(scene: Scene) -> list[Item]:
    visit = scene.state.visit
    used = Counter(request.item for request in visit.requests) if visit else Counter[str]()
    ranked = sorted(_allowed(scene), key=lambda item: (-used[item.id], item.order, not item.printable, item.id))
    return ranked[:MOST_TILES]


def _latest(scene: Scene) -> View:
    visit = scene.state.visit
    found = visit.requests if visit else ()
    open_ones: list[Request] = [request for request in found if not finished(request)]
    newest = next(iter(open_ones or list(found)), None)
    return requests.card(scene, newest) if newest else requests.no_card(scene)


def _items(scene: Scene, drawer: Category) -> list[Item]:
    return [item for item in _allowed(scene) if item.category == drawer.id]


def _drawers(scene: Scene) -> list[Category]:
    return [drawer for drawer in scene.world.catalogue.categories if _items(scene, drawer)]


def _drawer(scene: Scene, drawer: Category) -> View:
    spec = button("open_category", drawer.title.of(scene.language), payload=drawer.id)
    return {**spec, "count": str(len(_items(scene, drawer)))}


def _found(scene: Scene, query: str) -> tuple[Item, ...]:
    visit = scene.state.visit
    if visit is None or not query.strip():
        return ()
    return search.find(scene.world.index(), query, visit.person.role)
