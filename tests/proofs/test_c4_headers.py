"""C4. What every answer says besides its page: what it may load, and that it is kept nowhere."""

import pytest

from forum.web.headers import HEADERS
from tests.world import World


@pytest.mark.parametrize("who", ["ray", "sol", None])
def test_headers(world, routes, who):
    """Fails when headers are added by views, or before errors are made into pages."""
    client = world.client(who)
    answers = [client.open(url, method=method) for _, method, url in routes]  # some without a token
    answers += [client.get("/no/such/page"), client.put("/sign-in")]

    for answer in answers:
        assert HEADERS.items() <= dict(answer.headers).items()
        assert not {"ETag", "Last-Modified", "Server"}.intersection(dict(answer.headers)) or (
            answer.request.path.startswith("/static/")
        )
    assert {answer.status_code for answer in answers} >= {200, 400 if who else 303}


def test_every_refusal_carries_them_too(tmp_path):
    """Fails when an error page of ours is made by the server and not by us."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    world.app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    ray = world.client("ray")
    copies = [ray.submit("/account/words") for _ in range(4)]  # three a day may be taken along

    answers = {
        404: ray.get("/no/such/page"),
        405: ray.put("/account"),
        413: ray.post(f"{world.thread}/answer/x", data={"body": "x" * 300_000}),
        414: ray.get("/" + "x" * 3000),
        429: copies[-1],
        500: ray.get("/broken"),
    }

    for status, answer in answers.items():
        assert answer.status_code == status
        assert HEADERS.items() <= dict(answer.headers).items()
        assert answer.headers["Cache-Control"] == "no-store"
        assert not {"ETag", "Last-Modified"}.intersection(dict(answer.headers))


def test_a_page_may_load_from_here_alone_and_nothing_inline(world):
    said = world.client().get("/sign-in").headers["Content-Security-Policy"]

    assert dict(part.split(" ", 1) for part in said.split("; ")) == {
        "default-src": "'none'",
        **{
            f"{kind}-src": "'self'"
            for kind in ("script", "style", "img", "font", "connect", "manifest")
        },
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
