"""Choosing a time zone: a region, then a place; no script needed."""

from forum.web.zones import REGIONS, ZONES, places
from tests.page import Page

URL = "/account/timezone"


def test_regions_lead_to_their_places(world):
    client = world.client("ray")
    page = Page(client.get(URL))
    links = [each["href"] for each in page.all("a") if "?region=" in each["href"]]

    assert links == [f"{URL}?region={region}" for region in REGIONS]
    assert not page.all("select")
    for link in links:
        names = [each["value"] for each in Page(client.get(link)).one("select").all("option")]
        assert names[0] == "Europe/Amsterdam" if "Europe" in link else names.pop(0) == ""
        assert names
        assert {name.partition("/")[0] for name in names} == {link.partition("=")[2]}


def test_every_zone_of_a_region_is_offered_once():
    offered = [name for region in REGIONS for name in places(region)]

    assert sorted(offered) == sorted(ZONES)


def test_the_chosen_place_is_selected_and_its_time_said(world):
    client = world.client("ray")
    client.submit(URL, timezone="Asia/Kolkata")

    page = client.get(f"{URL}?region=Asia")

    assert Page(page).one("select").value == "Asia/Kolkata"
    assert "Now: Kolkata (Asia), where it is 15:50." in page.text
    assert "Kolkata (Asia)" in client.get("/account").text


def test_an_unknown_region_shows_the_regions(world):
    assert "Choose a region" in world.client("ray").get(f"{URL}?region=<b>Mars").text
