import pytest
from flask import request

from config import ProductionConfig, TestConfig
from forum import create_app
from forum.web.headers import HEADERS
from tests.world import TOKEN


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (lambda c: c.get("/" + "x" * 2000), 414),
        (lambda c: c.get("/account?" + "x" * 2000), 414),
        (lambda c: c.get("/circles/" + "é" * 1000 + "/"), 414),
        (lambda c: c.post("/sign-out", data={"x": "y" * 300_000}), 413),
        (lambda c: c.post("/sign-out", data={f"f{n}": "" for n in range(200)} | BIG), 413),
        (lambda c: c.post("/sign-in", data={f"f{n}": "x" for n in range(120)}, **PARTS), 413),
        (lambda c: c.delete("/sign-in"), 405),
        (lambda c: c.get("/sign-out"), 405),
    ],
    ids=["path", "query", "other letters", "body", "memory", "parts", "method", "no page"],
)
def test_refused_requests_get_a_plain_page_with_headers(world, ask, status):
    answer = ask(world.client("ray"))

    assert answer.status_code == status
    assert HEADERS.items() <= dict(answer.headers).items()
    assert not TOKEN.search(answer.text)


BIG = {"email": "x" * 270_000}
PARTS = {"content_type": "multipart/form-data"}


def test_a_url_may_have_2000_characters(world):
    path = "/account?"
    assert world.client("ray").get(path + "x" * (2000 - len(path))).status_code == 200


def test_a_search_url_may_be_longer(world):
    assert world.client("ray").get("/search?q=" + "x" * 2500).status_code != 414


def test_foreign_hosts_are_refused(world):
    world.app.config["HOSTS"] = ("forum.example",)
    client = world.client()

    assert client.get("/sign-in", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/sign-in", headers={"Host": "forum.example"}).status_code == 200


def test_production_restricts_the_host(tmp_path, monkeypatch):
    monkeypatch.setattr(ProductionConfig, "SITE_URL", "https://forum.example")

    assert ProductionConfig(tmp_path).HOSTS[0] == "forum.example"


@pytest.mark.parametrize(("hops", "told"), [(0, "127.0.0.1"), (1, "192.0.2.7")])
def test_forwarded_headers_need_a_trusted_proxy(tmp_path, hops, told):
    config = TestConfig(tmp_path)
    config.TRUSTED_PROXIES = hops
    app, met = create_app(config), []

    @app.before_request
    def look():
        met.append((request.remote_addr, request.host))

    heads = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7", "X-Forwarded-Host": "evil.example"}
    app.test_client().get("/static/icon.svg", headers=heads).close()

    assert met == [(told, "localhost")]
