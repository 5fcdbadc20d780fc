"""Capital words that name nobody of the case are let be; names of people beside them are found."""

import pytest

from forum.checker import Kind, check

NAMES = {Kind.PERSON_NAME, Kind.PLACE_OR_ORG}


def named(text):
    """What is found to name somebody or somewhere."""
    return [text[each.start : each.end] for each in check(text) if each.kind in NAMES]


@pytest.mark.parametrize(
    "text",
    [
        "My manager said no. Hickam's dictum won again.",
        "I reread Worden's four tasks on the bus.",
        "Nobody needs the Wexler score to see that.",
        "Sleepy, Epworth 14, and no snoring that his wife would own to.",
        "She scored Rockwood 6 on the day and 5 the week after.",
        "What? So what? Now what? (Borton, before Rolfe and Driscoll had it.)",
        "We were taught Gibbs and Kolb, and wrote for neither.",
        "I nodded like Solomon and knew nothing.",
        "It is being Florence Nightingale at the end of a long day.",
        "They sent me to Coventry for a week after that complaint.",
        "There is a bit of Jekyll and Hyde about prednisolone.",
        "The just in Case box was in the fridge, behind the milk.",
    ],
)
def test_an_allusion_names_nobody(text):
    assert named(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Mrs Driscoll rang about her tablets.", "Mrs Driscoll"),
        ("I read Rolfe, and then Nan Okonjo came in.", "Nan Okonjo"),
        ("We sent her home to Coventry.", "Coventry"),
        ("She has lived in Epworth for 14 years.", "Epworth"),
        ("Then Tom came in, with Harry behind him.", "Tom"),
        ("Mr Solomon said nothing at all.", "Mr Solomon"),
        ("I saw Mr Norton 12 days later.", "Mr Norton"),
        ("Bernadette Worden told me about it.", "Bernadette Worden"),
        ("Dr Gibbs and Dr Okafor covered the visits.", "Dr Gibbs"),
    ],
)
def test_a_person_of_the_same_name_is_found(text, found):
    assert any(found in each or each in found for each in named(text))


@pytest.mark.parametrize(
    ("text", "signed"),
    [
        ("I was anything but kind. Slán, Gormla in Ballyduff Medical", "Gormla"),
        ("I shop at night. Lowri, one of the doctors at Maes Cerrig", "Lowri"),
        ("Was it me? Yours, Peregrine Ashby-Thorne, formerly of Larkrise Surgery", "Peregrine"),
        ("Nobody else had listened. Kind regards, Gethin (Maes-y-Coed Surgery)", "Gethin"),
        ("Be kind, I am raw. Isla Dunbar-Voss, Braeside Practice", "Isla"),
    ],
)
def test_a_sign_off_in_the_last_line_is_found(text, signed):
    [tell] = [each for each in check(text) if each.kind is Kind.OWN_TELL]

    assert signed in text[tell.start : tell.end]


def test_a_last_sentence_is_no_sign_off():
    for text in (
        "It went on for weeks. Thank you, all of you, for reading.",
        "I have no answer. Pain, then, in the end.",
        "He was kind to me. Love, I suppose, of a sort.",
        "Nobody came but one. Bronagh, of all people",
    ):
        assert [each for each in check(text) if each.kind is Kind.OWN_TELL] == []
