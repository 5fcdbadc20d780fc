"""Retention: one table, its page, and the privacy notice say the same."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from forum import worker
from forum.accounts.models import AccountEvent, KnownDevice
from forum.core.db import db
from forum.discussions.models import Draft
from forum.moderation.models import Flag
from forum.operations.retention_periods import PERIODS
from scripts import retention_page
from tests.accounts.people import sign_in
from tests.moderation.test_flag import flag, press

ROOT = Path(__file__).parents[2]
NOTICE = (ROOT / "docs/legal/privacy.md").read_text()
DAY = timedelta(days=1)
SAID = {  # row of the table -> its sentence of the privacy notice
    "account: name, address, password hash": "you can change your mind for {}",
    "draft": "Drafts: {} after you last change them",
    "invitation, with address or note": "Invitations: {}",
    "request to join: name and address": "A request to join by a group link: {} at most",
    "events of an account": "Account activity: {}",
    "copy of the database": "Our backups are deleted after {}",
}


def rows(world, table):
    with world.app.app_context():
        return db.session.scalar(select(func.count()).select_from(table))


def run(world):
    with world.app.app_context():
        worker.run_due_jobs()


def test_the_page_is_made_from_the_table():
    assert retention_page.page() == retention_page.PAGE.read_text()


@pytest.mark.parametrize("row", PERIODS, ids=lambda row: row.what)
def test_every_period_names_a_test_that_there_is(row):
    path, _, name = row.test.partition("::")
    defined = ast.walk(ast.parse((ROOT / path).read_text()))

    assert name in {each.name for each in defined if isinstance(each, ast.FunctionDef)}


def test_every_table_has_its_end():
    """Fails when a table is added, and nothing says how long its rows are kept."""
    named = {name for row in PERIODS for name in re.findall(r"`(\w+)`", row.where)}

    assert set(db.metadata.tables) - named == set()
    assert named - set(db.metadata.tables) == set()


@pytest.mark.parametrize(("what", "sentence"), SAID.items())
def test_the_privacy_notice_gives_the_same_period(what, sentence):
    [row] = [each for each in PERIODS if each.what == what]
    [period] = [each for each in row.periods]

    assert sentence.format(f"{period.days} days") in NOTICE


def test_account_rows_go_on_their_day(world):
    sign_in(world.client(), "ray")
    run(world)
    with world.app.app_context():
        devices, events = (db.session.scalars(select(t)).all() for t in (KnownDevice, AccountEvent))
        assert devices
        assert events
    for days, tables in ((30, [AccountEvent]), (91, [KnownDevice])):
        world.moment += days * DAY
        run(world)
        assert [rows(world, table) for table in tables] == [0]


def test_a_draft_goes_on_its_day(world):
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    ray.post(composer, data=ray.tokens(composer) | {"body": "Not yet", "do": "save"})
    before = rows(world, Draft)

    world.moment += 14 * DAY
    run(world)
    kept = rows(world, Draft)
    world.moment += DAY
    run(world)

    assert (before, kept, rows(world, Draft)) == (1, 1, 0)


def test_a_flag_goes_on_its_day(world):
    told = world.reply("ray", "Words")
    flag(world, "fay", told, "other", words="Please look.")
    press(world, told, "no_need")

    world.moment += 90 * DAY
    run(world)
    kept = rows(world, Flag)
    world.moment += DAY
    run(world)

    assert (kept, rows(world, Flag)) == (1, 0)
