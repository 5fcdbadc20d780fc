"""C4. What every answer says besides its page: what it may load, and that it is kept nowhere."""

import pytest

from tests.world import World

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self';"
    " connect-src 'self'; form-action 'self'; manifest-src 'self'; base-uri 'none';"
    " frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {  # written out once more: to ask the code what it sends would find nothing missing
    "Content-Security-Policy": CSP,
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), browsing-topics=()",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
FILES = ("/static/", "/sheet/")  # addressed by their content, so browsers may keep them


@pytest.mark.parametrize("who", ["ray", "sol", None])
def test_headers(world, routes, who):
    """Fails when one of them is not sent, or not with answers that refuse."""
    client = world.client(who)
    answers = [client.open(url, method=method) for _, method, url in routes]  # some without a token
    answers += [client.get("/no/such/page"), client.put("/sign-in")]

    for answer in answers:
        assert HEADERS.items() <= sent(answer).items(), answer.request.path
        if not answer.request.path.startswith(FILES):
            assert answer.headers["Cache-Control"] == "no-store", answer.request.path
            assert not {"ETag", "Last-Modified"} & {*sent(answer)}, answer.request.path
    assert {answer.status_code for answer in answers} >= {200, 400 if who else 303}


def test_every_refusal_carries_them_too(tmp_path):
    """Fails when they are left out of what refuses, or when an error is left to the framework."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    world.app.add_url_rule("/broken", "broken", lambda: 1 / 0)
    ray = world.client("ray")
    copies = [ray.submit("/account/words") for _ in range(4)]  # three a day may be taken along

    answers = {
        400: ray.post("/account/timezone"),
        404: ray.get("/no/such/page"),
        405: ray.put("/account"),
        413: ray.post(f"{world.thread}/answer/x", data={"body": "x" * 3_000_000}),
        414: ray.get("/" + "x" * 3000),
        429: copies[-1],
        500: ray.get("/broken"),
    }

    for status, answer in answers.items():
        assert answer.status_code == status
        assert HEADERS.items() <= sent(answer).items(), status
        assert answer.headers["Cache-Control"] == "no-store"
        assert not {"ETag", "Last-Modified"} & {*sent(answer)}
        assert 'href="/"' in answer.text, status  # a way on


def sent(answer):
    """The headers of an answer; of each there is one, but for cookies."""
    names = [name for name, _ in answer.headers if name != "Set-Cookie"]
    assert len(names) == len({*names}), names
    return dict(answer.headers)
