"""Wishes of a presenter: each stands for a support wanted and a manner of reply."""

from enum import StrEnum

from forum.policy.terms import ReplyManner, SupportWanted


class Wish(StrEnum):
    """An answer to "What would help?"."""

    HEAR_ME_OUT = "hear_me_out"
    ASK_ME = "ask_me"
    BEEN_THERE = "been_there"
    ADVICE = "advice"
    NO_REPLY = "no_reply"


_FEEL, _ADVISE = SupportWanted.EMOTIONAL_SUPPORT, SupportWanted.PROFESSIONAL_ADVICE
MEANT = {
    Wish.HEAR_ME_OUT: (_FEEL, ReplyManner.ANY),
    Wish.ASK_ME: (_FEEL, ReplyManner.QUESTIONS_ONLY),
    Wish.BEEN_THERE: (_FEEL, ReplyManner.EXPERIENCES_ONLY),
    Wish.ADVICE: (_ADVISE, ReplyManner.ADVICE_WELCOME),
    Wish.NO_REPLY: (_FEEL, ReplyManner.NO_REPLY_NEEDED),
}


def wish(support: list[SupportWanted], manner: ReplyManner) -> Wish:
    """The wish matching a stored pair; HEAR_ME_OUT for an unknown pair."""
    for each, (wanted, asked) in MEANT.items():
        if wanted in support and asked == manner:
            return each
    return Wish.HEAR_ME_OUT
