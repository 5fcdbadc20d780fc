"""For my appraisal: choosing, checking, and the files, read back."""

import csv
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from fcntl import LOCK_EX, flock
from io import BytesIO, StringIO

import pytest
from pypdf import PdfReader

from forum.core.db import db, unit_of_work
from forum.core.errors import Busy
from forum.learning import exports, services
from forum.learning import pdf as pdf_process
from forum.learning.appraisal_records import entry, hours, parts, record
from forum.learning.models import LearningNote
from forum.learning.note_content import NoteContent
from forum.learning.note_keys import NoteKeys
from forum.learning.queries import Note
from forum.learning.schemes import scheme
from tests.learning.test_pages import WORDS, kept, write
from tests.page import Page
from tests.world import World

MANY = 500 if os.environ.get("PROOF") else 60  # notes of a record
UK, AU, CA = scheme("uk_appraisal"), scheme("au_cpd"), scheme("ca_mainpro")
DAY = date(2026, 5, 12)
MEASURED = """
import resource, subprocess, sys
made = subprocess.run(sys.argv[1:], stdin=sys.stdin, capture_output=True, check=True).stdout
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, len(made))
"""


def note(number=0, **fields):
    return Note(number, NoteContent(**{"learned": "To wait", "day": DAY, "title": "Peer"} | fields))


def look(client, *numbers, **fields):
    return client.submit("/learning/appraisal", scheme="uk_appraisal", notes=[*numbers], **fields)


def download(client, page, kind="pdf 0", **answers):
    """The file of a button on the page of checking."""
    sent = {
        each["name"]: each.value
        for each in Page(page).all("input", type="hidden")
        if each["name"] != "notes"
    }
    numbers = [each.value for each in Page(page).all("input", name="notes")]
    sent |= {"notes": numbers, "file": kind} | answers
    return client.post("/learning/appraisal/file", data=sent)


def test_a_run_of_letters_may_be_broken(world):
    """Fails when fitting 20,000 letters to a line takes the square of their number."""
    with world.app.test_request_context():
        html = exports.record_page(record([note(learned="w" * 20_000)], UK))

    assert max(map(len, re.findall("w+", html))) == 200
    assert html.count("w" * 200) == 100


def test_what_was_ticked_for_another_country_is_left_out(world):
    """Fails when whoever moved takes the words of one scheme into the record of another."""
    ticked = note(scheme="au_cpd", ticks=("professionalism",))
    placed = note(scheme="uk_appraisal", domain="trust")
    with world.app.test_request_context():
        assert entry(ticked, AU).ticks == ("Professionalism",)
        assert entry(ticked, UK).ticks == entry(ticked, CA).ticks == ()
        assert entry(placed, UK).domain == "Trust and professionalism"
        assert entry(placed, AU).domain == entry(placed, CA).domain == ""


def test_a_record_is_in_the_order_of_its_days(world):
    days = [date(2026, 5, 12), date(2025, 7, 1), date(2026, 1, 30), date(2025, 7, 1)]
    with world.app.test_request_context():
        made = record([note(number, day=day) for number, day in enumerate(days)][::-1], UK)

    assert [each.number for each in made.entries] == [1, 3, 2, 0]


def text_of(reader):
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def tags_of(node):
    """Roles in a PDF's structure tree."""
    return [each["/S"] for each in elements_of(node)]


def elements_of(node, found=None):
    """Elements of a PDF's structure tree."""
    found = [] if found is None else found
    node = node.get_object()
    if not isinstance(node, dict):
        return found
    if "/S" in node:
        found.append(node)
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        if not isinstance(kid, int):
            elements_of(kid, found)
    return found


def test_a_thread_becomes_an_appraisal_pdf_in_five_presses(world):
    """Keep what you learned, Save, For my appraisal, Check, Download."""
    client = world.client("ray")
    saved = client.get(kept(client, world).location)
    choose = client.get(Page(saved).link("For my appraisal")["href"])
    ticked = [
        each.value
        for each in Page(choose).all("input", name="notes")
        if "checked" in each.attributes
    ]
    page = look(client, *ticked)

    file = download(client, page)

    assert ticked == ["0"]
    assert file.mimetype == "application/pdf"
    assert file.headers["Content-Disposition"] == "attachment; filename=peer-reflection-2026.pdf"
    assert file.headers["Cache-Control"] == "no-store"
    reader = PdfReader(BytesIO(file.data))
    for word in ("Peer reflection, 2026", *WORDS.values(), "Continuing professional development"):
        assert word in text_of(reader)


