from uuid import UUID

from tests.doors import Door

DOORS = {
    "programme.set_up": Door.LINK,
    "programme.set_up_mail": Door.LINK,
    "programme.become_lead": Door.LINK,
    "programme.test_mail": Door.LEAD,
    "programme.overview": Door.LEAD,
    "programme.invite": Door.LEAD,
    "programme.copy_link": Door.LEAD,
    "programme.cancel_invitation": Door.LEAD,
    "programme.account": Door.LEAD,
    "programme.log": Door.LEAD,
    "programme.mail": Door.LEAD,
    "programme.send_again": Door.LEAD,
    "programme.forget_email": Door.LEAD,
    "programme.help_back_in": Door.LEAD,
    "programme.decide_on_help": Door.LEAD,
}


def arguments(world):
    return {
        "secret": "none",
        "link_id": UUID(int=1),
        "email_id": UUID(int=1),
        "row_id": UUID(int=1),
        "act": "refuse",
    }
