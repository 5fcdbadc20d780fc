"""A reply quotes what its reader saw, shows it line by line, and keeps it over unrelated edits."""

import html
import re

import pytest

from forum.core.errors import InvalidInput
from forum.discussions.composer import Quoted
from tests.markup.reading import layout

ROWS = "Drug\tMorning\tNight\nAmlodipine\t5 mg\t\nRamipril\t\t10 mg"
CHART = f"Now:\n\n{ROWS}\n\n1. Not **both**\n2. Bloods"
SHOWN = f"Now:\n\n{ROWS}\n\n1. Not both\n2. Bloods"


def offered(world, who, post_id):
    """The composer that quotes a post, and the excerpt it offers."""
    client = world.client(who)
    composer = client.submit(f"{world.thread}/quote", post=post_id).location
    [excerpt] = re.findall(
        r'name="excerpt"[^>]*>\r?\n(.*?)</textarea>', client.get(composer).text, re.S
    )
    return composer, html.unescape(excerpt)


def quoted(world):
    page = world.client("mo").get(world.thread).text
    [excerpt] = re.findall(r'<div class="excerpt"[^>]*>(.*?)</div>', page, re.S)
    return layout(re.sub(r">\s+<", "><", excerpt.strip()))


def edit(world, who, post_id, body):
    url = world.url("discussions.edit", who=who, post_id=post_id)
    client = world.client(who)
    assert client.post(url, data=client.tokens(url) | {"body": body}).status_code == 303


def test_a_quotation_is_offered_as_the_page_shows_it(world):
    """Fails when the source is offered, stars and all."""
    chart = world.reply("fay", CHART)

    assert offered(world, "ray", chart)[1] == SHOWN


def test_a_line_of_a_pasted_chart_is_quoted_under_its_hours(world):
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
def test_words_copied_from_the_page_or_typed_are_taken(world, excerpt):
    chart = world.reply("fay", CHART)

    world.reply("ray", "Yes", quoted=Quoted(chart, excerpt))

    assert quoted(world) == [("p", [excerpt])]


@pytest.mark.parametrize("excerpt", ["Not both now", "0 mg", "Ramipril 5 mg", "3. Bloods"])
def test_words_that_were_not_written_are_refused(world, excerpt):
    chart = world.reply("fay", CHART)

    with pytest.raises(InvalidInput):
        world.reply("ray", "Yes", quoted=Quoted(chart, excerpt))


def test_an_unrelated_edit_leaves_the_quotation(world):
    chart = world.reply("fay", CHART)
    world.reply("ray", "Yes", quoted=Quoted(chart, "1. Not both\n2. Bloods"))

    edit(world, "fay", chart, "Now:\n\n1. Rest\n2. Not *both*\n3. Bloods")

    assert quoted(world) == [("p", ["1. Not both", "2. Bloods"])]


def test_an_edit_of_the_quoted_dose_ends_the_quotation(world):
    dose = world.reply("fay", "Give 10 mg, then rest")
    world.reply("ray", "Yes", quoted=Quoted(dose, "10 mg, then rest"))

    edit(world, "fay", dose, "Give 110 mg, then rest")

    assert 'class="excerpt"' not in world.client("mo").get(world.thread).text


def test_a_chart_whose_first_cell_is_empty_keeps_its_columns(world):
    """Fails when blanks around a text are taken off it, tabs and all."""
    client = world.client("ray")

    client.answer(world.thread, body="\tAM\tPM\r\nAlpha\t\t5 mg\r\nBeta\t1\t\r\n", do="own_name")

    page = client.get(world.thread).text
    [table] = re.findall(r"<table.*?</table>", page)
    assert layout(table) == [
        ("table", [["", "AM", "PM"], ["Alpha", "", "5 mg"], ["Beta", "1", ""]])
    ]


@pytest.mark.parametrize("page", ["/circles/{}/write", "{}/answer"])
def test_how_to_write_stands_beside_the_composer(world, page):
    url = page.format(world.thread if page.startswith("{}/a") else world.ids["rose"])
    client = world.client("ray")
    sent = client.get(url)
    shown = client.get(sent.location).text if sent.location else sent.text

    [help_text] = re.findall(
        r"How to write lists, quotes and links</summary>.*?</details>", shown, re.S
    )
    assert help_text.count("<li>") == 6


def test_a_name_of_any_script_leaves_the_date_where_it_was(world):
    page = world.client("mo").get(world.thread).text

    assert re.search(r'<bdi><span class="post-author">Dr Pru</span></bdi> \u00b7', page)