def test_a_pdf_is_tagged_named_and_in_its_language(world):
    with world.app.test_request_context():
        file = exports.exported(record([note(minutes=25)], UK), exports.Format.PDF)

    reader = PdfReader(BytesIO(file.content))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en-GB"
    assert reader.metadata.title == "Peer reflection, 2026"
    assert reader.metadata.keys() <= {"/Title", "/Producer"}
    tags = tags_of(root["/StructTreeRoot"])
    assert {"/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/TD"} <= set(tags)
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()
    headers = [each for each in elements_of(root["/StructTreeRoot"]) if each["/S"] == "/TH"]
    assert headers
    assert {each["/A"]["/Scope"] for each in headers if "/A" in each} == {"/Column"}


NAMES = "Łukasz Dŵr Siân żółć 😀 ≥ 38.5 °C, 2–3 mg\n\nשלום\n\nالسلام"


def test_a_pdf_has_letters_of_many_languages(world):
    """Fails where a font lacks a sign: it would read back as nothing, or as another."""
    with world.app.test_request_context():
        file = exports.exported(record([note(learned=NAMES)], UK), exports.Format.PDF)

    read = text_of(PdfReader(BytesIO(file.content)))
    assert exports._direction("— שלום, hello") == "rtl"
    for word in ("Łukasz", "Dŵr", "Siân", "żółć", "😀", "≥ 38.5 °C", "2–3 mg"):
        assert word in read
    assert set("שלוםالسلام") <= set(read)


@pytest.mark.leaks
@pytest.mark.parametrize("kind", ["pdf 0", "md 0", "csv 0"])
def test_no_export_holds_anything_of_circle_thread_or_others(world, kind):
    """Fails when a note stores where it was written, and an export says so."""
    world.reply("fay", "Somebody else's words, redshank")
    client = world.client("ray")
    kept(client, world)

    file = download(client, look(client, 0), kind)

    told = text_of(PdfReader(BytesIO(file.data))) if kind[:3] == "pdf" else file.text
    raw = file.data
    assert WORDS["learned"] in told.replace("\\", "")
    canaries = ["Rose", "Torn between two", "A hard morning", "redshank", "Dr Fay", "Dr Pru"]
    canaries += ["Dr Ray", "ray@example.org", "Kettle", "localhost", "/circles/"]
    canaries += [str(world.ids[each]) for each in ("rose", "thread", "ray")]
    for canary in canaries:
        assert canary not in told
        assert canary.encode() not in raw


def test_details_are_answered_before_a_file_is_made(world):
    write(world, learned="She was 93 and rang 07700 900123", scheme="uk_appraisal")
    client = world.client("ray")
    page = look(client, 0)

    refused = download(client, page)

    assert refused.status_code == 422
    assert "Not done yet." in refused.text
    reasons = {
        each["name"]: "helpline"
        for each in Page(page).all("select")
        if each["name"].startswith("reason-")
    }
    assert reasons
    assert download(client, page, **reasons, looked="1").mimetype == "application/pdf"


def test_nothing_chosen_is_said_and_no_stranger_note_is_taken(world):
    write(world)
    write(world, "pru", learned="Of Pru's")
    client = world.client("ray")

    nothing = look(client)
    foreign = look(client, 7)

    assert "Choose at least one note." in nothing.text
    assert (nothing.status_code, foreign.status_code) == (422, 422)
    assert "Of Pru's" not in look(client, 0).text


def test_a_file_of_nothing_says_what_is_missing(world):
    """Fails when the page to choose from comes back without a word."""
    write(world)
    client = world.client("ray")
    page = look(client, 0)

    refused = download(client, page, notes=[])
    client.submit("/learning/0/delete")
    gone = download(client, page)

    assert (refused.status_code, gone.status_code) == (422, 422)
    assert "Choose at least one note." in refused.text
    assert "Choose one of the options shown." in gone.text


