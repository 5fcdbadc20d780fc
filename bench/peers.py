"""Cost of pages beside those of another forum: `python -m bench.peers NAME=FOLDER …` prints JSON.

{"forum", NAME, …: {"cpu_ms": {"home", "circle", "thread", "search", "reply", "found"},
                    "bytes": {…}, "memory_mb"}, "bare": {"cpu_ms": {"thread"}, "bytes": {"thread"}}}

NAME: a recipe of peers.toml. FOLDER holds `serve`, which starts that forum at $PORT, filled with
the texts that `python -m bench.peers --content` prints; docs/benchmarks/peers.md says how.

cpu_ms: CPU time of the server's processes for each act of a signed-in member, one at a time, each
over a connection of its own, in the calmest of several rounds; the forums take turns, since the
machine may be busy. reply: a form and its sending. found: a reply, and the search that finds it.
bytes: of the HTML; of a reply, its form. memory_mb: shared parts counted once. bare: a Flask view
returning the bytes of our thread.
"""

import json
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, cycle
from pathlib import Path
from random import Random
from string import ascii_lowercase
from tempfile import TemporaryDirectory
from typing import Any

from flask_migrate import upgrade

from bench.browser import Browser, Form
from bench.server import Server, free_port, running, started
from config import Config
from forum import create_app
from forum.circles.queries import enter
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts, thread_queries
from forum.discussions.composer import Reflection, ReplyWords
from forum.policy.terms import AuthorMode, Role
from forum.search.services import build
from forum.seeding import people, stories

RECIPES = Path(__file__).with_name("peers.toml")
MEMBERS, THREADS, POSTS = 20, 100, 20  # posts: of each thread
ROUNDS = 4
PAGES, WRITES = 100, 20  # acts of each kind, a round
WRITERS = 8  # a member may post 30 times an hour here
OF_BARE = 5  # times as many requests: the kernel counts hundredths of a second
MEASURED = THREADS // 2  # the thread that is read; others grow by replies
PASSWORD = "seven lanterns on a pier"  # noqa: S105  # of people who are gone in a minute
WORDS = "gannet turnstile"
HIT = "A gannet sat on the turnstile, and nobody minded."  # in one of 100 posts
SAID = "I slept on it twice."
LONGER = 0.6  # share of posts with a second text
WRITTEN = ("reply", "found")

Act = Callable[[], bytes]  # returns a page


@dataclass(frozen=True, slots=True)
class Text:
    """A post of the content. by: place of its writer among the people."""

    by: int
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A thread of the content, its opening first."""

    title: str
    posts: list[Text]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Paths and fields of a forum.

    {thread}, {query}, {text}, {name}, {address} and {password} in them are replaced.
    """

    sign_in: str
    account: dict[str, str]
    home: str
    circle: str
    thread: str
    search: str
    reply: str
    said: dict[str, str]
    asked: dict[str, str] = field(default_factory=dict)  # fields of a search that is sent as a form
    threads: tuple[str, ...] = tuple(str(number + 1) for number in range(THREADS))


def main() -> None:
    """Print the content, or all figures."""
    if sys.argv[1:] == ["--content"]:
        talks = [[talk.title, [[each.by, each.text] for each in talk.posts]] for talk in content()]
        print(json.dumps({"people": _people(), "password": PASSWORD, "threads": talks}))
        return
    others = dict(each.split("=", 1) for each in sys.argv[1:])
    with TemporaryDirectory() as folder:
        figures = measured(Path(folder), {name: Path(path) for name, path in others.items()})
    print(json.dumps(figures))


def content() -> list[Talk]:
    """Threads for any forum: posts of about 90 words, from the texts of invented people."""
    chance = Random(90)  # noqa: S311  # nothing drawn is a secret
    stock, number = stories.Stock(chance), count()
    told = [stock.story() for _ in range(THREADS * POSTS)]
    short = [each.text for each in stories.answers()]
    talks = []
    for place in range(THREADS):
        some, texts = told[place * POSTS : (place + 1) * POSTS], []
        for story in some:
            parts = [story.fields["story"]]
            parts += [stock.pick(short)] if chance.random() < LONGER else []
            parts += [HIT] if next(number) % 100 == 0 else []
            texts.append(Text(chance.randrange(MEMBERS), "\n\n".join(parts)))
        talks.append(Talk(some[0].title, texts))
    return talks


def measured(folder: Path, others: dict[str, Path]) -> dict[str, Any]:
    """All figures; others: folders of forums beside ours, by name."""
    recipes = tomllib.loads(RECIPES.read_text())
    with ExitStack() as stack:
        ports = {name: free_port() for name in ("forum", *others)}
        settings = {"FORUM_INSTANCE": str(folder / "instance"), "WEB_WORKERS": "1"}
        settings["SITE_URL"] = f"http://127.0.0.1:{ports['forum']}"
        ours, writers = filled(folder / "instance")
        known = {"forum": ours} | {name: Recipe(**recipes[name]) for name in others}
        servers = {"forum": stack.enter_context(running("wsgi:app", ports["forum"], **settings))}
        for name, path in others.items():
            begun = started(["./serve"], ports[name], path)
            servers[name] = stack.enter_context(begun)
        acts = {name: dict(_acts(recipe, ports[name], writers)) for name, recipe in known.items()}
        page = folder / "thread.html"
        acts["forum"]["thread"]()  # a first visit, which marks what is unread
        page.write_bytes(acts["forum"]["thread"]())
        port = free_port()
        bare = running("bench.bare:app", port, BENCH_BARE_PAGE=str(page), WEB_WORKERS="1")
        servers["bare"] = stack.enter_context(bare)
        acts["bare"] = {"thread": lambda: Browser(f"http://127.0.0.1:{port}").get("/")[0]}
        return _figures(servers, acts)


