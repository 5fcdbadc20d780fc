"""States of a group link and of an applicant: every state with every event, through the pages."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from forum.accounts.queries import member_by_address
from forum.circles import applicants, group_links, invitations, queries
from forum.circles.admission import (
    APPLICANT_PATHS,
    LINK_PATHS,
    ApplicantEvent,
    ApplicantState,
    LinkEvent,
    LinkState,
    after,
    link_after,
)
from forum.circles.models import Applicant, GroupLink, Membership
from forum.core.db import db, unit_of_work
from forum.core.errors import NotFound
from forum.core.randomness import new_id
from tests.circles import ways
from tests.page import Page

UNCONFIRMED, WAITING, LET_IN, JOINED, OVER = ApplicantState
CONFIRM, YES, NO, JOIN, CANCEL, LAPSE = ApplicantEvent
TABLE = {  # state: the state after each event; "-" without a path
    #             CONFIRM    YES   NO    JOIN   CANCEL LAPSE
    UNCONFIRMED: (WAITING, "-", "-", "-", "-", OVER),
    WAITING: ("-", LET_IN, OVER, "-", "-", OVER),
    LET_IN: ("-", "-", "-", JOINED, OVER, OVER),
    JOINED: ("-", "-", "-", "-", "-", "-"),
    OVER: ("-", "-", "-", "-", "-", "-"),
}
WAYS = {
    UNCONFIRMED: (),
    WAITING: (CONFIRM,),
    LET_IN: (CONFIRM, YES),
    JOINED: (CONFIRM, YES, JOIN),
    OVER: (CONFIRM, NO),
}


class Story:
    """Somebody who asks by a group link, with mail on, and a moderator."""

    def __init__(self, world):
        self.world, self.mo, self.person = world, world.client("mo"), world.client()
        world.app.config["MAIL_SERVER"] = "mail.example.org"
        self.url = f"/circles/{world.ids['rose']}"
        ways.asks(self.person, ways.group_link(world))
        with world.app.app_context():
            row = db.session.scalars(select(Applicant)).one()
            self.secret, self.id = row.secret, row.id

    def state(self):
        with self.world.app.app_context():
            member = member_by_address(ways.ANA["email"])
            if member and queries.members(
                self.world.ids["rose"], Membership.member_id == member.id
            ):
                return JOINED
            return applicants.state(self.secret)

    def meets(self, event):
        match event:
            case ApplicantEvent.CONFIRM:
                typed = {"token": self.secret, "asked": "y"}
                self.person.post("/waiting/confirm", data=self.hidden() | typed)
            case ApplicantEvent.YES | ApplicantEvent.NO:
                fields = self.mo.tokens(f"{self.url}/invite") | {"answer": event}
                self.mo.post(f"{self.url}/waiting/{self.id}", data=fields)
            case ApplicantEvent.JOIN:
                typed = ways.ANA | {"token": self.secret, "affirmed": "yes"}
                self.person.post("/join/new", data=self.hidden() | typed)
            case ApplicantEvent.CANCEL:
                self._cancel()
            case ApplicantEvent.LAPSE:
                self.world.moment += timedelta(days=15)

    def hidden(self):
        """Hidden fields of the person's own page, or a token of ours where it has no form."""
        page = self.person.get(f"/waiting/{self.secret}").text
        if "<form" in page:
            return ways.hidden(page)
        return self.person.tokens("/") or self.person.tokens("/sign-in")

    def _cancel(self):
        with self.world.app.test_request_context():
            mo = self.world.standing("mo")
            for each in invitations.pending(mo):
                with unit_of_work():
                    invitations.cancel(mo, each.id)


@pytest.mark.parametrize(("state", "event"), [*product(ApplicantState, ApplicantEvent)], ids=str)
def test_every_event_has_a_path_or_changes_nothing(world, state, event):
    expected = TABLE[state][[*ApplicantEvent].index(event)]
    story = Story(world)
    for step in WAYS[state]:
        story.meets(step)
    assert story.state() is state

    story.meets(event)

    assert story.state() is (state if expected == "-" else expected)
    assert APPLICANT_PATHS.get((state, event), "-") == expected
    if expected == "-":
        with pytest.raises(NotFound):
            after(state, event)


OPEN, FULL, ENDED = LinkState
LINKS = {  # state: the state after each event; "-" without a path
    #      MAKE  FILL  CLEAR  END    USE_UP LAPSE
    OPEN: ("-", FULL, "-", ENDED, ENDED, ENDED),
    FULL: ("-", "-", OPEN, ENDED, ENDED, ENDED),
    ENDED: (OPEN, "-", "-", "-", "-", "-"),
}


class Link:
    """A group link of Rose, where seven belong, and what happens to it."""

    def __init__(self, world):
        self.world, self.places, self.people = world, 2, 0

    def state(self):
        with self.world.app.app_context():
            return group_links.state(db.session.scalar(select(GroupLink)))

    def meets(self, event):
        match event:
            case LinkEvent.MAKE:
                ways.group_link(self.world, self.places)
            case LinkEvent.FILL:
                for _ in range(group_links.WAITING_MAX - self._waiting()):
                    self.asks()
            case LinkEvent.CLEAR:
                self.answer(applicants.refuse)
            case LinkEvent.END:
                self._as_moderator(group_links.end)
            case LinkEvent.USE_UP:
                for _ in range(self.places):
                    if self._waiting() == 0:
                        self.asks()
                    self.answer(applicants.let_in)
            case LinkEvent.LAPSE:
                self.world.moment += timedelta(days=8)

    def asks(self):
        self.people += 1
        with self.world.app.test_request_context():
            shown = group_links.shown(self.world.standing("mo"))
            if shown and shown.state is OPEN:
                secret = shown.url.rsplit("/", 1)[1]
                asked = applicants.Request("Ann Ash", f"n{self.people}@example.org")
                with unit_of_work():
                    applicants.ask(secret, asked, new_id())

    def answer(self, act):
        with self.world.app.test_request_context():
            mo = self.world.standing("mo")
            for each in applicants.waiting(mo)[:1]:
                with unit_of_work():
                    act(mo, each.id)

    def _waiting(self):
        with self.world.app.app_context():
            return len(applicants.waiting(self.world.standing("mo")))

    def _as_moderator(self, act):
        with self.world.app.test_request_context():
            mo = self.world.standing("mo")
            with unit_of_work():
                act(mo)


@pytest.mark.parametrize(("state", "event"), [*product(LinkState, LinkEvent)], ids=str)
def test_every_event_of_a_link_has_a_path_or_changes_nothing(world, state, event):
    expected = LINKS[state][[*LinkEvent].index(event)]
    link = Link(world)
    for step in {OPEN: ("make",), FULL: ("make", "fill"), ENDED: ()}[state]:
        link.meets(LinkEvent(step))
    assert link.state() is state
    if (state, event) == (OPEN, LinkEvent.CLEAR):
        link.asks()

    link.meets(event)

    assert link.state() is (state if expected == "-" else expected)
    assert LINK_PATHS.get((state, event), "-") == expected
    if expected == "-":
        with pytest.raises(NotFound):
            link_after(state, event)


def test_a_second_link_is_the_first(world):
    first, second = ways.group_link(world), ways.group_link(world, 3)

    assert first == second
    assert (
        "Five places." in Page(world.client("mo").get(f"/circles/{world.ids['rose']}/invite")).text
    )