def test_notes_with_a_change_come_first_and_none_is_ticked(world):
    write(world, learned="Only learned", day=date(2026, 3, 2))
    write(world, learned="First", will_change="Sit down", day=date(2026, 2, 2))
    page = Page(world.client("ray").get("/learning/appraisal?year=all"))

    boxes = page.all("input", name="notes")

    assert [each["value"] for each in boxes] == ["1", "0"]
    assert not [each for each in boxes if "checked" in each.attributes]


@pytest.mark.parametrize(
    ("key", "begins", "years"),
    [
        ("uk_appraisal", "", {"2025": "2025 to 2026", "2026": "2026 to 2027"}),
        ("uk_appraisal", "1", {"2026": "2026"}),
        ("au_cpd", "7", {"2026": "2026"}),
        ("ca_mainpro", "", {"2025": "2025 to 2026"}),
    ],
)
def test_years_are_those_of_the_scheme(world, key, begins, years):
    """UK from April or an own month, Australia from January alone, Canada from July."""
    write(world, day=date(2026, 3, 31))
    write(world, day=date(2026, 4, 1))

    url = f"/learning/appraisal?scheme={key}&begins={begins}"
    options = Page(world.client("ray").get(url)).one("select", name="year").all("option")

    assert {o["value"]: o.text for o in options if o["value"] != "all"} == years


def test_all_of_a_year_is_one_tick(world):
    for day in (date(2026, 5, 1), date(2026, 6, 1), date(2024, 6, 1)):
        write(world, learned=f"Of {day}", day=day)
    client = world.client("ray")

    page = look(client, everything="all", year="2026").text

    assert "Of 2026-05-01" in page
    assert "Of 2026-06-01" in page
    assert "Of 2024-06-01" not in page


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "0 credits"),
        (14, "0 credits"),
        (15, "0.25 credits"),
        (60, "1 credit"),
        (97, "1.5 credits"),
    ],
)
def test_a_total_claims_whole_quarter_hours_alone(world, minutes, words):
    with world.app.test_request_context():
        assert hours(minutes, UK) == words


def test_three_short_notes_are_rounded_together(world):
    """Fails when each note is rounded before they are added."""
    with world.app.test_request_context():
        assert record([note(n, minutes=5) for n in range(3)], CA).total == "0.25 credits"


def test_split_minutes_are_counted_by_kind(world):
    split = {"reviewing_performance": 15, "measuring_outcomes": 15}
    with world.app.test_request_context():
        known = dict(record([note(minutes=60, scheme="au_cpd", split=split)], AU).totals)
        elsewhere = dict(record([note(minutes=60, scheme="au_cpd", split=split)], CA).totals)

    assert known == {
        "Reviewing performance": "0.25 hours",
        "Educational activities": "0.5 hours",
        "Measuring outcomes": "0.25 hours",
    }
    assert elsewhere == {"Non-certified activity": "1 credit"}


def test_a_split_of_all_minutes_leaves_no_other_kind(world):
    """Fails when a record lists a kind of activity with no time."""
    split = {"reviewing_performance": 15, "measuring_outcomes": 45}
    with world.app.test_request_context():
        known = dict(record([note(minutes=60, scheme="au_cpd", split=split)], AU).totals)

    assert known == {"Reviewing performance": "0.25 hours", "Measuring outcomes": "0.75 hours"}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", " =", "\r="])
