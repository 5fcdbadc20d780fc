"""A quotation holds text as displayed, line by line, and survives unrelated edits."""

import re

import pytest

from forum.core.errors import InvalidInput
from forum.core.tokens import short_id
from forum.discussions.composer import Quoted
from tests.markup.reading import layout
from tests.page import Page

ROWS = "Drug\tMorning\tNight\nAmlodipine\t5 mg\t\nRamipril\t\t10 mg"
CHART = f"Now:\n\n{ROWS}\n\n1. Not **both**\n2. Bloods"
SHOWN = f"Now:\n\n{ROWS}\n\n1. Not both\n2. Bloods"


def offered(world, who, post_id):
    """The composer quoting a post, and the excerpt it offers."""
    client = world.client(who)
    composer = client.submit(f"{world.thread}/posts", quote=short_id(post_id)).location
    return composer, Page(client.get(composer)).field("excerpt").value


def quoted(world):
    page = world.client("mo").get(world.thread).text
    [excerpt] = re.findall(r'<div class="excerpt"[^>]*>(.*?)</div>', page, re.S)
    return layout(re.sub(r">\s+<", "><", excerpt.strip()))


def edit(world, who, post_id, body):
    url = world.url("discussions.edit", who=who, post_id=post_id)
    client = world.client(who)
    assert client.post(url, data=client.tokens(url) | {"body": body}).status_code == 303


def test_excerpt_is_offered_as_displayed(world):
    """Fails when the Markdown source is offered, asterisks included."""
    chart = world.reply("fay", CHART)

    assert offered(world, "ray", chart)[1] == SHOWN


def test_quoted_chart_line_keeps_its_columns(world):
    chart, client = world.reply("fay", CHART), world.client("ray")
    composer, _ = offered(world, "ray", chart)
    words = {
        "excerpt": "Drug\tMorning\tNight\r\n\u2026\r\nRamipril\t\t10 mg",
        "body": "At night?",
        "quoted": chart,
    }

    sent = client.post(composer, data=client.tokens(composer) | words | {"do": "own_name"})

    assert sent.status_code == 303
    hours, dose = [["Drug", "Morning", "Night"]], [["Ramipril", "", "10 mg"]]
    assert quoted(world) == [("table", hours), ("p", ["\u2026"]), ("table", dose)]


@pytest.mark.parametrize(
    "excerpt", ["Not both", "Not **both**", "2. Bloods", "Amlodipine 5 mg", "Not\u2026 Bloods"]
)
def test_excerpt_from_page_or_source_is_accepted(world, excerpt):
    chart = world.reply("fay", CHART)

    world.reply("ray", "Yes", quoted=Quoted(chart, excerpt))

    assert quoted(world) == [("p", [excerpt])]


@pytest.mark.parametrize("excerpt", ["Not both now", "0 mg", "Ramipril 5 mg", "3. Bloods"])
def test_excerpt_with_other_words_is_refused(world, excerpt):
    chart = world.reply("fay", CHART)

    with pytest.raises(InvalidInput):
        world.reply("ray", "Yes", quoted=Quoted(chart, excerpt))


def test_unrelated_edit_keeps_the_quotation(world):
    chart = world.reply("fay", CHART)
    world.reply("ray", "Yes", quoted=Quoted(chart, "1. Not both\n2. Bloods"))

    edit(world, "fay", chart, "Now:\n\n1. Rest\n2. Not *both*\n3. Bloods")

    assert quoted(world) == [("p", ["1. Not both", "2. Bloods"])]


def test_editing_the_quoted_dose_deletes_the_quotation(world):
    dose = world.reply("fay", "Give 10 mg, then rest")
    world.reply("ray", "Yes", quoted=Quoted(dose, "10 mg, then rest"))

    edit(world, "fay", dose, "Give 110 mg, then rest")

    assert 'class="excerpt"' not in world.client("mo").get(world.thread).text


def test_chart_with_empty_first_cell_keeps_columns(world):
    """Fails when tabs are stripped from the start of a text."""
    client = world.client("ray")

    client.answer(world.thread, body="\tAM\tPM\r\nAlpha\t\t5 mg\r\nBeta\t1\t\r\n", do="own_name")

    page = client.get(world.thread).text
    [table] = re.findall(r"<table.*?</table>", page)
    assert layout(table) == [
        ("table", [["", "AM", "PM"], ["Alpha", "", "5 mg"], ["Beta", "1", ""]])
    ]


@pytest.mark.parametrize("page", ["/circles/{}/write", "{}/answer"])
def test_composer_shows_formatting_help(world, page):
    url = page.format(world.thread if page.startswith("{}/a") else world.ids["rose"])
    client = world.client("ray")
    sent = client.get(url)
    shown = Page(client.get(sent.location) if sent.location else sent)

    [help_text] = [
        each for each in shown.all("details") if each.text.startswith("How to write lists")
    ]
    assert len(help_text.all("li")) == 6


def test_name_of_any_script_keeps_date_position(world):
    page = Page(world.client("mo").get(world.thread))

    assert page.one("bdi", cls="post-author").text == "Dr Pru"
