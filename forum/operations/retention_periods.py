"""Retention periods of each kind of data: place, length, end and test.

One table for docs/governance/retention.md and the privacy notice, made of the constants in use.
"""

from dataclasses import dataclass
from datetime import timedelta

from config import Config
from forum.accounts import known_devices, used_codes
from forum.accounts.queries import EVENTS_LIFE
from forum.accounts.recovery_states import LASTS, RecoveryState
from forum.accounts.services import LINK_LIFE
from forum.circles import applicants, closing, conversations, group_links, invitations
from forum.circles import pair_requests as pairs
from forum.circles.joining import CONFIRM_WITHIN
from forum.circles.retention_settings import NOTICE
from forum.discussions import drafts, name_notes, visibility
from forum.discussions.retention import HELD_FOR
from forum.mail.outbox import UNSURE_FOR
from forum.moderation.jobs import KEPT_FOR
from forum.offboarding.plans import LIFE
from forum.offboarding.services import COPY_LINK_LIFE
from forum.operations import copy_files
from forum.programme.services import INVITATION_LIFE, LEAD_LINK_LIFE
from forum.safety.matters import HELD_AT_MOST, KEPT, TOLD_FOR

GRACE = timedelta(days=Config.LEAVING_GRACE_DAYS)


@dataclass(frozen=True, slots=True)
class Period:
    """A row. periods: of `life`, whose {} they fill in order. where: table, file or cookie. test:
    path and name of a test function."""

    what: str
    where: str
    life: str
    ends: str
    test: str
    periods: tuple[timedelta, ...] = ()

    @property
    def length(self) -> str:
        """Retention period, in words."""
        return self.life.format(*map(in_words, self.periods))


def in_words(period: timedelta) -> str:
    """A period in days, hours or minutes, whichever is the largest that is whole."""
    seconds = int(period.total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600)):
        if seconds % size == 0 and seconds:
            number = seconds // size
            return f"{number} {unit}{'s' * (number > 1)}"
    return f"{seconds // 60} minutes"