def test_a_sheet_is_safe_to_open(world, begin):
    """Fails when a cell begins as a formula does."""
    world.moment = datetime(2026, 6, 8, tzinfo=UTC)
    with world.app.test_request_context():
        file = exports.exported(
            record([note(learned=f'{begin}HYPERLINK("x")', minutes=20)], UK), exports.Format.CSV
        )

    rows = list(csv.reader(StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert rows[1][0] == "2026-05-31"
    assert rows[1][6].startswith("'")
    assert rows[1][2] == "20"


@pytest.mark.parametrize(("today", "dated"), [(20, "2026-05-20"), (31, "2026-05-31")])
def test_a_sheet_gives_no_day_to_come(world, today, dated):
    """Fails when a note of this month has its last day: credits count once their day is over."""
    world.moment = datetime(2026, 5, today, 12, tzinfo=UTC)
    with world.app.test_request_context():
        file = exports.exported(record([note(learned="To ask")], UK), exports.Format.CSV)

    rows = list(csv.reader(StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert rows[1][0] == dated


def test_markdown_shows_signs_as_typed(world):
    with world.app.test_request_context():
        file = exports.exported(
            record([note(learned="# NOF\n>38.5 *now*\n[a](b)")], UK), exports.Format.MARKDOWN
        )

    assert "\\# NOF  \n\\>38\\.5 \\*now\\*" in file.content.decode()
    assert "\\[a\\]" in file.content.decode()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("A line\n===", "A line  \n\\==="),
        ("A line\n  ==", "A line  \n  \\=="),
        ("1) first", "1\\) first"),
        ("R&D, and &lt;b&gt;", "R&D, and &amp;lt;b&amp;gt;"),
        ("&#61;", "&\\#61;"),
        ("BP = 120 (once)", "BP = 120 (once)"),
    ],
)
def test_markdown_makes_nothing_of_a_line(world, typed, shown):
    with world.app.test_request_context():
        file = exports.exported(record([note(learned=typed)], UK), exports.Format.MARKDOWN)

    assert f"### What I learned\n\n{shown}\n" in file.content.decode()


def test_totals_of_a_scheme_are_shown_as_typed(world):
    """Fails when a scheme's own file could put Markdown into every record."""
    with world.app.test_request_context():
        made = record([note()], UK)
        odd = replace(made, totals=(("Kind", "*1* <b>"),))
        file = exports.exported(odd, exports.Format.MARKDOWN)

    assert "- Kind: \\*1\\* \\<b\\>" in file.content.decode()


def test_more_than_five_hundred_notes_come_in_parts_by_year(world):
    many = [note(n, day=date(2020 + n % 3, 5, 1)) for n in range(501)]
    with world.app.test_request_context():
        found = parts(many, AU)
        of_one_year = parts([note(n) for n in range(1100)], AU)
        few = parts(many[:500], AU)

    assert {title: len(some) for title, some in found.items()} == {
        f"Peer reflection, {year}": 167 for year in (2020, 2021, 2022)
    }
    assert [len(some) for some in of_one_year.values()] == [500, 500, 100]
    assert len(few) == 1


def test_words_of_a_page_make_the_writer_read_nothing(world, tmp_path):
    """Fails when the writer follows an address that stands in a text."""
    secret = tmp_path / "secret.txt"
    secret.write_text("whinchat")
    url = secret.as_uri()
    html = f'<title>x</title><link rel=attachment href="{url}"><img src="{url}"><p>Plain</p>'
    with world.app.test_request_context():
        made = exports.pdf(f"{html}<a rel=attachment href='{url}'>a</a>")

    reader = PdfReader(BytesIO(made))
    assert "Plain" in text_of(reader)
    assert not reader.attachments
    assert b"whinchat" not in made


def test_hundreds_of_notes_become_a_pdf_in_little_memory(world, figure):
    """Fails when 500 notes take 200 MB; says how long they took."""
    words = "I am late when a talk frightens me, not when there is too much to do. " * 4
    many = [
        note(n, learned=words, will_change="Say so at the door.", minutes=20) for n in range(MANY)
    ]
    with world.app.test_request_context():
        html = exports.record_page(record(many, UK))

    wrapped = [sys.executable, "-c", MEASURED, sys.executable, "-I", str(pdf_process.WRITER)]
    done = subprocess.run(wrapped, input=html.encode(), capture_output=True, check=True)  # noqa: S603
    spent, kilobytes, size = map(float, done.stdout.split())

    figure(
        f"{MANY} notes: {spent:.1f} s of a processor, {kilobytes / 1024:.0f} MB, {size:.0f} bytes"
    )
    assert size > 50_000
    assert kilobytes < 200 * 1024


def test_a_second_pdf_waits_and_then_says_busy(world, monkeypatch):
    monkeypatch.setattr(pdf_process, "WAIT", 0.3)
    with (world.folder / "instance" / pdf_process.LOCK).open("ab") as held:
        flock(held, LOCK_EX)
        with world.app.app_context(), pytest.raises(Busy):
            pdf_process.pdf("<title>x</title>")


def test_the_writer_of_a_pdf_sees_no_setting(world, monkeypatch, tmp_path):
    """Fails when a password of the mail or database server is handed to another process."""
    told = tmp_path / "told.py"
    told.write_text("import os; print('%PDF-', *os.environ)")
    monkeypatch.setattr(pdf_process, "WRITER", told)
    monkeypatch.setenv("MAIL_PASSWORD", "whinchat")

    with world.app.app_context():
        seen = pdf_process.pdf("<title>x</title>").decode()

    assert "PATH" in seen
    assert "MAIL_PASSWORD" not in seen


FAULTS = """
import os, pathlib, signal
starts = pathlib.Path({starts!r})
starts.write_text(starts.read_text() + "x")
if len(starts.read_text()) <= {faults}:
    os.kill(os.getpid(), signal.SIGSEGV)
print("%PDF-")
"""


@pytest.mark.parametrize(("faults", "starts"), [(0, 1), (1, 2), (2, 2)])
def test_a_fault_of_the_pdf_libraries_is_tried_once_more(
    world, monkeypatch, tmp_path, faults, starts
):
    writer, seen = tmp_path / "writer.py", tmp_path / "starts"
    seen.write_text("")
    writer.write_text(FAULTS.format(starts=str(seen), faults=faults))
    monkeypatch.setattr(pdf_process, "WRITER", writer)

    with world.app.app_context():
        if faults < 2:
            assert pdf_process.pdf("<title>x</title>").startswith(b"%PDF-")
        else:
            with pytest.raises(pdf_process.PdfFailed):
                pdf_process.pdf("<title>x</title>")

    assert seen.read_text() == "x" * starts


def test_looks_over_a_record_are_limited(tmp_path):
    """Fails when one member can have the checker read hundreds of notes again and again."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    with world.app.app_context(), unit_of_work():
        services.write(world.ids["ray"], NoteContent(learned="To wait", day=date(2026, 3, 2)))
    client = world.client("ray")
    sent = {"scheme": UK.key, "notes": "0"}
    tokens = client.tokens("/learning/appraisal")

    answers = [
        client.post("/learning/appraisal", data=tokens | sent).status_code for _ in range(62)
    ]

    assert (answers[0], answers[59], answers[-1]) == (200, 200, 429)


def test_fifty_notes_are_under_two_megabytes(world):
    with world.app.test_request_context():
        file = exports.exported(
            record([note(n, learned=NAMES * 20) for n in range(50)], UK), exports.Format.PDF
        )

    assert len(file.content) < 2_000_000


def test_five_hundred_notes_are_listed_and_checked(world):
    """One page with every note that an account wrote, and none is lost on the way."""
    with world.app.app_context(), unit_of_work():
        member = services.account(world.ids["ray"])
        keys = NoteKeys(member)
        for number in range(500):
            content = NoteContent(learned=f"Lesson {number}.", day=DAY, title="Peer")
            row = keys.id(number)
            db.session.add(LearningNote(id=row, content=keys.seal(row, content.padded())))
    client = world.client("ray")

    page = look(client, everything="all", year="all")

    assert page.status_code == 200
    assert page.text.count("learning-note") == 500


def test_without_a_pdf_library_the_page_says_so(world, monkeypatch, tmp_path):
    write(world, scheme="uk_appraisal")
    client = world.client("ray")
    page = look(client, 0)
    monkeypatch.setattr(pdf_process, "WRITER", tmp_path / "absent.py")

    answer = download(client, page)

    assert answer.status_code == 422
    assert (
        "Markdown and the sheet hold the same words." in client.get("/learning").text + answer.text
    )
    assert download(client, page, "md 0").mimetype == "text/markdown"
