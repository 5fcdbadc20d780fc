from tests.doors import Door

DOORS = {"accounts.sign_in": Door.PUBLIC, "accounts.sign_out": Door.ACCOUNT}
