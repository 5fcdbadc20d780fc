"""Cost of pages: `python -m bench.pages` prints a JSON object.

{"pages": {"home": {"cpu_ms", "rps", "bytes", "sent_bytes", "visit_bytes", "statements"},
           "circle": …, "thread": …, "search": …, "home_of_20_circles": …},
 "over": [pages larger than BUDGET], "bare": {"cpu_ms", "rps", "bytes"},
 "thread_to_bare": CPU time of thread over bare}

Real requests, signed in, to gunicorn on this machine, over 8 connections; the thread has 50 posts,
and the member of 20 circles has 500 new posts. cpu_ms: CPU time of the server's processes for each
request, in the calmest of several rounds, since the machine may be busy. bytes: of the HTML.
sent_bytes: of the HTML packed by gzip at its weakest; deploy/nginx/forum.conf packs by brotli.
visit_bytes: transferred on a first visit, files included. statements: SQL for each request, counted
in this process. bare: a Flask view returning the bytes of the thread page, measured in the same
run.
"""

import gzip
import json
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from urllib.parse import quote
from uuid import UUID

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event

from bench.browser import Browser, hurry
from bench.server import Server, free_port, running
from config import Config
from forum import create_app
from forum.circles.models import Circle
from forum.circles.queries import enter
from forum.circles.services import join
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts, thread_queries
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.reply_preferences import Wish
from forum.policy.terms import Role
from forum.search.services import build
from forum.seeding import people, stories, talk

POSTS = 50  # of the measured thread
CIRCLES, THREADS, REPLIES = 20, 100, 400  # of a member who has been away for a week
ROUNDS, REQUESTS, CONNECTIONS, WARM_UP = 4, 240, 8, 80
OF_BARE = 5  # times as many requests: the kernel counts hundredths of a second
BUDGET = {"bytes": 60_000, "sent_bytes": 10_000, "visit_bytes": 100_000, "statements": 11}
HOME = {"statements": 13}  # what differs for home, which looks in every room
PASSWORD = "seven lanterns on a pier"  # noqa: S105  # of people who are gone in a minute
WORDS = "tired after a long morning"


def main() -> None:
    """Measure, and print a JSON object."""
    with TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder))))


def measured(folder: Path) -> dict[str, object]:
    """All figures."""
    port = free_port()
    settings = {"FORUM_INSTANCE": str(folder / "instance"), "SITE_URL": f"http://127.0.0.1:{port}"}
    settings["WEB_WORKERS"] = "1"  # as all figures so far; bench.load asks several
    _tell("Filling a forum.")
    app = create_app(Config(folder / "instance"))
    with app.app_context():
        upgrade()
        person, circle_id, thread_id = filled()
        busy = _away_for_a_week()
    paths = {"home": "/", "circle": f"/circles/{circle_id}/"}
    paths["thread"] = f"/circles/{circle_id}/threads/{thread_id}"
    with running("wsgi:app", port, **settings) as server:
        browser = Browser(settings["SITE_URL"])
        browser.sign_in(person.address, PASSWORD)
        _, paths["search"] = browser.get(f"/search?q={quote(WORDS)}")
        pages = {name: _page(app, server, browser, path) for name, path in paths.items()}
        back = Browser(settings["SITE_URL"])
        back.sign_in(busy.address, PASSWORD)
        pages["home_of_20_circles"] = _page(app, server, back, "/")
        thread, _ = browser.get(paths["thread"])
    page = folder / "thread.html"
    page.write_bytes(thread)
    with running("bench.bare:app", port, BENCH_BARE_PAGE=str(page), WEB_WORKERS="1") as server:
        bare = _cost(server, "/", {}, OF_BARE) | {"bytes": len(thread)}
    ratio = round(pages["thread"]["cpu_ms"] / bare["cpu_ms"], 1)
    over = [
        f"{name}: {what}"
        for name, page in pages.items()
        for what, most in (BUDGET | HOME if name.startswith("home") else BUDGET).items()
        if page[what] > most
    ]
    return {"pages": pages, "over": over, "bare": bare, "thread_to_bare": ratio}


