"""Root keys on paper: printed, typed in again, with slips, and what a lost key opens."""

import re
from itertools import permutations

import pytest

from forum.circles.services import found
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.operations import exposure, key_sheets
from forum.operations.key_sheets import BadSheet
from tests.operations.test_rotate import rotate
from tests.world import World

ROOTS = {1: bytes(range(32)), 2: bytes(range(100, 132))}


def typed(rows):
    return "Root keys\n\n" + "\n".join(map(str, rows)) + "\nAfter a loss, …\n"


def run(world, *words, **more):
    return world.app.test_cli_runner().invoke(args=["forum", "keys", *words], **more)


def log(world):
    return world.client("lee").get("/service/log").text


def test_a_whole_sheet_gives_the_keys_back():
    assert key_sheets.roots_of([typed(key_sheets.whole(ROOTS))]) == ROOTS


def test_any_two_shares_give_the_keys_back():
    sheets = key_sheets.shares(ROOTS)

    for pair in permutations(sheets, 2):
        assert key_sheets.roots_of([typed(sheet) for sheet in pair]) == ROOTS


def test_letters_read_for_digits_do_no_harm():
    text = typed(key_sheets.whole(ROOTS)).replace("0", "O").replace("1", "l")

    assert key_sheets.roots_of([text]) == ROOTS


def slipped(text):
    """The third row with its second letter or digit changed."""
    [row] = re.findall(r"(?m)^1-3 .*\w", text)
    other = "y" if row[6] == "x" else "x"
    return text.replace(row, row[:6] + other + row[7:], 1)


WHOLE = typed(key_sheets.whole(ROOTS))
ONE, TWO, _ = map(typed, key_sheets.shares(ROOTS))
OTHER = typed(key_sheets.shares(ROOTS)[1])
LATER = typed(key_sheets.shares(ROOTS | {3: bytes(32)})[1])


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ([slipped(WHOLE)], "Row 1-3 of sheet 1"),
        ([WHOLE.replace("1-2 ", "skip ")], "Row 1-2 of sheet 1 is missing"),
        ([re.sub(r"(?m)^2-4 .*\n", "", WHOLE)], "Root key 2 of sheet 1 lacks its last rows."),
        ([re.sub(r"(?m)^1-.*\n", "", WHOLE)], "A root key is missing"),
        (["Dear colleague"], "Sheet 1 has no rows"),
        ([ONE], "One share alone gives nothing"),
        ([ONE, ONE], "do not belong together"),
        ([ONE, OTHER], "do not belong together"),
        ([ONE, LATER], "different days"),
        ([ONE, slipped(TWO)], "Row 1-3 of sheet 2"),
    ],
)
def test_a_slip_is_named_and_nothing_repeated(sheets, said):
    with pytest.raises(BadSheet, match=re.escape(said)) as caught:
        key_sheets.roots_of(sheets)

    digits = re.findall(r"\b[0-9a-f]{4}\b", WHOLE)
    assert not any(each in str(caught.value) for each in digits if each != "0001")


def test_printing_is_logged_and_the_paper_fits(world, tmp_path, monkeypatch):
    """Fails when a sheet cannot be typed in again, or a line of the log is missing."""
    sheet, shares = run(world, "print").output, run(world, "shares").output.split("\f")
    for name, text in {"whole": sheet, "a": shares[0], "b": shares[2]}.items():
        (tmp_path / name).write_text(text)
    root = world.folder / "instance" / "root.key"
    monkeypatch.setenv("FORUM_INSTANCE", str(root.parent))

    for files in (["whole"], ["a", "b"]):
        answer = run(world, "from-paper", "--check", *(str(tmp_path / each) for each in files))
        assert answer.output == "The paper gives the root keys that are here.\n", answer.output
    refused = run(world, "from-paper", str(tmp_path / "whole"))
    assert (refused.exit_code, "Nothing was changed" in refused.output) == (1, True)
    lost = root.rename(root.with_name("lost"))
    made = run(world, "from-paper", str(tmp_path / "a"), str(tmp_path / "b"))
    assert made.exit_code == 0, made.output
    assert root.read_bytes() == lost.read_bytes()
    assert root.stat().st_mode & 0o777 == 0o400
    assert "printed on a sheet" in log(world)
    assert "printed as three shares" in log(world)


def test_other_keys_are_told_apart(world, tmp_path, monkeypatch):
    (tmp_path / "other").write_text(WHOLE)
    monkeypatch.setenv("FORUM_INSTANCE", str(world.folder / "instance"))

    answer = run(world, "from-paper", "--check", str(tmp_path / "other"))

    assert (answer.exit_code, "other keys" in answer.output) == (1, True)


def test_what_a_lost_key_opens_is_counted(tmp_path):
    """Fails when the counts, the days of copies, or the line of the log are missing."""
    world = World(tmp_path)
    before = run(world, "exposed", "1").output
    rotate(world)
    after = run(world, "exposed", "1").output
    [members] = re.findall(r"member: (\d+) of \1\n", before)

    assert "Change the keys" in before
    assert f"member: 0 of {members}\n" in after
    assert "keys of circles: 0 of 4" in after
    assert re.search(r"log_entry: [1-9]\d* of \d+", after)
    with world.app.app_context():
        assert f"sealed from the beginning until {now().day} March 2026" in after
    assert "Copies of the circle keys from that time are to be gone by 16 March 2026" in after
    assert "Copies of the database from that time are to be gone by 1 April 2026" in after
    assert "On the server, someone counted what a root key opens." in log(world)
    unknown = run(world, "exposed", "7")
    assert (unknown.exit_code, "newest has number 2" in unknown.output) == (1, True)


def test_a_circle_opened_after_a_rotation_counts_under_the_newer_key(tmp_path):
    """Fails when its key is numbered as if the first root wrapped it: a lost root key is then said
    to open what it does not, and not to open what it does.
    """
    world = World(tmp_path)
    rotate(world)
    with world.app.app_context():
        with unit_of_work():
            found("Thursday")
        opened = {v: {each.name: each for each in exposure.of(v).values} for v in (1, 2)}

    assert opened[1]["circle"].under_it == 0
    assert opened[2]["circle"].under_it == opened[2]["circle"].all
