from uuid import UUID

from tests.doors import Door

DOORS = {
    "accounts.sign_in": Door.PUBLIC,
    "accounts.forgotten": Door.PUBLIC,
    "accounts.reset": Door.MAILED_LINK,
    "accounts.sign_out": Door.ACCOUNT,
    "accounts.confirm_password": Door.ACCOUNT,
    "accounts.sign_in_with_passkey": Door.PUBLIC,
    "accounts.confirm_by_passkey": Door.ACCOUNT,
    "accounts.add_passkey": Door.ACCOUNT,
    "accounts.take_away_passkey": Door.ACCOUNT,
    "accounts.give_code": Door.PUBLIC,
    "accounts.lock": Door.ACCOUNT,
    "accounts.add_app": Door.ACCOUNT,
    "accounts.take_away_app": Door.ACCOUNT,
    "accounts.new_codes": Door.ACCOUNT,
    "accounts.confirm_factor": Door.ACCOUNT,
    "accounts.stop_recovery": Door.ACCOUNT,
    "accounts.lock_done": Door.ACCOUNT,
    "accounts.overview": Door.ACCOUNT,
    "accounts.change_password": Door.ACCOUNT,
    "accounts.change_address": Door.ACCOUNT,
    "accounts.confirm_address": Door.OWN_MAILED_LINK,
    "accounts.change_timezone": Door.ACCOUNT,
    "accounts.emergency": Door.MEMBER,
    "accounts.end_session": Door.ACCOUNT,
    "accounts.end_other_sessions": Door.ACCOUNT,
}


def arguments(world):
    return {"secret": "none", "session_id": UUID(int=1), "passkey_id": UUID(int=1)}