def filled(instance: Path) -> tuple[Recipe, list[people.Person]]:
    """A forum of ours with the content; returns its recipe, and people who write."""
    app = create_app(Config(instance))
    with app.app_context():
        upgrade()
        chance = Random(90)  # noqa: S311  # nothing drawn is a secret
        [company] = people.gather(1, MEMBERS, PASSWORD, chance)
        begun = now() - timedelta(days=THREADS + 1)
        ids = [
            _held(company, talk, begun + timedelta(days=place))
            for place, talk in enumerate(content())
        ]
        build(company.circle_id)
    here = f"/circles/{company.circle_id}"
    plain = (Role.MEMBER, AuthorMode.OWN_NAME)
    writers = [each for each in company.people if (each.role, each.mode) == plain]
    recipe = Recipe(
        sign_in="/sign-in",
        account={"email": "{address}", "password": "{password}"},
        home="/",
        circle=f"{here}/",
        thread=f"{here}/threads/{{thread}}",
        search="/search?q={query}",
        reply=f"{here}/threads/{{thread}}/answer",
        said={"body": "{text}", "do": "own_name"},
        threads=tuple(ids),
    )
    return recipe, writers[:WRITERS]


def _held(company: people.Company, talk: Talk, begun: datetime) -> str:
    first, *others = talk.posts
    presenter = company.people[first.by]
    with people.at(begun):
        standing = enter(presenter.id, company.circle_id)
        words = Reflection(talk.title, {"story": first.text}, mode=presenter.mode)
        with unit_of_work():
            thread_id = posts.present(standing, new_id(), words).id
    for place, said in enumerate(others):
        person = company.people[said.by]
        with people.at(begun + timedelta(hours=1 + place)):
            standing = enter(person.id, company.circle_id)
            reply = ReplyWords(said.text, person.mode)
            with unit_of_work():
                thread = thread_queries.thread(standing, thread_id)
                posts.reply(standing, thread, new_id(), reply)
    return str(thread_id)


def _people() -> list[dict[str, str]]:
    names = stories.names()[:MEMBERS]
    return [
        {"name": name, "address": f"{name.lower().replace(' ', '.')}@example.org"} for name in names
    ]


def _acts(recipe: Recipe, port: int, writers: list[people.Person]) -> Iterator[tuple[str, Act]]:
    """Acts of signed-in members, by name."""
    browsers = []
    for writer in writers:
        browser = Browser(f"http://127.0.0.1:{port}")
        account = _with(recipe.account, name=writer.name, address=writer.address, password=PASSWORD)
        _, home = browser.send(recipe.sign_in, _form(browser, recipe.sign_in) | account)
        if not home:
            raise RuntimeError(f"{writer.address} could not sign in.")
        browser.get(home)
        browsers.append(browser)
    reader, turns = browsers[0], cycle(browsers)
    others = cycle(each for place, each in enumerate(recipe.threads) if place != MEASURED)
    numbers = count()
    token = _form(reader, recipe.search) if recipe.asked else {}

    def search(query: str, by: Browser = reader) -> bytes:
        path = recipe.search.format(query=query.replace(" ", "+"))
        if recipe.asked:
            return by.send(path, token | _with(recipe.asked, query=query))[0]
        return by.get(path)[0]

    def reply(word: str = "") -> bytes:
        browser = next(turns)
        form, path = browser.get(recipe.reply.format(thread=next(others)))
        said = _with(recipe.said, text=f"{word} {SAID}".strip())
        _, sent = browser.send(path, Form(form.decode()).values | said)
        if not sent:
            raise RuntimeError(f"A reply at {path} was not taken.")
        return form

    def found() -> bytes:
        tens, ones = divmod(next(numbers), 26)
        word = f"quillon{ascii_lowercase[tens]}{ascii_lowercase[ones]}"
        reply(word)
        page = search(word)
        if SAID.encode() not in page:
            raise RuntimeError(f"{word} was not found.")
        return page

    thread = recipe.thread.format(thread=recipe.threads[MEASURED])
    yield "home", lambda: reader.get(recipe.home)[0]
    yield "circle", lambda: reader.get(recipe.circle)[0]
    yield "thread", lambda: reader.get(thread)[0]
    yield "search", lambda: search(WORDS)
    yield "reply", reply
    yield "found", found


def _form(browser: Browser, path: str) -> dict[str, str]:
    return Form(browser.get(path)[0].decode()).values


def _with(fields: dict[str, str], **values: str) -> dict[str, str]:
    return {name: text.format(**values) for name, text in fields.items()}


def _figures(servers: dict[str, Server], acts: dict[str, dict[str, Act]]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, some in acts.items():
        figures[name] = {"bytes": _sizes(some), "cpu_ms": {}}
    for place in range(ROUNDS):
        for name, some in acts.items():
            _tell(f"Round {place + 1} of {ROUNDS}: {name}.")
            least = figures[name]["cpu_ms"]
            for act, do in some.items():
                times = WRITES if act in WRITTEN else PAGES * (OF_BARE if name == "bare" else 1)
                spent = _cpu_ms(servers[name], do, times)
                least[act] = round(min(spent, least.get(act, spent)), 2)
    for name in set(acts) - {"bare"}:  # which loads our libraries for one view
        figures[name]["memory_mb"] = round(servers[name].memory_mb())
    return figures


def _sizes(acts: dict[str, Act]) -> dict[str, int]:
    for act in acts.values():
        act()  # warm up
    return {name: len(act()) for name, act in acts.items()}


def _cpu_ms(server: Server, act: Act, times: int) -> float:
    before = server.cpu()
    for _ in range(times):
        act()
    return 1000 * (server.cpu() - before) / times


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
