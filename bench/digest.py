"""Cost of a morning's digests: `python -m bench.digest` prints a JSON object.

{"members", "circles", "posts", "letters", "looked_s", "cpu_s", "statements_a_member",
 "mb_after_first", "mb_at_most", "sealing_s", "looked_to_sealing"}

All members are due together, each with news. looked_s: seconds until every email is prepared, by
the worker's own run. mb_…: memory of this process after the first hundred, and its peak. sealing:
the time to queue equally many emails without lookups, in the same run.
"""

import json
import resource
import sys
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from sqlalchemy import event, select, update

from config import TestConfig
from forum import create_app
from forum.accounts.models import Member
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.planner_statistics import create_tables
from forum.notifications import digests, update_email
from forum.notifications.email_preferences import EmailPreferences
from forum.notifications.models import MailPlan
from forum.seeding import people, talk

MEMBERS, IN_A_CIRCLE, THREADS, REPLIES = 10_000, 20, 2, 6
PASSWORD = "seven lanterns on a pier"  # noqa: S105  # of people who are gone in a minute
DAY = timedelta(days=1)


class MailConfig(TestConfig):
    """An installation with mail on, which sends nothing."""

    MAIL_SERVER = "mail.example.org"


def main() -> None:
    """Measure, and print a JSON object."""
    with TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), MEMBERS)))


def measured(folder: Path, members: int) -> dict[str, float]:
    """All figures, for `members` in circles of twenty."""
    app = create_app(MailConfig(folder / "instance"))
    with app.app_context():
        create_tables()
        figures = _filled(members)
        memory: list[int] = []
        event.listen(db.session, "after_commit", lambda _: memory.append(_memory()))
        said = _counted()
        wall, cpu = perf_counter(), process_time()
        figures["letters"] = digests.run()
        figures |= {
            "looked_s": round(perf_counter() - wall, 1),
            "cpu_s": round(process_time() - cpu, 1),
            "statements_a_member": round(len(said) / members, 1),
            "mb_after_first": memory[0],
            "mb_at_most": max(memory),
        }
    with app.app_context():
        figures["sealing_s"] = round(_sealed(members), 1)
    figures["looked_to_sealing"] = round(figures["looked_s"] / figures["sealing_s"], 1)
    return figures


def _filled(members: int) -> dict[str, float]:
    """A forum in which every member read everything until yesterday, and is due now."""
    chance, circles = Random(10), members // IN_A_CIRCLE  # noqa: S311  # nothing drawn is a secret
    with people.at(now() - 3 * DAY):
        _tell("Gathering members.")
        companies = people.gather(circles, members, PASSWORD, chance)
        digests.begin_all()
    _tell("Having them talk.")
    talk.hold(companies, THREADS * circles, REPLIES * circles, DAY, chance, lambda: None)
    with unit_of_work():
        db.session.execute(update(MailPlan).values(digest_at=now()))
        for plan in db.session.scalars(select(MailPlan).execution_options(yield_per=100)):
            this_minute = now().time().replace(second=0, microsecond=0)
            plan.wishes = EmailPreferences(at=this_minute).to_json()
    return {"members": members, "circles": circles, "posts": (THREADS + REPLIES) * circles}


def _sealed(members: int) -> float:
    """Seconds to queue equally many emails without lookups."""
    _tell("Sealing letters alone.")
    begun = perf_counter()
    for first in range(0, members, digests.BATCH_SIZE):
        with unit_of_work():
            some = select(Member).order_by(Member.id).offset(first).limit(digests.BATCH_SIZE)
            for member in db.session.scalars(some).all():
                update_email.digest(member)
    return perf_counter() - begun


def _counted() -> list[str]:
    said: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement[:6])

    event.listen(db.engine, "before_cursor_execute", count)
    return said


def _memory() -> int:
    """Resident memory in megabytes. Source: proc_pid_statm(5), field 2."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1_000_000


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
