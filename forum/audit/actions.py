"""Logged actions, and the roles that act. Roles only, never people."""

from enum import StrEnum


class Actor(StrEnum):
    """Role in which an action was taken. No log stores who took it."""

    MEMBER = "member"
    AUTHOR = "author"
    MODERATOR = "moderator"
    FACILITATOR = "facilitator"
    PROGRAMME_LEAD = "programme_lead"
    OPERATOR = "operator"  # on the server's command line
    CLOCK = "clock"  # a scheduled job


class Deed(StrEnum):
    """Logged action. Reading, masked writing, joining and leaving are never logged: see `Entry`."""

    CIRCLE_OPENED = "circle_opened"
    SETTINGS_CHANGED = "settings_changed"
    ROLE_GIVEN = "role_given"
    ROLE_LAID_DOWN = "role_laid_down"
    TAKEN_ON = "taken_on"
    PERSON_REMOVED = "person_removed"
    INVITED = "invited"
    INVITATION_RENEWED = "invitation_renewed"
    INVITATION_TAKEN_BACK = "invitation_taken_back"
    GROUP_LINK_MADE = "group_link_made"
    GROUP_LINK_ENDED = "group_link_ended"

    POST_HIDDEN = "post_hidden"
    POST_KEPT_HIDDEN = "post_kept_hidden"
    POST_SHOWN = "post_shown"
    POST_CHANGED = "post_changed"
    POST_MENDED = "post_mended"  # older release: a change was shown at once
    POST_REMOVED = "post_removed"
    FLAG_LAPSED = "flag_lapsed"  # older release: an unreviewed post was shown again
    THREAD_LOCKED = "thread_locked"
    THREAD_UNLOCKED = "thread_unlocked"
    THREAD_PINNED = "thread_pinned"
    THREAD_UNPINNED = "thread_unpinned"
    THREAD_HELD = "thread_held"
    THREAD_RELEASED = "thread_released"
    THREAD_ERASED = "thread_erased"
    NAME_MUTED = "name_muted"
    NAME_UNMUTED = "name_unmuted"

    CLOSING_ASKED = "closing_asked"
    CLOSING_BEGUN = "closing_begun"
    CLOSING_CALLED_OFF = "closing_called_off"
    CALLING_OFF_ASKED = "calling_off_asked"
    CLOSING_RESTORED = "closing_restored"

    SET_UP = "set_up"
    SERVICE_INVITED = "service_invited"
    SERVICE_INVITATION_TAKEN_BACK = "service_invitation_taken_back"
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_RESTORED = "account_restored"
    RESET_LINK_MADE = "reset_link_made"
    FACTOR_RESET = "factor_reset"
    GUARDIAN_ASKED = "guardian_asked"
    GUARDIAN_ACCEPTED = "guardian_accepted"
    GUARDIAN_ENDED = "guardian_ended"
    VOUCHED_FOR = "vouched_for"
    RECOVERY_STOPPED = "recovery_stopped"
    RECOVERY_CONFIRMED = "recovery_confirmed"
    RECOVERY_REFUSED = "recovery_refused"
    CIRCLE_CLOSED = "circle_closed"
    BACKED_UP = "backed_up"
    RESTORED = "restored"
    KEYS_ROTATED = "keys_rotated"
    KEYS_PRINTED = "keys_printed"
    KEY_SHARES_PRINTED = "key_shares_printed"
    EXPOSURE_ASKED = "exposure_asked"

    UNFINISHED_LISTED = "unfinished_listed"
    UNFINISHED_ENDED = "unfinished_ended"
    EVERYONE_SIGNED_OUT = "everyone_signed_out"
    REST_ANNOUNCED = "rest_announced"
    REST_ENDED = "rest_ended"
    READ_ONLY_BEGUN = "read_only_begun"
    READ_ONLY_ENDED = "read_only_ended"
    LEAD_LINK_MADE = "lead_link_made"
    LEAD_ADDED = "lead_added"
    LEAD_HANDED_OVER = "lead_handed_over"
    LEAD_ENDED = "lead_ended"
    COPY_LINK_MADE = "copy_link_made"
    COPY_LINK_CANCELLED = "copy_link_cancelled"
    COPY_TAKEN = "copy_taken"
