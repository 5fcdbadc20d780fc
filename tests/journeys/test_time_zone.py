"""The time zone that a device is set to, offered where a script runs."""

from tests.journeys.visitor import PHONE


def test_the_zone_of_the_device_is_taken_by_one_press(forum, visit):
    ray = visit(forum, size=PHONE, zone="Pacific/Auckland")
    ray.sign_in("ray")
    ray.open("/account")
    assert "Time zone of your device: Pacific/Auckland" in ray.words
    for place in ("", "?region=Pacific"):
        ray.open(f"/account/timezone{place}")

    ray.press("Use this time zone")

    assert "Time zone saved." in ray.words
    assert "Auckland (Pacific)" in ray.words
    assert "Time zone of your device" not in ray.words
    ray.open("/account/timezone")
    assert "Time zone of your device" not in ray.words
    ray.look()


def test_without_script_regions_lead_to_places(forum, visit):
    joe = visit(forum, size=PHONE, scripts=False, zone="Pacific/Auckland")
    joe.sign_in("joe")
    joe.open("/account/timezone")
    assert "Time zone of your device" not in joe.words

    joe.follow("Pacific Ocean")
    joe.page.select_option("select[name=timezone]", "Pacific/Auckland")
    joe.press("Save time zone")

    assert "Auckland (Pacific)" in joe.words
