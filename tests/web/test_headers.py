"""What every answer says besides its page; that each carries it, tests/test_doors.py shows."""


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