def filled() -> tuple[people.Person, UUID, UUID]:
    """A forum of three circles; returns a member of the first, the circle, and its thread of 50
    posts."""
    chance, span = Random(50), timedelta(days=365)  # noqa: S311  # nothing drawn is a secret
    companies = people.gather(3, 24, PASSWORD, chance)
    talk.hold(companies, 60, 240, span, chance, lambda: None)
    here = companies[0]
    thread_id = _long_thread(here, chance)
    for company in companies:
        build(company.circle_id)
    return here.people[1], here.circle_id, thread_id


def _long_thread(company: people.Company, chance: Random) -> UUID:
    told = next(each for each in stories.by_hand(chance) if each.wish is Wish.HEAR_ME_OUT)
    first, *others = company.people
    standing = enter(first.id, company.circle_id)
    words = Reflection(told.title, told.fields, told.template, first.mode, told.wish, told.notes)
    with unit_of_work():
        thread_id = posts.present(standing, new_id(), words).id
    texts = [each.text for each in stories.answers()]
    for place in range(POSTS - 1):
        person = others[place % len(others)]
        standing = enter(person.id, company.circle_id)
        said = ReplyWords(f"{texts[place % len(texts)]}\n\n{chance.choice(texts)}", person.mode)
        with unit_of_work():
            posts.reply(standing, thread_queries.thread(standing, thread_id), new_id(), said)
    return thread_id


def _away_for_a_week() -> people.Person:
    """A member of 20 circles with 500 new posts."""
    chance, week = Random(20), timedelta(days=7)  # noqa: S311  # nothing drawn is a secret
    with people.at(now() - 2 * week):
        companies = people.gather(CIRCLES, 3 * CIRCLES, PASSWORD, chance)
        busy = companies[0].people[2]
        for company in companies[1:]:
            with unit_of_work():
                circle = db.session.get_one(Circle, company.circle_id)
                join(circle, busy.id, busy.name, Role.MEMBER)
    others = [people.Company(each.circle_id, each.people[:2]) for each in companies]
    talk.hold(others, THREADS, REPLIES, week, chance, lambda: None)
    return busy


def _page(app: Flask, server: Server, browser: Browser, path: str) -> dict[str, float]:
    cost = _cost(server, path, browser.cookies)
    content, _ = browser.get(path)
    statements = _statements(app, path, browser.cookies)
    whole = len(content) + browser.files_of(content)
    sent = len(gzip.compress(content, compresslevel=1))
    sizes = {"bytes": len(content), "sent_bytes": sent, "visit_bytes": whole}
    return cost | sizes | {"statements": statements}


def _cost(server: Server, path: str, cookies: dict[str, str], times: int = 1) -> dict[str, float]:
    _tell(f"Asking for {path.split('/')[1] or 'a page'}.")
    hurry(server.port, path, cookies, WARM_UP, CONNECTIONS)
    rounds = [_round(server, path, cookies, REQUESTS * times) for _ in range(ROUNDS)]
    cpu_ms, rps = min(rounds)
    return {"cpu_ms": round(cpu_ms, 2), "rps": round(rps, 1)}


def _round(
    server: Server, path: str, cookies: dict[str, str], requests: int
) -> tuple[float, float]:
    """CPU milliseconds for each request, and requests a second."""
    before = server.cpu()
    seconds = hurry(server.port, path, cookies, requests, CONNECTIONS)
    return 1000 * (server.cpu() - before) / requests, requests / seconds


def _statements(app: Flask, path: str, cookies: dict[str, str]) -> int:
    said: list[str] = []
    client = app.test_client()
    for name, value in cookies.items():
        client.set_cookie(name, value)
    with app.app_context():
        engine = db.engine

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    client.get(path)  # warm up
    event.listen(engine, "before_cursor_execute", count)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", count)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code} in this process.")
    return len(said)


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
