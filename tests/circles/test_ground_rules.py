"""The ten ground rules: a version for their wording, which every member agrees to."""

from hashlib import sha256

from forum.circles import ground_rules
from tests.page import Page

WORDING = {  # version: digest of the wording; a new wording takes a new version, none is edited
    1: "af1a3d32475e97ac28788b9dfbd7c198d34cef9a1cc3e961642f0069a6d93d30",
    2: "f174eb098e23e69904c6999bf3fed18819063e57d3c11384e00d4adb125d6565",
}


def test_a_new_wording_takes_a_new_version(world):
    """Fails when a rule is reworded and nobody would be asked to agree to it."""
    with world.app.test_request_context():
        wording = "\n".join(f"{each.heading} {each.sentence}" for each in ground_rules.TEN)

    assert sha256(wording.encode()).hexdigest() == WORDING[ground_rules.VERSION]
    assert max(WORDING) == ground_rules.VERSION


def test_a_new_version_asks_every_member(world, monkeypatch):
    with world.app.app_context():
        assert world.standing("ray").agreed
    monkeypatch.setattr(ground_rules, "VERSION", 3)
    rules = f"/circles/{world.ids['rose']}/rules"
    ray, page = world.client("ray"), Page(world.client("ray").get(rules))
    with world.app.app_context():
        assert not world.standing("ray").agreed

    ray.post(f"{rules}/agree", data=ray.tokens(rules) | {"rules": page.field("rules").value})

    with world.app.app_context():
        assert world.standing("ray").agreed
        assert not world.standing("fay").agreed
