"""Address lists as mail programs copy them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.circles import invitations
from forum.circles.address_lists import parsed
from tests.circles import ways
from tests.circles.test_invite import press
from tests.page import Page

A, B = "a@nhs.example", "b@nhs.example"
COPIED = {
    "names and brackets": f'Ana Li <{A}>; "Bo, Dr" <{B}>',
    "Outlook": f"Patel, Anna <{A}>; Okoro, Sam <{B}>",
    "Outlook, with commas": f"Patel, Anna <{A}>, Okoro, Sam <{B}>",
    "Outlook, quoted": f"'{A}' <{A}>; '{B}' <{B}>",
    "Gmail": f"Anna Patel <{A}>, {B}",
    "Apple Mail": f"Anna Patel <{A}>,\n Sam Okoro <{B}>",
    "quotes in quotes": f'"Anna \\"the\\" Patel; x" <{A}>, {B}',
    "brackets alone": f"<{A}><{B}>",
    "links": f"mailto:{A}, mailto:{B}?subject=Hello",
    "sentence ends": f"{A}, {B}.",
    "a spreadsheet": f"Anna Patel\t{A}\r\nSam Okoro\t{B}",
    "numbered": f"1. {A}\n2) {B}",
    "comments": f"{A} (work)\n{B} (home, evenings)",
    "a group": f"Tuesday: {A}, {B};",
    "spaces": f"{A}   {B}",
    "full quotes": f"“{A}”, \u2018{B}\u2019",
}
FAULTY = {
    f"{A}, nobody": ["nobody"],
    f"{A}\nSam Okoro\n{B}": ["Sam Okoro"],
    f"{A} and more": ["and", "more"],
    f"{A}, ana.example.org {B}": ["ana.example.org"],
    f"{A}; bo@, @cy, {B}": ["bo@", "@cy"],
    "Patel, Anna": ["Patel", "Anna"],
}


@pytest.mark.parametrize("text", COPIED.values(), ids=COPIED)
def test_lists_of_mail_programs_are_understood(world, text):
    with world.app.test_request_context():
        assert invitations.addresses(text) == [A, B]


@pytest.mark.parametrize(("text", "wrong"), FAULTY.items())
def test_every_part_without_an_address_is_named(world, text, wrong):
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    client, url = world.client("mo"), f"/circles/{world.ids['rose']}/invite"

    refused = press(client, url, by="mail", addresses=text)

    assert refused.status_code == 422
    assert ", ".join(f"“{each}”" for each in wrong) in Page(refused).error("addresses")
    assert Page(refused).field("addresses").value == text
    assert ways.letters(world) == []


@given(st.lists(st.sampled_from(["Ana", "Bo,", ";", "<", ">", '"', A, B, "\n", "(", ")", "x.org"])))
def test_no_address_is_lost(parts):
    text = " ".join(parts)
    found, _ = parsed(text)

    assert {each for each in parts if "@" in each} == set(found)