PERIODS = (
    Period(
        "account: name, address, password hash",
        "`member`, sealed",
        "until it is deleted, and {} to undo that",
        "its owner, on their account page",
        "tests/offboarding/test_leave.py::test_a_deleted_account_leaves_no_rows",
        (GRACE,),
    ),
    Period(
        "session of a browser",
        "`session`, digest of the token",
        "{} or {} idle, {} or {} in all (shared or own device); the row goes the night after"
        + " that, also where it was ended before",
        "signing out, a new password, or the clock",
        "tests/accounts/test_sessions.py::test_sessions",
        (
            Config.SHARED_DEVICE_IDLE,
            Config.OWN_DEVICE_IDLE,
            Config.SHARED_DEVICE_LIFE,
            Config.OWN_DEVICE_LIFE,
        ),
    ),
    Period(
        "passkeys, app and recovery codes of an account",
        "`passkey`, `member`, sealed; digests of the codes",
        "until they are taken away, or with the account",
        "their owner, or the operator's command",
        "tests/accounts/test_second_factor.py::test_an_app_taken_away_is_asked_for_no_more",
    ),
    Period(
        "help for somebody who lost every second factor",
        "`account_recovery`, sealed; who vouched until the second of two has",
        "{} for a first of two who vouch, {} to {} for the programme lead, then {}",
        "its owner, the programme lead, or the clock",
        "tests/accounts/test_account_recovery.py::test_a_recovery_goes_with_its_time",
        (
            LASTS[RecoveryState.HALF],
            LASTS[RecoveryState.WAITING],
            LASTS[RecoveryState.READY],
            LASTS[RecoveryState.DONE],
        ),
    ),
    Period(
        "mark of a code that worked",
        "`used_code`, without account or time",
        "{} to {}",
        "the clock",
        "tests/accounts/test_second_factor.py::test_used_codes_leave_no_account_and_no_time",
        (used_codes.LEAST, used_codes.MOST),
    ),
    Period(
        "browser known to an account",
        "`known_device`",
        "at most {} since the last sign-in, and to the end of that month",
        "the worker, a reset of the password",
        "tests/operations/test_retention_periods.py::test_account_rows_go_on_their_day",
        (known_devices.LIFE,),
    ),
    Period(
        "events of an account",
        "`account_event`, sealed but for the day",
        "{}",
        "the worker",
        "tests/operations/test_retention_periods.py::test_account_rows_go_on_their_day",
        (EVENTS_LIFE,),
    ),
    Period(
        "link to reset a password or confirm an address",
        "`one_time_link`, digest",
        "{}",
        "use, or the worker",
        "tests/accounts/test_reset.py::test_a_dead_link_changes_nothing",
        (LINK_LIFE,),
    ),
    Period(
        "account that waits for its address to be confirmed: name, address, password hash",
        "`one_time_link`, sealed",
        "{}",
        "use, the end of its invitation, or the worker",
        "tests/circles/test_join.py::test_with_mail_an_account_needs_confirmation",
        (CONFIRM_WITHIN,),
    ),
    Period(
        "invitation to begin a circle; link that makes a programme lead",
        "`one_time_link`, sealed with its address; digest",
        "{}; {}",
        "use, the programme lead, or the worker",
        "tests/programme/test_invite.py::test_an_invitation_counts_down_and_expires",
        (INVITATION_LIFE, LEAD_LINK_LIFE),
    ),
    Period(
        "link to a copy for somebody who cannot sign in",
        "`one_time_link`, digest",
        "{}",
        "use, its cancelling, or the worker",
        "tests/offboarding/test_copy_link.py::test_a_link_works_once_and_for_three_days",
        (COPY_LINK_LIFE,),
    ),
    Period(
        "invitation, with address or note",
        "`invitation`, sealed",
        "{}",
        "joining, a moderator, or the worker",
        "tests/circles/test_invite.py::test_used_and_expired_invitations_are_deleted",
        (invitations.LIFE,),
    ),
    Period(
        "group link",
        "`group_link`, digest",
        "{}",
        "a moderator, or the worker",
        "tests/circles/test_group_link.py::test_any_moderator_ends_the_link",
        (group_links.LIFE,),
    ),
    Period(
        "request to join: name and address",
        "`applicant`, sealed",
        "{}",
        "a moderator's answer, or the worker",
        "tests/circles/test_group_link.py::test_a_no_and_a_lapse_look_alike_and_erase_all",
        (applicants.LIFE,),
    ),
    Period(
        "request for a pair",
        "`membership`, sealed",
        "{}",
        "an answer, or the clock",
        "tests/circles/test_room_for_a_pair.py::test_a_request_lapses_after_a_fortnight",
        (pairs.LIFE,),
    ),
    Period(
        "draft",
        "`draft`, sealed",
        "{} since its last change, or since the day on which it can be posted",
        "posting, discarding, or the worker",
        "tests/operations/test_retention_periods.py::test_a_draft_goes_on_its_day",
        (drafts.KEPT,),
    ),
    Period(
        "post by name",
        "`thread`, `reply`, sealed",
        "until withdrawn; its text {} to {} more",
        "its writer, a moderator, the circle's own rule, the end of the circle",
        "tests/discussions/test_undo.py::test_the_worker_erases_it_after_twenty_to_forty_minutes",
        (visibility.GENERATION, 2 * visibility.GENERATION),
    ),
    Period(
        "post behind a hidden name",
        "`thread`, `reply`, sealed",
        "until the slot after its withdrawal, or at once",
        "its writer, a moderator, the circle's own rule, the end of the circle",
        "tests/discussions/test_withdraw.py::test_masked_post_is_withdrawn_at_next_slot",
    ),
    Period(
        "thread of a circle that lets stories go",
        "`thread`, `reply`, `quote` and what hangs on them",
        "the months that the circle chose, after a notice of {}; held back {} at a time",
        "the worker",
        "tests/discussions/test_retention.py::test_a_moderator_holds_a_thread_back_for_ninety_days",
        (NOTICE, HELD_FOR),
    ),
    Period(
        "flag, and message to moderators",
        "`flag`, sealed",
        "{} after it was settled",
        "the worker",
        "tests/operations/test_retention_periods.py::test_a_flag_goes_on_its_day",
        (KEPT_FOR,),
    ),
    Period(
        "moderators' note to a name",
        "`name_note`, sealed",
        "{}",
        "the worker",
        "tests/moderation/test_notes.py::test_a_note_goes_after_thirty_days",
        (name_notes.KEPT,),
    ),
    Period(
        "a member's place in a circle that they left",
        "`membership`, drafts but those of an edit, posts seen and notes in `read_mark`",
        "{}",
        "the worker",
        "tests/offboarding/test_leave.py::test_leaving_is_final_after_the_grace_days",
        (GRACE,),
    ),
    Period(
        "choice made on leaving, for an invented name",
        "`departure` (before a slot `farewell`), sealed, without a member",
        "{}",
        "the worker",
        "tests/offboarding/test_plans.py::test_after_the_purge_only_pending_names_remain",
        (LIFE,),
    ),
    Period(
        "circle: all its words",
        "`circle` and every sealed row of it, its key, its index",
        "{} after a vote to close it",
        "the worker destroys the key; no copy of the database opens it from then on",
        "tests/circles/test_closing.py::test_closing_destroys_the_key_before_rows",
        (closing.NOTICE,),
    ),
    Period(
        "name that somebody writes under",
        "`author`, sealed",
        "with its circle; a member's secret, which alone ties them to it, {} after leaving",
        "the worker, as for the circle",
        "tests/offboarding/test_leave.py::test_leaving_is_final_after_the_grace_days",
        (GRACE,),
    ),
    Period(
        "what hangs on a thread: thanks, company, marked passages, posts hidden, names paused",
        "`acknowledgement`, `thank_you`, `marked_passages`, `hiding`, `muted`",
        "as long as what it hangs on",
        "as for the thread and the circle",
        "tests/circles/test_closing.py::test_closing_destroys_the_key_before_rows",
    ),
    Period(
        "what a circle settles: rules of its own, rota, votes to close, themes of a year",
        "`own_rule`, `turn`, `closing_voice`, `year_themes`",
        "until changed, at most as long as the circle",
        "its members, or as for the circle",
        "tests/circles/test_closing.py::test_closing_destroys_the_key_before_rows",
    ),
    Period(
        "log of a circle; of the service: roles and hours, no person and no word of a circle",
        "`log_entry`, sealed",
        "as long as the circle; the service's as long as the service",
        "the worker destroys a circle's key; nothing ends the service's",
        "tests/audit/test_hash_chain.py::test_a_log_is_sealed_in_the_database",
    ),
    Period(
        "email preferences, time of the next email, private calendar address",
        "`mail_plan`, sealed",
        "as long as the account",
        "its owner, on their account page",
        "tests/offboarding/test_leave.py::test_a_deleted_account_leaves_no_rows",
    ),
    Period(
        "guardian, asked or accepted",
        "`guardian`",
        "until they step down or are ended, or with the account",
        "the guardian, or the programme lead",
        "tests/safety/test_guardians.py::test_a_deleted_account_is_no_guardian",
    ),
    Period(
        "request to open a name, with its votes and the note to the person; advice asked for",
        "`safety_matter`, sealed and padded",
        "{} if nothing was opened; where a name was, the note {}, held back {} at most",
        "the worker, once its time is over",
        "tests/safety/test_afterwards.py::test_the_note_stays_a_year_and_goes",
        (KEPT, TOLD_FOR, HELD_AT_MOST),
    ),
    Period(
        "telephone that somebody left for an emergency",
        "`member`, sealed",
        "until its owner takes it away, or with the account",
        "its owner, on their account page",
        "tests/offboarding/test_leave.py::test_a_deleted_account_leaves_no_rows",
    ),
    Period(
        "one conversation",
        "as a circle",
        "{} after its last word, read only from {} on",
        "the worker, unless all in it press Keep it",
        "tests/circles/test_conversations.py::test_sixty_days_after_its_last_word_it_is_gone",
        (conversations.GONE_AFTER, conversations.RESTS_AFTER),
    ),
    Period(
        "learning note",
        "`learning_note`, sealed under its account's secret",
        "until deleted, or the account goes",
        "its owner; with the account its secret goes, and nobody can open what is left",
        "tests/learning/test_notes.py::test_with_the_account_its_notes_become_noise",
    ),
    Period(
        "email that could not be delivered for sure",
        "`outgoing_mail`, sealed",
        "{}; a sent one goes at once",
        "the worker, or the programme lead",
        "tests/mail/test_send.py::test_undelivered_emails_go_after_a_week",
        (UNSURE_FOR,),
    ),
    Period(
        "copy of the database",
        "the operator's folder, encrypted",
        "{}",
        "the next copy",
        "tests/operations/test_encrypted_copies.py::test_a_month_of_nightly_copies_keeps_its_promise",
        (copy_files.KEPT_FOR[copy_files.DATABASE],),
    ),
    Period(
        "copy of the key store",
        "the operator's other folder, encrypted",
        "{}",
        "the next copy",
        "tests/operations/test_encrypted_copies.py::test_a_month_of_nightly_copies_keeps_its_promise",
        (copy_files.KEPT_FOR[copy_files.KEY_STORE],),
    ),
)
